"""Write what follows from the tables of kinds: ``python -m triplomacy.kinds [--check] [FOLDER]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from triplomacy import console, kinds
from triplomacy.errors import TriplomacyError
from triplomacy.files import read_text, write


def main() -> int:
    """Write the files, or with ``--check`` name those that are not current; return 0, 1 or, for an error, 2."""
    parser = argparse.ArgumentParser("python -m triplomacy.kinds", description="Write the shapes and ranges of kinds.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("ontology"), help="default: ontology")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is not current")
    console.open_streams()
    options = parser.parse_args()
    try:
        code = _run(options.folder, check=options.check)
        print(end="", flush=True)
        return code
    except TriplomacyError as error:
        console.remark(str(error))
        return 2
    except OSError as error:
        return console.report_unwritable(error)


def _run(folder: Path, *, check: bool) -> int:
    contents = kinds.derive(*kinds.read(folder))
    stale = {path: text for path, text in contents.items() if not path.exists() or read_text(path) != text}
    if check:
        console.write_lines("".join(f"{path}: not current; run python -m triplomacy.kinds\n" for path in stale))
        return int(bool(stale))
    write(stale)
    return 0


if __name__ == "__main__":
    sys.exit(main())
