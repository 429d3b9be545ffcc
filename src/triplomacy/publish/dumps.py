"""The whole dataset in files to be downloaded: each format, whole graphs, checksums, the same bytes every time.

Formats with named graphs have the curated graphs and the views; Turtle and RDF/XML have a file a graph, since a file in
which views are mixed with claims would assert what somebody only says. Each file of text is there as gzip too.
"""

from __future__ import annotations

import gzip
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import pyoxigraph as ox

from triplomacy.dataset import Dataset
from triplomacy.publish import claims_table, json_ld, triple_terms
from triplomacy.queries import formats
from triplomacy.rdf import turtle
from triplomacy.terms import DCTERMS, GRAPH, ONTOLOGY, PREFIXES, RDF

NAME: Final = "triplomacy"
NQUADS: Final = f"{NAME}.nq"
TRIG: Final = f"{NAME}.trig"
JSONLD: Final = f"{NAME}.jsonld"
CONTEXT: Final = "context.jsonld"
NQUADS_12: Final = f"{NAME}-rdf12.nq"
TRIG_12: Final = f"{NAME}-rdf12.trig"
CHECKSUMS: Final = "SHA256SUMS"
LARGEST: Final = 1_000
"""How many bytes a text may have before it is there as gzip too."""

Graphs = Mapping[str, Sequence[ox.Triple]]

_PREFIXES: Final = {**PREFIXES, "rdf": RDF}
_LICENCE: Final = ox.NamedNode(DCTERMS + "license")


def files(graphs: Graphs, dataset: Dataset) -> dict[str, bytes]:
    """Return the content of each file by its name below the folder of the dumps, sorted, with their checksums.

    Args:
        graphs: the triples of each named graph and view by its IRI, as `build.graphs` has them.
        dataset: the same curated graphs loaded, without views in its default graph.

    Raises:
        EngineUnavailable: pyarrow is not installed, which writes Parquet.
        TriplomacyError: RDF/XML cannot hold a graph.
    """
    table = claims_table.rows(dataset)
    texts = rdf(graphs) | claims(table, claims_table.value_sets(dataset), licences(graphs))
    contents = {name: text.encode("utf-8") for name, text in texts.items()}
    contents |= {f"{name}.gz": compress(content) for name, content in contents.items() if len(content) > LARGEST}
    contents[f"{claims_table.NAME}.parquet"] = claims_table.to_parquet(table)
    contents[CHECKSUMS] = checksums(contents).encode("utf-8")
    return dict(sorted(contents.items()))


def rdf(graphs: Graphs) -> dict[str, str]:
    """Return the text of each file of RDF by its name.

    Raises:
        TriplomacyError: RDF/XML cannot hold a graph.
    """
    quads = _quads(graphs)
    labelled = _by_graph(quads, graphs)
    context = json_ld.context(labelled.get(ONTOLOGY, ()))
    extended = [*quads, *triple_terms.quads(labelled)]
    texts = {
        NQUADS: nquads(quads),
        TRIG: f"# RDFC-1.0 (SHA-256): {sha256(nquads(quads).encode('utf-8'))}\n{_trig(quads)}",
        JSONLD: json_ld.serialise(labelled, context),
        CONTEXT: json_ld.document(context),
        NQUADS_12: nquads(extended),
        TRIG_12: f'VERSION "1.2"\n{_trig(extended)}',
    }
    for graph, triples in labelled.items():
        texts[f"{stem(graph)}.ttl"] = turtle.serialise(triples, PREFIXES)
        texts[f"{stem(graph)}.rdf"] = formats.rdfxml(triples)
    return texts


def claims(
    table: Sequence[claims_table.Row], sets: Mapping[str, Mapping[str, str]], under: Sequence[str]
) -> dict[str, str]:
    """Return the texts about the flat table of claims by their names: CSV, its description, its data dictionary."""
    return {
        f"{claims_table.NAME}.csv": claims_table.to_csv(table),
        f"{claims_table.NAME}.csv-metadata.json": claims_table.metadata(sets, under),
        f"{claims_table.NAME}.md": claims_table.dictionary(sets),
    }


def licences(graphs: Graphs) -> list[str]:
    """Return the IRIs of the licences that the graphs say they are under, sorted."""
    stated = (triple for triples in graphs.values() for triple in triples if triple.predicate == _LICENCE)
    return sorted({triple.object.value for triple in stated if isinstance(triple.object, ox.NamedNode)})


def stem(graph: str) -> str:
    """Return the name of a graph's file without its ending: ``ontology``, ``graph/NAME`` or ``view/NAME``."""
    return graph.removeprefix(GRAPH.removesuffix("graph/"))


def canonical_hash(graphs: Graphs) -> str:
    """Return the SHA-256 of the dataset's canonical N-Quads (RDFC-1.0, W3C, 2024), in lower-case hexadecimal digits.

    The dump in N-Quads is this canonical form, so that it is the checksum of that file too.
    """
    return sha256(nquads(_quads(graphs)).encode("utf-8"))


def nquads(quads: Iterable[ox.Quad]) -> str:
    """Return quads as N-Quads, each once, sorted by code points: the canonical form where RDFC-1.0 labelled them."""
    return "".join(sorted({f"{quad} .\n" for quad in quads}))


def _trig(quads: Iterable[ox.Quad]) -> str:
    ordered = sorted(set(quads), key=lambda quad: (str(quad.graph_name), str(quad)))
    written = ox.serialize(ordered, format=ox.RdfFormat.TRIG, prefixes=_PREFIXES) or b""
    return turtle.with_sorted_heads(written.decode("utf-8"))


def _quads(graphs: Graphs) -> list[ox.Quad]:
    """Return the quads of graphs with blank nodes labelled by RDFC-1.0."""
    dataset = ox.Dataset(
        ox.Quad(triple.subject, triple.predicate, triple.object, ox.NamedNode(graph))
        for graph, triples in graphs.items()
        for triple in triples
    )
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return list(dataset)


def _by_graph(quads: Iterable[ox.Quad], graphs: Iterable[str]) -> dict[str, list[ox.Triple]]:
    """Return the triples of each graph, also of those that have none."""
    triples_by_graph: dict[str, list[ox.Triple]] = {graph: [] for graph in graphs}
    for quad in quads:
        triples_by_graph[str(quad.graph_name)[1:-1]].append(quad.triple)
    return triples_by_graph


def compress(content: bytes) -> bytes:
    """Compress bytes with gzip, without name and time, so that the same bytes give the same file."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as file:
        file.write(content)
    return out.getvalue()


def checksums(contents: Mapping[str, bytes]) -> str:
    """Return what ``sha256sum --check`` reads: a line a file, sorted by name."""
    return "".join(f"{sha256(contents[name])}  {name}\n" for name in sorted(contents))


def sha256(content: bytes) -> str:
    """Return the SHA-256 of bytes in lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
