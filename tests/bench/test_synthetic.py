"""The graphs that benchmarks run on: of the size that was asked for, true to the shapes, with the faults put in."""

import hashlib
from functools import cache

import pyoxigraph as ox
import pytest
from bench.synthetic import FAULTS, Fault, Format, Tally, generate, passage_text

from tests.conftest import ONTOLOGY_FILES, ROOT
from tests.support.shacl import validate
from triplomacy.rdf.parsing import parse_file
from triplomacy.terms import OA, RDF, TRI

SHAPES = sorted((ROOT / "ontology" / "shapes").glob("*.ttl"))
SIZES = (5_000, 20_000)
POSITIONS = {OA + "start", OA + "end", TRI + "sha256"}


@cache
def written(triples: int, faults: int = 0, syntax: Format = "turtle") -> tuple[str, Tally]:
    """Return a graph and what it says was written."""
    tally = Tally()
    return "".join(generate(triples, faults=faults, format=syntax, tally=tally)), tally


def parsed(text: str, syntax: Format = "turtle") -> list[ox.Triple]:
    """Return the triples of a graph."""
    form = ox.RdfFormat.TURTLE if syntax == "turtle" else ox.RdfFormat.N_TRIPLES
    return [quad.triple for quad in ox.parse(text, format=form)]


def found(triples: int, faults: int = 0) -> list[Fault]:
    """Return what the shapes find in a graph beside the ontology, each as the fault that it would be."""
    ontology = [triple for path in ONTOLOGY_FILES for triple in parse_file(path)]
    findings = validate([*ontology, *parsed(written(triples, faults)[0])], SHAPES)
    return [Fault(item.focus or "", item.path or "", item.component or "", item.shape or "") for item in findings]


@pytest.mark.parametrize("triples", SIZES)
def test_size_is_as_asked(triples: int) -> None:
    """A graph has the number of triples that was asked for, within two in a hundred, and the tally counts them."""
    text, tally = written(triples)
    assert tally.triples == len(set(parsed(text)))
    assert abs(tally.triples - triples) <= 0.02 * triples


def test_claims_are_as_dense_as_ours() -> None:
    """Beside the entities a claim takes 13 to 18 triples, as in the graphs that people write."""
    (_, small), (_, large) = (written(triples) for triples in SIZES)
    assert 13 <= (large.triples - small.triples) / (large.claims - small.claims) <= 18


@pytest.mark.parametrize("triples", SIZES)
def test_graph_conforms(triples: int) -> None:
    """Without faults the shapes find nothing."""
    assert found(triples) == []


@pytest.mark.parametrize(("triples", "faults"), [(5_000, len(FAULTS)), (20_000, 300)])
def test_faults_are_found(triples: int, faults: int) -> None:
    """The shapes find each fault that was put in, once, and nothing else."""
    planted = written(triples, faults)[1].faults
    assert len(planted) == faults
    assert sorted(found(triples, faults), key=repr) == sorted(planted, key=repr)
    assert {fault.component for fault in planted} == {
        f"<http://www.w3.org/ns/shacl#{component}ConstraintComponent>" for _, component, _ in FAULTS.values()
    }


def test_faults_are_spread() -> None:
    """Faults lie in each source but perhaps a short last one, not all at the beginning."""
    tally = written(20_000, 60)[1]
    assert len({fault.focus.split("/")[5] for fault in tally.faults}) >= tally.sources - 1


def test_same_seed_gives_the_same_bytes() -> None:
    """The same seed gives the same graph, another one another graph."""
    again, other = ("".join(generate(5_000, seed)) for seed in (1, 2))
    assert again == written(5_000)[0]
    assert other != again


def test_syntaxes_say_the_same() -> None:
    """Turtle and N-Triples are the same triples."""
    turtle = set(parsed(written(5_000, 6)[0]))
    other = set(parsed(written(5_000, 6, "ntriples")[0], "ntriples"))
    assert turtle == other


def test_evidence_is_that_of_the_text() -> None:
    """Each hash is that of the characters of the invented text which it stands beside."""
    values: dict[str, dict[str, str]] = {}
    for triple in parsed(written(5_000)[0]):
        if triple.predicate.value in POSITIONS and "/synthetic-1/" in str(triple.subject):
            assert isinstance(triple.object, ox.Literal)
            values.setdefault(str(triple.subject), {})[triple.predicate.value] = triple.object.value
    passages = sum("/passage/" in node for node in values)
    text = "\n".join(passage_text(1, 1, place) for place in range(1, passages + 1))
    assert len(values) > 3 * passages
    for each in values.values():
        part = text[int(each.get(OA + "start", 0)) : int(each.get(OA + "end", len(text)))]
        assert hashlib.sha256(part.encode()).hexdigest() == each[TRI + "sha256"]


@pytest.mark.parametrize(("triples", "faults"), [(100, 0), (3_000, 5_000)])
def test_too_small_a_graph_is_refused(triples: int, faults: int) -> None:
    """A graph that cannot hold the entities, or the faults, is an error and no smaller graph."""
    with pytest.raises(ValueError, match=r"too few|ask for more"):
        list(generate(triples, faults=faults))


def test_every_node_has_a_class() -> None:
    """Nothing is spoken of that is not described."""
    triples = parsed(written(5_000)[0])
    described = {triple.subject for triple in triples if triple.predicate.value == RDF + "type"}
    mentioned = {triple.object for triple in triples if "/source/" in str(triple.object)}
    assert mentioned - described == set()
