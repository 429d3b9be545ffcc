from . import negotiation as negotiation
from .client import (
    AGENT as AGENT,
    TIMEOUT as TIMEOUT,
    Client as Client,
    Refused as Refused,
    Response as Response,
    check_url as check_url,
    first_words as first_words,
    from_environment as from_environment,
    from_netrc as from_netrc,
    origin as origin,
)
from .negotiation import (
    DOCUMENTS as DOCUMENTS,
    GRAPHS as GRAPHS,
    HTML as HTML,
    JSON as JSON,
    SOLUTIONS as SOLUTIONS,
    TURTLE as TURTLE,
    Format as Format,
)
