r"""Rules for Apache's mod_rewrite that send people to pages and machines to data, by what a client accepts.

They weigh an ``Accept`` header as `negotiation.prefer` does (RFC 9110, 12.5.1): each offered format gets the weight of
the most specific range that matches it, as the string ``0.8-2``, which is the weight without zeros at its end and how
many parts of the range are named, so that strings are compared as weights are. Three things are otherwise: a quoted
string in the header may have no comma in it, but as the profile of JSON-LD; parameters behind a weight are passed over,
as RFC 7231 had it; and a client that names a format of RDF which is not there, and takes anything else, is sent Turtle.

The same rules stand at w3id.org, where they lead to another host, and on a host of one's own, where they lead to files.
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
"""What an IRI of ours may lead to, the preferred one first."""

_UTF8: Final = r"charset\s*=\s*\x22?utf-8\x22?"
_PROFILE: Final = r"profile\s*=\s*(?:\x22[^\x22]*\x22|[^\s,;\x22]*)"
_CHARSET: Final = rf"(?:;\s*{_UTF8}\s*)*"
_PARAMETERS: Final = {negotiation.JSONLD.media_type: rf"(?:;\s*(?:{_UTF8}|{_PROFILE})\s*)*"}
"""The parameters that ask for nothing that would be missing."""

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
"""The media types of files besides those of formats, by their endings."""


def for_w3id(base: str) -> str:
    """Return the ``.htaccess`` for the folder of our IRIs at w3id.org.

    Args:
        base: the address of the site, without a slash at its end.
    """
    return _render("w3id.htaccess", base=base, endings="|".join(form.extension for form in negotiation.DOCUMENTS))


def for_host(base: str) -> str:
    """Return the ``.htaccess`` for the folder of the site on a host that runs Apache.

    Args:
        base: the address of the site, without a slash at its end, or "" where it is not known.
    """
    types = {form.extension: form.media_type for form in negotiation.FORMATS} | _MORE
    texts = [ending for ending, media_type in types.items() if media_type.startswith("text/")]
    return _render("host.htaccess", base=base, path=urlsplit(base).path, types=types, texts=texts)


def _render(template: str, **values: Any) -> str:
    """Return the text of a template, with the rules that find the format to send, as the variable BEST, or refuse."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATES)
    environment = Environment(loader=loader, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    bests = [(_variable(form), form.extension) for form in OFFERED] + [("Q_JSON", negotiation.JSONLD.extension)]
    end = r"\s*(?:;[^,]*)?(?:,|$)"
    common = {"offered": OFFERED, "weights": list(_weights()), "bests": bests, "end": end}
    return environment.get_template(template).render(common | values)


def _weights() -> Iterator[tuple[str, str, int, str]]:
    """Yield the ranges of ``Accept`` that give a format its weight, the most specific one of a format first.

    Each has the variable for the weight, the pattern of the range, how many parts of it are named, and the parameters
    that it may have.
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
