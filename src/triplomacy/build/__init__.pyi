from . import bulk_load as bulk_load, store as store
from .files import (
    build as build,
    check_replaceable as check_replaceable,
    curated_quads as curated_quads,
    graphs as graphs,
    has_file as has_file,
    label as label,
    quads as quads,
    write as write,
)
from .store import (
    changes as changes,
    checks as checks,
)
