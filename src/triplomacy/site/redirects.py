r"""Content negotiation by Apache's mod_rewrite: rules that redirect people to pages and programs to data.

They evaluate ``Accept`` as `negotiation.prefer` does (RFC 9110, 12.5.1): each offered format gets the weight of the
most specific range that matches it, as a string such as ``0.8-2``: the weight without trailing zeros, and the number of
names in the range. The order of such strings is that of weights. There are three differences: a quoted string in the
header must not contain a comma, except in the profile of JSON-LD; parameters after a weight are ignored (RFC 7231); and
a client that names an RDF format which is not offered, and accepts anything else, gets Turtle.

The same rules are used at w3id.org, where they redirect to another host, and on that host, where they select files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from triplomacy.http import Format, negotiation
from triplomacy.pages import TEMPLATES
from triplomacy.site.publication import FORMATS

OFFERED: Final = (negotiation.HTML, *FORMATS)
"""The formats that an IRI of ours can redirect to, the preferred one first."""

_UTF8: Final = r"charset\s*=\s*\x22?utf-8\x22?"
_PROFILE: Final = r"profile\s*=\s*(?:\x22[^\x22]*\x22|[^\s,;\x22]*)"
_CHARSET: Final = rf"(?:;\s*{_UTF8}\s*)*"
_PARAMETERS: Final = {negotiation.JSONLD.media_type: rf"(?:;\s*(?:{_UTF8}|{_PROFILE})\s*)*"}
"""The patterns of parameters that can be ignored, by media type."""

_MORE: Final = {
    "atom": "application/atom+xml",
    "cff": "text/plain",
    "css": "text/css",
    "gz": "application/gzip",
    "js": "text/javascript",
    "json": "application/json",
    "md": "text/markdown",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "wasm": "application/wasm",
    "xml": "application/xml",
}
"""The media types of files in other formats, by extension."""


def for_w3id(base: str) -> str:
    """Return the ``.htaccess`` for the folder of our IRIs at w3id.org.

    Args:
        base: the URL of the site, without a trailing slash.
    """
    return _render("w3id.htaccess", base=base, endings="|".join(form.extension for form in negotiation.DOCUMENTS))


def for_host(base: str) -> str:
    """Return the ``.htaccess`` for the folder of the site on a host that runs Apache.

    Args:
        base: the URL of the site, without a trailing slash, or "" if it is not known.
    """
    types = {form.extension: form.media_type for form in negotiation.FORMATS} | _MORE
    texts = [ending for ending, media_type in types.items() if media_type.startswith("text/")]
    return _render("host.htaccess", base=base, path=urlsplit(base).path, types=types, texts=texts)


def _render(template: str, **values: Any) -> str:
    """Return a rendered template; its rules set the variable BEST to the format to send, or answer 406."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    bests = [(_variable(form), form.extension) for form in OFFERED] + [("Q_JSON", negotiation.JSONLD.extension)]
    end = r"\s*(?:;[^,]*)?(?:,|$)"
    common = {"offered": OFFERED, "weights": list(_weights()), "bests": bests, "end": end}
    return environment.get_template(template).render(common | values)


def _weights() -> Iterator[tuple[str, str, int, str]]:
    """Yield the media ranges that determine the weight of each format, for a format the most specific one first.

    Each has the variable for the weight, the pattern of the range, the number of names in it, and the pattern of the
    parameters that it can have.
    """
    for form in OFFERED:
        kind = form.media_type.partition("/")[0]
        parameters = _PARAMETERS.get(form.media_type, _CHARSET)
        yield _variable(form), re.escape(form.media_type), 2, parameters
        yield _variable(form), rf"{kind}/\*", 1, ""
        yield _variable(form), r"\*(?:/\*)?", 0, ""
    yield "Q_JSON", re.escape("application/json"), 2, _CHARSET


def _variable(form: Format) -> str:
    return f"Q_{form.extension.upper()}"
