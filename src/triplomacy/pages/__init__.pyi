from .forms import FormOutcome as FormOutcome, answer_of as answer_of
from .links import Links as Links
from .reading import (
    Reader as Reader,
)
from .render import (
    STATIC as STATIC,
    TEMPLATES as TEMPLATES,
    Site as Site,
    actors as actors,
    changes as changes,
    data as data,
    disputes as disputes,
    document as document,
    editor as editor,
    matrix as matrix,
    network as network,
    not_found as not_found,
    overview as overview,
    problem as problem,
    propositions as propositions,
    question as question,
    questions as questions,
    search as search,
    sources as sources,
    ties as ties,
    timeline as timeline,
    tombstone as tombstone,
)
