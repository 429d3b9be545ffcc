"""The invented second source: it follows the rules of the first, and no module knows either."""

import ast

import pytest

from tests.conftest import GAZETTE, ROOT, SECOND
from triplomacy import validation
from triplomacy.terms import compress

MODULES = sorted((ROOT / "src" / "triplomacy").rglob("*.py"))


def test_gazette_conforms_to_the_shapes(own_gazette):
    """The fixture's graphs conform to our shapes, and its spans are verified."""
    plan = validation.Plan(frozenset({"syntax", "shacl", "evidence"}), source_text=GAZETTE)
    assert validation.validate_project(own_gazette, plan).findings == ()


def test_spoilt_gazette_does_not_conform(own_gazette):
    """The shapes do look at the fixture: a claim without its claimant is found at its line."""
    path = own_gazette.graphs / "gazette-1999" / "relations.ttl"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    tri:claimant id:strelsau-gazette ;\n", "", 1), encoding="utf-8")
    found = validation.validate_project(own_gazette).findings
    claim = "gazette-1999:claim/marsh-leads-bureau"
    assert claim in {compress(finding.focus[1:-1]) for finding in found if finding.focus}
    about = [finding.places for finding in found if finding.focus and claim.split(":")[1] in finding.focus]
    assert {place.file for places in about for place in places} == {path}


def test_gazette_has_claims_of_every_kind(gazette):
    """Each stance, certainty, orientation and link that the second source was made for is in it."""
    rows = gazette.select("SELECT DISTINCT ?property ?value WHERE { ?claim a tri:Claim ; ?property ?value }")
    pairs = [(compress(row["property"].value), compress(row["value"].value)) for row in rows]
    for value in ("affirms", "denies", "leavesOpen"):
        assert ("tri:stance", f"tri:{value}") in pairs
    for value in ("certain", "probable", "possible", "improbable"):
        assert ("tri:certainty", f"tri:{value}") in pairs
    for value in ("past", "present", "future"):
        assert ("tri:orientation", f"tri:{value}") in pairs
    used = {name for name, _ in pairs}
    assert {"tri:condition", "tri:via", "tri:quotation", "tri:respondsTo", "tri:reportedBy", "tri:conveyance"} <= used


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_no_module_knows_a_source(path):
    """Sources are data: their names stand in no string of a module but in its examples."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    strings = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented
    ]
    sources = {folder.name for base in (ROOT, SECOND) for folder in (base / "graphs").iterdir()} - {"actors"}
    assert len(sources) >= 2
    assert not [text for text in strings if any(source in text for source in sources)]
