from . import bulk_load as bulk_load, store as store
from .files import (
    build as build,
    check_replaceable as check_replaceable,
    curated as curated,
    graphs as graphs,
    has_file as has_file,
    labelled as labelled,
    quads as quads,
    write as write,
)
from .store import (
    changes as changes,
    checks as checks,
)
