"""Releases that a site keeps: their versions, their records, their graphs."""

from pathlib import Path

import pyoxigraph as ox
import pytest

from triplomacy.dataset import Project
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.publish import Release
from triplomacy.site import releases
from triplomacy.terms import ONTOLOGY, OWL


def release(version: str) -> Release:
    """Return a release of a version."""
    return Release(version, "2026-11-23", "ab" * 32, counts={"claim": {"added": 1}})


def keep(root: Path, version: str, text: str | None = None) -> Path:
    """Write the record of a release to the folder of a site, and return its path."""
    path = root / releases.FOLDER / version / releases.RECORD
    path.parent.mkdir(parents=True)
    path.write_text(releases.record(release(version)) if text is None else text, encoding="utf-8")
    return path


@pytest.mark.parametrize("version", ["0.1.0", "10.20.30", "0.0.999999999"])
def test_version_of_three_numbers(version: str) -> None:
    """A version is three numbers of at most nine digits without noughts before them."""
    assert releases.check(version) == version


@pytest.mark.parametrize("version", ["1.0", "1.0.0.0", "01.0.0", "1.0.0-rc1", "v1.0.0", "", "1.0.1000000000", "../x"])
def test_other_versions_are_refused(version: str) -> None:
    """What is not three such numbers is refused."""
    with pytest.raises(TriplomacyError, match=r"a version of three numbers such as 0\.2\.0"):
        releases.check(version)


def test_long_version_is_cut_in_the_message() -> None:
    """Fifty characters of what is not a version are enough."""
    with pytest.raises(TriplomacyError) as caught:
        releases.check("x" * 1000)
    assert str(caught.value).count("x") == 50


def test_kept_releases_come_last_one_first(tmp_path: Path) -> None:
    """Records are read as they were written, and sorted by number, not by text."""
    for version in ("0.9.1", "0.10.0", "0.2.0"):
        keep(tmp_path, version)
    assert releases.list_releases(tmp_path) == [release(version) for version in ("0.10.0", "0.9.1", "0.2.0")]
    assert releases.list_releases(tmp_path / "elsewhere") == []


@pytest.mark.parametrize(
    ("folder", "text"),
    [
        ("0.1.0", "{"),
        ("0.1.0", "[]"),
        ("0.1.0", "{}"),
        ("0.1.0", releases.record(release("0.2.0"))),
        ("latest", releases.record(release("latest"))),
        ("0.1.0", '{"version": "0.1.0", "day": "", "sha256": "", "mood": ""}'),
    ],
)
def test_other_records_are_refused(folder: str, text: str, tmp_path: Path) -> None:
    """A record that is not JSON, lacks something, has more, or is of another version is an error with its file."""
    path = keep(tmp_path, folder, text)
    with pytest.raises(MalformedInput, match="copy it from the site again") as caught:
        releases.list_releases(tmp_path)
    assert caught.value.path == path


def test_release_before_a_new_one() -> None:
    """It is the latest of the others, none for the first, and the same again for a release that is made anew."""
    former = [release("0.9.0"), release("0.10.0")]
    assert releases.next_after("0.11.0", "0.11.0", former) == former[1]
    assert releases.next_after("0.1.0", "0.1.0", []) is None
    assert releases.next_after("0.10.0", "0.10.0", former) == former[0]


@pytest.mark.parametrize(
    ("version", "stated", "message"),
    [
        ("0.2.0", "0.1.0", "owl:versionInfo of the ontology is 0.1.0, not 0.2.0"),
        ("0.2.0", "", "owl:versionInfo of the ontology is missing, not 0.2.0"),
        ("0.2.0", "0.2.0", "0.10.0 has been released, which is later than 0.2.0"),
    ],
)
def test_release_that_does_not_fit(version: str, stated: str, message: str) -> None:
    """A release is of the version that the ontology states, and later than all others."""
    with pytest.raises(TriplomacyError, match=message):
        releases.next_after(version, stated, [release("0.10.0"), release("0.2.0")])


@pytest.mark.parametrize("before", [None, release("0.1.0")])
def test_release_states_its_versions(before: Release | None, tmp_path: Path) -> None:
    """The ontology of a release has the IRI of its version, and that of the version before where there is one."""
    project = releases.with_release(Project(tmp_path), "0.2.0", before, tmp_path)
    (path,) = project.added[ONTOLOGY]
    objects = {
        quad.predicate.value.removeprefix(OWL): quad.object.value for quad in ox.parse(path=path) if quad.subject
    }
    expected = {"versionIRI": ONTOLOGY.replace("triplomacy/", "triplomacy/release/0.2.0/")}
    if before:
        expected["priorVersion"] = ONTOLOGY.replace("triplomacy/", "triplomacy/release/0.1.0/")
    assert objects == expected


def test_graphs_of_a_release(tmp_path: Path) -> None:
    """The dump of a release is read graph by graph; one that is malformed, or not there, is an error with its file."""
    path = tmp_path / releases.FOLDER / "0.1.0" / "dumps" / "triplomacy.nq"
    with pytest.raises(TriplomacyError, match="cannot be read"):
        releases.graphs(tmp_path, "0.1.0")
    path.parent.mkdir(parents=True)
    path.write_text("<urn:a> <urn:b> <urn:c> <urn:g> .\n<urn:a> <urn:b> <urn:d> <urn:g> .\n", encoding="utf-8")
    nodes = {name: ox.NamedNode(f"urn:{name}") for name in "abcd"}
    triples = [ox.Triple(nodes["a"], nodes["b"], nodes[name]) for name in "cd"]
    assert releases.graphs(tmp_path, "0.1.0") == {"urn:g": triples}
    path.write_text("<urn:a> <urn:b> <urn:c> <urn:g> .\n\n<urn:a> urn:b .\n", encoding="utf-8")
    with pytest.raises(MalformedInput) as caught:
        releases.graphs(tmp_path, "0.1.0")
    assert (caught.value.path, caught.value.line) == (path, 3)
