"""Sites that tests read: of the project's own graphs, and of the invented gazette through two releases."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from tests import conftest
from triplomacy import site
from triplomacy.dataset.project import Project

BASE = "https://data.example.org/graphs"


def write(project: Project, output: Path, **more: object) -> list[str]:
    """Write the site of a project, and return what was said of the progress."""
    said: list[str] = []
    site.write(site.SitePlan(project, output, **({"base": BASE} | more)), said.append)  # type: ignore[arg-type]
    return said


def small(folder: Path) -> Project:
    """Return a project with the invented gazette, few questions and shapes, which takes little time to write."""
    project = conftest.make_gazette(folder)
    for part in (project.queries, project.ontology / "shapes"):
        for path in part.iterdir():
            if path.stem not in ("recognition", "graphs", "common"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    return project


def edit(path: Path, old: str, new: str) -> None:
    """Replace the one place where a text stands in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (path, old, text.count(old))
    path.write_text(text.replace(old, new), encoding="utf-8")


def contents(root: Path) -> dict[str, str]:
    """Return the hash of each file below a folder by its path."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def triples(path: Path) -> list[ox.Triple]:
    """Return the triples of a file of Turtle, N-Triples or JSON-LD."""
    form = ox.RdfFormat.from_extension(path.suffix.lstrip("."))
    return [quad.triple for quad in ox.parse(path=path, format=form)]


@dataclass(frozen=True)
class History:
    """A site at its first release, at its second one, and afterwards, each in a folder of its own."""

    project: Project
    first: Path
    second: Path
    later: Path


def history(folder: Path) -> History:
    """Return a site that has been released twice and then written again, where it lies in a folder."""
    return History(Project(folder / "project"), folder / "first", folder / "second", folder / "later")


def write_history(folder: Path) -> None:
    """Write a site to a folder, release it twice, and write it again."""
    found, project = history(folder), small(folder / "project")
    write(project, found.first, release="0.1.0")
    shutil.copytree(found.first, found.second)
    graphs = project.graphs / "gazette-1999"
    edit(graphs / "relations.ttl", "<proposition/marsh-leads-bureau>\n    a", "<proposition/marsh-heads-bureau>\n    a")
    edit(
        graphs / "relations.ttl",
        "    tri:proposition <proposition/marsh-leads-bureau> ;",
        "    tri:proposition <proposition/marsh-heads-bureau> ;",
    )
    edit(
        graphs / "relations.ttl",
        '    rdfs:label "Hilda Marsh leads the Strelsau bureau"@en ;',
        '    rdfs:label "Hilda Marsh leads the Strelsau bureau"@en ;\n    <http://purl.org/dc/terms/replaces>'
        " <proposition/marsh-leads-bureau> ;",
    )
    edit(graphs / "graph.ttl", '"2026-11-23"^^xsd:date', '"2026-12-01"^^xsd:date')
    edit(project.ontology / "triplomacy.ttl", 'owl:versionInfo "0.1.0"', 'owl:versionInfo "0.2.0"')
    with (project.ontology / "triplomacy.ttl").open("a", encoding="utf-8") as file:
        file.write('\ntri:Rumour\n    a owl:Class ;\n    rdfs:label "rumour"@en .\n')
    write(project, found.second, release="0.2.0")
    edit(graphs / "relations.ttl", "<claim/marsh-leads-bureau>\n    a", "<claim/marsh-heads-bureau>\n    a")
    write(project, found.later, previous=found.second)
