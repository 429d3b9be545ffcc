from . import store_states as store_states
from .dataset import (
    Dataset as Dataset,
    Result as Result,
    Solutions as Solutions,
    add_named as add_named,
    load as load,
    load_files as load_files,
    loading as loading,
)
from .project import (
    ACTORS as ACTORS,
    Project as Project,
    find_project as find_project,
    packaged as packaged,
)
