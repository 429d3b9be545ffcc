"""What the documentation shows is what happens."""

import doctest
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.remote.test_stores import GIVEN, LITERALS
from tests.support.serving import Served
from tests.support.stores import Running
from tests.test_house import MODULES, dotted, environment

DOCTESTED = [dotted(path) for path in MODULES if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", DOCTESTED)
def test_examples_in_docstrings_hold(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples in a module's docstrings give what they show."""
    monkeypatch.chdir(ROOT)
    outcome = doctest.testmod(import_module("triplomacy" if name == "__init__" else f"triplomacy.{name}"))
    assert outcome.attempted > 0
    assert outcome.failed == 0


def test_python_in_readme_runs() -> None:
    """The Python of README.md runs as it stands, and names the three who recognise a republic."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    states = [line.split()[0].rpartition("/")[2] for line in done.stdout.splitlines()]
    assert states == ["north-korea", "russia", "syria"]


def test_turtle_in_readme_is_in_the_graph() -> None:
    """The claim that README.md shows stands in the graph like that."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```turtle\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    graph = (ROOT / "graphs" / "lukin-2022" / "ammunition.ttl").read_text(encoding="utf-8")
    blocks = [block.strip() for block in shown.split("\n\n")]
    assert len(blocks) == 2
    assert [block for block in blocks if block not in graph] == []


def test_page_of_questions_is_current() -> None:
    """docs/questions.md is what the stored queries answer now; ``make docs`` writes it anew."""
    done = subprocess.run([sys.executable, "docs/questions.py", "--check"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_page_of_the_model_is_current() -> None:
    """docs/model.md is what ontology, shapes and graphs have now, a row for each kind; ``make docs`` writes it anew."""
    done = subprocess.run([sys.executable, "docs/model.py", "--check"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    page = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
    assert (
        "| `tri:Recognition` | Somebody recognises a state, a claimed state or a ballot. | `tri:recognised`, " in page
    )
    used = set(
        re.findall(r"^    a (tri:[A-Z]\w+) ;$", (ROOT / "graphs/lukin-2022/troops.ttl").read_text("utf-8"), re.M)
    )
    assert len(used) > 5
    assert [kind for kind in used - {"tri:Claim", "tri:Passage"} if f"\n| `{kind}` |" not in page] == []


def test_readings_name_nodes_that_exist() -> None:
    """Every node that docs/reading.md points to is in the graph."""
    page = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:claim|proposition|time)/[\w-]+|id:[\w-]+)`", page))
    files = [*(ROOT / "graphs" / "lukin-2022").glob("*.ttl"), *(ROOT / "graphs" / "actors").glob("*.ttl")]
    graph = "\n".join(path.read_text(encoding="utf-8") for path in files)
    subjects = set(re.findall(r"^<((?:claim|proposition|time)/[\w-]+)>$", graph, re.MULTILINE))
    subjects |= set(re.findall(r"^(id:[\w-]+)$", graph, re.MULTILINE))
    assert len(named) > 15
    assert named - subjects == set()


# A fenced block of CONTRIBUTING.md: its language, the file that it is for, if it names one, and what it says.
_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project that the examples may change."""
    target = tmp_path_factory.mktemp("contributing") / ROOT.name
    ignored = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "tests")
    return Path(shutil.copytree(ROOT, target, ignore=ignored))


def run(command: str, folder: Path) -> str:
    """Return what a command prints on both streams."""
    done = subprocess.run(
        shlex.split(command),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def test_worked_examples_work(copy: Path) -> None:
    """The examples of CONTRIBUTING.md, done one after the other, give the output that is shown."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    done = []
    for language, title, content in _BLOCK.findall(page):
        done.append(language)
        if language == "console":
            for step in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                command, _, shown = step.partition("\n")
                assert run(command, copy) == shown
        elif language == "diff":
            subprocess.run(["git", "apply", "-"], cwd=copy, input=content, text=True, check=True)
        else:
            with (copy / title).open("a", encoding="utf-8") as file:
                file.write(content)
    assert set(done) == {"console", "csv", "diff", "sparql", "turtle"}


def shown(name: str) -> list[tuple[str, str]]:
    """Return the commands of a page of docs/, each with the output that stands below it."""
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    blocks = [content for language, _, content in _BLOCK.findall(page) if language == "console"]
    steps = [step for content in blocks for step in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]]
    return [(command, output) for command, _, output in (step.partition("\n") for step in steps)]


def test_questions_of_the_page_give_what_is_shown() -> None:
    """Each command of docs/asking.md prints what stands below it."""
    steps = shown("asking")
    assert len(steps) == 5
    for command, output in steps:
        assert sorted(run(command, ROOT).splitlines()) == sorted(output.splitlines())


def test_requests_of_the_page_give_what_is_shown(served: Served) -> None:
    """Each request of docs/serving.md is answered by a server with what stands below it."""
    if shutil.which("curl") is None:
        pytest.skip("the requests are shown with curl, which is not installed")
    steps = shown("serving")
    assert len(steps) == 6
    for command, output in steps:
        assert "http://127.0.0.1:8000/" in command
        done = subprocess.run(
            command.replace("http://127.0.0.1:8000", served.base),
            shell=True,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.replace(served.base, "http://127.0.0.1:8000").replace("\r", "") == output


def test_site_of_the_page_is_what_is_shown(tmp_path: Path) -> None:
    """Each command of docs/site.md, one after the other in a copy with few queries, prints what stands below it."""
    ignored = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "tests", "web", "src")
    folder = Path(shutil.copytree(ROOT, tmp_path / ROOT.name, ignore=ignored))
    for theme in (folder / "queries").iterdir():
        if theme.name != "recognition":
            shutil.rmtree(theme)
    steps = shown("site")
    assert len(steps) == 9
    for command, output in steps:
        done = subprocess.run(
            command,
            shell=True,
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.stdout == output, command


def test_stores_are_used_as_the_page_shows(copy: Path, oxigraph: Running, virtuoso: Running) -> None:
    """The commands of docs/stores.md work with a real Oxigraph and a real Virtuoso, and give what is shown."""
    page = (ROOT / "docs" / "stores.md").read_text(encoding="utf-8")
    for address, running in (("http://127.0.0.1:7878/query", oxigraph), ("http://127.0.0.1:8890/sparql", virtuoso)):
        assert page.count(address) > 3
        page = page.replace(address, running.query)
    variables = environment()
    done = []
    for language, _, content in _BLOCK.findall(page):
        content = content.replace("\\\n", "")
        steps = content.splitlines() if language == "sh" else re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]
        for step in steps:
            command, _, shown = step.partition("\n")
            words = shlex.split(command)
            done.append(words[0])
            if words[0] == "export":
                variables |= dict(word.split("=") for word in words[1:])
            elif words[0] == "triplomacy":
                ended = subprocess.run(words, cwd=copy, env=variables, capture_output=True, text=True, check=False)
                assert ended.returncode == 0, ended.stderr
                assert language == "sh" or ended.stdout == shown
    assert Counter(done) == {"oxigraph": 1, "export": 1, "triplomacy": 10}
    built = (copy / "store" / "triplomacy.nq").read_text(encoding="utf-8").splitlines()
    assert len(built) == len((copy / "virtuoso" / "triplomacy.nq").read_text(encoding="utf-8").splitlines()) > 1_000


def test_votes_are_counted_as_the_page_shows(tmp_path: Path) -> None:
    """The commands of docs/votes.md, done one after the other, give the output that is shown."""
    for part in ("ontology", "queries", "graphs", "tests/votes"):
        ignored = shutil.ignore_patterns("un-votes", "countries")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    steps = shown("votes")
    assert len(steps) == 8
    for command, output in steps:
        assert sorted(run(command, tmp_path).splitlines()) == sorted(output.splitlines())


def test_differences_of_stores_are_those_of_the_register() -> None:
    """The table of docs/stores.md has a row for each literal that a store writes in another way, and what it writes."""
    page = (ROOT / "docs" / "stores.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.count("|") == 4]
    written = {given: cells for given, *cells in rows[2:-1]}
    differing = {name for name in GIVEN if any(name in LITERALS[engine] for engine in ("oxigraph", "virtuoso"))}
    assert len(written) == len(differing)
    for column, engine in enumerate(("oxigraph", "virtuoso")):
        same = [cells[column] for cells in written.values() if cells[column] == "as it is"]
        assert len(same) == len(differing - set(LITERALS[engine]))
