"""The published graph: every IRI as page and data, old links and releases kept, folders replaced whole or not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import lxml.html
import pyoxigraph as ox
import pytest

from tests.conftest import ROOT as PROJECT
from tests.support import publishing
from tests.support.publishing import BASE, History
from triplomacy import site
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.publish import documents
from triplomacy.site import addresses, folder, gone
from triplomacy.terms import DCTERMS, ONTOLOGY, OWL, ROOT

ENDINGS = ("html", "ttl", "jsonld", "nt")


@pytest.fixture(scope="module")
def described(article: Dataset) -> documents.Documents:
    """Return the documents of the project's own graphs."""
    return documents.read(article)


@dataclass(frozen=True)
class Bare:
    """A site that the command has written without a base address: signed, and with IRIs that are gone by a list."""

    root: Path
    done: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def bare(past: History, tmp_path_factory: pytest.TempPathFactory) -> Bare:
    """Return such a site of the gazette, written once: only to be read."""
    from Crypto.PublicKey import RSA

    parent = tmp_path_factory.mktemp("bare")
    key, listed = parent / "key.pem", parent / "list.txt"
    key.write_bytes(RSA.generate(2048).export_key("PEM", pkcs=8))
    listed.write_text(f"{ONTOLOGY}#Gossip\n{ROOT}story#part\n", encoding="utf-8")
    arguments = (parent / "out", "--project", past.project.root, "--key", key, "--previous", listed)
    return Bare(parent / "out", command(*arguments, cwd=parent))


def command(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run ``triplomacy site``."""
    return subprocess.run(
        [sys.executable, "-m", "triplomacy", "site", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def page(path: Path) -> lxml.html.HtmlElement:
    """Return the tree of a page."""
    return lxml.html.document_fromstring(path.read_bytes(), parser=lxml.html.HTMLParser(encoding="utf-8"))


# Every IRI


def test_every_iri_has_a_page_and_data(published: Path, described: documents.Documents) -> None:
    """Every IRI that the graphs speak of as ours has its page, Turtle, JSON-LD and N-Triples."""
    named = {
        term.value.partition("#")[0]
        for quad in described.quads
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)
        if isinstance(term, ox.NamedNode) and term.value.startswith(ROOT)
    } - {ROOT + "sparql"}
    assert len(named) > 700
    missing = [
        path for iri in named for ending in ENDINGS if not (published / (path := addresses.path(iri, ending))).is_file()
    ]
    assert missing == []


def components(found: list[ox.Triple]) -> set[str]:
    """Return triples as texts: those around blank nodes together, in canonical form, so that labels do not count."""
    ground = {str(triple) for triple in found if not blanks(triple)}
    owner: dict[ox.BlankNode, set[ox.Triple]] = {}
    for triple in {each for each in found if blanks(each)}:
        merged = {triple}.union(*(owner[node] for node in blanks(triple) if node in owner))
        owner |= {node: merged for each in merged for node in blanks(each)}
    for group in {id(group): group for group in owner.values()}.values():
        dataset = ox.Dataset(ox.Quad(each.subject, each.predicate, each.object) for each in group)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        ground.add("\n".join(sorted(str(quad.triple) for quad in dataset)))
    return ground


def blanks(triple: ox.Triple) -> list[ox.BlankNode]:
    """Return the blank nodes of a triple."""
    return [term for term in (triple.subject, triple.object) if isinstance(term, ox.BlankNode)]


def united(root: Path, suffix: str, *but: str) -> set[str]:
    """Return the union of all files of data with an ending, those of folders and names left out that are given."""
    found: set[str] = set()
    for path in sorted(root.rglob(f"*{suffix}")):
        if not path.relative_to(root).as_posix().startswith(but):
            found |= components(publishing.triples(path))
    return found


ASIDE = ("dumps/", "void.", "catalogue.", "mappings.", "ontology-with-mappings.")
DERIVED = ("view/", "shapes.", "queries.", "query/")


@pytest.mark.parametrize("suffix", [".ttl", ".jsonld", ".nt"])
def test_union_of_all_files_is_the_dataset(suffix: str, published: Path, described: documents.Documents) -> None:
    """The union of all Turtle files, views, shapes and queries left aside, is the dataset; so of the other formats."""
    dataset = [
        quad.triple for graph in described.dataset_graphs for quad in described.quads.quads_for_graph_name(node(graph))
    ]
    assert united(published, suffix, *ASIDE, *DERIVED) == components(dataset)


def test_union_with_views_shapes_and_queries_is_all_there_is(published: Path, described: documents.Documents) -> None:
    """With these too, the union is everything that documents say, and nothing else."""
    assert united(published, ".ttl", *ASIDE) == components([quad.triple for quad in described.quads])


def node(iri: str) -> ox.NamedNode:
    """Return the node of an IRI."""
    return ox.NamedNode(iri)


# Pages


def pages(root: Path) -> Iterator[tuple[str, lxml.html.HtmlElement]]:
    """Yield the path and the tree of each page, but for the one that a host shows anywhere."""
    for path in sorted(root.rglob("*.html")):
        if path.name != "404.html":
            yield path.relative_to(root).as_posix(), page(path)


def broken(root: Path) -> list[str]:
    """Return the links between pages and to files that lead nowhere, each with the page that it stands on."""
    trees = dict(pages(root))
    ids = {path: set(tree.xpath("//@id")) for path, tree in trees.items()}
    found = []
    for path, tree in trees.items():
        aside = "@rel='canonical' or @rel='describes'"
        for target in tree.xpath(f"//*[not({aside})]/@href | //@src | //@action | //@data-ties | //@data-names"):
            if urlsplit(target).scheme:
                continue
            whole, fragment = urldefrag(urljoin(f"/{path}", target))
            there = unquote(urlsplit(whole).path)[1:]
            there = f"{there}index.html" if there.endswith("/") or not there else there
            is_there = (root / there).is_file()
            if not is_there or (fragment and unquote(fragment) not in ids.get(there, ())):
                found.append(f"{path} -> {target}")
    return found


def test_no_link_is_broken(published: Path) -> None:
    """Every link of every page leads to a file of the site, and every fragment to a place on that page."""
    assert broken(published) == []


def test_no_link_of_a_release_is_broken(past: History) -> None:
    """The same holds where releases are kept and IRIs are gone, for the pages of former releases too."""
    assert broken(past.later) == []


def test_pages_take_nothing_from_elsewhere(published: Path) -> None:
    """No page loads a script, a style or a picture from another host, and none has a script or a style in it."""
    for path, tree in pages(published):
        loaded = tree.xpath(
            "//script/@src | //img/@src | //link[@rel='stylesheet' or @rel='icon']/@href | //iframe/@src"
        )
        assert [each for each in loaded if urlsplit(each).scheme or each.startswith("//")] == [], path
        assert [each.get("type") for each in tree.xpath("//script[not(@src)]")] in ([], ["application/ld+json"]), path
        assert tree.xpath("//style | //@style") == [], path


def test_head_names_formats_and_address(published: Path) -> None:
    """A page names its address at the host, its other formats, and what it describes."""
    tree = page(published / "id" / "syria.html")
    assert tree.xpath("//link[@rel='canonical']/@href") == [f"{BASE}/id/syria.html"]
    assert tree.xpath("//link[@rel='describes']/@href") == [ROOT + "id/syria"]
    alternates = {each.get("type"): each.get("href") for each in tree.xpath("//link[@rel='alternate']")}
    assert alternates == {
        "text/turtle": "../id/syria.ttl",
        "application/ld+json": "../id/syria.jsonld",
        "application/n-triples": "../id/syria.nt",
    }


@pytest.mark.parametrize(
    ("path", "crumbs"),
    [
        ("id/syria", ["Overview", "Actors"]),
        ("graph/actors", ["Overview", "The dataset"]),
        ("query/recognition/who-recognises", ["Overview", "Questions"]),
        ("source/lukin-2022/passage/10", ["Overview", "Sources", "The rebirth of the Russia–North Korea alliance"]),
    ],
)
def test_crumbs_lead_back(path: str, crumbs: list[str], published: Path) -> None:
    """Each page says what lies above it."""
    tree = page(published / f"{path}.html")
    assert [each.text_content().strip() for each in tree.xpath("//nav[@class='crumbs']//li")][: len(crumbs)] == crumbs


def test_backlinks_are_shown(published: Path) -> None:
    """A page lists what points to what it describes."""
    tree = page(published / "id" / "lugansk-peoples-republic.html")
    (section,) = tree.xpath("//section[@class='pointing']")
    links = section.xpath(".//a/@href")
    assert "../source/lukin-2022/proposition/syria-recognises-lugansk-republic.html" in links


def test_data_in_pages_is_what_the_files_say(published: Path, described: documents.Documents) -> None:
    """The JSON-LD in a page has the statements of its document that are not backlinks, for every kind of document."""
    kinds: dict[str, str] = {}
    for iri in described.iris():
        kinds.setdefault(documents.kind(iri), iri)
    kinds.pop("queries")
    assert len(kinds) > 12
    for iri in kinds.values():
        document = described.get(iri)
        wanted = document.statements
        if len(wanted) > 300:
            wanted = tuple(quad for quad in wanted if quad.subject == node(iri))
        blocks = page(published / addresses.path(iri, "html")).xpath("//script[@type='application/ld+json']/text()")
        assert len(blocks) == bool(wanted), iri
        found = [quad.triple for each in blocks for quad in ox.parse(each.encode(), format=ox.RdfFormat.JSON_LD)]
        ground = {str(quad.triple) for quad in wanted if not blanks(quad.triple)}
        assert {str(each) for each in found if not blanks(each)} == ground, iri


def test_base_url_changes_addresses_alone(past: History, tmp_path: Path) -> None:
    """With another base address the data of things are the same to the byte, and pages name the new address."""
    other = tmp_path / "other"
    publishing.write(past.project, other, base="https://elsewhere.example.net", previous=past.later)
    for path in ("id/ruritania.ttl", "dataset.nt", "dumps/triplomacy.nq"):
        assert (other / path).read_bytes() == (past.later / path).read_bytes()
    (canonical,) = page(other / "id" / "ruritania.html").xpath("//link[@rel='canonical']/@href")
    assert canonical == "https://elsewhere.example.net/id/ruritania.html"
    assert BASE not in (other / "catalogue.ttl").read_text(encoding="utf-8")


# Old links


def test_vanished_iri_becomes_a_tombstone(past: History) -> None:
    """An IRI that is no longer there keeps its page and data, which say what the graph names in its place."""
    old = ROOT + "source/gazette-1999/proposition/marsh-leads-bureau"
    new = ROOT + "source/gazette-1999/proposition/marsh-heads-bureau"
    said = {str(each) for each in publishing.triples(past.second / addresses.path(old, "ttl"))}
    assert f"<{old}> <{DCTERMS}isReplacedBy> <{new}>" in said
    assert f'<{old}> <{OWL}deprecated> "true"^^<http://www.w3.org/2001/XMLSchema#boolean>' in said
    for ending in ("jsonld", "nt"):
        assert {str(each) for each in publishing.triples(past.second / addresses.path(old, ending))} == said
    tree = page(past.second / addresses.path(old, "html"))
    assert "marsh-heads-bureau.html" in " ".join(tree.xpath("//main//a/@href"))
    assert tree.xpath("//meta[@name='robots']/@content") == ["noindex"]


def test_tombstone_without_a_successor_says_so(past: History) -> None:
    """Where the graph names nothing in its place, the tombstone says that it does not."""
    path = past.later / addresses.path(ROOT + "source/gazette-1999/claim/marsh-leads-bureau", "html")
    assert "names nothing in its place" in page(path).text_content()


def test_tombstones_stay(past: History) -> None:
    """What was gone before the last site was written is still a tombstone: no IRI ever leaves the list."""
    lists = [gone.read(root) for root in (past.first, past.second, past.later)]
    assert lists[0] < lists[1] < lists[2]
    assert all(
        (past.later / addresses.path(iri, ending)).is_file() for iri in lists[2] for ending in ("html", "ttl", "nt")
    )


def test_vanished_hash_iri_keeps_its_place(bare: Bare) -> None:
    """A term that a list names and the ontology has not stays a place on the page of the ontology."""
    assert page(bare.root / "ontology.html").xpath("//li[@id='Gossip']")
    assert page(bare.root / "story.html").xpath("//li[@id='part']")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("https://example.org/x", "list.txt:2: is not an IRI below"),
        (ROOT + "id/a b", "list.txt:2: is not an IRI below"),
        (ROOT + "id/%2e%2e/x", "a part of its path is not a file name"),
    ],
)
def test_list_that_is_none_is_refused(line: str, told: str, tmp_path: Path) -> None:
    """A list of other things than IRIs of ours is refused with the line, before anything is written."""
    listed = tmp_path / "list.txt"
    listed.write_text(f"{ROOT}id/a\n{line}\n", encoding="utf-8")
    with pytest.raises((MalformedInput, TriplomacyError), match=told):
        publishing.write(Project(PROJECT), tmp_path / "out", previous=listed)
    assert not (tmp_path / "out").exists()


# Releases


def test_release_sets_versions(past: History) -> None:
    """A release says of the ontology which version it is and which came before; a site without release says neither."""
    head = {str(each) for each in publishing.triples(past.second / "release" / "0.2.0" / "ontology.ttl")}
    assert f"<{ONTOLOGY}> <{OWL}versionIRI> <{ROOT}release/0.2.0/ontology>" in head
    assert f"<{ONTOLOGY}> <{OWL}priorVersion> <{ROOT}release/0.1.0/ontology>" in head
    first = (past.first / "ontology.ttl").read_text(encoding="utf-8")
    assert ("owl:versionIRI" in first, "owl:priorVersion" in first) == (True, False)
    later = (past.later / "ontology.ttl").read_text(encoding="utf-8")
    assert ("owl:versionIRI" in later, "owl:priorVersion" in later) == (False, False)
    assert "versionIRI" not in (past.project.ontology / "triplomacy.ttl").read_text(encoding="utf-8")


def test_versioned_iris_resolve(past: History) -> None:
    """The IRI of a thing in a release has the page and the data that the thing had in it."""
    copy = past.later / "release" / "0.1.0"
    for ending in ("ttl", "jsonld", "nt"):
        at_the_time = past.first / "source" / "gazette-1999" / "proposition" / f"marsh-leads-bureau.{ending}"
        kept = copy / "source" / "gazette-1999" / "proposition" / f"marsh-leads-bureau.{ending}"
        assert kept.read_bytes() == at_the_time.read_bytes()
    tree = page(copy / "source" / "gazette-1999" / "proposition" / "marsh-leads-bureau.html")
    assert "Release 0.1.0" in tree.xpath("//p[@class='release']")[0].text_content()
    today = tree.xpath("//p[@class='release']/a/@href")
    assert today == ["../../../../../source/gazette-1999/proposition/marsh-leads-bureau.html"]


def test_releases_stay_as_they_are(past: History) -> None:
    """Whatever is written later, the files of a release are those of its day, to the byte."""
    for version, root in (("0.1.0", past.first), ("0.2.0", past.second)):
        assert publishing.contents(past.later / "release" / version) == publishing.contents(root / "release" / version)


def test_differences_are_told_by_kind(past: History) -> None:
    """The page of a release lists what came, went and changed since the one before, claims and terms apart."""
    tree = page(past.second / "release" / "0.2.0" / "changes.html")
    told = {
        each.xpath("string(h3)"): each.xpath("string(p)")
        for each in tree.xpath("//section[starts-with(@aria-labelledby, 'kind-')]")
    }
    assert told["Claims"] == "0 added, 0 removed, 1 changed."
    assert told["Propositions"] == "1 added, 1 removed, 0 changed."
    assert told["Terms of the ontology"] == "1 added, 0 removed, 0 changed."
    claim = tree.xpath("//section[@aria-labelledby='kind-claim']//dd")
    assert sorted(each.text_content().strip()[-40:] for each in claim) == [
        "gazette-1999:proposition/marsh-heads-bureau"[-40:],
        "gazette-1999:proposition/marsh-leads-bureau"[-40:],
    ]


def test_what_is_not_released_is_told_too(past: History) -> None:
    """Between releases the page of changes says what has changed since the last one."""
    tree = page(past.later / "changes.html")
    assert tree.xpath("string(//h2[@id='since'])") == "Since 0.2.0"
    assert "1 added, 1 removed, 0 changed." in tree.xpath("string(//section[@aria-labelledby='kind-claim'])")
    assert [each.text_content() for each in tree.xpath("//tbody/tr/td[1]")] == ["0.2.0", "0.1.0"]


def test_same_release_again_is_the_same(past: History, tmp_path: Path) -> None:
    """A release that is written again over itself has the same bytes."""
    project = publishing.small(tmp_path / "project")
    before = publishing.contents(past.first)
    shutil.copytree(past.first, tmp_path / "out")
    publishing.write(project, tmp_path / "out", release="0.1.0")
    assert publishing.contents(tmp_path / "out") == before


@pytest.mark.parametrize(
    ("release", "told"),
    [
        ("1", "takes a version of three numbers"),
        ("0.2.0-rc1", "takes a version of three numbers"),
        ("0.3.0", "owl:versionInfo of the ontology is 0.2.0, not 0.3.0"),
        ("0.2.0", "0.2.0 has been released with other content"),
    ],
)
def test_release_that_does_not_fit_is_refused(release: str, told: str, past: History, tmp_path: Path) -> None:
    """A version that is none, that the ontology does not state, or that was released with other content, is refused."""
    with pytest.raises(TriplomacyError, match=told):
        publishing.write(past.project, tmp_path / "out", previous=past.later, release=release)
    assert not (tmp_path / "out").exists()


def test_earlier_release_is_refused(past: History, tmp_path: Path) -> None:
    """Nothing is released with a version before the last one."""
    project = publishing.small(tmp_path / "project")
    with pytest.raises(TriplomacyError, match=r"0\.2\.0 has been released, which is later than 0\.1\.0"):
        publishing.write(project, tmp_path / "out", previous=past.later, release="0.1.0")


# The folder


def test_bytes_are_the_same_each_time(past: History, tmp_path: Path) -> None:
    """Written again elsewhere, and over itself, by another process with another seed of hashes, a site is the same."""
    again = tmp_path / "again"
    command = [sys.executable, "-m", "triplomacy", "site", str(again), "--base-url", BASE]
    command += ["--project", str(past.project.root), "--previous", str(past.later)]
    for seed in ("1", "2"):
        subprocess.run(command, check=True, capture_output=True, env={"PYTHONHASHSEED": seed, "PATH": ""})
        assert publishing.contents(again) == publishing.contents(past.later)


def test_files_are_listed_with_their_hashes(past: History) -> None:
    """The list of a site has every file but itself, each with its hash, as sha256sum reads it."""
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], cwd=past.later, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"")
    assert folder.files(past.later) == sorted({*publishing.contents(past.later)} - {"SHA256SUMS"})


def test_folder_of_other_things_is_left_alone(tmp_path: Path) -> None:
    """A folder that is not a site, or has a file that no site wrote, is not replaced, and nothing in it is touched."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(TriplomacyError, match="holds other things than a site"):
        publishing.write(Project(PROJECT), tmp_path / "other")
    assert (tmp_path / "other" / "letter.txt").read_text(encoding="utf-8") == "mine"
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    with pytest.raises(TriplomacyError, match="is not a folder"):
        publishing.write(Project(PROJECT), file)


def test_site_with_a_strange_file_is_left_alone(past: History, tmp_path: Path) -> None:
    """A file that somebody put into a site is named, and the site stays as it is."""
    with folder.replace_folder(tmp_path / "out") as written:
        written.put("index.html", "x")
    (tmp_path / "out" / "id").mkdir()
    (tmp_path / "out" / "id" / "CNAME").write_text("mine", encoding="utf-8")
    with pytest.raises(TriplomacyError, match=r"holds id/CNAME, which is not part of the site; move it away"):
        publishing.write(past.project, tmp_path / "out")
    assert (tmp_path / "out" / "id" / "CNAME").is_file()


def test_failure_leaves_the_former_site(tmp_path: Path) -> None:
    """If a file of the project is malformed, the site that was there stays, and nothing is left beside it."""
    output = tmp_path / "out"
    with folder.replace_folder(output) as written:
        written.put("iris.txt", "")
    before = publishing.contents(output)
    project = publishing.small(tmp_path / "project")
    broken_file = project.graphs / "gazette-1999" / "arms.ttl"
    broken_file.write_text(broken_file.read_text(encoding="utf-8") + "\nid:x tri:", encoding="utf-8")
    with pytest.raises(MalformedInput, match=r"arms\.ttl:\d+"):
        publishing.write(project, output)
    assert publishing.contents(output) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "project"]


@pytest.mark.parametrize("iri", ["id/../x", "id/.hidden", "id//x", "id/a%5Cb", "id/a%00b", "id/x%3Fy"])
def test_iri_that_can_be_no_file_is_refused(iri: str) -> None:
    """An IRI whose path would leave the folder, or can be no file's name, is refused."""
    with pytest.raises(TriplomacyError, match="a part of its path is not a file name"):
        addresses.path(ROOT + iri, "html")


def write_twice(output: Path) -> None:
    """Write two things to one file of a folder."""
    with folder.replace_folder(output) as written:
        written.put("id/a.ttl", "x")
        written.put("id/a.ttl", "y")


def test_two_things_in_one_file_are_refused(tmp_path: Path) -> None:
    """Where two IRIs would be the same file, nothing is written."""
    with pytest.raises(TriplomacyError, match=r"two parts of the site would be the file id/a\.ttl"):
        write_twice(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


# The command


def test_command_tells_what_it_does(bare: Bare) -> None:
    """The command writes the folder, says on standard error what it is doing, and nothing on standard output."""
    assert (bare.done.returncode, bare.done.stdout) == (0, "")
    assert "triplomacy: reads the graphs and derives the views\n" in bare.done.stderr
    assert "triplomacy: writes documents: 0 of " in bare.done.stderr
    number = len(folder.files(bare.root))
    assert bare.done.stderr.endswith(f"triplomacy: wrote {number:,} files to {bare.root}\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--base-url", "data.example.org"), "--base-url takes an address such as"),
        (("--base-url", "https://example.org/a b"), "--base-url has a character"),
        (("--previous", "nowhere"), "nowhere: cannot be read"),
        (("--previous", "."), "is not a site; name a folder that triplomacy site wrote"),
        (("--release", "two"), "--release takes a version of three numbers"),
        (("--key", "nowhere.pem"), "nowhere.pem: cannot be read"),
        (("--wrong",), "no such option or argument: --wrong"),
    ],
)
def test_bad_input_is_told_in_one_line(arguments: tuple[str, ...], told: str, past: History, tmp_path: Path) -> None:
    """What cannot be done is told in one line that says what to do, with exit code 2, and nothing is written."""
    done = command("out", "--project", past.project.root, *arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_nanopublications_follow_the_releases(past: History) -> None:
    """What was published once stays, and what takes its place names it."""
    log = (past.later / "nanopublications" / "nanopublications.tsv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(log[0].split("\t"), line.split("\t"), strict=True)) for line in log[1:]]
    of_claim = [row for row in rows if row["claim"].endswith("/claim/marsh-leads-bureau")]
    assert [row["kind"] for row in of_claim] == ["claim", "claim", "retraction"]
    assert of_claim[1]["former"] == of_claim[0]["nanopublication"]
    for row in rows:
        code = row["nanopublication"].rpartition("/")[2]
        assert (past.later / "nanopublications" / "nanopub" / f"{code}.trig").is_file(), code


def test_key_signs_nanopublications(past: History, bare: Bare) -> None:
    """With a key every nanopublication is signed; without one none is."""
    for root, signed in ((bare.root, True), (past.first, False)):
        texts = [path.read_text(encoding="utf-8") for path in (root / "nanopublications").rglob("*.trig")]
        assert texts
        assert {"hasSignature" in text for text in texts} == {signed}


def test_plan_needs_no_base(past: History, bare: Bare) -> None:
    """Without a base address, addresses are those of the IRIs, and there are no rules that would lead there."""
    (canonical,) = page(bare.root / "id" / "ruritania.html").xpath("//link[@rel='canonical']/@href")
    assert canonical == ROOT + "id/ruritania.html"
    assert not (bare.root / "w3id.htaccess").exists()
    assert json.loads((past.first / "release" / "0.1.0" / "release.json").read_text(encoding="utf-8"))["before"] == ""


def test_run_has_its_files_beside_the_output(past: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run needs meanwhile lies beside the output, where the next one sweeps what a killed one left."""

    def stop(_: str) -> None:
        assert list((tmp_path / "temporary").iterdir()) == []
        raise InterruptedError

    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with pytest.raises(TriplomacyError):
        site.write(site.SitePlan(past.project, tmp_path / "out"), stop)


def test_current_folder_is_refused_before_the_work(
    past: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The current folder cannot be replaced by that name, which is said before any graph is read."""
    monkeypatch.chdir(tmp_path)
    steps: list[str] = []
    with pytest.raises(TriplomacyError, match="change to another folder"):
        site.write(site.SitePlan(past.project, Path()), steps.append)
    assert steps == []
