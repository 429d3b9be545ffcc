"""The package as a user gets it: built, installed in an empty environment, run far from the checkout."""

import csv
import io
import os
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

QUESTION = "who-recognises"


@dataclass(frozen=True)
class Installed:
    """An environment with the wheel, and an empty folder to run it from."""

    environment: Path
    folder: Path

    def run(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run *command* of the environment in the empty folder."""
        program = self.environment / "bin" / command
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return subprocess.run(
            [program, *arguments], cwd=self.folder, env=variables, capture_output=True, text=True, check=False
        )

    def answer(self, *arguments: str) -> str:
        """Return what ``triplomacy`` prints, which has to end with exit code 0."""
        done = self.run("triplomacy", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the sdist and the wheel that was built from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """Return the wheel."""
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return an environment with the wheel that borrows its dependencies from the running one.

    A path in a ``.pth`` file is searched, but the ``.pth`` files in it are not read: so the checkout, which an
    editable install names in one, stays out. The wheel goes first, or pip would find the editable install and stop.
    """
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    (site_packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return Installed(environment, tmp_path_factory.mktemp("empty"))


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
