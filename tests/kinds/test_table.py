"""A table of kinds is read as it is written, or refused with the line and column of what is wrong."""

import pytest

from tests.conftest import ROOT
from tests.kinds.conftest import HEAD, ROWS, Writer
from triplomacy import kinds
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.kinds.table import Role
from triplomacy.terms import RDFS, TRI, XSD


def test_rows_are_roles(write: Writer) -> None:
    """Each row is a role with full IRIs, numbers, kinds of value and words; an asterisk stands for no limit."""
    (table,), _ = kinds.read(write())
    assert len(table.roles) == 7
    assert table.roles[0] == Role(TRI + "Proposition", RDFS + "label", 1, 1, ("@en",), "label", 2)
    tallied, witness = table.roles[3], table.roles[5]
    assert tallied.classes == (TRI + "Resolution", TRI + "Ballot")
    assert (witness.least, witness.most) == (0, None)
    assert table.roles[1].datatype == XSD + "nonNegativeInteger"
    assert table.roles[6].language == "en"


def test_row_without_a_role_says_what_a_sentence_calls_the_kind(write: Writer) -> None:
    """A row of a class alone has the words for the class, and has no role."""
    (table,), _ = kinds.read(write("Tally\t\t\t\t\ta count of votes\n" + ROWS))
    assert table.subjects == {TRI + "Tally": "a count of votes"}
    assert len(table.roles) == 7


def test_prefixes_are_those_of_the_ontology(write: Writer) -> None:
    """A name with a prefix that a file of the ontology declares is a name of that namespace."""
    (table,), _ = kinds.read(write("press:Correction\tpress:corrector\t1\t1\tActor\tcorrector\n"))
    assert (table.roles[0].kind, table.roles[0].iri) == (
        "https://gazette.example/ns#Correction",
        "https://gazette.example/ns#corrector",
    )


def test_files_of_windows_are_read(write: Writer) -> None:
    """Lines may end as a spreadsheet on Windows ends them."""
    folder = write(ROWS.replace("\n", "\r\n"), head=HEAD.replace("\n", "\r\n"))
    assert [role.words for role in kinds.read(folder)[0][0].roles][:2] == ["label", "number"]


TALLY = "Tally\tcounter\t1\t1\tActor\tactor that counts\n"
WRONG = {
    "unknown class": (
        "Taly\tcounter\t1\t1\tActor\tcounter\n",
        2,
        1,
        "no such kind of proposition: Taly; did you mean Tally",
    ),
    "class of entities": ("Actor\tcounter\t1\t1\tActor\tcounter\n", 2, 1, "no such kind of proposition: Actor"),
    "unknown role": (
        "Tally\tcountr\t1\t1\tActor\tcounter\n",
        2,
        7,
        "no such property in the ontology: countr; did you mean count",
    ),
    "unknown prefix": ("Tally\tprss:corrector\t1\t1\tActor\tx\n", 2, 7, "did you mean press:corrector"),
    "unknown value": (TALLY + "Tally\ttallied\t1\t1\tResolution, Balot\tthing\n", 3, 19, "Balot; did you mean Ballot"),
    "unknown data type": ("Tally\tcount\t0\t1\txsd:integr\tnumber\n", 2, 17, "integr; did you mean xsd:integer"),
    "least no number": ("Tally\tcounter\tone\t1\tActor\tcounter\n", 2, 15, "not a number: one; write 0, 1, 2"),
    "most missing": (
        "Tally\tcounter\t1\t\tActor\tcounter\n",
        2,
        17,
        r"not a number: nothing; write 0, 1, 2, ... or \*",
    ),
    "most below least": ("Tally\tcounter\t2\t1\tActor\tcounter\n", 2, 17, "1 is less than the least, 2"),
    "no words": ("Tally\tcounter\t1\t1\tActor\t\n", 2, 25, "a sentence needs words"),
    "no role": ("Tally\t\t1\t1\tActor\tcounter\n", 2, 7, "the role is missing"),
    "five cells": ("Tally\tcounter\t1\t1\tActor\n", 2, 1, "a row has 6 cells, with tabs between them; this one has 5"),
    "empty line": (TALLY + "\n" + TALLY, 3, 1, "this one has 1"),
    "quotation marks": ('Tally\tcounter\t1\t1\tActor\t"counter"\n', 2, 25, "no quotation marks"),
    "blanks": ("Tally\t counter\t1\t1\tActor\tcounter\n", 2, 7, "no blanks around it"),
    "role twice": (TALLY + TALLY, 3, 7, "line 2 has this role of this class already"),
    "too many digits": (
        f"Tally\tcounter\t1\t{'9' * 5000}\tActor\tcounter\n",
        2,
        17,
        "a number of 5000 digits; write one of at most 9",
    ),
    "language that ends the text": (
        'Tally\twording\t0\t1\t@en") ; sh:foo 1 .#\tx\n',
        2,
        19,
        r'not a language: @en"\) ; sh:foo 1 .#; write @ and its tag',
    ),
    "no language": ("Tally\twording\t0\t1\t@\tx\n", 2, 19, "not a language: @; write"),
    "language with a blank": ('Tally\twording\t0\t1\t@e n"\tx\n', 2, 19, "not a language: @e n"),
    "control character": (
        "Tally\tcounter\t1\t1\tActor\tone\rcounter\n",
        2,
        25,
        r"no control characters; remove U\+000D",
    ),
    "data type of an object property": (
        "Tally\tcounter\t1\t1\txsd:string\tcounter\n",
        2,
        19,
        "an object property, whose values are in classes; name classes",
    ),
    "language of an object property": ("Tally\tcounter\t1\t1\t@en\tcounter\n", 2, 19, "an object property"),
    "class of a data property": (
        "Tally\tcount\t0\t1\tActor\tnumber\n",
        2,
        17,
        "a data property, whose values are literals; name a data type",
    ),
    "value twice": ("Tally\tcounter\t1\t1\tActor, tri:Actor\tcounter\n", 2, 19, "Actor stands here twice; remove one"),
    "value missing": ("Tally\tcounter\t1\t1\tActor, \tcounter\n", 2, 19, "no blanks around it"),
    "comma too many": ("Tally\tcounter\t1\t1\tActor,\tcounter\n", 2, 19, "a comma stands between two values"),
    "words twice": (
        "Tally\t\t\t\t\ta count\nTally\t\t\t\t\ta tally\n",
        3,
        7,
        "line 2 has words for this class already",
    ),
    "data type among classes": ("Tally\tcount\t0\t1\tActor, xsd:integer\tx\n", 2, 17, "stands alone"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_placed(write: Writer, name: str) -> None:
    """An error names file, line and column of the cell, and the nearest names where one is unknown."""
    rows, line, column, message = WRONG[name]
    with pytest.raises(MalformedInput, match=message) as caught:
        kinds.read(write(rows))
    assert caught.value.path is not None
    assert (str(caught.value.path).rpartition("/")[2], caught.value.line, caught.value.column) == (
        "kinds.tsv",
        line,
        column,
    )


@pytest.mark.parametrize(
    ("head", "column", "message"),
    [
        ("class\trole\tlaest\tmost\tvalues\twords\n", 12, "no such column: laest; did you mean least"),
        ("role\tclass\tleast\tmost\tvalues\twords\n", 1, "in this order: class, role, least"),
        ("class\trole\n", 1, "in this order"),
    ],
)
def test_columns_are_named(write: Writer, head: str, column: int, message: str) -> None:
    """The first line names the columns in their order; a wrong name is placed, with the nearest ones."""
    with pytest.raises(MalformedInput, match=message) as caught:
        kinds.read(write(head=head))
    assert (caught.value.line, caught.value.column) == (1, column)


def test_folder_without_a_table(write: Writer) -> None:
    """A folder in which no table lies is an error that names it."""
    folder = write()
    (folder / "kinds.tsv").unlink()
    with pytest.raises(TriplomacyError, match="no table of kinds in this folder"):
        kinds.read(folder)


def test_our_table_is_sorted_and_says_nothing_twice() -> None:
    """The rows of our table are sorted by class and role, and none repeats what a class above it says."""
    (table,), ontology = kinds.read(ROOT / "ontology")
    lines = (ROOT / "ontology" / "kinds.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert lines == sorted(lines, key=lambda line: line.split("\t")[:2])
    said = {(role.kind, role.iri): (role.least, role.most, role.values) for role in table.roles}
    for role in table.roles:
        above = ontology.lineage(role.kind) - {role.kind}
        assert (role.least, role.most, role.values) not in [said.get((kind, role.iri)) for kind in above], role


def test_roles_of_some_kinds(write: Writer) -> None:
    """The roles of kinds are those of their rows, in the order of the table."""
    (table,), _ = kinds.read(write())
    assert table.kinds == [TRI + "Proposition", TRI + "Tally"]
    assert [role.words for role in table.of([TRI + "Proposition"])] == ["label"]
    assert list(table.of([TRI + "Tally"])) == list(table.roles[1:])
    assert list(table.of([])) == []
