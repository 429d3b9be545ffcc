"""Which checks run, over what, and what a run says of itself."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from tests.conftest import GAZETTE, ROOT
from triplomacy.cli.execution import in_options
from triplomacy.dataset.project import Project
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.findings import Finding, Severity
from triplomacy.validation.plan import CHECKS, DEFAULT, ON_DEMAND, Check, Outcome, Plan
from triplomacy.validation.run import validate_files, validate_project

HEAD = """\
@prefix ex: <urn:e#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
LINES = HEAD.count("\n")
SHAPES = """\
ex:Named a sh:NodeShape ;
    sh:targetClass ex:Person ;
    sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:message "Give it a name."@en ] .
"""
SHACL: frozenset[Check] = frozenset({"syntax", "shacl"})
FORMS = {
    "data.ttl": ox.RdfFormat.TURTLE,
    "data.trig": ox.RdfFormat.TRIG,
    "data.nt": ox.RdfFormat.N_TRIPLES,
    "data.nq": ox.RdfFormat.N_QUADS,
    "data.rdf": ox.RdfFormat.RDF_XML,
    "data.jsonld": ox.RdfFormat.JSON_LD,
}


def write(path: Path, text: str) -> Path:
    """Write a text behind the usual prefixes, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + text, encoding="utf-8")
    return path


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    """Return the file of one shape: a person has a name."""
    return write(tmp_path / "shapes.ttl", SHAPES)


def of(outcome: Outcome, check: str) -> list[Finding]:
    """Return the findings of one check."""
    return [finding for finding in outcome.findings if finding.check == check]


def lines(outcome: Outcome) -> list[tuple[str, int | None]]:
    """Return the file and the line of each finding."""
    return [(f.place.file.name, f.place.line) if f.place else ("", None) for f in outcome.findings]


# One fault for each check in a project: how it is made, the file that is named, the options of the plan.
def _append(path: str, text: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        target = project / path
        target.write_text(target.read_text(encoding="utf-8") + text, encoding="utf-8")

    return change


def _replace(path: str, old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        target = project / path
        text = target.read_text(encoding="utf-8")
        assert old in text
        target.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def _remove_an_answer(project: Path) -> None:
    next(iter(sorted(project.glob("queries/*/*.csv")))).unlink()


STATES = "graphs/actors/states.ttl"
ONTOLOGY = "ontology/triplomacy.ttl"
FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "syntax": (_append(STATES, "id:none tri: .\n"), "states.ttl"),
    "terms": (_append(STATES, "\nid:borduria rdfs:seealso id:syldavia .\n"), "states.ttl"),
    "shapes": (_append("ontology/shapes/times.ttl", "\nshape:Lost a sh:NodeShape .\n"), "times.ttl"),
    "shacl": (_replace("graphs/gazette-1999/arms.ttl", "    tri:claimant id:hilda-marsh ;\n", ""), "arms.ttl"),
    "hygiene": (_replace(STATES, '"Borduria"@en', '" Borduria"@en'), "states.ttl"),
    "profile": (
        _append(
            ONTOLOGY, "\ntri:newYear a owl:DatatypeProperty ; rdfs:range <http://www.w3.org/2001/XMLSchema#gYear> .\n"
        ),
        "triplomacy.ttl",
    ),
    "queries": (_remove_an_answer, ".rq"),
}


@pytest.mark.parametrize("check", FAULTS)
def test_each_check_finds_its_fault(check: str, own_gazette: Project) -> None:
    """A fault that is a check's own matter is found by that check, at its file."""
    change, file = FAULTS[check]
    change(own_gazette.root)
    found = [finding for finding in of(validate_project(own_gazette), check) if finding.severity > Severity.INFO]
    assert found
    assert all(finding.place and finding.place.file.name.endswith(file) for finding in found)


def test_misspelt_term_of_a_shape_is_a_matter_of_terms(own_gazette: Project) -> None:
    """A misspelt sh:dataType is found by the check of terms, at its word in the shapes, and the run is unusable."""
    _replace("ontology/shapes/times.ttl", "sh:datatype", "sh:dataType")(own_gazette.root)
    outcome = validate_project(own_gazette, Plan(checks=frozenset({"syntax", "terms"})))
    (finding,) = outcome.findings
    assert (finding.check, finding.rule) == ("terms", "terms/unknown")
    assert finding.place is not None
    assert finding.place.file.name == "times.ttl"
    word = finding.place.file.read_text(encoding="utf-8").splitlines()[(finding.place.line or 0) - 1]
    assert word[(finding.place.column or 0) - 1 :].startswith("sh:dataType")
    assert outcome.unusable
    assert validate_project(own_gazette, Plan(checks=DEFAULT - {"terms"})).unusable is False


@pytest.mark.parametrize("check", sorted(set(FAULTS) - {"syntax"}))
def test_each_check_can_be_left_out(check: Check, own_gazette: Project) -> None:
    """Without the check nothing of it is found, and its rules are not among those that were checked."""
    FAULTS[check][0](own_gazette.root)
    outcome = validate_project(own_gazette, Plan(checks=DEFAULT - {check}))
    assert of(outcome, check) == []
    assert check not in outcome.checks.values()


@pytest.mark.parametrize("check", sorted(set(FAULTS) - {"syntax"}))
def test_each_check_can_run_alone(check: Check, own_gazette: Project) -> None:
    """With the check alone, and syntax, which is always needed, its fault is found and nothing of another check is."""
    FAULTS[check][0](own_gazette.root)
    outcome = validate_project(own_gazette, Plan(checks=frozenset({"syntax", check})))
    assert {finding.check for finding in outcome.findings} - {"policy"} == {check}
    assert set(outcome.checks.values()) <= {"syntax", check, "policy"}


def test_default_and_demand() -> None:
    """All checks but those that need a text or a reasoner run without being asked for."""
    assert set(CHECKS) == DEFAULT | ON_DEMAND
    assert {"evidence", "reasoning"} == ON_DEMAND


def test_evidence_is_a_check(own_gazette: Project, tmp_path: Path) -> None:
    """With the text of a source its spans are verified, and one that the text contradicts is a finding in its file."""
    plan = {"checks": frozenset({"syntax", "evidence"})}
    assert validate_project(own_gazette, Plan(source_text=GAZETTE, **plan)).findings == ()  # type: ignore[arg-type]
    changed = tmp_path / "gazette.txt"
    changed.write_text(GAZETTE.read_text(encoding="utf-8").replace("rifles", "riffles", 1), encoding="utf-8")
    outcome = validate_project(own_gazette, Plan(source_text=changed, source_name="gazette-1999", **plan))  # type: ignore[arg-type]
    found = of(outcome, "evidence")
    assert found
    assert {finding.place.file.suffix for finding in found if finding.place} == {".ttl"}


def test_evidence_needs_a_text(own_gazette: Project) -> None:
    """Asked for the evidence without a text, the run says what is missing, and the command line by which option."""
    with pytest.raises(TriplomacyError, match="needs the text of the source; give source") as error:
        validate_project(own_gazette, Plan(checks=frozenset({"evidence"})))
    assert in_options(error.value.message).endswith("; give --source TEXT")


def test_our_own_graphs_have_nothing_that_counts() -> None:
    """The project's graphs pass all checks that need no text, and what is suppressed has a reason."""
    outcome = validate_project(Project(ROOT))
    assert [finding.message for finding in outcome.findings if finding.suppressed is None] == []
    assert all(finding.suppressed for finding in outcome.findings)


def test_both_engines_agree_on_our_graphs() -> None:
    """Both engines find the same in our own graphs."""
    assert of(validate_project(Project(ROOT), Plan(checks=SHACL, engine="both")), "shacl") == []


def test_both_engines_agree_on_a_broken_project(own_gazette: Project) -> None:
    """Both engines find the same in graphs with faults, which is then told once."""
    FAULTS["shacl"][0](own_gazette.root)
    single = validate_project(own_gazette, Plan(checks=SHACL)).findings
    assert single
    assert validate_project(own_gazette, Plan(checks=SHACL, engine="both")).findings == single
    assert validate_project(own_gazette, Plan(checks=SHACL, engine="pyshacl")).findings == single


# Constructs on which the engines differ: shape, data, who alone finds it.
DIFFERENT = {
    "the end of a line": (
        "sh:pattern '^abc$'",
        "ex:x a ex:Person ; ex:name 'abc\\n' .",
        "only the fast engine",
        "sh:pattern",
    ),
    "the flag q": (
        "sh:pattern 'a.c' ; sh:flags 'q'",
        "ex:x a ex:Person ; ex:name 'abc' .",
        "only the fast engine",
        "sh:pattern",
    ),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_disagreement_is_an_error_that_names_it(name: str, tmp_path: Path) -> None:
    """Where one engine finds what the other does not, the run ends, and the error says who finds what, and where."""
    constraint, text, who, what = DIFFERENT[name]
    shapes = write(
        tmp_path / "shapes.ttl",
        f"ex:S a sh:NodeShape ; sh:targetClass ex:Person ;\n sh:property [ sh:path ex:name ; {constraint} ] .\n",
    )
    data = write(tmp_path / "data.ttl", text)
    with pytest.raises(TriplomacyError, match=f"the engines disagree: {who} finds .*urn:e#S.* at .*urn:e#x") as error:
        validate_files([data], [shapes], plan=Plan(checks=SHACL, engine="both"))
    assert what.removeprefix("sh:") in error.value.message.lower()


@pytest.mark.parametrize(
    "text",
    [
        "[] a ex:Person .",
        "[] a ex:Person . [] a ex:Person .",
        "ex:x ex:y [ a ex:Person ; ex:z [ a ex:Person ] ] .",
        "_:b a ex:Person . _:a a ex:Person ; ex:name _:b .",
        "ex:y a ex:Person ; ex:z ( [ a ex:Person ] ) .",
    ],
)
def test_engines_agree_on_nodes_without_a_name(text: str, shapes: Path, tmp_path: Path) -> None:
    """What each engine calls a blank node makes no disagreement, and each such finding has its line."""
    data = write(tmp_path / "data.ttl", text)
    outcome = validate_files([data], [shapes], plan=Plan(checks=SHACL, engine="both"))
    assert outcome.findings
    assert lines(outcome) == [("data.ttl", LINES + 1)] * len(outcome.findings)


@pytest.mark.parametrize("engine", ["fast", "pyshacl"])
def test_nodes_without_a_name_have_their_place(engine: Any, shapes: Path, tmp_path: Path) -> None:
    """A finding about a blank node has line and column of the node, by either engine, in the first and a later file."""
    one = write(tmp_path / "one.ttl", "ex:x ex:knows\n    [ a ex:Person ] .\n_:b a ex:Person .\n")
    two = write(tmp_path / "two.ttl", "_:a ex:name 'Ann' ; a ex:Person .\n_:b a ex:Person .\n")
    outcome = validate_files([one, two], [shapes], plan=Plan(checks=SHACL, engine=engine))
    assert [str(finding.place) for finding in outcome.findings] == [
        f"{one}:{LINES + 2}:5",
        f"{one}:{LINES + 3}:1",
        f"{two}:{LINES + 2}:1",
    ]


def test_blank_nodes_of_two_files_are_two(shapes: Path, tmp_path: Path) -> None:
    """The same label in two files is not one node: the name in one file does not serve the other."""
    one = write(tmp_path / "one.ttl", "_:b a ex:Person .\n")
    two = write(tmp_path / "two.ttl", "_:b ex:name 'Ann' .\n")
    assert lines(validate_files([one, two], [shapes], plan=Plan(checks=SHACL))) == [("one.ttl", LINES + 1)]


def test_prefixes_and_bases_of_two_files_stay_apart(tmp_path: Path) -> None:
    """A prefix or a base that one file declares has no effect in the next one."""
    shapes = write(tmp_path / "shapes.ttl", SHAPES)
    one, two = tmp_path / "one.ttl", tmp_path / "two.ttl"
    one.write_text("@base <urn:e:> .\n@prefix p: <urn:e#> .\n<a> a p:Person .\n", encoding="utf-8")
    two.write_text("@prefix p: <urn:other#> .\n<a> a p:Person .\n", encoding="utf-8")
    assert lines(validate_files([one, two], [shapes], plan=Plan(checks=SHACL))) == [("one.ttl", 3)]
    two.write_text("<a> a p:Person .\n", encoding="utf-8")
    outcome = validate_files([one, two], [shapes], plan=Plan(checks=SHACL))
    assert [(finding.check, name) for finding, (name, _) in zip(outcome.findings, lines(outcome), strict=True)] == [
        ("syntax", "two.ttl")
    ]


def test_paths_limit_what_is_reported(own_gazette: Project) -> None:
    """With a PATH only findings of that file are reported, though all graphs are looked at."""
    for check in ("hygiene", "shacl"):
        FAULTS[check][0](own_gazette.root)
    states = own_gazette.root / STATES
    arms = own_gazette.root / "graphs/gazette-1999"
    whole = {name for name, _ in lines(validate_project(own_gazette)) if name.endswith(".ttl")}
    assert {"states.ttl", "arms.ttl"} <= whole
    assert {name for name, _ in lines(validate_project(own_gazette, Plan(only=(states,))))} == {"states.ttl"}
    assert {name for name, _ in lines(validate_project(own_gazette, Plan(only=(arms,))))} == {"arms.ttl"}
    assert "shapes" not in {f.check for f in validate_project(own_gazette, Plan(only=(states, arms))).findings}


def test_all_graphs_are_context_of_a_path(own_gazette: Project) -> None:
    """A file that refers to nodes of other graphs conforms on its own path: these are not missing."""
    outcome = validate_project(own_gazette, Plan(only=(own_gazette.root / "graphs/gazette-1999",)))
    assert [finding.message for finding in outcome.findings] == []


def test_a_fault_in_another_graph_is_found_where_it_shows(own_gazette: Project) -> None:
    """What is taken away from one graph is missed in the one that refers to it, and is reported on that path."""
    _replace(STATES, "id:syldavia\n    a tri:State ;", "id:syldavia\n    a tri:Topic ;")(own_gazette.root)
    arms = own_gazette.root / "graphs/gazette-1999/arms.ttl"
    assert of(validate_project(own_gazette, Plan(only=(arms,))), "shacl")


@pytest.mark.parametrize("path", ["/", "..", "elsewhere.ttl", "tests"])
def test_a_path_outside_the_project_is_an_error(path: str, own_gazette: Project, tmp_path: Path) -> None:
    """A PATH that holds no file of the project is an error that names it and the option for other files."""
    outside = tmp_path / "outside"
    write(outside / "elsewhere.ttl", "ex:a a ex:B .")
    given = {"/": tmp_path / "outside", "..": outside / ".." / "outside"}.get(path, outside / path)
    with pytest.raises(TriplomacyError, match=r"no file of this project.*give shapes") as error:
        validate_project(own_gazette, Plan(only=(given,)))
    assert error.value.path == given
    assert "give --shapes too" in in_options(error.value.with_place)


def test_a_query_can_be_a_path(own_gazette: Project) -> None:
    """A stored query and a file of shapes are files of the project, so they may be a PATH."""
    query = next(iter(sorted(own_gazette.root.glob("queries/*/*.rq"))))
    query.with_suffix(".csv").unlink()
    assert lines(validate_project(own_gazette, Plan(only=(query,)))) == [(query.name, None)]


@pytest.mark.parametrize("name", FORMS)
def test_each_format_is_read(name: str, shapes: Path, tmp_path: Path) -> None:
    """Turtle, TriG, N-Triples, N-Quads, RDF/XML and JSON-LD are data, and each gives the same finding."""
    triple = ox.Triple(
        ox.NamedNode("urn:e#x"),
        ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        ox.NamedNode("urn:e#Person"),
    )
    graph = ox.NamedNode("urn:g") if FORMS[name].supports_datasets else ox.DefaultGraph()
    data = tmp_path / name
    quad = ox.Quad(triple.subject, triple.predicate, triple.object, graph)
    data.write_bytes(ox.serialize([quad], format=FORMS[name]) or b"")
    outcome = validate_files([data], [shapes], plan=Plan(checks=SHACL))
    (finding,) = outcome.findings
    assert (finding.focus, finding.rule_name, finding.message) == ("<urn:e#x>", "ex:Named", "Give it a name.")
    assert finding.place is not None
    assert finding.place.file == data
    has_lines = name not in ("data.rdf", "data.jsonld")
    assert bool(finding.place.line) == has_lines
    remark = f"{data}: there are no lines and columns for {data.suffix} files; findings name the file alone"
    assert outcome.remarks == (() if has_lines else (remark,))


def test_no_remark_about_places_where_there_is_no_finding(shapes: Path, tmp_path: Path) -> None:
    """A file without lines of which nothing is found needs no remark."""
    data = tmp_path / "data.rdf"
    triples = [ox.Triple(ox.NamedNode("urn:e#x"), ox.NamedNode("urn:e#p"), ox.Literal("1"))]
    data.write_bytes(ox.serialize(triples, format=ox.RdfFormat.RDF_XML) or b"")
    outcome = validate_files([data], [shapes], plan=Plan(checks=SHACL))
    assert (outcome.findings, outcome.remarks) == ((), ())


def test_files_are_one_graph(shapes: Path, tmp_path: Path) -> None:
    """What one file of data lacks, another one may have."""
    one = write(tmp_path / "one.ttl", "ex:x a ex:Person .\n")
    two = write(tmp_path / "two.nt", "")
    two.write_text("<urn:e#x> <urn:e#name> 'Ann' .\n".replace("'", '"'), encoding="utf-8")
    assert validate_files([one, two], [shapes], plan=Plan(checks=SHACL)).findings == ()
    assert lines(validate_files([one], [shapes], plan=Plan(checks=SHACL))) == [("one.ttl", LINES + 1)]


def test_folder_stands_for_its_files(shapes: Path, tmp_path: Path) -> None:
    """A folder is searched to the bottom for files of RDF, and other files in it are left alone."""
    for name in ("data/one.ttl", "data/below/two.trig", "data/below/far/three.ttl"):
        write(tmp_path / name, f"ex:{Path(name).stem} a ex:Person .\n")
    (tmp_path / "data/notes.txt").write_text("no RDF", encoding="utf-8")
    (tmp_path / "data/picture.png").write_bytes(b"\x89PNG")
    outcome = validate_files([tmp_path / "data"], [shapes], plan=Plan(checks=SHACL))
    assert sorted(name for name, _ in lines(outcome)) == ["one.ttl", "three.ttl", "two.trig"]


def test_folder_without_rdf_is_an_error(shapes: Path, tmp_path: Path) -> None:
    """A folder with no file of RDF is a mistake, not a graph that conforms."""
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(TriplomacyError, match="no RDF file in this folder"):
        validate_files([empty], [shapes])


def test_ontology_gives_axioms(tmp_path: Path) -> None:
    """With an ontology a member of a sub-class is a target, and a value of a sub-class is of the class."""
    shapes = write(
        tmp_path / "shapes.ttl",
        SHAPES + "ex:S a sh:NodeShape ; sh:targetClass ex:Club ; sh:property [ sh:path ex:has ; sh:class ex:Person ] .",
    )
    data = write(tmp_path / "data.ttl", "ex:ann a ex:Pupil .\nex:club a ex:Club ; ex:has ex:ann .\n")
    ontology = write(
        tmp_path / "ontology.ttl", "ex:Pupil rdfs:subClassOf ex:Young . ex:Young rdfs:subClassOf ex:Person .\n"
    )
    without = validate_files([data], [shapes], plan=Plan(checks=SHACL))
    with_it = validate_files([data], [shapes], [ontology], Plan(checks=SHACL))
    assert [finding.component for finding in without.findings] == [
        "<http://www.w3.org/ns/shacl#ClassConstraintComponent>"
    ]
    assert [(finding.focus, finding.message) for finding in with_it.findings] == [("<urn:e#ann>", "Give it a name.")]


def test_ontology_is_checked_too(shapes: Path, tmp_path: Path) -> None:
    """With an ontology the profile is checked, in the ontology and for the literals of the data."""
    ontology = write(tmp_path / "ontology.ttl", "ex:year a owl:DatatypeProperty .\nex:A rdfs:subClassOf ex:B .\n")
    data = write(tmp_path / "data.ttl", "ex:x ex:year '1999'^^xsd:gYear .\n")
    found = of(validate_files([data], [shapes], [ontology]), "profile")
    assert [(finding.rule, finding.place and finding.place.file.name) for finding in found] == [
        ("profile/datatype", "data.ttl"),
        ("profile/undeclared", "ontology.ttl"),
    ]


def test_without_an_ontology_there_is_no_profile(shapes: Path, tmp_path: Path) -> None:
    """Data without an ontology are not asked to be OWL."""
    data = write(tmp_path / "data.ttl", "ex:x ex:year '1999'^^xsd:gYear .\n")
    assert of(validate_files([data], [shapes]), "profile") == []


def test_all_errors_of_malformed_data_are_findings(shapes: Path, tmp_path: Path) -> None:
    """Each error of each file is a finding at its place, and the remark says that nothing else was checked."""
    one = write(
        tmp_path / "one.ttl", "ex:a ex:b ex:c .\nex:a none:b 1 .\nex:a ex:b ex:c .\nex:a ex:b ; ; .\nex:a 'b' 1 .\n"
    )
    two = write(tmp_path / "two.nt", "")
    two.write_text("<urn:a> <urn:b> <urn:c> .\n<urn:a> urn:b <urn:c> .\n<urn:a> <urn:b> .\n", encoding="utf-8")
    outcome = validate_files([one, two], [shapes])
    assert {finding.check for finding in outcome.findings} == {"syntax"}
    assert lines(outcome) == [*(("one.ttl", LINES + line) for line in (2, 4, 5)), ("two.nt", 2), ("two.nt", 3)]
    assert outcome.remarks == ("only the grammar was checked: the rest needs files that can be read",)
    assert not outcome.unusable
    assert outcome.fails(Severity.VIOLATION)


def test_file_that_says_nothing(shapes: Path, tmp_path: Path) -> None:
    """A file of 0 bytes, or of prefixes and comments, is a finding: nothing would be validated."""
    for text in (b"", b"\n", b"# only a comment\n", HEAD.encode()):
        data = tmp_path / "data.ttl"
        data.write_bytes(text)
        (finding,) = validate_files([data], [shapes]).findings
        assert finding.check == "syntax"
        assert "no triple in this file" in finding.message
        assert finding.place is not None
        assert finding.place.file == data


@pytest.mark.parametrize("part", ["shapes", "ontology"])
def test_malformed_shapes_and_ontology_are_errors(part: str, shapes: Path, tmp_path: Path) -> None:
    """Shapes or an ontology that cannot be parsed end the run, with file, line and column."""
    data = write(tmp_path / "data.ttl", "ex:x a ex:Person .\n")
    broken = write(tmp_path / "broken.ttl", "ex:a ex:b ex:c .\nex:a ex:b\n")
    files = ([shapes, broken], []) if part == "shapes" else ([shapes], [broken])
    with pytest.raises(MalformedInput) as error:
        validate_files([data], *files)
    assert error.value.path == broken
    assert error.value.line is not None
    assert error.value.line >= LINES + 2


def test_project_with_a_malformed_ontology_is_an_error(own_gazette: Project) -> None:
    """A project whose ontology cannot be parsed is not validated at all."""
    _append(ONTOLOGY, "tri:Broken a owl:\n")(own_gazette.root)
    with pytest.raises(MalformedInput, match=r"triplomacy\.ttl:\d+:\d+"):
        validate_project(own_gazette)


def test_project_without_shapes_is_an_error(own_gazette: Project) -> None:
    """A project with no shapes conforms to nothing."""
    shutil.rmtree(own_gazette.root / "ontology/shapes")
    with pytest.raises(TriplomacyError, match=r"no shapes here"):
        validate_project(own_gazette)


def test_malformed_query_makes_the_run_unusable(own_gazette: Project) -> None:
    """A stored query that cannot be parsed is told with its line, and the run counts as one that could not be done."""
    query = next(iter(sorted(own_gazette.root.glob("queries/*/*.rq"))))
    count = query.read_text(encoding="utf-8").count("\n")
    query.write_text(query.read_text(encoding="utf-8") + "\nSELECT\n", encoding="utf-8")
    outcome = validate_project(own_gazette, Plan(checks=frozenset({"queries"})))
    (finding,) = outcome.findings
    assert finding.rule == "queries/malformed"
    assert finding.place is not None
    assert finding.place.file == query
    assert (finding.place.line or 0) > count
    assert outcome.unusable


def test_several_shape_files_are_one_graph(shapes: Path, tmp_path: Path) -> None:
    """A shape may refer to one in another file."""
    data = write(tmp_path / "data.ttl", "ex:x a ex:Club .\n")
    other = write(
        tmp_path / "other.ttl", "ex:Club-shape a sh:NodeShape ; sh:targetClass ex:Club ; sh:node ex:Named .\n"
    )
    assert len(validate_files([data], [shapes, other], plan=Plan(checks=SHACL)).findings) == 1


def test_shapes_that_lack_what_they_refer_to(tmp_path: Path) -> None:
    """A reference to a shape in a file that was not given is told: engines take it for one that demands nothing."""
    data = write(tmp_path / "data.ttl", "ex:x a ex:Club .\n")
    other = write(
        tmp_path / "other.ttl", "ex:Club-shape a sh:NodeShape ; sh:targetClass ex:Club ; sh:node ex:Named .\n"
    )
    outcome = validate_files([data], [other])
    assert "shapes/incomplete" in {finding.rule for finding in outcome.findings}


def test_order_is_the_worst_first(tmp_path: Path) -> None:
    """Findings stand by severity, then by file, line and column, whatever check they are of."""
    shapes = write(tmp_path / "shapes.ttl", SHAPES + "ex:Lost a sh:NodeShape ; sh:nodeKind sh:IRI .\n")
    data = write(tmp_path / "data.ttl", "ex:b a ex:Person .\nex:a a ex:Person .\nex:c rdfs:lable 'C' .\n")
    found = validate_files([data], [shapes]).findings
    keys = [(-f.severity, f.place.key if f.place else ("~", 0, 0)) for f in found]
    assert keys == sorted(keys)
    assert {finding.check for finding in found} >= {"terms", "shapes", "shacl"}


def test_runs_are_equal(own_gazette: Project) -> None:
    """Two runs over the same files have equal findings, fingerprints and remarks."""
    for check in ("terms", "shapes", "shacl", "hygiene", "profile", "queries"):
        FAULTS[check][0](own_gazette.root)
    first, second = validate_project(own_gazette), validate_project(own_gazette)
    assert first.findings == second.findings
    assert first.remarks == second.remarks


def test_suppression_in_the_shapes_has_its_place(own_gazette: Project) -> None:
    """A suppression that stands beside the shapes, and is idle, is told with its file and line."""
    found = of(validate_project(own_gazette), "policy")
    assert found
    assert [finding.place is not None for finding in found] == [True] * len(found)


def test_every_rule_that_breaks_is_described(own_gazette: Project) -> None:
    """Each finding's rule is among the rules of the run, with a summary and what to do, or is a shape without words."""
    for check in ("terms", "shapes", "hygiene", "profile", "queries"):
        FAULTS[check][0](own_gazette.root)
    outcome = validate_project(own_gazette)
    for finding in outcome.findings:
        rule = outcome.rules[finding.rule_name]
        assert rule.summary
        assert rule.help
        assert outcome.checks[finding.rule_name] in {*CHECKS, "policy"}


def test_expected_answers_are_csv(own_gazette: Project) -> None:
    """The answer whose absence is told is the file beside the query that other tests read."""
    _remove_an_answer(own_gazette.root)
    (finding,) = of(validate_project(own_gazette, Plan(checks=frozenset({"queries"}))), "queries")
    assert finding.place is not None
    answer = ROOT / finding.place.file.relative_to(own_gazette.root).with_suffix(".csv")
    assert answer.name in finding.message
    with answer.open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file))


def test_findings_go_through_all_steps(tmp_path: Path) -> None:
    """A finding has its place, the reason that suppresses it, a fingerprint, and IRIs as CURIEs."""
    shapes, data = tmp_path / "shapes.ttl", tmp_path / "data.ttl"
    shapes.write_text(HEAD + SHAPES.replace("Give it a name.", "Give it <urn:e#name>."), encoding="utf-8")
    text = f"""{HEAD}@prefix tri: <https://w3id.org/triplomacy/ontology#> .
ex:b a ex:Person .
ex:a a ex:Person .
ex:c a ex:Person .
[] tri:suppressedAt ex:a ; tri:suppressedRule "ex:Named" ; tri:reason "Nobody knows it."@en .
"""
    data.write_text(text, encoding="utf-8")
    every = validate_files([data], [shapes], plan=Plan(checks=SHACL))
    known = frozenset({finding.fingerprint or "" for finding in every.findings if finding.focus == "<urn:e#b>"})
    outcome = validate_files([data], [shapes], plan=Plan(checks=SHACL, baseline=known))
    assert [(f.place and f.place.line, f.suppressed, f.rule_name, f.message) for f in outcome.findings] == [
        (LINES + 2, "in the baseline", "ex:Named", "Give it ex:name."),
        (LINES + 3, "Nobody knows it.", "ex:Named", "Give it ex:name."),
        (LINES + 4, None, "ex:Named", "Give it ex:name."),
    ]
    assert len({finding.fingerprint for finding in outcome.findings}) == 3
