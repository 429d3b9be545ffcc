"""Each file of the dumps says the same to another tool than the one that wrote it, and has the same bytes each time."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from tests.conftest import ROOT
from triplomacy import build
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load
from triplomacy.publish import dumps, json_ld
from triplomacy.terms import GRAPH, ONTOLOGY, RDF, RDFS, TRI, VIEW, XSD

Graphs = Mapping[str, Sequence[ox.Triple]]

NODE = ox.NamedNode("https://example.com/a/é(1)?x=%20#y")
TEXTS = ('a "quoted" \\ word', "two\nlines\tand\r\nmore", "\u2028@prefix\u0085x", "\x7f", "😀 naïve", "", " ")
TYPED = (("7", "int"), ("1.50", "decimal"), ("1", "boolean"), ("true", "boolean"), ("1.0E0", "double"))
REWRITTEN = (("007", "integer"), ("1E0", "double"))  # by rdflib in Turtle, and by PyLD


def odd() -> dict[str, list[ox.Triple]]:
    """Return a graph of what formats stumble over: characters, lexical forms, language tags, blank nodes, a list."""
    predicate = ox.NamedNode("https://example.com/p")
    first, rest, nil = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))
    cells = [ox.BlankNode(), ox.BlankNode()]
    values: list[Any] = [
        *map(ox.Literal, TEXTS),
        *(ox.Literal(text, datatype=ox.NamedNode(XSD + name)) for text, name in TYPED),
        *(ox.Literal("colour", language=tag) for tag in ("en", "en-gb")),
        ox.Literal(str(2**60), datatype=ox.NamedNode(XSD + "integer")),
        cells[0],
        NODE,
    ]
    listed = [
        *(ox.Triple(cell, first, ox.Literal("same")) for cell in cells),
        ox.Triple(cells[0], rest, cells[1]),
        ox.Triple(cells[1], rest, nil),
    ]
    own = [
        ox.Triple(NODE, ox.NamedNode(TRI + "claimant"), ox.Literal("no node")),
        ox.Triple(NODE, ox.NamedNode(TRI + "earliestStart"), ox.Literal("no time")),
        ox.Triple(NODE, ox.NamedNode(RDFS + "label"), ox.Literal("no language")),
        ox.Triple(NODE, ox.NamedNode(RDF + "type"), cells[1]),
    ]
    ontology = build.graphs(Project(ROOT))[ONTOLOGY]
    return {ONTOLOGY: ontology, GRAPH + "odd": [*(ox.Triple(NODE, predicate, v) for v in values), *listed, *own]}


@pytest.fixture(scope="module")
def graphs(request: pytest.FixtureRequest, gazette: Dataset) -> Graphs:
    """Return the graphs and views of the project, of the invented gazette, or of oddities."""
    if request.param == "odd":
        return odd()
    project = Project(ROOT) if request.param == "article" else gazette.project
    assert project is not None
    return build.graphs(project)


@pytest.fixture(scope="module")
def texts(graphs: Graphs) -> dict[str, str]:
    """Return the files of RDF."""
    return dumps.rdf(graphs)


each = pytest.mark.parametrize("graphs", ["odd", "gazette", "article"], indirect=True, scope="module")


def canonical(quads: Iterable[ox.Quad]) -> list[str]:
    """Return the lines of the canonical N-Quads."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


def quads(graphs: Graphs) -> list[ox.Quad]:
    """Return the quads of graphs."""
    return [
        ox.Quad(t.subject, t.predicate, t.object, ox.NamedNode(g)) for g, triples in graphs.items() for t in triples
    ]


def of_graph(graphs: Graphs, graph: str) -> list[str]:
    """Return the canonical lines of one graph, as a default graph."""
    return canonical(ox.Quad(t.subject, t.predicate, t.object) for t in graphs[graph])


def by_oxigraph(text: str, form: str) -> list[ox.Quad]:
    """Return what pyoxigraph reads."""
    known = {"nquads": ox.RdfFormat.N_QUADS, "trig": ox.RdfFormat.TRIG, "json-ld": ox.RdfFormat.JSON_LD}
    return list(ox.parse(text, format=known[form]))


@pytest.fixture
def by_rdflib(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], list[ox.Quad]]:
    """Return the function that reads with rdflib, lexical forms as they are."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)

    def read(text: str, form: str) -> list[ox.Quad]:
        if form in ("turtle", "xml"):
            written = rdflib.Graph().parse(data=text, format=form).serialize(format="nt")
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's parsers use what rdflib deprecates
                written = rdflib.Dataset().parse(data=text, format=form).serialize(format="nquads")
        return list(ox.parse(written, format=ox.RdfFormat.N_QUADS))

    return read


def by_raptor(text: str, form: str) -> list[ox.Quad]:
    """Return what raptor reads; without it skip the test, but fail it where ``CI`` is ``true``."""
    if shutil.which("rapper") is None:
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("rapper is not installed; make system-packages installs it from Debian's raptor2-utils")
    command = ["rapper", "--quiet", "--input", form, "--output", "nquads", "-", "https://example.com/base"]
    done = subprocess.run(command, input=text.encode("utf-8"), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return list(ox.parse(done.stdout, format=ox.RdfFormat.N_QUADS))


@each
def test_quads_are_read_by_rdflib(graphs, texts, by_rdflib):
    """N-Quads, TriG and JSON-LD are the same dataset to rdflib."""
    wanted = canonical(quads(graphs))
    assert wanted
    assert canonical(by_rdflib(texts[dumps.NQUADS], "nquads")) == wanted
    assert canonical(by_rdflib(texts[dumps.TRIG], "trig")) == wanted
    assert canonical(by_rdflib(texts[dumps.JSONLD], "json-ld")) == wanted


@each
def test_quads_are_read_by_raptor(graphs, texts):
    """Raptor reads the same dataset from N-Quads and TriG."""
    wanted = canonical(quads(graphs))
    assert canonical(by_raptor(texts[dumps.NQUADS], "nquads")) == wanted
    assert canonical(by_raptor(texts[dumps.TRIG], "trig")) == wanted


@each
def test_graphs_are_read_by_rdflib(graphs, texts, by_rdflib):
    """The Turtle and the RDF/XML of each graph are the same triples to rdflib."""
    for graph in graphs:
        assert canonical(by_rdflib(texts[f"{dumps.stem(graph)}.ttl"], "turtle")) == of_graph(graphs, graph)
        assert canonical(by_rdflib(texts[f"{dumps.stem(graph)}.rdf"], "xml")) == of_graph(graphs, graph)


def test_lexical_forms_are_kept():
    """Literals that some readers rewrite are in each file as they are, as raptor and pyoxigraph read them."""
    literals = [ox.Literal(text, datatype=ox.NamedNode(XSD + name)) for text, name in REWRITTEN]
    graphs = {GRAPH + "odd": [ox.Triple(NODE, ox.NamedNode(TRI + "count"), literal) for literal in literals]}
    texts = dumps.rdf(graphs)
    for name, form in ((dumps.NQUADS, "nquads"), (dumps.TRIG, "trig"), ("graph/odd.ttl", "turtle")):
        assert {quad.object for quad in by_raptor(texts[name], form)} == set(literals)
    assert {quad.object for quad in by_raptor(texts["graph/odd.rdf"], "rdfxml")} == set(literals)
    assert {quad.object for quad in by_oxigraph(texts[dumps.JSONLD], "json-ld")} == set(literals)


@each
def test_graphs_are_read_by_raptor(graphs, texts):
    """Raptor reads the same triples of each graph from Turtle and RDF/XML."""
    for graph in graphs:
        assert canonical(by_raptor(texts[f"{dumps.stem(graph)}.ttl"], "turtle")) == of_graph(graphs, graph)
        assert canonical(by_raptor(texts[f"{dumps.stem(graph)}.rdf"], "rdfxml")) == of_graph(graphs, graph)


def from_published_context(text: str, context: str) -> dict[str, Any]:
    """Return a JSON-LD document that refers to its context by the context's IRI instead of having it."""
    document: dict[str, Any] = json.loads(text)
    assert document["@context"] == json.loads(context)["@context"]
    return document | {"@context": json_ld.CONTEXT}


def by_pyld(document: dict[str, Any], context: str) -> list[ox.Quad]:
    """Return what PyLD reads; whoever asks for a document gets the context, and nothing else."""
    from pyld import jsonld as pyld

    def fetch(url: str, options: Mapping[str, Any]) -> dict[str, Any]:
        assert (url, bool(options)) == (json_ld.CONTEXT, True)
        return {"contextUrl": None, "documentUrl": url, "document": json.loads(context)}

    written = pyld.to_rdf(document, {"documentLoader": fetch, "format": "application/n-quads"})
    return list(ox.parse(written, format=ox.RdfFormat.N_QUADS))


@each
def test_jsonld_is_read_with_the_published_context(graphs, texts):
    """PyLD reads the same dataset with the published context, and pyoxigraph with the one in the file."""
    wanted = canonical(quads(graphs))
    document = from_published_context(texts[dumps.JSONLD], texts[dumps.CONTEXT])
    assert canonical(by_oxigraph(texts[dumps.JSONLD], "json-ld")) == wanted
    found = canonical(by_pyld(document, texts[dumps.CONTEXT]))
    assert found == wanted


def test_jsonld_reads_like_json():
    """A claim has bare names for its properties and values, and its label by language."""
    graphs = build.graphs(Project(ROOT))
    document = json.loads(dumps.rdf(graphs)[dumps.JSONLD])
    nodes = {node["@id"]: node for graph in document["@graph"] for node in graph["@graph"]}
    source = "https://w3id.org/triplomacy/source/lukin-2022/"
    claim = nodes[f"{source}claim/envoy-denies-request"]
    assert (claim["@type"], claim["claimant"], claim["stance"]) == ("Claim", "id:russias-un-envoy", "tri:denies")
    proposition = nodes[f"{source}proposition/russia-asks-for-ammunition"]
    assert proposition["label"] == {"en": "Russia asks North Korea for ammunition"}
    assert nodes[f"{source}text"]["length"] == 6403
    assert nodes[f"{source}time/until-writing"]["earliestEnd"].startswith("20")


@pytest.mark.parametrize("graphs", ["gazette"], indirect=True, scope="module")
def test_hash_is_that_of_another_implementation(graphs, texts):
    """PyLD, by URDNA2015, gives the same canonical N-Quads, whose SHA-256 is the hash, also in the TriG."""
    from pyld import jsonld as pyld

    mixed = "\n".join(f"{quad} ." for quad in reversed(quads(graphs)))
    options = {"algorithm": "URDNA2015", "inputFormat": "application/n-quads", "format": "application/n-quads"}
    theirs = pyld.normalize(mixed.replace("_:", "_:renamed"), options)
    assert texts[dumps.NQUADS] == theirs
    assert dumps.canonical_hash(graphs) == dumps.sha256(theirs.encode("utf-8"))
    assert texts[dumps.TRIG].startswith(f"# RDFC-1.0 (SHA-256): {dumps.canonical_hash(graphs)}\n")


def test_facts_stand_in_views_alone():
    """In no file of a curated graph, and in no curated graph of TriG or JSON-LD, does a plain property stand."""
    graphs = build.graphs(Project(ROOT))
    plain = {t.object for t in graphs[ONTOLOGY] if t.predicate == ox.NamedNode(TRI + "shortcut")}
    assert plain
    texts = dumps.rdf(graphs)
    for name in (dumps.TRIG_12, dumps.TRIG):
        found = {str(q.graph_name)[1:-1] for q in by_oxigraph(texts[name], "trig") if q.predicate in plain}
        assert found
        assert all(graph.startswith(VIEW) for graph in found)
    for name, text in texts.items():
        if name.startswith("graph/") and name.endswith(".ttl"):
            assert not any(quad.predicate in plain for quad in ox.parse(text, format=ox.RdfFormat.TURTLE))


REIFIED = re.compile(r"^(\S+) <http://www\.w3\.org/1999/02/22-rdf-syntax-ns#reifies> <<\( (.+) \)>> (<\S+>) \.$")


@each
def test_rdf12_is_rdf11_with_triple_terms(graphs, texts):
    """The RDF 1.2 form has every quad of RDF 1.1 and besides only reifiers, the same in N-Quads and TriG."""
    lines = texts[dumps.NQUADS_12].split("\n")[:-1]
    more = [line for line in lines if "<<(" in line]
    assert [line for line in lines if "<<(" not in line] == texts[dumps.NQUADS].split("\n")[:-1]
    assert all(REIFIED.match(line) for line in more)
    assert bool(more) == (GRAPH + "odd" not in graphs)
    read = by_oxigraph(texts[dumps.NQUADS_12], "nquads")
    assert len(read) == len(lines)
    assert canonical(read) == canonical(by_oxigraph(texts[dumps.TRIG_12], "trig"))


@pytest.mark.parametrize("graphs", ["article"], indirect=True, scope="module")
@pytest.mark.usefixtures("graphs")
def test_triple_terms_are_read_by_raptor_as_reifications(texts):
    """With each triple term rewritten as RDF 1.1's reification, raptor reads what pyoxigraph read of RDF 1.2."""
    terms = [found for line in texts[dumps.NQUADS_12].splitlines() if (found := REIFIED.match(line))]
    told = {(found[1], *found[2].split(" ", 2)) for found in terms}
    names = ("subject", "predicate", "object")
    lines = [f"{who} <{RDF}{name}> {part} .\n" for who, *parts in told for name, part in zip(names, parts, strict=True)]
    read = {str(quad.triple) for quad in by_raptor("".join(lines), "ntriples")}
    reified = [quad for quad in by_oxigraph(texts[dumps.NQUADS_12], "nquads") if isinstance(quad.object, ox.Triple)]
    assert reified
    for quad in reified:
        assert isinstance(quad.object, ox.Triple)
        parts = (quad.object.subject, quad.object.predicate, quad.object.object)
        for name, part in zip(names, parts, strict=True):
            assert f"{quad.subject} <{RDF}{name}> {part}" in read


def test_every_file_has_its_checksum(tmp_path: Path, gazette: Dataset):
    """`sha256sum --check` finds every file as it was written, and no file is without a line."""
    assert gazette.project is not None
    contents = dumps.files(build.graphs(gazette.project), gazette)
    for name, content in contents.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    command = ["sha256sum", "--check", "--strict", "--quiet", dumps.CHECKSUMS]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    listed = [line.split("  ", 1)[1] for line in contents[dumps.CHECKSUMS].decode().splitlines()]
    assert listed == sorted(set(contents) - {dumps.CHECKSUMS})


def test_gzip_holds_the_file(gazette: Dataset):
    """Each large text is there as gzip too, which holds the same bytes and neither a name nor a time."""
    assert gazette.project is not None
    contents = dumps.files(build.graphs(gazette.project), gazette)
    packed = {name for name in contents if name.endswith(".gz")}
    texts = {n for n, c in contents.items() if len(c) > dumps.LARGEST and not n.endswith((".gz", ".parquet"))}
    assert packed == {f"{name}.gz" for name in texts - {dumps.CHECKSUMS}}
    for name in packed:
        assert gzip.decompress(contents[name]) == contents[name.removesuffix(".gz")]
        assert contents[name][3:8] == bytes(5)  # flags: no name; time: none (RFC 1952, 2.3)


def test_bytes_are_the_same_in_another_process(gazette: Dataset):
    """Two processes that order sets differently write the same bytes."""
    assert gazette.project is not None
    program = (
        "import sys; from pathlib import Path; from triplomacy import build; from triplomacy.publish import dumps; "
        "from triplomacy.dataset import Project, load; project = Project(Path(sys.argv[1])); "
        "print(dumps.sha256(dumps.files(build.graphs(project), load(project))[dumps.CHECKSUMS]))"
    )
    command = [sys.executable, "-c", program, str(gazette.project.root)]
    said = {
        subprocess.run(command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2", "3")
    }
    here = dumps.files(build.graphs(gazette.project), load(gazette.project))[dumps.CHECKSUMS]
    assert said == {f"{dumps.sha256(here)}\n".encode()}
