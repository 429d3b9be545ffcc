from . import literal_differences as literal_differences
from .dataset import (
    open_endpoint as open_endpoint,
)
from .endpoint import (
    Endpoint as Endpoint,
    check_graph as check_graph,
    connect as connect,
    form_of as form_of,
    graph_address as graph_address,
    our_graphs as our_graphs,
    with_prefixes as with_prefixes,
)
from .literal_differences import (
    DIFFERENCES as DIFFERENCES,
    differences as differences,
)
from .requests import (
    update_request as update_request,
)
