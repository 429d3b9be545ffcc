"""Requests to servers that misbehave: tried again, bounded in time, and credentials for one host alone."""

from __future__ import annotations

import base64
import gzip
import re
import socket
import threading
import time
import urllib.request
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.support.standins import ROWS, Answer, Request, Seen, dripping, standing_in
from triplomacy import __version__, cli, http
from triplomacy.errors import BadParameter, TriplomacyError
from triplomacy.http.client import ATTEMPTS, PAUSE, Client, Credentials, Refused, Unreachable


def get(client: Client, url: str | None = None) -> bytes:
    """Return the body of what is answered to GET."""
    return client.send(urllib.request.Request(url or client.url)).body.read()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses that would have been made, in seconds: none is made."""
    made: list[float] = []
    really = time.sleep

    def sleep(seconds: float) -> None:
        if threading.current_thread() is threading.main_thread():
            made.append(seconds)
        else:  # a server's
            really(seconds)

    monkeypatch.setattr(time, "sleep", sleep)
    return made


def failing(times: int, status: int, **headers: str) -> Answer:
    """Return what answers so many requests with an error, and then with rows."""

    def answer(request: Request) -> None:
        if request.number <= times:
            request.reply(b"not now", "text/plain", status, **headers)
        else:
            request.reply()

    return answer


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_is_transient_is_tried_again(status: int, pauses: list[float]) -> None:
    """A server that is too busy twice is asked three times, with a pause that doubles."""
    with standing_in(failing(2, status)) as server:
        assert get(Client(server.url)) == ROWS
    assert len(server.seen) == 3
    assert pauses == [PAUSE, 2 * PAUSE]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 500, 501])
def test_what_is_not_transient_is_not_tried_again(status: int, pauses: list[float]) -> None:
    """An error of the request or of the server's programs is told at once, with the server's words."""
    with standing_in(failing(9, status)) as server, pytest.raises(Refused, match=f"answers {status} .*: not now; "):
        get(Client(server.url))
    assert (len(server.seen), pauses) == (1, [])


def test_lost_connections_are_tried_again(pauses: list[float]) -> None:
    """A server that hangs up before it says anything is asked again."""

    def answer(request: Request) -> None:
        if request.number > 2:
            request.reply()

    with standing_in(answer) as server:
        assert get(Client(server.url)) == ROWS
    assert len(server.seen) == 3
    assert len(pauses) == 2


def test_it_is_not_tried_for_ever(pauses: list[float]) -> None:
    """After the last attempt the error is told, with what the server asked for."""
    with standing_in(failing(99, 503, Retry_After="7")) as server, pytest.raises(Refused) as told:
        get(Client(server.url, attempts=3))
    assert str(told.value) == (
        f"{server.url}: answers 503 Service Unavailable: not now (it asks to wait: 7); try again later"
    )
    assert (len(server.seen), pauses, told.value.status) == (3, [7.0, 7.0], 503)


def test_retry_after_in_seconds_is_waited_for() -> None:
    """Between the first request and the second lie the seconds that the server asked for."""
    asked: list[float] = []

    def answer(request: Request) -> None:
        asked.append(time.monotonic())
        failing(1, 503, Retry_After="1")(request)

    with standing_in(answer) as server:
        assert get(Client(server.url, pause=0.01)) == ROWS
    assert asked[1] - asked[0] >= 1


def test_retry_after_as_a_date_is_waited_for(pauses: list[float]) -> None:
    """A date of HTTP is waited for, one that is over and what is neither number nor date are not."""
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=40), usegmt=True)
    for header, least, most in ((date, 20, 40), (past, 0.5, 0.5), ("soon", 0.5, 0.5), ("-3", 0.5, 0.5)):
        with standing_in(failing(1, 429, Retry_After=header)) as server:
            assert get(Client(server.url)) == ROWS
        assert least <= pauses.pop() <= most


@pytest.mark.parametrize(("after", "timeout"), [("3600", 300.0), ("30", 5.0)])
def test_who_asks_to_wait_too_long_is_taken_at_its_word(after: str, timeout: float, pauses: list[float]) -> None:
    """A pause that is longer than any made here, or than the time that there is, is told and not begun."""
    with standing_in(failing(9, 503, Retry_After=after)) as server, pytest.raises(Refused, match=f"to wait: {after}"):
        get(Client(server.url, timeout=timeout))
    assert (len(server.seen), pauses) == (1, [])


@pytest.mark.parametrize("body", [False, True])
def test_time_is_bounded_as_a_whole(body: bool) -> None:
    """What comes byte by byte, each in time, is not waited for longer than the bound of the whole request."""
    started = time.monotonic()
    with standing_in(dripping(body=body)) as server, pytest.raises(Unreachable, match=r"in time|too long") as told:
        get(Client(server.url, timeout=0.5))
    assert "give timeout more seconds" in str(told.value)
    assert 0.5 <= time.monotonic() - started < 15
    assert len(server.seen) == 1


def test_nobody_answers(pauses: list[float]) -> None:
    """A port that nobody listens on is said to be so, after all attempts."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unreachable, match=r"^http://127.0.0.1:\d+/sparql: cannot be reached: .*; is it running\?$"):
        get(Client(f"http://127.0.0.1:{port}/sparql"))
    assert len(pauses) == ATTEMPTS - 1


def test_unknown_host_is_told_at_once(pauses: list[float]) -> None:
    """A host that there is not is not asked for again."""
    with pytest.raises(Unreachable, match="no such host; correct the address"):
        get(Client("http://nobody.invalid/sparql"))
    assert pauses == []


def test_another_protocol_is_told(pauses: list[float]) -> None:
    """What answers in another protocol than HTTP is said to do so."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=greet, args=(listening,), daemon=True).start()
        with pytest.raises(Unreachable, match="does not speak HTTP"):
            get(Client(f"http://127.0.0.1:{listening.getsockname()[1]}/"))
    assert pauses


def greet(listening: socket.socket) -> None:
    """Greet everybody in the words of another protocol, once they have said something."""
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            connection.recv(4_096)
            connection.sendall(b"220 mail.example.org ESMTP\r\n")


def test_wrong_certificate_is_told(certificate: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that nobody vouches for is refused, and taken where its owner is named to be trusted."""
    with standing_in(lambda request: request.reply(), certificate) as server:
        with pytest.raises(Unreachable, match=r"its certificate is not trusted: self.signed certificate"):
            get(Client(server.url, Credentials(token="secret")))
        assert (server.seen, pauses) == ([], [])
        monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
        assert get(Client(server.url)) == ROWS
        with pytest.raises(Unreachable, match=r"its certificate is not trusted: .*localhost"):
            get(Client(server.url.replace("127.0.0.1", "localhost")))


def test_no_encryption_where_some_is_expected(pauses: list[float]) -> None:
    """An address of HTTPS where HTTP is spoken is named as that."""
    with (
        standing_in(lambda request: request.reply()) as server,
        pytest.raises(Unreachable, match=r"no encrypted connection: .*; is it http: instead of https:"),
    ):
        get(Client(server.url.replace("http:", "https:")))
    assert pauses == []


def challenging(*challenges: str) -> Answer:
    """Return what answers to those who say who they are, and asks all others to do so."""

    def answer(request: Request) -> None:
        if "authorization" in request.seen.headers:
            request.reply()
        else:
            request.send_response(401)
            for challenge in challenges:
                request.send_header("WWW-Authenticate", challenge)
            request.send_header("Content-Length", "0")
            request.end_headers()

    return answer


def said(request: Seen) -> str:
    """Return what a request says of who sends it."""
    return request.headers.get("authorization", "")


def test_user_and_password_go_when_they_are_asked_for() -> None:
    """The first request is without them, the second with, and the next begins with them."""
    with standing_in(challenging('Basic realm="graphs"')) as server:
        client = Client(server.url, Credentials("ann", "pass word:ü"))
        assert get(client) == get(client) == ROWS
    login = "Basic " + base64.b64encode("ann:pass word:ü".encode()).decode()
    assert [said(request) for request in server.seen] == ["", login, login]


def test_digest_never_sends_the_password() -> None:
    """By digest the answer to the challenge goes, and comes before the next one."""
    with standing_in(challenging('Digest realm="graphs", nonce="n1", algorithm=MD5, qop="auth"')) as server:
        client = Client(server.url, Credentials("ann", "password"))
        assert get(client) == get(client) == ROWS
    first, *others = map(said, server.seen)
    assert first == ""
    assert len(others) == 2
    for text in others:
        assert text.startswith('Digest username="ann", realm="graphs", nonce="n1"')
        assert re.search(r'response="[0-9a-f]{32}"', text)
        assert "password" not in text


def test_digest_is_preferred_to_basic(pauses: list[float]) -> None:
    """Where a server would take either, in one header or in two, the password is sent only if digest fails here."""
    known, unknown = ('Digest realm="graphs", nonce="n", algorithm=' + name for name in ("MD5", "NONE"))
    basic = 'Basic realm="graphs"'
    for challenges, scheme in (
        ((basic, known), "Digest"),
        ((unknown, basic), "Basic"),
        ((f"Negotiate, {basic}",), "Basic"),
    ):
        with standing_in(challenging(*challenges)) as server:
            assert get(Client(server.url, Credentials("ann", "password"))) == ROWS
        assert [said(request).partition(" ")[0] for request in server.seen] == ["", scheme]
    assert pauses == []


def test_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy that the environment names sends the requests on, with its own login, but for hosts left out."""
    with standing_in(lambda request: request.reply()) as proxy, standing_in(lambda request: request.reply()) as server:
        monkeypatch.setenv("http_proxy", proxy.url.replace("//", "//ann:pass%3Aword@").removesuffix("/sparql"))
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert get(Client("http://graphs.example/sparql?query=x", Credentials(token="t0ken"))) == ROWS
        assert get(Client(server.url)) == ROWS
    (seen,) = proxy.seen
    login = base64.b64encode(b"ann:pass:word").decode()
    assert seen.path == "http://graphs.example/sparql?query=x"
    assert (seen.headers["host"], said(seen)) == ("graphs.example", "Bearer t0ken")
    assert seen.headers["proxy-authorization"] == f"Basic {login}"
    assert [request.path for request in server.seen] == ["/sparql"]
    assert "proxy-authorization" not in server.seen[0].headers


def test_token_goes_with_each_request() -> None:
    """A token goes at once, as a bearer's (RFC 6750)."""
    with standing_in(lambda request: request.reply()) as server:
        get(Client(server.url, Credentials(token="t0ken")))
    assert [said(request) for request in server.seen] == ["Bearer t0ken"]


@pytest.mark.parametrize(
    "challenge", ['Basic realm="graphs"', 'Digest realm="graphs", nonce="n", qop="auth"', "Negotiate"]
)
def test_wrong_credentials_are_told(challenge: str, pauses: list[float]) -> None:
    """A server that is not content with the credentials, or wants others, is told of in one error, soon."""

    def answer(request: Request) -> None:
        request.reply(b"no", "text/plain", 401, WWW_Authenticate=challenge)

    for login in (Credentials("ann", "wrong"), Credentials()):
        with standing_in(answer) as server, pytest.raises(TriplomacyError) as told:
            get(Client(server.url, login))
        assert "TRIPLOMACY_USER" in str(told.value)
        assert "wrong" not in str(told.value)
        assert len(server.seen) <= 7
    assert pauses == []


@pytest.mark.parametrize(
    "challenge", ['Digest realm="x", nonce="y", algorithm=SHA-256', "Digest realm, nonce", "Digest"]
)
def test_challenge_without_an_answer_is_told_each_time(challenge: str, pauses: list[float]) -> None:
    """A challenge that nothing here can answer is the same error for each request of a client, also for the second."""
    with standing_in(lambda request: request.reply(b"no", "text/plain", 401, WWW_Authenticate=challenge)) as server:
        client = Client(server.url, Credentials("ann", "wrong"))
        for _ in range(2):
            with pytest.raises(Refused, match="answers 401"):
                get(client)
    assert [said(request) for request in server.seen] == ["", ""]
    assert pauses == []


def test_every_request_says_who_we_are() -> None:
    """The user agent is the program with its version and its address, also behind a redirect."""
    with standing_in(to("/other")) as server:
        get(Client(server.url))
    agents = {request.headers["user-agent"] for request in server.seen}
    assert agents == {f"Triplomacy/{__version__} (+https://w3id.org/triplomacy)"}
    assert len(server.seen) == 2


def to(target: str, status: int = 302) -> Answer:
    """Return what redirects requests for the endpoint, and answers all others."""

    def answer(request: Request) -> None:
        if request.path.startswith("/sparql"):
            request.reply(b"", "text/plain", status, Location=target)
        else:
            request.reply()

    return answer


@pytest.mark.parametrize("challenge", ["", 'Basic realm="graphs"', 'Digest realm="graphs", nonce="n", qop="auth"'])
@pytest.mark.parametrize("login", [Credentials("ann", "s3cret"), Credentials(token="s3cret")])
def test_credentials_stay_with_their_host(login: Credentials, challenge: str) -> None:
    """Another host that a redirect leads to gets no credentials, not even where it asks for some."""
    answer = challenging(challenge) if challenge else lambda request: request.reply()

    def first(request: Request) -> None:
        if said(request.seen):
            request.reply(b"", "text/plain", 307, Location=other.url.replace("/sparql", "/elsewhere"))
        else:
            request.reply(b"who?", "text/plain", 401, WWW_Authenticate='Basic realm="graphs"')

    with standing_in(answer) as other, standing_in(first) as server:
        client = Client(server.url, login)
        if challenge:
            with pytest.raises(Refused, match="answers 401"):
                get(client)
        else:
            assert get(client) == ROWS
    assert said(server.seen[-1])
    assert [said(request) for request in other.seen] == [""]
    assert "s3cret" not in str(other.seen)


def test_credentials_go_along_on_their_own_host() -> None:
    """A redirect on the same host keeps the token."""
    with standing_in(to("/other")) as server:
        get(Client(server.url, Credentials(token="t0ken")))
    assert [said(request) for request in server.seen] == ["Bearer t0ken"] * 2


@pytest.mark.parametrize(
    ("status", "method"), [(301, "POST"), (302, "POST"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_redirects_keep_the_question(status: int, method: str) -> None:
    """A redirect is followed with method and body, but for 303, which leads to an answer to get."""
    with standing_in(to("/other", status)) as server:
        request = urllib.request.Request(server.url, b"query=ASK%7B%7D", method="POST")
        assert Client(server.url).send(request).body.read() == ROWS
    followed = server.seen[1]
    assert (followed.method, followed.body) == (method, b"query=ASK%7B%7D" if method == "POST" else b"")
    assert ("content-type" in followed.headers) == (method == "POST")


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("file:///etc/passwd", "not allowed"),
        ("ftp://127.0.0.1/x", "not an address of an endpoint"),
        ("/sparql", "infinite loop"),
        ("http://127.0.0.1:99999/", "not an address of an endpoint"),
        ("http://127.0.0.1:port/", "not an address of an endpoint"),
        ("http://a..b/", "not an address of an endpoint"),
        ("http://[::1/", "not an address of an endpoint"),
        ("http://ann:secret@127.0.0.1:1/", "redirects to http://...@127.0.0.1:1/, which is not an address"),
    ],
)
def test_redirects_lead_to_endpoints(target: str, told: str) -> None:
    """No redirect leads to a file or another protocol, or for ever in a circle."""
    with standing_in(to(target)) as server, pytest.raises(TriplomacyError, match=told) as error:
        get(Client(server.url, pause=0.01))
    assert "secret" not in str(error.value)


def test_nothing_is_written_to_another_host() -> None:
    """What changes a store is not sent on to a host that nobody has named."""
    with standing_in(lambda request: request.reply()) as other, standing_in(to(other.url, 307)) as server:
        request = urllib.request.Request(server.url, b"update=CLEAR+ALL", method="POST")
        with pytest.raises(TriplomacyError, match="nothing is written to another host"):
            Client(server.url).send(request, changes=True)
    assert other.seen == []


def test_no_redirect_leads_out_of_encryption(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect from HTTPS to HTTP is refused."""
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    with (
        standing_in(lambda request: request.reply()) as plain,
        standing_in(to(plain.url), certificate) as server,
        pytest.raises(TriplomacyError, match="which is not encrypted"),
    ):
        get(Client(server.url))
    assert plain.seen == []


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(ROWS, mtime=0)),
        ("x-gzip", gzip.compress(ROWS[:20], mtime=0) + gzip.compress(ROWS[20:])),
        ("deflate", zlib.compress(ROWS)),
        ("identity", ROWS),
    ],
)
def test_compressed_answers_are_read(coding: str, body: bytes) -> None:
    """Nobody asks for compression, and who compresses nevertheless is understood."""
    with standing_in(lambda request: request.reply(body, Content_Encoding=coding)) as server:
        assert get(Client(server.url)) == ROWS
    assert server.seen[0].headers["accept-encoding"] == "identity"


def test_declared_encoding_is_read() -> None:
    """A body in another character encoding that it declares is read in it."""
    text = '{"head": {}, "name": "Tōkyō – Zürich"}'
    for charset in ("utf-16", "iso-8859-15", "UTF-8", '"utf-8"'):
        plain = text if "8859" not in charset else text.replace("ō", "o").replace("–", "-")
        body = plain.encode(charset.strip('"'))
        kind = f"application/json; charset={charset}"
        with standing_in(lambda request, body=body, kind=kind: request.reply(body, kind)) as server:  # type: ignore[misc]
            assert get(Client(server.url)).decode() == plain


@pytest.mark.parametrize(
    ("kind", "coding", "body", "told"),
    [
        ("text/plain; charset=klingon", "identity", ROWS, "unknown character encoding 'klingon'"),
        ("text/plain; charset=zlib", "identity", ROWS, "unknown character encoding 'zlib'"),
        ("text/plain; charset=base64", "identity", ROWS, "unknown character encoding 'base64'"),
        ("text/plain; charset=rot13", "identity", ROWS, "unknown character encoding 'rot13'"),
        ("text/plain; charset=a\0b", "identity", ROWS, "unknown character encoding"),
        ("text/plain; charset=utf-16", "identity", b"\x00\xd8x", "says that its answer is in utf-16, and it is not"),
        ("text/plain", "br", ROWS, "in the encoding 'br', which was not asked for"),
        ("text/plain", "gzip", ROWS, "says that its answer is in gzip, and it is not"),
        ("text/plain", "gzip", gzip.compress(ROWS, mtime=0)[:-9], "breaks off in the middle"),
        ("text/plain", "deflate", zlib.compress(ROWS)[:-9], "breaks off in the middle"),
    ],
)
def test_encoding_that_is_not_what_it_says_is_told(kind: str, coding: str, body: bytes, told: str) -> None:
    """An encoding that is unknown, untrue or cut is one clear error."""
    with (
        standing_in(lambda request: request.reply(body, kind, Content_Encoding=coding)) as server,
        pytest.raises(TriplomacyError, match=told) as error,
    ):
        get(Client(server.url))
    assert error.value.path == server.url


def cut(chunked: bool) -> Answer:
    """Return what promises more than it sends."""

    def answer(request: Request) -> None:
        if chunked:
            request.head(Transfer_Encoding="chunked")
            request.wfile.write(b"%x\r\n%s\r\n%x\r\n%s" % (len(ROWS), ROWS, len(ROWS), ROWS[:9]))
        else:
            request.head(Content_Length=str(len(ROWS) * 2))
            request.wfile.write(ROWS)

    return answer


@pytest.mark.parametrize("chunked", [False, True])
def test_body_that_breaks_off_is_told(chunked: bool) -> None:
    """A body that is shorter than was said, by its length or by its chunks, is not an answer."""
    with standing_in(cut(chunked)) as server, pytest.raises(Unreachable, match="breaks off in the middle"):
        get(Client(server.url))


def test_body_is_read_piece_by_piece() -> None:
    """A reader who asks for some bytes gets so many, and in the end none."""
    with standing_in(lambda request: request.reply()) as server:
        body = Client(server.url).send(urllib.request.Request(server.url)).body
        pieces = [body.read(10) for _ in range(len(ROWS) // 10 + 2)]
    assert b"".join(pieces) == ROWS
    assert {len(piece) for piece in pieces[:-2]} == {10}
    assert pieces[-1] == b""


def test_environment_has_the_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user with a password or a token is taken from the environment before netrc, which is asked by host."""
    (tmp_path / "netrc").write_text(
        "machine 127.0.0.1 login ann password one\nmachine example.org login bob password 2\n"
    )
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert http.from_environment("http://127.0.0.1:9/x") == Credentials("ann", "one")
    assert http.from_environment("https://example.org/sparql") == Credentials("bob", "2")
    assert not http.from_environment("https://example.com/sparql")
    monkeypatch.setenv("TRIPLOMACY_USER", "eve")
    monkeypatch.setenv("TRIPLOMACY_PASSWORD", "three")
    assert http.from_environment("http://127.0.0.1:9/x") == Credentials("eve", "three")
    monkeypatch.delenv("TRIPLOMACY_USER")
    monkeypatch.delenv("TRIPLOMACY_PASSWORD")
    monkeypatch.setenv("TRIPLOMACY_TOKEN", "four")
    assert http.from_environment("http://127.0.0.1:9/x") == Credentials(token="four")
    assert "four" not in repr(http.from_environment("http://127.0.0.1:9/x"))


def test_netrc_is_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without another name the file is ``.netrc`` in the user's home; without the file nobody is known."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert not http.from_netrc("http://127.0.0.1/x")
    (tmp_path / ".netrc").write_text("default login ann password one\n")
    assert http.from_netrc("http://127.0.0.1/x") == Credentials("ann", "one")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"TRIPLOMACY_USER": "ann"}, "set both or neither"),
        ({"TRIPLOMACY_PASSWORD": "secret"}, "set both or neither"),
        ({"TRIPLOMACY_USER": "a", "TRIPLOMACY_PASSWORD": "secret", "TRIPLOMACY_TOKEN": "secret"}, "exclude each other"),
        ({"TRIPLOMACY_TOKEN": "secret\r\nX-Evil: yes"}, "control character"),
        ({"TRIPLOMACY_TOKEN": "secret – really"}, "that is not ASCII"),
        ({"NETRC": "broken"}, "1: is not a netrc file"),
        ({"NETRC": "latin"}, "not UTF-8"),
        ({"NETRC": "."}, "cannot be read"),
    ],
)
def test_half_credentials_are_told(
    variables: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Credentials that are half there, of two kinds or unreadable are one error that does not show them."""
    monkeypatch.chdir(tmp_path)
    Path("broken").write_text("machine 127.0.0.1 login ann pasword secret\n")
    Path("latin").write_bytes(b"machine 127.0.0.1 login J\xf6rg password secret\n")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(TriplomacyError, match=told) as error:
        http.from_environment("http://127.0.0.1/x")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("command", ["query", "push", "pull", "validate"])
def test_no_option_takes_a_password(command: str) -> None:
    """No option of a command is for credentials: everybody on a machine sees the command lines."""
    commands = cli.parser(command)._subparsers
    assert commands is not None
    (choices,) = (action.choices for action in commands._group_actions)
    options = choices[command]._option_string_actions  # type: ignore[index]
    assert len(options) > 3
    assert [name for name in options if re.search("user|pass|token|auth|login|credential|key", name)] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://ann:secret@127.0.0.1/x",
        "http://ann@127.0.0.1/x",
        "ftp://127.0.0.1/x",
        "127.0.0.1:7878/query",
        "http://@127.0.0.1/x",
        "http:///query",
        "http://a..b/x",
        "http://.../x",
        "http://.org/x",
        f"http://{'a' * 64}.org/x",
        "http://127.0.0.1:port/x",
        "http://127.0.0.1/x#y",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/a\r\nX-Evil: yes",
        "http://127.0.0.1/ü",
        "file:///etc/passwd",
        "",
    ],
)
def test_address_that_is_none_is_told(url: str) -> None:
    """Nothing is sent to what is not an address of HTTP, or has a password in it, which is not shown."""
    with pytest.raises(BadParameter) as error:
        http.check_url(url)
    assert "secret" not in str(error.value)
