"""The entry point of the command line: ``triplomacy``, and ``python -m triplomacy``."""

import gc
import os
import sys
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn


def process() -> NoReturn:
    """Run one command and exit with its code, without freeing memory first, which takes a while for a large store.

    Garbage collection runs less often than by default, since the process is short-lived.
    """
    gc.set_threshold(100_000)
    # Importing `inspect` takes longer than answering a small query, and only dataclasses without a docstring need it.
    sys.modules.setdefault("inspect", _Later("inspect"))
    from triplomacy.cli import run

    code, _kept = run()
    sys.stderr.flush()
    os._exit(code)


class _Later(ModuleType):
    """A stand-in for a module of the standard library, which is imported when an attribute is first read.

    `importlib.util.LazyLoader` would import it at the first ``import`` statement that names it.
    """

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


if __name__ == "__main__":
    process()
