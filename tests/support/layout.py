"""Which tests are a module's own, and which modules a file imports, read from the files and run by nobody."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = next(folder for folder in Path(__file__).resolve().parents if (folder / "pyproject.toml").is_file())
PACKAGE = ROOT / "src" / "triplomacy"
TESTS = ROOT / "tests"


@cache
def modules() -> Mapping[str, Path]:
    """Return the file of each module of the package and of the tests, by dotted name."""
    sources = [(path, path.relative_to(PACKAGE.parent)) for path in PACKAGE.rglob("*.py")]
    tests = [(path, path.relative_to(ROOT)) for path in TESTS.rglob("*.py")]
    return {_dotted(relative): path for path, relative in sorted(sources + tests)}


def _dotted(relative: Path) -> str:
    return ".".join(relative.with_suffix("").parts).removesuffix(".__init__")


def files_of_tests() -> list[Path]:
    """Return the files with tests, sorted."""
    return sorted(TESTS.rglob("test_*.py"))


def own_tests(module: Path) -> tuple[Path, ...]:
    """Return the files with a module's own tests: ``tests/<package>/test_<module>.py``, else all in that folder."""
    folders = module.relative_to(PACKAGE).parent.parts
    own = TESTS.joinpath(*folders, f"test_{module.stem}.py")
    if own.is_file():
        return (own,)
    return tuple(sorted(own.parent.glob("test_*.py"))) if folders else ()


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules of the package and of the tests that a file imports, wherever in it.

    A name that a face hands on is the module that it comes from, and the face as a whole is all that it hands on.
    """
    names = {name for node in ast.walk(_tree(path)) for name in _named(node)}
    handed = _stub(path).values() if path.name == "__init__.py" else ()
    return frozenset(module for name in (*names, *handed) if (module := _module(name)))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def _named(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {f"{node.module}.{alias.name}" for alias in node.names}
    return set()


def _module(name: str) -> str | None:
    """Return the module that an imported name is, or is in; None for what is not ours."""
    if name in modules():
        return name
    package, _, rest = name.rpartition(".")
    if package in modules():
        return _stub(modules()[package]).get(rest, package)
    return _module(package) if package else None


@cache
def _stub(face: Path) -> Mapping[str, str]:
    """Return the module of each name that a face hands on, from the stub beside it; nothing where there is none."""
    stub = face.with_suffix(".pyi")
    if not stub.is_file():
        return {}
    package = _dotted(face.relative_to(PACKAGE.parent))
    froms = [node for node in _tree(stub).body if isinstance(node, ast.ImportFrom)]
    return {
        alias.name: ".".join(filter(None, (package, node.module or alias.name)))
        for node in froms
        for alias in node.names
        if node.level == 1
    }


def distances(changed: Iterable[Path]) -> dict[Path, int]:
    """Return how many imports each file is from the nearest of the changed ones, which are 0 from themselves."""
    importers: dict[Path, list[Path]] = {}
    for importer, imported in _edges():
        importers.setdefault(imported, []).append(importer)
    result = dict.fromkeys(changed, 0)
    queue = list(result)
    for path in queue:
        for importer in importers.get(path, ()):
            if importer not in result:
                result[importer] = result[path] + 1
                queue.append(importer)
    return result


def _edges() -> Iterator[tuple[Path, Path]]:
    for path in modules().values():
        for name in sorted(imports(path)):
            yield path, modules()[name]
