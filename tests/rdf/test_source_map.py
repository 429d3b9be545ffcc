"""From findings to the lines and columns where their triples are written."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT
from triplomacy.dataset.project import Project
from triplomacy.findings import Finding, Place
from triplomacy.rdf import turtle
from triplomacy.rdf.source_map import SourceMap, blocks
from triplomacy.validation.plan import Plan
from triplomacy.validation.run import validate_files, validate_project

PREFIXES = "@prefix ex: <https://w3id.org/x/> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
SHACL = Plan(checks=frozenset({"syntax", "shacl"}))


def found(folder: Path, shape: str, *data: str, ending: str = "ttl") -> list[Finding]:
    """Return what a shape finds in data; the data's first two lines are prefixes."""
    shapes = folder / "shapes.ttl"
    shapes.write_text(f"{PREFIXES}ex:S a sh:NodeShape ; sh:targetClass ex:C ; {shape} .\n", encoding="utf-8")
    paths = []
    for number, text in enumerate(data):
        path = folder / f"data{number}.{ending}"
        path.write_text((PREFIXES if ending in ("ttl", "trig") else "") + text, encoding="utf-8")
        paths.append(path)
    return list(validate_files(paths, [shapes], (), SHACL).findings)


def at(finding: Finding) -> list[tuple[int | None, int | None]]:
    """Return lines and columns of a finding's places."""
    return [(place.line, place.column) for place in finding.places]


@pytest.mark.parametrize(
    ("shape", "data", "places"),
    [
        ("sh:property [ sh:path ex:p ; sh:nodeKind sh:IRI ]", 'ex:a a ex:C ;\n  ex:p ex:b, "x" .\n', [(4, 14)]),
        ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", "ex:b ex:p 1 .\n\nex:a\n  a ex:C .\n", [(5, 1)]),
        ("sh:property [ sh:path ex:p ; sh:maxCount 1 ]", "ex:a a ex:C ; ex:p 1 ;\n ex:p 2 .\n", [(3, 20), (4, 7)]),
        (
            "sh:closed true ; sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> )",
            "ex:a a ex:C ;\n  ex:p 1 .\n",
            [(4, 3)],
        ),
        (
            "sh:property [ sh:path ex:from ; sh:lessThan ex:to ]",
            "ex:a a ex:C ; ex:from 7 ;\n  ex:to 3 .\n",
            [(3, 23), (4, 9)],
        ),
        (
            "sh:property [ sh:path [ sh:inversePath ex:p ] ; sh:maxCount 0 ]",
            "ex:a a ex:C .\nex:b\n ex:p ex:a .\n",
            [(4, 1)],
        ),
        (
            "sh:property [ sh:path ( ex:p ex:q ) ; sh:nodeKind sh:IRI ]",
            "ex:a a ex:C ; ex:p ex:b .\nex:b ex:q\n  'x' .\n",
            [(5, 3)],
        ),
        ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", "ex:z ex:q\n  [ a ex:C ] .\n", [(4, 3)]),
        (
            "sh:property [ sh:path ex:p ; sh:maxLength 1 ]",
            'ex:a a ex:C ; ex:p """o\n.\nx""" , "a\\tb"@en-GB .\n',
            [(3, 20)],
        ),
        ("sh:property [ sh:path ex:p ; sh:maxInclusive 1 ]", "ex:a a ex:C ; ex:p true, 1, 2.50 .\n", [(3, 20)]),
        (
            "sh:property [ sh:path ( ex:p ex:q ex:r ) ; sh:nodeKind sh:IRI ]",
            "ex:a a ex:C ; ex:p [ ex:q [\n  ex:r 'x' , ex:y ] ] ; ex:q 'x' .\n",
            [(4, 8)],
        ),
        (
            "sh:property [ sh:path ( ex:p [ sh:inversePath ( ex:r ex:q ) ] ) ; sh:nodeKind sh:Literal ]",
            "ex:a a ex:C ; ex:p ex:b .\nex:d\n  ex:r [ ex:q ex:b ] .\n",
            [(4, 1)],
        ),
        (
            "sh:property [ sh:maxLength 1 ;"
            " sh:path ( [ sh:zeroOrMorePath ex:p ] [ sh:alternativePath ( ex:q ex:r ) ] ) ]",
            "ex:a a ex:C ; ex:p [ ex:p [ ex:p ex:a ;\n  ex:q 'y' ; ex:r 'no' ] ] .\n",
            [(4, 19)],
        ),
        (
            "sh:property [ sh:path [ sh:oneOrMorePath ex:p ] ; sh:nodeKind sh:BlankNode ]",
            "ex:a a ex:C ; ex:p [ ex:p [ ex:p [\n  ex:p 1 ] ] ] .\n",
            [(4, 8)],
        ),
    ],
)
def test_finding_points_to_what_it_is_about(
    shape: str, data: str, places: list[tuple[int, int]], tmp_path: Path
) -> None:
    """A value, both values, a predicate of a closed shape, a statement that lacks something, a blank node."""
    assert at(found(tmp_path, shape, data)[0]) == places


def test_values_in_several_files(tmp_path: Path) -> None:
    """Two values of a node in two files are both pointed to, each in its file."""
    first, second = "ex:a a ex:C ; ex:p 1 .\n", "\nex:a ex:p 2 .\n"
    (finding,) = found(tmp_path, "sh:property [ sh:path ex:p ; sh:maxCount 1 ]", first, second)
    assert [(place.file.name, place.line, place.column) for place in finding.places] == [
        ("data0.ttl", 3, 20),
        ("data1.ttl", 4, 11),
    ]


SUBJECT, PROPERTY, CLASS = (f"<https://w3id.org/x/{name}>" for name in ("a", "p", "C"))
TYPED = f"{SUBJECT} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> {CLASS} .\n"
SYNTAXES: dict[str, tuple[str, list[tuple[int | None, int | None]]]] = {
    "nt": (f'{TYPED}{SUBJECT} {PROPERTY} "x" .\n', [(2, 47)]),
    "nq": (f'{TYPED}{SUBJECT} {PROPERTY} "x" <urn:g> .\n', [(2, None)]),
    "trig": ("ex:g { ex:a a ex:C ;\n ex:p 'x' }\n", [(4, 7)]),
    "jsonld": (
        '{"@context": {"@vocab": "https://w3id.org/x/"}, "@id": "https://w3id.org/x/a", "@type": "C", "p": "x"}',
        [(None, None)],
    ),
}


@pytest.mark.parametrize("ending", SYNTAXES)
def test_other_syntaxes(ending: str, tmp_path: Path) -> None:
    """N-Triples and TriG have columns, N-Quads lines, JSON-LD the file alone."""
    text, places = SYNTAXES[ending]
    (finding,) = found(tmp_path, "sh:property [ sh:path ex:p ; sh:nodeKind sh:IRI ]", text, ending=ending)
    assert at(finding) == places


def test_lines_of_n_quads_are_those_of_its_grammar(tmp_path: Path) -> None:
    """A literal may hold characters at which other texts break: the lines of N-Quads end at feeds and returns alone."""
    text = f'{TYPED}{SUBJECT} <urn:other> "a\u2028b\u0085c\x0bd" .\r\n{SUBJECT} {PROPERTY} "x" <urn:g> .\n'
    (finding,) = found(tmp_path, "sh:property [ sh:path ex:p ; sh:nodeKind sh:IRI ]", text, ending="nq")
    assert at(finding) == [(3, None)]


CUT = """@prefix ex: <urn:e:> .
ex:a.b ex:p 1.5, 2. # ex:no ex:p 3 .
ex:b ex:p ". ex:no ex:p 3 .", <http://x/#.y>, '''
. ex:no . '''@en .
PREFIX f: <urn:f:>
BASE <http://b.example/d/>
f:c ex:p f:d\\., <r>.
<s/t> ex:p 1 .
<../u> ex:p 1 ."""


def test_statements_are_cut_where_they_end(tmp_path: Path) -> None:
    """Full stops in names, numbers, strings, IRIs and comments end no statement, and directives may stand between."""
    path = tmp_path / "a.ttl"
    path.write_text(CUT, encoding="utf-8")
    subjects = ["urn:e:a.b", "urn:e:b", "urn:f:c", "http://b.example/d/s/t", "http://b.example/u"]
    assert list(blocks(path)) == list(zip(subjects, [2, 3, 7, 8, 9], strict=True))
    for subject in subjects:
        whole = [q.quad.triple for q in turtle.document(path).quads() if q.quad.subject == ox.NamedNode(subject)]
        assert [each.triple for each in SourceMap([path]).about(ox.NamedNode(subject))] == whole


OWN = sorted([*(ROOT / "graphs").rglob("*.ttl"), *(ROOT / "ontology").rglob("*.ttl")])


@pytest.mark.parametrize("path", OWN, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_map_of_parts_is_that_of_the_whole(path: Path) -> None:
    """What is read statement by statement has the places that reading the whole file gives."""
    document = turtle.document(path, scope="f0b")
    whole: dict[object, list[tuple[ox.Triple, object]]] = {}
    for placed in document.quads():
        place = document.region(*placed.object)
        whole.setdefault(placed.quad.subject, []).append((placed.quad.triple, tuple(place)))
    source = SourceMap([path])
    for subject, triples in whole.items():
        if isinstance(subject, ox.NamedNode):
            parts = [
                (each.triple, (each.object.line, each.object.column, each.object.end_line, each.object.end_column))
                for each in source.about(subject)
            ]
            assert parts == triples


def test_derived_fact_leads_to_the_proposition_behind_it(own_gazette: Project) -> None:
    """A contradiction of a fact that only a view has points to the proposition that the fact was derived from."""
    ontology = own_gazette.ontology / "triplomacy.ttl"
    with ontology.open("a", encoding="utf-8") as file:
        file.write("\ntri:recognises rdfs:range tri:Person .\n")
    plan = Plan(checks=frozenset({"syntax", "reasoning"}))
    findings = validate_project(own_gazette, plan).findings
    told = {(place.file.name, line_of(place)) for finding in findings for place in finding.places}
    assert any(line.startswith("<proposition/") for _, line in told)
    assert any(line.strip().startswith("a tri:ClaimedState") for _, line in told)


def line_of(place: Place) -> str:
    """Return the line of a place."""
    assert place.line is not None
    return place.file.read_text(encoding="utf-8").splitlines()[place.line - 1]


REDECLARED = """@prefix p: <urn:one:> .
p:a p:p p:b, _:n, "text", <urn:x/y#z> .
@prefix p: <urn:two:> .
p:a p:p p:b ; p:q _:n, [ p:q p:c ] .
@base <http://base.example/dir/> .
<s> p:p <o>, "text" .
"""


@pytest.mark.parametrize(
    "more", ["", 'p:d p:p <urn:two:\\u0071qq>, "te\\u0078t", p:e\\~f .\n', "p:d p:p <urn:two:%62> .\n"]
)
def test_every_term_is_found_as_by_reading_the_whole(more: str, tmp_path: Path) -> None:
    """Each node and text is found where it is a subject and an object, after prefixes anew, a base and escapes too."""
    path = tmp_path / "a.ttl"
    path.write_text(REDECLARED + more, encoding="utf-8")
    triples = [placed.quad.triple for placed in turtle.document(path, scope="f0b").quads()]
    objects = {triple.object for triple in triples}
    assert len(objects) > 7
    for term in objects:
        assert not isinstance(term, ox.Triple)
        found = [written.triple for written in SourceMap([path]).of_object(term)]
        assert found == [triple for triple in triples if triple.object == term], term
    for subject in {triple.subject for triple in triples}:
        assert not isinstance(subject, ox.Triple)
        found = [written.triple for written in SourceMap([path]).about(subject)]
        assert found == [triple for triple in triples if triple.subject == subject], subject
