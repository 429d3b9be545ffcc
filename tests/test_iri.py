"""IRIs as the engine resolves them."""

import pytest

from triplomacy.iri import resolve

# The examples of RFC 3986, section 5.4: a reference and what it is against http://a/b/c/d;p?q.
RESOLVED = {
    "g:h": "g:h",
    "g": "http://a/b/c/g",
    "./g": "http://a/b/c/g",
    "g/": "http://a/b/c/g/",
    "/g": "http://a/g",
    "//g": "http://g",
    "?y": "http://a/b/c/d;p?y",
    "g?y": "http://a/b/c/g?y",
    "#s": "http://a/b/c/d;p?q#s",
    "g?y#s": "http://a/b/c/g?y#s",
    ";x": "http://a/b/c/;x",
    "": "http://a/b/c/d;p?q",
    ".": "http://a/b/c/",
    "./": "http://a/b/c/",
    "..": "http://a/b/",
    "../": "http://a/b/",
    "../g": "http://a/b/g",
    "../..": "http://a/",
    "../../g": "http://a/g",
    "../../../g": "http://a/g",
    "../../../../g": "http://a/g",
    "/./g": "http://a/g",
    "/../g": "http://a/g",
    "g.": "http://a/b/c/g.",
    "g..": "http://a/b/c/g..",
    "./../g": "http://a/b/g",
    "g/./h": "http://a/b/c/g/h",
    "g;x=1/../y": "http://a/b/c/y",
    "g?y/../x": "http://a/b/c/g?y/../x",
    "g#s/../x": "http://a/b/c/g#s/../x",
    "http:g": "http:g",
    "http://a/./b": "http://a/./b",  # which the engine leaves as it is
    "a b": "a b",
}


@pytest.mark.parametrize(("reference", "expected"), RESOLVED.items())
def test_references_are_resolved(reference: str, expected: str) -> None:
    """References are resolved as in RFC 3986, but for the dots of an absolute one; what is no IRI stays as it is."""
    assert resolve("http://a/b/c/d;p?q", reference) == expected
