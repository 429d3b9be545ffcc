"""Claims as nanopublications: valid by the library's checks, the same each time, corrected and withdrawn."""

import re
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib

from tests.conftest import ROOT
from tests.support.keys import make_key
from triplomacy import build
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load
from triplomacy.errors import EngineUnavailable, MalformedInput, TriplomacyError
from triplomacy.publish import nanopublications, trusty
from triplomacy.publish.nanopublications import Graphs, LogLine, NanopublicationRelease, publish
from triplomacy.terms import GRAPH, ONTOLOGY, SOURCE, TRI
from triplomacy.validation.run import validate_project
from triplomacy.validation.vocabulary import usage

HERE = SOURCE + "gazette-1999/claim/"
DENIAL = HERE + "envoy-denies-arms"
SALE = HERE + "syldavia-sold-rifles"
NPX = "http://purl.org/nanopub/x/"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a private key that is thrown away afterwards."""
    return make_key(tmp_path_factory.mktemp("key") / "key.pem")


@pytest.fixture(scope="module")
def article() -> NanopublicationRelease:
    """Return the nanopublications of the project, unsigned."""
    return publish(build.graphs(Project(ROOT)))


@pytest.fixture
def edit(own_gazette: Project) -> Callable[..., Graphs]:
    """Return the function that replaces parts of the gazette's graph of arms and returns the graphs."""
    path = own_gazette.graphs / "gazette-1999" / "arms.ttl"

    def change(*pairs: tuple[str, str]) -> Graphs:
        for old, new in pairs:
            text = path.read_text(encoding="utf-8")
            assert text.count(old) >= 1
            path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return build.graphs(own_gazette)

    return change


def withdrawn(name: str, *said: str) -> tuple[str, str]:
    """Return the edit that adds a withdrawn claim at the end of the first passage's claims."""
    note = f'<claim/{name}> a tri:WithdrawnClaim ; <http://www.w3.org/2004/02/skos/core#changeNote> "Misread."@en ; '
    day = '<http://purl.org/dc/terms/modified> "2026-12-24"^^xsd:date'
    return "# Passage 08", f"{note}{' ; '.join([day, *said])} .\n\n# Passage 08"


def without(path: Path, name: str) -> None:
    """Remove a claim from a graph's file."""
    text = path.read_text(encoding="utf-8")
    fewer = re.sub(rf"<claim/{name}>\n    a tri:Claim ;.*?\n\n", "", text, flags=re.DOTALL)
    assert fewer != text
    path.write_text(fewer, encoding="utf-8")


def nanopub(text: str) -> Any:
    """Return the library's nanopublication of a text, as rdflib reads it."""
    with trusty.library():
        from nanopub.nanopub import Nanopub

        graph = rdflib.ConjunctiveGraph()
        graph.parse(data=text, format="trig")
        return Nanopub(rdf=graph)


def quads(text: str) -> list[ox.Quad]:
    """Return the quads of a text."""
    return list(ox.parse(text, format=ox.RdfFormat.TRIG))


def part(text: str, name: str) -> list[ox.Triple]:
    """Return the triples of one of the four graphs."""
    return [quad.triple for quad in quads(text) if str(quad.graph_name).endswith(f"#{name}>")]


def values(text: str, name: str, property_: str) -> list[str]:
    """Return the values of a property in one of the four graphs, sorted."""
    return sorted(str(t.object.value) for t in part(text, name) if t.predicate.value == property_)  # type: ignore[union-attr]


def current(release: NanopublicationRelease) -> dict[str, LogLine]:
    """Return the last record of each claim."""
    return {record.claim: record for record in release.log}


def is_signed(text: str) -> bool:
    """Verify the signature with the algorithm itself: the library's own check takes any."""
    with trusty.library():
        from base64 import b64decode

        from Crypto.Hash import SHA256
        from Crypto.PublicKey import RSA
        from Crypto.Signature import pkcs1_15
        from nanopub.trustyuri.rdf import RdfHasher, RdfUtils

        read = nanopub(text)
        signature, public = b64decode(read.metadata.signature), b64decode(read.metadata.public_key)
        terms = [q for q in RdfUtils.get_quads(read.rdf) if not str(q[2]).endswith("x/hasSignature")]
        said = RdfHasher.normalize_quads(terms, baseuri=str(read.metadata.namespace), hashstr=" ")
        try:
            pkcs1_15.new(RSA.import_key(public)).verify(SHA256.new(said.encode()), signature)
        except ValueError:
            return False
        return True


def test_each_claim_has_a_valid_nanopublication(article):
    """By the library's checks each claim's nanopublication is valid and has the IRI that its content gives."""
    claims = {s["claim"].value for s in load(Project(ROOT)).select("SELECT ?claim WHERE { ?claim a tri:Claim }")}
    assert {record.claim for record in article.log} == claims
    assert len(article.texts) == len(article.log) == len(claims)
    with trusty.library():
        for iri, text in article.texts.items():
            read = nanopub(text)
            assert (read.is_valid, read.has_valid_trusty, read.source_uri) == (True, True, iri)


def test_changed_text_is_found_out(article):
    """With one word changed the trusty IRI is not that of the text, by the library's check."""
    record = next(each for each in article.log if each.claim.endswith("/envoy-denies-request"))
    changed = article.texts[record.iri].replace("tri:stance tri:denies", "tri:stance tri:affirms")
    assert changed != article.texts[record.iri]
    with trusty.library():
        from nanopub.utils import MalformedNanopubError

        with pytest.raises(MalformedNanopubError, match="not valid"):
            _ = nanopub(changed).has_valid_trusty


def test_assertion_is_the_claim_and_not_the_fact(article):
    """An assertion describes the claim and what it is about, in full, and has no plain property of a view."""
    graphs = build.graphs(Project(ROOT))
    plain = {t.object for t in graphs[ONTOLOGY] if t.predicate == ox.NamedNode(TRI + "shortcut")}
    curated = {str(t) for graph, triples in graphs.items() if graph.startswith(GRAPH) for t in triples}
    assert plain
    for record in article.log:
        said = part(article.texts[record.iri], "assertion")
        assert not plain & {triple.predicate for triple in said}
        assert {str(triple) for triple in said} <= curated
        own = {str(t) for triples in graphs.values() for t in triples if str(t.subject) == f"<{record.claim}>"}
        assert own <= {str(triple) for triple in said}


def test_provenance_leads_to_the_characters(article):
    """Provenance names the spans with their hashes, the source with its own, and who read it; not who is quoted."""
    record = next(each for each in article.log if each.claim.endswith("/envoy-denies-request"))
    text = article.texts[record.iri]
    prov = "http://www.w3.org/ns/prov#"
    spans = [f"{SOURCE}lukin-2022/text#char={place}" for place in ("3205,3257", "3252,3256")]
    assert values(text, "provenance", prov + "wasDerivedFrom") == spans
    assert values(text, "provenance", prov + "hadPrimarySource") == [SOURCE + "lukin-2022"]
    assert values(text, "provenance", prov + "wasAttributedTo") == ["https://w3id.org/triplomacy/authors"]
    assert len(values(text, "provenance", TRI + "sha256")) == 4  # of both spans, of the passage, of the text


def test_publication_info_comes_from_the_graph(article):
    """Who publishes, the licence and the day are those of the claim's graph, and the label hedges as the claim does."""
    record = next(each for each in article.log if each.claim.endswith("/experts-speculate-about-troops"))
    text = article.texts[record.iri]
    terms = "http://purl.org/dc/terms/"
    assert values(text, "pubinfo", terms + "created") == ["2026-11-23T00:00:00Z"]
    assert values(text, "pubinfo", terms + "license") == ["https://creativecommons.org/licenses/by/4.0/"]
    assert values(text, "pubinfo", NPX + "introduces") == [record.claim]
    (label,) = values(text, "pubinfo", "http://www.w3.org/2000/01/rdf-schema#label")
    assert "affirms (possible): " in label


def test_rows_are_provenance_too(article):
    """A claim read from a table leads to its rows, their keys and the hash of the file."""
    record = next(each for each in article.log if each.claim.endswith("/un-es-11-1/claim/votes-against"))
    text = article.texts[record.iri]
    assert values(text, "provenance", TRI + "key") == ["BLR", "ERI", "PRK", "RUS", "SYR"]
    assert len(values(text, "provenance", TRI + "sha256")) == 1


def test_second_release_changes_nothing(article):
    """Published again with the log, and without it, the texts are the same to the byte, and the log does not grow."""
    graphs = build.graphs(Project(ROOT))
    assert publish(graphs, log=article.log) == article
    assert publish(graphs) == article


def test_bytes_are_the_same_in_another_process(key, own_gazette):
    """Two processes write the same signed bytes."""
    program = (
        "import sys, hashlib; from pathlib import Path; from triplomacy import build; "
        "from triplomacy.publish import nanopublications, trusty; "
        "from triplomacy.dataset import Project; graphs = build.graphs(Project(Path(sys.argv[1]))); "
        "files = nanopublications.publish(graphs, key=trusty.read_key(Path(sys.argv[2]))).files(); "
        "print(hashlib.sha256(repr(sorted(files.items())).encode()).hexdigest())"
    )
    command = [sys.executable, "-c", program, str(own_gazette.root), str(key)]
    said = {subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2)}
    assert len(said) == 1


def test_unsigned_iri_is_the_librarys(article):
    """Where there is no key, the IRI and the quads are those that the library's own replacement gives."""
    iri, text = next(iter(article.texts.items()))
    lines = (
        "".join(f"{quad} .\n" for quad in quads(text))
        .replace(f"<{iri}#", f"<{trusty.DRAFT}")
        .replace(iri, trusty.DRAFT)
    )
    draft = list(ox.parse(lines, format=ox.RdfFormat.N_QUADS))
    with trusty.library():
        from nanopub.sign_utils import replace_trusty_in_graph
        from nanopub.trustyuri.rdf import RdfHasher, RdfUtils

        graph = rdflib.ConjunctiveGraph()
        graph.parse(data=lines, format="nquads")
        code = RdfHasher.make_hash(RdfUtils.get_quads(graph), baseuri=trusty.DRAFT, hashstr=" ")
        theirs = replace_trusty_in_graph(code, trusty.DRAFT, graph).serialize(format="nquads")
    assert trusty.SPACE + code == iri
    assert {str(q) for q in ox.parse(theirs, format=ox.RdfFormat.N_QUADS)} == {str(q) for q in quads(text)}
    assert trusty.finish(draft, None)[0] == iri


def test_signature_is_valid_and_found_out(key, edit):
    """A signed nanopublication is valid by the library and by the algorithm; with a word changed it is not."""
    private = trusty.read_key(key)
    release = publish(edit(), key=private)
    for iri, text in release.texts.items():
        with trusty.library():
            read = nanopub(text)
            assert (read.is_valid, read.has_valid_trusty, read.has_valid_signature) == (True, True, True)
            assert read.metadata.public_key.value == trusty.public_key(private)
        assert is_signed(text)
        assert values(text, "pubinfo", NPX + "signedBy") == ["https://w3id.org/triplomacy/authors"]
        assert values(text, "pubinfo", NPX + "hasSignatureTarget") == [iri]
    denial = release.texts[current(release)[DENIAL].iri]
    assert not is_signed(denial.replace("tri:stance tri:denies", "tri:stance tri:affirms"))


def test_corrected_claim_supersedes(edit):
    """A claim that says something else supersedes its former nanopublication, and the others keep theirs."""
    first = publish(edit())
    second = publish(
        edit(
            (
                "tri:orientation tri:past ;\n    tri:act tri:rebuttal",
                "tri:orientation tri:present ;\n    tri:act tri:rebuttal",
            )
        ),
        log=first.log,
    )
    changed = current(second)[DENIAL]
    assert changed.former == (current(first)[DENIAL].iri,)
    assert values(second.texts[changed.iri], "pubinfo", NPX + "supersedes") == list(changed.former)
    assert second.log == (*first.log, changed)
    assert set(first.texts) - set(second.texts) == set(changed.former)
    assert publish(edit(), log=second.log) == second


def test_correction_is_of_the_day_that_the_graph_says(edit, own_gazette):
    """A corrected claim has the day on which its graph was last corrected, and an untouched one keeps its own."""
    first = publish(edit())
    path = own_gazette.graphs / "gazette-1999" / "graph.ttl"
    text = path.read_text(encoding="utf-8")
    day = re.search(r"    dcterms:created .*;\n", text)
    assert day
    path.write_text(text.replace(day[0], f'{day[0]}    dcterms:modified "2027-01-05"^^xsd:date ;\n'), encoding="utf-8")
    second = publish(edit(("tri:act tri:rebuttal", "tri:act tri:statement")), log=first.log)
    changed = current(second)[DENIAL]
    assert changed.created == "2027-01-05"
    assert [record for record in second.log if record.created == "2027-01-05"] == [changed]


def test_withdrawn_claim_is_retracted(edit, own_gazette):
    """A withdrawn claim's nanopublication is retracted on its day and for its reason, once and for all."""
    first = publish(edit())
    without(own_gazette.graphs / "gazette-1999" / "arms.ttl", "envoy-denies-arms")
    second = publish(edit(withdrawn("envoy-denies-arms")), log=first.log)
    record = current(second)[DENIAL]
    assert (record.kind, record.former, record.created) == ("retraction", (current(first)[DENIAL].iri,), "2026-12-24")
    text = second.texts[record.iri]
    assert values(text, "assertion", NPX + "retracts") == list(record.former)
    assert values(text, "pubinfo", "http://purl.org/dc/terms/description") == ["Misread."]
    with trusty.library():
        read = nanopub(text)
        assert (read.is_valid, read.has_valid_trusty) == (True, True)
    assert set(second.texts) == set(first.texts) - set(record.former) | {record.iri}
    assert publish(edit(), log=second.log) == second


def test_claim_that_is_gone_is_retracted(edit, own_gazette):
    """So is one that is not there any more, though nothing says why."""
    first = publish(edit())
    without(own_gazette.graphs / "gazette-1999" / "arms.ttl", "envoy-denies-arms")
    second = publish(edit(), log=first.log)
    record = current(second)[DENIAL]
    assert (record.kind, record.former) == ("retraction", (current(first)[DENIAL].iri,))
    assert second.log == (*first.log, record)


def test_replaced_claim_is_superseded(edit, own_gazette):
    """The claim that replaces a withdrawn one supersedes it, whether it is new or was there; nothing is retracted."""
    first = publish(edit())
    without(own_gazette.graphs / "gazette-1999" / "arms.ttl", "envoy-denies-arms")
    replaced = "<http://purl.org/dc/terms/isReplacedBy> <claim/syldavia-sold-rifles>"
    second = publish(edit(withdrawn("envoy-denies-arms", replaced)), log=first.log)
    record = current(second)[SALE]
    assert record.former == tuple(sorted(current(first)[claim].iri for claim in (DENIAL, SALE)))
    assert {each.kind for each in second.log} == {"claim"}
    assert publish(edit(), log=second.log) == second


def test_claim_may_come_back(edit, own_gazette):
    """A claim that was retracted and is there again gets a nanopublication that supersedes nothing."""
    graphs = edit()
    first = publish(graphs)
    without(own_gazette.graphs / "gazette-1999" / "arms.ttl", "envoy-denies-arms")
    second = publish(edit(), log=first.log)
    third = publish(graphs, log=second.log)
    assert (current(third)[DENIAL].kind, current(third)[DENIAL].former) == ("claim", ())
    assert len(third.log) == len(second.log) + 1
    assert publish(graphs, log=third.log) == third


def test_another_key_supersedes(edit, tmp_path):
    """With another key every claim has another nanopublication, which supersedes the unsigned one."""
    graphs = edit()
    first = publish(graphs)
    second = publish(graphs, key=trusty.read_key(make_key(tmp_path / "other.pem")), log=first.log)
    for claim, record in current(second).items():
        assert record.former == (current(first)[claim].iri,)


def test_log_is_read_as_it_was_written(article, edit, own_gazette):
    """The log comes back from its file, with former nanopublications and retractions."""
    first = publish(edit())
    without(own_gazette.graphs / "gazette-1999" / "arms.ttl", "envoy-denies-arms")
    for log in (article.log, publish(edit(), log=first.log).log, ()):
        assert nanopublications.of_tsv(nanopublications.to_tsv(log)) == log


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (lambda text: text.replace("claim\tnano", "claim\tna", 1), 1),
        (lambda text: text + "one\ttwo\n", 12),
        (lambda text: text.replace("\tclaim\t", "\tretreat\t", 1), 2),
        (lambda text: text.replace(trusty.SPACE, "https://example.com/", 1), 2),
        (lambda text: text.replace("\n", "\n\n", 1), 2),
        (lambda _: "", 1),
    ],
)
def test_malformed_log_is_refused(edit, spoil, line):
    """A log that is none is refused with the file and the line."""
    text = nanopublications.to_tsv(publish(edit()).log[:10])
    with pytest.raises(MalformedInput) as caught:
        nanopublications.of_tsv(spoil(text), "log.tsv")
    assert (caught.value.path, caught.value.line) == ("log.tsv", line)


@pytest.mark.parametrize("form", [{}, {"pkcs": 8}, {"format": "DER"}])
def test_keys_are_read(tmp_path, form):
    """PEM in PKCS #1 and #8 is read, and what the library writes to its own file; DER is not PEM."""
    path = make_key(tmp_path / "key", **form)
    if form.get("format") == "DER":
        with pytest.raises(TriplomacyError, match="PEM"):
            trusty.read_key(path)
        return
    key = trusty.read_key(path)
    (tmp_path / "id_rsa").write_text(key + "\n", encoding="utf-8")
    assert trusty.read_key(tmp_path / "id_rsa") == key
    assert trusty.public_key(key).startswith("MIIB")


def test_other_files_are_no_keys(tmp_path, key):
    """A public key, a short one, one with a password, something else and nothing are refused with the file."""
    from Crypto.PublicKey import RSA

    (tmp_path / "public").write_bytes(RSA.import_key(key.read_bytes()).publickey().export_key())
    make_key(tmp_path / "short", bits=1024)
    make_key(tmp_path / "locked", passphrase="secret")
    (tmp_path / "text").write_text("no key", encoding="utf-8")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    messages = {
        "public": "private",
        "short": "1024 bits",
        "locked": "password",
        "text": "not a private",
        "binary": "not a private",
    }
    for name, message in {**messages, "absent": "cannot be read", ".": "cannot be read"}.items():
        with pytest.raises(TriplomacyError, match=message) as caught:
            trusty.read_key(tmp_path / name)
        assert caught.value.path == tmp_path / name


def test_library_leaves_no_trace():
    """Outside of the block rdflib reads literals as before, and warnings are as before."""
    before = rdflib.NORMALIZE_LITERALS, list(warnings.filters)
    with trusty.library():
        assert not rdflib.NORMALIZE_LITERALS
    assert (rdflib.NORMALIZE_LITERALS, list(warnings.filters)) == before


def test_without_the_library_it_is_said(monkeypatch, edit):
    """Where the library is not installed, the error says what to install."""
    monkeypatch.setitem(sys.modules, "nanopub", None)
    with pytest.raises(EngineUnavailable, match=re.escape("triplomacy[nanopub]")):
        publish(edit())


def test_too_large_claims_are_refused(edit):
    """A claim with more triples than the network takes is refused, and so is one with a blank node."""
    many = "".join(f" ; tri:arguesFor <claim/{number}>" for number in range(trusty.LARGEST))
    with pytest.raises(TriplomacyError, match="1200 triples at most"):
        publish(edit(("tri:act tri:rebuttal", f"tri:act tri:rebuttal{many}")))
    with pytest.raises(TriplomacyError, match="blank node"):
        publish(edit((many, " ; tri:condition []")))


def test_files_are_named_by_the_code(article):
    """Each text lies where its IRI leads, and the log beside them."""
    files = article.files()
    assert set(files) == {nanopublications.LOG, *(f"nanopub/{iri.rpartition('/')[2]}.trig" for iri in article.texts)}
    for iri, text in article.texts.items():
        assert iri == f"https://w3id.org/triplomacy/nanopub/{iri.rpartition('/')[2]}"
        assert files[f"nanopub/{iri.rpartition('/')[2]}.trig"] == text.encode()


def test_numbers_are_written_with_their_datatype(article):
    """No literal depends on a reader's shorthand for numbers or truth values."""
    text = next(iter(article.texts.values()))
    bare = [line for line in text.splitlines() if re.search(r"\s(\d+|true|false)\s*[;.]$", line)]
    assert bare == []


def test_links_to_a_withdrawn_claim_are_found(edit, own_gazette):
    """A claim that answers a withdrawn one breaks a shape, as does a withdrawn claim without day and reason."""
    without(own_gazette.graphs / "gazette-1999" / "arms.ttl", "syldavia-sold-rifles")
    edit(withdrawn("syldavia-sold-rifles"), ("# Passage 10", "<claim/gone> a tri:WithdrawnClaim .\n\n# Passage 10"))
    found = {(finding.focus, finding.path) for finding in validate_project(own_gazette).findings}
    assert (f"<{DENIAL}>", f"<{TRI}respondsTo>") in found
    for name in ("http://purl.org/dc/terms/modified", "http://www.w3.org/2004/02/skos/core#changeNote"):
        assert (f"<{HERE}gone>", f"<{name}>") in found
    assert not any(focus == f"<{SALE}>" for focus, _ in found)


def test_withdrawn_claim_is_no_fact(edit, own_gazette):
    """What was claimed is in no view any more once the claim is withdrawn."""
    fact = "<https://w3id.org/triplomacy/id/syldavia> <https://w3id.org/triplomacy/ontology#suppliesArmsTo>"
    assert any(str(t).startswith(fact) for triples in edit().values() for t in triples)
    without(own_gazette.graphs / "gazette-1999" / "arms.ttl", "syldavia-sold-rifles")
    graphs = edit(withdrawn("syldavia-sold-rifles"))
    assert not any(str(t).startswith(fact) for triples in graphs.values() for t in triples)
    assert ox.NamedNode(TRI + "WithdrawnClaim") in usage(graphs[GRAPH + "gazette-1999"]).classes
