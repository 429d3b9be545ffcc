"""The ontology's terms are described, used as declared, and neutral in form."""

import re

import pytest

from tests.conftest import ONTOLOGY_FILES
from triplomacy.dataset.dataset import Dataset
from triplomacy.terms import ONTOLOGY, TRI

HEADER = ("title", "description", "license", "creator", "versionInfo", "preferredNamespacePrefix")


def described(article: Dataset) -> dict[str, dict[str, list[str]]]:
    """Return the values of each property of each term of ours, by local names."""
    terms: dict[str, dict[str, list[str]]] = {}
    rows = article.select(f"""
        SELECT ?term ?property ?value WHERE {{ ?term a ?kind ; ?property ?value
          FILTER (ISIRI(?term) && STRSTARTS(STR(?term), "{TRI}")) }}""")
    for row in rows:
        prop = re.split("[#/]", row["property"].value)[-1]
        terms.setdefault(row["term"].value.removeprefix(TRI), {}).setdefault(prop, []).append(str(row["value"].value))
    return terms


@pytest.fixture(scope="module")
def terms(article: Dataset) -> dict[str, dict[str, list[str]]]:
    """The terms of the ontology with all that is said of them."""
    return described(article)


def test_every_term_is_described(terms) -> None:
    """A term has one label, one definition, an example or a scope note, and says which ontology defines it."""
    assert len(terms) > 250
    poor = {
        name
        for name, about in terms.items()
        if len(set(about.get("label", []))) != 1
        or len(set(about.get("definition", []))) != 1
        or not {"example", "scopeNote"} & set(about)
    }
    assert poor == set()
    assert {name for name, about in terms.items() if set(about.get("isDefinedBy", [])) != {ONTOLOGY}} == set()


def test_definitions_say_more_than_labels(terms) -> None:
    """No definition is the label over again, and none begins like a form letter."""
    idle = {
        name
        for name, about in terms.items()
        if about["definition"][0].rstrip(".").casefold() == about["label"][0].casefold()
        or re.match(r"(A|The) (class|property|relation) (of|for|that)", about["definition"][0])
    }
    assert idle == set()


def test_definitions_are_distinct(terms) -> None:
    """No two terms have the same definition."""
    by_definition: dict[str, list[str]] = {}
    for name, about in terms.items():
        by_definition.setdefault(about["definition"][0], []).append(name)
    assert [names for names in by_definition.values() if len(names) > 1] == []


def test_ontology_has_its_metadata(article: Dataset) -> None:
    """The ontology has title, description, licence, creators, version and preferred prefix, and imports nothing."""
    rows = article.select(f"SELECT ?property WHERE {{ <{ONTOLOGY}> ?property ?value }}")
    properties = {re.split("[#/]", row["property"].value)[-1] for row in rows}
    assert set(HEADER) <= properties
    assert "imports" not in properties


def test_ontology_holds_no_shapes() -> None:
    """Shapes stand in files of their own."""
    assert [path for path in ONTOLOGY_FILES if "sh:" in path.read_text(encoding="utf-8")] == []


def test_every_shortcut_is_whole(article: Dataset) -> None:
    """A class with a shortcut names the roles of its subject and of its object, and all three are declared."""
    rows = list(
        article.select("""
            SELECT ?class ?shortcut ?subject ?object WHERE {
              ?class tri:shortcut ?shortcut
              OPTIONAL { ?class tri:shortcutSubject ?subject . ?subject rdfs:subPropertyOf* tri:role }
              OPTIONAL { ?class tri:shortcutObject ?object . ?object rdfs:subPropertyOf* tri:role } }""")
    )
    assert len(rows) > 15
    assert [row["class"].value for row in rows if row["subject"] is None or row["object"] is None] == []


def test_spelling_is_british(terms) -> None:
    """Labels and definitions are in British spelling."""
    prose = " ".join(
        text for about in terms.values() for key in ("label", "definition", "example") for text in about.get(key, [])
    )
    american = re.findall(r"\b(?:recogni[z]\w+|organi[z]\w+|labor\w*|defense|mobili[z]\w+|favor\w*|center)\b", prose)
    assert american == []
