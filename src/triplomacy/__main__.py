"""The command line as a process of its own: ``triplomacy``, and ``python -m triplomacy``."""

import gc
import os
import sys
from typing import NoReturn


def process() -> NoReturn:
    """Run one command, and end the process at once: to free a large store first would take a while.

    Python looks for cycles among its objects less often than is usual: a process that soon ends leaves few.
    """
    gc.set_threshold(100_000)
    from triplomacy.cli import run

    code, _kept = run()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    process()
