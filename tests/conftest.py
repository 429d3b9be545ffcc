"""What every test may lean on: the project's root, and the folder beside it that is not in the repository."""

import fcntl
import gc
import os
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import rdflib

from tests.support import ballots, durations, publishing, serving, stores
from triplomacy.dataset.dataset import MemoryDataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load_graphs
from triplomacy.imports import unvotes
from triplomacy.terms import ONTOLOGY

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY_FILES = Project(ROOT).files()[ONTOLOGY]
SHARED = ROOT.parent / "shared"
ARTICLE = "source/000_54dcfd9117961523.txt"
SECOND = ROOT / "tests" / "second"  # a second source, invented, so that no module knows the first
GAZETTE = SECOND / "gazette.txt"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the tests of a process that shares them with others."""
    if hasattr(config, "workerinput"):
        longest_first(items)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what is collected, and look as seldom as in the command: a fifth is saved."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)


def longest_first(items: list[Any]) -> None:
    """Put the files that take longest first, so that all processes end at about the same time."""
    seconds = durations.seconds()
    items.sort(key=lambda item: -seconds.get(item.path, durations.UNKNOWN))


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
def article() -> MemoryDataset:
    """Return the project's own graphs, loaded once: only to be read."""
    return load_graphs(Project(ROOT))


@pytest.fixture(scope="module")
def graph(article: MemoryDataset) -> Iterator[rdflib.Graph]:
    """Return the files of our graphs in rdflib, which is told to leave the lexical forms of literals alone."""
    former, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    loaded = rdflib.Graph()
    for paths in article.files.values():
        for path in paths:
            loaded.parse(path)
    yield loaded
    rdflib.NORMALIZE_LITERALS = former


@pytest.fixture(scope="session")
def gazette(tmp_path_factory: pytest.TempPathFactory) -> MemoryDataset:
    """Return the graphs of the invented gazette, loaded once: only to be read."""
    return load_graphs(make_gazette(tmp_path_factory.mktemp("gazette") / "project"))


@pytest.fixture
def own_gazette(tmp_path: Path) -> Project:
    """Return a project with the invented gazette that the test may change."""
    return make_gazette(tmp_path / "project")


@pytest.fixture(scope="session")
def gazette_text() -> str:
    """Return the characters of the invented gazette."""
    return GAZETTE.read_bytes().decode("utf-8")


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


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the sdist and the wheel that was built from the sdist."""
    return once(tmp_path_factory, "dist", _build)


def _build(folder: Path) -> None:
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def wheel(built: Path) -> Path:
    """Return the wheel."""
    (found,) = built.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Return an environment with the wheel that borrows its dependencies from the running one.

    A path in a ``.pth`` file is searched, but the ``.pth`` files in it are not read: so the checkout, which an
    editable install names in one, stays out. The wheel goes first, or pip would find the editable install and stop.
    """
    environment = once(tmp_path_factory, "environment", lambda folder: _install(wheel, folder))
    return Installed(environment, tmp_path_factory.mktemp("empty"))


def _install(wheel: Path, environment: Path) -> None:
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    (site_packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stores.Running]:
    """Return Oxigraph's server, running, with nothing in it at first."""
    with stores.oxigraph(tmp_path_factory.mktemp("oxigraph")) as running:
        yield running


@pytest.fixture(scope="session")
def wikidata(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of an Oxigraph that stands in for Wikidata: it has a few triples of its form."""
    with stores.oxigraph(tmp_path_factory.mktemp("wikidata")) as running:
        content = (ROOT / "tests" / "wikidata.ttl").read_bytes()
        address, headers = f"{running.graphs}?default", {"Content-Type": "text/turtle"}
        with urllib.request.urlopen(urllib.request.Request(address, content, headers, method="PUT")):
            yield running.query


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stores.Running]:
    """Return Virtuoso, running, with nothing of ours in it at first."""
    with stores.virtuoso(tmp_path_factory.mktemp("virtuoso")) as running:
        yield running


@pytest.fixture(scope="session")
def served() -> Iterator[serving.Served]:
    """Return the server with the project's own graphs, running: only to be read. No request may lead to a fault."""
    with serving.serving() as running:
        yield running
        assert "fault" not in running.said, running.said


def once(factory: pytest.TempPathFactory, name: str, write: Callable[[Path], object]) -> Path:
    """Return a folder that the first of the processes that run the tests has written, for all to read."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, written = shared / name, shared / f"{name}.written"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not written.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            write(folder)
            written.touch()
    return folder


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site of the project's own graphs, written once: only to be read."""
    return once(tmp_path_factory, "published", lambda folder: publishing.write(Project(ROOT), folder / "site")) / "site"


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> publishing.History:
    """Return the site of the gazette through two releases, written once: only to be read."""
    return publishing.history(once(tmp_path_factory, "history", publishing.write_history))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate for 127.0.0.1 that it has signed itself, with its key."""
    path = tmp_path_factory.mktemp("certificate") / "self-signed.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out", str(path) + ".crt"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


@pytest.fixture
def running(request: pytest.FixtureRequest, store: str, monkeypatch: pytest.MonkeyPatch) -> stores.Running:
    """Return the store of that name with its credentials in the environment."""
    running: stores.Running = request.getfixturevalue(store)
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> MemoryDataset:
    """Return the graphs of a project with the invented votes: only to be read."""
    project = ballots.make_project(tmp_path_factory.mktemp("small") / "project")
    unvotes.import_files(project, ballots.FILES, at=ballots.AT)
    return load_graphs(project)
