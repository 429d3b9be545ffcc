"""Other SHACL engines, each as a whole process: how it is started, which version it is, how many results it reports.

What a peer needs lies under ``build/peers``, and is put there on first use: pyrudof in a virtual environment of its
own, since no part of the project needs it; of Debian's Jena (``make system-packages``) the files that its start-up
looks for in another place than the package has them.
"""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.measuring import BIN, ROOT, Unavailable

HOME: Final = ROOT / "build" / "peers"
JARS: Final = Path("/usr/share/java")

# Of Debian's packages, those that a validation loads.
JENA: Final = """
    jena-cmds jena-shacl jena-arq jena-core jena-base jena-iri jena-rdfconnection jena-tdb jena-tdb2 jena-dboe-base
    jena-dboe-index jena-dboe-storage jena-dboe-transaction jena-dboe-trans-data guava slf4j-api slf4j-nop commons-cli
    commons-codec commons-compress commons-csv commons-io commons-lang3 dexx gson httpclient httpcore libthrift thrift
    jackson-core jackson-databind jackson-annotations jsonld-java titanium-json-ld protobuf
"""

# The shortest script that validates with the engine under ours.
BARE = """
import sys, shacl
report = shacl.Shapes.from_file(sys.argv[1]).validate_file(sys.argv[2])
print(len(report.results), "results")
"""
RUDOF = """
import sys
from pyrudof import Rudof, RudofConfig
rudof = Rudof(RudofConfig())
rudof.read_data(sys.argv[2])
rudof.read_shacl(sys.argv[1])
print(len(rudof.validate_shacl()), "results")
"""


@dataclass(frozen=True)
class Peer:
    """An engine as a command that takes shapes and data."""

    name: str
    version: str
    command: Callable[[Path, Path], Sequence[str]]
    results: Callable[[str], int]
    largest: int | None = None  # the most triples that it is asked to take
    because: str = ""  # why not more


def counted(output: str) -> int:
    """Return the number of results that our scripts print."""
    found = re.search(r"^(\d+) results$", output, flags=re.MULTILINE)
    if not found:
        raise Unavailable(f"no number of results in {output[-500:]!r}")
    return int(found[1])


def reported(output: str, pattern: str) -> int:
    """Return how often a pattern is in a report; what says nowhere whether the data conform is none."""
    if "conforms" not in output:
        raise Unavailable(f"no report in {output[-500:]!r}")
    return len(re.findall(pattern, output))


def bare() -> Peer:
    """Return the engine that ours runs, without us."""
    script = _script("bare", BARE)
    return Peer(
        "bare engine",
        f"shacl {importlib.metadata.version('shacl')}",
        lambda shapes, data: [sys.executable, str(script), str(shapes), str(data)],
        counted,
    )


def pyshacl() -> Peer:
    """Return pySHACL's command; it reports a result as triples, of which one links it with the report."""
    return Peer(
        "pySHACL",
        f"pyshacl {importlib.metadata.version('pyshacl')}, rdflib {importlib.metadata.version('rdflib')}",
        lambda shapes, data: [str(BIN / "pyshacl"), "--advanced", "-f", "nt", "-s", str(shapes), str(data)],
        lambda output: reported(output, r"<http://www.w3.org/ns/shacl#result> "),
        largest=100_000,
        because="its time grows with the size, so ten times as much as at 100 thousand is to be expected",
    )


def pyrudof() -> Peer:
    """Return Rudof, through its Python package."""
    home = HOME / "pyrudof"
    python = home / "bin" / "python"
    if not python.exists() or _run([str(python), "-c", "import pyrudof"]).returncode:
        venv.create(home, with_pip=True)
        done = _run([str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "pyrudof"])
        if done.returncode:
            raise Unavailable(f"pip cannot install pyrudof: {done.stderr.strip().splitlines()[-1]}")
    script = _script("rudof", RUDOF)
    show = "import importlib.metadata; print(importlib.metadata.version('pyrudof'))"
    return Peer(
        "pyrudof",
        f"pyrudof {_run([str(python), '-c', show]).stdout.strip()}",
        lambda shapes, data: [str(python), str(script), str(shapes), str(data)],
        counted,
        largest=100_000,
        because="a million triples took it 13 GB of memory",
    )


def jena() -> Peer:
    """Return Jena's command as Debian has it."""
    jena_classes()
    return Peer(
        "Jena",
        jena_version(),
        lambda shapes, data: jena_command("shacl.shacl", "validate", "--shapes", str(shapes), "--data", str(data)),
        lambda output: reported(output, r"\bsh:focusNode\b"),
    )


def jena_command(program: str, *arguments: str) -> list[str]:
    """Return one of Jena's commands, by the class that it is.

    Raises:
        Unavailable: Jena or Java is not installed.
    """
    return [str(shutil.which("java")), "-cp", jena_classes(), program, *arguments]


def jena_version() -> str:
    """Return which Jena and which Java there are."""
    version = re.search(r"-(\d[\d.]+)\.jar", " ".join(str(jar) for jar in JARS.glob("jena-shacl-*.jar")))
    release = re.search(r'"(.*?)"', _run([str(shutil.which("java")), "-version"]).stderr)
    return f"Jena {version[1] if version else '?'}, Java {release[1] if release else '?'}"


def jena_classes() -> str:
    """Return the class path of Debian's Jena.

    Raises:
        Unavailable: Jena or Java is not installed.
    """
    if not shutil.which("java") or not (JARS / "jena-shacl.jar").exists():
        raise Unavailable("Debian's libapache-jena-java is not installed; say make system-packages")
    first = HOME / "jena"
    if not (first / "xerces").exists():
        _unpack(JARS / "jena-core.jar", "org/apache/jena/ext/xerces/", first / "xerces")
    return ":".join([str(first), *(str(jar) for name in JENA.split() if (jar := JARS / f"{name}.jar").exists())])


def _unpack(jar: Path, inside: str, target: Path) -> None:
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            if name.startswith(inside) and not name.endswith("/"):
                file = target / name.removeprefix(inside)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(archive.read(name))


def _script(name: str, text: str) -> Path:
    HOME.mkdir(parents=True, exist_ok=True)
    file = HOME / f"{name}.py"
    file.write_text(text.lstrip(), encoding="utf-8")
    return file


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
