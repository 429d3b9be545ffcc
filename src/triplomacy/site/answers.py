"""The pages of stored queries, each with its answer for the default values, and files with that answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from triplomacy import pages, queries
from triplomacy.errors import BadParameter
from triplomacy.pages import FormOutcome
from triplomacy.queries import Question, StoredQuery, formats
from triplomacy.site import in_page_queries
from triplomacy.site.folder import Folder
from triplomacy.site.publication import Publication

_SOLUTIONS: Final = (("csv", "CSV"), ("json", "JSON"))
_GRAPHS: Final = (("ttl", "Turtle"), ("nt", "N-Triples"))
_WRITERS: Final = {"csv": "csv", "json": "json", "ttl": "turtle", "nt": "ntriples"}


def write(publication: Publication, folder: Folder, progress: Callable[[str], None]) -> None:
    """Write the page of each stored query with its answer, and the answer in each format beside it."""
    project = publication.project
    known = queries.names(project)
    for number, (theme, name) in enumerate(known):
        progress(f"answers the questions: {number:,} of {len(known):,}")
        _answer(publication, folder, queries.find(project, f"{theme}/{name}"))


def _answer(publication: Publication, folder: Folder, stored: StoredQuery) -> None:
    path = f"{in_page_queries.FOLDER}{stored.theme}/{stored.name}"
    site = publication.site(f"{path}.html")
    if in_page_queries.elsewhere(stored):
        folder.put(f"{path}.html", pages.question(site, publication.dataset, stored, {}))
        return
    try:
        reply = queries.ask(publication.dataset, Question(f"{stored.theme}/{stored.name}"))
    except BadParameter as error:  # a default value is unknown in this project
        failure = FormOutcome(title="The default values are not known here", detail=f"{error}.")
        folder.put(f"{path}.html", pages.question(site, publication.dataset, stored, {}, failure))
        return
    cited = reply.cite()
    is_graph = reply.answer.triples is not None
    offered = _GRAPHS if is_graph else _SOLUTIONS if reply.answer.truth is None else _SOLUTIONS[1:]
    for ending, _ in offered:
        body = formats.FORMATS[_WRITERS[ending]](reply.answer, cited if ending == "json" else None)
        folder.put(f"{path}.{ending}", body)
    turtle = str(formats.FORMATS["turtle"](reply.answer, None)) if is_graph else None
    outcome = FormOutcome(None if is_graph else reply.answer, turtle, cited, reply.remarks)
    folder.put(f"{path}.html", pages.question(site, publication.dataset, stored, {}, outcome, offered))
