"""The header of a file with a query: YAML in its comment lines that begin with ``#+``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from triplomacy.errors import MalformedInput


def read(path: Path, text: str) -> Any:
    """Return what the header of a text says, in mappings, lists and strings alone; None where there is no header.

    Raises:
        MalformedInput: it is not YAML, with line and column in the file.
    """
    import yaml

    lines = [line[2:] if line.startswith("#+") else "" for line in text.split("\n")]  # each keeps its number
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # every scalar is a string; the one in C is six times faster
    try:
        return yaml.load("\n".join(lines).rstrip("\n"), Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 3) if mark else (1, None)
        reason = " ".join((getattr(error, "problem", None) or str(error)).split())
        raise MalformedInput(f"the header is not YAML: {reason}", path=path, line=line, column=column) from None


def line_of(text: str, word: str) -> int:
    """Return the first line of a header that begins with a word, or else that has it, or else 1."""
    lines = [(number, line[2:].lstrip()) for number, line in enumerate(text.splitlines(), 1) if line.startswith("#+")]
    beginning = (number for number, line in lines if line.startswith(word))
    return next(beginning, None) or next((number for number, line in lines if word in line), 1)
