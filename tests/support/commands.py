"""Commands run in the process of the tests, and what they say when they are refused."""

import re

import pytest

from triplomacy.cli.commands import main


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of one command."""
    try:
        code = main([str(argument) for argument in arguments])
    except SystemExit as done:
        code = int(done.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def refused(outcome: tuple[int, str, str], message: str) -> None:
    """Assert that a command could not do it and said why in one message, with nothing on standard output."""
    code, out, err = outcome
    assert (code, out) == (2, "")
    assert err.startswith("triplomacy: error: ")
    assert re.search(message, err)
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
