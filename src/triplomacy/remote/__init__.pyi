from . import literal_differences as literal_differences
from .endpoint import (
    Endpoint as Endpoint,
    check_graph as check_graph,
    connect as connect,
    fetch_dataset as fetch_dataset,
    form_of as form_of,
    graph_address as graph_address,
    instantiate as instantiate,
    our_graphs as our_graphs,
    with_prefixes as with_prefixes,
)
from .literal_differences import (
    DIFFERENCES as DIFFERENCES,
    differences as differences,
)
from .requests import (
    LONGEST_GET as LONGEST_GET,
    update_request as update_request,
)
