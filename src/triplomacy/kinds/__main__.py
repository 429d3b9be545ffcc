"""Write what follows from the tables of kinds: ``python -m triplomacy.kinds [--check] [FOLDER]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from triplomacy import console, kinds
from triplomacy.errors import TriplomacyError
from triplomacy.files import read_text, remove, write


def main() -> int:
    """Write the files, remove those whose table is gone, or with ``--check`` name both; return 0, 1 or, on error, 2."""
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
    orphans = sorted(kinds.outputs(folder) - contents.keys())
    if check:
        lines = [f"{path}: not current; run python -m triplomacy.kinds\n" for path in stale]
        lines += [f"{path}: its table is gone; run python -m triplomacy.kinds, which removes it\n" for path in orphans]
        console.write_lines("".join(lines))
        return int(bool(lines))
    write(stale)
    remove(orphans)
    return 0


if __name__ == "__main__":
    sys.exit(main())
