"""A store on disk: the same as the files, read while it is built, whole whoever is ended when."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given, settings, strategies as st

from tests.conftest import ROOT, make_gazette
from tests.support.serving import serving
from tests.support.stores import Running
from tests.validation.test_endpoint import told
from triplomacy import build, dataset, queries, validation
from triplomacy.build import bulk_load
from triplomacy.build.store import build as build_store
from triplomacy.cli.commands import main
from triplomacy.dataset import store_states
from triplomacy.dataset.project import Project, StoredProject
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.queries.question import Question, ask
from triplomacy.queries.scope import Scope
from triplomacy.rdf import parsing
from triplomacy.sparql import services
from triplomacy.terms import SOURCE, VIEW
from triplomacy.validation import endpoint

PROJECT = Project(ROOT)
NAMES = [name for _, name in queries.names(PROJECT) if not services.clauses(queries.find(PROJECT, name).text)]
GRAPH = ox.NamedNode("urn:graph")
GRAPHS = "SELECT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o FILTER (isIRI(?s) && !isBlank(?o)) } } ORDER BY ?g ?s ?p ?o"


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> StoredProject:
    """Return our project with its graphs in a store on disk."""
    folder = tmp_path_factory.mktemp("stored") / "store"
    build_store(PROJECT, folder)
    return PROJECT.in_store(folder)


def quads(store: ox.Store) -> set[ox.Quad]:
    """Return what a store has, its blank nodes labelled canonically."""
    found = ox.Dataset(store)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(found)


def built_anew(project: Project, folder: Path) -> set[ox.Quad]:
    """Return what a store has that is built in a fresh folder."""
    build_store(project, folder)
    return held(folder)


def held(folder: Path) -> set[ox.Quad]:
    """Return what the store on disk in a folder has."""
    return quads(store_states.open_state(folder).store())


def from_files(project: Project) -> set[ox.Quad]:
    """Return what a store has of the files of a project: their union, and each graph and view."""
    store = ox.Store()
    for graph, triples in build.graphs(project).items():
        targets: list[ox.NamedNode | ox.DefaultGraph] = [ox.NamedNode(graph)]
        targets += [] if graph.startswith(VIEW) else [ox.DefaultGraph()]
        store.extend(ox.Quad(each.subject, each.predicate, each.object, to) for each in triples for to in targets)
    return quads(store)


@pytest.mark.parametrize(
    "scope",
    [
        Question(),
        Question(scope=Scope(views=("author",))),
        Question(scope=Scope(views=("author", "undisputed"))),
        Question(scope=Scope(actors=("id:united-nations",))),
        Question(scope=Scope(as_of="2022-09")),
        Question(scope=Scope(as_of="2021-06", certainly=True, views=("author",))),
    ],
    ids=["plain", "a view", "two views", "an actor", "a date", "a date and a view"],
)
def test_every_question_has_the_same_answer(stored: StoredProject, scope: Question) -> None:
    """Stored queries, and one of named graphs, have the answers and the citations that they have on the files."""
    texts = [replace(scope, text=text) for text in (GRAPHS, GRAPHS.replace("WHERE", "FROM NAMED <urn:x> WHERE"))]
    chosen = NAMES if scope == Question() else NAMES[::3]
    for question in [*(replace(scope, name=name) for name in chosen), *texts]:
        try:
            expected = ask(PROJECT, question)
        except TriplomacyError as error:  # the default of a parameter does not hold at that date
            with pytest.raises(type(error)):
                ask(stored, question)
            continue
        found = ask(stored, question)
        assert found.answer.rows == expected.answer.rows, question
        assert found.cite() == expected.cite()
        assert found.remarks == expected.remarks


def test_commands_read_the_store(stored: StoredProject, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command that reads graphs prints with a store what it prints without one, but for places in files."""
    fact = ["id:syria", "tri:recognises", "id:donetsk-peoples-republic"]
    commands = [
        ["queries", "who-recognises"],
        ["plot", "matrix", "--format", "text"],
        ["query", "--text", "SELECT ?x WHERE { ?x tri:recognises ?y }"],  # no answer: its remark names views
        ["explain", *fact],
    ]
    for command in commands:
        found = []
        for option in ([], ["--store", str(stored.store)]):
            assert main([*command, "--project", str(ROOT), *option]) == 0
            out, err = capsys.readouterr()
            found.append((re.sub(r" +\S*graphs/\S+$", "", out, flags=re.MULTILINE), err))
        assert found[0] == found[1]
        assert found[0][0]


def test_store_has_what_the_files_have(stored: StoredProject) -> None:
    """The store has the union of the files, each graph and each view, and what its builder counted."""
    assert held(stored.store) == from_files(PROJECT)
    facts = store_states.open_state(stored.store).metadata
    assert facts["graphs"] == {graph: len(triples) for graph, triples in sorted(build.graphs(PROJECT).items())}
    claims = ask(PROJECT, Question(text="SELECT (COUNT(*) AS ?n) WHERE { ?c a tri:Claim }")).answer.rows
    assert facts["statistics"]["classes"]["https://w3id.org/triplomacy/ontology#Claim"] == int(claims[0][0].value)  # type: ignore[union-attr]


def test_store_is_pushed(stored: StoredProject, oxigraph: Running, capsys: pytest.CaptureFixture[str]) -> None:
    """What is pushed from a store on disk is what is pushed from the files: a second push finds no difference."""
    assert main(["push", oxigraph.query, "--store", str(stored.store), "--project", str(ROOT)]) == 0
    first = capsys.readouterr().out
    assert main(["push", oxigraph.query, "--project", str(ROOT)]) == 0
    assert capsys.readouterr().out == first
    assert first.count("\n") == len(build.graphs(PROJECT))


def test_store_is_served(stored: StoredProject) -> None:
    """A server of a store on disk answers what one of the files answers, and describes the same things."""
    targets = ["/queries/recognition/who-recognises?format=csv", "/id/russia.ttl", "/view/author.ttl"]
    dumps = ["/graph/actors.nq", "/dataset.nq"]  # the labels of blank nodes differ, since a store rewrites some numbers
    answers, sizes = [], []
    for options in ([], ["--store", str(stored.store)]):
        with serving(*options) as served:
            answers.append([served.get(target) for target in targets])
            sizes.append([served.get(dump).body.count(b"\n") for dump in dumps])
    assert sizes[0] == sizes[1]
    assert sizes[0][1] > 7_000
    for target, *replies in zip(targets, *answers, strict=True):
        assert {reply.status for reply in replies} == {200}, target
        assert replies[0].body == replies[1].body, target
        assert replies[0].body.count(b"\n") > 3, target


def test_validation_of_a_store_finds_what_is_found_in_files(tmp_path: Path) -> None:
    """A project with mistakes has the same findings, without places, by its store; the commands end alike."""
    project = make_gazette(tmp_path / "project")
    (path,) = (project.graphs / "gazette-1999").glob("arms.ttl")
    claim = "<claim/nobody-says> a tri:Claim ; tri:proposition <proposition/nothing> ; tri:stance tri:perhaps ."
    path.write_text(path.read_text(encoding="utf-8") + claim, encoding="utf-8")
    build_store(project, tmp_path / "store")
    plan = validation.Plan(checks=validation.DEFAULT - {"queries"})
    here = validation.validate_project(project, plan)
    there = endpoint.validate_store(project.in_store(tmp_path / "store"), plan)
    assert told(there.findings) == told(here.findings)
    assert len(here.findings) > 2
    assert not any(each.places for each in there.findings)
    assert main(["validate", "--project", str(project.root), "--store", str(tmp_path / "store")]) == 1


EDITS = {
    "denial": ("tri:stance tri:affirms ;", "tri:stance tri:denies ;"),
    "doubt": ("tri:certainty tri:certain ;", "tri:certainty tri:possible ;"),
    "future": ("tri:orientation tri:present ;", "tri:orientation tri:future ;"),
    "past": ("tri:orientation tri:present ;", "tri:orientation tri:past ;"),
    "voice": ("dcterms:creator ", "<urn:creator> "),
    "part": ("dcterms:isPartOf ", "<urn:part> "),
    "evidence": ("tri:evidence ", "tri:quotation "),
    "passage": ("tri:inPassage ", "<urn:passage> "),
    "claimant": ("tri:claimant ", "tri:reportedBy "),
    "about": ("tri:proposition ", "tri:condition "),
    "kind": ("a tri:Recognition ;", "a tri:Alignment ;"),
    "general": ("tri:specialises ", "<urn:general> "),
    "special": ("tri:respondsTo ", "tri:specialises "),
    "label": ("rdfs:label ", "<urn:label> "),
    "class": ("rdfs:label ", "<http://www.w3.org/2000/01/rdf-schema#subClassOf> "),
    "number": ("tri:sha256 ", "<urn:a> 1.5, 1.50, 01, 1 ; tri:sha256 "),
    "other number": ("<urn:a> 1.5, 1.50, 01, 1", "<urn:a> 1.5, 1"),
    "same number": ("<urn:a> 1.5, 1.50, 01, 1", "<urn:a> 1.50, 01"),
    "source": ("a tri:Source ;", "a tri:Document ;"),
    "blank": ("tri:stance ", "tri:note [ a tri:Topic ; rdfs:label 'none'@en ] ; tri:stance "),
    "twice": ("rdfs:label ", "a tri:Twice ; rdfs:label "),
    "once": ("a tri:Twice ;", ""),
}


def edit(path: Path, name: str, number: int) -> None:
    """Change one place of a file: the *number*-th, counted round, where the edit is possible at all."""
    old, new = EDITS[name]
    text = path.read_text(encoding="utf-8")
    places = [at for at in range(len(text)) if text.startswith(old, at)]
    if places:
        at = places[number % len(places)]
        path.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_what_is_derived_again_equals_a_full_build(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """After any edits, one upon the other, the store that was brought up to date is one built anew, counts and all."""
    folder = tmp_path_factory.mktemp("edited")
    project = Project(folder / "project")
    shutil.copytree(ROOT / "ontology", project.ontology)
    shutil.copytree(ROOT / "graphs", project.graphs)
    build_store(project, folder / "store")
    paths = sorted(path for path in project.graphs.rglob("*.ttl"))
    for _ in range(data.draw(st.integers(1, 3))):
        for _ in range(data.draw(st.integers(1, 3))):
            what, path = (
                data.draw(st.sampled_from(("edit", "edit", "edit", "go", "copy"))),
                data.draw(st.sampled_from(paths)),
            )
            if what == "edit" and path.exists():
                edit(path, data.draw(st.sampled_from(sorted(EDITS))), data.draw(st.integers(0, 500)))
            elif what == "go" and len(list(path.parent.glob("*.ttl"))) > 1:
                path.unlink(missing_ok=True)
            elif what == "copy" and path.exists():
                (project.graphs / "actors" / "copy.ttl").write_bytes(path.read_bytes())
        build_store(project, folder / "store")
    assert held(folder / "store") == built_anew(project, folder / "anew")
    assert store_states.open_state(folder / "store").metadata == store_states.open_state(folder / "anew").metadata
    shutil.rmtree(folder)


def test_only_what_changed_is_derived_again(tmp_path: Path) -> None:
    """A denial changes the view of what is undisputed by its fact alone, and little is derived for it."""
    project = Project(tmp_path / "project")
    shutil.copytree(ROOT / "ontology", project.ontology)
    shutil.copytree(ROOT / "graphs", project.graphs)
    first = build_store(project, tmp_path / "store")
    assert first.changed is None
    path = project.graphs / "actors" / "denial.ttl"
    path.write_text(
        "@prefix tri: <https://w3id.org/triplomacy/ontology#> .\n"
        "<urn:denial> tri:stance tri:denies ; tri:certainty tri:certain ;\n"
        f"    tri:proposition <{SOURCE}lukin-2022/proposition/syria-recognises-donetsk-republic> .",
        encoding="utf-8",
    )
    second = build_store(project, tmp_path / "store")
    assert second.changed == ("https://w3id.org/triplomacy/graph/actors",)
    assert second.derived == 1
    undisputed = "https://w3id.org/triplomacy/view/undisputed"
    assert second.counts[undisputed] == first.counts[undisputed] - 1
    assert build_store(project, tmp_path / "store") == second._replace(changed=(), derived=0)


def build_command(project: Path, folder: Path) -> list[str]:
    """Return the command that brings a store up to date."""
    return [sys.executable, "-m", "triplomacy", "build", "--project", str(project), "--store", str(folder)]


def test_killed_at_any_point_the_old_state_stays_or_the_new_one_is_there(tmp_path: Path) -> None:
    """A build that gets SIGKILL at twenty random points leaves a whole store each time, and the next one ends well."""
    project = make_gazette(tmp_path / "project")
    (path,) = (project.graphs / "gazette-1999").glob("arms.ttl")
    begin = path.read_text(encoding="utf-8")
    whole = {}
    for name, more in (("old", ""), ("new", '<urn:a> <urn:b> "c" .\n')):
        path.write_text(begin + more, encoding="utf-8")
        whole[name] = from_files(project)
    folder, command = tmp_path / "store", build_command(project.root, tmp_path / "store")
    path.write_text(begin, encoding="utf-8")
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    usual = time.monotonic() - started
    chance = random.Random(9)
    seen = []
    for number in range(20):
        path.write_text(begin + ("" if number % 2 else '<urn:a> <urn:b> "c" .\n'), encoding="utf-8")
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0, usual))
        process.send_signal(signal.SIGKILL)
        seen.append(process.wait())
        assert held(folder) in whole.values()
    assert -signal.SIGKILL in seen
    path.write_text(begin + '<urn:a> <urn:b> "c" .\n', encoding="utf-8")
    subprocess.run(command, check=True, capture_output=True)
    assert held(folder) == whole["new"]
    assert len(list(folder.glob("state-*"))) == 1


READER = """
import sys
from pathlib import Path
from triplomacy import dataset
from triplomacy.dataset import Project
for _ in range(15):
    graphs = dataset.load(Project(Path(sys.argv[1])).in_store(Path(sys.argv[2])))
    rows = list(graphs.select("SELECT ?s ?p ?o WHERE { ?s ?p ?o }"))
    assert len(rows) in (int(sys.argv[3]), int(sys.argv[3]) + 1), len(rows)
"""


def test_processes_read_while_another_one_builds(tmp_path: Path) -> None:
    """Three readers have one whole state or the other while states are built and swapped in."""
    project = make_gazette(tmp_path / "project")
    (path,) = (project.graphs / "gazette-1999").glob("arms.ttl")
    begin = path.read_text(encoding="utf-8")
    build_store(project, tmp_path / "store")
    size = len(dataset.load_graphs(project).store)
    command = [sys.executable, "-c", READER, str(project.root), str(tmp_path / "store"), str(size)]
    readers = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for number in range(6):
        path.write_text(begin + ("" if number % 2 else '<urn:a> <urn:b> "c" .\n'), encoding="utf-8")
        build_store(project, tmp_path / "store")
    assert [reader.communicate(timeout=120)[1] for reader in readers] == ["", "", ""]
    assert [reader.returncode for reader in readers] == [0, 0, 0]


def test_state_that_is_read_is_kept_as_long(tmp_path: Path) -> None:
    """A state that is no longer current goes with its last reader, not before."""
    project = make_gazette(tmp_path / "project")
    store = tmp_path / "store"
    build_store(project, store)
    reading = dataset.load(project.in_store(store))
    (path,) = (project.graphs / "gazette-1999").glob("arms.ttl")
    for expected in (2, 2):
        path.write_text(path.read_text(encoding="utf-8") + "<urn:a> <urn:b> [] .\n", encoding="utf-8")
        build_store(project, store)
        assert len(list(store.glob("state-*"))) == expected
    assert len(list(reading.select("SELECT ?s WHERE { ?s a tri:Claim }"))) > 0
    del reading
    path.write_text(path.read_text(encoding="utf-8") + "<urn:a> <urn:b> [] .\n", encoding="utf-8")
    build_store(project, store)
    assert len(list(store.glob("state-*"))) == 1


def test_two_builds_at_once_are_told(tmp_path: Path) -> None:
    """A build says that another one is under way, and leaves it alone."""
    with store_states.new_state(tmp_path / "store") as fresh:
        (fresh / store_states.DATABASE).mkdir()
        with pytest.raises(TriplomacyError, match="another process builds this store"):
            build_store(PROJECT, tmp_path / "store")


def test_what_cannot_be_is_told(tmp_path: Path, stored: StoredProject, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not a store, is damaged or is asked for twice is a line that says what to do, and nothing is touched."""
    other, damaged, file = tmp_path / "other", tmp_path / "damaged", tmp_path / "file"
    other.mkdir()
    (other / "letter.txt").write_text("dear", encoding="utf-8")
    file.touch()
    shutil.copytree(stored.store, damaged, symlinks=True)
    for path in (damaged / "current" / store_states.DATABASE).iterdir():
        path.write_bytes(b"no table")
    project = ["--project", str(ROOT)]
    cases = {
        ("build", "--store", str(other)): "holds other things than a store",
        ("build", "--store", str(file)): "is not a folder",
        ("build", "--store", str(tmp_path / "s"), "--output", str(tmp_path / "o")): "build one at a time",
        ("query", "who-recognises", "--store", str(tmp_path / "none")): "no store here; build one by",
        ("query", "who-recognises", "--store", str(damaged)): "is not a store that can be read",
        ("query", "--text", "ASK {}", "--store", str(stored.store), "--data", str(file)): "leave one out",
        (
            "query",
            "--text",
            "ASK {}",
            "--store",
            str(stored.store),
            "--endpoint",
            "http://127.0.0.1:9/",
        ): "leave one out",
        ("validate", "--store", str(stored.store), str(ROOT / "graphs")): "leave PATH, --shapes and --endpoint out",
    }
    for command, words in cases.items():
        assert main([*command, *project]) == 2, command
        err = capsys.readouterr().err
        assert words in err
        assert err.count("\n") == 1
    assert [path.name for path in other.iterdir()] == ["letter.txt"]
    assert not (tmp_path / "s").exists()
    (damaged / "current" / store_states.METADATA).write_text("[", encoding="utf-8")
    assert main(["query", "who-recognises", "--store", str(damaged), *project]) == 2
    assert "build the store again" in capsys.readouterr().err
    assert main(["build", "--store", str(damaged), *project]) == 0
    assert held(damaged) == from_files(PROJECT)


def test_disk_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A folder that may not be written is one error, and no state is left there."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (tmp_path / "store").mkdir(mode=0o555)
    with pytest.raises(TriplomacyError, match="cannot be written"):
        build_store(PROJECT, tmp_path / "store")


def test_file_is_loaded_into_both_graphs(tmp_path: Path) -> None:
    """A file that is loaded is in the default graph and in its own, with the same blank nodes, and as it is parsed."""
    path = tmp_path / "a.ttl"
    path.write_text(
        '@prefix a: <urn:a:> .\na:x a:p [ a:q "an end .\\n"@en-GB, 1.50 ], ( 1 "2" ) .\n_:b a:p "a . b <urn:x> ." .\n',
        encoding="utf-8",
    )
    store, expected = ox.Store(str(tmp_path / "store")), ox.Store()
    bulk_load.load(store, path, "urn:graph")
    parsing.load_file(expected, path)
    union, graph = (list(store.quads_for_pattern(None, None, None, node)) for node in (ox.DefaultGraph(), GRAPH))
    assert {each.triple for each in union} == {each.triple for each in graph}
    found = ox.Dataset(union)
    found.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert set(found) == quads(expected)
    assert len(store) == 2 * len(expected) > 10


def test_malformed_file_loads_nothing(tmp_path: Path) -> None:
    """A file that is malformed behind many good triples is an error at its place, and nothing of it is loaded."""
    path, other = tmp_path / "a.ttl", tmp_path / "b.ttl"
    path.write_text("".join(f"<urn:{n}> <urn:p> {n} .\n" for n in range(5_000)) + "<urn:x> 1 .\n", encoding="utf-8")
    store = ox.Store(str(tmp_path / "store"))
    with pytest.raises(MalformedInput) as raised:
        bulk_load.load(store, path, "urn:graph")
    assert (raised.value.path, raised.value.line) == (path, 5_001)
    with pytest.raises(TriplomacyError, match="cannot be read"):
        bulk_load.load(store, other, "urn:graph")
    assert len(store) == 0
