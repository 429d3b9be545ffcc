from .bounds import (
    MEGABYTE as MEGABYTE,
    Bounds as Bounds,
)
from .connections import settings as settings
from .start import (
    serve as serve,
)
