"""The built dataset: the same bytes every time, whole or not at all."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib

from tests.conftest import ROOT, make_gazette
from triplomacy import build, folders, validation
from triplomacy.build.files import COUNTS, NQUADS
from triplomacy.claims import explain, views
from triplomacy.cli.commands import main
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.site import folder
from triplomacy.terms import GRAPH, ONTOLOGY, VIEW

MAIN = "import sys; from triplomacy.cli import main; sys.exit(main(sys.argv[1:]))"


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of each file in a folder by its path within it."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def make_copy(folder: Path) -> Project:
    """Return a copy of the project's own files in *folder*."""
    for part in ("ontology", "graphs", "queries"):
        shutil.copytree(ROOT / part, folder / part)
    return Project(folder)


def as_rdflib_reads(format: str, source: Path | str) -> set[ox.Quad]:
    """Return the triples that rdflib reads from a file or a text, with canonical blank nodes."""
    graph = rdflib.Graph()
    graph.parse(source, format=format) if isinstance(source, Path) else graph.parse(data=source, format=format)
    dataset = ox.Dataset(ox.parse(graph.serialize(format="nt", encoding="utf-8"), format=ox.RdfFormat.N_TRIPLES))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a build of the invented gazette: only to be read."""
    folder = tmp_path_factory.mktemp("built")
    build.build(make_gazette(folder / "project"), folder / "out")
    return folder / "out"


ENVIRONMENTS = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "2", "TZ": "America/Caracas", "LC_ALL": "tr_TR.UTF-8", "PYTHONUTF8": "0"},
)


@pytest.mark.parametrize("make", [make_gazette, make_copy])
def test_two_builds_are_the_same_bytes(tmp_path, make):
    """Neither place nor hash seed, time zone or language of the machine changes a byte."""
    outputs = []
    for number, environment in enumerate(ENVIRONMENTS):
        project = make(tmp_path / ("deep/er" * number) / "project")
        output = tmp_path / f"output-{number}"
        command = [sys.executable, "-c", MAIN, "build", "--project", str(project.root), "--output", str(output)]
        path = os.pathsep.join(part for part in (str(ROOT / "src"), os.environ.get("PYTHONPATH")) if part)
        run = subprocess.run(
            command, env=os.environ | environment | {"PYTHONPATH": path}, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        outputs.append(contents(output))
    assert len(outputs[0]) > 10
    assert outputs[0] == outputs[1]


def test_build_has_a_file_for_every_graph(built):
    """There is a Turtle file for the ontology, each curated graph and each view, even an empty one."""
    names = views.names(load(Project(built.parent / "project")))
    assert set(contents(built)) == {
        NQUADS,
        COUNTS,
        "ontology.ttl",
        "graph/actors.ttl",
        "graph/gazette-1999.ttl",
        *(f"view/{name}.ttl" for name in names),
    }


def test_nquads_are_sorted(built):
    """Each quad is a line of its own, in order, in UTF-8, and every one names its graph."""
    text = (built / NQUADS).read_bytes().decode("utf-8")
    lines = text.splitlines(keepends=True)
    assert lines == sorted(set(lines))
    assert len(lines) > 1000
    assert text.endswith(" .\n")
    assert len(list(ox.parse(path=built / NQUADS))) == len(lines)
    assert not any(isinstance(quad.graph_name, ox.DefaultGraph) for quad in ox.parse(path=built / NQUADS))


def test_turtle_has_the_triples_of_the_nquads(built):
    """Read by rdflib, each Turtle file has just the triples that the N-Quads have for its graph."""
    graphs: dict[str, list[str]] = {}
    for quad in ox.parse(path=built / NQUADS):
        graphs.setdefault(quad.graph_name.value, []).append(f"{quad.triple} .\n")
    paths = sorted(built.rglob("*.ttl"))
    assert len(paths) > 10
    for path in paths:
        name = path.relative_to(built).as_posix().removesuffix(".ttl")
        triples = graphs.get(ONTOLOGY.removesuffix("ontology") + name, [])
        read = as_rdflib_reads("turtle", path)
        assert len(read) == len(triples)
        assert read == as_rdflib_reads("nt", "".join(triples)), name


def test_graphs_are_those_of_the_files(built):
    """The curated graph of the build has the triples of its folder, no more and no fewer."""
    files = (built.parent / "project" / "graphs" / "gazette-1999").glob("*.ttl")
    curated = {quad for path in files for quad in as_rdflib_reads("turtle", path)}
    assert as_rdflib_reads("turtle", built / "graph" / "gazette-1999.ttl") == curated


def test_literals_are_as_they_were_written(built):
    """A build keeps datatypes and lexical forms: a position is a number that is not negative, not any integer."""
    number = ox.Literal("213", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#nonNegativeInteger"))
    assert number in {quad.object for quad in ox.parse(path=built / NQUADS)}
    assert number in {quad.object for quad in ox.parse(path=built / "graph" / "gazette-1999.ttl")}


def test_blank_nodes_of_two_files_stay_apart(own_gazette, tmp_path):
    """A label that two files give to a blank node means two nodes."""
    for name in ("one", "two"):
        text = f'_:b <https://w3id.org/triplomacy/ontology#wording> "{name}" .'
        (own_gazette.graphs / "actors" / f"{name}.ttl").write_text(text, encoding="utf-8")
    build.build(own_gazette, tmp_path / "out")
    written = [quad for quad in ox.parse(path=tmp_path / "out" / NQUADS) if str(quad.object) in ('"one"', '"two"')]
    assert len({quad.subject for quad in written}) == 2


def test_counts_are_of_each_graph(built):
    """The counts add up to the lines of the N-Quads, and are those of each Turtle file."""
    counts = json.loads((built / COUNTS).read_text(encoding="utf-8"))
    assert list(counts) == sorted(counts)
    assert sum(counts.values()) == len((built / NQUADS).read_text(encoding="utf-8").splitlines())
    assert counts[VIEW + "gazette-1999"] == 9
    assert counts[VIEW + "according-to/king-rudolf"] == 0
    for graph, count in counts.items():
        path = built / f"{graph.removeprefix(ONTOLOGY.removesuffix('ontology'))}.ttl"
        assert len(rdflib.Graph().parse(path, format="turtle")) == count, graph


def test_build_returns_its_counts(own_gazette, tmp_path):
    """What the function returns is what the file says."""
    counts = build.build(own_gazette, tmp_path / "out")
    assert counts == json.loads((tmp_path / "out" / COUNTS).read_text(encoding="utf-8"))
    assert {ONTOLOGY, GRAPH + "actors", VIEW + "undisputed"} < set(counts)


def test_former_build_is_replaced_whole(own_gazette, tmp_path, built):
    """Nothing of a former build remains, not even a file that the new one lacks."""
    output = tmp_path / "out"
    shutil.copytree(built, output)
    (output / "view" / "according-to" / "nobody.ttl").write_text("", encoding="utf-8")
    (output / COUNTS).write_text("{}", encoding="utf-8")
    build.build(own_gazette, output)
    assert contents(output) == contents(built)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "project"]


@pytest.mark.parametrize("exists", [True, False])
def test_new_or_empty_folder_is_filled(own_gazette, tmp_path, built, exists):
    """The folder may be empty or not there yet, with folders above it that are not there either."""
    output = tmp_path / "above" / "out"
    if exists:
        output.mkdir(parents=True)
    build.build(own_gazette, output)
    assert contents(output) == contents(built)
    assert [path.name for path in output.parent.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "names",
    [
        ["notes.txt"],
        [COUNTS, NQUADS, "notes.txt"],
        [COUNTS],
        ["graph/actors.ttl"],
        [NQUADS, "ontology.ttl"],
        [".git/config", COUNTS, NQUADS],
    ],
)
def test_folder_that_is_no_build_is_left_untouched(own_gazette, tmp_path, names):
    """A folder with anything but a build in it is refused, though it has some of a build's files."""
    output = tmp_path / "out"
    for name in names:
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text("mine", encoding="utf-8")
    with pytest.raises(TriplomacyError, match="holds other things than a build") as caught:
        build.build(own_gazette, output)
    assert caught.value.path == output
    assert contents(output) == dict.fromkeys(names, b"mine")


def test_current_folder_is_refused_before_the_work(own_gazette, tmp_path, monkeypatch):
    """The current folder cannot be replaced by that name, which is said before any graph is read."""
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    monkeypatch.setattr("triplomacy.build.files.graphs", None)
    with pytest.raises(TriplomacyError, match="change to another folder and name this one"):
        build.build(own_gazette, Path())


def test_file_is_no_folder_for_a_build(own_gazette, tmp_path):
    """A file in the place of the folder is refused and stays."""
    output = tmp_path / "out"
    output.write_text("mine", encoding="utf-8")
    with pytest.raises(TriplomacyError, match="is not a folder"):
        build.build(own_gazette, output)
    assert output.read_text(encoding="utf-8") == "mine"


def break_graph(project: Project) -> None:
    """Make a graph malformed."""
    (project.graphs / "actors" / "broken.ttl").write_text("id:a id:b", encoding="utf-8")


def break_rule(project: Project) -> None:
    """Make a rule construct nothing."""
    (project.ontology / "rules" / "undisputed.rq").write_text("ASK { ?s ?p ?o }", encoding="utf-8")


@pytest.mark.parametrize(("spoil", "error"), [(break_graph, MalformedInput), (break_rule, TriplomacyError)])
def test_failing_build_leaves_the_former_one(own_gazette, tmp_path, built, spoil, error):
    """Where the project is malformed the former build stays, and nothing lies beside it."""
    output = tmp_path / "out"
    shutil.copytree(built, output)
    spoil(own_gazette)
    with pytest.raises(error):
        build.build(own_gazette, output)
    assert contents(output) == contents(built)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "project"]


@pytest.mark.parametrize("failing", ["write_bytes", "rename"])
def test_failing_disk_leaves_the_former_build(own_gazette, tmp_path, built, monkeypatch, failing):
    """Where a file cannot be written, or the new folder not put in place, the former build stays too."""
    output = tmp_path / "out"
    shutil.copytree(built, output)
    before = contents(built)
    method = getattr(Path, failing)

    def full(path: Path, argument: object) -> object:
        if path.name in ("new", "counts.json"):
            raise OSError(28, "No space left on device")
        return method(path, argument)

    with monkeypatch.context() as patch:
        patch.setattr(folders, "_exchange", lambda *_: False)  # as on a system that cannot do it in one step
        patch.setattr(Path, failing, full)
        with pytest.raises(TriplomacyError, match="cannot be written: No space left on device") as caught:
            build.build(own_gazette, output)
    assert caught.value.path == output
    assert contents(output) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "project"]


def test_folder_below_a_file_cannot_be_written(own_gazette, tmp_path):
    """Where no folder can be made, the error says so and names the folder."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(TriplomacyError, match="cannot be written") as caught:
        build.build(own_gazette, tmp_path / "file" / "out")
    assert caught.value.path == tmp_path / "file" / "out"
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_folder_without_permission_cannot_be_written(own_gazette, tmp_path):
    """Where nothing may be written, the error says so."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(TriplomacyError, match="cannot be written: Permission denied"):
        build.build(own_gazette, closed / "out")


KILLED = """
import os, signal, sys
from pathlib import Path
from triplomacy import build, folders
from triplomacy.site import folder as site

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

move, what, output = Path.rename, sys.argv[1], Path(sys.argv[2])
folders._exchange = lambda one, other: False
if what == "between":
    Path.rename = lambda path, target: kill() if path.name == "new" else move(path, target)
elif what == "after":
    folders.shutil.rmtree = kill
if sys.argv[3] == "site":
    with site.replace_folder(output) as folder:
        folder.put("index.html", "<new>")
        kill() if what == "before" else None
else:
    Path.write_bytes = kill if what == "before" else Path.write_bytes
    build.write({}, output)
"""


@pytest.mark.parametrize("kind", ["build", "site"])
@pytest.mark.parametrize("moment", ["before", "between", "after"])
def test_what_a_killed_run_left_is_put_right_by_the_next(moment: str, kind: str, tmp_path: Path) -> None:
    """A run that is killed leaves the former folder or the new one, and the next run removes what else it left."""
    output = tmp_path / "out"

    def write(text: str) -> None:
        if kind == "build":
            build.write({}, output)
        else:
            with folder.replace_folder(output) as site:
                site.put("index.html", text)

    write("old")
    done = subprocess.run([sys.executable, "-c", KILLED, moment, str(output), kind], check=False)
    assert done.returncode == -9
    left = [path for path in tmp_path.iterdir() if path != output]
    assert len(left) == 1
    folders.restore(output)
    assert list(tmp_path.iterdir()) == [output]
    write("newer")
    assert list(tmp_path.iterdir()) == [output]


def test_a_run_that_lives_is_left_alone(tmp_path: Path) -> None:
    """What another run is writing at the moment is not taken for what a killed one has left."""
    with folder.replace_folder(tmp_path / "out") as one:
        one.put("index.html", "one")
        with folder.replace_folder(tmp_path / "out") as other:
            other.put("index.html", "other")
        assert one.root.is_dir()
    assert (tmp_path / "out" / "index.html").read_text(encoding="utf-8") == "one"


def test_article_builds(tmp_path):
    """The project's own graphs build, with the facts of the article and a file a graph."""
    counts = build.build(Project(ROOT), tmp_path / "out")
    assert counts[VIEW + "lukin-2022"] > 40
    assert counts[GRAPH + "lukin-2022"] > 2000
    assert (tmp_path / "out" / "view" / "undisputed.ttl").is_file()


def test_processes_side_by_side_write_the_same_bytes(tmp_path):
    """Three processes, and more than there are views, build what one builds."""
    for jobs in (1, 3, 100):
        build.build(Project(ROOT), tmp_path / str(jobs), jobs)
    assert contents(tmp_path / "1") == contents(tmp_path / "3") == contents(tmp_path / "100")


def test_blank_nodes_are_labelled_once(own_gazette, tmp_path, monkeypatch):
    """A build canonicalises its dataset once, which takes longer than anything else that it does to blank nodes."""
    made: list[ox.Dataset] = []

    def counted(quads: Iterable[ox.Quad]) -> ox.Dataset:
        made.append(original(quads))
        return made[-1]

    original = ox.Dataset
    monkeypatch.setattr(ox, "Dataset", counted)
    build.build(own_gazette, tmp_path / "out")
    assert len(made) == 1


@pytest.mark.parametrize("name", [name for name in Project(ROOT).graph_names() if name != "actors"])
def test_source_stands_alone(name, tmp_path):
    """With the ontology and the actors at hand a source's graph is whole: it conforms, and says and explains the same.

    What others say of its propositions is not there: the view of what is undisputed may hold more.
    """
    alone, together = Project(ROOT, only=(name,)), Project(ROOT)
    assert alone.graph_names() == sorted(["actors", name])
    findings = validation.validate_project(alone, validation.Plan(checks=validation.DEFAULT - {"queries"})).findings
    assert {each.rule for each in findings if not each.suppressed} <= {"shapes/idle"}
    facts, others = (sorted(build.graphs(each)[VIEW + name], key=str) for each in (alone, together))
    assert facts == others
    assert facts
    build.build(alone, tmp_path / "alone")
    build.build(together, tmp_path / "together")
    file = f"graph/{name}.ttl"
    assert (tmp_path / "alone" / file).read_text().count("a tri:Claim") > 0
    for fact in facts[:3]:
        terms = [str(part.value) for part in fact]
        told = [explain.explain(load(each), terms).accounts for each in (alone, together)]
        assert [each.proposition for each in told[0]] == [each.proposition for each in told[1]]
        assert [each.claims for each in told[0]] == [each.claims for each in told[1]]


def test_graphs_are_chosen_by_their_names(tmp_path, capsys):
    """A name that no graph has is told; a store on disk has what it was built of."""
    options = ["--project", str(ROOT), "--only", "un-es-11-1"]
    assert main(["build", *options, "--store", str(tmp_path / "store")]) == 0
    assert "lukin" not in capsys.readouterr().out
    assert main(["query", "who-recognises", *options, "--store", str(tmp_path / "store")]) == 2
    assert "give --only to build --store" in capsys.readouterr().err
    assert main(["build", "--project", str(ROOT), "--jobs", "2", "--store", str(tmp_path / "store")]) == 2
    assert "--jobs is for --output" in capsys.readouterr().err
    assert main(["validate", "--project", str(ROOT), "--only", "lukin"]) == 2
    assert "no such graph: lukin; did you mean lukin-2022?" in capsys.readouterr().err
