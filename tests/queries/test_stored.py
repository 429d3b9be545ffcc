"""Stored queries have a header, an expected answer, and the same answer on two engines."""

import csv
import re
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.support.stores import answerable
from triplomacy import queries
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.errors import BadParameter, MalformedInput, TriplomacyError, UnknownName
from triplomacy.queries import parameters
from triplomacy.queries.header import _plain_header
from triplomacy.queries.stored import StoredQuery, describe

PROJECT = Project(ROOT)
STORED = [queries.read(PROJECT.queries / theme / f"{name}.rq") for theme, name in queries.names(PROJECT)]
NAMES = [query.name for query in STORED]


def expected(query: StoredQuery) -> list[list[str]]:
    """Return the rows of the expected answer, its columns first."""
    with query.answer_file.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("query", STORED, ids=NAMES)
def test_answer_on_pyoxigraph(query: StoredQuery, article: Dataset, wikidata: str) -> None:
    """With its default values a query answers what the file beside it says, in that order."""
    answer = queries.evaluate(article, answerable(query, article, wikidata))
    rows = [["" if cell is None else str(cell.value) for cell in row] for row in answer.rows]
    assert answer.rows
    assert [list(answer.columns), *rows] == expected(query)


@pytest.mark.parametrize("query", STORED, ids=NAMES)
def test_answer_on_rdflib(query: StoredQuery, article: Dataset, graph, wikidata: str) -> None:
    """The same bound text has the same rows on rdflib."""
    answer = graph.query(answerable(query, article, wikidata))
    rows = [["" if cell is None else str(cell) for cell in row] for row in answer]
    assert [[str(variable) for variable in answer.vars], *rows] == expected(query)


@pytest.mark.parametrize("query", STORED, ids=NAMES)
def test_query_is_described(query: StoredQuery) -> None:
    """The summary is a question, the description sentences, and each parameter has a type and a meaning."""
    assert query.summary.endswith("?")
    assert query.description.endswith(".")
    assert all(parameter.type in parameters.TYPES and parameter.description for parameter in query.parameters)
    assert all(parameter.default is not None for parameter in query.parameters)


@pytest.mark.parametrize("query", STORED, ids=NAMES)
def test_query_reads_well(query: StoredQuery) -> None:
    """A query names its columns, is ordered unless it has one row, and declares the prefixes that it uses, sorted."""
    body = "\n".join(line for line in query.text.splitlines() if not line.startswith("#+"))
    declared = re.findall(r"^PREFIX (\w+): <", body, re.MULTILINE)
    used = set(
        re.findall(
            r"(?<![\w<])([a-z]+):(?=[\w-])", re.sub(r"<[^>]*>|\"[^\"]*\"|^PREFIX.*$", "", body, flags=re.MULTILINE)
        )
    )
    assert "SELECT *" not in body
    assert "ORDER BY" in body or len(expected(query)) == 2
    assert declared == sorted(declared)
    assert set(declared) == used


def test_names_are_questions_and_unique() -> None:
    """Names are in kebab case, and no two themes share one."""
    assert len(NAMES) >= 30
    assert len(set(NAMES)) == len(NAMES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in NAMES)


def stored(tmp_path: Path, text: str, name: str = "one/question") -> Project:
    """Return a project with one stored query."""
    path = tmp_path / "queries" / f"{name}.rq"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Project(tmp_path)


GOOD = """#+ summary: Which?
#+ parameters:
#+   thing: {type: iri, description: x}

SELECT ?thing WHERE { ?thing ?p ?o }
"""


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("#+ summary: Who?\n#+ tags: }\n\nSELECT ?s WHERE { ?s ?p ?o }", 2, "not YAML"),
        ("SELECT ?s WHERE { ?s ?p ?o }", 1, "lacks a summary"),
        ("#+ summary: Who?\n#+ sumary: x\nASK {}", 2, "unknown key in the header: sumary"),
        (GOOD.replace("type: iri", "type: uri"), 3, "has no type"),
        (GOOD.replace("?thing", "?other"), 3, "does not use parameter thing"),
        (GOOD.replace("description: x", "descripton: x"), 3, "unknown key in the header: descripton"),
        ("# A note.\n\n#+ summary: Who?\n#+ tags: }\nASK {}", 4, "not YAML"),
        ('#+ summary: "Who?\n\nASK {}\n', 1, "not YAML"),
        ("#+ summary: Who\x07?\nASK {}", 1, "not YAML"),
        ("#+ summary: ' '\nASK {}", 1, "lacks a summary"),
        ("#+ summary: [Who]\nASK {}", 1, "lacks a summary"),
        ("#+ summary: Who?\n#+ tags: recognition\nASK {}", 2, "tags in the header is not a list"),
        ("#+ summary: Who?\n#+ parameters: [thing]\nASK {}", 2, "parameters in the header is not a mapping"),
        ("#+ summary: Who?\n#+ parameters:\nASK {}", 2, "parameters in the header is not a mapping"),
        (GOOD.replace("description: x", "class: [x]"), 3, "class of parameter thing is not a text"),
        (
            GOOD.replace("SELECT ?thing WHERE { ?thing ?p ?o }", "DESCRIBE ?thing"),
            3,
            "no group of the query sees parameter thing; use ?thing in a pattern",
        ),
        (GOOD.replace("{type: iri", "{default: x, type: integer"), 3, "parameter thing takes digits, not 'x'"),
        (GOOD.replace("{type: iri", "{default: 2022-02-30, type: date"), 3, "parameter thing takes a day that exists"),
        (GOOD.replace("{type: iri", "{default: x, options: [y], type: string"), 3, "no such option: x"),
        (GOOD.replace("{type: iri", "{options: [y], type: boolean"), 3, "parameter thing takes true or false"),
        (GOOD.replace("{type: iri", "{class: x, type: string"), 3, "class of parameter thing goes with type iri"),
        (
            GOOD.replace("{type: iri", "{language: en, type: iri"),
            3,
            "language of parameter thing goes with type string",
        ),
        (
            GOOD.replace("{type: iri", "{language: e n, type: string"),
            3,
            "language of parameter thing is not a language tag",
        ),
        (
            GOOD.replace("{type: iri", "{options: {query: x, of: y}, type: iri"),
            3,
            "are neither a list nor {query: NAME}",
        ),
    ],
)
def test_bad_header_is_an_error_at_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    """A header that is not as it should be is an error with file and line."""
    project = stored(tmp_path, text)
    with pytest.raises(MalformedInput, match=re.escape(message)) as caught:
        queries.find(project, "question")
    assert caught.value.path == project.queries / "one" / "question.rq"
    assert caught.value.line == line


def test_query_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    """A query in another encoding is named and not guessed at."""
    project = stored(tmp_path, GOOD)
    (project.queries / "one" / "question.rq").write_bytes(b"#+ summary: \xe9?\n")
    with pytest.raises(MalformedInput, match="not UTF-8"):
        queries.find(project, "question")


def test_query_that_does_not_parse_is_an_error(tmp_path: Path, article: Dataset) -> None:
    """A stored query with a syntax error is named with its file."""
    project = stored(tmp_path, "#+ summary: Who?\n\nSELECT ?s WHERE { ?s ?p }\n")
    with pytest.raises(MalformedInput, match=r"question\.rq:4: not SPARQL"):
        queries.run(article, queries.bind(queries.find(project, "question"), {}, article))


def test_unknown_query_offers_near_names() -> None:
    """A misspelt name is answered with the nearest ones."""
    with pytest.raises(UnknownName, match="did you mean who-recognises"):
        queries.find(PROJECT, "who-recognizes")


def test_name_in_two_themes_needs_its_theme(tmp_path: Path) -> None:
    """Where two themes have a query of one name, the theme decides."""
    stored(tmp_path, GOOD)
    project = stored(tmp_path, GOOD, "two/question")
    with pytest.raises(TriplomacyError, match="say one/question or two/question"):
        queries.find(project, "question")
    assert queries.find(project, "two/question").theme == "two"


RECOGNISES = queries.find(PROJECT, "who-recognises")


@pytest.mark.parametrize(
    "value",
    [
        "id:lugansk-peoples-republic",
        "https://w3id.org/triplomacy/id/lugansk-peoples-republic",
        "<https://w3id.org/triplomacy/id/lugansk-peoples-republic>",
        "Lugansk People's Republic",
        "luhansk people's republic",
        "LPR",
    ],
)
def test_entity_is_known_by_any_of_its_names(value: str, article: Dataset) -> None:
    """An IRI, a CURIE and every label mean the same entity."""
    bound = queries.bind(RECOGNISES, {"recognised": value}, article)
    (term,) = bound.values["recognised"]
    assert term.value.endswith("/lugansk-peoples-republic")


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("who-recognises", {"recognised": "Vladimir Putin"}, "no such tri:Recognisable: Vladimir Putin"),
        ("who-recognises", {"recognised": "id:artyom-lukin"}, "no such tri:Recognisable: id:artyom-lukin"),
        ("who-recognises", {"recognised": "Donetsk republik"}, "did you mean Donetsk republic"),
        ("who-recognises", {"recognised": "nope:x"}, "is not an IRI, CURIE or name"),
        ("who-recognises", {"recognised": "<http://a b>"}, "is not an IRI, CURIE or name"),
        ("who-recognises", {"recognized": "id:syria"}, "did you mean recognised"),
        ("did-it-hold-on", {"day": "2021-02-30"}, "takes a day that exists, as YYYY-MM-DD"),
        ("did-it-hold-on", {"day": "yesterday"}, "takes a day that exists"),
    ],
)
def test_bad_value_is_an_error(name: str, values: dict[str, str], message: str, article: Dataset) -> None:
    """A value that is not of its parameter's type, or an unknown parameter, is one clear error."""
    with pytest.raises(BadParameter, match=re.escape(message)):
        queries.bind(queries.find(PROJECT, name), values, article)


TYPED = "#+ summary: Which?\n#+ parameters:\n#+   it: {type: TYPE, description: x}\n\nSELECT ?it WHERE { ?s ?p ?it }\n"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [("integer", "12", "1.5"), ("boolean", "true", "yes"), ("date", "2022-02-24", "2022-2-24")],
)
def test_values_are_of_their_type(tmp_path: Path, kind: str, good: str, bad: str) -> None:
    """A value in the form of its type is bound as a literal of that type, another one is refused."""
    query = queries.find(stored(tmp_path, TYPED.replace("TYPE", kind)), "question")
    bound = queries.bind(query, {"it": good})
    assert list(map(str, bound.values["it"])) == [f'"{good}"^^<http://www.w3.org/2001/XMLSchema#{kind}>']
    with pytest.raises(BadParameter, match="parameter it takes"):
        queries.bind(query, {"it": bad})


def test_missing_value_is_an_error(tmp_path: Path) -> None:
    """A parameter without default has to be given."""
    with pytest.raises(BadParameter, match="add thing=VALUE"):
        queries.bind(queries.find(stored(tmp_path, GOOD), "question"), {})


def test_name_of_two_things_lists_both(own_gazette) -> None:
    """A name that two entities have is answered with both."""
    from triplomacy.dataset.reading import load

    (own_gazette.graphs / "actors" / "twice.ttl").write_text(
        "@prefix id: <https://w3id.org/triplomacy/id/> . @prefix tri: <https://w3id.org/triplomacy/ontology#> ."
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
        'id:one a tri:State ; rdfs:label "Twin"@en . id:two a tri:State ; rdfs:label "Twin"@en .',
        encoding="utf-8",
    )
    with pytest.raises(BadParameter, match="say id:one or id:two"):
        parameters.resolve("twin", load(own_gazette), "tri:State")


def test_description_shows_what_can_be_set() -> None:
    """A description has summary, parameters with class and default, and the text without its header."""
    shown = describe(RECOGNISES)
    assert RECOGNISES.summary in shown
    assert "  recognised=VALUE (tri:Recognisable, default id:donetsk-peoples-republic)" in shown
    assert "SELECT ?state" in shown
    assert "#+" not in shown


def test_listing_has_every_query_under_its_theme() -> None:
    """The list names every query with its summary, under its theme."""
    lines = queries.listing(PROJECT).splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == NAMES
    assert [line for line in lines if not line.startswith("  ")] == sorted({query.theme for query in STORED})


def test_header_is_taken_as_it_is_written(tmp_path: Path) -> None:
    """A day, a yes and a number with zeros are what is written, and not what YAML makes of them."""
    for default, kind in (("2021-02-28", "date"), ("yes", "string"), ("007", "integer"), ("1_000", "string")):
        text = TYPED.replace("type: TYPE", f"type: {kind}, default: {default}")
        query = queries.find(stored(tmp_path, text), "question")
        assert query.parameters[0].default == default


def test_bad_header_has_its_column(tmp_path: Path) -> None:
    """What is not YAML is named with its column in the file."""
    with pytest.raises(MalformedInput) as caught:
        queries.find(stored(tmp_path, "#+ summary: Who?\n#+ tags: }\nASK {}\n"), "question")
    assert (caught.value.line, caught.value.column) == (2, 10)


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("integer", "1_000"),
        ("integer", " 5"),
        ("integer", "\u0663"),
        ("integer", "5\n"),
        ("boolean", "True"),
        ("date", "20210630"),
        ("date", "2021-W26-3"),
        ("date", "2021-06-30T00:00:00"),
        ("string", "\udcff"),
    ],
)
def test_value_has_the_form_of_the_datatype(tmp_path: Path, kind: str, bad: str) -> None:
    """What Python would read as the type, but XSD would not, is refused."""
    query = queries.find(stored(tmp_path, TYPED.replace("TYPE", kind)), "question")
    with pytest.raises(BadParameter, match="parameter it takes"):
        queries.bind(query, {"it": bad})


@pytest.mark.parametrize(
    "value", ["", " ", "\udcff", "id:\udcff", "Vladimir\nPutin", "x" * 100_000, "y:" + "x" * 100_000]
)
def test_odd_value_is_one_short_error(value: str, article: Dataset) -> None:
    """An empty, broken or very long value is refused with a message that a person can read."""
    with pytest.raises(BadParameter) as caught:
        queries.bind(RECOGNISES, {"recognised": value}, article)
    assert 20 < len(str(caught.value)) < 400


def test_thing_of_another_class_is_named_with_its_class(article: Dataset) -> None:
    """A region in place of a claimed state: the message has the near names and what it is."""
    with pytest.raises(BadParameter, match=r"did you mean Donetsk republic.*\(it is a tri:Region\)"):
        queries.bind(RECOGNISES, {"recognised": "Donetsk region"}, article)
    with pytest.raises(BadParameter, match=r"\(it is a tri:Person\)"):
        queries.bind(RECOGNISES, {"recognised": "id:vladimir-putin"}, article)


def test_name_with_spaces_around_it_is_known(article: Dataset) -> None:
    """Spaces around a name do not count."""
    bound = queries.bind(RECOGNISES, {"recognised": " LPR "}, article)
    (term,) = bound.values["recognised"]
    assert term.value.endswith("/lugansk-peoples-republic")


def test_near_name_has_a_theme_where_one_was_given() -> None:
    """A misspelt THEME/NAME is answered in that form."""
    with pytest.raises(UnknownName, match="did you mean recognition/who-recognises"):
        queries.find(PROJECT, "recognition/who-recognizes")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT (<https://example.com/f>(1) AS ?x) {}", "cannot be answered: .*example.com/f"),
        ("SELECT ?s { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "SERVICE would ask another server"),
        ("SELECT ?s {\n ?s nope:p ?o }", "2: not SPARQL: Prefix not found"),
        ("SELECT ?s (COUNT(?o) AS ?n) {\n ?s ?p ?o }", "not SPARQL: The SELECT contains a variable that is unbound"),
        ("SELECT ?s {\n ?s ?p }", "2: not SPARQL: what stands here"),
    ],
)
def test_query_that_cannot_run_says_why(text: str, message: str, article: Dataset) -> None:
    """A query that the engine refuses is one of our errors, with its file, in one line."""
    with pytest.raises(TriplomacyError, match=message) as caught:
        queries.evaluate(article, text, Path("question.rq"))
    assert str(caught.value).startswith("question.rq:")
    assert "\n" not in str(caught.value)


def test_list_of_nothing_is_an_error(tmp_path: Path) -> None:
    """A project without stored queries says so."""
    with pytest.raises(TriplomacyError, match="no stored queries here"):
        queries.listing(Project(tmp_path))


PARAMETERS = "#+ summary: Which?\n#+ parameters:\n"


@pytest.mark.parametrize(
    "header",
    [
        *(query.text for query in STORED),
        *(
            f"#+ summary: Which?\n#+ description: >\n#+   {words}\n"
            for words in ("One row.", "*a*: b, c # d", "a\n#+   b")
        ),
        *(
            f"{PARAMETERS}#+   it: {{{pairs}}}\n"
            for pairs in (
                "type: iri, class: tri:Actor, default: id:a-b, description: who it is (or isn't)",
                "type: date, default: 2021-06-30, description: a day",
                "type: iri, default: https://example.org/a/b, description: x",
                "type: iri, default: id:a , description: x",
                "type: iri,default: id:a",
                "type: iri, description: a: b",
                "type: iri, description: a #b",
                "type: iri, description: 'a'",
                'type: iri, description: "a, b"',
                "type: iri, description: a's",
                "type: iri, options: [a, b]",
                "type: iri, many: true, default: yes",
                "type: integer, default: 007",
                "type: iri, type: date",
                "type: iri, description: é ü",
                "type: iri, description: a:",
                "type: iri, description:",
                "type: iri, description: a\tb",
            )
        ),
        f"{PARAMETERS}#+   it: {{type: iri}}\n#+   it: {{type: date}}\n",
        f"{PARAMETERS}#+   it: {{type: iri}}\n#+   no: {{type: date}}\n#+ tags: [a]\n",
        f"{PARAMETERS}#+   yes: {{type: iri}}\n#+   \n",
    ],
)
def test_plain_headers_are_read_as_yaml_reads_them(header: str) -> None:
    """What is read without PyYAML is what PyYAML reads; what is not plain is left to it."""
    lines = [line[2:] if line.startswith("#+") else "" for line in header.split("\n")]
    plain = _plain_header(header)
    if plain is not None:
        read = yaml.load("\n".join(lines), Loader=yaml.BaseLoader)
        assert {key: value.strip() if isinstance(value, str) else value for key, value in read.items()} == plain


def test_most_stored_queries_have_plain_headers() -> None:
    """Nine of ten headers are read without PyYAML."""
    plain = [query for query in STORED if _plain_header(query.text) is not None]
    assert len(plain) > 0.9 * len(STORED)
