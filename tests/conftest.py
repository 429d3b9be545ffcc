"""What every test may lean on: the project's root, and the folder beside it that is not in the repository."""

import os
import shutil
from pathlib import Path

import pytest

from triplomacy.dataset import Dataset, Project, load

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
ARTICLE = "source/000_54dcfd9117961523.txt"
SECOND = ROOT / "tests" / "second"  # a second source, invented, so that no module knows the first
GAZETTE = SECOND / "gazette.txt"


def need_shared(path: str = ".") -> Path:
    """Return *path* in the shared folder; without it skip the test, but fail it where ``CI`` is ``true``."""
    found = SHARED / path
    if not found.exists():
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing(f"../shared/{path} is not there: it lies beside the checkout and not in it")
    return found


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with the source, the data files and the W3C's suites."""
    return need_shared()


@pytest.fixture(scope="session")
def article_text() -> Path:
    """Return the file with the text of the article."""
    return need_shared(ARTICLE)


def make_gazette(folder: Path) -> Project:
    """Return a project in *folder* with our ontology and queries and the graphs of the invented gazette."""
    shutil.copytree(ROOT / "ontology", folder / "ontology")
    shutil.copytree(ROOT / "queries", folder / "queries")
    shutil.copytree(SECOND / "graphs", folder / "graphs")
    return Project(folder)


@pytest.fixture(scope="session")
def article() -> Dataset:
    """Return the project's own graphs, loaded once: only to be read."""
    return load(Project(ROOT))


@pytest.fixture(scope="session")
def gazette(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Return the graphs of the invented gazette, loaded once: only to be read."""
    return load(make_gazette(tmp_path_factory.mktemp("gazette") / "project"))


@pytest.fixture
def own_gazette(tmp_path: Path) -> Project:
    """Return a project with the invented gazette that the test may change."""
    return make_gazette(tmp_path / "project")


@pytest.fixture(scope="session")
def gazette_text() -> str:
    """Return the characters of the invented gazette."""
    return GAZETTE.read_bytes().decode("utf-8")
