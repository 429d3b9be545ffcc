"""A package's face hands on what its stub says, when it is first used."""

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

PARTS = {
    "__init__.py": """\
from triplomacy.faces import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
""",
    "__init__.pyi": """\
from . import cellar as cellar
from .cellar import (
    BARRELS as BARRELS,
    fill as fill,
)
from .cellar import drain as empty_cellar, walls
from .attic import shelf as shelf

__all__ = ["BARRELS", "cellar", "empty_cellar", "fill", "shelf", "walls"]
__version__: str
""",
    "cellar.py": "BARRELS = 0\ndrain = fill = walls = len\n",
    "attic/__init__.py": "",
    "attic/shelf.py": "",
}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Return a package with a face, of which nothing else is imported yet."""
    for name, text in PARTS.items():
        (tmp_path / "house" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "house" / name).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield import_module("house")
    for name in [name for name in sys.modules if name.partition(".")[0] == "house"]:
        del sys.modules[name]


def test_names_are_those_of_the_stub(house: ModuleType) -> None:
    """A face lists each name of its stub's imports, under the name that it is handed on by."""
    assert house.__all__ == dir(house) == ["BARRELS", "cellar", "empty_cellar", "fill", "shelf", "walls"]


def test_nothing_is_imported_before_it_is_used(house: ModuleType) -> None:
    """A package is imported without what it hands on, which comes when it is asked for."""
    assert "house.cellar" not in sys.modules
    assert house.fill is len
    assert "house.cellar" in sys.modules
    assert "house.attic" not in sys.modules


def test_a_module_is_handed_on(house: ModuleType) -> None:
    """A module of the package is handed on, and one of a package inside it."""
    assert house.cellar.__name__ == "house.cellar"
    assert house.shelf.__name__ == "house.attic.shelf"


def test_a_value_that_is_false_is_handed_on(house: ModuleType) -> None:
    """What is handed on may be zero or empty."""
    assert house.BARRELS == 0


def test_a_name_stands_alone(house: ModuleType) -> None:
    """What is imported under another name is handed on under that one only, also where the stub says it just once."""
    assert house.empty_cellar is house.walls is len
    assert not hasattr(house, "drain")


def test_a_name_that_is_not_in_the_stub_is_an_error(house: ModuleType) -> None:
    """The error names the package and the missing attribute, so that other modules of it are found as ever."""
    with pytest.raises(AttributeError, match="package house has no attribute roof"):
        _ = house.roof
    assert import_module("house.attic").__name__ == "house.attic"


def test_the_library_costs_nothing_before_it_is_used() -> None:
    """Importing `triplomacy` imports none of its packages and nothing that is installed beside it."""
    program = "import sys; before = set(sys.modules); import triplomacy; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names}
    assert loaded == {"triplomacy", "triplomacy.faces"}
