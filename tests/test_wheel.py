"""The package as a user gets it: built, installed in an empty environment, run far from the checkout."""

import csv
import io
import tarfile
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Installed

QUESTION = "who-recognises"


def names_below(folder: str, keep: Callable[[Path], bool] = Path.is_file) -> set[str]:
    """Return the paths of the files in one of the project's folders, relative to the root."""
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if keep(path)}


@pytest.mark.parametrize("folder", ["ontology", "graphs", "queries"])
def test_wheel_carries_data(wheel: Path, folder: str) -> None:
    """The wheel holds every file of the ontology, the graphs and the queries."""
    prefix = "triplomacy/data/"
    carried = {name.removeprefix(prefix) for name in zipfile.ZipFile(wheel).namelist() if name.startswith(prefix)}
    wanted = names_below(folder)
    assert wanted
    assert wanted <= carried


def test_wheel_carries_pages(wheel: Path) -> None:
    """The wheel holds every template and every file that pages refer to, the editor too where it has been built."""
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        name.removeprefix("src/") for part in ("templates", "static") for name in names_below(f"src/triplomacy/{part}")
    }
    assert {"triplomacy/templates/base.html", "triplomacy/static/style.css"} <= wanted
    assert wanted <= names


def test_wheel_carries_only_the_package(wheel: Path) -> None:
    """Nothing but the package and its metadata is installed, the marker of its types among it."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"triplomacy"}
    assert "triplomacy/py.typed" in names


def test_sdist_carries_tests(built: Path) -> None:
    """Whoever has the sdist can run the tests."""
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = names_below("tests", lambda path: path.suffix == ".py")
    assert wanted | {"Makefile", "pyproject.toml", "requirements-dev.txt"} <= names


def test_package_is_the_wheels(installed: Installed) -> None:
    """What runs is the wheel, not the checkout."""
    done = installed.run("python", "-c", "import triplomacy; print(triplomacy.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(installed.environment), done.stderr


def test_version(installed: Installed) -> None:
    """The program says the version that pyproject.toml has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert installed.answer("--version").split()[-1] == project["version"]


def test_queries_are_listed(installed: Installed) -> None:
    """Every stored query is found without a checkout."""
    listed = installed.answer("queries")
    names = [path.stem for path in (ROOT / "queries").rglob("*.rq")]
    assert names
    assert [name for name in names if name not in listed] == []


def test_query_answers(installed: Installed) -> None:
    """A stored query gives the answer that lies beside it."""
    (expected,) = (ROOT / "queries").rglob(f"{QUESTION}.csv")
    answer = installed.answer("query", QUESTION, "--format", "csv")
    rows = list(csv.reader(io.StringIO(answer)))
    assert len(rows) > 1
    assert rows == list(csv.reader(io.StringIO(expected.read_text(encoding="utf-8"))))


def test_graphs_conform(installed: Installed) -> None:
    """The graphs in the wheel conform."""
    installed.answer("validate")
