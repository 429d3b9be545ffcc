"""Views, warm, beside CONSTRUCTs written by hand; and explain, as a whole process beside a script on rdflib."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Final

import pyoxigraph as ox
from bench.answering import NEXT
from bench.figures import OURS, Row
from bench.jobs import data, queries
from bench.jobs.queries import BARE, HEADS, Answerer
from bench.measuring import BIN, Budget, Run, Side, measured, ontology, script, side_by_side

from triplomacy.terms import TRI

NAME: Final = "views"
CLAIMANT: Final = "according-to/person-64"  # who wrote the first source
PROPOSITION: Final = "https://w3id.org/triplomacy/source/synthetic-1/proposition/2-1"
UNDISPUTED: Final = "undisputed"
VIEWS: Final = ("author", UNDISPUTED, CLAIMANT)

# What a rule looks up in the ontology is written out, as one who writes for a single ontology would.
HAND: Final = """
CONSTRUCT { ?subject ?shortcut ?object }
WHERE {
  %(claims)s
  ?claim tri:stance tri:affirms ; tri:certainty tri:certain ; tri:orientation ?orientation ;
    tri:proposition ?proposition .
  ?proposition a ?kind .
  VALUES (?kind ?shortcut ?subjectRole ?objectRole ?past) { %(kinds)s }
  FILTER (?orientation = tri:present || (?orientation = tri:past && ?past))
  ?proposition ?subjectRole ?subject ; ?objectRole ?object .
  MINUS { ?claim tri:condition ?condition }
  MINUS { ?proposition tri:degree ?degree }
  %(more)s
}
"""
VOICE: Final = """
  ?passage dcterms:creator ?voice . ?span tri:inPassage ?passage . ?claim tri:evidence ?span ; tri:claimant ?voice ."""
OWN: Final = "MINUS { ?claim tri:reportedBy ?reporter }"
DENIED: Final = """
  MINUS {
    ?denial tri:stance tri:denies ; tri:certainty tri:certain ; tri:proposition/^tri:specialises* ?proposition
  }"""

# rdflib takes the pattern with the fewest variables first, looks up no value that VALUES gives, and is quadratic in
# MINUS: so a query for each class, and comparisons in place of values that most claims have.
FOR_RDFLIB: Final = """
CONSTRUCT { ?subject %(shortcut)s ?object }
WHERE {
  ?proposition a %(kind)s ; %(subject)s ?subject ; %(object)s ?object .
  ?claim tri:proposition ?proposition ; tri:claimant %(claimant)s ; tri:stance ?stance ; tri:certainty ?certainty ;
    tri:orientation ?orientation .
  %(voice)s
  FILTER (?stance = tri:affirms && ?certainty = tri:certain && ?orientation IN (%(orientations)s))
  FILTER NOT EXISTS { ?claim tri:condition ?condition }
  FILTER NOT EXISTS { ?proposition tri:degree ?degree }
  %(more)s
}
"""
RDFLIB_VOICE: Final = "?claim tri:evidence ?span . ?span tri:inPassage ?passage . ?passage dcterms:creator ?voice ."
RDFLIB_OWN: Final = "FILTER NOT EXISTS { ?claim tri:reportedBy ?reporter }"
RDFLIB_DENIED: Final = """FILTER NOT EXISTS {
    ?proposition tri:specialises* ?general .
    ?denial tri:proposition ?general ; tri:stance ?denied ; tri:certainty ?flatly
    FILTER (?denied = tri:denies && ?flatly = tri:certain)
  }"""

EXPLAIN: Final = """
import sys, rdflib
proposition, *files = sys.argv[1:]
rdflib.NORMALIZE_LITERALS = False
graph = rdflib.Graph()
for file in files:
    graph.parse(file)
tri = rdflib.Namespace("https://w3id.org/triplomacy/ontology#")
oa = rdflib.Namespace("http://www.w3.org/ns/oa#")
for claim in graph.subjects(tri.proposition, rdflib.URIRef(proposition)):
    said = [graph.value(claim, part) for part in (tri.claimant, tri.stance, tri.certainty, tri.orientation)]
    for span in graph.objects(claim, tri.evidence):
        print("claim", claim, *said, span, graph.value(span, oa.start), graph.value(span, oa.end))
"""


def rows(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield the rows of this job."""
    for size in sizes:
        with ExitStack() as stack:
            answerers: list[Answerer] = []
            for who in (OURS, BARE, "rdflib"):
                started = queries.start(who, size, answerers, stack, budget)
                if isinstance(started, Row):
                    yield started.but(job=NAME)
                else:
                    answerers.append(started)
            for view in VIEWS:
                texts = {BARE: [by_hand(view)], "rdflib": [for_rdflib(view)]}
                yield from compared(Row(NAME, view, size), answerers, budget, texts)
            yield from compared(Row(NAME, "all views", size), answerers[:1], budget, {})
        if size <= 1_000_000:
            yield from side_by_side(Row(NAME, "explain", size), explaining(size), budget)


def versions() -> dict[str, str]:
    """Return who takes part, and in which version."""
    return {name: importlib.metadata.version(name) for name in ("pyoxigraph", "rdflib")}


def by_hand(view: str) -> str:
    """Return what a view says as a query written by hand, for this ontology and these graphs."""
    kinds = " ".join(f"({' '.join(row)})" for row in shortcuts())
    if view.startswith("according-to/"):
        claims, more = f"?claim tri:claimant id:{view.partition('/')[2]} .", ""
    else:
        claims, more = VOICE, OWN + (DENIED if view == UNDISPUTED else "")
    return HEADS + HAND % {"claims": claims, "kinds": kinds, "more": more}


def for_rdflib(view: str) -> str:
    """Return the same as a query for each class."""
    texts = []
    for kind, shortcut, subject, other, past in shortcuts():
        values = {"kind": kind, "shortcut": shortcut, "subject": subject, "object": other}
        values["orientations"] = "tri:present, tri:past" if "true" in past else "tri:present"
        if view.startswith("according-to/"):
            values |= {"claimant": f"id:{view.partition('/')[2]}", "voice": "", "more": ""}
        else:
            more = RDFLIB_OWN + (RDFLIB_DENIED if view == UNDISPUTED else "")
            values |= {"claimant": "?voice", "voice": RDFLIB_VOICE, "more": more}
        texts.append(HEADS + FOR_RDFLIB % values)
    return NEXT.join(texts)


def shortcuts() -> list[tuple[str, ...]]:
    """Return each class with the shortcut that it has or inherits, its roles, and whether it is an occurrence."""
    store = ox.Store()
    store.load(ontology(), format=ox.RdfFormat.TURTLE)
    text = f"""
        PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX tri: <{TRI}>
        SELECT ?kind ?shortcut ?subject ?object (EXISTS {{ ?class rdfs:subClassOf* tri:Occurrence }} AS ?past) {{
          ?kind rdfs:subClassOf* ?class .
          ?class tri:shortcut ?shortcut ; tri:shortcutSubject ?subject ; tri:shortcutObject ?object }}
        ORDER BY ?kind ?shortcut"""
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(str(cell) for cell in row) for row in found]


def compared(row: Row, answerers: Sequence[Answerer], budget: Budget, texts: dict[str, list[str]]) -> Iterator[Row]:
    """Yield the rows of a view: the facts are compared as sets of triples."""

    def told(each: Answerer, text: str) -> dict[str, str]:
        asked = {"views": ""} if row.task == "all views" else {"view": row.task}
        return asked if each.who == OURS else {"text": text}

    yield from queries.compared(row, answerers, budget, lambda who: texts.get(who, [""]), told, "facts")


def explaining(size: int) -> list[Side]:
    """Return those who tell what is behind a proposition: its claims, who makes them, and where they stand."""
    files = [str(path) for path in data.turtle(size)]
    ours = [str(BIN / "triplomacy"), "explain", PROPOSITION, "--project", str(data.project(size))]
    peer = [sys.executable, str(script("explain", EXPLAIN)), PROPOSITION, *files]
    return [
        Side(OURS, lambda: measured(ours), lambda run: claims(run, r"^  claim +\S+")),
        Side("rdflib script", lambda: measured(peer), lambda run: claims(run, r"^claim \S+")),
    ]


def claims(run: Run, pattern: str) -> str:
    """Return the claims that were found, by the ends of their IRIs."""
    found = {line.rpartition("/")[2] for line in re.findall(pattern, run.output, re.MULTILINE)}
    return f"{len(found)} claims: {' '.join(sorted(found))}"
