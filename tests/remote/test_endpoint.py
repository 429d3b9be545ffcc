"""Any endpoint: what is sent to it, what is made of its answers, and what is said of those that are none."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import socket
import subprocess
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT
from tests.support.standins import JSON, ROWS, Answer, Request, dripping, standing_in
from tests.support.stores import CAP, Running
from tests.test_house import environment
from triplomacy import remote
from triplomacy.cli.commands import main
from triplomacy.dataset.dataset import Solutions
from triplomacy.dataset.project import Project
from triplomacy.errors import TriplomacyError
from triplomacy.http.client import Client, Credentials
from triplomacy.queries import citation, formats, question
from triplomacy.queries.question import Question
from triplomacy.queries.scope import Scope
from triplomacy.remote import requests, responses
from triplomacy.terms import OWL, TRI, XSD

PROJECT = Project(ROOT)
SELECT = "SELECT ?s WHERE { ?s a ?c }"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no attempt wait for the next one."""
    monkeypatch.setattr(Client, "_pause", lambda *_: 0.0)


def rows(*values: str, **more: object) -> bytes:
    """Return SPARQL's JSON for rows of one column of strings."""
    bindings = [{"s": {"type": "literal", "value": value}} for value in values]
    return json.dumps({"head": {"vars": ["s"]}, "results": {"bindings": bindings}, **more}).encode()


def values(endpoint: remote.Endpoint, text: str) -> list[str]:
    """Return the first column of an answer."""
    found = endpoint.query(text)
    assert isinstance(found, Solutions)
    return [str(row[0].value) for row in found.rows]


# What a server does that it should not, and the words that say so.


def html(request: Request) -> None:
    """Answer with a page for people."""
    request.reply(b"<!DOCTYPE html><html><title>Welcome to our triples</title><body>Search</body></html>", "text/html")


def html_as_json(request: Request) -> None:
    """Answer with a page for people that says to be something else."""
    request.reply(b"<html><head><title>Bad gateway</title></head></html>")


def error_as_text(request: Request) -> None:
    """Answer with an error and the status of a success."""
    request.reply(b"Virtuoso S1T00 Error SR171: Transaction timed out", "text/plain")


def error_as_json(request: Request) -> None:
    """Answer with an error in JSON and the status of a success."""
    request.reply(b'{"status": "ERROR", "exception": "Out of memory"}')


def error_behind_rows(request: Request) -> None:
    """Begin with rows and go on with an error."""
    request.reply(ROWS.removesuffix(b"]}}") + b",\n!!! Exception: query cancelled\n")


def partial(request: Request) -> None:
    """Answer with some rows and say in the status that they are a part."""
    request.reply(status=206)


def anytime(request: Request) -> None:
    """Answer as Virtuoso does when its time is over."""
    request.reply(X_SQL_State="S1TAT")


def nothing(request: Request) -> None:
    """Answer with a success without content."""
    request.reply(b"", status=204)


def empty(request: Request) -> None:
    """Answer with a document that is empty."""
    request.reply(b"")


def cut_by_length(request: Request) -> None:
    """Promise more than is sent."""
    request.head(Content_Length=str(2 * len(ROWS)))
    request.wfile.write(ROWS)


def cut_by_chunks(request: Request) -> None:
    """Leave out the chunk that ends an answer."""
    request.head(Transfer_Encoding="chunked")
    request.wfile.write(b"%x\r\n%s\r\n" % (len(ROWS), ROWS))


def cut_without_length(request: Request) -> None:
    """Close the connection in the middle of an answer whose length nobody knows."""
    request.head(Connection="close")
    request.wfile.write(ROWS[:-9])


def cut_gzip(request: Request) -> None:
    """Leave out the end of what is compressed."""
    request.reply(gzip.compress(ROWS)[:-9], Content_Encoding="gzip")


def gzip_unsaid(request: Request) -> None:
    """Compress and do not say so."""
    request.reply(gzip.compress(ROWS))


def latin_unsaid(request: Request) -> None:
    """Answer in Latin-1, far behind the beginning, and do not say so."""
    request.reply(rows(*["a"] * 1_000, "Zürich").replace(b"Z\\u00fcrich", b"Z\xfcrich"))


def utf16_unsaid(request: Request) -> None:
    """Answer in UTF-16 and do not say so."""
    request.reply(ROWS.decode().encode("utf-16"))


def busy(request: Request) -> None:
    """Answer that it is too busy, again and again."""
    request.reply(b"<html><title>Down for maintenance</title></html>", "text/html", 503, Retry_After="600")


def refuses(request: Request) -> None:
    """Answer with an error of the query."""
    request.reply(b"Parse error at line 1:\n  expected FROM", "text/plain", 400)


def truth_for_rows(request: Request) -> None:
    """Answer true to whatever is asked."""
    request.reply(b'{"head": {}, "boolean": true}')


def csv(request: Request) -> None:
    """Answer in a format that was not asked for, and has no types."""
    request.reply(b"s\r\nurn:a\r\n", "text/csv")


BAD: dict[Answer, str] = {
    html: 'answers in text/html, not in SPARQL results: "Welcome to our triples"',
    html_as_json: 'answers with a page for people: "Bad gateway"',
    error_as_text: 'answers in text/plain, not in SPARQL results: "Virtuoso S1T00 Error SR171: Transaction timed out"',
    error_as_json: "answers with what is none: ",
    error_behind_rows: "answers with what is none: ",
    partial: "gives a part of the answer only",
    anytime: "gives a part of the answer only",
    nothing: "answers 204 without an answer",
    empty: "answers with what is none: ",
    cut_by_length: "the answer breaks off in the middle",
    cut_by_chunks: "the answer breaks off in the middle",
    cut_without_length: "answers with what is none: ",
    cut_gzip: "the answer breaks off in the middle",
    gzip_unsaid: "answers with compressed bytes and does not say so",
    latin_unsaid: "answers in an encoding that is not UTF-8 and does not say which",
    utf16_unsaid: "answers in an encoding that is not UTF-8 and does not say which",
    busy: "answers 503 Service Unavailable: Down for maintenance (it asks to wait: 600); try again later",
    refuses: "answers 400 Bad Request: Parse error at line 1: expected FROM; correct the query",
    truth_for_rows: "answers something else than what SELECT asks for",
    csv: "answers in text/csv, not in SPARQL results",
}
COMMANDS = {
    "query": ["query", "--text", SELECT, "--format", "csv", "--output"],
    "stored": ["query", "who-recognises", "--format", "json", "--output"],
    "dated": ["query", "who-recognises", "--as-of", "2022-09", "--format", "csv", "--output"],
}


@pytest.mark.parametrize("command", [*COMMANDS, "pull"])
@pytest.mark.parametrize("answer", BAD, ids=lambda answer: answer.__name__)
def test_bad_answer_is_one_clear_error(
    answer: Answer, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not an answer is one line that says what and where, exit 2, and files and folders are as they were."""
    before = tmp_path / "before.csv"
    before.write_text("as it was")
    with standing_in(answer) as server:
        if command == "pull":
            code = main(["pull", server.url, "--output", str(tmp_path / "out")])
        else:
            code = main([*COMMANDS[command], str(before), "--endpoint", server.url, "--project", str(ROOT)])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith(f"triplomacy: error: {server.url}: {BAD[answer]}")
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["before.csv"]
    assert before.read_text() == "as it was"


@pytest.mark.parametrize("answer", [html, error_as_text, cut_by_length, cut_by_chunks, busy, partial])
def test_bad_answer_of_triples_is_one_clear_error(answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    """The same holds where triples are asked for."""
    told = "answers with what is none: " if answer is error_as_text else BAD[answer].replace("SPARQL results", "RDF")
    with standing_in(answer) as server:
        asked = ["query", "--text", "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c }", "--format", "turtle"]
        code = main([*asked, "--endpoint", server.url])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith(f"triplomacy: error: {server.url}: {told}")
    assert err.count("\n") == 1


@pytest.mark.parametrize("kind", ["application/n-triples", "text/turtle"])
def test_triples_whose_end_nobody_knows_are_refused(kind: str) -> None:
    """A format of which half looks like a whole is taken only from a server that says how long it is."""

    def answer(request: Request) -> None:
        request.head(kind, Connection="close")
        request.wfile.write(b"<urn:a> <urn:b> <urn:c> .\n")

    with standing_in(answer) as server, pytest.raises(TriplomacyError, match="does not say where its answer ends"):
        remote.connect(server.url).query("CONSTRUCT WHERE { ?s ?p ?o }")


def test_nobody_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An endpoint that is down is one line, exit 2, for each command, and no file is made."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/query"
    for command in (
        ["query", "--text", SELECT, "--output", str(tmp_path / "answer.csv"), "--endpoint", url],
        ["pull", url, "--output", str(tmp_path / "store")],
        ["push", url, "--project", str(ROOT)],
        ["validate", "--endpoint", url, "--project", str(ROOT), "--report", f"json={tmp_path / 'report.json'}"],
    ):
        assert main(command) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert re.fullmatch(rf"triplomacy: error: {url}: cannot be reached: .*; is it running\?\n", err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("body", [False, True])
def test_slow_endpoint_is_given_up(body: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An endpoint whose answer drips is given up when the time is over, and no file is made."""
    with standing_in(dripping(body=body)) as server:
        output = str(tmp_path / "answer.csv")
        asked = ["query", "--text", SELECT, "--endpoint", server.url, "--timeout", "0.5", "--output", output]
        assert main(asked) == 2
        err = capsys.readouterr().err
        assert err.startswith(f"triplomacy: error: {server.url}: ")
        assert "give --timeout more seconds" in err
        assert err.count("\n") == 1
        done = run(*asked)
        assert (done.returncode, done.stdout) == (2, "")
        assert "--timeout" in done.stderr
    assert list(tmp_path.iterdir()) == []


def run(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run ``triplomacy`` as a process of its own."""
    command = [sys.executable, "-m", "triplomacy", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment(), **options)


def test_wrong_certificate_is_one_clear_error(certificate: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An endpoint whose certificate nobody vouches for is asked nothing."""
    with standing_in(lambda request: request.reply(), certificate) as server:
        assert main(["query", "--text", SELECT, "--endpoint", server.url]) == 2
    out, err = capsys.readouterr()
    assert (out, server.seen) == ("", [])
    assert "its certificate is not trusted" in err
    assert err.count("\n") == 1


def test_redirect_to_another_host_takes_no_credentials_along(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A question follows a redirect to another host, and the token that is for the first host does not."""
    monkeypatch.setenv("TRIPLOMACY_TOKEN", "s3cret")
    with (
        standing_in(lambda request: request.reply()) as other,
        standing_in(lambda request: request.reply(b"", status=307, Location=other.url)) as server,
    ):
        assert main(["query", "--text", SELECT, "--endpoint", server.url, "--format", "csv"]) == 0
    assert capsys.readouterr().out == "s\r\nurn:a\r\n"
    assert [request.headers.get("authorization") for request in server.seen] == ["Bearer s3cret"]
    assert [request.headers.get("authorization") for request in other.seen] == [None]


def test_credentials_are_taken_from_netrc(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who asks is said by netrc, once the endpoint wants to know."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ann password s3cret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    def answer(request: Request) -> None:
        if "authorization" in request.seen.headers:
            request.reply()
        else:
            request.reply(b"who?", "text/plain", 401, WWW_Authenticate='Basic realm="graphs"')

    with standing_in(answer) as server:
        assert main(["query", "--text", SELECT, "--endpoint", server.url, "--format", "csv"]) == 0
    assert server.seen[-1].headers["authorization"] == "Basic YW5uOnMzY3JldA=="
    assert "s3cret" not in "".join(capsys.readouterr())


def test_full_disk_is_one_clear_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A disk that is full under the output, or under the answer that is on its way, is one line and exit 2."""
    with standing_in(lambda request: request.reply()) as server:
        asked = ["query", "--text", SELECT, "--endpoint", server.url, "--format", "csv"]
        assert main([*asked, "--output", "/dev/full"]) == 2
        assert "/dev/full: cannot be written: No space left on device" in capsys.readouterr().err
        with Path("/dev/full").open("w") as full:
            command = [sys.executable, "-m", "triplomacy", *asked]
            done = subprocess.run(
                command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment(), check=False
            )
        assert (done.returncode, done.stderr) == (2, "triplomacy: error: standard output: No space left on device\n")
    with standing_in(many(200_000)) as server:
        output = str(tmp_path / "answer.csv")
        done = run(*asked[:3], "--endpoint", server.url, "--output", output, preexec_fn=small_files)
    assert done.returncode == 2
    assert f"{server.url}: the answer cannot be kept: File too large; make room for temporary files" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def small_files() -> None:
    """Let no file grow over some thousand bytes, as if the disk were full then."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


def many(count: int) -> Answer:
    """Return what answers with so many rows, of a hundred bytes and more each, as they are made."""

    def answer(request: Request) -> None:
        request.head(Transfer_Encoding="chunked")
        parts = [b'{"head": {"vars": ["s"]}, "results": {"bindings": [']
        for start in range(0, count, 1_000):
            numbers = range(start, min(count, start + 1_000))
            cells = (b'%s{"s": {"type": "uri", "value": "urn:%090d"}}' % (b"," * bool(n), n) for n in numbers)
            parts.append(b"".join(cells))
            send(request, parts)
        send(request, [b"]}}"])
        request.wfile.write(b"0\r\n\r\n")

    return answer


def send(request: Request, parts: list[bytes]) -> None:
    """Send parts as a chunk."""
    body = b"".join(parts)
    parts.clear()
    request.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))


MEASURED = """
import resource, sys
from triplomacy.cli import main
code = main(sys.argv[1:])
print(code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize("form", ["csv", "tsv", "json"])
def test_large_answers_are_not_held_in_memory(form: str, tmp_path: Path) -> None:
    """An answer of 32 MB takes less than half of that in memory, and all its rows are written, in their order."""
    count = 250_001
    used = []
    for number in (1, count):
        with standing_in(many(number)) as server:
            asked = ["query", "--text", SELECT + " ORDER BY ?s", "--endpoint", server.url, "--format", form]
            command = [sys.executable, "-c", MEASURED, *asked, "--output", str(tmp_path / "answer")]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment())
        code, kilobytes = map(int, done.stdout.split())
        assert (code, done.stderr) == (0, "")
        used.append(kilobytes)
    text = (tmp_path / "answer").read_text()
    assert [int(found) for found in re.findall(r"urn:(\d+)", text)] == list(range(count))
    assert len(text) > 23_000_000
    assert used[1] - used[0] < 16_000


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every answer in a file."""
    monkeypatch.setattr(responses, "_IN_MEMORY", 10)


@pytest.mark.usefixtures("on_disk")
def test_kept_rows_are_rows() -> None:
    """Rows in a file are counted, iterated as often as one likes, and found by their places."""
    with standing_in(lambda request: request.reply(rows("a", "b", "c"))) as server:
        answer = question.ask(PROJECT, Question(text=SELECT, scope=Scope(endpoint=server.url))).answer
    assert not isinstance(answer.rows, tuple)
    assert len(answer.rows) == len(answer) == 3
    for _ in range(2):
        assert [str(cell) for (cell,) in answer.rows] == ['"a"', '"b"', '"c"']
    assert [str(answer.rows[place][0]) for place in (0, -1)] == ['"a"', '"c"']
    assert [str(row[0]) for row in answer.rows[1:]] == ['"b"', '"c"']
    assert answer.columnar() == {"s": ["a", "b", "c"]}
    with pytest.raises(IndexError):
        answer.rows[3]


@pytest.mark.usefixtures("on_disk")
@pytest.mark.parametrize(
    "form", sorted({*formats.FORMATS} - {"turtle", "trig", "nquads", "jsonld", "ntriples", "rdfxml"})
)
def test_kept_rows_are_written_like_others(form: str) -> None:
    """Rows in a file give the same bytes in each format, with the same citation, as rows in memory."""
    with standing_in(lambda request: request.reply(rows("a", 'say "b",\n\tc', "", "é"))) as server:
        reply = question.ask(PROJECT, Question(text=SELECT, scope=Scope(endpoint=server.url)))
    assert not isinstance(reply.answer.rows, tuple)
    held = replace(reply.answer, rows=tuple(tuple(row) for row in reply.answer.rows))
    cited = reply.cite()
    assert citation.complete(cited, held) == cited
    assert formats.FORMATS[form](reply.answer, cited) == formats.FORMATS[form](held, cited)
    assert formats.table(reply.answer, {}) == formats.table(held, {})


@pytest.mark.usefixtures("on_disk")
def test_order_of_kept_rows_is_the_endpoints() -> None:
    """Rows in a file are not sorted, which is said where the query does not sort them."""
    with standing_in(lambda request: request.reply(rows("b", "a"))) as server:
        reply = question.ask(PROJECT, Question(text=SELECT, scope=Scope(endpoint=server.url)))
        ordered = question.ask(PROJECT, Question(text=SELECT + " ORDER BY DESC(?s)", scope=Scope(endpoint=server.url)))
    assert [str(cell.value) for (cell,) in reply.answer.rows if cell] == ["b", "a"]
    assert reply.remarks == ("2 rows are left in the order of the endpoint; add ORDER BY for one that lasts",)
    assert ordered.remarks == ()


def test_long_queries_are_posted() -> None:
    """A query goes in the address, and one that is too long for many servers in a body."""
    long = SELECT + " # " + "x" * requests.LONGEST_GET
    with standing_in(lambda request: request.reply()) as server:
        endpoint = remote.connect(f"{server.url}?key=1")
        endpoint.query(SELECT)
        endpoint.query(long)
    short, posted = server.seen
    assert (short.method, short.query) == ("GET", SELECT)
    assert (posted.method, posted.query) == ("POST", long)
    assert posted.headers["content-type"] == "application/x-www-form-urlencoded"
    assert posted.path == "/sparql?key=1"


def test_question_is_of_the_protocol() -> None:
    """Graphs, formats, prefixes and agent are sent as the SPARQL 1.1 Protocol has them, and nothing else is."""
    with standing_in(lambda request: request.reply()) as server:
        endpoint = remote.connect(server.url + "?key=1").about(["urn:g", "urn:h"], ["urn:n"])
        endpoint.query("SELECT ?s WHERE { GRAPH ?g { ?s a tri:State } }")
    (seen,) = server.seen
    assert parse_qs(urlsplit(seen.path).query) == {
        "key": ["1"],
        "default-graph-uri": ["urn:g", "urn:h"],
        "named-graph-uri": ["urn:n"],
        "query": [f"PREFIX tri: <{TRI}>\nSELECT ?s WHERE {{ GRAPH ?g {{ ?s a tri:State }} }}"],
    }
    assert seen.headers["accept"] == f"{JSON}, application/sparql-results+xml;q=0.9"


def test_xml_is_read_as_json_is() -> None:
    """An endpoint that answers in XML gives the same rows."""
    xml = (
        b'<?xml version="1.0"?><sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="s"/></head>'
        b'<results><result><binding name="s"><uri>urn:a</uri></binding></result></results></sparql>'
    )
    for kind in ("application/sparql-results+xml; charset=utf-8", "application/xml"):
        with standing_in(lambda request, kind=kind: request.reply(xml, kind)) as server:  # type: ignore[misc]
            assert values(remote.connect(server.url), SELECT) == ["urn:a"]


def test_labels_that_cannot_be_had_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """An answer is shown by its IRIs where the endpoint fails only when it is asked for labels."""

    def answer(request: Request) -> None:
        if request.number == 1:
            request.reply()
        else:
            request.reply(b"too many questions", "text/plain", 403)

    with standing_in(answer) as server:
        assert main(["query", "--text", SELECT, "--endpoint", server.url]) == 0
    assert capsys.readouterr().out.splitlines() == ["s", "-------", "<urn:a>", "(1 row)"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--endpoint", "ftp://127.0.0.1/"], "is not an address of an endpoint"),
        (["--endpoint", ""], "'' is not an address of an endpoint"),
        (["--endpoint", "http://127.0.0.1/", "--data", "x.ttl"], "leave one out"),
        (["--endpoint", "http://127.0.0.1/", "--graph", "no iri"], "--graph takes the IRI of a graph"),
        (["--graph", "urn:g"], "--graph goes with --endpoint"),
    ],
)
def test_options_that_do_not_go_together_are_told(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be asked of an endpoint is told before anything is sent."""
    assert main(["query", "--text", SELECT, *options]) == 2
    assert told in capsys.readouterr().err


@pytest.fixture(scope="module")
def numbers() -> ox.Store:
    """Return 450 nodes with a number each, which is smaller than ten."""
    store = ox.Store()
    lines = (f"<urn:n{number:03}> <urn:size> {number % 10} ." for number in range(450))
    store.load("\n".join(lines).encode(), ox.RdfFormat.TURTLE)
    return store


def capping(store: ox.Store, cap: int, *, offset: bool = True, refuse: bool = False, extra: int = 0) -> Answer:
    """Return what gives no more than *cap* rows at a time, and says nothing about it.

    It may not know OFFSET, or refuse it; of triples it gives *extra* ones more.
    """

    def answer(request: Request) -> None:
        text = request.seen.query
        if "OFFSET" in text and refuse:
            return request.reply(b"OFFSET is too expensive", "text/plain", 400)
        found = store.query(text if offset else re.sub(r"OFFSET \d+", "", text))
        if isinstance(found, ox.QueryTriples):
            kept = list(itertools.islice(found, cap + extra))
            return request.reply(ox.serialize(kept, format=ox.RdfFormat.N_TRIPLES) or b"", "application/n-triples")
        assert isinstance(found, ox.QuerySolutions)
        names = [variable.value for variable in found.variables]
        bindings = [
            {name: formats._cell_object(cell) for name, cell in zip(names, row, strict=True) if cell}
            for row in itertools.islice(found, cap)
        ]
        body = {"head": {"vars": names}, "results": {"bindings": bindings}}
        return request.reply(json.dumps(body).encode())

    return answer


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("SELECT ?s ?o { ?s <urn:size> ?o }", 450),
        ("SELECT ?s ?o { ?s <urn:size> ?o } ORDER BY DESC(?o) ?s", 450),
        ("SELECT ?o { ?s <urn:size> ?o }", 450),
        ("SELECT DISTINCT ?s { ?s <urn:size> ?o FILTER(?o < 5) }", 225),
        ("SELECT ?s { ?s <urn:size> ?o } ORDER BY ?s LIMIT 333 OFFSET 100", 333),
        ("SELECT ?s { ?s <urn:size> ?o } ORDER BY ?s LIMIT 200", 200),
    ],
)
def test_all_rows_are_had_where_a_server_caps_them(numbers: ox.Store, text: str, count: int) -> None:
    """Where a server gives a round number of rows, it is asked for the others; all come, and that is said."""
    whole = numbers.query(text)
    assert isinstance(whole, ox.QuerySolutions)
    expected = [list(map(str, row)) for row in whole]
    with standing_in(capping(numbers, 100)) as server:
        endpoint = remote.connect(server.url)
        found = endpoint.query(text)
        assert isinstance(found, Solutions)
        given = [list(map(str, row)) for row in found.rows]
    assert len(given) == len(expected) == count
    assert (given if "ORDER" in text else sorted(given)) == (expected if "ORDER" in text else sorted(expected))
    asked = f"{server.url} gives 100 rows at a time; all {count} were asked for in {-(-count // 100)} parts"
    assert endpoint.remarks == [asked]


@pytest.mark.parametrize("text", ["SELECT ?s { ?s <urn:size> 1, ?o }", "SELECT ?s { ?s ?p ?o } LIMIT 100"])
def test_nothing_is_said_where_there_is_no_more(numbers: ox.Store, text: str) -> None:
    """A number of rows that is not round, or that was asked for, makes nobody ask twice."""
    with standing_in(capping(numbers, 100)) as server:
        endpoint = remote.connect(server.url)
        assert values(endpoint, text)
    assert (len(server.seen), endpoint.remarks) == (1, [])


def test_equal_rows_have_an_end() -> None:
    """Equal rows are all asked for, and it is told where a server without OFFSET would give them for ever."""
    store = ox.Store()
    store.load(b"".join(b"<urn:n%d> <urn:size> 1 .\n" % number for number in range(450)), ox.RdfFormat.TURTLE)
    with standing_in(capping(store, 100)) as server:
        assert len(values(remote.connect(server.url), "SELECT ?o { ?s <urn:size> ?o }")) == 450
    with standing_in(capping(store, 100, offset=False)) as server:
        with pytest.raises(TriplomacyError, match="the same 100 rows again and again; it does not know OFFSET"):
            values(remote.connect(server.url), "SELECT ?o { ?s <urn:size> ?o }")
        assert len(server.seen) < 8


@pytest.mark.parametrize("declared", ["9" * 5_000, "-1", "²", "many"])
def test_number_of_rows_that_is_none_is_not_heeded(declared: str) -> None:
    """A header that should have a number and has none, or one that no server means, changes nothing."""
    with standing_in(lambda request: request.reply(X_SPARQL_MaxRows=declared)) as server:
        assert values(remote.connect(server.url), SELECT) == ["urn:a"]


def test_round_number_makes_ask_for_one_row_more(numbers: ox.Store) -> None:
    """A round number of rows that are all is found to be all by one small question."""
    with standing_in(capping(numbers, 1_000)) as server:
        endpoint = remote.connect(server.url)
        assert len(values(endpoint, 'SELECT ?s { ?s <urn:size> ?o FILTER (STR(?s) < "urn:n200") }')) == 200
    assert len(server.seen) == 2
    assert "LIMIT 1 OFFSET 200" in server.seen[1].query
    assert endpoint.remarks == []


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"refuse": True}, "gives 100 rows at a time and does not give more of them: answers 400"),
        ({"offset": False}, "gives the same 100 rows again and again; it does not know OFFSET"),
    ],
)
def test_rows_that_cannot_be_had_are_an_error(numbers: ox.Store, options: dict[str, bool], told: str) -> None:
    """A server that caps rows and does not give the others is an error, and no half of an answer is shown."""
    with standing_in(capping(numbers, 100, **options)) as server, pytest.raises(TriplomacyError, match=told):
        remote.connect(server.url).query("SELECT ?s { ?s <urn:size> ?o }")


@pytest.mark.parametrize("extra", [0, 1])
@pytest.mark.parametrize(
    "text", ["CONSTRUCT { ?s <urn:is> ?o ; a <urn:Node> } WHERE { ?s <urn:size> ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"]
)
def test_all_triples_are_had_where_a_server_caps_them(numbers: ox.Store, text: str, extra: int) -> None:
    """Where a server gives a round number of triples, or one more, they are made of the rows of a SELECT."""
    whole = numbers.query(text)
    assert isinstance(whole, ox.QueryTriples)
    expected = set(whole)
    with standing_in(capping(numbers, 100, extra=extra)) as server:
        endpoint = remote.connect(server.url)
        assert set(endpoint.query(text)) == expected  # type: ignore[arg-type]
    assert len(expected) in (450, 900)
    assert endpoint.remarks == [f"{server.url} gives 100 rows at a time; all 450 were asked for in 5 parts"]


def test_triples_that_may_be_cut_are_told(numbers: ox.Store) -> None:
    """DESCRIBE cannot be asked for in parts: a round number of triples is a remark."""
    with standing_in(capping(numbers, 100)) as server:
        endpoint = remote.connect(server.url)
        endpoint.query("DESCRIBE ?s { ?s ?p ?o }")
    assert endpoint.remarks == [f"{server.url} gives 100 triples, which may be as many as it gives at a time"]


def test_graph_that_is_not_given_whole_is_an_error(numbers: ox.Store) -> None:
    """A graph of a known size is asked for until all is there, and an error where it does not come."""
    with standing_in(capping(numbers, 100)) as server:
        assert len(remote.connect(server.url).triples("urn:g", 450)) == 450
        with pytest.raises(TriplomacyError, match="gives 450 of the 451 triples of <urn:g> and no more"):
            remote.connect(server.url).triples("urn:g", 451)


MIXED = "SELECT ?o ?p ?s WHERE { ?s ?p ?o }"


def test_virtuoso_gives_all_rows(virtuoso: Running, capsys: pytest.CaptureFixture[str]) -> None:
    """Of 12,000 triples with objects of all kinds Virtuoso, which gives 1,000 rows, gives each once, and says so."""
    client = Client(virtuoso.graphs, Credentials(*virtuoso.environment.values()))
    terms = ['"{}"', "{}", "{}.5", '"{}"@en', "<urn:{}>", '"2022-01-01T00:00:00.{}Z"^^<' + XSD + "dateTime>"]
    turtle = "".join(f"<urn:s{n % 7}> <urn:p{n % 3}> {terms[n % 6].format(n)} .\n" for n in range(12_000))
    address = remote.graph_address(virtuoso.graphs, "urn:mixed")
    sent = urllib.request.Request(address, turtle.encode(), {"Content-Type": "text/turtle"}, method="PUT")
    client.send(sent, changes=True).body.read()
    asked = ["query", "--endpoint", virtuoso.query, "--graph", "urn:mixed", "--format", "tsv", "--text"]
    for text in (MIXED, f"{MIXED} ORDER BY ?o", f"{MIXED} ORDER BY ?s ?p"):
        assert main([*asked, text]) == 0
        out, err = capsys.readouterr()
        lines = out.splitlines()[1:]
        assert len(lines) == len(set(lines)) == 12_000
        assert (
            err == f"triplomacy: {virtuoso.query} gives {CAP:,} rows at a time; all 12,000 were asked for in 12 parts\n"
        )
    assert main([*asked[:-3], "--format", "nquads", "--text", "CONSTRUCT { ?s ?p ?o ; a ?p } WHERE { ?s ?p ?o }"]) == 0
    assert (
        len(capsys.readouterr().out.splitlines()) == 12_000 + 21
    )  # of each of seven nodes that it is of three classes
    assert main([*asked, f"{MIXED} ORDER BY ?s ?p ?o LIMIT 2345"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2_346


@pytest.mark.parametrize("store", ["oxigraph", "virtuoso"])
def test_truth_is_truth_on_both_stores(store: str, request: pytest.FixtureRequest) -> None:
    """ASK is true of what is there and false of what is not: Virtuoso answers by a row or none."""
    running: Running = request.getfixturevalue(store)
    endpoint = remote.connect(running.query)
    assert endpoint.query("ASK { BIND (1 AS ?x) }") is True
    assert endpoint.query("ASK { <urn:nobody> <urn:knows> ?x }") is False
    assert not endpoint.has("urn:nothing")
    assert not endpoint.has("no iri")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("PREFIX select: <urn:x> ASK { ?s select:ask 'CONSTRUCT' }", "ASK"),
        ("# SELECT\ndescribe <urn:SELECT>", "DESCRIBE"),
        ("BASE <urn:ASK/> construct { ?s ?p ?o } { SELECT * { ?s ?p ?o } }", "CONSTRUCT"),
        ("select(1 as ?x){}", "SELECT"),
    ],
)
def test_form_of_a_query_is_seen(text: str, form: str) -> None:
    """What is asked for is the first keyword that is none in a comment, a name, a string or an IRI."""
    assert remote.form_of(text) == form


def test_prefixes_are_declared_as_needed() -> None:
    """Of the project's prefixes a query gets those that it uses and does not declare itself."""
    text = "PREFIX id: <urn:mine/> SELECT * { id:a tri:b 'skos:c' . ?s owl:d <prov:e> }"
    assert remote.with_prefixes(text) == f"PREFIX owl: <{OWL}>\nPREFIX tri: <{TRI}>\n{text}" or (
        remote.with_prefixes(text) == f"PREFIX tri: <{TRI}>\nPREFIX owl: <{OWL}>\n{text}"
    )
