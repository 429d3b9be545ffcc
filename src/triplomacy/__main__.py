"""``python -m triplomacy``: the command line."""

import sys

from triplomacy.cli import main

if __name__ == "__main__":
    sys.exit(main())
