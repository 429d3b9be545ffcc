from . import store_states as store_states
from .dataset import (
    ChosenGraphs as ChosenGraphs,
    Dataset as Dataset,
    Graph as Graph,
    MemoryDataset as MemoryDataset,
    Node as Node,
    Result as Result,
    Solutions as Solutions,
    Value as Value,
    choose_graphs as choose_graphs,
)
from .project import (
    ACTORS as ACTORS,
    Project as Project,
    StoredProject as StoredProject,
    find_project as find_project,
    packaged_project as packaged_project,
)
from .reading import (
    load as load,
    load_files as load_files,
    load_graphs as load_graphs,
    load_in_background as load_in_background,
)
