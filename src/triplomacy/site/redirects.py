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
from typing import Final
from urllib.parse import urlsplit

from triplomacy.http import Format, negotiation
from triplomacy.site.publication import FORMATS

OFFERED: Final = (negotiation.HTML, *FORMATS)
"""What an IRI of ours may lead to, the preferred one first."""

_ENDINGS: Final = "|".join(each.extension for each in negotiation.DOCUMENTS)
_OWN: Final = (
    r"^((?:static|dumps|nanopublications)/.*|SHA256SUMS|CITATION\.cff|iris\.txt|robots\.txt|[\w-]+\.(?:xml|atom))$"
)
"""What is a file of the site and no IRI."""

_RDF: Final = r"application/(?:rdf\+|trig|trix|n-quads|n3|owl\+|x-turtle)|text/(?:rdf\+n3|n3|x-nquads)"
_UTF8: Final = r"charset\s*=\s*\x22?utf-8\x22?"
_PROFILE: Final = r"profile\s*=\s*(?:\x22[^\x22]*\x22|[^\s,;\x22]*)"
_CHARSET: Final = rf"(?:;\s*{_UTF8}\s*)*"
_PARAMETERS: Final = {negotiation.JSONLD.media_type: rf"(?:;\s*(?:{_UTF8}|{_PROFILE})\s*)*"}
"""The parameters that ask for nothing that would be missing."""

# Nothing is accepted whose weight is not over this, and no weight of zero is.
_NOTHING: Final = "0.-9"


def for_w3id(base: str) -> str:
    """Return the ``.htaccess`` for the folder of our IRIs at w3id.org.

    Args:
        base: the address of the site, without a slash at its end.
    """
    lines = [
        "# Every IRI of https://w3id.org/triplomacy/ leads to its page or to its data at the host that publishes them.",
        "# Written by: triplomacy site --base-url " + base,
        "",
        "Options +FollowSymLinks -MultiViews",
        "RewriteEngine On",
        "",
        "# Files, by their endings; folders",
        f"RewriteRule ^(.+\\.(?:{_ENDINGS}))$ {base}/$1 [R=302,L,QSD]",
        f"RewriteRule {_OWN} {base}/$1 [R=302,L,QSD]",
        f"RewriteRule ^(.+/)$ {base}/$1 [R=302,L,QSD]",
        "",
        *_weight_rules(),
        "",
        "# The opening page, or the catalogue",
        "RewriteCond %{ENV:BEST} ^html$",
        f"RewriteRule ^$ {base}/ [R=303,L,QSD]",
        f"RewriteRule ^$ {base}/catalogue.%{{ENV:BEST}} [R=303,L,QSD]",
        "",
        "# Things",
        f"RewriteRule ^(.+)$ {base}/$1.%{{ENV:BEST}} [R=303,L,QSD]",
    ]
    return "\n".join([*lines, "", *_vary(), ""])


def for_host(base: str) -> str:
    """Return the ``.htaccess`` for the folder of the site on a host that runs Apache.

    Args:
        base: the address of the site, without a slash at its end, or "" where it is not known.
    """
    path = urlsplit(base).path
    lines = [
        "# Written by triplomacy site, for hosts that run Apache; others have no use for it.",
        "Options -MultiViews",
        "DirectoryIndex index.html",
        *([f"ErrorDocument 404 {path}/404.html"] if base else []),
        "",
        *_types(),
        "",
        "<IfModule mod_headers.c>",
        '  Header set Access-Control-Allow-Origin "*"',
        '  Header set X-Content-Type-Options "nosniff"',
        "</IfModule>",
        "",
        "<IfModule mod_rewrite.c>",
        "RewriteEngine On",
        "",
        "# Where the folder lies on this host",
        r"RewriteCond %{REQUEST_URI}::$0 ^(.*?)([^:]*)::\2$",
        "RewriteRule ^.*$ - [E=BASE:%1]",
        "",
        "# Files and folders are what they are",
        "RewriteCond %{REQUEST_FILENAME} -f",
        "RewriteRule ^ - [L]",
        "RewriteRule /$ - [L]",
        "",
        *_weight_rules(),
        "",
        "# The opening page, or the catalogue",
        "RewriteCond %{ENV:BEST} ^html$",
        "RewriteRule ^$ - [L]",
        "RewriteRule ^$ %{ENV:BASE}catalogue.%{ENV:BEST} [R=303,L,QSD]",
        r"RewriteRule ^\.well-known/void$ %{ENV:BASE}void.%{ENV:BEST} [R=303,L,QSD]",
        "",
        "# Things, and pages without an ending",
        "RewriteCond %{REQUEST_FILENAME}.%{ENV:BEST} -f",
        "RewriteRule ^(.+)$ %{ENV:BASE}$1.%{ENV:BEST} [R=303,L,QSD]",
        "</IfModule>",
    ]
    return "\n".join([*lines, "", *_vary(), ""])


def _types() -> list[str]:
    lines = [f"AddType {form.media_type} .{form.extension}" for form in negotiation.FORMATS]
    lines += [f"AddType {kind} .{ending}" for ending, kind in _MORE.items()]
    formats = {form.extension: form.media_type for form in negotiation.FORMATS} | _MORE
    text = [ending for ending, kind in formats.items() if kind.startswith("text/")]
    return [*lines, f"AddCharset utf-8 {' '.join(f'.{ending}' for ending in text)}"]


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


def _vary() -> list[str]:
    return ["<IfModule mod_headers.c>", "  Header always merge Vary Accept env=NEGOTIATED", "</IfModule>"]


def _weight_rules() -> list[str]:
    """Return the rules that find the format to send, as the variable BEST, or refuse."""
    lines = [
        "# How much each format is wanted: by name, by the first part of its name, by a wildcard, or not at all",
        "RewriteRule ^ - [E=NEGOTIATED:1]",
    ]
    for form in OFFERED:
        kind = form.media_type.partition("/")[0]
        lines += _weight(_variable(form), re.escape(form.media_type), 2, _PARAMETERS.get(form.media_type, _CHARSET))
        lines += _weight(_variable(form), rf"{kind}/\*", 1)
        lines += _weight(_variable(form), r"\*(?:/\*)?", 0)
    lines += _weight("Q_JSON", re.escape("application/json"), 2, _CHARSET)
    anything = [f"{_variable(form)}:1-0" for form in OFFERED]
    lines += [
        "",
        "# Without a header anything is accepted",
        r"RewriteCond %{HTTP_ACCEPT} ^\s*$",
        f"RewriteRule ^ - [{','.join(f'E={form}' for form in anything)}]",
        "",
        "# The best, of equals the first",
        f"RewriteRule ^ - [E=WEIGHT:{_NOTHING}]",
        *(line for form in OFFERED for line in _better(_variable(form), form.extension)),
        *_better("Q_JSON", negotiation.JSONLD.extension),
        "",
        "# Turtle rather than a page for who names another format of RDF and takes anything",
        "RewriteCond %{ENV:BEST} ^html$",
        f"RewriteCond %{{HTTP_ACCEPT}} {_RDF} [NC]",
        f"RewriteCond expr \"reqenv('{_variable(negotiation.TURTLE)}') == reqenv('WEIGHT')\"",
        f"RewriteRule ^ - [E=BEST:{negotiation.TURTLE.extension}]",
        "",
        "RewriteCond %{ENV:BEST} ^$",
        "RewriteRule ^ - [R=406,L]",
    ]
    return lines


def _variable(form: Format) -> str:
    return f"Q_{form.extension.upper()}"


def _weight(variable: str, pattern: str, named: int, parameters: str = "") -> list[str]:
    """Return the rules that set a variable to the weight of a range, unless a more specific one did."""
    begin = rf"(?:^|,)\s*{pattern}\s*{parameters}"
    end = r"\s*(?:;[^,]*)?(?:,|$)"
    unset = [f"RewriteCond %{{ENV:{variable}}} ^$"]
    return [
        *unset,
        f"RewriteCond %{{HTTP_ACCEPT}} {begin}(?:;\\s*q\\s*=\\s*1(?:\\.0*)?{end}|\\s*(?:,|$)) [NC]",
        f"RewriteRule ^ - [E={variable}:1-{named}]",
        *unset,
        f"RewriteCond %{{HTTP_ACCEPT}} {begin};\\s*q\\s*=\\s*(?:0?\\.(\\d*?)0*|0){end} [NC]",
        f"RewriteRule ^ - [E={variable}:0.%1-{named}]",
    ]


def _better(variable: str, ending: str) -> list[str]:
    return [
        f"RewriteCond expr \"reqenv('{variable}') > reqenv('WEIGHT')\"",
        f"RewriteRule ^ - [E=BEST:{ending},E=WEIGHT:%{{ENV:{variable}}}]",
    ]
