"""Validation of what a store has finds what validation of the files finds that were put there."""

from __future__ import annotations

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT, make_gazette, need_shared
from tests.support.standins import Request, standing_in
from tests.support.stores import Running
from tests.validation.test_w3c_shacl import FOLDER, SUITE, manifest_entries
from triplomacy import build, remote, validation
from triplomacy.cli.commands import main
from triplomacy.dataset.project import Project
from triplomacy.errors import TriplomacyError
from triplomacy.findings import Finding
from triplomacy.http.client import Client, Credentials
from triplomacy.publish import push_pull
from triplomacy.rdf.parsing import parse_file
from triplomacy.terms import RDF
from triplomacy.validation import endpoint as endpoints, endpoint_needs, shape_graph
from triplomacy.validation.plan import Outcome, Plan

STORES = pytest.mark.parametrize("store", ["oxigraph", "virtuoso"])


def put(running: Running, graph: str, triples: Iterable[ox.Triple]) -> None:
    """Put triples into a graph of a store, in place of what it has."""
    address = remote.graph_address(running.graphs, graph)
    body = "".join(f"{triple} .\n" for triple in triples).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/n-triples"}, method="PUT")
    Client(running.graphs, Credentials(*running.environment.values())).send(request, changes=True).body.read()


def told(found: Iterable[Finding]) -> Counter[tuple[object, ...]]:
    """Return what findings say, whatever the names of blank nodes, and without places."""
    return Counter(
        tuple(
            re.sub(r"_:\w+", "_:", str(part)) if part else part
            for part in (
                each.check,
                each.severity.label,
                each.rule_name,
                each.focus,
                each.path,
                each.value,
                each.component,
                each.message,
                each.suppressed,
            )
        )
        for each in found
    )


def said(validate: Callable[[], Outcome]) -> tuple[Counter[tuple[object, ...]], list[str]]:
    """Return what validation finds and remarks; where the shapes cannot be run, what is said of that."""
    try:
        outcome = validate()
    except TriplomacyError as error:
        return Counter([(re.sub(r"_:\w+", "_:", error.message),)]), []
    return told(outcome.findings), list(outcome.remarks)


# Where a store writes literals in another way (test_stores.py), what is said of their data types is another thing.
REGISTER = {"oxigraph": ["core/property/datatype-ill-formed"], "virtuoso": ["core/property/datatype-001"]}
# What only whole graphs will do for.
WHOLE = {"has a component of its own": 3, "it does not name": 1}


@STORES
def test_w3c_suite_has_the_same_findings_there(running: Running) -> None:
    """Each test of the W3C's suite has the same findings on a store, or its literals are in the register."""
    need_shared(SUITE)
    differing = []
    remarks: Counter[str] = Counter()
    entries = list(manifest_entries(FOLDER / "manifest.ttl"))
    for entry in entries:
        data, shapes, graph = entry.file("dataGraph"), entry.file("shapesGraph"), f"urn:suite:{entry.name}"
        put(running, graph, parse_file(data))
        here, _ = said(partial(validation.validate_files, [data], [shapes], (), Plan(checks=endpoints.CHECKS)))
        there, more = said(partial(endpoints.validate, remote.connect(running.query).about([graph]), [shapes]))
        differing += [entry.name] if here != there else []
        remarks.update(words for words in WHOLE for remark in more if words in remark)
    assert len(entries) > 100
    assert differing == REGISTER[running.name]
    assert remarks == WHOLE


MISTAKES = """
<claim/nobody-says> a tri:Claim ; tri:proposition <proposition/nothing> ; tri:stance tri:perhaps ; tri:certanty "very" .
<proposition/nothing> a tri:Recognition ; rdfs:label "Nothing"@en-GB ; tri:recogniser id:unknown ; tri:recognised 7 .
<claim/nobody-says> tri:evidence <text#char=5,2> , [ a oa:TextPositionSelector ; oa:start -1 ] .
"""


@pytest.fixture
def mistaken(tmp_path: Path) -> Project:
    """Return a project with the invented gazette and some mistakes."""
    project = make_gazette(tmp_path / "project")
    (path,) = (project.graphs / "gazette-1999").glob("arms.ttl")
    path.write_text(path.read_text(encoding="utf-8") + MISTAKES, encoding="utf-8")
    return project


@STORES
def test_own_graphs_have_the_same_findings_there(running: Running, mistaken: Project) -> None:
    """Our graphs have the same findings, suppressions and fingerprints on a store as in their files."""
    push_pull.push(build.graphs(mistaken), push_pull.store(running.query))
    plan = Plan(checks=validation.DEFAULT - {"queries"})
    here = validation.validate_project(mistaken, plan)
    there = endpoints.validate_project(mistaken, remote.connect(running.query), plan)
    assert told(there.findings) == told(here.findings)
    assert len(here.findings) > 10
    assert len({finding.check for finding in here.findings}) >= 3
    assert not any(finding.places for finding in there.findings)
    named = {each.fingerprint for each in here.findings if each.focus and not each.focus.startswith("_:")}
    assert named <= {each.fingerprint for each in there.findings}


@STORES
def test_command_names_endpoint_and_node(
    running: Running, mistaken: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Findings without a file are told by endpoint and node in every report; the exit codes are those of validate."""
    push_pull.push(build.graphs(Project(ROOT)), push_pull.store(running.query))
    asked = ["validate", "--endpoint", running.query]
    assert main([*asked, "--project", str(ROOT)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "conforms: no findings, 1 suppressed"
    push_pull.push(build.graphs(mistaken), push_pull.store(running.query))
    reports = {form: tmp_path / form for form in ("json", "sarif", "junit", "github", "gitlab", "turtle")}
    options = [f"--report={form}={path}" for form, path in reports.items()]
    assert main([*asked, "--project", str(mistaken.root), *options]) == 1
    lines = capsys.readouterr().out.splitlines()
    node = "gazette-1999:claim/nobody-says"
    assert any(line.startswith(f"{running.query}: violation: ") and node in line for line in lines)
    assert str(tmp_path) not in "".join(lines)
    written = {form: path.read_text(encoding="utf-8") for form, path in reports.items()}
    assert json.loads(written["json"])["endpoint"] == running.query
    (sarif,) = json.loads(written["sarif"])["runs"]
    places = {
        location["physicalLocation"]["artifactLocation"]["uri"]
        for result in sarif["results"]
        for location in result["locations"]
    }
    assert places == {running.query}
    for form in ("junit", "gitlab"):
        assert f"{running.query}: " in written[form]
    assert f"::{running.query}: " in written["github"].replace("%3A", ":")
    assert "claim/nobody-says>" in written["turtle"]
    assert not any("endpoint.ttl" in text or str(tmp_path) in text for text in written.values())


PEOPLE = """
@prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:PersonShape a sh:NodeShape ; sh:targetClass ex:Person ;
    sh:property ex:PersonShape-name, ex:PersonShape-employer .
ex:PersonShape-name a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 ; sh:datatype xsd:string ;
    sh:message "A person has a name: add ex:name."@en .
ex:PersonShape-employer a sh:PropertyShape ; sh:path ex:employer ; sh:class ex:Firm ; sh:node ex:FirmShape .
ex:FirmShape a sh:NodeShape ; sh:property ex:FirmShape-age .
ex:FirmShape-age a sh:PropertyShape ; sh:path ex:age ; sh:datatype xsd:nonNegativeInteger ; sh:maxCount 1 .
"""


def people(count: int) -> str:
    """Return the Turtle of so many people with employers, of whom each hundredth has no name, and of other things."""
    lines = ["@prefix ex: <http://example.org/> .", "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."]
    lines += ["@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .", "ex:Clerk rdfs:subClassOf ex:Person ."]
    for number in range(count):
        kind = "Clerk" if number % 2 else "Person"
        name = f'; ex:name "N{number}"' if number % 100 else ""
        lines.append(f"ex:p{number} a ex:{kind} ; ex:employer ex:f{number % 10} {name} ; ex:likes ex:p{number + 1} .")
        lines.append(f'ex:other{number} a ex:Thing ; ex:weight {number} ; ex:colour "red" .')
    lines += [f'ex:f{number} a ex:Firm ; ex:age "{number}"^^xsd:nonNegativeInteger .' for number in range(9)]
    return "\n".join([*lines, "ex:f9 a ex:Charity ; ex:age 1.5 ."])


@STORES
def test_only_what_the_shapes_need_is_fetched(running: Running, tmp_path: Path) -> None:
    """Of 3,000 people and as many things the store gives, over its cap of rows, just what the shapes ask for."""
    data, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text(people(3_000), encoding="utf-8")
    shapes.write_text(PEOPLE, encoding="utf-8")
    put(running, "urn:people", parse_file(data))
    endpoint = remote.connect(running.query).about(["urn:people"])
    read = shape_graph.of_triples(parse_file(shapes))
    found = endpoints._fetch_needs(endpoint, read, [])
    needed = {"type": 3_010, "employer": 3_000, "name": 2_970, "age": 10, "subClassOf": 1}
    by_name = Counter(re.split("[/#]", each.predicate.value)[-1] for each in found.triples)
    assert by_name == needed
    assert found.remarks == []
    here = validation.validate_files([data], [shapes], (), Plan(checks=endpoints.CHECKS))
    there = endpoints.validate(endpoint, [shapes])
    assert told(there.findings) == told(here.findings)
    assert len(there.findings) == 30 + 600  # 30 have no name, 300 an employer of another class and of half an age
    assert {place.file.name for finding in there.findings for place in finding.places} == set()


def test_ontology_here_says_what_classes_are_there(oxigraph: Running, tmp_path: Path) -> None:
    """A sub-class that only a file here knows is a target on the endpoint too."""
    shapes, ontology = tmp_path / "shapes.ttl", tmp_path / "ontology.ttl"
    shapes.write_text(PEOPLE, encoding="utf-8")
    ontology.write_text(
        "@prefix : <http://example.org/> . :Boss <http://www.w3.org/2000/01/rdf-schema#subClassOf> :Person ."
    )
    boss = ox.Triple(ox.NamedNode("urn:a"), ox.NamedNode(RDF + "type"), ox.NamedNode("http://example.org/Boss"))
    put(oxigraph, "urn:boss", [boss])
    endpoint = remote.connect(oxigraph.query).about(["urn:boss"])
    assert [each.focus for each in endpoints.validate(endpoint, [shapes], [ontology]).findings] == ["<urn:a>"]
    alone = endpoints.validate(endpoint, [shapes])
    assert [each.rule for each in alone.findings] == ["shapes/idle"]
    assert alone.remarks == (f"{oxigraph.query} has nothing that these shapes are about",)


def test_blank_nodes_that_change_their_names_are_fetched_at_once() -> None:
    """Where each answer has other names for blank nodes, all triples come in one, which is said."""
    store = ox.Store()
    turtle = "<urn:a> a <urn:C> ; <urn:p> [ <urn:q> 1 ] . <urn:b> a <urn:C> ; <urn:p> [ <urn:q> 'x' ] ; <urn:r> 3 ."
    store.load(turtle.encode(), ox.RdfFormat.TURTLE)

    def answer(request: Request) -> None:
        found = store.query(request.seen.query)
        if isinstance(found, ox.QueryTriples):
            triples = "".join(f"{triple} .\n" for triple in found)
            request.reply(re.sub(r"_:(\w+)", rf"_:n{request.number}x\1", triples).encode(), "application/n-triples")
        else:
            assert isinstance(found, ox.QuerySolutions)
            request.reply(found.serialize(format=ox.QueryResultsFormat.JSON) or b"")

    text = """@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:S> a sh:NodeShape ; sh:targetClass <urn:C> ;
        sh:property [ sh:path ( <urn:p> <urn:q> ) ; sh:minCount 1 ; sh:nodeKind sh:Literal ; sh:maxLength 0 ] ."""
    read = shape_graph.of_triples([quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)])
    with standing_in(answer) as server:
        found = endpoints._fetch_needs(remote.connect(server.url), read, [])
    assert len(found.triples) == 7
    assert found.remarks == [
        f"all triples of {server.url} were fetched: it has other names for its blank nodes in each answer"
    ]


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        (
            'sh:sparql [ sh:select "SELECT $this WHERE { ?x ?p $this }" ]',
            "/S> asks for properties that it does not name",
        ),
        ('sh:sparql [ sh:select "SELECT $this WHERE { $this !ex:p ?x }" ]', "/S> has a path that is not understood"),
        ('sh:sparql [ sh:select "SELECT $this WHERE { $this $PATH ?x }" ]', None),
        ('sh:sparql [ sh:select "SELECT $this WHERE { $this ?p ?x FILTER NOT EXISTS { ?x ex:q* ?y } }" ]', None),
        (
            'sh:target [ sh:select "SELECT ?this WHERE { ?this ?p ?this }" ]',
            "/S> asks for properties that it does not name",
        ),
        ('sh:target [ sh:select "PREFIX x: <urn:x> SELECT ?this WHERE { ?this a x:y }" ]', "prefixes of its own"),
        ('sh:target [ sh:select "SELECT ?this WHERE { ?this a ex:C MINUS { ?this ex:p 1 } }" ]', None),
        ("sh:rule [ a sh:TripleRule ]", "/S> has a rule"),
        (
            "sh:property [ sh:path [ sh:inversePath ( ex:p ex:q ) ] ; sh:maxCount 1 ]",
            "/S> goes a path of several steps",
        ),
        ("sh:property [ sh:path ( [ sh:zeroOrMorePath ex:p ] ex:q ) ; sh:maxCount 1 ]", None),
        ("sh:property [ sh:path ex:p ; sh:node [ sh:closed true ; sh:ignoredProperties () ] ]", None),
        ("sh:deactivated true ; sh:rule [ a sh:TripleRule ]", "/S> has a rule"),
    ],
)
def test_what_shapes_need_is_known_or_all_is_needed(shape: str, told: str | None) -> None:
    """A shape of which nobody can tell what it reaches needs all triples, and is named; others do not."""
    head = "@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> . "
    declared = "ex: sh:declare [ sh:prefix 'ex' ; sh:namespace 'http://example.org/' ] . "
    shape = shape.replace("sh:select", "sh:prefixes ex: ; sh:select")
    text = f"{head}{declared}ex:S a sh:NodeShape ; sh:targetClass ex:C ; {shape} ."
    triples = [quad.triple for quad in ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri="urn:x")]
    read = shape_graph.of_triples(triples)
    if told:
        with pytest.raises(endpoint_needs.Unbounded, match=re.escape(told)):
            endpoint_needs.of_shapes(read, [])
    else:
        asked = list(endpoint_needs.of_shapes(read, []).queries())
        assert asked
        for each in asked:
            ox.Store().query(each)
            assert "WHERE {  ?n0 ?p ?o }" not in each


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["x.ttl"], "PATH is validated here and --endpoint elsewhere"),
        (["--graph", "urn:g"], "--graph goes with --endpoint and --shapes"),
        (["--shapes", "SHAPES", "--graph", "no iri"], "--graph takes the IRI of a graph"),
        (["--shapes", "SHAPES", "--source", "x.txt"], "--source is for our own graphs"),
        (["--endpoint", ""], "'' is not an address of an endpoint"),
        (["--endpoint", "", "--shapes", "SHAPES"], "'' is not an address of an endpoint"),
    ],
)
def test_options_that_do_not_go_together_are_told(
    options: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be asked of an endpoint is told before anything is sent."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(PEOPLE, encoding="utf-8")
    given = [str(shapes) if option == "SHAPES" else option for option in options]
    assert main(["validate", "--endpoint", "http://127.0.0.1:9/", *given]) == 2
    assert told in capsys.readouterr().err


def test_nothing_of_ours_is_an_error(oxigraph: Running, capsys: pytest.CaptureFixture[str]) -> None:
    """A store that has none of our graphs cannot be said to conform."""
    for graph in remote.connect(oxigraph.query).counts():
        push_pull._update(push_pull.store(oxigraph.query), [f"DROP GRAPH <{graph}>"])
    assert main(["validate", "--endpoint", oxigraph.query, "--project", str(ROOT)]) == 2
    assert "has none of our graphs; push them there, or give --shapes" in capsys.readouterr().err


def test_malformed_shapes_fetch_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Malformed shapes are told with their place, exit 2, and the endpoint is not asked."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(PEOPLE.replace("sh:path ex:name ;", ""), encoding="utf-8")
    with standing_in(lambda request: request.reply()) as server:
        assert main(["validate", "--endpoint", server.url, "--shapes", str(shapes)]) == 2
    assert server.seen == []
    assert f"{shapes}:" in capsys.readouterr().out


def test_shapes_find_nothing_wrong(oxigraph: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where all is well the exit code is 0; with a finding it is 1, unless only worse ones fail."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(PEOPLE, encoding="utf-8")
    asked = ["validate", "--endpoint", oxigraph.query, "--graph", "urn:one", "--shapes", str(shapes)]
    for name, code in (("; ex:name 'Ann'", 0), ("", 1)):
        turtle = f"@prefix ex: <http://example.org/> . ex:a a ex:Person {name} ."
        put(oxigraph, "urn:one", (quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)))
        assert main(asked) == code
    out = capsys.readouterr().out
    assert f"{oxigraph.query}: violation: ex:a ex:name: A person has a name: add ex:name.  (ex:PersonShape-name)" in out
