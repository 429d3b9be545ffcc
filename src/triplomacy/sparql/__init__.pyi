from . import binding as binding, dependencies as dependencies, paging as paging, patterns as patterns, tokens as tokens
from .binding import (
    Term as Term,
    uses_named_graphs as uses_named_graphs,
    written as written,
)
from .dependencies import (
    GroundTerm as GroundTerm,
    Pattern as Pattern,
    Scope as Scope,
    Unread as Unread,
)
from .paging import (
    rewritten as rewritten,
)
from .tokens import (
    Token as Token,
    readings as readings,
    refuse_services as refuse_services,
)
