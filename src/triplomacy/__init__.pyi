from .build import build as build_files
from .build.bulk_load import BuildSummary
from .build.store import build as build_store
from .claims.evidence import Anchor, Passage, Source, Verification, passages, sources, spans, verify
from .claims.explain import Account, Explanation, explain
from .claims.model import Claim, all_claims, claims_about, labels
from .claims.periods import Moment, Period, certainly_holds, moment, periods, possibly_holds
from .claims.views import derive as derive_view, names as view_names, view_of_actor
from .dataset import Dataset, Project, find_project, load, load_files
from .errors import BadParameter, EngineUnavailable, MalformedInput, TriplomacyError, UnknownName
from .findings import Finding, Place, Severity
from .pictures.draw import draw
from .pictures.model import Selection, picture
from .queries import (
    Answer,
    Citation,
    Parameter,
    Question,
    Reply,
    Scope,
    StoredQuery,
    again as ask_again,
    ask,
    find as find_query,
    names as query_names,
    resolve,
)
from .queries.citation import read as read_citation
from .terms import compress, expand
from .validation import Outcome, Plan, entailments, validate_files, validate_project as validate

__all__ = [
    "Account",
    "Anchor",
    "Answer",
    "BadParameter",
    "BuildSummary",
    "Citation",
    "Claim",
    "Dataset",
    "EngineUnavailable",
    "Explanation",
    "Finding",
    "MalformedInput",
    "Moment",
    "Outcome",
    "Parameter",
    "Passage",
    "Period",
    "Place",
    "Plan",
    "Project",
    "Question",
    "Reply",
    "Scope",
    "Selection",
    "Severity",
    "Source",
    "StoredQuery",
    "TriplomacyError",
    "UnknownName",
    "Verification",
    "all_claims",
    "ask",
    "ask_again",
    "build_files",
    "build_store",
    "certainly_holds",
    "claims_about",
    "compress",
    "derive_view",
    "draw",
    "entailments",
    "expand",
    "explain",
    "find_project",
    "find_query",
    "labels",
    "load",
    "load_files",
    "moment",
    "passages",
    "periods",
    "picture",
    "possibly_holds",
    "query_names",
    "read_citation",
    "resolve",
    "sources",
    "spans",
    "validate",
    "validate_files",
    "verify",
    "view_names",
    "view_of_actor",
]
__version__: str
