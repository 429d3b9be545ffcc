from . import (
    binding as binding,
    dependencies as dependencies,
    paging as paging,
    patterns as patterns,
    services as services,
    syntax as syntax,
    tree as tree,
    yaml_header as yaml_header,
)
from .binding import (
    Term as Term,
    uses_named_graphs as uses_named_graphs,
    write_term as write_term,
)
from .dependencies import (
    GroundTerm as GroundTerm,
    Nesting as Nesting,
    Pattern as Pattern,
    Unread as Unread,
)
from .edits import (
    apply_edits as apply_edits,
    with_base as with_base,
)
from .lexer import (
    HiddenService as HiddenService,
    scan as scan,
)
from .services import (
    refuse_services as refuse_services,
)
from .syntax import (
    UpdateRefused as UpdateRefused,
    read as read,
    readings as readings,
)
