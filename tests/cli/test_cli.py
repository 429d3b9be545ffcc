"""The command line: what each command prints, and one clear message for whatever is wrong."""

import csv
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ARTICLE, GAZETTE, ROOT, need_shared
from tests.support.commands import refused, run
from triplomacy.cli.commands import main, parser
from triplomacy.dataset.project import Project
from triplomacy.queries import formats
from triplomacy.validation import plan, reports

COMMANDS = ("build", "validate", "query", "queries", "explain", "evidence", "span", "serve")
PREFIX = "@prefix id: <https://w3id.org/triplomacy/id/> .\n"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the project's own folder the current one."""
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_that_parses(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The help of a command ends with an example, which is a command line that it takes."""
    code, out, _ = run(capsys, command, "--help")
    example = out.strip().splitlines()[-1].strip()
    assert code == 0
    assert example.startswith(f"triplomacy {command}")
    assert parser().parse_args(shlex.split(example)[1:]).command == command


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """The version is that of the package."""
    from triplomacy import __version__

    assert run(capsys, "--version") == (0, f"triplomacy {__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["qeury", "x"], "did you mean query"),
        (["query", "who-recognises", "--format", "jsno"], "did you mean json"),
        (["validate", "--engine", "pyshcal"], "did you mean pyshacl"),
        (["query", "who-recognizes"], "no such query: who-recognizes; did you mean who-recognises"),
        (["query", "who-recognises", "--set", "recognized=x"], "did you mean recognised"),
        (["query", "who-recognises", "--set", "recognised"], "--set takes NAME=VALUE"),
        (["query", "who-recognises", "--set", "recognised=LPR", "--set", "recognised=DPR"], "set twice"),
        (["query", "who-recognises", "--set", "recognised=id:x> } DROP ALL #"], "is not an IRI, CURIE or name"),
        (["query", "did-it-hold-on", "--set", "day=2021-02-30"], "takes a day that exists"),
        (["query", "who-recognises", "--view", "undisputd"], "no such view: undisputd; did you mean undisputed"),
        (["query", "who-recognises", "--according-to", "Ruritania"], "no such tri:Actor: Ruritania"),
        (["queries", "nothing-like-it"], "no such query"),
        (["explain", "syria"], "id:syria"),
        (["explain", "id:ruritania"], "no such"),
        (["explain", "id:syria", "tri:recognises"], "three terms"),
        (["explain", "id:syria", "tri:sanctions", "id:poland"], "no proposition is behind"),
        (["evidence", "--source", "nowhere.txt"], r"nowhere\.txt: cannot be read"),
        (["span", "--source", "README.md", "five", "six"], "whole numbers"),
        (["validate", "README.md"], "no file of this project"),
        (["validate", "--project", "docs"], r"docs: no folder ontology/ here"),
        (["query", "who-recognises", "--project", "nowhere"], "no folder ontology/ here"),
    ],
)
@pytest.mark.usefixtures("here")
def test_bad_input_is_one_clear_error(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong word, name, value or file is one message that says what and what to do."""
    refused(run(capsys, *arguments), message)


@pytest.mark.usefixtures("here")
def test_query_as_table_csv_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    """An answer is a table with labels, CSV with IRIs, or JSON."""
    _, table, _ = run(capsys, "query", "who-recognises")
    _, values, _ = run(capsys, "query", "who-recognises", "--format", "csv")
    _, document, _ = run(capsys, "query", "who-recognises", "--format", "json")
    assert table.splitlines()[2].startswith("North Korea")
    rows = list(csv.DictReader(io.StringIO(values)))
    bindings = json.loads(document)["results"]["bindings"]
    assert [row["state"] for row in rows] == [binding["state"]["value"] for binding in bindings]
    assert [row["state"].rpartition("/")[2] for row in rows] == ["north-korea", "russia", "syria"]


PLAIN = """#+ summary: Who recognises what, as a fact?

PREFIX tri: <https://w3id.org/triplomacy/ontology#>

SELECT ?state ?thing
WHERE {
  ?state tri:recognises ?thing .
}
ORDER BY ?state ?thing
"""

IN_GRAPH = """#+ summary: Who supports whom, in which view?

PREFIX tri: <https://w3id.org/triplomacy/ontology#>

SELECT ?view ?who ?whom
WHERE {
  GRAPH ?view { ?who tri:supports ?whom }
}
ORDER BY ?view ?who ?whom
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A copy of the project that a test may change, with two more queries."""
    folder = tmp_path / "project"
    for part in ("ontology", "graphs", "queries"):
        shutil.copytree(ROOT / part, folder / part)
    (folder / "queries" / "claims" / "plain-facts.rq").write_text(PLAIN, encoding="utf-8")
    (folder / "queries" / "claims" / "support-by-view.rq").write_text(IN_GRAPH, encoding="utf-8")
    return folder


def test_plain_property_needs_a_view(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a view a plain property has no fact, the answer is empty, and a remark says which view has them."""
    code, out, err = run(capsys, "query", "plain-facts", "--project", own, "--format", "csv")
    assert (code, out) == (0, "state,thing\r\n")
    assert "tri:recognises holds only in views: add --view lukin-2022" in err


@pytest.mark.parametrize("name", ["lukin-2022", "author", "undisputed", "according-to/artyom-lukin"])
def test_view_gives_the_facts(name: str, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a view of the author's there are ten recognitions: three of each republic, one of each referendum."""
    code, out, err = run(capsys, "query", "plain-facts", "--project", own, "--view", name, "--format", "csv")
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 1 + 3 * 2 + 4


@pytest.mark.parametrize("actor", ["Artyom Lukin", "id:artyom-lukin", "https://w3id.org/triplomacy/id/artyom-lukin"])
def test_actor_is_known_by_any_name(actor: str, own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An actor's view is chosen by label, CURIE or IRI."""
    _, out, _ = run(capsys, "query", "plain-facts", "--project", own, "--according-to", actor, "--format", "csv")
    assert len(out.splitlines()) == 11


def test_actor_who_claims_nothing_has_no_view(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An actor who makes no claim is an error that names those who do."""
    refused(run(capsys, "query", "plain-facts", "--project", own, "--according-to", "Poland"), "no such view")


def test_query_by_graph_sees_every_view(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """GRAPH reaches the views, each under its name."""
    _, out, _ = run(capsys, "query", "support-by-view", "--project", own, "--format", "csv")
    views = {row["view"].removeprefix("https://w3id.org/triplomacy/view/") for row in csv.DictReader(io.StringIO(out))}
    assert {"lukin-2022", "undisputed", "according-to/north-korea"} <= views


@pytest.mark.usefixtures("here")
def test_queries_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    """The list has every stored query once."""
    code, out, _ = run(capsys, "queries")
    listed = [line.split()[0] for line in out.splitlines() if line.startswith("  ")]
    assert code == 0
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "queries").glob("*/*.rq"))


BREAKS = [
    ("graphs/lukin-2022/broken.ttl", PREFIX.encode() + b"id:a id:b id:c ; ; . id:d .\n", r"broken\.ttl:2:2\d: "),
    ("graphs/lukin-2022/broken.ttl", PREFIX.encode() + b"id:a id:b '\xe9' .\n", r"broken\.ttl:2:12: not UTF-8"),
    ("ontology/broken.ttl", b"<", r"broken\.ttl:1:\d+: "),
]


@pytest.mark.parametrize(("name", "content", "message"), BREAKS)
@pytest.mark.parametrize("command", [["query", "who-recognises"], ["explain", "id:syria"], ["build"]], ids=" ".join)
def test_malformed_file_stops_a_command(
    name: str, content: bytes, message: str, command: list[str], own: Path, capsys, monkeypatch, tmp_path: Path
) -> None:
    """A malformed file is an error with file, line and column, and nothing is written."""
    monkeypatch.chdir(tmp_path)
    (own / name).write_bytes(content)
    refused(run(capsys, *command, "--project", own), message)
    assert not (tmp_path / "build").exists()


@pytest.mark.parametrize(("name", "content", "message"), BREAKS[:2])
def test_malformed_data_is_a_finding(name: str, content: bytes, message: str, own: Path, capsys) -> None:
    """Under validation malformed data are a finding with its place, and the exit code is 1."""
    (own / name).write_bytes(content)
    code, out, err = run(capsys, "validate", "--project", own)
    assert (code, err) == (1, "triplomacy: only the grammar was checked: the rest needs files that can be read\n")
    assert re.search(message.replace(": not", ": violation: not"), out)


@pytest.mark.parametrize("name", ["ontology/triplomacy.ttl", "ontology/shapes/claims.ttl"])
def test_malformed_ontology_and_shapes_are_errors(name: str, own: Path, capsys) -> None:
    """Under validation a malformed ontology, or malformed shapes, cannot be done with."""
    (own / name).write_text("<", encoding="utf-8")
    refused(run(capsys, "validate", "--project", own), re.escape(Path(name).name))


def test_empty_graph_folder_is_an_error(own: Path, capsys) -> None:
    """A graph without a file is an error that names the folder."""
    (own / "graphs" / "nothing").mkdir()
    for command in (["validate"], ["query", "who-recognises"]):
        refused(run(capsys, *command, "--project", own), "nothing: no .ttl file in this folder")


def test_violation_has_file_and_line(own: Path, capsys) -> None:
    """A claim that lost its evidence is found, with node, path and the line of its block."""
    path = own / "graphs" / "lukin-2022" / "ammunition.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace(
            "tri:evidence <text#char=3170,3203>", 'tri:repeated "true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
        ),
        encoding="utf-8",
    )
    line = text[: text.index("<claim/request-not-proved>\n")].count("\n") + 1
    code, out, _ = run(capsys, "validate", "--project", own)
    assert code == 1
    assert f"ammunition.ttl:{line}:1: violation: lukin-2022:claim/request-not-proved tri:evidence: " in out


def test_foreign_data_with_foreign_shapes(tmp_path: Path, capsys) -> None:
    """Anybody's data are validated by anybody's shapes, with both engines alike."""
    data, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text("<urn:a> a <urn:T> ; <urn:p> '1'^^<http://www.w3.org/2001/XMLSchema#byte> .", encoding="utf-8")
    shapes.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:S> a sh:NodeShape ; sh:targetClass <urn:T> ; sh:property"
        " <urn:P>, <urn:Q> . <urn:P> sh:path <urn:p> ; sh:datatype <http://www.w3.org/2001/XMLSchema#byte> ."
        " <urn:Q> sh:path <urn:q> ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message 'Add q.' .",
        encoding="utf-8",
    )
    outcomes = [run(capsys, "validate", data, "--shapes", shapes, "--engine", engine) for engine in ("fast", "pyshacl")]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == 0
    assert "warning: <urn:a> <urn:q>: Add q." in outcomes[0][1]
    assert run(capsys, "validate", data, "--shapes", shapes, "--fail-on", "warning")[0] == 1


def test_evidence_of_the_gazette(own_gazette: Project, capsys) -> None:
    """The text verifies; one changed character, or CR LF line ends, are findings with file and line."""
    code, out, _ = run(capsys, "evidence", "--source", GAZETTE, "--project", own_gazette.root)
    assert (code, out.splitlines()[-1].split("; ")[-1]) == (0, "no findings")
    for change in (("e", "é"), ("\n", "\r\n")):
        changed = own_gazette.root / "changed.txt"
        changed.write_bytes(GAZETTE.read_bytes().decode("utf-8").replace(*change).encode("utf-8"))
        code, out, err = run(capsys, "evidence", "--source", changed, "--project", own_gazette.root)
        assert (code, err) == (1, "")
        assert re.search(r"source\.ttl:\d+:\d+: violation: gazette-1999:text tri:sha256: The text is not the one", out)
    assert "CR LF line ends" in out


def test_span_by_offsets_and_by_quotation(own_gazette: Project, capsys) -> None:
    """A quotation and its offsets give the same triples."""
    text = GAZETTE.read_bytes().decode("utf-8")
    words = max(text.splitlines(), key=len).strip()
    start = text.index(words)
    options = ("span", "--source", GAZETTE, "--project", own_gazette.root)
    by_words = run(capsys, *options, words)
    assert by_words == run(capsys, *options, start, start + len(words))
    assert by_words[0] == 0
    assert f'oa:end "{start + len(words)}"' in by_words[1]


@pytest.mark.parametrize("target", ["file", "folder"])
@pytest.mark.usefixtures("here")
def test_build_leaves_what_is_not_a_build(target: str, tmp_path: Path, capsys) -> None:
    """A file, or a folder with other things, is refused as output and stays as it was."""
    output = tmp_path / "out"
    kept = output if target == "file" else output / "kept"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("precious", encoding="utf-8")
    refused(run(capsys, "build", "--output", output), "out: ")
    assert kept.read_text(encoding="utf-8") == "precious"


def test_reasoner_finds_no_contradiction_and_then_one(own: Path, capsys) -> None:
    """The graphs are consistent; a person who is a state is a contradiction that names the node, with its line."""
    path = own / "graphs" / "actors" / "persons.ttl"
    with path.open("a", encoding="utf-8") as file:
        file.write("\nid:north-korea a tri:Person .\n")
    code, out, _ = run(capsys, "validate", "--project", own, "--reason")
    assert code == 1
    assert "id:north-korea contradicts itself" in out


ENVIRONMENT = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def test_closed_pipe_is_quiet() -> None:
    """A reader that goes away early sees no complaint."""
    done = subprocess.run(
        "triplomacy queries | head -n 1",
        shell=True,
        cwd=ROOT,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "alignment\n"
    assert done.stderr == ""


def test_output_does_not_depend_on_the_environment() -> None:
    """The same command prints the same bytes under another hash seed, time zone and locale."""
    outputs = set()
    for seed, zone, locale in (("1", "UTC", "C"), ("2", "Asia/Pyongyang", "C.UTF-8")):
        environment = ENVIRONMENT | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale}
        for command in (["queries"], ["query", "dispute-ledger"], ["explain", "id:russia"], ["validate"]):
            done = subprocess.run(["triplomacy", *command], cwd=ROOT, env=environment, capture_output=True, check=True)
            outputs.add((command[0], done.stdout))
    assert len(outputs) == 4


@pytest.mark.parametrize("command", [each for each in COMMANDS if each not in ("validate", "serve")])
def test_example_in_help_works(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """The example in a command's help does what it should, with the article as article.txt where it reads one."""
    monkeypatch.chdir(tmp_path)
    if command in ("evidence", "span"):
        shutil.copy(need_shared(ARTICLE), tmp_path / "article.txt")
    _, shown, _ = run(capsys, command, "--help")
    code, out, err = run(capsys, *shlex.split(shown.strip().splitlines()[-1])[1:])
    assert code == 0
    assert len(out.splitlines()) >= 3
    assert "error" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["query", "who-recognises", "--veiw", "x"], "--veiw x; did you mean --view.*see triplomacy query --help"),
        (["queries", "who-recognises", "more"], "no such option or argument: more; see triplomacy queries --help"),
        (["query", "who-recognises", "--set", "recognised="], "an empty value is not an IRI"),
        (["query", "who-recognises", "--set", "recognised=\udcff"], r"no such tri:Recognisable: \\udcff"),
        (["query", "who-recognises", "--set", "recognised=a\nb\x1b[31m\u202e"], r"a b\\x1b\[31m\\u202e"),
        (["query", "who-recognises", "--set", "day=2021-06-30"], "no such parameter of who-recognises: day"),
        (["query", "did-it-hold-on", "--set", "day=20210630"], "as YYYY-MM-DD, not '20210630'"),
        (["query", "recognition/who-recognizes"], "did you mean recognition/who-recognises"),
        (["query", "\udcff"], r"no such query: \\udcff"),
        (["query", "who-recognises", "--according-to", "Syria"], "id:syria makes no claim here; those who do are id:"),
    ],
)
@pytest.mark.usefixtures("here")
def test_odd_input_is_one_clear_error(arguments: list[str], message: str, capsys) -> None:
    """Misspelt options, names that are not UTF-8 and control characters make one line that a terminal can show."""
    outcome = run(capsys, *arguments)
    refused(outcome, message)
    assert outcome[2].rstrip("\n").isprintable()


@pytest.mark.parametrize(
    ("text", "remark"),
    [
        ("#+ summary: Who recognises?\n\nSELECT ?s WHERE { ?s a <urn:none> } # recognises\n", False),
        ("#+ summary: Is it so?\n\nASK { ?s <https://w3id.org/triplomacy/ontology#recognises> ?o }\n", True),
        ("#+ summary: Is it so?\n\nASK {}\n", False),
    ],
)
def test_remark_is_for_plain_properties_in_use(text: str, remark: bool, own: Path, capsys) -> None:
    """The remark about views follows from what a query asks, ASK too, and not from the words of its comments."""
    (own / "queries" / "claims" / "mine.rq").write_text(text, encoding="utf-8")
    code, _, err = run(capsys, "query", "mine", "--project", own)
    assert code == 0
    assert ("tri:recognises holds only in views" in err) is remark


def test_construct_prints_turtle(own: Path, capsys) -> None:
    """A stored CONSTRUCT prints its triples, and refuses the formats of solutions."""
    text = "#+ summary: Which?\n\nCONSTRUCT { <https://w3id.org/triplomacy/id/syria> a <urn:x> } WHERE {}\n"
    (own / "queries" / "claims" / "mine.rq").write_text(text, encoding="utf-8")
    code, out, err = run(capsys, "query", "mine", "--project", own)
    assert (code, out.splitlines()[-1], err) == (0, "id:syria a <urn:x> .", "")
    refused(run(capsys, "query", "mine", "--project", own, "--format", "csv"), "the answer is triples")


def test_broken_header_stops_the_list(own: Path, capsys) -> None:
    """One query with a broken header is named with its place, when it is asked and when all are listed."""
    path = own / "queries" / "claims" / "mine.rq"
    path.write_text("#+ summary: 'Which?\n\nASK {}\n", encoding="utf-8")
    for arguments in (["query", "mine"], ["queries"], ["queries", "mine"]):
        refused(run(capsys, *arguments, "--project", own), r"mine\.rq:1:\d+: the header is not YAML")
    path.unlink()
    path.mkdir()
    refused(run(capsys, "queries", "--project", own), r"mine\.rq: cannot be read")


@pytest.mark.usefixtures("here")
def test_empty_answer_says_so(capsys) -> None:
    """An answer without rows counts none and exits with 0, and no view is offered that would not help."""
    code, out, err = run(capsys, "query", "who-recognises", "--set", "recognised=China")
    assert (code, out.splitlines()[-1], err) == (0, "(0 rows)", "")


PROGRAM = "import sys; from triplomacy.cli import main; sys.exit(main(sys.argv[1:]))"


LONG = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 500"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments",
    [
        *(["query", "--text", LONG, "--format", form] for form in ("table", "csv", "json", "parquet", "html")),
        ["query", "--text", LONG, "--timeout", "60"],
        ["queries"],
        ["plot", "network"],
        ["validate", "--help"],
    ],
    ids=" ".join,
)
def test_a_part_of_an_answer_is_an_error(arguments: list[str], unbuffered: str, tmp_path: Path) -> None:
    """Where the disk takes a part of an answer, with or without a buffer, the code is 2 and the reason is said."""
    resource = pytest.importorskip("resource", reason="no bound on the size of a file here")
    variables = os.environ | {"PYTHONUNBUFFERED": unbuffered, "PYTHONDONTWRITEBYTECODE": "1"}
    with (tmp_path / "answer").open("wb") as file:
        done = subprocess.run(
            [sys.executable, "-m", "triplomacy", *arguments],
            cwd=ROOT,
            env=variables,
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)),
        )
    assert (done.returncode, done.stderr.splitlines()[-1:]) == (
        2,
        ["triplomacy: error: standard output: File too large"],
    )
    assert (tmp_path / "answer").stat().st_size <= 600


HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e\r\x08"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--text", "SELECT * { ?s ?p ?o }"],
        ["--text", "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"],
        ["--text", "SELECT (STR(?o) AS ?x) (STRLANG(STR(?o), 'en') AS ?y) { ?s ?p ?o }"],
        ["--text", "SELECT * { ?s ?p ?o }", "--cite"],
    ],
)
def test_what_a_terminal_would_obey_is_escaped(capsys, tmp_path, arguments: list[str]) -> None:
    """Whatever a label, a literal or a name holds, nothing but line ends reaches the terminal in a table."""
    written = "".join(f"\\u{ord(char):04X}" for char in HOSTILE)
    name = "urn:x\u202e"
    (tmp_path / "data.ttl").write_text(
        f'<{name}> <http://www.w3.org/2000/01/rdf-schema#label> "a{written}"@en . <urn:y> <urn:p> <{name}> .',
        encoding="utf-8",
    )
    code, out, _ = run(capsys, "query", "--data", str(tmp_path / "data.ttl"), *arguments)
    assert code == 0
    assert out.replace("\n", "").isprintable()


def test_remarks_and_names_of_files_are_escaped(capsys, tmp_path) -> None:
    """The name of a file that is not in its normal form is printed with what a terminal would obey escaped."""
    (tmp_path / "a\x1b[2J.ttl").write_text("<urn:a>   <urn:b> <urn:c> .", encoding="utf-8")
    code, out, err = run(capsys, "format", "--check", str(tmp_path))
    assert (code, "\\u001B[2J.ttl" in out) == (1, True)
    assert (out + err).replace("\n", "").isprintable()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
@pytest.mark.parametrize("arguments", [["queries"], ["--help"], ["query", "who-recognises", "--format", "json"]])
def test_full_disk_is_an_error(arguments: list[str]) -> None:
    """Output that cannot be written is one message and exit code 2, without a traceback."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert done.stderr.decode().splitlines() == ["triplomacy: error: standard output: No space left on device"]


@pytest.mark.parametrize("arguments", [["queries"], ["--help"], ["query", "who-recognises"]])
def test_reader_that_never_reads_is_no_error_to_see(arguments: list[str]) -> None:
    """A pipe that is closed before anything is written leaves no traceback, also for the help."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode in (0, 2)


@pytest.mark.parametrize(
    ("command", "option", "table"),
    [
        ("query", "--format", {"table": "", **formats.FORMATS}),
        ("validate", "--format", reports.FORMATS),
        ("validate", "--check", plan.CHECKS),
        ("validate", "--skip", plan.CHECKS),
    ],
)
def test_choices_are_those_of_the_tables(
    command: str, option: str, table: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """The command line, which begins without loading forms and checks, names each of them."""
    with pytest.raises(SystemExit):
        main([command, option, "?"])
    _, _, names = capsys.readouterr().err.partition("choose from ")
    assert set(names.partition(";")[0].split(", ")) == set(table)
