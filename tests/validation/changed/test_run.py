"""Validation of a change: what it finds is what a full run finds of it, whatever the shapes look at."""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Set
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from tests.conftest import ROOT, make_gazette
from triplomacy import dataset, validation
from triplomacy.build.store import build
from triplomacy.cli.commands import main
from triplomacy.dataset.project import Project
from triplomacy.rdf import parsing, text_diff
from triplomacy.sparql import dependencies
from triplomacy.sparql.dependencies import Unread
from triplomacy.terms import PREFIXES
from triplomacy.validation.changed import run
from triplomacy.validation.changed.changes import Changes
from triplomacy.validation.inputs import ProjectFiles
from triplomacy.validation.plan import Outcome, Plan

PLAN = Plan(checks=validation.DEFAULT - {"queries"})
EX = "https://example.net/"

ONTOLOGY = """
@prefix ex: <https://example.net/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://example.net/> a owl:Ontology .
ex:A a owl:Class . ex:B a owl:Class ; rdfs:subClassOf ex:A . ex:C a owl:Class .
ex:p a owl:ObjectProperty . ex:q a owl:ObjectProperty . ex:r a owl:ObjectProperty . ex:d a owl:DatatypeProperty .
"""

# Each shape has something of its own by which a change can reach it: a kind of target, a path, a reference, a query.
SHAPES = '''
@prefix ex: <https://example.net/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:prefixes sh:declare [ sh:prefix "ex" ; sh:namespace "https://example.net/"^^xsd:anyURI ] .
ex:OfClass a sh:NodeShape ; sh:targetClass ex:A ; sh:property ex:OfClass-p , ex:OfClass-d .
ex:OfClass-p a sh:PropertyShape ; sh:path ex:p ; sh:minCount 1 ; sh:class ex:C ; sh:property ex:Nested .
ex:OfClass-d a sh:PropertyShape ; sh:path ex:d ; sh:maxCount 1 ; sh:datatype xsd:integer .
ex:Nested a sh:PropertyShape ; sh:path ex:q ; sh:minCount 1 .
ex:Closed a sh:NodeShape ; sh:targetClass ex:C ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ;
    sh:property [ sh:path ex:q ] .
ex:Subjects a sh:NodeShape ; sh:targetSubjectsOf ex:q ; sh:not [ sh:class ex:B ] .
ex:Objects a sh:PropertyShape ; sh:targetObjectsOf ex:r ; sh:path ( ex:p [ sh:inversePath ex:q ] ) ; sh:maxCount 0 .
ex:Node a sh:NodeShape ; sh:targetNode ex:n0 ; sh:property ex:Node-all .
ex:Node-all a sh:PropertyShape ; sh:path [ sh:inversePath ex:p ] ; sh:property ex:Node-d .
ex:Node-d a sh:PropertyShape ; sh:path ex:d ; sh:minCount 1 .
ex:Far a sh:PropertyShape ; sh:targetClass ex:B ; sh:path ( [ sh:oneOrMorePath ex:p ] ex:d ) ; sh:maxCount 1 .
ex:Either a sh:PropertyShape ; sh:targetClass ex:C ; sh:path [ sh:alternativePath ( ex:p ex:r ) ] ;
    sh:qualifiedValueShape [ sh:or ( [ sh:class ex:A ] [ sh:property [ sh:path ex:d ; sh:minCount 1 ] ] ) ] ;
    sh:qualifiedMinCount 1 .
ex:Pair a sh:PropertyShape ; sh:targetSubjectsOf ex:r ; sh:path ex:p ; sh:disjoint ex:r .
ex:Asked a sh:NodeShape ; sh:targetClass ex:A ; sh:sparql [ sh:prefixes ex:prefixes ; sh:select
    "SELECT $this ?value WHERE { $this ex:p ?value . FILTER NOT EXISTS { ?value ex:q/ex:r ?any } }" ] .
ex:Circle a sh:PropertyShape ; sh:path ex:r ; sh:maxCount 0 ; sh:target [ a sh:SPARQLTarget ; sh:prefixes ex:prefixes ;
    sh:select "SELECT DISTINCT ?this WHERE { ?this ex:r ?other . FILTER EXISTS { ?other ex:r* ?this } }" ] .
ex:Twins a sh:PropertyShape ; sh:path ex:d ; sh:maxCount 0 ; sh:target [ a sh:SPARQLTarget ; sh:prefixes ex:prefixes ;
    sh:select """SELECT ?this WHERE {
        ?this ex:d ?v . { SELECT ?v WHERE { ?n ex:d ?v } GROUP BY ?v HAVING (COUNT(*) > 1) } }""" ] .
ex:Unsaid a sh:PropertyShape ; sh:path ex:q ; sh:maxCount 0 ; sh:target [ a sh:SPARQLTarget ; sh:prefixes ex:prefixes ;
    sh:select """SELECT DISTINCT ?this WHERE {
        { { SELECT DISTINCT ?k WHERE { ?n ?k ?o . FILTER (?k != ex:d) } } FILTER EXISTS { ?k a ?kind } }
        ?this ?k ex:n1 }""" ] .
'''

NODES = [ox.NamedNode(f"{EX}n{number}") for number in range(7)]
CLASSES = [ox.NamedNode(EX + name) for name in "ABC"]
TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
LABEL = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")


ALWAYS = ox.Triple(ox.NamedNode(EX + "always"), LABEL, ox.Literal("always", language="en"))


def number(value: int, kind: str) -> ox.Literal:
    """Return a number of a type of XSD."""
    return ox.Literal(str(value), datatype=ox.NamedNode(f"http://www.w3.org/2001/XMLSchema#{kind}"))


def triples() -> st.SearchStrategy[ox.Triple]:
    """Return a strategy of triples over few nodes, so that they meet."""
    node = st.sampled_from(NODES)
    links = st.builds(ox.Triple, node, st.sampled_from([ox.NamedNode(EX + name) for name in "pqr"]), node)
    kinds = st.builds(ox.Triple, node, st.just(TYPE), st.sampled_from(CLASSES))
    values = [number(1, "integer"), number(2, "integer"), number(2, "nonNegativeInteger"), ox.Literal("2")]
    data = st.builds(ox.Triple, node, st.just(ox.NamedNode(EX + "d")), st.sampled_from(values))
    labels = [
        ox.Literal("one", language="en"),
        ox.Literal("one", language="en-GB"),
        ox.Literal("one "),
        ox.Literal("n1"),
    ]
    named = st.builds(ox.Triple, node, st.just(LABEL), st.sampled_from(labels))
    return st.one_of(links, links, kinds, data, named)


def project(folder: Path, graphs: Mapping[str, Iterable[ox.Triple]]) -> Project:
    """Return a project with the shapes above and some graphs."""
    (folder / "ontology" / "shapes").mkdir(parents=True)
    (folder / "ontology" / "ontology.ttl").write_text(ONTOLOGY, encoding="utf-8")
    (folder / "ontology" / "shapes" / "shapes.ttl").write_text(SHAPES, encoding="utf-8")
    (folder / "queries").mkdir()
    for name, found in graphs.items():
        write(folder / "graphs" / name / "all.ttl", found)
    return Project(folder)


def write(path: Path, found: Iterable[ox.Triple]) -> None:
    """Write a graph, each triple a line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{triple} .\n" for triple in sorted(found, key=str)), encoding="utf-8")


def keys(outcome: Outcome) -> set[tuple[object, ...]]:
    """Return the findings of an outcome without their places; a suppression that nothing needs is told by full runs."""
    return {(each.key, each.message) for each in outcome.findings if each.check != "policy"}


def left_out(outcome: Outcome) -> set[str]:
    """Return the rules that an outcome says were left out."""
    return {
        name for remark in outcome.remarks if "left out" in remark for name in remark.rpartition(": ")[2].split(", ")
    }


def fits(made: Outcome, before: Outcome, now: Outcome) -> None:
    """Hold the findings of a change to those of the full runs before and after it.

    All of them are found by a full run, and each that only the full run after the change finds is among them.
    """
    apart = left_out(made)
    told, known = (
        {each for each in keys(outcome) if each[0][1] not in apart}  # type: ignore[index]
        for outcome in (now, before)
    )
    assert keys(made) <= told
    assert told - known <= keys(made)


def both_ways(edited: Project, store: ox.Store, before: Set[ox.Triple], now: Set[ox.Triple]) -> list[Changes]:
    """Return a change as it is told with the graphs of now, and with a store of those before."""
    told = text_diff.diff(before, now)
    parts = (told.gone, told.new, told.kept)
    return [Changes(dataset.load_graphs(edited).store, True, *parts), Changes(store, False, *parts)]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.reuse, Phase.generate]
)
@given(st.sets(triples(), min_size=6, max_size=24), st.sets(triples(), max_size=4), st.data())
def test_findings_of_any_change_are_those_of_full_runs(
    kept: set[ox.Triple], new: set[ox.Triple], data: st.DataObject
) -> None:
    """Whatever is taken from a graph and added to it, a change's findings are those that full runs tell of it."""
    gone = data.draw(st.sets(st.sampled_from(sorted(kept, key=str)), max_size=4)) - new
    new, kept = new - kept, kept | {ALWAYS}  # no file may be empty
    with tempfile.TemporaryDirectory() as folder:
        whole = project(Path(folder), {"one": kept})
        before, store = validation.validate_project(whole, PLAN), dataset.load_graphs(whole).store
        write(whole.graphs / "one" / "all.ttl", (kept - gone) | new)
        now = validation.validate_project(whole, PLAN)
        for change in both_ways(whole, store, kept, (kept - gone) | new):
            made = run.validate_changes(whole, PLAN, change)
            fits(made, before, now)
            assert [remark for remark in made.remarks if "everything" in remark] == []


def test_findings_of_shapes_without_a_name_are_told(tmp_path: Path) -> None:
    """What breaks a shape that has no IRI is found in a change as in a full run."""
    kept = {ox.Triple(NODES[0], TYPE, CLASSES[1]), ox.Triple(NODES[0], ox.NamedNode(f"{EX}q"), NODES[1]), ALWAYS}
    edited = {triple for triple in kept if triple.predicate.value != f"{EX}q"}
    whole = project(tmp_path, {"one": kept})
    shapes = whole.shapes()[0]
    unnamed = "[] a sh:NodeShape ; sh:targetClass ex:B ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .\n"
    shapes.write_text(SHAPES + unnamed, encoding="utf-8")
    before, store = validation.validate_project(whole, PLAN), dataset.load_graphs(whole).store
    write(whole.graphs / "one" / "all.ttl", edited)
    now = validation.validate_project(whole, PLAN)
    for change in both_ways(whole, store, kept, edited):
        made = run.validate_changes(whole, PLAN, change)
        fits(made, before, now)
        assert [each.focus for each in made.findings if each.check == "shacl" and each.path == f"<{EX}q>"] == [
            f"<{EX}n0>"
        ]


def random_edit(found: list[ox.Triple], others: list[ox.Triple], chance: random.Random) -> set[ox.Triple]:
    """Return a graph in which one to three triples about named nodes are gone, or have another part."""
    edited = set(found)
    named = [
        each for each in found if isinstance(each.subject, ox.NamedNode) and not isinstance(each.object, ox.BlankNode)
    ]
    for triple in chance.sample(named, chance.choice([1, 1, 2, 3])):
        other = chance.choice([each for each in others if not isinstance(each.object, ox.BlankNode)])
        edited.discard(triple)
        kinds = [
            None,
            ox.Triple(triple.subject, triple.predicate, other.object),
            ox.Triple(triple.subject, other.predicate, triple.object),
            ox.Triple(other.subject, triple.predicate, triple.object),
        ]
        kind = chance.choice(kinds)
        if kind is not None and isinstance(kind.subject, ox.NamedNode):
            edited.add(kind)
    return edited


def test_findings_of_edits_of_our_graphs_are_those_of_full_runs(tmp_path: Path) -> None:
    """Random edits of our own graphs are told of as full runs with all our shapes and rules tell of them."""
    for part in ("ontology", "queries"):
        shutil.copytree(ROOT / part, tmp_path / part)
    graphs = {
        folder.name: [triple for path in sorted(folder.glob("*.ttl")) for triple in parsing.parse_file(path)]
        for folder in (ROOT / "graphs").iterdir()
        if folder.is_dir()
    }
    for name, found in graphs.items():
        write(tmp_path / "graphs" / name / "all.ttl", found)
    whole, chance = Project(tmp_path), random.Random(9)
    before, store = validation.validate_project(whole, PLAN), dataset.load_graphs(whole).store
    caught = 0
    for _ in range(8):
        name = chance.choice(sorted(graphs))
        edited = random_edit(graphs[name], graphs["lukin-2022"], chance)
        write(whole.graphs / name / "all.ttl", edited)
        now = validation.validate_project(whole, PLAN)
        rest = {triple for other, found in graphs.items() if other != name for triple in found}
        for change in both_ways(whole, store, {*graphs[name]} | rest, edited | rest):
            made = run.validate_changes(whole, PLAN, change)
            fits(made, before, now)
            caught += len(keys(made) - keys(before))
        write(whole.graphs / name / "all.ttl", graphs[name])
    assert caught > 40


def test_what_is_outside_a_group_is_there_without_what_is_in_it(tmp_path: Path) -> None:
    """A label without a language is told of because others have one, though the node has no class to be excepted by."""
    plain = ox.Triple(NODES[0], LABEL, ox.Literal("n0"))
    whole = project(tmp_path, {"one": {ALWAYS, plain}})
    made = run.validate_changes(whole, PLAN, Changes(dataset.load_graphs(whole).store, True, new=frozenset({plain})))
    assert ("mixed-language-tags", str(NODES[0])) in {(each.rule, each.focus) for each in made.findings}


@pytest.mark.parametrize("rest", [set(), {number(2, "positiveInteger")}])
def test_a_value_written_otherwise_is_a_change(tmp_path: Path, rest: set[ox.Literal]) -> None:
    """A number of another type is told of, though a store takes it for the one that was there, or that still is."""
    d = ox.NamedNode(EX + "d")
    kept = {ALWAYS, ox.Triple(NODES[0], TYPE, CLASSES[0]), *(ox.Triple(NODES[0], d, value) for value in rest)}
    was, has = (kept | {ox.Triple(NODES[0], d, number(2, kind))} for kind in ("integer", "nonNegativeInteger"))
    whole = project(tmp_path, {"one": was})
    before, store = validation.validate_project(whole, PLAN), dataset.load_graphs(whole).store
    write(whole.graphs / "one" / "all.ttl", has)
    now = validation.validate_project(whole, PLAN)
    assert keys(now) - keys(before)
    for change in both_ways(whole, store, was, has):
        fits(run.validate_changes(whole, PLAN, change), before, now)


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (
            "sh:targetClass ex:C ; sh:path [ sh:zeroOrMorePath ( ex:p ex:q ) ] ; sh:maxCount 1",
            "a path that repeats several steps",
        ),
        (
            """sh:targetClass ex:C ; sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:A ] ;
            sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 1""",
            "sh:qualifiedValueShapesDisjoint",
        ),
        (
            """sh:path ex:p ; sh:maxCount 0 ; sh:target [ a sh:SPARQLTarget ; sh:prefixes ex:prefixes ;
            sh:select "SELECT ?this WHERE { ?this ex:q ?o . { SELECT ?n WHERE { ?n ex:p ?m } LIMIT 1 } }" ]""",
            "LIMIT behind its group",
        ),
        (
            """sh:path ex:p ; sh:maxCount 0 ; sh:target [ a sh:SPARQLTarget ; sh:prefixes ex:prefixes ;
            sh:select "SELECT ?this WHERE { ?this ex:q ?o . ?n ex:p ?m . FILTER (STR(?n) = STR(?o)) }" ]""",
            "is about no node alone",
        ),
    ],
)
def test_a_shape_that_cannot_be_followed_makes_everything_validated(tmp_path: Path, shape: str, reason: str) -> None:
    """Where what a shape looks at cannot be told, the findings are those of a full run, and the remark names it."""
    whole = project(tmp_path, {"one": {ALWAYS}})
    prefixes = SHAPES[: SHAPES.index("ex:OfClass")]
    (whole.ontology / "shapes" / "shapes.ttl").write_text(
        f"{prefixes}ex:Deep a sh:PropertyShape ; {shape} .\n", encoding="utf-8"
    )
    new = frozenset({ox.Triple(NODES[0], ox.NamedNode(EX + "p"), NODES[1]), ox.Triple(NODES[0], TYPE, CLASSES[2])})
    write(whole.graphs / "one" / "all.ttl", {ALWAYS, *new})
    made = run.validate_changes(whole, PLAN, Changes(dataset.load_graphs(whole).store, True, new=new))
    assert "everything was validated: " in made.remarks[0]
    assert reason in made.remarks[0]
    assert keys(made) == keys(validation.validate_project(whole, PLAN))


def test_what_is_the_same_is_asked_of_little(tmp_path: Path) -> None:
    """A change of one claim is decided by a hundredth of what a large graph has."""
    nodes = [ox.NamedNode(f"{EX}m{number}") for number in range(3_000)]
    d = ox.NamedNode(EX + "d")
    rest = {ox.Triple(node, d, number(place, "integer")) for place, node in enumerate(nodes)}
    rest |= {ox.Triple(node, TYPE, CLASSES[2]) for node in nodes}
    new = ox.Triple(nodes[7], ox.NamedNode(EX + "q"), nodes[8])
    whole = ProjectFiles.of(project(tmp_path, {"one": rest | {new}}))
    change = run.Impact(whole, PLAN, Changes(dataset.load_graphs(whole.project).store, True, new=frozenset({new})))
    assert new in change.part().triples
    assert len(change.part().triples) < len(rest) / 50


BODIES = {
    "?this a ?c . ?c rdfs:subClassOf* tri:Entity": [("this", "c"), ("c", None)],
    "?this tri:led ?led FILTER EXISTS { ?led a tri:Person }": [("this", "led"), ("led", None)],
    "{ SELECT ?v WHERE { ?n tri:key ?v } GROUP BY ?v } ?this tri:key ?v": [("n~1", "v"), ("this", "v")],
    "?this tri:evidence/(dcterms:creator|^tri:inPassage) ?voice": [("this", ".1"), (".1", "voice")],
    "VALUES ?p { rdfs:label } ?this ?p ?x , 'one'@en ; a [] .": [("this", "x"), ("this", None), ("this", ".1")],
    "{ ?this tri:via ?a } UNION { ?a tri:via ?this } BIND (?a AS ?b)": [("this", "a"), ("a", "this"), ("a", "b")],
    "OPTIONAL { ?this tri:via ?a . MINUS { ?a tri:via ?b } }": [("this", "a"), ("a", "b")],
}


@pytest.mark.parametrize("text", BODIES)
def test_patterns_of_a_query(text: str) -> None:
    """The patterns of a query are those that it is written with, each step of a path one, in their order."""
    found = dependencies.body(f"SELECT ?this WHERE {{ {text} }}", PREFIXES)
    ends = [tuple(end if isinstance(end, str) else None for end in (p.subject, p.object)) for p in found.patterns]
    assert ends == BODIES[text]


def test_groups_of_patterns() -> None:
    """A pattern in a group that need not be there stands in it; those of alternatives stand in different ones."""
    text = """SELECT ?this WHERE {
        ?this tri:via ?a . { ?a tri:key ?b } UNION { ?a tri:act ?b } OPTIONAL { ?b tri:via ?c }
        FILTER NOT EXISTS { ?a tri:led ?d FILTER EXISTS { ?d tri:led ?a } } }"""
    scopes = [pattern.nesting for pattern in dependencies.body(text, PREFIXES).patterns]
    assert scopes == [(), (1,), (2,), (3,), (4,), (4, 5)]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?this WHERE { GRAPH ?g { ?this a ?c } }",
        "SELECT ?this WHERE { ?this (rdfs:label/rdfs:label)* ?c }",
        "SELECT ?this WHERE { ?this !rdfs:label ?c }",
        "SELECT ?this WHERE { ?this a ?c } LIMIT 1",
        "SELECT ?this WHERE { ?this a ?c . { SELECT ?c WHERE { ?n a ?c } LIMIT 1 } }",
        "SELECT ?this WHERE { ?this tri:listed (1 2) }",
        "ASK { ?this a ?c }",
    ],
)
def test_what_cannot_be_told_is_refused(text: str) -> None:
    """A query with a part of which nobody can tell what it depends on is refused, and not read as less than it is."""
    with pytest.raises(Unread):
        dependencies.body(text, PREFIXES)


def git(folder: Path, *words: str) -> None:
    """Run git in a folder."""
    own = ["-c", "user.name=Nobody", "-c", "user.email=nobody@example.org"]
    subprocess.run(["git", "-C", str(folder), *own, *words], check=True, capture_output=True)


@pytest.fixture
def committed(tmp_path: Path) -> Project:
    """Return a project of which all files are committed."""
    made = make_gazette(tmp_path / "project")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "Begin")
    return made


def validated(project: Project, *options: str) -> int:
    """Run ``validate`` on a project, and return its exit code."""
    return main(["validate", "--project", str(project.root), *options])


def test_change_since_a_revision(committed: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """What an edit breaks is found where it stands, by way of git; what nobody has touched is not asked about."""
    assert validated(committed, "--changed-since", "HEAD") == 0
    assert capsys.readouterr().out == "conforms: no findings\n"
    path = committed.graphs / "gazette-1999" / "arms.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("tri:certainty tri:certain ;", "", 1), encoding="utf-8")
    (committed.graphs / "gazette-1999" / "added.ttl").write_text(
        "<https://w3id.org/triplomacy/id/atlantis> a <https://w3id.org/triplomacy/ontology#Sate> .\n", encoding="utf-8"
    )
    assert validated(committed, "--changed-since", "HEAD") == 1
    out = capsys.readouterr().out
    assert "A claim that affirms says how surely" in out
    assert "arms.ttl:" in out
    assert "added.ttl:1:" in out
    git(committed.root, "commit", "--all", "--quiet", "--message", "Edit")
    assert validated(committed, "--changed-since", "HEAD~1") == 1
    path.unlink()
    capsys.readouterr()
    assert validated(committed, "--changed-since", "HEAD~1") == 1  # a file that is gone is a change too
    out = capsys.readouterr().out
    assert "added.ttl:1:" in out
    assert "gazette-1999:passage/05 [gazette-1999:passage/05]: A passage either carries claims" in out


def test_what_git_does_not_tell_is_said(committed: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """A graph that git ignores is named; a file that is a link to elsewhere, or says nothing, ends in a full run."""
    (committed.root / ".gitignore").write_text("graphs/large/\n", encoding="utf-8")
    large = committed.graphs / "large" / "all.ttl"
    write(large, {ALWAYS})
    validated(committed, "--changed-since", "HEAD")
    assert "git ignores files of these graphs, which were taken for unchanged: large" in capsys.readouterr().err
    (committed.graphs / "gazette-1999" / "empty.ttl").write_text("# nothing\n", encoding="utf-8")
    assert validated(committed, "--changed-since", "HEAD") == 1
    assert "everything was validated: empty.ttl says nothing" in capsys.readouterr().err
    (committed.graphs / "gazette-1999" / "empty.ttl").unlink()
    large.rename(committed.root.parent / "elsewhere.ttl")
    large.symlink_to(committed.root.parent / "elsewhere.ttl")
    validated(committed, "--changed-since", "HEAD")
    assert "is reached by a link" in capsys.readouterr().err


def test_what_git_does_not_see_ends_in_a_full_run(committed: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of another repository, and one at which git was told not to look, are not taken for unchanged."""
    arms = committed.graphs / "gazette-1999" / "arms.ttl"
    git(committed.root, "update-index", "--assume-unchanged", "graphs/gazette-1999/arms.ttl")
    text = arms.read_text(encoding="utf-8")
    arms.write_text(text.replace("tri:certainty tri:certain ;", "", 1), encoding="utf-8")
    assert validated(committed, "--changed-since", "HEAD") == 1
    assert "git has been told not to look at graphs/gazette-1999/arms.ttl" in capsys.readouterr().err
    git(committed.root, "update-index", "--no-assume-unchanged", "graphs/gazette-1999/arms.ttl")
    arms.write_text(text, encoding="utf-8")
    write(committed.graphs / "nest" / "all.ttl", {ALWAYS})
    git(committed.graphs / "nest", "init", "--quiet")
    validated(committed, "--changed-since", "HEAD")
    assert "graphs/nest/all.ttl is of another repository" in capsys.readouterr().err


def test_what_was_malformed_tells_nothing(committed: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """Where a file could not be read at the revision, nobody can tell what has gone: everything is validated."""
    arms = committed.graphs / "gazette-1999" / "arms.ttl"
    text = arms.read_text(encoding="utf-8")
    arms.write_text(f"<<<<<<< HEAD\n{text}", encoding="utf-8")
    git(committed.root, "commit", "--all", "--quiet", "--message", "Break")
    arms.write_text(text.replace("tri:certainty tri:certain ;", "", 1), encoding="utf-8")
    assert validated(committed, "--changed-since", "HEAD") == 1
    assert "arms.ttl was malformed at HEAD" in capsys.readouterr().err
    arms.write_bytes(text.encode() + b'<urn:a> <urn:b> "K\xe4lte" .\n')
    validated(committed, "--changed-since", "HEAD")
    assert "everything was validated: a file is malformed" in capsys.readouterr().err


def test_git_of_a_hook_is_not_ours(
    committed: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What git tells its hooks of the folder that they run for does not lead to another one."""
    monkeypatch.setenv("GIT_DIR", ".git")
    assert validated(committed, "--changed-since", "HEAD") == 0
    assert capsys.readouterr().out == "conforms: no findings\n"


def test_shallow_clone(committed: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a clone without its history, a revision that is not there is explained."""
    git(committed.root, "commit", "--allow-empty", "--quiet", "--message", "Next")
    git(tmp_path, "clone", "--quiet", "--depth", "1", tmp_path.as_uri(), str(tmp_path / "shallow"))
    assert validated(Project(tmp_path / "shallow" / "project"), "--changed-since", "HEAD~1") == 2
    assert "the clone is shallow" in capsys.readouterr().err


def test_change_since_a_store_was_built(committed: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same edit is found by way of a store of the state before, a store of an older ontology is not a reason."""
    store = str(tmp_path / "store")
    build(committed, tmp_path / "store")
    assert validated(committed, "--changed", "--store", store) == 0
    path = committed.graphs / "gazette-1999" / "arms.ttl"
    path.write_text(path.read_text(encoding="utf-8").replace("tri:certainty tri:certain ;", "", 1), encoding="utf-8")
    assert validated(committed, "--changed", "--store", store) == 1
    by_store = capsys.readouterr().out
    assert validated(committed, "--changed-since", "HEAD") == 1
    assert capsys.readouterr().out in by_store
    shapes = committed.ontology / "shapes" / "times.ttl"
    shapes.write_text(shapes.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    assert validated(committed, "--changed", "--store", store) == 1
    assert "everything was validated: shapes or rules have changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("ontology/more.ttl", "tri:More a <http://www.w3.org/2002/07/owl#Class> .", "which all graphs depend on"),
        ("ontology/shapes/more.ttl", "", "ontology/shapes/more.ttl has changed"),
        ("graphs/actors/more.ttl", "[] rdfs:label 'nobody' .", "nodes without a name"),
        ("graphs/actors/more.ttl", "id:a rdfs:subClassOf id:b .", "one of classes or properties"),
        ("graphs/actors/more.ttl", "id:a a <http://www.w3.org/2002/07/owl#Class> .", "declares terms"),
        ("graphs/actors/more.ttl", "id:a rdfs:label", "a file is malformed"),
    ],
)
def test_everything_is_validated_where_a_change_reaches_everywhere(
    committed: Project, capsys: pytest.CaptureFixture[str], name: str, text: str, reason: str
) -> None:
    """Where a change cannot be told apart, everything is validated, and the remark says why."""
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    rdfs = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    (committed.root / name).write_text(f"{prefixes}{rdfs}{text}\n", encoding="utf-8")
    code = validated(committed, "--changed-since", "HEAD")
    err = capsys.readouterr().err
    assert "everything was validated: " in err
    assert reason in err
    assert code == validated(committed)


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (["--changed-since", "nowhere"], "git knows no revision nowhere"),
        (["--changed-since", "--upload-pack=true"], "expected one argument"),
        (["--changed"], "give --store DIR"),
        (["--changed", "--changed-since", "HEAD", "--store", "x"], "leave one out"),
        (["--changed-since", ""], "git knows no revision without a name"),
        (["--changed-since", "", "--store", "x"], "leave one out"),
        (["--changed-since", "HEAD", "--store", "x"], "leave one out"),
        (["--changed-since", "HEAD", "--reason"], "look at everything"),
        (["--changed-since", "HEAD", "--baseline", "b.json", "--write-baseline"], "a baseline has all findings"),
        (["--changed", "--store", "nothing-here"], "nothing-here"),
    ],
)
def test_options_that_do_not_go_together(
    committed: Project, capsys: pytest.CaptureFixture[str], options: list[str], advice: str
) -> None:
    """An option that cannot be followed is refused with exit code 2 and with what to do."""
    try:
        code = validated(committed, *options)
    except SystemExit as end:
        code = int(end.code or 0)
    assert code == 2
    assert advice in capsys.readouterr().err


def test_no_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no git, or no repository, that is said."""
    made = make_gazette(tmp_path / "project")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert validated(made, "--changed-since", "HEAD") == 2
    assert "is in no git repository" in capsys.readouterr().err
    monkeypatch.setenv("PATH", str(tmp_path))
    assert validated(made, "--changed-since", "HEAD") == 2
    assert "git, which is not installed" in capsys.readouterr().err
