"""What the package relies on in libraries though nobody has promised it: there, in the version that is installed.

Where a test fails, a library has changed what its name says; read how the module of ours uses it, and mend that before
the bound in pyproject.toml is raised.
"""

from __future__ import annotations

import inspect
import re
import tomllib
import urllib.request
from importlib import import_module

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

# The distribution, the thing in it, what we use of that, and where.
RELIED_ON = [
    ("nanopub", "nanopub.profile", "Profile format_key", "publish/trusty.py"),
    ("nanopub", "nanopub.sign_utils", "add_signature", "publish/trusty.py"),
    ("nanopub", "nanopub.trustyuri.rdf.RdfHasher", "make_hash", "publish/trusty.py"),
    ("owlready2", "owlready2", "JAVA_EXE OwlReadyJavaError sync_reasoner_hermit", "validation/reasoning.py"),
    ("owlready2", "owlready2.reasoning", "_subprocess_kargs", "validation/reasoning.py"),
    ("rdflib", "rdflib", "ConjunctiveGraph NORMALIZE_LITERALS", "publish/trusty.py"),
    ("SPARQLWrapper", "SPARQLWrapper.SPARQLWrapper", "_createRequest queryString queryType", "remote/requests.py"),
    ("urllib3", "urllib3.PoolManager", "pool_classes_by_scheme", "http/client.py"),
    ("urllib3", "urllib3.HTTPConnectionPool", "ConnectionCls", "http/client.py"),
    ("urllib3", "urllib3.connection.HTTPConnection", "response_class getresponse", "http/client.py"),
    ("urllib3", "urllib3.HTTPResponse", "chunked length_remaining read1", "http/client.py"),
    ("urllib3", "urllib3.Retry", "parse_retry_after", "http/client.py"),
    (
        "uvicorn",
        "uvicorn.protocols.http.httptools_impl.HttpToolsProtocol",
        "_unset_keepalive_if_required client connection_lost connection_made cycle data_received expect_100_continue "
        "flow headers on_body on_header on_headers_complete on_message_begin on_message_complete on_response_complete "
        "on_url parser pause_writing pipeline resume_writing scope send_400_response server_state shutdown "
        "transport url",
        "server/connections/connection.py",
    ),
    (
        "uvicorn",
        "uvicorn.protocols.http.httptools_impl.RequestResponseCycle",
        "disconnected keep_alive message_event response_complete response_started",
        "server/connections/connection.py",
    ),
    ("uvicorn", "uvicorn.Server", "capture_signals force_exit serve should_exit", "server/app.py"),
    ("uvicorn", "uvicorn.server.ServerState", "connections total_requests", "server/connections"),
    ("starlette", "starlette.routing.Router", "redirect_slashes routes", "server/app.py"),
    ("starlette", "starlette.routing.Route", "matches methods", "server/connections/front.py"),
]


def attributes(thing: object) -> set[str]:
    """Return what a module or a class has, with what the methods of a class give to its instances."""
    names = set(dir(thing))
    for base in inspect.getmro(thing) if isinstance(thing, type) else ():
        if base.__module__ in ("builtins", "_io"):
            continue
        names |= set(re.findall(r"\bself\.(\w+)(?:: [^=\n]+)? = ", inspect.getsource(base)))
    return names


def resolved(path: str) -> object:
    """Return the module, or the thing in a module, that a dotted name is of."""
    module, _, name = path.rpartition(".")
    if name[0].isupper():
        return getattr(import_module(module), name)
    return import_module(path)


@pytest.mark.parametrize(("library", "path", "names", "where"), RELIED_ON, ids=[entry[1] for entry in RELIED_ON])
def test_it_is_there(library: str, path: str, names: str, where: str) -> None:
    """Each name that is used of a library is in the version of it that is installed."""
    lost = set(names.split()) - attributes(resolved(path))
    assert not lost, f"{library}: {path} has no {', '.join(sorted(lost))} any more, which src/triplomacy/{where} uses"


@pytest.mark.parametrize("library", sorted({library for library, *_ in RELIED_ON}))
def test_its_versions_are_bounded(library: str) -> None:
    """No version that nobody has tried with our code is installed: each mention of a library bounds it alike."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = [Requirement(line) for group in groups for line in group]
    bounds = {str(requirement.specifier) for requirement in wanted if requirement.name == library}
    assert len(bounds) == 1, f"{library} is bounded in several ways: {bounds}"
    assert "<" in bounds.pop(), f"bound {library} from above in pyproject.toml"


def test_requests_are_as_written() -> None:
    """What SPARQLWrapper makes of a query and of an update is a request of Python's, with the text in its place."""
    from triplomacy.remote import requests

    query = requests.query_request("http://h/q?key=1", "ASK {}", "ASK", "text/x", ["urn:a"], ["urn:b"])
    assert type(query) is urllib.request.Request
    assert query.full_url == "http://h/q?key=1&default-graph-uri=urn%3Aa&named-graph-uri=urn%3Ab&query=ASK+%7B%7D"
    assert (query.get_header("Accept"), query.data) == ("text/x", None)
    update = requests.update_request("http://h/u", "CLEAR ALL")
    assert (update.full_url, update.data, update.get_method()) == ("http://h/u", b"update=CLEAR+ALL", "POST")
