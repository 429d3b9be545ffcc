"""Files to one dataset: where a project is found, what is loaded, and what is said of a file that is wrong."""

import shutil
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ONTOLOGY_FILES, ROOT, make_gazette
from triplomacy.dataset.dataset import MemoryDataset, choose_graphs
from triplomacy.dataset.project import Project, find_project
from triplomacy.dataset.reading import load_files, load_graphs
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.rdf.parsing import rdf_format
from triplomacy.terms import GRAPH, ONTOLOGY

HEAD = "@prefix id: <https://w3id.org/triplomacy/id/> .\n"


def test_named_folder_comes_first(own_gazette, monkeypatch):
    """A folder that is named is the project, whatever the current directory is."""
    monkeypatch.chdir(ROOT)
    assert find_project(own_gazette.root) == own_gazette


def test_current_directory_comes_second(own_gazette, monkeypatch):
    """A current directory with ontology and graphs is the project, by a relative path."""
    monkeypatch.chdir(own_gazette.root)
    assert find_project() == Project(Path())


@pytest.mark.parametrize("part", ["ontology", "graphs"])
def test_current_directory_with_half_a_project_is_none(own_gazette, monkeypatch, part):
    """A current directory that lacks one of the folders is passed over for the package's own project."""
    shutil.rmtree(own_gazette.root / part)
    monkeypatch.chdir(own_gazette.root)
    assert find_project().root == ROOT


@pytest.mark.parametrize("part", ["ontology", "graphs"])
def test_named_folder_without_a_part_is_refused(own_gazette, part):
    """A folder that is named and lacks a part is an error that says which."""
    shutil.rmtree(own_gazette.root / part)
    with pytest.raises(TriplomacyError, match=f"no folder {part}/ here") as caught:
        find_project(own_gazette.root)
    assert caught.value.path == own_gazette.root


def test_default_graph_is_the_union(own_gazette):
    """Without names there is one graph, the union of ontology and curated graphs; with names it is there besides."""
    plain, named = load_graphs(own_gazette), load_graphs(own_gazette).with_named_graphs()
    assert list(plain.store.named_graphs()) == []
    assert {graph.value for graph in named.store.named_graphs()} == {ONTOLOGY, GRAPH + "actors", GRAPH + "gazette-1999"}
    union = ox.Dataset(
        ox.Quad(q.subject, q.predicate, q.object) for q in named.store if q.graph_name != ox.DefaultGraph()
    )
    default = ox.Dataset(plain.store)
    for dataset in (union, default):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert set(union) == set(default)
    assert len(default) > 1000


def test_shapes_and_rules_are_no_part_of_the_dataset(gazette):
    """Of the folder ontology only the ontology is loaded."""
    assert not gazette.store.query("ASK { ?s <http://www.w3.org/ns/shacl#path> ?o }")
    assert [path.name for path in gazette.files[ONTOLOGY]] == [path.name for path in ONTOLOGY_FILES]
    assert "mappings.ttl" not in [path.name for path in ONTOLOGY_FILES]


def test_files_are_in_a_fixed_order(own_gazette):
    """Ontology first, then the graphs and their files by name."""
    files = own_gazette.files()
    assert list(files) == [ONTOLOGY, GRAPH + "actors", GRAPH + "gazette-1999"]
    assert [path.name for path in files[GRAPH + "gazette-1999"]] == [
        "arms.ttl",
        "graph.ttl",
        "relations.ttl",
        "source.ttl",
        "times.ttl",
    ]


def test_graph_without_file_is_refused(own_gazette):
    """A folder under graphs with no Turtle file is an error at that folder."""
    (own_gazette.graphs / "empty").mkdir()
    with pytest.raises(TriplomacyError, match=r"no \.ttl file in this folder") as caught:
        load_graphs(own_gazette)
    assert caught.value.path == own_gazette.graphs / "empty"


def test_sources_are_listed_by_iri(own_gazette):
    """The sources are those that a graph declares, sorted."""
    text = "<https://example.com/zz> a <https://w3id.org/triplomacy/ontology#Source> ."
    (own_gazette.graphs / "actors" / "zz.ttl").write_text(text, encoding="utf-8")
    gazette = "https://w3id.org/triplomacy/source/gazette-1999"
    assert load_graphs(own_gazette).sources() == ["https://example.com/zz", gazette]


def test_select_takes_nothing_but_select(gazette):
    """A query of another form is a mistake of the caller's."""
    with pytest.raises(TypeError, match="SELECT"):
        gazette.select("ASK { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("content", "line", "column", "message"),
    [
        (HEAD + "id:a id:b id:c ; ; . id:d .\n", 2, 27, "not a valid"),
        (HEAD + "\nid:a id:éé 'ü🕊' ! .\n", 3, 17, "not a valid"),
        ("id:a id:b id:c .\n", 1, 1, "prefix id: has not been declared"),
        (HEAD + "id:a id:b 'c\n", 2, 11, r"new\.ttl:2:11: Unexpected end"),
        (HEAD + "id:a id:b id:c", 2, 15, "Unexpected end"),
    ],
)
def test_malformed_file_is_named_with_line_and_column(own_gazette, content, line, column, message):
    """A file that is not Turtle is an error at its place, the column in code points from 1."""
    path = own_gazette.graphs / "actors" / "new.ttl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MalformedInput, match=message) as caught:
        load_graphs(own_gazette)
    assert (caught.value.path, caught.value.line, caught.value.column) == (path, line, column)


@pytest.mark.parametrize("name", ["more.trig", "more.TTL", "more.nq"])
def test_graph_in_another_format_is_not_passed_over(own_gazette, name):
    """A graph that would not be read is an error, and other files beside the graphs are none."""
    folder = own_gazette.graphs / "actors"
    (folder / "votes.csv").write_text("key\n", encoding="utf-8")
    load_graphs(own_gazette)
    (folder / name).write_text("", encoding="utf-8")
    with pytest.raises(TriplomacyError, match=r"read from \.ttl files"):
        load_graphs(own_gazette)


def test_file_in_another_encoding_is_named(own_gazette):
    """A file that is not UTF-8 is an error at the first wrong byte, and the column counts characters."""
    path = own_gazette.graphs / "actors" / "latin.ttl"
    path.write_bytes(HEAD.encode() + b"id:a id:b '\xc3\xa9\xe9' .\n")
    with pytest.raises(MalformedInput, match=r"latin\.ttl:2:13: not UTF-8; save the file in UTF-8"):
        load_graphs(own_gazette)


def test_byte_order_mark_is_named(own_gazette):
    """A file that begins with a byte order mark is an error that says so."""
    path = own_gazette.graphs / "actors" / "bom.ttl"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    with pytest.raises(MalformedInput, match=r"bom\.ttl:1:1: the file begins with a byte order mark"):
        load_graphs(own_gazette)


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("data.ttl", "<https://example.com/s> <https://example.com/p> 1 .", 0),
        ("data.nt", "<https://example.com/s> <https://example.com/p> <https://example.com/o> .", 0),
        ("data.nq", "<https://example.com/s> <https://example.com/p> 'o' <https://example.com/g> .", 1),
        ("data.trig", "<https://example.com/g> { <https://example.com/s> <https://example.com/p> 1 }", 1),
    ],
)
def test_files_of_others_are_read_by_their_ending(tmp_path, name, content, named):
    """Turtle goes to the default graph, and quads keep their graph."""
    path = tmp_path / name
    path.write_text(content.replace("'", '"'), encoding="utf-8")
    dataset = load_files([path])
    assert len(list(dataset.store.named_graphs())) == named
    assert len(dataset.store) == 1
    with pytest.raises(TriplomacyError, match="views are derived by the rules of a project"):
        _ = dataset.project


@pytest.mark.parametrize("name", ["data.csv", "data", "data.owl2", ".ttl"])
def test_ending_of_no_format_is_refused(name):
    """A file whose ending names no RDF format is an error with the endings that do."""
    with pytest.raises(TriplomacyError, match=r"no RDF format has this ending; use \.ttl"):
        rdf_format(Path(name))


def test_missing_file_is_refused(tmp_path):
    """A file that is not there is an error with its path."""
    with pytest.raises(TriplomacyError, match="cannot be read: No such file"):
        load_files([tmp_path / "nothing.ttl"])


def test_project_names_its_folders(own_gazette, tmp_path):
    """Queries, shapes and graphs are found where the layout says."""
    assert own_gazette == Project(tmp_path / "project")
    assert own_gazette.graph_names() == ["actors", "gazette-1999"]
    assert own_gazette.queries.is_dir()
    assert own_gazette.shapes() == sorted((own_gazette.ontology / "shapes").iterdir())
    assert make_gazette(tmp_path / "other").graph_names() == own_gazette.graph_names()


@pytest.mark.parametrize(
    ("clauses", "pattern", "expected"),
    [
        ("FROM :one FROM :two", "?s ?p ?o", 3),
        ("FROM :one FROM :two FROM :one", "?s ?p ?o", 3),
        ("from :one FROM NAMED :two from :two", "?s ?p ?o GRAPH ?g { ?s ?p ?o }", 2),
        ("FROM :one FROM :two", "GRAPH ?g { ?s ?p ?o }", 0),
        ("FROM :one FROM :three", "?s ?p ?o", 3),
        ("FROM :three FROM :one FROM :two", "?s ?p ?o", 4),
        ("FROM :one FROM :three FROM NAMED :two", "?s ?p ?o GRAPH ?g { ?x ?y ?z }", 6),
        ("FROM :one", "?s ?p ?o", 2),
        ("FROM NAMED :one FROM NAMED :two", "?s ?p ?o", 0),
        ("FROM NAMED :one FROM NAMED :two", "GRAPH ?g { ?s ?p ?o }", 4),
        ("", "?s ?p ?o # FROM :one FROM :two\n", 0),
    ],
)
def test_several_from_are_merged(clauses: str, pattern: str, expected: int) -> None:
    """A triple of several graphs of FROM is in the default graph once (SPARQL 1.1, 13.2), and named graphs stay so."""
    store = ox.Store()
    text = "PREFIX : <http://x.example/> :one { :a :is 1 . :b :is 2 } :two { :b :is 2 . :c :is 3 } :three { :d :is 4 }"
    store.load(text.encode(), ox.RdfFormat.TRIG)
    query = f"PREFIX : <http://x.example/> SELECT ?s ?p ?o {clauses} {{ {pattern} }}"
    assert len(list(MemoryDataset(store).select(query))) == expected


def test_graphs_without_a_common_triple_are_not_copied() -> None:
    """A large graph of FROM stays where it is unless another one has a triple of it."""
    store = ox.Store()
    store.load(b"<x:a> { <x:s> <x:p> 1 , 2 , 3 } <x:b> { <x:s> <x:p> 4 } <x:c> { <x:s> <x:p> 3 }", ox.RdfFormat.TRIG)
    for graphs in (["x:a", "x:b"], ["x:b", "x:a"], ["x:a"], ["x:b", "x:c"], []):
        assert choose_graphs(store, graphs, [])[0] is store
    for graphs in (["x:a", "x:c"], ["x:c", "x:b", "x:a"]):
        assert choose_graphs(store, graphs, [])[0] is not store
