"""Shapes as they are written: each fault that SHACL or an engine makes nothing of is found, and at its place."""

import re
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.shapes.cases import SHAPE_FILES
from tests.support.shacl import MalformedShapes, validate
from triplomacy.cli.execution import in_options
from triplomacy.findings import Finding, Severity
from triplomacy.rdf.parsing import parse_file
from triplomacy.validation import shacl, shape_graph
from triplomacy.validation.plan import Engine, Outcome, Plan
from triplomacy.validation.run import validate_files
from triplomacy.validation.shape_graph import ShapeGraph
from triplomacy.validation.vocabulary import usage

HEAD = """\
@prefix ex: <urn:e#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
LINES = HEAD.count("\n")
DATA = "ex:c a ex:C ; ex:p ex:o ; ex:age 3 ; ex:name 'abc' ; ex:l 'a'@en , 'b'@en .\n"
SHAPE = "ex:s a sh:NodeShape ; sh:targetClass ex:C ;\n"
PREFIXES = "ex:ont sh:declare [ sh:prefix 'ex' ; sh:namespace 'urn:e#'^^xsd:anyURI ] .\n"
ASK = "a sh:SPARQLAskValidator ; sh:ask 'ASK { FILTER ($value = $par) }'"
SELECT = "a sh:SPARQLSelectValidator ; sh:select 'SELECT $this ?value WHERE { $this ex:p ?value }'"


def property_shape(body: str) -> str:
    """Return a shape with one property shape without a name."""
    return f"{SHAPE}sh:property [\n{body}\n] ."


def query(text: str) -> str:
    """Return a shape with one SPARQL constraint, whose query stands in line 8."""
    return f"{SHAPE}sh:sparql [ sh:prefixes ex:ont ; sh:select\n'{text}' ] .\n{PREFIXES}"


def component(validator: str, name: str = "validator") -> str:
    """Return a component with a validator, and a shape that uses it."""
    return (
        f"ex:Comp a sh:ConstraintComponent ; sh:parameter [ sh:path ex:par ] ;\n"
        f"sh:{name} [ {validator} ; sh:prefixes ex:ont ] .\n{PREFIXES}{SHAPE}ex:par ex:x ."
    )


def parsed(text: str) -> list[ox.Triple]:
    """Return the triples of a text with the usual prefixes."""
    return [quad.triple for quad in ox.parse(HEAD + text, format=ox.RdfFormat.TURTLE)]


def graph(text: str) -> ShapeGraph:
    """Return the shapes of a text."""
    return shape_graph.of_triples(parsed(text))


def validated(folder: Path, text: str, data: str = DATA, engine: Engine = "fast", checks: str = "") -> Outcome:
    """Return the outcome of the checks of shapes, and of shacl, for shapes and data."""
    (folder / "shapes.ttl").write_text(HEAD + text, encoding="utf-8")
    (folder / "data.ttl").write_text(HEAD + data, encoding="utf-8")
    chosen = frozenset(checks.split() or ["syntax", "shapes", "shacl"])
    return validate_files([folder / "data.ttl"], [folder / "shapes.ttl"], plan=Plan(checks=chosen, engine=engine))  # type: ignore[arg-type]


def faults(folder: Path, text: str) -> list[Finding]:
    """Return the malformed shapes that validation finds; assert that it did nothing else with them."""
    outcome = validated(folder, text)
    found = [finding for finding in outcome.findings if finding.rule == "shapes/malformed"]
    assert [finding for finding in outcome.findings if finding.check == "shacl"] == []
    assert outcome.unusable == bool(found)
    if found:
        assert "nothing was validated against the shapes, since they are malformed" in outcome.remarks
    return found


# What is malformed, a part of the message, and the line of the shapes' file where some place of the finding is.
MALFORMED = {
    "no shapes": ("ex:a ex:b ex:c .", "there are no shapes", None),
    "path: literal": (property_shape("sh:path 'p'"), "the path is malformed", 9),
    "path: none": (property_shape("sh:minCount 1"), "no sh:path or several", 8),
    "path: two": (property_shape("sh:path ex:p ,\n ex:q"), "no sh:path or several", 9),
    "path: none, with a name": (f"{SHAPE}sh:property\nex:ps .\nex:ps sh:minCount 1 .", "no sh:path or several", 10),
    "path: of a shape that is not there": (f"{SHAPE}sh:property\nex:nowhere .", "no sh:path or several", 9),
    "path: of a typed property shape": (
        "ex:ps a sh:PropertyShape ; sh:targetClass ex:C .",
        "no sh:path or several",
        7,
    ),
    "path: empty list": (property_shape("sh:path ()"), "the path is malformed", 9),
    "path: list of one": (property_shape("sh:path ( ex:p )"), "two members or more", 9),
    "path: list without end": (property_shape("sh:path [ rdf:first ex:p ]"), "the path is malformed", 9),
    "path: cyclic list": (
        property_shape("sh:path _:l") + " _:l rdf:first ex:p ; rdf:rest _:l .",
        "the path is malformed",
        9,
    ),
    "path: literal in a list": (property_shape("sh:path ( ex:p 'q' )"), "the path is malformed", 9),
    "path: nothing": (property_shape("sh:path []"), "the path is malformed", 9),
    "path: unknown operator": (property_shape("sh:path [ sh:negatedPath ex:p ]"), "the path is malformed", 9),
    "path: two operators": (
        property_shape("sh:path [ sh:inversePath ex:p ; sh:zeroOrMorePath ex:p ]"),
        "the path is malformed",
        9,
    ),
    "path: recursive": (property_shape("sh:path _:l") + " _:l sh:inversePath _:l .", "the path is malformed", 9),
    "path: alternative of no list": (
        property_shape("sh:path [ sh:alternativePath ex:p ]"),
        "two members or more",
        9,
    ),
    "path: alternative of one": (property_shape("sh:path [ sh:alternativePath ( ex:p ) ]"), "two members or more", 9),
    "list: a literal for sh:in": (property_shape("sh:path ex:p ; sh:in\n'x'"), "sh:in has no well-formed list", 10),
    "list: an IRI for sh:in": (property_shape("sh:path ex:p ; sh:in\nex:list"), "sh:in has no well-formed list", 10),
    "list: without end": (property_shape("sh:path ex:p ; sh:in\n[ rdf:first ex:x ]"), "no well-formed list", 10),
    "list: cyclic": (
        property_shape("sh:path ex:p ; sh:in\n_:l") + " _:l rdf:first ex:x ; rdf:rest _:l .",
        "no well-formed list",
        10,
    ),
    "list: two rests": (
        property_shape("sh:path ex:p ; sh:in\n_:l") + " _:l rdf:first ex:x ; rdf:rest rdf:nil , ( ex:o ) .",
        "no well-formed list",
        10,
    ),
    "list: two firsts": (
        property_shape("sh:path ex:p ; sh:in\n_:l") + " _:l rdf:first ex:x , ex:y ; rdf:rest rdf:nil .",
        "no well-formed list",
        10,
    ),
    "list: sh:and": (f"{SHAPE}sh:and 'x' .", "sh:and has no well-formed list", 8),
    "list: sh:or": (f"{SHAPE}sh:or [ rdf:first [ sh:nodeKind sh:IRI ] ] .", "sh:or has no well-formed list", 8),
    "list: sh:xone": (f"{SHAPE}sh:xone ex:list .", "sh:xone has no well-formed list", 8),
    "list: sh:languageIn": (
        property_shape("sh:path ex:l ; sh:languageIn 'de'"),
        "sh:languageIn has no well-formed list",
        9,
    ),
    "list: sh:ignoredProperties": (
        f"{SHAPE}sh:closed true ; sh:ignoredProperties rdf:type .",
        "sh:ignoredProperties has no well-formed list",
        8,
    ),
    "recursion: sh:node": (f"{SHAPE}sh:node ex:s .", "refers to itself by way of sh:node", 8),
    "recursion: sh:not": (f"{SHAPE}sh:not ex:s .", "refers to itself by way of sh:not", 8),
    "recursion: sh:and": (f"{SHAPE}sh:and ( ex:s ) .", "refers to itself by way of sh:and", 8),
    "recursion: sh:or": (f"{SHAPE}sh:or ( [ sh:nodeKind sh:IRI ] ex:s ) .", "by way of sh:or", 8),
    "recursion: sh:xone": (f"{SHAPE}sh:xone ( ex:s ) .", "by way of sh:xone", 8),
    "recursion: below a property": (property_shape("sh:path ex:p ;\nsh:node ex:s"), "by way of sh:node", 10),
    "recursion: sh:property": (
        "ex:ps a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:p ;\nsh:property ex:ps .",
        "by way of sh:property",
        8,
    ),
    "recursion: qualified": (
        property_shape("sh:path ex:p ; sh:qualifiedMinCount 1 ;\nsh:qualifiedValueShape ex:s"),
        "by way of sh:qualifiedValueShape",
        10,
    ),
    "recursion: over three shapes": (
        f"{SHAPE}sh:node ex:t .\nex:t sh:node ex:u .\nex:u sh:node ex:s .",
        "by way of sh:node",
        10,
    ),
    "recursion: of a shape that nothing reaches": (
        f"{SHAPE}sh:nodeKind sh:IRI .\nex:t a sh:NodeShape ; sh:node ex:t .",
        "by way of sh:node",
        9,
    ),
    "query: SERVICE": (
        query("SELECT $this WHERE { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }"),
        "has SERVICE",
        9,
    ),
    "query: service, in small letters": (
        query("SELECT $this WHERE { service silent <urn:x> { $this ?p ?o } }"),
        "has service",
        9,
    ),
    "query: FROM": (query("SELECT $this FROM <http://127.0.0.1:9/> WHERE { $this ?p ?o }"), "has FROM", 9),
    "query: FROM, for an engine that expands escapes first": (
        query(r'SELECT $this ("\\u0022 AS ?x) FROM <urn:x> { $this ?p ?o } #" AS ?y) { $this ?p ?o }'),
        "has FROM",
        9,
    ),
    "query: GRAPH": (query("SELECT $this WHERE { GRAPH ?g { $this ?p ?o } }"), "has GRAPH", 9),
    "query: MINUS": (query("SELECT $this WHERE { $this a ?c MINUS { $this a ex:D } }"), "has MINUS", 9),
    "query: VALUES": (query("SELECT $this WHERE { VALUES ?c { ex:C } $this a ?c }"), "has VALUES", 9),
    "query: syntax": (query("SELECT $this WHERE {"), "is not SPARQL", 9),
    "query: prefix": (query("SELECT $this WHERE { $this none:p ?x }"), "is not SPARQL", 9),
    "query: relative IRI": (query("SELECT $this WHERE { $this a <C> }"), "is not SPARQL", 9),
    "query: empty": (query(""), "is not SPARQL", 9),
    "query: without $this": (query("SELECT ?x WHERE { ?x a ex:C }"), "does not select $this", 9),
    "query: $this is given a value": (query("SELECT $this WHERE { BIND (1 AS $this) }"), "gives $this a value", 9),
    "query: $this within another query": (
        query("SELECT $this WHERE { $this ?x ?y . { SELECT ?o WHERE { ?o ?b $this } } }"),
        "does not select it",
        9,
    ),
    "query: ASK for SELECT": (query("ASK { $this a ?c }"), "another kind of query", 9),
    "query: CONSTRUCT for SELECT": (query("CONSTRUCT { $this a ?c } WHERE { $this a ?c }"), "another kind", 9),
    "query: a function that nobody declares": (
        query("SELECT $this WHERE { $this ex:age ?a FILTER (!ex:none(?a)) }"),
        "ex:none",
        9,
    ),
    "query: none": (f"{SHAPE}sh:sparql [ sh:message 'no' ] .", "exactly one sh:select", 8),
    "query: two": (
        f"{SHAPE}sh:sparql [ sh:select 'SELECT $this WHERE {{}}' , 'SELECT $this WHERE {{ $this ?p 5 }}' ] .",
        "exactly one sh:select",
        8,
    ),
    "query: a literal for the constraint": (
        f"{SHAPE}sh:sparql 'SELECT $this WHERE {{}}' .",
        "exactly one sh:select",
        8,
    ),
    "target: selects nothing": ("ex:s a sh:NodeShape ; sh:target [ a ex:NoSuch ] .", "the target selects nothing", 7),
    "target: SERVICE": (
        "ex:s a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:target [ a sh:SPARQLTarget ; sh:select\n"
        "'SELECT ?this WHERE { SERVICE <http://127.0.0.1:9/> { ?this ?p ?o } }' ] .",
        "has SERVICE",
        8,
    ),
    "target: syntax": (
        "ex:s a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:select\n'SELECT ?this WHERE' ] .",
        "is not SPARQL",
        8,
    ),
    "component: no validator": (
        f"ex:Comp a sh:ConstraintComponent ; sh:parameter [ sh:path ex:par ] .\n{SHAPE}ex:par ex:x .",
        "no validator",
        7,
    ),
    "component: no parameter": (
        f"ex:Comp a sh:ConstraintComponent ; sh:validator [ {ASK} ] .\n{SHAPE}ex:par ex:x .",
        "no parameter",
        7,
    ),
    "component: SELECT where ASK belongs": (component(SELECT), "sh:validator has sh:ask", 8),
    "component: a validator without a query": (
        component("a sh:SPARQLSelectValidator", "nodeValidator"),
        "sh:nodeValidator has sh:select",
        8,
    ),
    "component: syntax": (component("sh:ask 'ASK { FILTER ($value = '"), "is not SPARQL", 8),
    "component: MINUS": (component("sh:ask 'ASK { $value ?p ?o MINUS { $value a ex:D } }'"), "has MINUS", 8),
    "component: SERVICE": (
        component("sh:ask 'ASK { SERVICE <http://127.0.0.1:9/> { $value ?p ?o } }'"),
        "has SERVICE",
        8,
    ),
    "script": (
        f"{SHAPE}sh:js [ a sh:JSConstraint ; sh:jsFunctionName 'f' ] .",
        "JavaScript",
        8,
    ),
    "script: of a component": (component("a sh:JSValidator ; sh:jsFunctionName 'f'"), "JavaScript", 8),
    "entailment": (
        f"<urn:s> sh:entailment <http://www.w3.org/ns/entailment/RDFS> .\n{SHAPE}sh:nodeKind sh:IRI .",
        "no entailment",
        7,
    ),
    "message: an IRI": (f"{SHAPE}sh:nodeKind sh:IRI ; sh:message ex:m .", "sh:message is a text", 8),
    "reference: sh:node is a literal": (f"{SHAPE}sh:node 'x' .", "sh:node refers to a shape", 8),
    "reference: sh:property is a literal": (f"{SHAPE}sh:property 'x' .", "sh:property refers to a shape", 8),
    "pattern: invalid": (property_shape("sh:path ex:name ;\nsh:pattern '('"), "sh:pattern", 10),
    "pattern: invalid, where no value is": (property_shape("sh:path ex:none ;\nsh:pattern '*'"), "sh:pattern", 10),
    "pattern: a class of XML Schema": (property_shape("sh:path ex:name ;\nsh:pattern '^\\\\i$'"), "sh:pattern", 10),
    "pattern: a number": (property_shape("sh:path ex:name ;\nsh:pattern 5"), "sh:pattern", 10),
    "flags: unknown": (property_shape("sh:path ex:name ; sh:pattern 'a' ;\nsh:flags 'Z!'"), "sh:flags", 10),
    "count: negative": (property_shape("sh:path ex:p ;\nsh:minCount -1"), "sh:minCount", 10),
    "count: decimal": (property_shape("sh:path ex:p ;\nsh:minCount 2.5"), "sh:minCount", 10),
    "count: word": (property_shape("sh:path ex:p ;\nsh:maxCount 'two'"), "sh:maxCount", 10),
    "count: string": (property_shape("sh:path ex:p ;\nsh:minCount '2'"), "sh:minCount", 10),
    "count: IRI": (property_shape("sh:path ex:p ;\nsh:minCount ex:two"), "sh:minCount", 10),
    "count: two": (property_shape("sh:path ex:p ;\nsh:minCount 1 , 3"), "sh:minCount", 10),
    "count: xsd:int": (property_shape("sh:path ex:p ;\nsh:maxCount '0'^^xsd:int"), "sh:maxCount", 10),
    "count: of a node shape": (f"{SHAPE}sh:minCount 3 .", "SHACL does not allow", 7),
    "length: word": (property_shape("sh:path ex:name ;\nsh:minLength 'x'"), "sh:minLength", 10),
    "range: IRI": (property_shape("sh:path ex:age ;\nsh:minInclusive ex:x"), "sh:minInclusive", 10),
    "class: literal": (property_shape("sh:path ex:p ;\nsh:class 'C'"), "sh:class", 10),
    "datatype: literal": (property_shape("sh:path ex:age ;\nsh:datatype 'string'"), "sh:datatype", 10),
    "datatype: two": (property_shape("sh:path ex:age ;\nsh:datatype xsd:integer , xsd:string"), "sh:datatype", 10),
    "kind: literal": (property_shape("sh:path ex:p ;\nsh:nodeKind 'IRI'"), "sh:nodeKind", 10),
    "kind: unknown": (property_shape("sh:path ex:p ;\nsh:nodeKind sh:Iri"), "sh:nodeKind", 10),
    "severity: literal": (property_shape("sh:path ex:p ; sh:minCount 2 ;\nsh:severity 'Warning'"), "sh:severity", 10),
    "deactivated: string": (f"{SHAPE}sh:nodeKind sh:Literal ;\nsh:deactivated 'true' .", "sh:deactivated", 9),
    "deactivated: 1": (f"{SHAPE}sh:nodeKind sh:Literal ;\nsh:deactivated '1'^^xsd:boolean .", "sh:deactivated", 9),
    "closed: string": (f"{SHAPE}sh:closed 'true' .", "sh:closed", 8),
    "pair: literal": (property_shape("sh:path ex:age ;\nsh:lessThan 'x'"), "sh:lessThan", 10),
    "pair: equals literal": (property_shape("sh:path ex:age ;\nsh:equals 'x'"), "sh:equals", 10),
    "pair: of a node shape": (f"{SHAPE}sh:lessThan ex:age .", "SHACL does not allow", 7),
    "language: of a node shape": (f"{SHAPE}sh:uniqueLang true .", "SHACL does not allow", 7),
    "languages: numbers": (property_shape("sh:path ex:l ;\nsh:languageIn ( 1 2 )"), "sh:languageIn", 10),
    "target: literal": ("ex:s a sh:NodeShape ; sh:nodeKind sh:IRI ;\nsh:targetClass 'C' .", "sh:targetClass", 8),
    "target: blank node": ("ex:s a sh:NodeShape ; sh:nodeKind sh:IRI ;\nsh:targetClass [] .", "sh:targetClass", 8),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_shape(name: str, tmp_path: Path) -> None:
    """What SHACL does not allow, or an engine takes for something else, is a finding that says what it is and where."""
    text, message, line = MALFORMED[name]
    found = [finding for finding in faults(tmp_path, text) if message in finding.message]
    assert found
    assert {finding.severity for finding in found} == {Severity.VIOLATION}
    assert line in {finding.place.line if finding.place else None for finding in found}
    assert {place.file.name for finding in found for place in finding.places} <= {"shapes.ttl"}


def test_every_fault_has_a_place(tmp_path: Path) -> None:
    """No fault of a shape is told without the line where it stands, also of one without a name."""
    without = [
        (name, finding.message)
        for name, (text, _, line) in MALFORMED.items()
        for finding in faults(tmp_path, text)
        if line and not finding.places
    ]
    assert without == []


@pytest.mark.parametrize("engine", ["fast", "pyshacl"])
def test_neither_engine_runs_what_is_malformed(engine: shacl.Engine, tmp_path: Path) -> None:
    """Called from Python as well, an engine is not given such shapes: the error has the findings, and counts them."""
    path = tmp_path / "shapes.ttl"
    path.write_text(f"{HEAD}{SHAPE}sh:node ex:s ; sh:in 'x' ; sh:message ex:m .", encoding="utf-8")
    with pytest.raises(MalformedShapes, match=r"urn:e#s>: sh:in has no well-formed list.* \(and 2 more\)") as error:
        validate(parsed(DATA), [path], engine=engine)
    assert len(error.value.findings) == 3


def test_several_faults_are_all_told(tmp_path: Path) -> None:
    """The faults of a file are told together, not only the first."""
    text = "\n".join(
        f"ex:s{number} a sh:NodeShape ; sh:targetClass ex:C ; {body} ."
        for number, body in enumerate(["sh:in 'x'", "sh:node ex:s1", "sh:property [ sh:path 'p' ]", "sh:minCount 'x'"])
    )
    focus = {finding.focus for finding in faults(tmp_path, text)}
    assert {f"<urn:e#s{number}>" for number in range(4)} <= focus


WELL_FORMED = {
    "paths": property_shape("sh:path ( ex:p [ sh:alternativePath ( ex:q [ sh:inversePath ex:r ] ) ] )"),
    "repeated paths": property_shape("sh:path [ sh:zeroOrMorePath [ sh:oneOrMorePath [ sh:zeroOrOnePath ex:p ] ] ]"),
    "empty lists": f"{SHAPE}sh:in () ; sh:closed true ; sh:ignoredProperties () .",
    "lists of shapes": f"{SHAPE}sh:or ( [ sh:nodeKind sh:IRI ] [ sh:class ex:D ] ) ; sh:and ( ) .",
    "one shape at two places": (
        f"{SHAPE}sh:node ex:t ; sh:or ( ex:t ex:u ) .\nex:u sh:node ex:t .\nex:t sh:nodeKind sh:IRI ."
    ),
    "keywords in strings, IRIs, comments and names": query(
        'SELECT $this WHERE { $this ex:SERVICE ?values . FILTER (?values != "FROM MINUS GRAPH") '
        "FILTER (?values != <urn:VALUES>) }"
    ),
    "the shapes graph": query("SELECT $this WHERE { GRAPH $shapesGraph { $currentShape a ?c } FILTER (bound($this)) }"),
    "a query within a query": query("SELECT $this WHERE { $this a ?c . { SELECT $this ?b WHERE { $this ?b ?o } } }"),
    "a count within a query": query(
        "SELECT $this WHERE { $this a ?c . { SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?d } } }"
    ),
    "casts": query(
        "SELECT $this WHERE { $this ex:age ?a FILTER (<http://www.w3.org/2001/XMLSchema#integer>(?a) > 0) }"
    ),
    "MINUS in a target": (
        "ex:s a sh:NodeShape ; sh:nodeKind sh:IRI ; sh:target [ a sh:SPARQLTarget ; sh:select\n"
        "'SELECT ?this WHERE { ?this ?p ?o MINUS { ?this a <urn:e#D> } }' ] ."
    ),
    "component": component(ASK),
    "component with two validators": component(SELECT, "nodeValidator"),
    "flags": property_shape("sh:path ex:name ; sh:pattern '^a b' ; sh:flags 'ixsm'"),
    "a class that is a shape": "ex:C a rdfs:Class , sh:NodeShape ; sh:nodeKind sh:IRI .",
    "messages in two languages": f"{SHAPE}sh:nodeKind sh:IRI ; sh:message 'no'@en , 'nein'@de .",
    "a function": (
        "ex:f a sh:SPARQLFunction ; sh:parameter [ sh:path ex:op ] ; sh:prefixes ex:ont ;\n"
        "sh:select 'SELECT ($op + 1 AS ?result) WHERE {}' .\n"
        + query("SELECT $this WHERE { $this ex:age ?a FILTER (ex:f(?a) = 99) }")
    ),
}


@pytest.mark.parametrize("name", WELL_FORMED)
def test_well_formed_shape(name: str, tmp_path: Path) -> None:
    """What SHACL allows is not called malformed."""
    outcome = validated(tmp_path, WELL_FORMED[name])
    assert [finding.message for finding in outcome.findings if finding.rule == "shapes/malformed"] == []
    assert not outcome.unusable


def test_our_own_shapes_are_well_formed() -> None:
    """The project's shapes have no fault, nothing is missing in them, and the fast engine runs them all."""
    read = shape_graph.of_triples([triple for path in SHAPE_FILES for triple in parse_file(path)])
    assert shape_graph.find_faults(read) + shacl.lint(read) == []
    assert shape_graph.find_unsupported(read) is None
    assert [f.message for f in shape_graph.find_unreached(read, usage([]), []) if f.rule != "shapes/idle"] == []


# What the fast engine does not run as it is meant, the data, and what pySHACL finds in them: a focus node or nothing.
UNSUPPORTED = {
    "a target with parameters": (
        f"{PREFIXES}ex:TT a sh:SPARQLTargetType ; rdfs:subClassOf sh:Target ; sh:parameter [ sh:path ex:cls ] ;\n"
        "sh:prefixes ex:ont ; sh:select 'SELECT ?this WHERE { ?this a $cls }' .\n"
        "ex:s a sh:NodeShape ; sh:target [ a ex:TT ; ex:cls ex:C ] ; sh:nodeKind sh:Literal .",
        ["<urn:e#c>"],
    ),
    "a query that is deactivated": (
        f"{SHAPE}sh:sparql [ sh:deactivated true ; sh:select 'SELECT $this WHERE {{ $this a ?c }}' ] .",
        [],
    ),
    "a property shape that is closed": (
        f"{SHAPE}sh:property [ sh:path ex:p ; sh:closed true ] .",
        [],  # ex:o has no triple, so nothing is beyond what the shape allows
    ),
    "a rule": (
        f"{SHAPE}sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:q ; sh:object ex:v ] ;\n"
        "sh:property [ sh:path ex:q ; sh:minCount 1 ] .",
        [],  # the rule makes the value
    ),
    "a function of its own": (
        "ex:f a sh:SPARQLFunction ; sh:returnType xsd:integer ;\n"
        "sh:parameter [ sh:path ex:op ; sh:datatype xsd:integer ] ;\n"
        "sh:prefixes ex:ont ; sh:select 'SELECT ($op + 1 AS ?result) WHERE {}' .\n"
        + query("SELECT $this WHERE { $this ex:age ?a FILTER (ex:f(?a) = 4) }"),
        ["<urn:e#c>"],
    ),
    "a pattern with look-ahead": (
        property_shape("sh:path ex:name ; sh:pattern '^(?!abc)'"),
        ["<urn:e#c>"],
    ),
    "a target with MINUS": (
        "ex:s a sh:NodeShape ; sh:nodeKind sh:Literal ; sh:target [ a sh:SPARQLTarget ; sh:select\n"
        "'SELECT ?this WHERE { ?this ?p ?o MINUS { ?this a <urn:e#D> } }' ] .",
        ["<urn:e#c>"],
    ),
    "a pattern with look-behind": (property_shape("sh:path ex:name ; sh:pattern '(?<=a)b'"), []),
    "a pattern with a back reference": (property_shape("sh:path ex:name ; sh:pattern '^(a)\\\\1'"), ["<urn:e#c>"]),
    "a pattern that is too large for the fast engine": (
        property_shape("sh:path ex:name ; sh:pattern '^((a{1000}){1000}){100}$'"),
        ["<urn:e#c>"],
    ),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_the_fast_engine_does_not_run_goes_to_pyshacl(name: str, tmp_path: Path) -> None:
    """What the fast engine cannot run is run by pySHACL, which finds what it should, and a remark says so."""
    text, expected = UNSUPPORTED[name]
    outcome = validated(tmp_path, text)
    what = shape_graph.find_unsupported(graph(text))
    assert what
    assert outcome.remarks == (f"the fast engine does not run {what}, which the shapes have; pySHACL does the work",)
    assert [finding.focus for finding in outcome.findings if finding.check == "shacl"] == expected


WRONG_WHEN_FAST = [
    "a rule",
    "a query that is deactivated",
    "a property shape that is closed",
    "a target with parameters",
]


@pytest.mark.parametrize("name", WRONG_WHEN_FAST)
def test_the_fast_engine_would_be_wrong(name: str) -> None:
    """What is said to be unsupported is: left to itself the fast engine finds something else."""
    text, expected = UNSUPPORTED[name]
    assert [f.focus for f in shacl.run(parsed(DATA), graph(text), engine="fast")] != expected


def test_a_pattern_with_an_escaped_bracket_stays_with_the_fast_engine() -> None:
    """What only looks like look-around or a back reference, in a set or behind a backslash, is none."""
    for pattern in (r"\\(\\?=", r"[(?=]", r"\\\\1", r"a(?i)b", r"(?:a)", r"(?P<x>a)"):
        assert shape_graph.find_unsupported(graph(property_shape(f"sh:path ex:name ; sh:pattern '{pattern}'"))) is None


# What lacks a part, the part of the message, and the line.
INCOMPLETE = {
    "qualified without a count": (
        property_shape("sh:path ex:p ;\nsh:qualifiedValueShape [ sh:nodeKind sh:IRI ]"),
        "sh:qualifiedValueShape counts nothing",
    ),
    "a minimum without a shape": (property_shape("sh:path ex:p ;\nsh:qualifiedMinCount 2"), "has nothing to count"),
    "a maximum without a shape": (property_shape("sh:path ex:p ;\nsh:qualifiedMaxCount 2"), "has nothing to count"),
    "flags without a pattern": (property_shape("sh:path ex:name ;\nsh:flags 'i'"), "sh:flags"),
    "uniqueLang 1": (property_shape("sh:path ex:l ;\nsh:uniqueLang '1'^^xsd:boolean"), "write true"),
    "a shape that is not there": (property_shape("sh:path ex:p ;\nsh:node ex:none"), "nothing is said"),
    "a member that is not there": (property_shape("sh:path ex:p ;\nsh:or ( ex:none )"), "nothing is said"),
    "a component of nobody": (
        property_shape("sh:path ex:p ;\nex:atMost 3"),
        "not a constraint that SHACL or these files",
    ),
    "a node shape of nobody": (
        f"{SHAPE}sh:nodeKind sh:IRI .\n\nex:t sh:targetClass ex:C ; ex:atMost 3 .",
        "not a constraint that SHACL or these files",
    ),
}


@pytest.mark.parametrize("name", INCOMPLETE)
def test_incomplete_constraint(name: str, tmp_path: Path) -> None:
    """A constraint that both engines pass over, since a part is missing, is a warning at its line."""
    text, message = INCOMPLETE[name]
    found = [finding for finding in validated(tmp_path, text).findings if finding.rule == "shapes/incomplete"]
    assert [message in finding.message for finding in found] == [True]
    assert found[0].severity is Severity.WARNING
    assert 10 in {place.line for place in found[0].places}


NO_CONSTRAINT = {
    "a note beside a constraint": property_shape("sh:path ex:p ; sh:maxCount 9 ; ex:seenBy 'Ann'"),
    "a shape for a form": property_shape("sh:path ex:p ; sh:name 'P' ; sh:order 1 ; rdfs:comment 'x'"),
    "a property that is declared": property_shape("sh:path ex:p ; ex:hint 1") + " ex:hint a rdf:Property .",
    "a component's parameter": (
        property_shape("sh:path ex:p ; ex:limit 3")
        + " ex:Limited a sh:ConstraintComponent ; sh:parameter [ sh:path ex:limit ] ;"
        " sh:validator [ a sh:SPARQLAskValidator ; sh:ask 'ASK { FILTER ($value != $limit) }' ] ."
    ),
}


@pytest.mark.parametrize("name", NO_CONSTRAINT)
def test_what_may_stand_in_a_shape(name: str, tmp_path: Path) -> None:
    """A note beside a constraint, a shape for a form, a declared property and a parameter are not faults."""
    found = validated(tmp_path, NO_CONSTRAINT[name]).findings
    assert [finding for finding in found if finding.check == "shapes" and finding.severity > Severity.INFO] == []


def test_shapes_that_are_elsewhere_are_told(tmp_path: Path) -> None:
    """A remark names each import that no file here describes: what is there is not checked."""
    imports = "<urn:a> owl:imports <urn:b> , <urn:c> , <http://www.w3.org/ns/shacl#> . <urn:b> rdfs:label 'b' .\n"
    remarks = tuple(map(in_options, validated(tmp_path, f"{imports}{SHAPE}sh:nodeKind sh:IRI .").remarks))
    assert remarks == ("the shapes import <urn:c>, and nothing is fetched; give its file with --shapes too",)


def test_query_with_a_prefix_of_nobody(tmp_path: Path) -> None:
    """The fault says where in the query the prefix is, and how to declare it, in one short sentence."""
    (fault, *_) = faults(tmp_path, f"{SHAPE}sh:sparql [ sh:select 'SELECT $this WHERE {{\\n  $this none:p ?x }}' ] .")
    assert re.search(r"in its line 2 at column \d+: no such prefix: \w+; declare it", fault.message)
    assert len(fault.message) < 200


def test_closed_1_is_told(tmp_path: Path) -> None:
    """A shape that is closed by "1" is closed for one engine and open for the other: that is a warning."""
    outcome = validated(tmp_path, f"{SHAPE}sh:closed '1'^^xsd:boolean .")
    assert [(f.rule, "sh:closed" in f.message) for f in outcome.findings] == [("shapes/incomplete", True)]


def test_untargeted_shape(tmp_path: Path) -> None:
    """A shape without a target that no other one refers to is a warning at its first line."""
    text = f"{SHAPE}sh:nodeKind sh:IRI .\nex:lost a sh:NodeShape ; sh:nodeKind sh:Literal ."
    (finding,) = validated(tmp_path, text).findings
    assert (finding.rule, finding.severity, finding.focus) == ("shapes/untargeted", Severity.WARNING, "<urn:e#lost>")
    assert finding.place is not None
    assert finding.place.line == 9


TARGETED = [
    "sh:targetClass ex:C",
    "sh:targetNode ex:c",
    "sh:targetSubjectsOf ex:p",
    "sh:targetObjectsOf ex:p",
    "sh:target [ a sh:SPARQLTarget ; sh:select 'SELECT ?this WHERE { ?this a <urn:e#C> }' ]",
]


@pytest.mark.parametrize("target", TARGETED)
def test_each_kind_of_target_counts(target: str, tmp_path: Path) -> None:
    """A shape with any of SHACL's targets, which some node of the data has, is neither untargeted nor idle."""
    assert validated(tmp_path, f"ex:s a sh:NodeShape ; sh:nodeKind sh:BlankNodeOrIRI ; {target} .").findings == ()


REFERRED = [
    "sh:node ex:t",
    "sh:not ex:t",
    "sh:and ( ex:t )",
    "sh:or ( ex:t )",
    "sh:xone ( ex:t )",
    "sh:property [ sh:path ex:p ; sh:qualifiedValueShape ex:t ; sh:qualifiedMinCount 1 ]",
]


@pytest.mark.parametrize("reference", REFERRED)
def test_each_kind_of_reference_counts(reference: str) -> None:
    """A shape that another one refers to is not untargeted."""
    read = graph(f"{SHAPE}{reference} .\nex:t a sh:NodeShape ; sh:nodeKind sh:IRI .")
    assert [finding.rule for finding in shape_graph.find_unreached(read, usage(parsed(DATA)), [])] == []


@pytest.mark.parametrize("engine", ["fast", "pyshacl", "both"])
@pytest.mark.parametrize(
    "kind",
    [
        "ex:C a rdfs:Class , sh:NodeShape",
        "owl:Class rdfs:subClassOf rdfs:Class . ex:C a owl:Class , sh:NodeShape",
        "ex:Meta rdfs:subClassOf ex:Kind . ex:Kind rdfs:subClassOf rdfs:Class . ex:C a ex:Meta , sh:NodeShape",
    ],
)
def test_a_class_that_is_a_shape_has_a_target(kind: str, engine: Engine, tmp_path: Path) -> None:
    """A shape that is a class, by rdfs:Class or what the shapes declare as a sub-class of it, targets its members."""
    read = graph(f"{kind} ; sh:nodeKind sh:Literal .")
    assert [f.rule for f in shape_graph.find_unreached(read, usage(parsed(DATA)), [])] == []
    outcome = validated(tmp_path, f"{kind} ; sh:nodeKind sh:Literal .", engine=engine)
    assert [(finding.focus, finding.check) for finding in outcome.findings] == [("<urn:e#c>", "shacl")]


IDLE = [
    "sh:targetClass ex:None",
    "sh:targetSubjectsOf ex:none",
    "sh:targetObjectsOf ex:none",
]


@pytest.mark.parametrize("target", IDLE)
def test_idle_shape(target: str, tmp_path: Path) -> None:
    """A shape whose target no node of the data has is told as information, at its target."""
    (finding,) = validated(tmp_path, f"ex:s a sh:NodeShape ; sh:nodeKind sh:IRI ;\n{target} .").findings
    assert (finding.rule, finding.severity) == ("shapes/idle", Severity.INFO)
    assert f"by {target} for one" in finding.message
    assert finding.place is not None
    assert (finding.place.line, finding.place.file.name) == (8, "shapes.ttl")


def test_one_target_in_use_is_enough() -> None:
    """A shape with two targets is idle only if no node has either."""
    read = graph("ex:s a sh:NodeShape ; sh:targetClass ex:None , ex:C .")
    assert shape_graph.find_unreached(read, usage(parsed(DATA)), []) == []
    both = graph("ex:s a sh:NodeShape ; sh:targetClass ex:None , ex:Neither .")
    assert [finding.rule for finding in shape_graph.find_unreached(both, usage(parsed(DATA)), [])] == ["shapes/idle"]


def test_a_member_of_a_sub_class_is_a_target() -> None:
    """A class with members only in classes below it, three steps down, is not idle."""
    axioms = parsed("ex:C rdfs:subClassOf ex:D . ex:D rdfs:subClassOf ex:E . ex:E rdfs:subClassOf ex:F .")
    read = graph("ex:s a sh:NodeShape ; sh:targetClass ex:F .")
    assert shape_graph.find_unreached(read, usage(parsed(DATA)), axioms) == []
    assert len(shape_graph.find_unreached(read, usage(parsed(DATA)), [])) == 1


def test_cycle_of_sub_classes_ends() -> None:
    """Classes below each other in a circle do not hold the check up."""
    axioms = parsed("ex:C rdfs:subClassOf ex:D . ex:D rdfs:subClassOf ex:C .")
    assert (
        shape_graph.find_unreached(graph("ex:s a sh:NodeShape ; sh:targetClass ex:D ."), usage(parsed(DATA)), axioms)
        == []
    )


def messages(found: Iterable[Finding]) -> list[str]:
    """Return the messages of findings."""
    return [finding.message for finding in found]


def test_long_chain_of_shapes_is_no_recursion() -> None:
    """Two thousand shapes below each other are followed to the end, without a limit of Python's."""
    text = SHAPE + "sh:node ex:n0 .\n" + "\n".join(f"ex:n{n} sh:node ex:n{n + 1} ." for n in range(2000))
    assert messages(shape_graph.find_faults(graph(text))) == []


def test_long_list_is_followed() -> None:
    """A list of twenty thousand values is well formed."""
    values = " ".join(str(number) for number in range(20_000))
    assert messages(shape_graph.find_faults(graph(property_shape(f"sh:path ex:p ; sh:in ( {values} )")))) == []


def test_prefixes_of_imported_owners_count() -> None:
    """A query has the prefixes of what its owner imports, by however many steps and in a circle too."""
    text = (
        "ex:a owl:imports ex:b . ex:b owl:imports ex:ont , ex:a .\n"
        f"{PREFIXES}{SHAPE}sh:sparql [ sh:prefixes ex:a ; sh:select 'SELECT $this WHERE {{ $this a ex:C }}' ] ."
    )
    read = graph(text)
    assert messages(shape_graph.find_faults(read)) == []
    assert [f.focus for f in shacl.run(parsed(DATA), read, engine="fast")] == ["<urn:e#c>"]
