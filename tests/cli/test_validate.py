"""``triplomacy validate``: options, exit codes, reports, and what bad input of every kind leads to."""

import contextlib
import json
import math
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import ROOT
from triplomacy import limits
from triplomacy.cli.commands import main
from triplomacy.dataset.project import Project

HEAD = """\
@prefix ex: <urn:e#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
LINES = HEAD.count("\n")
NAMED = """\
ex:Named a sh:NodeShape ;
    sh:targetClass ex:Person ;
    sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:message "Give it a name."@en ] .
"""
PERSON = "ex:ann a ex:Person .\n"
FORMATS = ("text", "json", "turtle", "sarif", "junit", "github", "gitlab")
Outcome = tuple[int, str, str]


pytestmark = pytest.mark.usefixtures("files")


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a file of shapes and a file of data that has one violation."""
    monkeypatch.chdir(tmp_path)
    write("shapes.ttl", NAMED)
    write("data.ttl", PERSON)
    return tmp_path


def write(name: str, text: str, head: str = HEAD) -> None:
    """Write a text behind the usual prefixes into a file of the current folder."""
    Path(name).write_text(head + text, encoding="utf-8")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Outcome:
    """Return exit code, standard output and standard error; assert that there is no traceback."""
    try:
        code = main(["validate", *map(str, arguments)])
    except SystemExit as done:
        code = int(done.code or 0)
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    return code, out, err


def command(*arguments: object, timeout: float = 60) -> Outcome:
    """Return the same of a process of its own, with the bound on its time."""
    done = subprocess.run(
        [sys.executable, "-m", "triplomacy", "validate", *map(str, arguments)],
        capture_output=True,
        timeout=timeout,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in out + err
    return done.returncode, out, err


def given(*more: object) -> tuple[object, ...]:
    """Return the arguments for the two files, SHACL alone, and more."""
    return ("data.ttl", "--shapes", "shapes.ttl", "--check", "shacl", *more)


def could_not(outcome: Outcome, message: str) -> None:
    """Assert that it could not be done, with one clear line that says why, and nothing on standard output."""
    code, out, err = outcome
    assert (code, out) == (2, "")
    assert re.search(message, err), err
    (line,) = err.splitlines()
    assert line.startswith("triplomacy: error: ")


def told(outcome: Outcome) -> list[dict[str, object]]:
    """Return the findings of a JSON report."""
    found = json.loads(outcome[1])["findings"]
    assert isinstance(found, list)
    return found


# Exit codes


def test_violation_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    """A violation is printed with file, line and column, and the exit code is 1."""
    code, out, err = run(capsys, *given())
    assert (code, err) == (1, "")
    assert out.startswith(f"data.ttl:{LINES + 1}:1: violation: ex:ann ex:name: Give it a name.  (ex:Named)\n")


def test_conforming_data_end_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    """Data without a finding conform."""
    write("data.ttl", "ex:ann a ex:Person ; ex:name 'Ann' .\n")
    assert run(capsys, *given()) == (0, "conforms: no findings\n", "")


FAIL_ON = [(None, 1, 0, 0), ("violation", 1, 0, 0), ("warning", 1, 1, 0), ("info", 1, 1, 1)]


@pytest.mark.parametrize(("threshold", "of_violation", "of_warning", "of_info"), FAIL_ON)
def test_fail_on(
    threshold: str | None,
    of_violation: int,
    of_warning: int,
    of_info: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From the severity of --fail-on upwards a finding ends with 1, below it with 0; it is printed in each case."""
    option = ("--fail-on", threshold) if threshold else ()
    for severity, expected in (("Violation", of_violation), ("Warning", of_warning), ("Info", of_info)):
        write("shapes.ttl", NAMED.replace("sh:minCount 1", f"sh:minCount 1 ; sh:severity sh:{severity}"))
        code, out, _ = run(capsys, *given(*option))
        assert (severity, code) == (severity, expected)
        assert f"{severity.lower()}: ex:ann" in out


@pytest.mark.parametrize("check", ["syntax", "terms", "shapes", "shacl", "hygiene", "profile", "queries"])
def test_each_check_is_an_option(check: str, capsys: pytest.CaptureFixture[str]) -> None:
    """--check runs a check alone and --skip leaves it out, as the checks of the rules that a report lists show."""
    common = ("data.ttl", "--shapes", "shapes.ttl", "--format", "sarif")
    alone = json.loads(run(capsys, *common, "--check", check)[1])
    without = json.loads(run(capsys, *common, "--skip", check)[1])
    ids = [{rule["id"] for rule in each["runs"][0]["tool"]["driver"]["rules"]} for each in (alone, without)]
    own = {"shacl": "ex:Named", "hygiene": "duplicate-label", "syntax": "syntax"}
    marks = [name for name in ids[0] if name == own.get(check) or name.startswith(f"{check}/")]
    if check != "shacl":  # a rule is a shape with a name and a message, which this one has in a property shape
        assert marks
    assert not set(marks) & ids[1]


def test_checks_add_up(capsys: pytest.CaptureFixture[str]) -> None:
    """--check may be given several times, and --skip takes away from what --check names."""
    write("data.ttl", PERSON + "ex:bob rdfs:lable 'Bob' .\n")
    common = ("data.ttl", "--shapes", "shapes.ttl", "--format", "json")
    both = told(run(capsys, *common, "--check", "shacl", "--check", "terms"))
    one = told(run(capsys, *common, "--check", "shacl", "--check", "terms", "--skip", "shacl"))
    assert [finding["check"] for finding in both] == ["shacl", "terms"]
    assert [finding["check"] for finding in one] == ["terms"]


OPTIONS = [
    (("--shapes", "shapes.ttl"), "--shapes needs the files"),
    (("data.ttl", "--shapes", "shapes.ttl", "--source", "data.ttl"), "--source is for our own graphs"),
    (("--ontology", "data.ttl"), "--ontology goes with --shapes"),
    (("data.ttl", "--shapes", "shapes.ttl", "--write-baseline"), "--write-baseline needs to know where"),
    (("data.ttl", "--shapes", "shapes.ttl", "--check", "shackl"), "did you mean shacl"),
    (("data.ttl", "--shapes", "shapes.ttl", "--skip", "term"), "did you mean terms"),
    (("data.ttl", "--shapes", "shapes.ttl", "--engine", "slow"), "no such choice: slow"),
    (("data.ttl", "--shapes", "shapes.ttl", "--fail-on", "error"), "no such choice: error"),
    (("data.ttl", "--shapes", "shapes.ttl", "--format", "xml"), "no such choice: xml"),
    (("data.ttl", "--shapes", "shapes.ttl", "--report", "sarif"), "--report takes FORMAT=FILE"),
    (("data.ttl", "--shapes", "shapes.ttl", "--report", "sarif="), "--report takes FORMAT=FILE"),
    (("data.ttl", "--shapes", "shapes.ttl", "--report", "xml=x"), "the formats are .*sarif"),
    (("data.ttl", "--shapes", "shapes.ttl", "--report", "json=x", "--report", "sarif=x"), "names x twice"),
    (("data.ttl", "--shapes", "shapes.ttl", "--timeout", "soon"), "'soon' is not a number of seconds"),
    (("data.ttl", "--shapes", "shapes.ttl", "--timeout", "-1"), "not a number of seconds"),
    (("data.ttl", "--shapes", "shapes.ttl", "--timeout", "nan"), "not a number of seconds"),
    (("data.ttl", "--shapes", "shapes.ttl", "--shape", "x", "--sarif"), "no such option"),
    (("data.ttl", "--shapes", "none.ttl"), "none.ttl"),
    (("none.ttl", "--shapes", "shapes.ttl"), "none.ttl: no such file or folder"),
    (("data.ttl", "--shapes", "shapes.ttl", "--ontology", "none.ttl"), "none.ttl"),
    (("data.ttl", "--shapes", "shapes.ttl", "--baseline", "none.json"), "none.json"),
    (("data.ttl", "--shapes", "shapes.ttl", "--baseline", "data.ttl"), "data.ttl.*not a baseline.*--write-baseline"),
    (("data.txt2", "--shapes", "shapes.ttl"), "data.txt2"),
    (("data.ttl", "--shapes", "empty"), "error: empty: no RDF file in this folder"),
    (("data.ttl", "--shapes", "pipe.ttl"), "pipe.ttl: a pipe or a device"),
    (("pipe.ttl", "--shapes", "shapes.ttl"), "pipe.ttl: a pipe or a device"),
    (("data.ttl", "--shapes", "shapes.ttl", "--report", "json=data.ttl"), "data.ttl: it would be overwritten"),
    (("data.ttl", "--shapes", "shapes.ttl", "--report", "turtle=./shapes.ttl"), "shapes.ttl: it would be overwritten"),
    ((".", "--shapes", "shapes.ttl", "--report", "turtle=link.ttl"), "link.ttl: it would be overwritten"),
    (("data.ttl", "--shapes", "shapes.ttl", "--baseline", "data.ttl", "--write-baseline"), "would be overwritten"),
    (
        ("data.ttl", "--shapes", "shapes.ttl", "--report", "json=x", "--baseline", "x", "--write-baseline"),
        "two reports",
    ),
    (("data.ttl", "--shapes", "shapes.ttl", "--report", "json=x", "--report", "sarif=empty/../x"), "two reports"),
]


@pytest.mark.parametrize(("arguments", "message"), OPTIONS, ids=lambda part: " ".join(part) if part[0] != "-" else None)
def test_wrong_option(arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong option, or one that does not go with another, is an error in one line, and nothing is validated."""
    Path("data.txt2").write_text("x", encoding="utf-8")
    Path("empty").mkdir()
    Path("link.ttl").symlink_to("data.ttl")
    os.mkfifo("pipe.ttl")
    before = {path: path.read_bytes() for path in Path().iterdir() if path.is_file()}
    could_not(run(capsys, *arguments), message)
    assert {path: path.read_bytes() for path in Path().iterdir() if path.is_file()} == before


# Reports


def test_several_reports_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """One run writes every format, and standard output has its own beside them."""
    code, out, _ = run(capsys, *given(*(f"--report={form}=out.{form}" for form in FORMATS)))
    assert code == 1
    texts = {form: Path(f"out.{form}").read_text(encoding="utf-8") for form in FORMATS}
    assert texts["text"] == out
    assert json.loads(texts["json"])["findings"][0]["focus"] == "<urn:e#ann>"
    assert json.loads(texts["sarif"])["version"] == "2.1.0"
    assert ET.fromstring(texts["junit"]).tag == "testsuites"
    assert texts["turtle"].count("sh:ValidationResult") == 1
    assert texts["github"].startswith("::error ")
    assert json.loads(texts["gitlab"])[0]["location"]["path"] == "data.ttl"


def test_reports_are_the_same_bytes_in_each_run() -> None:
    """Two processes write equal bytes for every format, also about nodes without a name and with several files."""
    write("data.ttl", PERSON + "[] a ex:Person .\n_:b a ex:Person ; rdfs:lable 'B' , 'A' .\n[] a ex:Person .\n")
    write("more.ttl", "ex:x a ex:Person . [] a ex:Person ; ex:knows [ a ex:Person ] .\n")
    written = []
    for number in range(2):
        reports = [f"--report={form}=out{number}.{form}" for form in FORMATS]
        code, out, _ = command("data.ttl", "more.ttl", "--shapes", "shapes.ttl", *reports)
        assert code == 1
        written.append([out.encode(), *(Path(f"out{number}.{form}").read_bytes() for form in FORMATS)])
    assert written[0] == written[1]


UNWRITABLE = {
    "no such folder": ("none/out.json", "there is no folder none"),
    "a folder": ("folder", "this is a folder"),
    "below a file": ("data.ttl/out.json", "data.ttl"),
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_unwritable_report(name: str, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A report that cannot be written ends with 2 and a message with its path; the others are whole."""
    path, message = UNWRITABLE[name]
    Path("folder").mkdir()
    Path("after.json").write_text("old", encoding="utf-8")
    reports = ("--report=sarif=before.sarif", f"--report=json={path}", "--report=json=after.json")
    code, _, err = run(capsys, *given(*reports))
    assert code == 2
    (line,) = err.splitlines()
    assert line.startswith(f"triplomacy: error: {path}: cannot be written")
    assert message in line
    assert json.loads(Path("before.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert json.loads(Path("after.json").read_text(encoding="utf-8"))["version"] == 1
    assert sorted(each.name for each in files.iterdir()) == [
        "after.json",
        "before.sarif",
        "data.ttl",
        "folder",
        "shapes.ttl",
    ]


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write everywhere")
def test_read_only_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """A report in a folder that may not be written to ends with 2."""
    Path("locked").mkdir(mode=0o555)
    assert run(capsys, *given("--report=json=locked/out.json"))[0] == 2


def test_report_is_not_touched_where_the_run_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """If it cannot be validated, a report of an earlier run stays as it was, and no other is made."""
    Path("old.json").write_text("old", encoding="utf-8")
    write("shapes.ttl", "ex:a ex:b\n")
    could_not(run(capsys, *given("--report=json=old.json", "--report=sarif=new.sarif")), r"shapes\.ttl:\d+:\d+")
    assert Path("old.json").read_text(encoding="utf-8") == "old"
    assert not Path("new.sarif").exists()


def test_reports_are_whole_though_nobody_reads_the_output() -> None:
    """A report is written before standard output is, whose reader may go away or whose disk may be full."""
    line = f"{sys.executable} -m triplomacy validate data.ttl --shapes shapes.ttl --check shacl --report json=out.json"
    for target, code in (("| true", 0), ("> /dev/full", 2)):
        assert subprocess.run(["sh", "-c", f"{line} {target}"], capture_output=True, check=False).returncode == code
        assert len(json.loads(Path("out.json").read_text(encoding="utf-8"))["findings"]) == 1
        Path("out.json").unlink()


def test_reports_are_written_where_data_are_malformed(capsys: pytest.CaptureFixture[str]) -> None:
    """Malformed data are findings, so that the reports have them."""
    write("data.ttl", "ex:a ex:b ; .\n")
    code, _, err = run(capsys, *given("--report=json=out.json"))
    assert code == 1
    assert "only the grammar was checked" in err
    (finding,) = json.loads(Path("out.json").read_text(encoding="utf-8"))["findings"]
    assert (finding["check"], finding["places"][0]["line"]) == ("syntax", LINES + 1)


# Policy


def test_baseline_from_end_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    """Written once, a baseline lets what is known pass, tells how much that is, and stops what is new."""
    assert run(capsys, *given("--baseline", "known.json", "--write-baseline"))[0] == 0
    code, out, _ = run(capsys, *given("--baseline", "known.json"))
    assert (code, out) == (0, "suppressed 1: in the baseline\nconforms: no findings, 1 suppressed\n")
    write("data.ttl", f"# moved\n\n{PERSON}ex:bob a ex:Person .\n")
    code, out, _ = run(capsys, *given("--baseline", "known.json"))
    assert code == 1
    assert "ex:bob" in out
    assert "ex:ann" not in out


def test_baseline_of_a_moved_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A baseline knows the same findings in another folder: of relative IRIs, of whole files, by absolute paths too."""
    texts = {"data.ttl": f"{HEAD}<#x> a ex:Person .\n", "shapes.ttl": HEAD + NAMED, "zero.nt": ""}
    for name, files in (("here", ("data.ttl",)), ("there", ("zero.nt",))):
        for folder in (tmp_path / name / "a", tmp_path / name / "b"):
            folder.mkdir(parents=True)
            for file, text in texts.items():
                (folder / file).write_text(text, encoding="utf-8")
            monkeypatch.chdir(folder)
            paths = files if folder.name == "a" else [folder / file for file in files]
            common = (*paths, "--shapes", "shapes.ttl", "--baseline", "../known.json")
            assert command(*common, *(["--write-baseline"] if folder.name == "a" else []))[0] == 0
            assert str(tmp_path) not in Path("../known.json").read_text(encoding="utf-8")


def test_malformed_shapes_leave_the_baseline(capsys: pytest.CaptureFixture[str]) -> None:
    """A run that says nothing of the data writes no baseline, so that one of an earlier run is not lost."""
    assert run(capsys, *given("--baseline", "known.json", "--write-baseline"))[0] == 0
    before = Path("known.json").read_text(encoding="utf-8")
    write("shapes.ttl", NAMED.replace("sh:minCount 1", "sh:minCount 'x'"))
    assert run(capsys, *given("--baseline", "known.json", "--write-baseline"))[0] == 2
    assert Path("known.json").read_text(encoding="utf-8") == before


def test_baseline_that_cannot_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    """A baseline that has no folder is an error like an unwritable report."""
    code, _, err = run(capsys, *given("--baseline", "none/known.json", "--write-baseline"))
    assert code == 2
    assert "none/known.json" in err


# What PATH means


def test_paths_of_a_project(own_gazette: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """In a project PATH limits what is reported: a fault elsewhere does not fail it."""
    states = own_gazette.root / "graphs/actors/states.ttl"
    text = states.read_text(encoding="utf-8")
    states.write_text(text.replace('"Borduria"@en', '" Borduria"@en').replace("rdfs:label", "rdfs:lable", 1))
    project = ("--project", own_gazette.root)
    assert run(capsys, *project)[0] == 1
    code, out, _ = run(capsys, *project, states)
    assert code == 1
    assert {line.split(":")[0] for line in out.splitlines() if ": violation: " in line} == {str(states)}
    assert run(capsys, *project, own_gazette.root / "graphs/gazette-1999")[0] == 0
    assert run(capsys, *project, own_gazette.root / "graphs")[0] == 1


def test_path_outside_the_project(own_gazette: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A PATH outside the project is an error that says how to validate other files."""
    other = tmp_path / "other.ttl"
    other.write_text(HEAD + PERSON, encoding="utf-8")
    could_not(run(capsys, "--project", own_gazette.root, other), r"other\.ttl: no file of this project.*--shapes")


def test_our_own_graphs_conform() -> None:
    """Without an argument, here, everything conforms."""
    done = subprocess.run(
        [sys.executable, "-m", "triplomacy", "validate", "--project", str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "conforms: no findings" in done.stdout


def test_data_of_every_kind_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Files of all formats and a folder are one graph of data, and the remark names those without lines."""
    write("one.trig", "GRAPH ex:g { ex:one a ex:Person }\n")
    Path("two.nt").write_text("<urn:e#two> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:e#Person> .\n")
    Path("three.nq").write_text(
        "<urn:e#three> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:e#Person> <urn:g> .\n"
    )
    Path("four.rdf").write_text(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e#">'
        '<e:Person rdf:about="urn:e#four"/></rdf:RDF>'
    )
    Path("five.jsonld").write_text('{"@id": "urn:e#five", "@type": "urn:e#Person"}')
    Path("folder").mkdir()
    write("folder/six.ttl", "ex:six a ex:Person .\n")
    names = ("one.trig", "two.nt", "three.nq", "four.rdf", "five.jsonld", "folder")
    code, out, err = run(capsys, *names, "--shapes", "shapes.ttl", "--check", "shacl")
    assert code == 1
    places = {line.split(": ")[0] for line in out.splitlines() if ": violation: " in line}
    assert places == {
        f"one.trig:{LINES + 1}:14",
        "two.nt:1:1",
        "three.nq:1",
        "four.rdf",
        "five.jsonld",
        f"folder/six.ttl:{LINES + 1}:1",
    }
    assert [line for line in err.splitlines() if "no lines and columns" in line] == err.splitlines()
    assert len(err.splitlines()) == 2


# Engines


def test_engine_pyshacl(capsys: pytest.CaptureFixture[str]) -> None:
    """Each engine, and both together, print the same."""
    outputs = {run(capsys, *given("--engine", engine)) for engine in ("fast", "pyshacl", "both")}
    assert len(outputs) == 1


def test_disagreement_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    """If the engines disagree, the run ends with 2, and the message names who finds what, where."""
    write("shapes.ttl", NAMED.replace("sh:minCount 1", "sh:pattern '^abc$'"))
    write("data.ttl", "ex:ann a ex:Person ; ex:name 'abc\\n' .\n")
    could_not(
        run(capsys, *given("--engine", "both")), "the engines disagree: only the fast engine finds .*Pattern.*ann"
    )


def test_remark_about_the_engine(capsys: pytest.CaptureFixture[str]) -> None:
    """What the fast engine cannot do is done by pySHACL, and a remark on standard error says so."""
    write("shapes.ttl", NAMED.replace("sh:minCount 1", "sh:pattern '^(?!A)'"))
    write("data.ttl", "ex:ann a ex:Person ; ex:name 'Ann' .\n")
    code, out, err = run(capsys, *given())
    assert code == 1
    assert "ex:ann" in out
    assert re.fullmatch("triplomacy: the fast engine does not run a pattern .*; pySHACL does the work\n", err)


# Bad input


BAD_SHAPES = {
    "unknown component": ("sh:nodeByExpression [ sh:path ex:q ]", "No such term: sh:nodeByExpression"),
    "component without a validator": (
        "ex:par 1 . ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:par ]",
        "no validator",
    ),
    "recursive": ("sh:node ex:Bad", "refers to itself"),
    "ill-formed list": ("sh:in 'x'", "no well-formed list"),
    "invalid regular expression": ("sh:property [ sh:path ex:name ; sh:pattern '(' ]", "sh:pattern"),
    "SPARQL syntax": ("sh:sparql [ sh:select 'SELECT $this WHERE {' ]", "is not SPARQL"),
    "SERVICE": (
        "sh:sparql [ sh:select 'SELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }' ]",
        "has SERVICE",
    ),
    "a count that is none": ("sh:property [ sh:path ex:name ; sh:minCount 'x' ]", "sh:minCount"),
    "a message that is none": ("sh:nodeKind sh:IRI ; sh:message ex:m", "sh:message"),
    "a path that is none": ("sh:property [ sh:path 'p' ]", "the path is malformed"),
    "a literal for a shape": ("sh:property 'p'", "sh:property"),
}


@pytest.mark.parametrize("engine", ["fast", "pyshacl"])
@pytest.mark.parametrize("name", BAD_SHAPES)
def test_malformed_shape_ends_with_2(name: str, engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A malformed shape ends with 2; what is wrong is told with file and line, and the data are not judged by it."""
    text, message = BAD_SHAPES[name]
    write("shapes.ttl", f"ex:Bad a sh:NodeShape ;\n    sh:targetClass ex:Person ;\n    {text} .\n")
    code, out, _ = run(capsys, *given("--check", "terms", "--check", "shapes", "--engine", engine))
    assert code == 2
    assert re.search(rf"shapes\.ttl:{LINES + 3}:\d+: violation: .*{re.escape(message)}", out), out


def test_deep_shapes_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    """Shapes nested deeper than an engine goes end with 2 and one line that says so."""
    write(
        "shapes.ttl",
        NAMED.replace(" .", " ; sh:node ex:n0 .") + "".join(f"ex:n{n} sh:node ex:n{n + 1} .\n" for n in range(500)),
    )
    could_not(run(capsys, *given()), "nested|deep")


def test_function_that_nobody_declares(capsys: pytest.CaptureFixture[str]) -> None:
    """A query that calls a function that there is none of is told at its line, by name."""
    query = "SELECT $this WHERE { FILTER (<urn:e#none>($this)) }"
    write("shapes.ttl", f"ex:Bad a sh:NodeShape ; sh:targetClass ex:Person ; sh:sparql [ sh:select\n'{query}' ] .\n")
    code, out, _ = run(capsys, *given("--check", "shapes"))
    assert code == 2
    assert re.search(rf"shapes\.ttl:{LINES + 2}:1: violation: .*ex:none", out), out


EXPLODES = {
    "a pattern": NAMED.replace("sh:minCount 1", "sh:pattern '^(a+)+$'"),
    "a pattern in a query": (
        "ex:S a sh:NodeShape ; sh:targetClass ex:Person ; sh:sparql [ sh:select\n"
        "'SELECT $this WHERE { $this <urn:e#name> ?name FILTER regex(?name, \"^(a+)+$\") }' ] .\n"
    ),
}


@pytest.mark.parametrize("name", EXPLODES)
def test_regular_expression_that_explodes(name: str) -> None:
    """Under pySHACL an exploding pattern ends with the bound, with 2, one clear line and no report by half."""
    write("shapes.ttl", EXPLODES[name])
    write("data.ttl", f"ex:ann a ex:Person ; ex:name '{'a' * 60}b' .\n")
    outcome = command(*given("--engine", "pyshacl", "--timeout", 2, "--report", "json=out.json"))
    could_not(outcome, "stopped after 2 seconds; a regular expression or a query may explode; .*--timeout")
    assert not Path("out.json").exists()


def test_the_fast_engine_does_not_explode() -> None:
    """The same pattern does not trouble the fast engine."""
    write("shapes.ttl", EXPLODES["a pattern"])
    write("data.ttl", f"ex:ann a ex:Person ; ex:name '{'a' * 60}b' .\n")
    code, out, _ = command(*given("--timeout", 20))
    assert (code, "ex:ann" in out) == (1, True)


def test_query_that_explodes() -> None:
    """A query over all combinations of triples is ended as well, by either engine."""
    query = "SELECT $this WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?q ?r ?s . FILTER (?a = ?z) }"
    write("shapes.ttl", f"ex:S a sh:NodeShape ; sh:targetClass ex:Person ; sh:sparql [ sh:select '{query}' ] .\n")
    write("data.ttl", "".join(f"ex:p{n} a ex:Person ; ex:age {n} .\n" for n in range(200)))
    could_not(command(*given("--timeout", 2)), "stopped after 2 seconds")


def test_reasoners_that_take_too_long_are_named() -> None:
    """The advice is about what was asked for."""
    could_not(command("--project", ROOT, "--reason", "--timeout", 0.2), "stopped after 0.2 seconds; the reasoners")


@pytest.mark.parametrize(
    ("arguments", "seconds"), [([], 600), (["--timeout", "0"], 0), (["--reason", "--timeout", "0"], math.inf)]
)
def test_reasoners_end_with_the_command(arguments: list[str], seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a bound too, reasoners are in a process group that is ended with the command."""
    bounds: list[float] = []

    def run_within(seconds: float, *_: object) -> int:
        bounds.append(seconds)
        return 0

    monkeypatch.setattr(limits, "run_within", run_within)
    assert main(["validate", *arguments]) == 0
    assert bounds == [seconds]


BAD_DATA = {
    "0 bytes": (b"", r"data\.ttl: violation: there is no triple"),
    "binary": (bytes(range(256)) * 20, r"data\.ttl:\d+(:\d+)?: violation: "),
    "text that is not UTF-8": (b'<urn:a> <urn:b> "caf\xe9" .\n', r"data\.ttl:1(:\d+)?: violation: not UTF-8"),
    "a null character": (b"<urn:a> <urn:b> \x00 .\n", r"data\.ttl:1:17: violation: "),
    "UTF-16": ("<urn:a> <urn:b> <urn:c> .\n".encode("utf-16"), r"data\.ttl.*: violation: "),
    "HTML": (b"<!DOCTYPE html><html><body>404</body></html>", r"data\.ttl:1:1: violation: "),
    "an open string": (b'<urn:a> <urn:b> """never closed', r"data\.ttl:1:\d+: violation: "),
    "an open bracket": (b"<urn:a> <urn:b> [ <urn:c> 1 .\n", r"data\.ttl:1:\d+: violation: "),
    "half a surrogate": (b'<urn:a> <urn:b> "\\uD800" .\n', r"data\.ttl:1:\d+: violation: "),
    "an IRI with a blank": (b"<urn:a b> <urn:b> <urn:c> .\n", r"data\.ttl:1:\d+: violation: "),
}


@pytest.mark.parametrize("name", BAD_DATA)
def test_malformed_data_end_with_1(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Malformed data are a violation with file and, where there is one, line; the exit code is 1."""
    content, message = BAD_DATA[name]
    Path("data.ttl").write_bytes(content)
    code, out, err = run(capsys, "data.ttl", "--shapes", "shapes.ttl")
    assert code == 1
    assert re.search(message, out), out
    assert err == "triplomacy: only the grammar was checked: the rest needs files that can be read\n"


def test_all_errors_of_a_file_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The parser goes on behind an error, so that each wrong statement is told, and none of the right ones."""
    wrong = {number for number in range(100) if number % 7 == 3}
    write("data.ttl", "".join(f"ex:s{n} ex:p{' ; ex:q , 1' if n in wrong else ''} {n} .\n" for n in range(100)))
    findings = told(run(capsys, "data.ttl", "--shapes", "shapes.ttl", "--format", "json"))
    assert {finding["places"][0]["line"] - LINES - 1 for finding in findings} == wrong  # type: ignore[index]


def test_nested_blank_nodes() -> None:
    """Blank nodes 100,000 levels deep are data like any other: what is wrong on top and at the bottom is found."""
    depth = 100_000
    write("data.ttl", f"ex:ann a ex:Person ; ex:has\n{'[ ex:has ' * depth}[ a ex:Person ]{' ]' * depth} .\n")
    code, out, err = command(*given())
    assert (code, err) == (1, "")
    assert f"data.ttl:{LINES + 1}:1: violation: ex:ann" in out
    assert f"data.ttl:{LINES + 2}:{depth * len('[ ex:has ') + 1}: violation: [] " in out
    assert out.endswith("2 violations\n")


def test_nested_brackets_that_never_close(capsys: pytest.CaptureFixture[str]) -> None:
    """As many that never close are malformed data, not a crash."""
    write("data.ttl", "ex:ann ex:has " + "[ ex:has ( " * 50_000)
    code, out, _ = run(capsys, "data.ttl", "--shapes", "shapes.ttl")
    assert code == 1
    assert re.match(rf"data\.ttl:{LINES + 1}:\d+: violation: ", out)


def test_many_lines_of_one_subject(capsys: pytest.CaptureFixture[str]) -> None:
    """A subject with 100,000 lines is validated, and a value in the last of them has its line."""
    lines = 100_000
    write("shapes.ttl", NAMED.replace("sh:minCount 1", "sh:datatype xsd:integer"))
    body = ";\n".join(f"    ex:name {n} " for n in range(lines))
    write("data.ttl", f"ex:ann a ex:Person ;\n{body};\n    ex:name 'x' .\n")
    code, out, _ = run(capsys, *given())
    assert code == 1
    assert out.startswith(f'data.ttl:{LINES + lines + 2}:13: violation: ex:ann ex:name ["x"]: Give it a name.')


@pytest.mark.parametrize("engine", ["fast", "pyshacl"])
def test_ill_typed_literals_are_no_trouble(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A literal that its data type does not have is data: the engine says nothing on the side."""
    write("shapes.ttl", NAMED.replace("sh:minCount 1", "sh:datatype xsd:integer"))
    write("data.ttl", "ex:ann a ex:Person ; ex:name 'abc'^^xsd:integer , '1999-99-99'^^xsd:date .\n")
    code, out, err = run(capsys, *given("--engine", engine))
    assert (code, err) == (1, "")
    assert out.endswith("2 violations\n")


BAD_FILES = ["data.ttl", "shapes.ttl", "ontology.ttl", "known.json"]


@pytest.mark.parametrize("bad", BAD_FILES)
@pytest.mark.parametrize("seed", range(3))
def test_random_bytes(bad: str, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Random bytes in the place of any file are a finding if they are data and an error if not; never a traceback."""
    write("ontology.ttl", "ex:Person rdfs:subClassOf ex:Being .\n")
    Path("known.json").write_text('{"version": 1, "findings": {}}', encoding="utf-8")
    dice = random.Random(f"{bad} {seed}")
    Path(bad).write_bytes(dice.randbytes(dice.choice([1, 7, 300, 5000])))
    outcome = run(
        capsys,
        "data.ttl",
        "--shapes",
        "shapes.ttl",
        "--ontology",
        "ontology.ttl",
        "--baseline",
        "known.json",
        "--skip",
        "hygiene",
    )
    if bad == "data.ttl":
        assert outcome[0] == 1
        assert "(syntax)" in outcome[1]
    else:
        could_not(outcome, re.escape(bad))


@pytest.mark.parametrize("name", ["shapes.ttl", "data.ttl"])
def test_random_edits(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """However a file of shapes or data is cut and mixed up, the answer is 0, 1 or 2, without a traceback."""
    write(
        "shapes.ttl",
        NAMED + "ex:T a sh:NodeShape ; sh:targetClass ex:Person ; sh:or ( [ sh:nodeKind sh:IRI ] ex:Named ) ;\n"
        "    sh:sparql [ sh:select 'SELECT $this WHERE { $this a ?c FILTER (false) }' ] ; sh:closed false .\n",
    )
    write(
        "data.ttl",
        "ex:ann a ex:Person ; ex:name 'Ann' .\nex:bob a ex:Person ; ex:name 'Bob'@en , [ ex:x ( 1 2.5 true ) ] .\n",
    )
    whole = Path(name).read_text(encoding="utf-8")
    words = re.findall(r"\s+|[\w:]+|.", whole)
    dice = random.Random(name)
    codes = set()
    for _ in range(30):
        mixed = list(words)
        for _ in range(dice.randint(1, 3)):
            at, other = dice.randrange(len(mixed)), dice.randrange(len(mixed))
            kind = dice.randrange(3)
            if kind == 0:
                del mixed[at]
            elif kind == 1:
                mixed[at], mixed[other] = mixed[other], mixed[at]
            else:
                mixed.insert(at, mixed[other])
        Path(name).write_text("".join(mixed), encoding="utf-8")
        code, out, err = run(capsys, "data.ttl", "--shapes", "shapes.ttl", "--skip", "hygiene", "--timeout", 0)
        codes.add(code)
        assert code in (0, 1, 2)
        assert len(err.splitlines()) <= 4
        assert out or err
    assert len(codes) > 1


def test_shapes_and_data_in_one_file(capsys: pytest.CaptureFixture[str]) -> None:
    """One file may be data and shapes at once, and the blank nodes of either are not mixed up."""
    write("both.ttl", NAMED + PERSON + "[] a ex:Person .\n")
    code, out, _ = run(capsys, "both.ttl", "--shapes", "both.ttl", "--check", "shacl")
    places = [line.split(": ")[0] for line in out.splitlines() if ": violation: " in line]
    assert (code, places) == (1, [f"both.ttl:{LINES + 4}:1", f"both.ttl:{LINES + 5}:1"])


def test_folders_of_shapes_and_files_given_twice(capsys: pytest.CaptureFixture[str]) -> None:
    """A folder stands for its files of shapes and of ontology too, and a file under two names is one file."""
    for folder in ("shapes", "ontology"):
        Path(folder).mkdir()
    Path("shapes.ttl").rename("shapes/a.ttl")
    Path("ontology/a.ttl").write_text(f"{HEAD}ex:Boss rdfs:subClassOf ex:Person .\n", encoding="utf-8")
    write("data.ttl", "[] a ex:Boss .\n")
    options = ("--shapes", "shapes", "--ontology", "ontology", "--check", "shacl")
    code, out, _ = run(capsys, "data.ttl", Path("data.ttl").resolve(), *options)
    assert (code, out.splitlines()[-1]) == (1, "1 violation")


def test_prefix_of_the_file_before(capsys: pytest.CaptureFixture[str]) -> None:
    """A large file that only uses the prefixes of another one is malformed, whichever checks run."""
    write("data.ttl", PERSON)
    text = "".join(f"ex:n{number} ex:name 'a name that takes some room' .\n" for number in range(3000))
    Path("more.ttl").write_text(text, encoding="utf-8")
    code, out, _ = run(capsys, "data.ttl", "more.ttl", "--shapes", "shapes.ttl", "--check", "shacl")
    assert code == 1
    assert out.startswith("more.ttl:1:1: violation: no such prefix: ex:")


def test_context_that_would_be_fetched(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON-LD whose context is elsewhere is malformed here, since nothing is fetched, and the finding says so."""
    Path("data.jsonld").write_text('{"@context": "https://schema.org/", "name": "Ann"}', encoding="utf-8")
    code, out, _ = run(capsys, "data.jsonld", "--shapes", "shapes.ttl")
    assert code == 1
    assert "nothing is fetched; write the context into the file" in out


def test_names_with_odd_characters(capsys: pytest.CaptureFixture[str]) -> None:
    """Blanks, colons, hashes, per cents and other scripts in a file's name do no harm in any format."""
    name = "a b#c%20:d é 名.ttl"
    write(name, PERSON)
    for form in FORMATS:
        code, out, _ = run(capsys, name, "--shapes", "shapes.ttl", "--check", "shacl", "--format", form)
        assert (code, bool(out)) == (1, True)


def test_a_device_is_no_data() -> None:
    """A file whose ending names no format, such as a device, is refused with a clear line."""
    code, out, err = command("/dev/null", "--shapes", "shapes.ttl")
    assert (code, out) == (2, "")
    assert "/dev/null" in err


def test_reader_that_goes_away() -> None:
    """If the reader of standard output goes away, there is no traceback."""
    write("data.ttl", "".join(f"ex:p{n} a ex:Person .\n" for n in range(5000)))
    line = f"{sys.executable} -m triplomacy validate data.ttl --shapes shapes.ttl --check shacl | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.startswith("data.ttl:")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_process_and_call_agree(capsys: pytest.CaptureFixture[str]) -> None:
    """What the process prints is what a call from Python prints, with the same exit code."""
    assert command(*given("--format", "json")) == run(capsys, *given("--format", "json"))


@pytest.mark.skipif(not Path("/proc/self/cmdline").is_file(), reason="no /proc to look for the reasoner in")
def test_reasoner_of_a_validation_that_overruns_is_ended(tmp_path: Path) -> None:
    """Neither its Java nor its folder outlives a validation whose time is over."""
    command = [sys.executable, "-m", "triplomacy", "validate", "--project", str(ROOT), "--check", "reasoning"]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    variables = os.environ | {"TMPDIR": str(scratch)}
    with subprocess.Popen([*command, "--timeout", "5"], env=variables, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not naming(scratch):
            time.sleep(0.05)
        assert naming(scratch), "the reasoner has begun"
        _, remarks = process.communicate()
    assert (process.returncode, "stopped after 5 seconds" in remarks) == (2, True)
    assert list(scratch.iterdir()) == []
    assert not naming(scratch)


def naming(folder: Path) -> list[bytes]:
    """Return the command lines of all processes that name a folder."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes())
    return [line for line in lines if os.fsencode(folder) in line]
