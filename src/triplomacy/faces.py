"""The face of a package: the names in its ``__init__.pyi``, each imported at its first use.

The stub is the one list of names, for people and type checkers as for Python. The library lazy_loader reads stubs too,
but by Python's own parser, which would add a tenth to the time of a small command.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

_IMPORT = re.compile(r"^from \.(\S*) import (?:\(([^)]*)\)|(.*))$", re.MULTILINE)


def attach(package: str, file: str) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package, by the stub beside its ``__init__.py``.

    Args:
        package: its ``__name__``.
        file: its ``__file__``.
    """
    modules = _modules(Path(file).with_suffix(".pyi").read_text(encoding="utf-8"))

    def get(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"{package} hands on no {name}", name=name)
        module = import_module(f"{package}.{modules[name] or name}")
        if not modules[name]:
            return module
        return getattr(module, name, None) or import_module(f"{module.__name__}.{name}")

    names = sorted(modules)
    return get, lambda: names, names


def _modules(stub: str) -> dict[str, str]:
    """Return the module of each name in a stub, "" for a name that is a module itself."""
    return {
        name.split()[0]: module
        for module, block, line in _IMPORT.findall(stub)
        for name in (block or line).split(",")
        if name.strip()
    }
