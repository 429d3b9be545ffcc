"""The shapes, each constraint with a case that violates it, and the two engines that run them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from tests.shapes.cases import (
    COMPONENTS,
    OTHER,
    SHAPE_FILES,
    Case,
    batches,
    cases,
    constraints,
    edited,
    ontology,
    parse,
    read,
    valid_graph,
)
from tests.support.shacl import validate
from triplomacy.dataset.dataset import MemoryDataset
from triplomacy.errors import EngineUnavailable, MalformedInput, TriplomacyError
from triplomacy.findings import Finding, Severity
from triplomacy.rdf import vocabularies
from triplomacy.terms import PREFIXES, RDF, SH, SHAPES, SOURCE, TRI, XSD
from triplomacy.validation import shape_graph
from triplomacy.validation.shacl import Engine, available_engines, run

ENGINES: tuple[Engine, ...] = ("fast", "pyshacl")
CASES = cases()
BATCHES = batches(CASES)
SHAPE_TRIPLES = [triple for path in SHAPE_FILES for triple in read(path)]
LUKIN = SOURCE + "lukin-2022/"

# The vocabulary that the shapes here use, written out: each is a term of SHACL or of its advanced features.
SHACL_TERMS = {*COMPONENTS, *OTHER, "IRI", "Literal", "NodeShape", "PropertyShape", "SPARQLTarget", "Violation"}


def need(engine: Engine) -> None:
    """Skip the test where the engine has no wheel."""
    if engine not in available_engines():
        pytest.skip(f"{engine} is not installed here")


@cache
def context() -> tuple[ox.Triple, ...]:
    """Return the ontology and the valid graph."""
    return (*ontology(), *valid_graph())


@cache
def found(batch: int, engine: Engine) -> list[Finding]:
    """Return what an engine finds in the valid graph with the edits of a batch."""
    need(engine)
    return validate(edited(context(), BATCHES[batch]), SHAPE_FILES, engine=engine)


def without_labels(findings: Iterable[Finding]) -> set[Finding]:
    """Return the findings with one label for all blank nodes, since the fast engine gives them its own."""

    def same(text: str | None) -> str | None:
        return "_:b" if text is not None and text.startswith("_:") else text

    return {replace(finding, focus=same(finding.focus), value=same(finding.value)) for finding in findings}


def of_shapes(name: str) -> list[tuple[Any, Any]]:
    """Return the subjects and objects of a property of SHACL in the shapes."""
    return [(triple.subject, triple.object) for triple in SHAPE_TRIPLES if triple.predicate.value == SH + name]


@pytest.mark.parametrize("engine", ENGINES)
def test_valid_graph_conforms(engine: Engine) -> None:
    """A graph with one node of each kind, all its properties in use, has no finding."""
    need(engine)
    assert validate(context(), SHAPE_FILES, engine=engine) == []


def test_valid_graph_uses_every_property() -> None:
    """Each path of one property that some node may have stands in the valid graph, so that its shape has work to do."""
    used = {triple.predicate for triple in valid_graph()}
    forbidden = {
        shape
        for shape, most in of_shapes("maxCount")
        if most == ox.Literal("0", datatype=ox.NamedNode(XSD + "integer"))
    }
    paths = {path for shape, path in of_shapes("path") if isinstance(path, ox.NamedNode) and shape not in forbidden}
    assert paths - used - {ox.NamedNode("http://www.w3.org/2002/07/owl#equivalentClass")} == set()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("batch", "case"), [(number, case) for number, batch in enumerate(BATCHES) for case in batch], ids=str
)
def test_case_is_found(batch: int, case: Case, engine: Engine) -> None:
    """The edit leads to a finding that names the node, the path, the component and the shape."""
    assert any(case.is_met_by(finding) for finding in found(batch, engine))


@pytest.mark.parametrize("batch", range(len(BATCHES)))
def test_engines_agree(batch: int) -> None:
    """Both engines find the same in the same graph, message for message."""
    assert without_labels(found(batch, "fast")) == without_labels(found(batch, "pyshacl"))


def test_every_constraint_has_a_case() -> None:
    """Each parameter of each named shape has a case that violates it, and each case has its constraint."""
    there = {(shape, component) for shape, components in constraints().items() for component in components}
    assert {(case.shape, case.component) for case in CASES} == there


def test_every_term_is_known_to_be_a_constraint_or_none() -> None:
    """Each property of SHACL in the shapes is counted as a constraint or as something else."""
    used = {
        triple.predicate.value.removeprefix(SH) for triple in SHAPE_TRIPLES if triple.predicate.value.startswith(SH)
    }
    assert used == set(COMPONENTS) | OTHER


def test_every_term_is_shacls() -> None:
    """Each term in SHACL's namespace is in its vocabulary: engines pass over any other."""
    used = {term.value for triple in SHAPE_TRIPLES for term in triple if isinstance(term, ox.NamedNode)}
    assert {iri.removeprefix(SH) for iri in used if iri.startswith(SH)} == SHACL_TERMS
    assert vocabularies.standard()[SH] >= SHACL_TERMS


def test_every_project_term_is_declared() -> None:
    """Each term of the ontology that a shape names, in a query too, is declared there."""
    declared = {triple.subject for triple in ontology() if triple.predicate.value == RDF + "type"}
    named = {term for triple in SHAPE_TRIPLES for term in triple if isinstance(term, ox.NamedNode)}
    queries = " ".join(value.value for _, value in of_shapes("select") if isinstance(value, ox.Literal))
    named |= {ox.NamedNode(TRI + name) for name in re.findall(r"\btri:(\w+)", queries)}
    assert {term for term in named if term.value.startswith(TRI)} - declared == set()


def test_every_shape_is_reached() -> None:
    """Each named shape has a target or belongs to another shape."""
    targets = [name for name in OTHER if name.startswith("target")]
    reached = {subject for name in targets for subject, _ in of_shapes(name)} | {
        shape for _, shape in of_shapes("property")
    }
    kinds = {ox.NamedNode(SH + "NodeShape"), ox.NamedNode(SH + "PropertyShape")}
    assert {triple.subject for triple in SHAPE_TRIPLES if triple.object in kinds} - reached == set()


def test_every_class_of_propositions_is_closed() -> None:
    """Each class of propositions but the general three has a closed shape, its own or that of the class above it."""
    above: set[tuple[Any, Any]] = {
        (t.subject, t.object) for t in ontology() if t.predicate.value.endswith("#subClassOf")
    }
    closed = {value for shape, value in of_shapes("targetClass") if (shape, ox.Literal(True)) in of_shapes("closed")}
    kinds = {ox.NamedNode(TRI + name) for name in ("Proposition", "Occurrence", "Situation")}
    classes: set[Any] = set(kinds)
    while more := {sub for sub, sup in above if sup in classes} - classes:
        classes |= more
    assert {
        kind for kind in classes - kinds if not {kind, *(sup for sub, sup in above if sub == kind)} & closed
    } == set()


def test_messages_are_advice_in_english() -> None:
    """Each shape with a constraint has a severity and one English message, a sentence that says what to do."""
    messages: dict[ox.NamedNode | ox.BlankNode, list[ox.Literal]] = {}
    for shape, text in of_shapes("message"):
        assert isinstance(text, ox.Literal)
        messages.setdefault(shape, []).append(text)
    assert {f"<{SHAPES}{name}>" for name in constraints()} == {str(shape) for shape in messages}
    assert {str(shape) for shape, _ in of_shapes("severity")} == {str(shape) for shape in messages}
    for texts in messages.values():
        assert [text.language for text in texts] == ["en"]
        assert re.fullmatch(r"[A-Z].*[^.]\.", texts[0].value)


def test_one_query_a_shape() -> None:
    """A shape has at most one query, so that its message belongs to it."""
    with_query = [shape for shape, _ in of_shapes("sparql")]
    assert len(with_query) == len(set(with_query))


@pytest.mark.parametrize("engine", ENGINES)
def test_own_graphs_conform(article: MemoryDataset, engine: Engine) -> None:
    """The project's own graphs have no finding."""
    need(engine)
    assert validate(article.store, SHAPE_FILES, engine=engine) == []


# The sample of data errors as edits, each with the node and the property to be named; the wrong hash needs the text.
ERRORS: dict[str, tuple[str, tuple[str | None, str]]] = {
    "missing source": (
        "DELETE WHERE { l:claim\\/troops-unlikely tri:evidence ?span }",
        ("claim/troops-unlikely", TRI + "evidence"),
    ),
    "start not before end": (
        """DELETE { ?span oa:start ?start ; oa:end ?end } INSERT { ?span oa:start ?end ; oa:end ?start }
           WHERE { l:claim\\/no-joint-training tri:evidence ?span . ?span oa:start ?start ; oa:end ?end }""",
        (None, PREFIXES["oa"] + "start"),
    ),
    "unknown actor": (
        """DELETE { l:proposition\\/syria-recognises-donetsk-republic tri:recogniser ?actor }
           INSERT { l:proposition\\/syria-recognises-donetsk-republic tri:recogniser id:north-koreaa }
           WHERE { l:proposition\\/syria-recognises-donetsk-republic tri:recogniser ?actor }""",
        ("proposition/syria-recognises-donetsk-republic", TRI + "recogniser"),
    ),
    "end before start": (
        """DELETE { l:time\\/early-2020 tri:latestEnd ?end }
           INSERT { l:time\\/early-2020 tri:latestEnd "2019-04-30T23:59:59Z"^^xsd:dateTime }
           WHERE { l:time\\/early-2020 tri:latestEnd ?end }""",
        ("time/early-2020", TRI + "earliestStart"),
    ),
    "reported claim without claimant": (
        "DELETE WHERE { l:claim\\/experts-speculate-about-troops tri:claimant ?actor }",
        ("claim/experts-speculate-about-troops", TRI + "claimant"),
    ),
    "denial without a proposition": (
        "DELETE WHERE { l:claim\\/envoy-denies-request tri:proposition ?proposition }",
        ("claim/envoy-denies-request", TRI + "proposition"),
    ),
    "denial of what nobody affirms": (
        """DELETE { l:claim\\/ministry-denies-troops tri:proposition ?denied }
           INSERT { l:claim\\/ministry-denies-troops tri:proposition l:proposition\\/russia-withdraws-from-ukraine }
           WHERE { l:claim\\/ministry-denies-troops tri:proposition ?denied }""",
        ("claim/ministry-denies-troops", TRI + "proposition"),
    ),
    "undeclared property": (
        "INSERT DATA { l:proposition\\/ukraine-breaks-with-north-korea tri:brokeUpWith id:north-korea }",
        ("proposition/ukraine-breaks-with-north-korea", TRI + "brokeUpWith"),
    ),
    "recognition of a person": (
        """DELETE { l:proposition\\/syria-recognises-lugansk-republic tri:recognised ?state }
           INSERT { l:proposition\\/syria-recognises-lugansk-republic tri:recognised id:kim-jong-un }
           WHERE { l:proposition\\/syria-recognises-lugansk-republic tri:recognised ?state }""",
        ("proposition/syria-recognises-lugansk-republic", TRI + "recognised"),
    ),
    "alignment with one party": (
        "INSERT DATA { l:proposition\\/lonely a tri:Alignment ; rdfs:label 'One'@en ; tri:party id:china }",
        ("proposition/lonely", TRI + "party"),
    ),
}


def with_errors(article: MemoryDataset, names: Sequence[str]) -> ox.Store:
    """Return a copy of the project's graphs with some of the errors; each must change something."""
    store = ox.Store()
    store.extend(article.store)
    for name in names:
        before = set(store)
        store.update(ERRORS[name][0], prefixes={**PREFIXES, "l": LUKIN})
        assert set(store) != before, f"the edit for {name} finds nothing to change"
    return store


def names_it(finding: Finding, node: str | None, path: str) -> bool:
    """Tell whether a finding names the node of the article's graph, or any span for None, and the property."""
    focus = finding.focus or ""
    there = focus.startswith(f"<{LUKIN}text#") if node is None else focus == f"<{LUKIN}{node}>"
    return there and finding.path == f"<{path}>" and finding.severity is Severity.VIOLATION


@pytest.mark.parametrize("name", ERRORS)
def test_data_error_is_caught(article: MemoryDataset, name: str) -> None:
    """One wrong edit to our own graphs leads to a violation that names the node and the property."""
    need("fast")
    findings = validate(with_errors(article, [name]), SHAPE_FILES)
    assert any(names_it(finding, *ERRORS[name][1]) for finding in findings)


def test_engines_agree_on_data_errors(article: MemoryDataset) -> None:
    """Both engines find the same in our own graphs with all errors at once."""
    need("fast")
    store = with_errors(article, list(ERRORS))
    fast, slow = (validate(store, SHAPE_FILES, engine=engine) for engine in ENGINES)
    assert without_labels(fast) == without_labels(slow)
    for name, (_, place) in ERRORS.items():
        assert any(names_it(finding, *place) for finding in fast), name


# What follows is about the engines, with shapes of other people's kind.

FOREIGN = """
    @prefix ex: <https://freedonia.example/> .
    ex:Duck a sh:NodeShape ; sh:targetClass ex:Duck ;
      sh:property [ sh:path ex:name ; sh:minCount 1 ; sh:severity sh:Warning ;
        sh:message "Die Ente braucht einen Namen."@de , "Name the duck."@en ] ;
      sh:property [ sh:path ( ex:mother [ sh:inversePath ex:mother ] ) ; sh:maxCount 1 ] ;
      sh:property [ sh:path [ sh:zeroOrMorePath [ sh:alternativePath ( ex:mother ex:father ) ] ] ; sh:maxCount 1 ] ;
      sh:property [ sh:path [ sh:oneOrMorePath ex:mother ] ; sh:maxCount 0 ; sh:severity sh:Info ] ;
      sh:property [ sh:path ( [ sh:zeroOrOnePath ex:mother ] ex:name ) ; sh:minCount 3 ] ;
      sh:property [ sh:path ex:age ; sh:datatype <http://www.w3.org/2001/XMLSchema#byte> ] .
    ex:Silent a sh:PropertyShape ; sh:targetClass ex:Duck ; sh:path ex:sound ;
      sh:sparql [ sh:select "SELECT $this WHERE { $this a ?class FILTER NOT EXISTS { $this $PATH ?sound } }" ] .
"""
DUCKS = """
    @prefix ex: <https://freedonia.example/> .
    ex:donald a ex:Duck ; ex:mother ex:hortense ; ex:age "071"^^<http://www.w3.org/2001/XMLSchema#byte> .
    ex:della a ex:Duck ; ex:name "Della\\n\\"D.\\""@EN-US ; ex:mother ex:hortense ; ex:age "old" .
"""


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Return a file of shapes with nested, nameless and silent ones."""
    return write(tmp_path, FOREIGN)


def write(folder: Path, turtle: str) -> Path:
    """Write shapes, with the project's prefixes, to a file."""
    header = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    file = folder / "shapes.ttl"
    file.write_text(header + turtle, encoding="utf-8")
    return file


def test_engines_agree_on_foreign_shapes(foreign: Path) -> None:
    """Both engines give the same findings for complex paths, nameless shapes, literals as written and no message."""
    need("fast")
    data = parse(DUCKS)
    fast, slow = (validate(data, [foreign], engine=engine) for engine in ENGINES)
    assert fast == slow
    paths = {(finding.path or "").replace("https://freedonia.example/", "") for finding in fast}
    assert {"(<mother>/^<mother>)", "((<mother>|<father>))*", "(<mother>)+", "((<mother>)?/<name>)"} < paths
    assert {finding.severity for finding in fast} == set(Severity)
    assert {finding.value for finding in fast if finding.path == "<https://freedonia.example/age>"} == {'"old"'}
    assert {finding.value for finding in fast if finding.path == "<https://freedonia.example/sound>"} == {None}


@pytest.mark.parametrize("engine", ENGINES)
def test_message_is_the_english_one(foreign: Path, engine: Engine) -> None:
    """Of a shape's messages the English one is taken, and a shape without one says what does not hold."""
    need(engine)
    messages = {finding.path: finding.message for finding in validate(parse(DUCKS), [foreign], engine=engine)}
    assert messages["<https://freedonia.example/name>"] == "Name the duck."
    assert messages["<https://freedonia.example/age>"] == (
        "sh:datatype of <https://freedonia.example/Duck> does not hold here; correct the node or the shape."
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_nameless_shape_is_named_by_its_owner(foreign: Path, engine: Engine) -> None:
    """A finding of a nameless property shape names the shape that it belongs to."""
    need(engine)
    assert {finding.shape for finding in validate(parse(DUCKS), [foreign], engine=engine)} == {
        "<https://freedonia.example/Duck>",
        "<https://freedonia.example/Silent>",
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_store_is_taken_by_its_default_graph(foreign: Path, engine: Engine) -> None:
    """Of a store the default graph is validated, and no named graph."""
    need(engine)
    store = ox.Store()
    for triple in parse(DUCKS):
        store.add(ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode("https://freedonia.example/")))
    assert validate(store, [foreign], engine=engine) == []


MALFORMED = {
    "no shapes": "id:s rdfs:label 'shapes' .",
    "no path": "id:s a sh:PropertyShape ; sh:targetClass id:C ; sh:minCount 1 .",
    "two paths": "id:s sh:targetClass id:C ; sh:property [ sh:path id:p , id:q ; sh:minCount 1 ] .",
    "no number": "id:s sh:targetClass id:C ; sh:property [ sh:path id:p ; sh:minCount 'one' ] .",
    "bad pattern": "id:s a sh:PropertyShape ; sh:targetClass id:C ; sh:path id:p ; sh:pattern '(' .",
    "bad target": "id:s sh:target [ a sh:SPARQLTarget ; sh:select 'SELECT ?this {' ] ; sh:nodeKind sh:IRI .",
    "bad query": "id:s a sh:NodeShape ; sh:targetClass id:C ; sh:sparql [ sh:select 'SELECT $this WHERE' ] .",
    "unknown prefix": "id:s sh:targetClass id:C ; sh:sparql [ sh:select 'SELECT $this { $this x:p 1 }' ] .",
    "VALUES": "id:s sh:targetClass id:C ; sh:sparql [ sh:select 'SELECT $this { VALUES ?x { 1 } $this ?p ?x }' ] .",
}
FETCHING = {
    "SERVICE": "SELECT $this { SERVICE <http://127.0.0.1:9/> { $this ?p ?o } }",
    "FROM": "SELECT $this FROM <http://127.0.0.1:9/> { $this ?p ?o }",
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_shapes_are_refused(tmp_path: Path, name: str, engine: Engine) -> None:
    """Shapes that an engine cannot run are an error, never a run that checks nothing."""
    need(engine)
    data = parse("id:c a id:C ; id:p id:o .")
    with pytest.raises(TriplomacyError):
        validate(data, [write(tmp_path, MALFORMED[name])], engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("where", ["sh:sparql", "sh:target"])
@pytest.mark.parametrize("name", FETCHING)
def test_shapes_cannot_fetch(tmp_path: Path, name: str, where: str, engine: Engine) -> None:
    """A query of the shapes that would read from elsewhere is refused before any engine sees it."""
    need(engine)
    kind = "a sh:SPARQLTarget ;" if where == "sh:target" else ""
    file = write(tmp_path, f"id:s sh:targetClass id:C ; {where} [ {kind} sh:select '{FETCHING[name]}' ] .")
    with pytest.raises(TriplomacyError, match=f"has {name}"):
        validate(parse("id:c a id:C ."), [file], engine=engine)


def test_keyword_in_a_name_is_no_keyword(tmp_path: Path) -> None:
    """A variable, a prefix, a string or a comment may be called like a forbidden keyword."""
    query = 'SELECT $this { # from here\\n $this id:from ?from FILTER (?from = "FROM") }'
    prefixes = "sh:prefixes [ sh:declare [ sh:prefix 'id' ; sh:namespace 'https://w3id.org/triplomacy/id/' ] ]"
    file = write(tmp_path, f"id:s sh:targetClass id:C ; sh:sparql [ {prefixes} ; sh:select '{query}' ] .")
    assert validate(parse("id:c a id:C ."), [file], engine="pyshacl") == []


def test_malformed_file_is_named_with_its_line(tmp_path: Path) -> None:
    """A file of shapes that is not Turtle is named with the line."""
    file = write(tmp_path, "id:s sh:path .")
    with pytest.raises(MalformedInput) as caught:
        validate([], [file], engine="pyshacl")
    assert (caught.value.path, caught.value.line) == (file, len(PREFIXES) + 1)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """A file of shapes that is not there is named."""
    with pytest.raises(TriplomacyError, match="cannot be read"):
        validate([], [tmp_path / "none.ttl"], engine="pyshacl")


def test_missing_engine_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the fast engine has no wheel, it is not among the engines and asking for it is an error that names it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "shacl" else object())
    assert available_engines() == ("pyshacl",)
    with pytest.raises(EngineUnavailable, match="the engine fast is not installed here"):
        run([], shape_graph.of_triples([]))
