"""What is validated: the same triples from files, from an endpoint or as a project, and what each has beside them."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from triplomacy.dataset.project import Project
from triplomacy.errors import TriplomacyError
from triplomacy.rdf.parsing import parse_file
from triplomacy.terms import PREFIXES
from triplomacy.validation import run
from triplomacy.validation.inputs import Elsewhere, Files, ProjectElsewhere, ProjectFiles, all_files, shapes_of
from triplomacy.validation.plan import Outcome, Plan

SHAPES = """@prefix ex: <urn:e#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
ex:Shape a sh:NodeShape ; sh:targetClass ex:Thing ; sh:property ex:Shape-name .
ex:Shape-name a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 ; sh:message "Give it ex:name."@en .
"""
DATA = "@prefix ex: <urn:e#> . ex:a a ex:Thing . [] a ex:Thing ; ex:size 7 . ex:b a ex:Thing ; ex:name 'B' .\n"
ONTOLOGY = "@prefix ex: <urn:e#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . ex:Thing a owl:Class .\n"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Return the files of two things without a name."""
    paths = [tmp_path / name for name in ("data.ttl", "ontology.ttl", "shapes.ttl")]
    for path, text in zip(paths, (DATA, ONTOLOGY, SHAPES), strict=True):
        path.write_text(text, encoding="utf-8")
    data, ontology, shapes = paths
    return Files(data=(data,), ontology=(ontology,), shape_files=(shapes,))


def elsewhere(files: Files) -> Elsewhere:
    """Return the same data as triples that stand in no file."""
    facts = [triple for path in files.data for triple in parse_file(path)]
    return Elsewhere(data=(), ontology=files.ontology, shape_files=files.shape_files, facts=facts)


def findings(outcome: Outcome) -> list[tuple[object, ...]]:
    """Return what was found, without places."""
    return sorted((each.check, each.rule, each.message, each.fingerprint) for each in outcome.findings)


def test_triples_have_the_findings_of_their_files(files: Files) -> None:
    """The same data are found wanting in the same way, and only where they stand in a file do they have a place."""
    here, there = (run.validate(given, Plan()) for given in (files, elsewhere(files)))
    assert findings(here) == findings(there)
    assert [len([each for each in outcome.findings if each.places]) for outcome in (here, there)] == [2, 0]


def test_blank_nodes_are_called_as_in_the_map(files: Files) -> None:
    """With places, a node without a name is one that the map of the files knows."""
    (thing,) = {t.subject for t in files.with_places().triples if isinstance(t.subject, ox.BlankNode)}
    assert files.with_places().map.begins(thing) is not None


def test_text_of_the_data(files: Files, tmp_path: Path) -> None:
    """Files of Turtle are one text for the engine, unless blank nodes of two could be taken for one."""
    assert files.turtle is not None
    assert files.turtle.count("@base") == 2
    other = tmp_path / "other.ttl"
    other.write_text("_:a <urn:p> _:a .", encoding="utf-8")
    (tmp_path / "data.ttl").write_text("_:a <urn:p> 1 .", encoding="utf-8")
    assert Files(data=(*files.data, other), ontology=(), shape_files=()).turtle is None
    assert Files(data=(tmp_path / "absent.ttl",), ontology=(), shape_files=()).turtle is None
    assert elsewhere(files).turtle is None


def test_prefixes_of_the_files(files: Files) -> None:
    """Reports show terms of other people's files by the prefixes that they declare."""
    assert files.shown_prefixes["ex"] == "urn:e#"
    assert files.prefixes.items() >= PREFIXES.items()


def test_suppressions_are_looked_for_where_they_are_named(files: Files, tmp_path: Path) -> None:
    """Files that name no suppression are left out, and the shapes are always among those looked at."""
    assert list(files.suppression_triples) == list(files.shapes.triples)
    data = tmp_path / "data.ttl"
    data.write_text(f"{DATA}@prefix tri: <{PREFIXES['tri']}> . [] tri:suppressedAt ex:a .\n", encoding="utf-8")
    assert len(Files(data=(data,), ontology=(), shape_files=files.shape_files).suppression_triples) > len(
        files.shapes.triples
    )


def test_a_project_has_rules_queries_and_claims(own_gazette: Project) -> None:
    """A project's input has its own queries and sources, and what follows from its claims; other people's has not."""
    given = ProjectFiles.of(own_gazette)
    assert given.queries
    assert given.has_source("gazette-1999")
    assert given.infer()
    assert given.shown_prefixes == PREFIXES
    others = Files(data=given.data, ontology=given.ontology, shape_files=given.shape_files)
    assert (list(others.queries), others.has_source("gazette-1999"), list(others.infer())) == ([], False, [])


def test_a_project_elsewhere_has_its_shapes_here(own_gazette: Project) -> None:
    """The graphs are those that were given, the shapes and rules those of the project's folder."""
    here = ProjectFiles.of(own_gazette)
    there = ProjectElsewhere(
        data=(),
        ontology=(),
        shape_files=shapes_of(own_gazette),
        project=own_gazette,
        facts=here.triples[:5],
        given_axioms=here.axioms,
    )
    assert list(there.triples) == [*here.triples[:5], *here.axioms]
    assert len(there.shapes.triples) == len(here.shapes.triples) > 0
    assert there.shapes.languages == here.shapes.languages
    assert there.hygiene == here.hygiene


def test_a_project_without_shapes_is_an_error(own_gazette: Project) -> None:
    """Nothing can be said of a project that has no shapes."""
    for path in own_gazette.shapes():
        path.unlink()
    with pytest.raises(TriplomacyError, match="no shapes here"):
        ProjectFiles.of(own_gazette)


def test_a_folder_stands_for_its_files(tmp_path: Path, files: Files) -> None:
    """Each file counts once, by whatever way it is reached, and a folder without RDF is an error."""
    assert all_files([tmp_path, tmp_path / "data.ttl"]) == tuple(sorted(tmp_path.glob("*.ttl")))
    (tmp_path / "empty").mkdir()
    with pytest.raises(TriplomacyError, match="no RDF file in this folder"):
        all_files([tmp_path / "empty"])
    assert all_files(files.data) == files.data
