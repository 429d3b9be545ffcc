"""The command line as a process of its own: ``triplomacy``, and ``python -m triplomacy``."""

import gc
import os
import sys
from importlib import import_module
from types import ModuleType
from typing import Any, NoReturn


def process() -> NoReturn:
    """Run one command, and end the process at once: to free a large store first would take a while.

    Python looks for cycles among its objects less often than is usual: a process that soon ends leaves few.
    """
    gc.set_threshold(100_000)
    # It takes longer to load than a small question to answer, and only dataclasses without a docstring use it.
    sys.modules.setdefault("inspect", _Later("inspect"))
    from triplomacy.cli import run

    code, _kept = run()
    sys.stderr.flush()
    os._exit(code)


class _Later(ModuleType):
    """A module of Python's that is loaded when something of it is used.

    `importlib.util.LazyLoader` would load it at the statement that imports it.
    """

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


if __name__ == "__main__":
    process()
