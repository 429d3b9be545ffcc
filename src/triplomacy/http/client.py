"""HTTP requests to stores elsewhere: credentials, redirects, retries and answers that are whole or an error.

Credentials come from the environment (``TRIPLOMACY_USER`` with ``TRIPLOMACY_PASSWORD``, or ``TRIPLOMACY_TOKEN``) or
from netrc, and go to the host that they are for and to no other. What is transient (a refused or lost connection, 429,
502, 503, 504) is tried again after a pause, as long as the server asks for by ``Retry-After`` (RFC 9110, 10.2.3).
"""

from __future__ import annotations

import base64
import http.client
import io
import os
import re
import socket
import ssl
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO, Any, Final, NamedTuple
from urllib.parse import urlsplit

from triplomacy import __version__
from triplomacy.errors import BadParameter, MalformedInput, TriplomacyError

AGENT: Final = f"Triplomacy/{__version__} (+https://w3id.org/triplomacy)"
ATTEMPTS: Final = 4
PAUSE: Final = 0.5  # seconds before the second attempt; each further one waits twice as long
LONGEST_PAUSE: Final = 60.0  # seconds; a server that asks for more is taken at its word, and the job is given up
TIMEOUT: Final = 300.0  # seconds from the request to the end of the answer
_TRANSIENT: Final = {429, 502, 503, 504}
_CHUNK: Final = 65_536


class Unreachable(TriplomacyError):
    """Nothing answers, or the connection is lost; what was asked for may have been done or not."""


class Refused(TriplomacyError):
    """The server answers that it does not do what it is asked for; ``status`` is that of HTTP."""

    status = 0


class Credentials(NamedTuple):
    """What a server asks for: a user with a password, or a token; nothing, if all are empty."""

    user: str = ""
    password: str = ""
    token: str = ""

    def __bool__(self) -> bool:
        return bool(self.user or self.token)

    def __repr__(self) -> str:
        return f"Credentials({self.user!r}, ...)"


ANONYMOUS: Final = Credentials()


def checked(url: str) -> str:
    """Return *url* if a request can be sent there.

    Raises:
        BadParameter: it is no address of HTTP, or it has a password in it.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and _is_host(parts.hostname or "") and (parts.port or True)
    except ValueError:
        known, parts = False, urlsplit("")
    if not known or re.search(r"[\x00-\x20\x7f<>\"{}|\\^`]", url) or not url.isascii():
        raise BadParameter(f"{url[:100]!r} is no address of an endpoint; write http://HOST/PATH or https://HOST/PATH")
    if parts.username is not None:
        raise BadParameter("no password belongs into an address; set TRIPLOMACY_USER and TRIPLOMACY_PASSWORD")
    if parts.fragment:
        raise BadParameter(f"{url[:100]!r} has a fragment, which no server sees; leave out what follows #")
    return url


def _is_host(name: str) -> bool:
    """Tell whether a host can have this name: of labels with 1 to 63 characters each (RFC 1035, 2.3.4)."""
    return ":" in name or all(0 < len(label) < 64 for label in name.removesuffix(".").split("."))


def from_environment(url: str) -> Credentials:
    """Return the credentials for *url* of the environment, else those of netrc, else none.

    Raises:
        TriplomacyError: one of user and password is missing, or the netrc file cannot be read.
    """
    token, user = os.environ.get("TRIPLOMACY_TOKEN", ""), os.environ.get("TRIPLOMACY_USER", "")
    password = os.environ.get("TRIPLOMACY_PASSWORD", "")
    if bool(user) != bool(password):
        raise TriplomacyError("TRIPLOMACY_USER and TRIPLOMACY_PASSWORD go together; set both or neither")
    if user and token:
        raise TriplomacyError("TRIPLOMACY_TOKEN and TRIPLOMACY_USER exclude each other; unset one")
    if any(re.search(r"[\x00-\x1f\x7f]", part) for part in (token, user, password)):
        raise TriplomacyError("a credential in the environment has a control character in it; correct it")
    if not token.isascii():
        raise TriplomacyError("TRIPLOMACY_TOKEN has a character that is not of ASCII, which no token has; correct it")
    return Credentials(user, password, token) if user or token else from_netrc(url)


def from_netrc(url: str) -> Credentials:
    """Return the credentials that netrc has for the host of *url*, if any; ``NETRC`` names another file.

    Raises:
        TriplomacyError: the file cannot be read.
    """
    path = Path(os.environ.get("NETRC") or "~/.netrc").expanduser()
    if not path.exists():
        return Credentials()
    import netrc

    try:
        found = netrc.netrc(path).authenticators(urlsplit(url).hostname or "")
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror or error}", path=path) from None
    except netrc.NetrcParseError as error:  # its message may be a password
        said = "is no netrc file: write machine HOST login USER password PASSWORD"
        raise MalformedInput(said, path=path, line=error.lineno) from None
    except UnicodeDecodeError:
        raise MalformedInput("not UTF-8; save the file in UTF-8", path=path) from None
    return Credentials(found[0], found[2] or "") if found else Credentials()


def origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects with the method and the body that a request has, and sends credentials to its host only."""

    max_redirections = 5

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        del msg, headers
        fp.close()
        try:
            checked(re.split(r"(?<=[^/:])[/?#]", newurl)[0])
        except BadParameter:
            raise TriplomacyError(f"redirects to {_shown(newurl)}, which is no address of an endpoint") from None
        same = origin(req.full_url) == origin(newurl)
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise TriplomacyError(f"redirects to {newurl}, where nothing is encrypted; name that address yourself")
        if not same and req.changes:  # type: ignore[attr-defined]
            raise TriplomacyError(f"redirects to {newurl}; nothing is written to another host; name it yourself")
        if not same and req.stays:  # type: ignore[attr-defined]
            raise TriplomacyError(f"redirects to {newurl}, which is another host; allow that address yourself")
        kept = {name: value for name, value in req.header_items() if name.lower() not in ("authorization", "host")}
        method = "GET" if code == 303 else req.get_method()
        body = None if method == "GET" else req.data
        if body is None:
            kept = {name: value for name, value in kept.items() if not name.lower().startswith("content-")}
        following = urllib.request.Request(newurl, data=body, headers=kept, method=method)
        for name in ("changes", "stays", "deadline"):
            setattr(following, name, getattr(req, name))
        if same and (authorization := req.unredirected_hdrs.get("Authorization")):
            following.add_unredirected_header("Authorization", authorization)
        return following

    def http_error_302(self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any) -> Any:
        """Follow a redirect; raise TriplomacyError where it leads to no address."""
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except ValueError:  # of a host in brackets that do not close
            fp.close()
            raise TriplomacyError("redirects to what is no address of an endpoint; correct the address") from None

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302


def _shown(url: str) -> str:
    """Return the beginning of an address without what may be a password in it."""
    return re.sub(r"//[^/?#]*@", "//...@", url)[:100]


class _Raw(io.RawIOBase):
    """The bytes of a socket until a deadline, however slowly they come: its own time limit is for each piece."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read into *buffer* what comes next; raise TimeoutError when the time is over."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _connection(kind: type[http.client.HTTPConnection], deadline: float) -> Callable[..., http.client.HTTPConnection]:
    """Return what makes connections whose answers have to be there before a deadline."""

    class Response(http.client.HTTPResponse):
        def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
            super().__init__(sock, *args, **options)
            self.fp.close()
            self.fp = io.BufferedReader(_Raw(sock, deadline))

    def connect(*args: Any, **options: Any) -> http.client.HTTPConnection:
        made = kind(*args, **options)
        made.response_class = Response
        return made

    return connect


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_connection(http.client.HTTPConnection, req.deadline), req)  # type: ignore[attr-defined]


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        connect = _connection(http.client.HTTPSConnection, req.deadline)  # type: ignore[attr-defined]
        return self.do_open(connect, req)


class _Closing:
    """Closes an answer that asks for credentials, once they have been sent; one that asks for others is an error."""

    def http_error_401(self, req: urllib.request.Request, fp: IO[bytes], *told: Any) -> Any:
        try:
            answer = super().http_error_401(req, fp, *told)  # type: ignore[misc]
        except ValueError:  # of a scheme that is not known here
            return None
        if answer is not None:
            fp.close()
        return answer


class _Digest(_Closing, urllib.request.HTTPDigestAuthHandler):
    """Answers a challenge, and from then on comes before the next one: a large body then goes once, not twice."""

    challenge = ""

    def retry_http_digest_auth(self, req: urllib.request.Request, auth: str) -> Any:
        self.challenge = auth
        try:
            return super().retry_http_digest_auth(req, auth)
        except ValueError:  # nobody here can answer it
            self.challenge = ""
            raise

    def http_request(self, request: urllib.request.Request) -> urllib.request.Request:
        """Add the answer to the challenge that is known, if there is one."""
        if self.challenge and not request.has_header("Authorization"):
            known = urllib.request.parse_http_list(self.challenge.partition(" ")[2])
            answer = self.get_authorization(request, urllib.request.parse_keqv_list([item for item in known if item]))
            if answer:
                request.add_unredirected_header("Authorization", f"Digest {answer}")
        return request

    https_request = http_request


class _Basic(_Closing, urllib.request.HTTPBasicAuthHandler):
    """Answers a challenge, and from then on comes before the next one."""

    realm: str | None = None

    def retry_http_basic_auth(self, host: str, req: urllib.request.Request, realm: str) -> Any:
        self.realm = realm
        return super().retry_http_basic_auth(host, req, realm)

    def http_request(self, req: urllib.request.Request) -> urllib.request.Request:
        """Add the user and the password, if they have been asked for."""
        if self.realm is not None and not req.has_header("Authorization"):
            user, password = self.passwd.find_user_password(self.realm, req.full_url)
            if user is not None:
                login = base64.b64encode(f"{user}:{password}".encode()).decode()
                req.add_unredirected_header("Authorization", f"Basic {login}")
        return req

    https_request = http_request


class Body:
    """The body of an answer as a file to read: decompressed, in UTF-8, within its time, and whole or an error."""

    def __init__(self, response: http.client.HTTPResponse, url: str, deadline: float, largest: int = 0) -> None:
        self.url = url
        self._largest = largest
        self._size = 0
        self._response = response
        self._deadline = deadline
        self._left = bytearray()
        self._over = False
        try:
            self._decode = _decoders(response.headers, url)
        except TriplomacyError:
            response.close()
            raise
        self.framed = response.length is not None or response.chunked  # else its end cannot be told from a cut

    def read(self, size: int = -1) -> bytes:
        """Return at most *size* bytes, or all that are left.

        Raises:
            Unreachable: the connection is lost before the end, or the time is over.
            TriplomacyError: the bytes are not in the encoding that they are said to be in.
        """
        while not self._over and (size < 0 or len(self._left) < size):
            self._fill()
        taken = bytes(self._left) if size < 0 else bytes(self._left[:size])
        del self._left[: len(taken)]
        return taken

    def _fill(self) -> None:
        if time.monotonic() > self._deadline:
            raise self._slow()
        try:
            part = self._response.read1(_CHUNK)
        except TimeoutError:
            self._response.close()
            raise self._slow() from None
        except (OSError, http.client.HTTPException):
            raise self._cut() from None
        if not part:
            if self._response.length:
                raise self._cut()
            self._over = True
            self._response.close()
        try:
            for decode in self._decode:
                part = decode(part, self._over)
        except TriplomacyError:
            self._response.close()
            raise
        self._size += len(part)
        if self._largest and self._size > self._largest:
            self._response.close()
            raise TriplomacyError(f"the answer has more than {self._largest:,} bytes; ask for less", path=self.url)
        self._left += part

    def _slow(self) -> Unreachable:
        return Unreachable("the answer takes too long; ask for less, or give --timeout more seconds", path=self.url)

    def _cut(self) -> Unreachable:
        self._response.close()
        return Unreachable("the answer breaks off in the middle; try again, or ask for less", path=self.url)


def _decoders(headers: Message, url: str) -> list[Callable[[bytes, bool], bytes]]:
    """Return what undoes the compression and the character encoding of a body, in this order."""
    found: list[Callable[[bytes, bool], bytes]] = []
    coding = headers.get("Content-Encoding", "identity").strip().lower()
    if coding in ("gzip", "x-gzip", "deflate"):
        found.append(_decompress(coding, url))
    elif coding not in ("identity", ""):
        raise TriplomacyError(f"answers in the encoding {coding!r}, which was not asked for", path=url)
    charset = _parameter(headers.get("Content-Type", ""), "charset")
    if charset and charset.lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
        found.append(_transcode(charset, url))
    return found


def _parameter(content_type: str, name: str) -> str:
    found = re.search(rf";\s*{name}=\"?([^\s;\"]+)", content_type, re.IGNORECASE)
    return found[1] if found else ""


def _decompress(coding: str, url: str) -> Callable[[bytes, bool], bytes]:
    bits = zlib.MAX_WBITS | 32 if coding != "deflate" else zlib.MAX_WBITS
    engine = zlib.decompressobj(bits)

    def decode(part: bytes, last: bool) -> bytes:
        nonlocal engine
        plain = b""
        try:
            while part:
                engine = zlib.decompressobj(bits) if engine.eof else engine  # gzip may have several members
                plain += engine.decompress(part)
                part = engine.unused_data
        except zlib.error:
            raise TriplomacyError(f"says that its answer is in {coding}, and it is not", path=url) from None
        if last and not engine.eof:
            raise Unreachable("the answer breaks off in the middle; try again, or ask for less", path=url)
        return plain

    return decode


def _transcode(charset: str, url: str) -> Callable[[bytes, bool], bytes]:
    import codecs

    try:
        "".encode(charset)  # of text: Python has decoders of other things too, zlib for instance
        engine = codecs.getincrementaldecoder(charset)()
    except (LookupError, ValueError):
        raise TriplomacyError(f"answers in the unknown character encoding {charset!r}", path=url) from None

    def decode(part: bytes, last: bool) -> bytes:
        try:
            return engine.decode(part, last).encode("utf-8")
        except UnicodeError:
            raise TriplomacyError(f"says that its answer is in {charset}, and it is not", path=url) from None

    return decode


class Response(NamedTuple):
    """An answer of status 200 to 299: where from, its status, its headers and its body."""

    url: str
    status: int
    headers: Message
    body: Body

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("Content-Type", "").split(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Client:
    """Sends requests.

    Attributes:
        url: the address that the credentials are for.
        credentials: who asks.
        timeout: seconds that a request may take, from its sending to the end of its answer.
        attempts: how many times what is transient is tried.
        pause: seconds before the second attempt; each further one waits twice as long.
        largest: bytes that an answer may have; 0 for no bound.
        stays: whether a redirect to another host is refused, which is followed otherwise if nothing is written.
    """

    url: str
    credentials: Credentials = ANONYMOUS
    timeout: float = TIMEOUT
    attempts: int = ATTEMPTS
    pause: float = PAUSE
    largest: int = 0
    stays: bool = False
    _openers: list[urllib.request.OpenerDirector] = field(
        init=False, repr=False, compare=False, default_factory=list
    )  # one, from the first request on: it knows how the server wants to be told who asks

    def send(self, request: urllib.request.Request, *, changes: bool = False) -> Response:
        """Return the answer to a request.

        Args:
            request: what is asked for.
            changes: whether it writes: then it is not sent on to another host.

        Raises:
            Unreachable: nothing answers in time, or the connection is lost, again and again.
            Refused: the server answers with an error, with the first words of what it says.
            TriplomacyError: its certificate is wrong, or it redirects to where nothing may be sent.
        """
        request.add_header("User-agent", AGENT)
        request.add_header("Accept-encoding", "identity")
        deadline = time.monotonic() + self.timeout
        for name, value in {"changes": changes, "stays": self.stays, "deadline": deadline}.items():
            setattr(request, name, value)
        for attempt in range(1, self.attempts + 1):
            last = attempt == self.attempts
            try:
                return self._sent(request, deadline)
            except urllib.error.HTTPError as error:
                pause = self._pause(attempt, error.headers.get("Retry-After"))
                if error.code not in _TRANSIENT or last or time.monotonic() + pause > deadline:
                    raise refusal(error, request.full_url) from None
                error.close()
            except (OSError, http.client.HTTPException) as error:
                pause = self._pause(attempt, None)
                if last or not _transient(error) or time.monotonic() + pause > deadline:
                    raise _unreachable(error, request.full_url) from None
            except TriplomacyError as error:
                error.path = error.path or request.full_url.partition("?")[0]
                raise
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _sent(self, request: urllib.request.Request, deadline: float) -> Response:
        self._authorise(request)
        left = max(deadline - time.monotonic(), 0.001)
        response = self._opener().open(request, timeout=left)
        url = request.full_url.partition("?")[0]
        return Response(url, response.status, response.headers, Body(response, url, deadline, self.largest))

    def _authorise(self, request: urllib.request.Request) -> None:
        """Add the token, if it is for this host; a user and a password wait until they are asked for, and how.

        Virtuoso refuses what it has not asked for.
        """
        if origin(request.full_url) != origin(self.url):
            return
        if self.credentials.token:
            request.add_unredirected_header("Authorization", f"Bearer {self.credentials.token}")

    def _opener(self) -> urllib.request.OpenerDirector:
        if not self._openers:
            self._openers.append(self._new_opener())
        return self._openers[0]

    def _new_opener(self) -> urllib.request.OpenerDirector:
        handlers: list[urllib.request.BaseHandler] = [_Redirects(), _Http(), _Https()]
        if self.credentials.user:
            known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
            scheme, host, port = origin(self.url)
            shown = f"[{host}]" if ":" in host else host
            known.add_password(None, f"{scheme}://{shown}:{port}/", self.credentials.user, self.credentials.password)
            handlers += [_Digest(known), _Basic(known)]
        return urllib.request.build_opener(*handlers)

    def _pause(self, attempt: int, retry_after: str | None) -> float:
        """Return the seconds to wait; more than the job has, if the server asks for more than is waited here."""
        wanted = _seconds(retry_after) if retry_after else 0.0
        if wanted > LONGEST_PAUSE:
            return float("inf")
        return max(wanted, self.pause * 2.0 ** (attempt - 1))


def _seconds(retry_after: str) -> float:
    """Return the seconds of a ``Retry-After`` header: a number or a date; 0 for what is neither."""
    if re.fullmatch(r"\s*\d{1,9}\s*", retry_after):
        return float(retry_after)
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _transient(error: Exception) -> bool:
    reason = getattr(error, "reason", error)
    return not isinstance(reason, ssl.SSLError | socket.gaierror | TimeoutError | http.client.InvalidURL)


def _unreachable(error: Exception, url: str) -> TriplomacyError:
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        said = f"its certificate is not to be trusted: {reason.verify_message}; correct the address or the certificate"
    elif isinstance(reason, ssl.SSLError):
        said = f"no encrypted connection: {reason.reason or reason}; is it http: instead of https:?"
    elif isinstance(reason, TimeoutError):
        said = "no answer in time; ask for less, or give --timeout more seconds"
    elif isinstance(reason, socket.gaierror):
        said = "no such host; correct the address"
    elif isinstance(reason, http.client.HTTPException):
        said = "it does not speak HTTP, or breaks off before it has said anything; correct the address"
    else:
        said = f"cannot be reached: {getattr(reason, 'strerror', None) or reason}; is it running?"
    return Unreachable(said, path=url.partition("?")[0])


def refusal(error: urllib.error.HTTPError, url: str) -> Refused:
    """Return the exception for an answer with an error: its status and the first words that it says."""
    try:
        said = first_words(error.read(_CHUNK))
    except (OSError, http.client.HTTPException):
        said = ""
    finally:
        error.close()
    advice = {
        400: "correct the query",
        401: "set TRIPLOMACY_USER and TRIPLOMACY_PASSWORD, or TRIPLOMACY_TOKEN, or write it into ~/.netrc",
        403: "these credentials may not do that; take others",
        404: "correct the address",
        405: "it is not an address for this; correct it",
        413: "ask or send less at a time",
    }.get(error.code, "try again later" if error.code in _TRANSIENT else "see what its operator says")
    after = error.headers.get("Retry-After") if error.code in _TRANSIENT else None
    when = f" (it asks to wait: {after[:40]})" if after else ""
    refused = Refused(
        f"answers {error.code} {error.reason}{': ' if said else ''}{said}{when}; {advice}", path=url.partition("?")[0]
    )
    refused.status = error.code
    return refused


def first_words(body: bytes) -> str:
    """Return the first words of what a server says, as one short line: of HTML the text."""
    text = body.decode("utf-8", "replace")
    if "<html" in text[:1000].lower():
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        text = title[1] if title else re.sub(r"(?is)<(script|style).*?</\1>|<[^>]*>", " ", text)
    words = " ".join(text.split())
    return words if len(words) <= 200 else f"{words[:199]}…"
