from . import (
    catalogue as catalogue,
    claims_table as claims_table,
    documents as documents,
    dumps as dumps,
    mappings as mappings,
    nanopublications as nanopublications,
    push_pull as push_pull,
    release_diff as release_diff,
    trusty as trusty,
)
from .catalogue import (
    CATALOGUE as CATALOGUE,
    LICENCE as LICENCE,
    PAGES as PAGES,
    VOID_FILE as VOID_FILE,
    Catalogue as Catalogue,
    Download as Download,
    version as version,
)
from .documents import (
    DATASET as DATASET,
    QUERIES_GRAPH as QUERIES_GRAPH,
    Document as Document,
    Documents as Documents,
)
from .release_diff import (
    Differences as Differences,
    Release as Release,
)
