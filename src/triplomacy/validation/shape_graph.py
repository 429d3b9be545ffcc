"""The graph of shapes, and its faults: malformed shapes, shapes without targets, and what no engine can run.

What engines pass over in silence, or take for something else, is found here before one of them runs: a malformed
path or list, a query that would fetch, a component that nothing validates, shapes that refer to themselves. The
rules are those of SHACL (W3C Recommendation, 20 July 2017) and SHACL Advanced Features; what SHACL's own shapes check
is left to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.errors import MalformedInput
from triplomacy.findings import Finding, Rule, Severity
from triplomacy.rdf import FIRST, NIL, REST, TYPE, closure, standard, subclasses, superclasses
from triplomacy.sparql import read, readings, tree
from triplomacy.terms import FOAF, OWL, RDFS, SH, compress, local_name, shorten
from triplomacy.validation import shape_paths
from triplomacy.validation.shape_paths import DEEPEST, OPERATORS, MalformedPath, Path
from triplomacy.validation.vocabulary import Usage

MALFORMED: Final = Rule(
    "shapes/malformed",
    "A shape that SHACL does not allow, or that no engine runs as it is meant",
    "Correct the shape: nothing is validated until all shapes are well formed.",
)
UNTARGETED: Final = Rule(
    "shapes/untargeted",
    "A shape that has no target and belongs to no other shape",
    "Give it a target or refer to it from another shape; else it checks nothing.",
)
INCOMPLETE: Final = Rule(
    "shapes/incomplete",
    "A constraint that lacks a part, without which SHACL passes over it",
    "Add the part, or remove the constraint.",
)
IDLE: Final = Rule(
    "shapes/idle",
    "A shape whose targets no node of these data has",
    "If there should be such nodes, correct the target or the data.",
)

_FORMS: Final = ("ask", "construct", "select")
VALIDATORS: Final = ("validator", "nodeValidator", "propertyValidator")
"""The properties by which a component has the queries that validate it."""

_LISTS: Final = ("in", "languageIn", "and", "or", "xone", "ignoredProperties")
TARGETS: Final = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
"""The properties by which a shape has targets."""

BY_TERM: Final = ("targetClass", "targetSubjectsOf", "targetObjectsOf")
"""The targets that name a class or a property."""

INNER: Final = ("node", "not", "qualifiedValueShape")
"""The references to a shape whose results are those of the shape that refers."""

LISTED: Final = ("and", "or", "xone")
"""The references to lists of shapes."""

PAIRS: Final = ("equals", "disjoint", "lessThan", "lessThanOrEquals")
"""The constraints that compare values with those of another property."""

BEYOND: Final = {
    "rule": "a rule",
    "expression": "an expression",
    **dict.fromkeys(VALIDATORS, "a component of its own"),
}
"""What may look at anything, with what to call it."""

_REFERENCES: Final = (*INNER, "property")
_COUNTS: Final = ("minCount", "maxCount", "minLength", "maxLength", "qualifiedMinCount", "qualifiedMaxCount")
_NO_CONSTRAINTS: Final = frozenset(
    ("path", "name", "description", "order", "group", "defaultValue", "message", "severity", "deactivated", *TARGETS)
)
_NOTES: Final = (
    "http://schema.org/",
    "https://schema.org/",
    "http://purl.org/vocab/vann/",
    FOAF,
)
_MARKS: Final = ("path", "property", *TARGETS)
_SCRIPT: Final = "it needs a JavaScript engine, and there is not one here"
_REASONS: Final = {
    "js": _SCRIPT,
    "jsFunctionName": _SCRIPT,
    "entailment": "no entailment is done here; materialise it in the data first",
}

Fault = tuple[Any, str, Any, str]
"""The subject, the property by its name in SHACL or its IRI, the object or None, what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class ShapeGraph:
    """The triples of some files, the objects of each subject and property of SHACL, the language of each message."""

    triples: Sequence[ox.Triple]
    values: Mapping[tuple[Any, str], Sequence[Any]]
    languages: Mapping[str, str | None]

    def of(self, subject: Any, name: str) -> Sequence[Any]:
        """Return the objects of a property of SHACL."""
        return self.values.get((subject, name), ())

    def subjects(self, *names: str) -> list[Any]:
        """Return the subjects that have one of these properties of SHACL, in the order of the files."""
        return list(dict.fromkeys(subject for subject, name in self.values if name in names))

    def pairs(self, *names: str) -> Iterator[tuple[Any, str, Any]]:
        """Yield subject, name and object of these properties of SHACL, in the order of the files."""
        for (subject, name), objects in self.values.items():
            if name in names:
                yield from ((subject, name, value) for value in objects)

    def items(self, cell: Any) -> list[Any]:
        """Return the items of a list, as far as it is one."""
        items: list[Any] = []
        seen = set()
        while cell not in seen and (first := self.values.get((cell, "first"))):
            seen.add(cell)
            items += first[:1]
            cell = next(iter(self.values.get((cell, "rest"), ())), NIL)
        return items

    def path(self, node: Any, depth: int = 0) -> Path:
        """Return the path that a node is.

        Raises:
            MalformedPath: it is not a path.
        """
        if node == NIL:
            raise MalformedPath("rdf:nil is not a path; name a property")
        if isinstance(node, ox.NamedNode):
            return shape_paths.of_property(node)
        is_list = bool(self.of(node, "first"))
        # The W3C's suite has lists with an operator besides, which counts for nothing.
        names = ["first"] if is_list else [name for name in OPERATORS if self.of(node, name)]
        if isinstance(node, ox.Literal) or depth > DEEPEST or len(names) != 1:
            raise MalformedPath("write a property, a list of paths, or a blank node with one path operator")
        operator = "/" if is_list else OPERATORS[names[0]]
        parts = self.items(node) if is_list else self.of(node, names[0])[:1]
        if operator == "|":
            parts = self.items(parts[0])
        if len(parts) < 2 and operator in ("/", "|"):
            raise MalformedPath("a sequence or an alternative has two members or more")
        return Path(operator, tuple(self.path(part, depth + 1) for part in parts))

    def owner(self, node: Any) -> ox.NamedNode | None:
        """Return the nearest shape with an IRI, going up from what belongs to a shape."""
        seen: set[Any] = set()
        while node is not None and not isinstance(node, ox.NamedNode) and node not in seen:
            seen.add(node)
            node = next((t.subject for t in self.triples if t.object == node), None)
        return node if isinstance(node, ox.NamedNode) else None

    def owner_name(self, node: Any) -> str:
        """Return the name of what a node belongs to, for a message."""
        owner = self.owner(node)
        return compress(owner.value) if owner else "a shape without a name"

    def is_off(self, node: Any) -> bool:
        """Tell whether a shape or a constraint is deactivated."""
        return any(value.value == "true" for value in self.of(node, "deactivated"))

    def inner(self, shape: Any) -> Iterator[Any]:
        """Yield the shapes whose results are those of a shape, but for its property shapes."""
        for name in INNER:
            yield from self.of(shape, name)
        for name in LISTED:
            for head in self.of(shape, name):
                yield from self.items(head)


def of_triples(triples: Sequence[ox.Triple]) -> ShapeGraph:
    """Return the graph of some triples."""
    values: dict[tuple[Any, str], list[Any]] = {}
    for triple in triples:
        iri = triple.predicate.value
        if iri.startswith(SH) or iri == OWL + "imports" or triple.predicate in (FIRST, REST):
            values.setdefault((triple.subject, local_name(iri)), []).append(triple.object)
    messages = (text for (_, name), texts in values.items() if name == "message" for text in texts)
    spoken = {text.value: text.language for text in messages if isinstance(text, ox.Literal)}
    return ShapeGraph(triples, values, spoken)


def find_faults(shapes: ShapeGraph) -> list[Finding]:
    """Return a finding for each fault, in the order of the files."""
    if not _declared_shapes(shapes) and not shapes.subjects(*_MARKS):
        return [_finding(shapes, (None, "targetClass", None, "there are no shapes in these files; give some"))]
    faults = (_paths, _lists, _messages, _components, _unrunnable, _numbers, _patterns, _queries, _circles)
    return [_finding(shapes, fault) for find in faults for fault in find(shapes)]


def _finding(shapes: ShapeGraph, fault: Fault) -> Finding:
    subject, name, value, message = fault
    owner = shapes.owner(subject)
    term = None if value is None else str(value)
    path = f"<{name}>" if ":" in name else f"<{SH}{name}>"
    return Finding(
        "shapes",
        Severity.VIOLATION,
        message,
        focus=None if subject is None else str(owner or subject),
        path=path,
        value=None if term is None or term.startswith("_:") else term,
        rule=MALFORMED.name,
        about=() if subject is None else ((str(subject), path, term),),
    )


def _paths(shapes: ShapeGraph) -> Iterator[Fault]:
    owned = [shape for _, _, shape in shapes.pairs("property")]
    for shape in dict.fromkeys([*owned, *_instances(shapes, "PropertyShape")]):
        if len(shapes.of(shape, "path")) != 1:
            yield shape, "path", None, "the property shape has no sh:path or several; give it exactly one"
    for shape, name, path in shapes.pairs("path"):
        try:
            shapes.path(path)
        except MalformedPath as fault:
            yield shape, name, path, f"the path is malformed: {fault}"


def _lists(shapes: ShapeGraph) -> Iterator[Fault]:
    for shape, name, head in shapes.pairs(*_LISTS):
        if not _is_list(shapes, head):
            advice = "write its values in brackets, as a list that ends"
            yield shape, name, head, f"sh:{name} has no well-formed list; {advice}"


def _is_list(shapes: ShapeGraph, cell: Any) -> bool:
    seen = set()
    while cell != NIL:
        rest = shapes.of(cell, "rest")
        if cell in seen or len(rest) != 1 or len(shapes.of(cell, "first")) != 1:
            return False
        seen.add(cell)
        cell = rest[0]
    return True


def _messages(shapes: ShapeGraph) -> Iterator[Fault]:
    for shape, name, text in shapes.pairs("message"):
        if not isinstance(text, ox.Literal):
            yield shape, name, text, "sh:message is a text; write it in quotes"


def _components(shapes: ShapeGraph) -> Iterator[Fault]:
    """Yield the constraint components of these shapes that no engine would run: nothing validates them."""
    for component in _instances(shapes, "ConstraintComponent"):
        if not any(shapes.of(component, name) for name in VALIDATORS):
            yield component, "validator", None, "the component has no validator; give it one, or remove it"
        if not shapes.of(component, "parameter"):
            yield component, "parameter", None, "the component has no parameter; give it one, or remove it"
    for component, name, validator in shapes.pairs(*VALIDATORS):
        kind_of_query = "ask" if name == "validator" else "select"
        if not shapes.of(validator, kind_of_query) and (name == "validator" or not shapes.of(validator, "ask")):
            yield component, name, validator, f"a sh:{name} has sh:{kind_of_query}; write its query there"


def _unrunnable(shapes: ShapeGraph) -> Iterator[Fault]:
    for shape, name, value in shapes.pairs(*_REASONS):
        yield shape, name, value, f"sh:{name} cannot be run: {_REASONS[name]}"
    for shape, name, value in shapes.pairs(*_REFERENCES):
        if isinstance(value, ox.Literal):
            yield shape, name, value, f"sh:{name} refers to a shape; write its IRI, or the shape in square brackets"


def _numbers(shapes: ShapeGraph) -> Iterator[Fault]:
    for shape, name, value in shapes.pairs(*_COUNTS):
        if not isinstance(value, ox.Literal) or not re.fullmatch(r"\+?[0-9]{1,18}", value.value):
            yield shape, name, value, f"sh:{name} is a number of 0 or more; write one, without quotes"


def _patterns(shapes: ShapeGraph) -> Iterator[Fault]:
    """Yield the patterns that no engine takes."""
    for shape, name, value in shapes.pairs("pattern"):
        if isinstance(value, ox.Literal) and not _is_pattern(value.value) and not _is_pattern_of_python(value.value):
            yield shape, name, value, "sh:pattern is not a regular expression; correct it"
    for shape, name, value in shapes.pairs("flags"):
        if not re.fullmatch("[smixq]*", value.value if isinstance(value, ox.Literal) else "?"):
            yield shape, name, value, "sh:flags has letters other than s, m, i, x and q; remove them"


def _is_pattern(text: str) -> bool:
    """Tell whether the fast engine takes a pattern: it has the same regular expressions as the store."""
    solutions = ox.Store().query(f'SELECT (REGEX("", {ox.Literal(text)}) AS ?matches) {{}}')
    return isinstance(solutions, ox.QuerySolutions) and next(solutions)["matches"] is not None


def _is_pattern_of_python(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _qualified_counts(shapes: ShapeGraph) -> Iterator[Fault]:
    for shape, name, value in shapes.pairs("qualifiedValueShape"):
        if not shapes.of(shape, "qualifiedMinCount") and not shapes.of(shape, "qualifiedMaxCount"):
            message = "sh:qualifiedValueShape counts nothing; add sh:qualifiedMinCount or sh:qualifiedMaxCount"
            yield shape, name, value, message
    for shape, name, value in shapes.pairs("qualifiedMinCount", "qualifiedMaxCount"):
        if not shapes.of(shape, "qualifiedValueShape"):
            yield shape, name, value, f"sh:{name} has nothing to count; add sh:qualifiedValueShape"


def _foreign(shapes: ShapeGraph) -> Iterator[Fault]:
    """Yield the unknown properties of shapes without any constraint: they look like constraints and check nothing."""
    known = {parameter for _, _, node in shapes.pairs("parameter") for parameter in shapes.of(node, "path")}
    described = {triple.subject for triple in shapes.triples}
    checking = {subject for subject, name in shapes.values if name not in _NO_CONSTRAINTS}
    checking |= {triple.subject for triple in shapes.triples if triple.predicate in known}
    for triple in shapes.triples:
        iri = triple.predicate.value
        if triple.subject not in checking and not iri.startswith((*standard(), *_NOTES)):
            is_shape = shapes.of(triple.subject, "path") or any(shapes.of(triple.subject, name) for name in TARGETS)
            if is_shape and triple.predicate not in described:
                what = "a constraint that SHACL or these files declare, so the shape checks nothing"
                message = f"{compress(iri)} is not {what}; correct it, or add a constraint"
                yield triple.subject, iri, triple.object, message


def _without_effect(shapes: ShapeGraph) -> Iterator[Fault]:
    for shape, name, value in shapes.pairs("flags"):
        if not shapes.of(shape, "pattern"):
            yield shape, name, value, "sh:flags belong to a pattern; add sh:pattern, or remove them"
    for shape, name, value in shapes.pairs("closed", "uniqueLang", "qualifiedValueShapesDisjoint"):
        if isinstance(value, ox.Literal) and value.value in ("0", "1"):
            truth = "true" if value.value == "1" else "false"
            yield shape, name, value, f"sh:{name} has an effect as true alone, not as {value.value}; write {truth}"
    described = {triple.subject for triple in shapes.triples} | {NIL}
    for shape, name, value in shapes.pairs("node", "not", "qualifiedValueShape", *LISTED):
        for other in shapes.items(value) if name in LISTED else [value]:
            if not isinstance(other, ox.Literal) and other not in described:
                yield (
                    shape,
                    name,
                    value,
                    f"sh:{name} refers to {shorten(str(other))}, of which nothing is said; correct it",
                )


def _queries(shapes: ShapeGraph) -> Iterator[Fault]:
    """Yield what is wrong with queries: the fast engine passes over a malformed target."""
    targets = {target for _, _, target in shapes.pairs("target")}
    constraints = {constraint for _, _, constraint in shapes.pairs("sparql")}
    for subject, name, value in shapes.pairs(*_FORMS):
        if isinstance(value, ox.Literal):
            fault = _query_fault(shapes, subject, name, value.value, is_target=subject in targets)
            if fault:
                yield subject, name, value, fault
    for subject in sorted(targets | constraints, key=str):
        known = targets - constraints
        if len(shapes.of(subject, "select")) > 1 or (subject in constraints and not shapes.of(subject, "select")):
            yield subject, "select", None, "a SPARQL constraint or target has exactly one sh:select"
        elif subject in known and not shapes.of(subject, "select") and not _of_type(shapes, subject):
            yield subject, "select", None, "the target selects nothing; add sh:select"


def _of_type(shapes: ShapeGraph, target: Any) -> bool:
    """Tell whether a target is of a type that is declared here, with parameters."""
    kinds = [t.object for t in shapes.triples if t.subject == target and t.predicate == TYPE]
    return any(shapes.of(kind, "select") for kind in kinds)


def _query_fault(shapes: ShapeGraph, subject: Any, name: str, text: str, *, is_target: bool) -> str | None:
    known = prefixes(shapes, subject)
    text = text.replace("$PATH", f"<{SH}path>")
    try:
        query = read(text, prefixes=known)
    except MalformedInput as error:
        where = f"in its line {error.line} at column {error.column}"
        return f"a query of the shapes is not SPARQL: {where}: {error.message}"
    for reading in readings(text):  # rdflib reads some texts otherwise
        if fault := _forbidden_part(reading, known, is_target=is_target):
            return fault
    try:
        ox.Store().query(text, prefixes=known)
    except SyntaxError as error:
        return f"a query of the shapes is not SPARQL: {error.msg}"
    except RuntimeError as error:
        return _function_fault(shapes, str(error))
    if query.form != name.upper():
        return f"sh:{name} has another kind of query; write one with {name.upper()}"
    if fault := _rebinding_fault(query):
        return fault
    if name == "select" and not _is_function(shapes, subject) and "this" not in tree.variables(query):
        return "a query of the shapes does not select $this; add it"
    return None


def _forbidden_part(text: str, known: Mapping[str, str], *, is_target: bool) -> str | None:
    """Return what is wrong with a query that looks beyond the data, or has what SHACL allows in targets alone.

    A text that is not a query has nothing of it: no engine runs it.
    """
    try:
        query = read(text, prefixes=known)
    except MalformedInput:
        return None
    for part in tree.walk(query):
        is_shapes_graph = isinstance(part, tree.GraphPattern) and "shapesGraph" in tree.variables(part.name)
        if isinstance(part, tree.Service | tree.From | tree.GraphPattern) and not is_shapes_graph:
            return f"a query of the shapes has {_keyword(part, text)}; remove it, they see only the data"
        if isinstance(part, tree.Minus | tree.Values) and not is_target:
            advice = "which SHACL rules out; write it with FILTER or UNION"
            return f"a query of the shapes has {_keyword(part, text)}, {advice}"
    return None


def _keyword(part: tree.SyntaxNode, text: str) -> str:
    return re.split("[^A-Za-z]", text[part.start : part.end], maxsplit=1)[0]


def _rebinding_fault(query: tree.Query) -> str | None:
    """Return what is wrong with a query that gives $this another value, or hides it in a query within."""
    for part in tree.walk(query):
        if isinstance(part, tree.Bind | tree.Assignment) and part.variable.name == "this":
            return "a query of the shapes gives $this a value, which SHACL has given it; use another variable"
        if isinstance(part, tree.Query) and isinstance(part.head, tree.Projection) and part is not query:
            is_selected = part.head.everything or "this" in tree.variables(part.head)
            if part.where and not is_selected and "this" in tree.variables(part.where):
                return "a query within a query of the shapes has $this and does not select it; select it there too"
    return None


def _function_fault(shapes: ShapeGraph, error: str) -> str | None:
    """Return what is wrong with a query that calls a function: nothing, if the shapes declare the function."""
    called = re.search("<([^<>]+)>", error)
    if called and _is_function(shapes, ox.NamedNode(called[1])):
        return None
    return f"a query of the shapes cannot be run: {error}; declare the function, or do without it"


def _is_function(shapes: ShapeGraph, node: Any) -> bool:
    return ox.Triple(node, TYPE, ox.NamedNode(SH + "SPARQLFunction")) in shapes.triples


def prefixes(shapes: ShapeGraph, subject: Any) -> dict[str, str]:
    """Return the prefixes that a query of *subject* may use, those of imported owners too."""
    return {
        name.value: space.value
        for owner in _imports(shapes, shapes.of(subject, "prefixes"))
        for declaration in shapes.of(owner, "declare")
        for name in shapes.of(declaration, "prefix")
        for space in shapes.of(declaration, "namespace")
    }


def _imports(shapes: ShapeGraph, owners: Sequence[Any]) -> list[Any]:
    """Return the owners of prefixes and what they import."""
    return closure(owners, lambda owner: shapes.of(owner, "imports"))


def _circles(shapes: ShapeGraph) -> Iterator[Fault]:
    """Yield the references by which a shape comes back to itself: SHACL leaves open what recursion means."""
    edges: dict[Any, list[tuple[str, Any, Any]]] = {}
    for shape, name, value in shapes.pairs(*_REFERENCES):
        edges.setdefault(shape, []).append((name, value, value))
    for shape, name, head in shapes.pairs(*LISTED):
        edges.setdefault(shape, []).extend((name, head, item) for item in shapes.items(head))
    done: set[Any] = set()
    for start in edges:
        yield from _circles_from(start, edges, done)


def _circles_from(start: Any, edges: Mapping[Any, Sequence[tuple[str, Any, Any]]], done: set[Any]) -> Iterator[Fault]:
    """Go down from a shape, and yield each reference to a shape on the way; *done* is what has been seen."""
    way = [(start, iter(edges.get(start, ())))]
    on_way = {start}
    while way and start not in done:
        shape, references = way[-1]
        for name, value, other in references:
            if other in on_way:
                message = f"the shape refers to itself by way of sh:{name}: write out what it means, without recursion"
                yield shape, name, value, message
            elif other not in done and other in edges:
                way.append((other, iter(edges[other])))
                on_way.add(other)
                break
        else:
            way.pop()
            on_way.discard(shape)
            done.add(shape)


def find_unsupported(shapes: ShapeGraph) -> str | None:
    """Return what of the shapes the fast engine cannot run, or would pass over, or None.

    Found with the W3C's suite and with one shape for each construct of SHACL; a test holds each to it.
    """
    kinds = {t.object for t in shapes.triples if t.predicate == TYPE}
    texts = [(node, text.value) for _, _, node in shapes.pairs("target") for text in shapes.of(node, "select")]
    checks = (
        (
            any(_forbidden_part(text, prefixes(shapes, node), is_target=False) for node, text in texts),
            "a target with MINUS or VALUES",
        ),
        (any(_of_type(shapes, target) for _, _, target in shapes.pairs("target")), "a target with parameters"),
        (any(shapes.of(node, "deactivated") for _, _, node in shapes.pairs("sparql")), "a query that is deactivated"),
        (any(shapes.of(shape, "path") for shape in shapes.subjects("closed")), "a property shape that is closed"),
        (bool(shapes.subjects("rule")), "a rule"),
        (bool(kinds & {ox.NamedNode(SH + "SPARQLFunction")}), "a function of its own"),
        (
            any(not _is_pattern(text.value) for _, _, text in shapes.pairs("pattern") if isinstance(text, ox.Literal)),
            "a pattern with look-around, a back reference or too many repetitions",
        ),
    )
    return next((what for there, what in checks if there), None)


def find_missing_imports(shapes: ShapeGraph, there: Iterable[ox.Triple]) -> list[str]:
    """Return the IRIs that the shapes import and of which nothing is said *there*, SHACL itself aside, sorted."""
    known = {triple.subject for triple in there}
    imported = {iri for _, _, iri in shapes.pairs("imports") if isinstance(iri, ox.NamedNode) and iri not in known}
    return sorted(iri.value for iri in imported if iri.value.rstrip("#/") != SH.rstrip("#"))


def find_unreached(shapes: ShapeGraph, used: Usage, ontology: Iterable[ox.Triple]) -> list[Finding]:
    """Return the shapes that nothing reaches, those that lack a part, and those that no node is a target of."""
    return [*_shapes_without_target(shapes), *_incomplete(shapes), *_idle(shapes, used, ontology)]


def _incomplete(shapes: ShapeGraph) -> Iterator[Finding]:
    for subject, name, value, message in (*_qualified_counts(shapes), *_without_effect(shapes), *_foreign(shapes)):
        fault = _finding(shapes, (subject, name, value, message))
        yield replace(fault, severity=Severity.WARNING, rule=INCOMPLETE.name)


def _shapes_without_target(shapes: ShapeGraph) -> Iterator[Finding]:
    reached = {value for _, _, value in shapes.pairs(*_REFERENCES)} | set(with_targets(shapes).subjects(*TARGETS))
    reached |= {item for _, _, head in shapes.pairs(*LISTED) for item in shapes.items(head)}
    message = "The shape checks nothing: give it a target, or refer to it from another shape."
    for shape in _declared_shapes(shapes):
        if shape not in reached:
            yield Finding("shapes", Severity.WARNING, message, focus=str(shape), rule=UNTARGETED.name)


def _declared_shapes(shapes: ShapeGraph) -> list[Any]:
    """Return the nodes that are said to be shapes."""
    return _instances(shapes, "NodeShape", "PropertyShape")


def _instances(shapes: ShapeGraph, *names: str) -> list[Any]:
    """Return the nodes of classes of SHACL, in the order of the files."""
    kinds = {ox.NamedNode(SH + name) for name in names}
    return [triple.subject for triple in shapes.triples if triple.predicate == TYPE and triple.object in kinds]


def with_targets(shapes: ShapeGraph) -> ShapeGraph:
    """Return the shapes, each class among them with itself as its target (SHACL, 2.1.3.3): engines overlook some."""
    kinds = closure([ox.NamedNode(RDFS + "Class")], subclasses(shapes.triples).get)
    classes = {triple.subject for triple in shapes.triples if triple.predicate == TYPE and triple.object in kinds}
    target = ox.NamedNode(SH + "targetClass")
    added = [
        ox.Triple(shape, target, shape)
        for shape in dict.fromkeys(_declared_shapes(shapes))
        if shape in classes and isinstance(shape, ox.NamedNode)
    ]
    return of_triples([*shapes.triples, *added]) if added else shapes


def target_shapes(shapes: ShapeGraph) -> list[Any]:
    """Return the shapes that have targets, see `with_targets`, and are not deactivated."""
    return [shape for shape in shapes.subjects(*TARGETS) if not shapes.is_off(shape)]


def _idle(shapes: ShapeGraph, used: Usage, ontology: Iterable[ox.Triple]) -> Iterator[Finding]:
    classes, predicates = set(closure(used.classes, superclasses(ontology).get)), used.predicates
    known: dict[str, Any] = dict(zip(BY_TERM, (classes, predicates, predicates), strict=True))
    live = set(shapes.subjects("target", "targetNode"))
    live |= {shape for shape, name, value in shapes.pairs(*known) if value in known[name]}
    reported: set[Any] = set()
    for shape, name, value in shapes.pairs(*known):
        if shape not in live and shape not in reported:
            reported.add(shape)
            message = f"No node of the data is a target of this shape, by sh:{name} {shorten(str(value))} for one."
            path = f"<{SH}{name}>"
            yield Finding(
                "shapes", Severity.INFO, message, focus=str(shape), path=path, value=str(value), rule=IDLE.name
            )
