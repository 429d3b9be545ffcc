"""A real Apache with a configuration of its own, on loopback, for what rules of rewriting do."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

PROGRAM = shutil.which("apache2") or "/usr/sbin/apache2"
MODULES = Path("/usr/lib/apache2/modules")
_LOADED = ("mpm_event", "authz_core", "rewrite", "headers", "mime", "dir", "env", "setenvif")
_CONFIGURATION = """\
ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/errors
LogLevel warn
DocumentRoot {root}
StartServers 1
ThreadsPerChild 4
ServerLimit 1
MaxRequestWorkers 4
{modules}
TypesConfig /dev/null
<Directory {root}>
  AllowOverride All
  Options FollowSymLinks
  Require all granted
</Directory>
"""


def need_apache() -> None:
    """Skip the test where there is no Apache, but fail it where ``CI`` is ``true``."""
    if not Path(PROGRAM).exists():
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing("there is no apache2: make system-packages installs it")


@contextmanager
def apache(folder: Path, root: Path) -> Iterator[int]:
    """Run Apache with the documents in *root*, its own files in *folder*, and return its port."""
    need_apache()
    folder.mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED)
    user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
    if user:
        modules += f"\nLoadModule unixd_module {MODULES}/mod_unixd.so\n" if not _built_in("unixd") else "\n"
    text = _CONFIGURATION.format(folder=folder, port=port, root=root, modules=modules) + user
    (folder / "apache.conf").write_text(text, encoding="utf-8")
    running = subprocess.Popen([PROGRAM, "-f", folder / "apache.conf", "-D", "FOREGROUND"], stderr=subprocess.PIPE)
    try:
        _wait(running, port, folder)
        yield port
    finally:
        running.terminate()
        running.communicate(timeout=30)


def _built_in(name: str) -> bool:
    done = subprocess.run([PROGRAM, "-l"], capture_output=True, text=True, check=True)
    return f"mod_{name}.c" in done.stdout


def _wait(running: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    for _ in range(300):
        if running.poll() is not None:
            assert running.stderr is not None
            pytest.fail(f"Apache did not start: {running.stderr.read().decode()}")
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"Apache does not listen: {(folder / 'errors').read_text(encoding='utf-8')}")


def get(port: int, path: str, accept: str | None = None, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Return status, headers by their lower-case names, and body of one request."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {} if accept is None else {"Accept": accept}
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    found = {name.lower(): value for name, value in answer.getheaders()}
    body = answer.read()
    connection.close()
    return answer.status, found, body
