"""The feed of changes in Atom."""

import base64

import lxml.etree

from triplomacy.publish import Release
from triplomacy.site import feed

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://data.example.org/a&b"
FIRST = Release("0.1.0", "2026-11-23", "ab" * 32)
COUNTS = {"claim": {"added": 1_200, "removed": 0, "changed": 3}, "term": {"added": 1, "removed": 2, "changed": 0}}
SECOND = Release("0.2.0", "2026-12-01", "cd" * 32, "0.1.0", COUNTS)
PRESENT = Release("", "2026-11-30", "fb" * 32, "0.2.0")


def entries(text: str) -> list[dict[str, str]]:
    """Return the parts of each entry of a feed by their names, a link by where it leads."""
    return [
        {part.tag.removeprefix(ATOM): str(part.text or part.get("href", "")) for part in entry}
        for entry in lxml.etree.fromstring(text.encode()).iter(f"{ATOM}entry")
    ]


def updated(text: str) -> str | None:
    """Return when a feed says that it was changed last."""
    return lxml.etree.fromstring(text.encode()).findtext(f"{ATOM}updated")


def test_entry_for_each_release_and_for_what_is_to_come() -> None:
    """First what is not released, by its hash, then the releases by their versions, each with its own page."""
    text = feed.atom(BASE, [SECOND, FIRST], PRESENT)
    digest = base64.urlsafe_b64encode(bytes.fromhex("fb" * 32)).decode().rstrip("=")
    assert entries(text) == [
        {
            "id": f"ni:///sha-256;{digest}",
            "title": "Not yet released",
            "updated": "2026-11-30T00:00:00Z",
            "link": f"{BASE}/changes.html",
            "summary": "Since 0.2.0: no changes.",
        },
        {
            "id": "https://w3id.org/triplomacy/release/0.2.0/dataset",
            "title": "Release 0.2.0",
            "updated": "2026-12-01T00:00:00Z",
            "link": f"{BASE}/release/0.2.0/changes.html",
            "summary": "Since 0.1.0: claims 1,200 added, 3 changed; terms 1 added, 2 removed.",
        },
        {
            "id": "https://w3id.org/triplomacy/release/0.1.0/dataset",
            "title": "Release 0.1.0",
            "updated": "2026-11-23T00:00:00Z",
            "link": f"{BASE}/release/0.1.0/changes.html",
            "summary": "The first: no changes.",
        },
    ]


def test_feed_was_changed_on_the_last_day() -> None:
    """A feed has the latest day of its entries; without any, and without days, the first of all."""
    assert updated(feed.atom(BASE, [FIRST, SECOND], PRESENT)) == "2026-12-01T00:00:00Z"
    undated = Release("0.1.0", "", "ab" * 32)
    for text in (feed.atom(BASE, [], None), feed.atom(BASE, [undated], None)):
        assert updated(text) == "1970-01-01T00:00:00Z"
    assert entries(feed.atom(BASE, [undated], None))[0]["updated"] == "1970-01-01T00:00:00Z"
    assert entries(feed.atom(BASE, [], None)) == []
