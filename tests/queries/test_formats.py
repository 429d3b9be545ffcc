"""Answers in each format say the same as the engine's own serialisation."""

import csv
import io
import json

import pyoxigraph as ox
import pytest

from triplomacy import queries
from triplomacy.dataset.dataset import Dataset, MemoryDataset
from triplomacy.errors import TriplomacyError
from triplomacy.queries import formats
from triplomacy.queries.answer import Answer

VALUES = """SELECT ?a ?b WHERE { VALUES (?a ?b) {
  (<https://example.com/x> "plain")
  ("with \\"quotes\\", commas\\nand lines" 5)
  ("français"@fr UNDEF)
  (1.50 true)
} }"""


@pytest.fixture(scope="module")
def empty() -> Dataset:
    """A dataset without triples: the queries bring their own values."""
    return MemoryDataset(ox.Store())


def native(form: ox.QueryResultsFormat) -> str:
    """Return what the engine itself writes."""
    solutions = ox.Store().query(VALUES)
    assert isinstance(solutions, ox.QuerySolutions)
    return (solutions.serialize(format=form) or b"").decode("utf-8")


def test_csv_is_the_engines(empty: Dataset) -> None:
    """The CSV has the engine's rows, with CR LF line ends."""
    ours = formats.to_csv(queries.evaluate(empty, VALUES))
    theirs = native(ox.QueryResultsFormat.CSV)
    assert list(csv.reader(io.StringIO(ours))) == list(csv.reader(io.StringIO(theirs)))
    assert ours.count("\r\n") == 5


def test_json_is_the_engines(empty: Dataset) -> None:
    """The JSON has the engine's bindings, types, languages and datatypes."""
    ours = json.loads(formats.to_json(queries.evaluate(empty, VALUES)))
    assert ours == json.loads(native(ox.QueryResultsFormat.JSON))


@pytest.mark.parametrize(("text", "truth"), [("ASK {}", True), ("ASK { ?s ?p ?o }", False)])
def test_truth_in_each_format(empty: Dataset, text: str, truth: bool) -> None:
    """ASK is true or false in each format."""
    answer = queries.evaluate(empty, text)
    assert json.loads(formats.to_json(answer)) == {"head": {}, "boolean": truth}
    assert formats.table(answer, {}) == f"{str(truth).lower()}\n"
    assert formats.to_csv(answer).splitlines() == ["answer", str(truth).lower()]
    assert formats.compact_json(answer) == f'{{"head":{{}},"boolean":{str(truth).lower()}}}'
    read = ox.parse_query_results(formats.to_xml(answer).encode(), format=ox.QueryResultsFormat.XML)
    assert isinstance(read, ox.QueryBoolean)
    assert bool(read) is truth
    assert f"<boolean>{str(truth).lower()}</boolean>" in formats.to_xml(answer)


def test_blank_nodes_are_marked() -> None:
    """A blank node is marked as one in CSV and in JSON."""
    answer = Answer(("b",), ((ox.BlankNode("x"),),))
    assert formats.to_csv(answer) == "b\r\n_:x\r\n"
    assert json.loads(formats.to_json(answer))["results"]["bindings"] == [{"b": {"type": "bnode", "value": "x"}}]


def test_table_is_aligned_and_shows_names() -> None:
    """Columns are aligned; an IRI is its label, else its CURIE; the rows are counted."""
    syria, other = (ox.NamedNode(f"https://w3id.org/triplomacy/id/{name}") for name in ("syria", "ruritania"))
    answer = Answer(("state", "n"), ((syria, ox.Literal(1)), (other, None)))
    assert formats.table(answer, {syria.value: "Syria"}).splitlines() == [
        "state         n",
        "------------  -",
        "Syria         1",
        "id:ruritania",
        "(2 rows)",
    ]


@pytest.mark.parametrize(("rows", "count"), [((), "(0 rows)"), (((ox.Literal("x"),),), "(1 row)")])
def test_table_counts_its_rows(rows, count: str) -> None:
    """One row is a row, none and several are rows."""
    assert formats.table(Answer(("x",), rows), {}).splitlines()[-1] == count


def test_triples_are_turtle_or_an_error(empty: Dataset) -> None:
    """CONSTRUCT answers Turtle, the same whatever the order; CSV and JSON are for solutions and say so."""
    state = "<https://w3id.org/triplomacy/id/syria>"
    texts = [f"CONSTRUCT {{ {state} a {one} , {two} }} WHERE {{}}" for one, two in (("1", "2"), ("2", "1"))]
    answers = [queries.evaluate(empty, text) for text in texts]
    assert "id:syria a 1 , 2 ." in formats.table(answers[0], {})
    assert formats.table(answers[0], {}) == formats.table(answers[1], {})
    for name in ("csv", "tsv", "json", "xml", "parquet"):
        with pytest.raises(TriplomacyError, match="take format=turtle"):
            formats.FORMATS[name](answers[0], None)


def test_cells_of_a_table_command_no_terminal() -> None:
    """A control character, which a terminal would obey, is shown as its escape, and counts as wide as it is shown."""
    answer = Answer(("a", "b"), ((ox.Literal("\x1b[2Jx\u202e"), ox.Literal("y")),))
    assert formats.table(answer, {}).splitlines()[1:3] == [f"{'-' * 14}  -", "\\x1b[2Jx\\u202e  y"]


def test_cells_of_a_table_stay_on_their_lines() -> None:
    """A literal with line ends takes one line."""
    answer = Answer(("x",), ((ox.Literal("a\r\n  b\tc"),),))
    assert formats.table(answer, {}).splitlines()[2:] == ["a b c", "(1 row)"]


def test_compact_json_is_the_other_without_spaces(empty: Dataset) -> None:
    """It says the same as the engine's, in Unicode, and a term that comes again is written as it was."""
    answer = queries.evaluate(empty, VALUES)
    twice = Answer(answer.columns, (*answer.rows, *answer.rows))
    text = formats.compact_json(twice)
    assert json.loads(text) == json.loads(formats.to_json(twice))
    assert '{"a":{"type":"literal","value":"fran\u00e7ais","xml:lang":"fr"}}' in text
    assert formats.compact_json(Answer(("x",), ())) == '{"head":{"vars":["x"]},"results":{"bindings":[]}}'
    assert formats.compact_json(Answer(("x", "y"), ((None, None),))).endswith('"bindings":[{}]}}')


def test_xml_is_the_engines(empty: Dataset) -> None:
    """The XML has the engine's variables and terms."""
    text = formats.to_xml(queries.evaluate(empty, VALUES))
    read = [
        list(ox.parse_query_results(each.encode(), format=ox.QueryResultsFormat.XML))  # type: ignore[arg-type]
        for each in (text, native(ox.QueryResultsFormat.XML))
    ]
    assert [list(row) for row in read[0]] == [list(row) for row in read[1]]
    assert [part in text for part in ('<variable name="a"', '<variable name="b"')] == [True, True]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (None, [20, 30]),
        (52, [20, 30]),
        (51, [20, 29]),
        (40, [19, 19]),
        (10, [12, 12]),
    ],
)
def test_table_is_fitted_to_a_width(width: int | None, expected: list[int]) -> None:
    """The widest column is cut first, each to 12 characters at least, until a line fits."""
    answer = Answer(("a", "b"), ((ox.Literal("x" * 20), ox.Literal("y" * 30)),))
    lines = formats.table(answer, {}, width).splitlines()
    assert list(map(len, lines[1].split("  "))) == expected
    assert all(len(line) <= sum(expected) + 2 for line in lines)
    cells = lines[2].split("  ")
    assert [cell.endswith("\u2026") for cell in cells] == [expected[0] < 20, expected[1] < 30]


def test_wide_characters_count_twice() -> None:
    """A cell of wide characters, or of some that combine, is aligned and cut as a terminal shows it."""
    answer = Answer(("a", "b"), ((ox.Literal("\u4e2d" * 10), ox.Literal("e\u0301")), (None, ox.Literal("zz"))))
    lines = formats.table(answer, {}, 16).splitlines()
    assert lines[1] == f"{'-' * 12}  --"
    assert lines[2] == "\u4e2d" * 5 + "\u2026" + "   e\u0301"


def test_table_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many cells as may be are shown, and one more is an error that says what to do."""
    rows = ((ox.Literal("x"), None), (None, None))
    monkeypatch.setattr(formats, "LARGEST", 4)
    assert formats.table(Answer(("a", "b"), rows), {}).endswith("(2 rows)\n")
    monkeypatch.setattr(formats, "LARGEST", 3)
    with pytest.raises(TriplomacyError, match="2 rows are too many for a table; add LIMIT, or take format=csv"):
        formats.table(Answer(("a", "b"), rows), {})
