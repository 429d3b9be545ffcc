from .connections import settings as settings
from .start import (
    serve as serve,
)
from .workers.bounds import (
    MEGABYTE as MEGABYTE,
    Bounds as Bounds,
)
