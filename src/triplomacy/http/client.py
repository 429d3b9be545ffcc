"""HTTP requests to remote stores: credentials, redirects, retries, and responses that are complete or an error.

urllib3 sends the requests. Credentials come from the environment (``TRIPLOMACY_USER`` with ``TRIPLOMACY_PASSWORD``, or
``TRIPLOMACY_TOKEN``) or from netrc, and are sent to their own host only, never after a redirect to another. Transient
failures (a refused or lost connection, and the status codes 429, 502, 503 and 504) are retried after a pause, which
``Retry-After`` can lengthen (RFC 9110, 10.2.3).
"""

from __future__ import annotations

import base64
import http.client
import io
import os
import re
import socket
import ssl
import string
import time
import urllib.request
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, InvalidHeader, ProtocolError, TimeoutError as TimedOut

from triplomacy import __version__
from triplomacy.errors import BadParameter, Choice, MalformedInput, Message, TriplomacyError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

AGENT: Final = f"Triplomacy/{__version__} (+https://w3id.org/triplomacy)"
ATTEMPTS: Final = 4
PAUSE: Final = 0.5  # seconds before the second attempt; each further one waits twice as long
LONGEST_PAUSE: Final = 60.0  # seconds; where Retry-After asks for more, the request fails at once
TIMEOUT: Final = 300.0  # seconds from the request to the end of the response
_REDIRECTS: Final = 5  # followed at most for one request
_TRANSIENT: Final = {429, 502, 503, 504}
_CHUNK: Final = 65_536


class Unreachable(TriplomacyError):
    """No response, or a lost connection; the server may or may not have executed the request."""


class Refused(TriplomacyError):
    """The response has an error status (4xx or 5xx), which is ``status``."""

    status = 0


class Credentials(NamedTuple):
    """A user with a password, or a bearer token; all fields are empty for anonymous requests."""

    user: str = ""
    password: str = ""
    token: str = ""

    def __bool__(self) -> bool:
        return bool(self.user or self.token)

    def __repr__(self) -> str:
        return f"Credentials({self.user!r}, ...)"


ANONYMOUS: Final = Credentials()


def check_url(url: str) -> str:
    """Return *url* unchanged if a request can be sent to it.

    Raises:
        BadParameter: it is not an absolute ``http:`` or ``https:`` URL, or it has a user name or a fragment.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and _is_host(parts.hostname or "") and (parts.port or True)
    except ValueError:
        known, parts = False, urlsplit("")
    if not known or re.search(r"[\x00-\x20\x7f<>\"{}|\\^`]", url) or not url.isascii():
        raise BadParameter(
            f"{url[:100]!r} is not an address of an endpoint; write http://HOST/PATH or https://HOST/PATH"
        )
    if parts.username is not None:
        raise BadParameter("an address must not contain credentials; set TRIPLOMACY_USER and TRIPLOMACY_PASSWORD")
    if parts.fragment:
        raise BadParameter(f"{url[:100]!r} has a fragment, which is not sent to a server; remove # and what follows")
    return url


def _is_host(name: str) -> bool:
    """Tell whether a host name is valid: labels of 1 to 63 characters (RFC 1035, 2.3.4), or an IPv6 address."""
    return ":" in name or all(0 < len(label) < 64 for label in name.removesuffix(".").split("."))


def from_environment(url: str) -> Credentials:
    """Return the credentials for *url* from the environment, else from netrc, else empty ones.

    Raises:
        TriplomacyError: the variables are incomplete, contradictory or malformed, or netrc cannot be read.
    """
    token, user = os.environ.get("TRIPLOMACY_TOKEN", ""), os.environ.get("TRIPLOMACY_USER", "")
    password = os.environ.get("TRIPLOMACY_PASSWORD", "")
    if bool(user) != bool(password):
        raise TriplomacyError("only one of TRIPLOMACY_USER and TRIPLOMACY_PASSWORD is set; set both or neither")
    if user and token:
        raise TriplomacyError("TRIPLOMACY_TOKEN and TRIPLOMACY_USER exclude each other; unset one")
    if any(re.search(r"[\x00-\x1f\x7f]", part) for part in (token, user, password)):
        raise TriplomacyError("a credential in the environment contains a control character; correct it")
    if not token.isascii():
        raise TriplomacyError("TRIPLOMACY_TOKEN contains a character that is not ASCII; correct it")
    return Credentials(user, password, token) if user or token else from_netrc(url)


def from_netrc(url: str) -> Credentials:
    """Return the credentials for the host of *url* from ``~/.netrc`` or the file that ``NETRC`` names, if any.

    Raises:
        MalformedInput: the file is not a netrc file, or not UTF-8.
        TriplomacyError: the file cannot be read.
    """
    path = Path(os.environ.get("NETRC") or "~/.netrc").expanduser()
    if not path.exists():
        return Credentials()
    import netrc

    try:
        login = netrc.netrc(path).authenticators(urlsplit(url).hostname or "")
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror or error}", path=path) from None
    except netrc.NetrcParseError as error:  # its message may contain a password
        message = "is not a netrc file: write machine HOST login USER password PASSWORD"
        raise MalformedInput(message, path=path, line=error.lineno) from None
    except UnicodeDecodeError:
        raise MalformedInput("not UTF-8; save the file in UTF-8", path=path) from None
    return Credentials(login[0], login[2] or "") if login else Credentials()


def origin(url: str) -> tuple[str, str, int | None]:
    """Return the origin of a URL (RFC 6454): scheme, host in lower case, and port."""
    parts = urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _redirect(request: urllib.request.Request, target: str, status: int, *, stays: str) -> urllib.request.Request:
    """Return the request that follows a redirect: the method and the body are kept, except after 303 (then GET).

    Args:
        request: the request that was redirected.
        target: the value of ``Location``.
        status: the status of the redirect.
        stays: the advice for the error on a redirect to another origin; "" if that is allowed.

    Raises:
        TriplomacyError: the target is not an HTTP URL, unencrypted after ``https:``, or another origin.
    """
    try:
        url = urljoin(request.full_url, quote(target, safe=string.punctuation, encoding="latin-1"))
        if not re.match("https?:", url):
            raise TriplomacyError(
                f"redirects to {url[:100]}, which is not allowed; it is not an address of an endpoint"
            )
        check_url(re.split(r"(?<=[^/:])[/?#]", url)[0])
    except (BadParameter, ValueError):
        shown = re.sub(r"//[^/?#]*@", "//...@", target)[:100]
        raise TriplomacyError(f"redirects to {shown}, which is not an address of an endpoint") from None
    if request.full_url.startswith("https:") and not url.startswith("https:"):
        raise TriplomacyError(f"redirects to {url}, which is not encrypted; if that is intended, give that address")
    if stays and origin(request.full_url) != origin(url):
        raise TriplomacyError(f"redirects to {url}{stays} yourself")
    if status == 303 or request.data is None:
        kept = {name: value for name, value in request.header_items() if not name.lower().startswith("content-")}
        return urllib.request.Request(url, headers=kept, method="GET" if status == 303 else request.get_method())
    return urllib.request.Request(url, request.data, dict(request.header_items()), method=request.get_method())


class _UntilDeadline(io.RawIOBase):
    """The bytes of a socket up to a deadline for all of them; the timeout of a socket is for each read."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + (sock.gettimeout() or TIMEOUT)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Read the next bytes into *buffer*; raise TimeoutError after the deadline."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DeadlineResponse(http.client.HTTPResponse):
    """A response whose headers and body have to arrive before one deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_UntilDeadline(sock))


class _PlainConnection(HTTPConnection):
    response_class = _DeadlineResponse


class _EncryptedConnection(HTTPSConnection):
    response_class = _DeadlineResponse


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _EncryptedPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _EncryptedConnection


def _manager(url: str) -> urllib3.PoolManager:
    """Return a connection pool for *url*, through the proxy that the environment names for it, if any."""
    parts = urlsplit(url)
    proxy = urllib.request.getproxies().get(parts.scheme)
    manager = urllib3.PoolManager()
    if proxy and not urllib.request.proxy_bypass(parts.hostname or ""):
        proxy = proxy if "://" in proxy else f"http://{proxy}"
        login = unquote(urlsplit(proxy).netloc.rpartition("@")[0])
        headers = urllib3.make_headers(proxy_basic_auth=login) if login else None
        manager = urllib3.ProxyManager(proxy, proxy_headers=headers)
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _EncryptedPool}
    return manager


class _Login:
    """HTTP authentication: answers a challenge, then authorizes later requests at once, so that a body is sent once."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        self._digest = urllib.request.HTTPDigestAuthHandler(self._known)
        self._challenge = ""

    def authorization(self, request: urllib.request.Request) -> str | None:
        """Return the value of ``Authorization`` for a request, or None before a challenge that can be answered."""
        user, password, token = self._credentials
        if token:
            return f"Bearer {token}"
        scheme, _, parameters = self._challenge.partition(" ")
        if scheme.lower() == "basic":
            return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
        if scheme.lower() != "digest":
            return None
        self._known.add_password(None, request.full_url, user, password)
        try:
            challenge = urllib.request.parse_keqv_list(list(filter(None, urllib.request.parse_http_list(parameters))))
            answer = self._digest.get_authorization(request, challenge)
        except ValueError:  # an unknown algorithm or malformed challenge
            answer = None
        return f"Digest {answer}" if answer else None

    def ask(self, challenges: list[str], request: urllib.request.Request) -> bool:
        """Remember the challenge of a 401 response to answer, Digest before Basic; tell whether there is one."""
        digest = [text for text in challenges if text.lower().startswith("digest ")]
        basic = ["Basic" for text in challenges if re.search(r"(?i)(^|,)\s*basic\s", text)]
        for challenge in (*digest, *basic) if self._credentials.user else ():
            self._challenge = challenge
            if self.authorization(request):
                return True
        self._challenge = ""
        return False


class Body:
    """The body of a response as a readable file: decompressed, in UTF-8, and complete or an error."""

    def __init__(self, response: urllib3.HTTPResponse, url: str, largest: int = 0) -> None:
        # Without a length or chunks, the end of the body cannot be distinguished from a lost connection.
        self.framed = response.length_remaining is not None or response.chunked
        self._response = response
        self._parts = _limit_size(_decode(response, url), largest, url)
        self._left = bytearray()

    def read(self, size: int = -1) -> bytes:
        """Return up to *size* bytes, or all remaining ones.

        Raises:
            Unreachable: the connection is lost before the end, or the time is over.
            TriplomacyError: the body is not in the encoding that its headers name, or too large.
        """
        try:
            while (size < 0 or len(self._left) < size) and (part := next(self._parts, None)) is not None:
                self._left += part
        except BaseException:
            self._response.close()
            raise
        part = bytes(self._left) if size < 0 else bytes(self._left[:size])
        del self._left[: len(part)]
        return part


def _limit_size(parts: Iterable[bytes], largest: int, url: str) -> Iterator[bytes]:
    """Yield the parts of a body; raise TriplomacyError after more than *largest* bytes, unless that is 0."""
    size = 0
    for part in parts:
        size += len(part)
        if largest and size > largest:
            raise TriplomacyError(f"the answer has more than {largest:,} bytes; ask for less", path=url)
        yield part


def _decode(response: urllib3.HTTPResponse, url: str) -> Iterator[bytes]:
    """Return the parts of a body, decompressed and transcoded to UTF-8."""
    parts = _sent_parts(response, url)
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in ("gzip", "x-gzip", "deflate"):
        parts = _decompress(parts, coding, url)
    elif coding not in ("identity", ""):
        response.close()
        raise TriplomacyError(f"answers in the encoding {coding!r}, which was not asked for", path=url)
    charset = _parameter(response.headers.get("Content-Type", ""), "charset")
    is_utf8 = charset.lower() in ("", "utf-8", "utf8", "us-ascii", "ascii")
    return parts if is_utf8 else _transcode(parts, charset, url)


def _sent_parts(response: urllib3.HTTPResponse, url: str) -> Iterator[bytes]:
    """Yield the parts of a body as received, neither decompressed nor decoded."""
    try:
        while part := response.read1(_CHUNK, decode_content=False):
            yield part
    except TimedOut:
        message = ("the answer takes too long; ask for less, or give ", Choice("timeout"), " more seconds")
        raise Unreachable(*message, path=url) from None
    except HTTPError:
        raise _cut(url) from None
    response.close()


def _cut(url: str) -> Unreachable:
    return Unreachable("the answer breaks off in the middle; try again, or ask for less", path=url)


def _parameter(content_type: str, name: str) -> str:
    match = re.search(rf";\s*{name}=\"?([^\s;\"]+)", content_type, re.IGNORECASE)
    return match[1] if match else ""


def _decompress(parts: Iterable[bytes], coding: str, url: str) -> Iterator[bytes]:
    """Yield the decompressed parts of a body; urllib3 would accept a truncated one as complete."""
    bits = zlib.MAX_WBITS | 32 if coding != "deflate" else zlib.MAX_WBITS
    engine = zlib.decompressobj(bits)
    try:
        for part in parts:
            left = part
            while left:
                engine = zlib.decompressobj(bits) if engine.eof else engine  # gzip may have several members
                yield engine.decompress(left)
                left = engine.unused_data
    except zlib.error:
        raise TriplomacyError(f"says that its answer is in {coding}, and it is not", path=url) from None
    if not engine.eof:
        raise _cut(url)


def _transcode(parts: Iterable[bytes], charset: str, url: str) -> Iterator[bytes]:
    import codecs

    try:
        "".encode(charset)  # raises LookupError for codecs that are not of text, such as zlib
        yield from (text.encode() for text in codecs.iterdecode(parts, charset))
    except UnicodeError:
        raise TriplomacyError(f"says that its answer is in {charset}, and it is not", path=url) from None
    except (LookupError, ValueError):
        raise TriplomacyError(f"answers in the unknown character encoding {charset!r}", path=url) from None


class Response(NamedTuple):
    """A response with a status of 200 to 299: the URL requested, the status, the headers and the body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: Body

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return self.headers.get("Content-Type", "").split(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Client:
    """An HTTP client for one server.

    Attributes:
        url: the URL whose origin the credentials are for.
        credentials: the credentials.
        timeout: the seconds from sending a request to the end of its response.
        attempts: the number of attempts if failures are transient.
        pause: the seconds before the second attempt; each further pause is twice as long.
        largest: the greatest size of a body in bytes; 0 for no limit.
        stays: whether redirects to another origin are refused for reads too; for writes they always are.
    """

    url: str
    credentials: Credentials = ANONYMOUS
    timeout: float = TIMEOUT
    attempts: int = ATTEMPTS
    pause: float = PAUSE
    largest: int = 0
    stays: bool = False
    _login: _Login = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_login", _Login(self.credentials))

    def send(self, request: urllib.request.Request, *, changes: bool = False) -> Response:
        """Send a request and return its response, after redirects and retries.

        Args:
            request: the request.
            changes: whether it writes, so that it must not be redirected to another origin.

        Raises:
            Unreachable: there is no response in time or no connection, also after all attempts.
            Refused: the status is not 2xx; the message has the beginning of the body.
            TriplomacyError: the redirect is not allowed, or the encoding of the body is not supported.
        """
        deadline = time.monotonic() + self.timeout
        address = request.full_url.partition("?")[0]
        for attempt in range(1, self.attempts + 1):
            pause = self._pause(attempt)
            try:
                response = self._follow(request, changes, deadline)
                if 200 <= response.status < 300:
                    return Response(address, response.status, response.headers, Body(response, address, self.largest))
                pause = self._pause(attempt, response.headers.get("Retry-After", ""))
                refused = refusal(response, address)
                if refused.status not in _TRANSIENT or pause > LONGEST_PAUSE:
                    raise refused
                error: TriplomacyError = refused
            except HTTPError as failure:
                reason = _reason(failure)
                error = Unreachable(_explain(reason), path=address)
                if isinstance(reason, ssl.SSLError | socket.gaierror | TimeoutError | TimedOut):
                    raise error from None
            if attempt == self.attempts or time.monotonic() + pause > deadline:
                raise error
            time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _pause(self, attempt: int, retry_after: str = "") -> float:
        """Return the seconds to wait, at least those of ``Retry-After``, which is a number or a date."""
        try:
            wanted = urllib3.Retry().parse_retry_after(retry_after)
        except (InvalidHeader, OverflowError, ValueError):
            wanted = 0.0
        return max(wanted, self.pause * 2.0 ** (attempt - 1))

    def _follow(self, request: urllib.request.Request, changes: bool, deadline: float) -> urllib3.HTTPResponse:
        """Send a request and return the response at the end of all redirects."""
        stays = ", which is another host; allow that address" if self.stays else ""
        stays = "; nothing is written to another host; name it" if changes else stays
        address = request.full_url.partition("?")[0]
        for _ in range(1 + _REDIRECTS):
            response = self._send_once(request, deadline)
            target = response.get_redirect_location()
            if not target:
                return response
            response.close()
            try:
                request = _redirect(request, target, response.status, stays=stays)
            except TriplomacyError as error:
                error.path = address
                raise
        raise TriplomacyError("redirects in an infinite loop; correct the address", path=address)

    def _send_once(self, request: urllib.request.Request, deadline: float) -> urllib3.HTTPResponse:
        """Send a request once and return its response, with credentials for their origin only.

        A user and a password are sent only after a challenge: Virtuoso refuses unsolicited ones.
        """
        if origin(request.full_url) != origin(self.url):
            return _response_to(request, None, deadline)
        response = _response_to(request, self._login.authorization(request), deadline)
        if response.status == 401 and self._login.ask(response.headers.getlist("WWW-Authenticate"), request):
            response.close()
            response = _response_to(request, self._login.authorization(request), deadline)
        return response


def _response_to(request: urllib.request.Request, authorization: str | None, deadline: float) -> urllib3.HTTPResponse:
    """Send a request once and return its response; redirects are not followed."""
    headers = {"User-Agent": AGENT, "Accept-Encoding": "identity", "Connection": "close"}
    if request.data is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    headers |= {name.title(): value for name, value in request.header_items()}
    if authorization:
        headers["Authorization"] = authorization
    response = _manager(request.full_url).urlopen(
        request.get_method(),
        request.full_url,
        body=request.data,
        headers=headers,
        redirect=False,
        retries=False,
        timeout=urllib3.Timeout(total=max(deadline - time.monotonic(), 0.001)),
        preload_content=False,
    )
    assert isinstance(response, urllib3.HTTPResponse)
    return response


def _reason(error: BaseException) -> BaseException:
    """Return the cause of an error of urllib3."""
    while isinstance(error, HTTPError) and (cause := error.__cause__ or error.__context__):
        error = cause
    return error


def _explain(reason: BaseException) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {reason.verify_message}; correct the address or the certificate"
    if isinstance(reason, ssl.SSLError):
        return f"no encrypted connection: {reason.reason or reason}; is it http: instead of https:?"
    if isinstance(reason, TimeoutError | TimedOut):
        return Message("no answer in time; ask for less, or give ", Choice("timeout"), " more seconds")
    if isinstance(reason, socket.gaierror):
        return "no such host; correct the address"
    if isinstance(reason, http.client.HTTPException | ProtocolError):
        return "it does not speak HTTP, or closes the connection without a response; correct the address"
    return f"cannot be reached: {getattr(reason, 'strerror', None) or reason}; is it running?"


def refusal(response: urllib3.HTTPResponse, address: str) -> Refused:
    """Return the exception for a response with an error status: the status, the beginning of the body, and advice."""
    try:
        excerpt = first_words(response.read(_CHUNK, decode_content=False))
    except HTTPError:
        excerpt = ""
    finally:
        response.close()
    transient = response.status in _TRANSIENT
    advice = {
        400: "correct the query",
        401: "set TRIPLOMACY_USER and TRIPLOMACY_PASSWORD, or TRIPLOMACY_TOKEN, or write it into ~/.netrc",
        403: "these credentials do not permit it; use others",
        404: "correct the address",
        405: "this address does not accept such requests; correct it",
        413: "request or send less at once",
    }.get(response.status, "try again later" if transient else "ask its operator")
    after = response.headers.get("Retry-After") if transient else None
    when = f" (it asks to wait: {after[:40]})" if after else ""
    message = f"answers {response.status} {response.reason}{': ' if excerpt else ''}{excerpt}{when}; {advice}"
    refused = Refused(message, path=address)
    refused.status = response.status
    return refused


def first_words(body: bytes) -> str:
    """Return the beginning of a body as one line of at most 200 characters; for HTML its title, else its text."""
    text = body.decode("utf-8", "replace")
    if "<html" in text[:1000].lower():
        title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        text = title[1] if title else re.sub(r"(?is)<(script|style).*?</\1>|<[^>]*>", " ", text)
    words = " ".join(text.split())
    return words if len(words) <= 200 else f"{words[:199]}…"
