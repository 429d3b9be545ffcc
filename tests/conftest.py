"""What every test may lean on: the project's root, and the folder beside it that is not in the repository."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
ARTICLE = "source/000_54dcfd9117961523.txt"


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
