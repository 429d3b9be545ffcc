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


def own_tests(module: Path) -> Path | None:
    """Return the file with a module's own tests, or None.

    It is ``tests/<package>/test_<module>.py``, for the face of a package ``tests/<package>/test_<package>.py``; where
    the tests of a package are one file, that file.
    """
    folders = module.relative_to(PACKAGE).parent.parts
    stem = folders[-1] if module.stem == "__init__" and folders else module.stem
    places = [TESTS.joinpath(*folders, f"test_{stem}.py"), TESTS / f"test_{'_'.join((*folders, stem))}.py"]
    places += [TESTS / f"test_{name}.py" for name in (stem, *reversed(folders))]
    return next((place for place in places if place.is_file()), None)


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules of the package and of the tests that a file imports, wherever in it; a face for its parts."""
    named = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path))):
        named |= _named(node)
    return frozenset(module for name in named if (module := _module(name)))


def _named(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {f"{node.module}.{alias.name}" for alias in node.names}
    return set()


def _module(name: str) -> str | None:
    while name not in modules() and "." in name:
        name = name.rpartition(".")[0]
    return name if name in modules() else None


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
