"""The feed of changes in Atom (RFC 4287): an entry for each release, and one for unreleased changes."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from triplomacy.publish import DATASET, Release, catalogue, version as versioned

_EPOCH = "1970-01-01"
"""The date of a dataset that has none."""


def atom(base: str, releases: Sequence[Release], present: Release | None) -> str:
    """Return the feed as XML.

    Args:
        base: the URL of the site, without a trailing slash.
        releases: the releases on the site, the last one first.
        present: the state now published, or None if it is that of the last release.
    """
    shown = ([present] if present else []) + list(releases)
    updated = max((release.day for release in shown), default="") or _EPOCH
    entries = [_entry(base, release, is_released=release is not present) for release in shown]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">',
            f"  <id>{escape(catalogue.CATALOGUE)}</id>",
            f"  <title>Changes of {escape(catalogue.TITLE)}</title>",
            f"  <updated>{_instant(updated)}</updated>",
            "  <author><name>The Triplomacy authors</name></author>",
            f'  <link rel="self" type="application/atom+xml" href={quoteattr(f"{base}/changes.atom")}/>',
            f'  <link rel="alternate" type="text/html" href={quoteattr(f"{base}/changes.html")}/>',
            f"  <rights>{escape(catalogue.LICENCE)}</rights>",
            *entries,
            "</feed>",
            "",
        ]
    )


def _entry(base: str, release: Release, *, is_released: bool) -> str:
    if is_released:
        name, title = versioned(DATASET, release.version), f"Release {release.version}"
        place = f"{base}/release/{release.version}/changes.html"
    else:
        name, title, place = _hash_iri(release.sha256), "Not yet released", f"{base}/changes.html"
    since = f"Since {release.before}" if release.before else "The first"
    return "\n".join(
        [
            "  <entry>",
            f"    <id>{escape(name)}</id>",
            f"    <title>{escape(title)}</title>",
            f"    <updated>{_instant(release.day or _EPOCH)}</updated>",
            f'    <link rel="alternate" type="text/html" href={quoteattr(place)}/>',
            f"    <summary>{escape(f'{since}: {_summary(release.counts)}.')}</summary>",
            "  </entry>",
        ]
    )


def _summary(counts: Mapping[str, Mapping[str, int]]) -> str:
    lines = [
        f"{name}s {', '.join(f'{number:,} {what}' for what, number in numbers.items() if number)}"
        for name, numbers in counts.items()
    ]
    return "; ".join(lines) or "no changes"


def _instant(day: str) -> str:
    """Return the first second of a day in UTC (RFC 3339); the data have dates only."""
    return f"{day}T00:00:00Z"


def _hash_iri(sha256: str) -> str:
    """Return the ``ni:`` IRI of a SHA-256 in hexadecimal (RFC 6920)."""
    digest = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")
    return f"ni:///sha-256;{digest}"
