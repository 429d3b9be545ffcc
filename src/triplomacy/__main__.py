"""``python -m triplomacy``: the command line."""

from triplomacy.cli import process

if __name__ == "__main__":
    process()
