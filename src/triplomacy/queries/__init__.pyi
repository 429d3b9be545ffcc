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
    malformed as malformed,
)
from .parameters import (
    Parameter as Parameter,
    resolve as resolve,
)
from .question import (
    Question as Question,
    ask_loaded as ask_loaded,
)
from .stored import (
    BoundQuery as BoundQuery,
    StoredQuery as StoredQuery,
    ask as ask,
    bind as bind,
    check as check,
    complaint as complaint,
    describe as describe,
    find as find,
    listing as listing,
    names as names,
    options as options,
    read as read,
    run as run,
)
