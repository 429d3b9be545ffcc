"""Lazy exports of a package: the names in its ``__init__.pyi``, each imported at its first use.

The stub is the one list of names, for readers, type checkers and Python. The library lazy_loader reads stubs too, but
with the module ast, which would add a tenth to the time of a small command.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

_IMPORT = re.compile(r"^from \.(\S*) import (?:\(([^)]*)\)|(.*))$", re.MULTILINE)


def attach(package: str, file: str) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package, read from the stub beside its ``__init__.py``.

    Args:
        package: its ``__name__``.
        file: its ``__file__``.
    """
    origins = _origins(Path(file).with_suffix(".pyi").read_text(encoding="utf-8"))

    def get(name: str) -> object:
        if name not in origins:
            raise AttributeError(f"package {package} has no attribute {name}", name=name)
        module, original = origins[name]
        origin = f"{package}.{module}".rstrip(".")
        own = sys.modules.get(origin)  # which takes a tenth of the time of import_module
        if origin != package and (hasattr(own, original) or hasattr(own := import_module(origin), original)):
            return getattr(own, original)
        return import_module(f"{origin}.{original}")

    names = sorted(origins)
    return get, lambda: names, names


def _origins(stub: str) -> dict[str, tuple[str, str]]:
    """Return, for each name that a stub exports, the module it is imported from and its name there.

    The module is "" where the export is itself a module of the package.
    """
    return {
        words[-1]: (module, words[0])
        for module, block, line in _IMPORT.findall(stub)
        for name in (block or line).split(",")
        if (words := name.split())
    }
