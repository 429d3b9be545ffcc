"""A few invented votes in the General Assembly, and a project to import them into."""

import shutil
from pathlib import Path

from tests.support.layout import ROOT
from triplomacy.dataset.project import Project

VOTES = ROOT / "tests" / "votes"
FILES = (VOTES / "votes.csv", VOTES / "roll-calls.csv", VOTES / "issues.csv")
AT = "2026-11-25T00:00:00Z"


def make_project(folder: Path) -> Project:
    """Return a project in *folder* with our ontology, queries and actors, and no claim."""
    for part in ("ontology", "queries", "graphs/actors"):
        shutil.copytree(ROOT / part, folder / part)
    return Project(folder)
