from . import (
    citation as citation,
    export as export,
    formats as formats,
    hints as hints,
    parameters as parameters,
    question as question,
)
from .answer import (
    Answer as Answer,
)
from .citation import (
    Citation as Citation,
)
from .export import (
    ENDPOINT as ENDPOINT,
)
from .header import (
    query_error as query_error,
)
from .parameters import (
    Parameter as Parameter,
    resolve as resolve,
)
from .question import (
    Question as Question,
    Reply as Reply,
    again as again,
    ask as ask,
)
from .scope import (
    Scope as Scope,
    of_options as of_options,
    of_pairs as of_pairs,
)
from .stored import (
    BoundQuery as BoundQuery,
    StoredQuery as StoredQuery,
    bind as bind,
    check as check,
    complaint as complaint,
    evaluate as evaluate,
    find as find,
    listing as listing,
    names as names,
    options as options,
    read as read,
    run as run,
)
