"""Private keys that tests make and throw away."""

from pathlib import Path
from typing import Any


def make_key(path: Path, bits: int = 2048, **form: Any) -> Path:
    """Write a fresh private key to a file."""
    from Crypto.PublicKey import RSA

    path.write_bytes(RSA.generate(bits).export_key(**form))
    return path
