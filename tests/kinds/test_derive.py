"""What follows from a table: shapes, their messages, ranges and domains, and the files that have them."""

import re
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT
from tests.kinds.conftest import ROWS, Writer
from tests.support.shacl import validate
from triplomacy import kinds
from triplomacy.errors import MalformedInput
from triplomacy.kinds.sentences import with_article
from triplomacy.rdf import normalise


def derived(folder: Path) -> dict[str, str]:
    """Return what follows from the tables of a folder, by the names of files."""
    return {path.name: text for path, text in kinds.derive(*kinds.read(folder)).items()}


def shape(folder: Path, name: str, file: str = "propositions.ttl") -> str:
    """Return the statement of a shape."""
    (text,) = re.findall(rf"^{name}\n(?:    .*\n)+", derived(folder)[file], re.MULTILINE)
    return str(text)


def message(folder: Path, name: str) -> str:
    """Return the message of a shape."""
    return str(re.findall(r'sh:message "(.*)"@en', shape(folder, name))[0])


def test_shape_has_the_constraints_of_the_row(write: Writer) -> None:
    """Least, most and kinds of value are the constraints of the shape, and nothing else is."""
    folder = write()
    assert shape(folder, "shape:Tally-tallied") == (
        "shape:Tally-tallied\n    a sh:PropertyShape ;\n    sh:path tri:tallied ;\n    sh:minCount 1 ;\n"
        "    sh:maxCount 1 ;\n    sh:or ( [ sh:class tri:Resolution ] [ sh:class tri:Ballot ] ) ;\n"
        "    sh:severity sh:Violation ;\n    sh:message "
        '"A tally has exactly one thing that was counted, a resolution or a ballot that is declared: '
        'add or correct tri:tallied."@en .\n'
    )
    witness = shape(folder, "shape:Tally-witness")
    assert "sh:class tri:Entity" in witness
    assert "Count" not in witness
    count = shape(folder, "shape:Tally-count")
    assert "sh:datatype xsd:integer" in count
    assert "sh:minInclusive 0" in count
    assert 'sh:languageIn ( "en" )' in shape(folder, "shape:Tally-wording")


def test_class_is_closed_over_its_rows_and_the_common_ones(write: Writer) -> None:
    """The shape of a class is closed; it has the roles of the class, and those of all propositions."""
    text = shape(write(), "shape:Tally")
    assert "sh:closed true" in text
    assert re.findall(r"shape:\S+-\w+", text)[0] == "shape:Proposition-label"
    assert len(re.findall(r"shape:\w+-\w+", text)) == 7


def test_own_row_stands_for_the_common_one(write: Writer) -> None:
    """Where a class has a row for what all propositions have, its shape is in the place of the common one."""
    text = shape(write(ROWS + "Tally\trdfs:label\t0\t1\t@en\tlabel\n"), "shape:Tally")
    assert "shape:Tally-label" in text
    assert "shape:Proposition-label" not in text


def test_narrower_class_adds_to_the_shape_above(write: Writer) -> None:
    """A class below another one has only what is narrower; its shape is open, since the one above is closed."""
    folder = write(ROWS + "Recount\twitness\t2\t2\t\twitnesses\n")
    assert "sh:closed" not in shape(folder, "shape:Recount")
    assert message(folder, "shape:Recount-witness") == (
        "A recount has exactly two witnesses: add or correct tri:witness, or make it a tri:Tally."
    )


def test_narrower_class_has_no_role_that_the_one_above_lacks(write: Writer) -> None:
    """A role that the closed shape above would refuse is an error with its line."""
    rows = ROWS.replace("Tally\twitness\t0\t*\tEntity\twitness\n", "") + "Recount\twitness\t1\t1\tEntity\twitness\n"
    with pytest.raises(MalformedInput, match="Tally, the class above, has no such role") as caught:
        derived(write(rows))
    assert caught.value.line == 8


SENTENCES = {
    "1\t1\tActor\tsender": "A tally has exactly one sender, an actor that is declared: add or correct tri:witness.",
    "0\t1\tActor\tsender": "A tally has at most one sender, an actor that is declared: correct tri:witness.",
    "1\t*\tActor\tsender": "A tally has at least one sender, an actor that is declared: add or correct tri:witness.",
    "2\t*\tActor\teyes": "A tally has at least two eyes, each an actor that is declared: add or correct tri:witness.",
    "2\t3\tActor\teyes": (
        "A tally has from two to three eyes, each an actor that is declared: add or correct tri:witness."
    ),
    "1\t1\tActor\tactor that saw it": "A tally has exactly one declared actor that saw it: add or correct tri:witness.",
    "0\t1\tUnit\tunit": "A tally has at most one unit, one that the ontology lists: correct tri:witness.",
    "0\t0\tActor\twitness": "A tally has no witness: remove tri:witness.",
    "0\t*\tActor, Ballot\teye": (
        "Each eye of a tally is an actor or a ballot that is declared: "
        "correct tri:witness, or declare what it leads to."
    ),
    "0\t1\txsd:nonNegativeInteger\tnumber": (
        "A tally has at most one number, a whole number of zero or more: write it as a plain integer with tri:wording."
    ),
    "1\t1\trdf:langString\tname": (
        "A tally has exactly one name, a text with a language tag: add or correct tri:wording."
    ),
    "1\t1\t@de\tterm": "A tally has exactly one term, a text in German: add or correct tri:wording.",
}


@pytest.mark.parametrize("row", SENTENCES)
def test_message_is_a_sentence(write: Writer, row: str) -> None:
    """The message says how many values of which kind there have to be, and what to do."""
    prop = "wording" if "tri:wording" in SENTENCES[row] else "witness"  # literals are the values of another property
    assert message(write(f"Tally\t{prop}\t{row}\n"), f"shape:Tally-{prop}") == SENTENCES[row]


def test_row_of_the_class_is_the_subject(write: Writer) -> None:
    """Where a row says what a sentence calls the kind, messages call it that."""
    folder = write("Tally\t\t\t\t\tthe count of a vote\n" + ROWS)
    assert message(folder, "shape:Tally").startswith("The count of a vote has only the properties of its kind")


@pytest.mark.parametrize("noun", ["an actor", "a unit", "an unnamed collective", "a house", "a European", "an entity"])
def test_article(noun: str) -> None:
    """The article is by the sound, not by the letter, of the words of an ontology."""
    assert with_article(noun.split(" ", 1)[1]) == noun


def test_ranges_are_the_union_of_the_values(write: Writer) -> None:
    """A role leads to the classes of its rows; to nothing said where any entity will do or the role above says it."""
    folder = write(ROWS + "press:Correction\twitness\t0\t1\tActor\twitness\npress:Correction\tunit\t0\t1\tUnit\tunit\n")
    triples = derived(folder)["ranges.ttl"]
    assert (
        "tri:tallied\n    rdfs:range [\n        a owl:Class ;\n        owl:unionOf ( tri:Ballot tri:Resolution )"
        in triples
    )
    assert "tri:unit\n    rdfs:domain tri:Proposition ;\n    rdfs:range tri:Unit ." in triples
    assert "tri:count\n    rdfs:domain tri:Proposition ;\n    rdfs:range xsd:nonNegativeInteger ." in triples
    assert not re.search(r"^(tri:counter|tri:witness|tri:wording|rdfs:label)$", triples, re.MULTILINE)


def test_range_of_several_data_types_is_one(write: Writer) -> None:
    """The union of data types is a data type, not a class, or the ontology leaves OWL 2 DL."""
    folder = write(ROWS + "press:Correction\tcount\t0\t1\txsd:decimal\tnumber\n")
    assert (
        "a rdfs:Datatype ;\n        owl:unionOf ( xsd:decimal xsd:nonNegativeInteger )" in derived(folder)["ranges.ttl"]
    )


def test_what_was_derived_is_not_read_again(write: Writer) -> None:
    """Ranges that were written before change nothing in what follows from the table."""
    folder = write()
    before = kinds.derive(*kinds.read(folder))
    for path, text in before.items():
        path.write_text(text.replace("tri:Unit", "tri:Ballot"), encoding="utf-8")
    assert kinds.derive(*kinds.read(folder)) == before


OWN = "press:Correction\tpress:corrector\t1\t1\tActor\tcorrector\nTally\tpress:corrector\t0\t1\tActor\tcorrector\n"


def test_second_table_adds_kinds_and_roles(write: Writer) -> None:
    """A project's own table has shapes in its own namespace; a role that it adds to a class joins the closed shape."""
    write()
    folder = write(OWN, "press-kinds.tsv")
    texts = derived(folder)
    own = texts["press-propositions.ttl"]
    assert "Correction" not in texts["propositions.ttl"]
    assert "press:CorrectionShape\n    a sh:NodeShape ;\n    sh:targetClass press:Correction ;" in own
    assert "shape:Proposition-label" in shape(folder, "press:CorrectionShape", "press-propositions.ttl")
    assert "press:Correction-corrector\n    a sh:PropertyShape ;" in own
    assert "shape:Tally\n    sh:property press:Tally-corrector ." in own
    assert list(texts) == ["propositions.ttl", "ranges.ttl", "press-propositions.ttl", "press-ranges.ttl"]


def test_tables_validate_together(write: Writer) -> None:
    """With the shapes of both tables a proposition may have the role that the second adds, and has to have its own."""
    write()
    folder = write(OWN, "press-kinds.tsv")
    shapes = []
    for path, text in kinds.derive(*kinds.read(folder)).items():
        path.write_text(text, encoding="utf-8")
        shapes += [path] if path.parent.name == "shapes" else []
    data = """
        @prefix tri: <https://w3id.org/triplomacy/ontology#> . @prefix press: <https://gazette.example/ns#> .
        <urn:a> a tri:Actor . <urn:r> a tri:Resolution .
        <urn:t> a tri:Tally ; <http://www.w3.org/2000/01/rdf-schema#label> "T"@en ;
          tri:counter <urn:a> ; tri:tallied <urn:r> ; press:corrector <urn:a> .
        <urn:c> a press:Correction ; <http://www.w3.org/2000/01/rdf-schema#label> "C"@en ; tri:tallied <urn:r> ."""
    triples = [quad.triple for quad in ox.parse(data, format=ox.RdfFormat.TURTLE)]
    findings = validate(triples, shapes, engine="pyshacl")
    assert sorted((finding.focus, finding.path) for finding in findings) == [
        ("<urn:c>", "<https://gazette.example/ns#corrector>"),
        ("<urn:c>", "<https://w3id.org/triplomacy/ontology#tallied>"),
    ]


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("Tally\tcounter\t0\t1\tActor\tcounter\n", 7, "kinds.tsv has this role of this class already"),
        ("press:Correction\tunit\t1\t1\tActor\tunit\n", 27, "elsewhere a value of this role is a unit"),
    ],
)
def test_second_table_contradicts_no_other(write: Writer, row: str, column: int, message: str) -> None:
    """A second table that says again, or otherwise, what the first says is refused at the cell that does."""
    write()
    with pytest.raises(MalformedInput, match=message) as caught:
        derived(write(row, "press-kinds.tsv"))
    error = caught.value
    assert (str(error.path).rpartition("/")[2], error.line, error.column) == ("press-kinds.tsv", 2, column)


def test_committed_files_are_current() -> None:
    """What is committed is what the table says now, in normal form, and its first line says where it comes from."""
    contents = kinds.derive(*kinds.read(ROOT / "ontology"))
    assert len(contents) == 2
    for path, text in contents.items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is not current; run make docs"
        assert normalise(text) == text
        assert re.match(r"# .*generated by python -m triplomacy.kinds from kinds.tsv", text)


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    """Return the exit code of the command and what it prints."""
    command = [sys.executable, "-m", "triplomacy.kinds", *arguments, str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def test_command_writes_and_checks(write: Writer) -> None:
    """The command writes the files; with --check it names those that are not current and writes nothing."""
    folder = write()
    code, text = run(folder, "--check")
    assert (code, text.count("not current; run python -m triplomacy.kinds\n")) == (1, 2)
    assert not (folder / "ranges.ttl").exists()
    assert run(folder) == (0, "")
    assert run(folder, "--check") == (0, "")


def test_files_of_a_table_that_is_gone_go_too(write: Writer) -> None:
    """What a removed table has left is named by --check, counts for nothing, and is removed; a copy of it stays."""
    write(ROWS + "press:Correction\twitness\t0\t1\tEntity\twitness\n")
    folder = write("press:Correction\tpress:corrector\t1\t1\tEntity\tcorrector\n", "press-kinds.tsv")
    assert run(folder) == (0, "")
    shapes, ranges, copy = (
        folder / "shapes" / "press-propositions.ttl",
        folder / "press-ranges.ttl",
        folder / "copy.ttl",
    )
    copy.write_text(ranges.read_text(encoding="utf-8"), encoding="utf-8")
    table = folder / "press-kinds.tsv"
    table.rename(folder / "post-kinds.tsv")
    assert kinds.outputs(folder) == {shapes, ranges, folder / "ranges.ttl", folder / "shapes" / "propositions.ttl"}
    (folder / "post-kinds.tsv").unlink()
    gone = "its table is gone; run python -m triplomacy.kinds, which removes it\n"
    assert run(folder, "--check") == (1, f"{ranges}: {gone}{shapes}: {gone}")
    assert (run(folder), run(folder, "--check")) == ((0, ""), (0, ""))
    assert (shapes.exists(), ranges.exists(), copy.exists()) == (False, False, True)


def test_command_names_the_place_of_an_error(write: Writer) -> None:
    """A wrong table ends the command with exit code 2 and the place; no file is written."""
    folder = write("Taly\tcounter\t1\t1\tActor\tcounter\n")
    code, text = run(folder)
    assert (code, text.splitlines()) == (
        2,
        [f"triplomacy: {folder / 'kinds.tsv'}:2:1: no such kind of proposition: Taly; did you mean Tally?"],
    )
    assert not (folder / "ranges.ttl").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
def test_command_that_cannot_print_ends_with_2(write: Writer) -> None:
    """Where the names of stale files cannot be printed, that is an error and not what --check finds."""
    command = [sys.executable, "-m", "triplomacy.kinds", "--check", str(write())]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "triplomacy: error: standard output: No space left on device\n")
