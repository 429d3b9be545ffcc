"""Spans and passages against a text: what is verified, what is found, and how a new span is made."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import rdflib

from tests.conftest import GAZETTE, SECOND
from triplomacy.claims import evidence
from triplomacy.claims.evidence import Source
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load, load_files
from triplomacy.errors import MalformedInput, TriplomacyError, UnknownName
from triplomacy.findings import Finding, Severity
from triplomacy.terms import OA, PREFIXES, TRI

BASE = "https://w3id.org/triplomacy/source/gazette-1999/"


def named(found: Sequence[Finding]) -> list[str]:
    """Return what the findings are about, relative to the gazette's base."""
    return [finding.focus[1:-1].removeprefix(BASE) if finding.focus else "" for finding in found]


@pytest.fixture
def source(gazette: Dataset) -> Source:
    """Return the invented gazette as a source."""
    (only,) = evidence.sources(gazette)
    return only


def changed(project: Project, old: str, new: str) -> Dataset:
    """Return the graphs of a project after a change of its only occurrence of *old* to the file of the source."""
    path = project.graphs / "gazette-1999" / "source.ttl"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return load(project)


def verified(dataset: Dataset, text: str) -> tuple[Finding, ...]:
    """Return what verifying the gazette against a text finds."""
    return evidence.verify(dataset, text, evidence.choose_source(dataset, text)).findings


def test_gazette_is_verified(gazette, gazette_text):
    """Every span and every passage of the gazette has the hash of its characters, and every passage says something."""
    result = evidence.verify(gazette, gazette_text, evidence.choose_source(gazette, gazette_text))
    assert result.findings == ()
    assert result.spans == len(evidence.spans(gazette, result.source)) > 20
    assert len(result.passages) == 15


def test_article_is_verified(article, article_text):
    """Every span and every passage of the article has the hash of its characters, and every passage says something."""
    text = evidence.read_text(article_text)
    result = evidence.verify(article, text, evidence.choose_source(article, text))
    assert [finding.message for finding in result.findings] == []
    assert result.source.name == "lukin-2022"
    assert result.spans > 150
    assert len(result.passages) > 55


def test_positions_count_code_points(gazette, gazette_text, source):
    """A position is neither a number of bytes nor of UTF-16 units: the three differ from the first line on."""
    (sale,) = (span for span in evidence.spans(gazette, source) if span.iri.endswith("#char=213,254"))
    phrase = "Syldavia sold rifles to Ruritania in 1997"
    assert gazette_text[sale.start : sale.end] == phrase
    assert gazette_text.encode()[sale.start : sale.end] != phrase.encode()
    assert gazette_text.encode("utf-16-le")[2 * sale.start : 2 * sale.end] != phrase.encode("utf-16-le")


def test_fixture_text_has_the_hard_characters(gazette_text, source):
    """The gazette has a curly quotation mark, a no-break space and a character beyond the basic plane, and no CR."""
    assert all(character in gazette_text for character in "’“”\u00a0\U0001f54a")
    assert "\r" not in gazette_text
    assert len(gazette_text) == source.length
    assert len({len(gazette_text), len(gazette_text.encode()), len(gazette_text.encode("utf-16-le")) // 2}) == 3


def test_spans_and_passages_are_in_the_order_of_the_text(gazette, source):
    """Both lists follow the text, and each passage names its voice and its claims."""
    spans = evidence.spans(gazette, source)
    passages = evidence.passages(gazette, source)
    assert [span.start for span in spans] == sorted(span.start for span in spans)
    assert [part.anchor.iri.removeprefix(BASE) for part in passages] == [f"passage/{n:02}" for n in range(1, 16)]
    assert passages[0].omission == "The masthead."
    assert passages[1].voice.endswith("/strelsau-gazette")
    assert [claim.removeprefix(BASE) for claim in passages[4].claims] == [
        "claim/envoy-denies-arms",
        "claim/syldavia-sold-rifles",
    ]


@pytest.mark.parametrize("position", [0, 213, 253, 254, 310, 1259])
def test_one_changed_character_is_found_where_it_stands(gazette, gazette_text, source, position):
    """A changed character is found in the text, and in exactly the passages and spans that contain it."""
    text = f"{gazette_text[:position]}#{gazette_text[position + 1 :]}"
    anchors = [*(part.anchor for part in evidence.passages(gazette, source)), *evidence.spans(gazette, source)]
    containing = [anchor.iri.removeprefix(BASE) for anchor in anchors if anchor.start <= position < anchor.end]
    found = verified(gazette, text)
    assert containing
    assert named(found) == ["text", *containing]
    assert found[0].message.startswith("The text is not the one that gazette-1999 was read from; it has 1261")
    assert {finding.severity for finding in found} == {Severity.VIOLATION}
    assert {finding.check for finding in found} == {"evidence"}


def test_inserted_character_moves_all_that_follows(gazette, gazette_text, source):
    """A character more moves everything behind it, and the message counts code points."""
    found = verified(gazette, gazette_text[:400] + " " + gazette_text[400:])
    assert "it has 1262 code points and 1261 are recorded" in found[0].message
    behind = [span.iri.removeprefix(BASE) for span in evidence.spans(gazette, source) if span.end > 400]
    before = [span.iri.removeprefix(BASE) for span in evidence.spans(gazette, source) if span.end <= 400]
    assert set(behind) <= set(named(found))
    assert not set(before) & set(named(found))


def test_carriage_returns_get_one_clear_message(gazette, gazette_text):
    """A text with CR LF is told so first, then every position that it moved."""
    found = verified(gazette, gazette_text.replace("\n", "\r\n"))
    assert [finding.message for finding in found if "CR LF" in finding.message] == [
        "The text is not the one that gazette-1999 was read from; "
        "it has CR LF line ends where the hashed text has LF: convert them."
    ]
    assert "CR LF" in found[0].message
    assert "passage/01" not in named(found)
    assert {"passage/02", "passage/15"} < set(named(found))


def test_text_of_another_source_fits_nowhere(gazette, source):
    """Another text has no passage of the source, and each of them is named."""
    found = verified(gazette, "Something else altogether.")
    assert named(found)[0] == "text"
    assert set(named(found)[1:]) == {
        *(part.anchor.iri.removeprefix(BASE) for part in evidence.passages(gazette, source)),
        *(span.iri.removeprefix(BASE) for span in evidence.spans(gazette, source)),
    }
    assert "is not a range of a text of 26 code points" in found[-1].message


def test_swapped_offsets_are_no_range(own_gazette, gazette_text):
    """A start behind its end is found, with both numbers; the text that is no longer covered too."""
    old = '    oa:start "75"^^xsd:nonNegativeInteger ;\n    oa:end "115"^^xsd:nonNegativeInteger ;'
    new = '    oa:start "115"^^xsd:nonNegativeInteger ;\n    oa:end "75"^^xsd:nonNegativeInteger ;'
    dataset = changed(own_gazette, old, new)
    range_, gap = verified(dataset, gazette_text)
    assert range_.focus == f"<{BASE}passage/03>"
    assert range_.path == f"<{OA}start>"
    assert range_.message.startswith("115 to 75 is not a range of a text of 1261 code points")
    assert "from 75 to 115 belong to no passage" in gap.message


def test_empty_range_is_no_range(own_gazette, gazette_text):
    """A range of no characters is found, though the hash be that of nothing."""
    dataset = changed(own_gazette, 'oa:end "115"', 'oa:end "75"')
    path = own_gazette.graphs / "gazette-1999" / "source.ttl"
    text = path.read_text(encoding="utf-8").replace(evidence.sha256(gazette_text[75:115]), evidence.sha256(""))
    path.write_text(text, encoding="utf-8")
    for loaded in (dataset, load(own_gazette)):
        assert verified(loaded, gazette_text)[0].message.startswith("75 to 75 is not a range")


def test_passage_within_another_leaves_no_gap(own_gazette, gazette_text):
    """What a longer passage covers is covered, though a shorter one ends before it."""
    within = (
        '<passage/00>\n    a tri:Passage ;\n    dcterms:isPartOf <../gazette-1999> ;\n    tri:omission "None."@en ;\n'
        f'    oa:start "76"^^xsd:integer ;\n    oa:end "80"^^xsd:integer ;\n'
        f'    tri:sha256 "{evidence.sha256(gazette_text[76:80])}" .\n\n<passage/04>\n'
    )
    dataset = changed(own_gazette, "<passage/04>\n", within)
    assert len(evidence.passages(dataset, evidence.sources(dataset)[0])) == 16
    assert verified(dataset, gazette_text) == ()


def test_changed_digit_of_a_hash_is_found(own_gazette, gazette_text, source):
    """One digit of one hash is enough, and only its span is named."""
    path = own_gazette.graphs / "gazette-1999" / "arms.ttl"
    digest = evidence.sha256(gazette_text[213:254])
    text = path.read_text(encoding="utf-8")
    assert text.count(digest) == 1
    path.write_text(text.replace(digest, digest[:-1] + ("0" if digest[-1] != "0" else "1")), encoding="utf-8")
    (finding,) = verified(load(own_gazette), gazette_text)
    assert finding.focus == f"<{source.text}#char=213,254>"
    assert finding.path == f"<{TRI}sha256>"
    assert "do not have the recorded hash" in finding.message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('oa:start "75"^^xsd:nonNegativeInteger', 'oa:start "seventy"^^xsd:nonNegativeInteger'),
        ('oa:start "75"^^xsd:nonNegativeInteger', 'oa:start "-75"^^xsd:nonNegativeInteger'),
        ('    oa:start "75"^^xsd:nonNegativeInteger ;\n', ""),
    ],
)
def test_position_that_is_no_number_is_found(own_gazette, gazette_text, old, new):
    """A passage whose position is missing or malformed is named: it does not go unverified."""
    found = verified(changed(own_gazette, old, new), gazette_text)
    assert named(found) == ["passage/03", ""]
    assert found[0].message.startswith("Its position or its hash is missing or malformed")


def test_span_without_hash_is_found(own_gazette, gazette_text):
    """A span that says no hash is named: it does not go unverified."""
    path = own_gazette.graphs / "gazette-1999" / "arms.ttl"
    text, count = re.subn(r"    tri:sha256 \"\w+\" ;\n", "", path.read_text(encoding="utf-8"), count=1)
    assert count == 1
    path.write_text(text, encoding="utf-8")
    assert named(verified(load(own_gazette), gazette_text)) == ["text#char=213,254"]


def test_length_that_is_no_number_is_an_error(own_gazette, gazette_text):
    """A source whose length is not a number is an error that names the text."""
    dataset = changed(own_gazette, "tri:length 1261", 'tri:length "many"')
    with pytest.raises(TriplomacyError, match=r"length of <.*gazette-1999/text> is 'many'"):
        verified(dataset, gazette_text)


def without_block(project: Project, subject: str) -> Dataset:
    """Return the graphs of a project without one block of the file of the source."""
    path = project.graphs / "gazette-1999" / "source.ttl"
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    kept = [block for block in blocks if not block.startswith(f"{subject}\n")]
    assert len(kept) == len(blocks) - 1
    path.write_text("\n\n".join(kept) + "\n", encoding="utf-8")
    return load(project)


@pytest.mark.parametrize(("number", "start", "end"), [(1, 0, 29), (14, 1190, 1236), (15, 1238, 1260)])
def test_gap_between_passages_is_found(own_gazette, gazette_text, number, start, end):
    """Characters of no passage are found with their range, at the beginning, in the middle and at the end."""
    found = verified(without_block(own_gazette, f"<passage/{number:02}>"), gazette_text)
    (gap,) = (finding for finding in found if finding.focus is None)
    assert gap.message == f"The characters from {start} to {end} belong to no passage; add one."


def test_white_space_is_no_gap(gazette, gazette_text):
    """Blanks and line ends between the passages need no passage of their own."""
    parts = evidence.passages(gazette, evidence.sources(gazette)[0])
    between = [gazette_text[a.anchor.end : b.anchor.start] for a, b in pairwise(parts)]
    assert {"\n", "\n\n", " "} == set(between)
    assert verified(gazette, gazette_text) == ()


def test_silent_passage_is_found(own_gazette, gazette_text):
    """A passage that carries no claim has to say why."""
    dataset = changed(own_gazette, ' ;\n    tri:omission "The masthead."@en', "")
    (finding,) = verified(dataset, gazette_text)
    assert finding.focus == f"<{BASE}passage/01>"
    assert finding.path == f"<{TRI}omission>"
    assert "does not say why" in finding.message


def test_text_is_read_as_it_is(tmp_path):
    """Reading changes nothing: neither line ends nor a byte order mark."""
    path = tmp_path / "text.txt"
    path.write_bytes("\ufeffa\r\nb\rc\u2028\n".encode())
    assert evidence.read_text(path) == "\ufeffa\r\nb\rc\u2028\n"


def test_text_that_is_not_utf8_is_an_error_at_its_line(tmp_path):
    """A text in another encoding is refused with the line of the first wrong byte."""
    path = tmp_path / "latin.txt"
    path.write_bytes(b"one\ntwo\nthr\xe9e\n")
    with pytest.raises(MalformedInput, match=r"latin\.txt:3: not UTF-8"):
        evidence.read_text(path)


@pytest.mark.parametrize("name", ["nothing.txt", "."])
def test_text_that_cannot_be_read_is_an_error(tmp_path, name):
    """A text that is not there, or a folder, is an error with its path."""
    with pytest.raises(TriplomacyError, match="cannot be read") as caught:
        evidence.read_text(tmp_path / name)
    assert caught.value.path == tmp_path / name


def test_quotation_is_located_in_code_points(gazette_text):
    """A quotation that stands once is found by code points, curly quotation marks and all."""
    start, end = evidence.locate(gazette_text, "Syldavia’s envoy")
    assert gazette_text[start:end] == "Syldavia’s envoy"
    assert (start, end) == (260, 276)


@pytest.mark.parametrize(
    ("quotation", "message"),
    [
        ("Syldavia's envoy", "stands 0 times in the text; copy it as it stands"),
        ("", "stands 0 times"),
        ("the Zenda Republic", "stands 4 times in the text; take in more words"),
        ("Pact of Klow.\nNo other", "stands 0 times"),
    ],
)
def test_quotation_that_stands_not_once_is_refused(gazette_text, quotation, message):
    """A quotation that is absent or ambiguous gets advice on how to give it."""
    with pytest.raises(TriplomacyError, match=message):
        evidence.locate(gazette_text, quotation)


HEAD = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items()) + f"@base <{BASE}> .\n"


def test_new_span_is_the_one_in_the_graph(gazette, gazette_text, source):
    """Made anew, every span of the graph is the same Turtle, word by word, and the same triples."""
    files = "".join(path.read_text(encoding="utf-8") for path in sorted(SECOND.rglob("gazette-1999/*.ttl")))
    for span in evidence.spans(gazette, source):
        made = evidence.new_span(gazette, source, gazette_text, span.start, span.end)
        assert made in files
        assert len(rdflib.Graph().parse(data=HEAD + made, format="turtle")) == 5
        assert set(rdflib.Graph().parse(data=HEAD + made, format="turtle").subjects()) == {rdflib.URIRef(span.iri)}


def test_new_span_names_every_passage_that_it_touches(gazette, gazette_text, source):
    """A span over two sentences is in both passages, and they are named once each in the order of the text."""
    made = evidence.new_span(gazette, source, gazette_text, 100, 130)
    assert "    tri:inPassage <passage/03>, <passage/04> .\n" in made


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        (5, 5, "5 to 5 is not a range"),
        (9, 5, "9 to 5 is not a range"),
        (-1, 5, "-1 to 5 is not a range"),
        (0, 1262, "0 to 1262 is not a range of a text of 1261 code points; the end is exclusive"),
        (115, 120, "begins or ends with white space"),
        (75, 116, "begins or ends with white space"),
    ],
)
def test_range_that_is_no_span_is_refused(gazette, gazette_text, source, start, end, message):
    """An empty, reversed, overlong or untrimmed range is refused with the reason."""
    with pytest.raises(TriplomacyError, match=message):
        evidence.new_span(gazette, source, gazette_text, start, end)


def test_range_in_no_passage_is_refused(own_gazette, gazette_text):
    """A range that no passage touches is refused: the passage comes first."""
    dataset = without_block(own_gazette, "<passage/03>")
    (source,) = evidence.sources(dataset)
    with pytest.raises(TriplomacyError, match="lies in no passage"):
        evidence.new_span(dataset, source, gazette_text, 75, 84)


@pytest.mark.parametrize(
    ("start", "end", "touched"), [(75, 115, ["03"]), (114, 117, ["03", "04"]), (115, 116, []), (0, 1, ["01"])]
)
def test_passages_at_a_range(gazette, source, start, end, touched):
    """The end of a range and of a passage are exclusive: the blank between two sentences touches neither."""
    found = evidence.passages_at(gazette, source, start, end)
    assert [part.anchor.iri.removeprefix(BASE + "passage/") for part in found] == touched


OTHER = """
@prefix tri: <https://w3id.org/triplomacy/ontology#> .
@base <https://w3id.org/triplomacy/source/courier-2000/> .
<../courier-2000> a tri:Source ; tri:text <text> .
<text> tri:length 5 ; tri:sha256 "{sha256}" .
"""


def with_other(project: Project, text: str) -> Dataset:
    """Return the graphs of a project with a second source of that text."""
    folder = project.graphs / "courier-2000"
    folder.mkdir()
    (folder / "source.ttl").write_text(OTHER.format(sha256=evidence.sha256(text)), encoding="utf-8")
    return load(project)


def test_source_is_chosen_by_its_text(own_gazette, gazette_text):
    """Of several sources, the text says which one it is."""
    dataset = with_other(own_gazette, "Other")
    assert evidence.choose_source(dataset, gazette_text).name == "gazette-1999"
    assert evidence.choose_source(dataset, "Other").name == "courier-2000"


def test_source_is_chosen_by_name(own_gazette, gazette_text):
    """A name is stronger than the text: so a text that has changed can be verified all the same."""
    dataset = with_other(own_gazette, "Other")
    assert evidence.choose_source(dataset, gazette_text, "courier-2000").name == "courier-2000"


def test_only_source_needs_no_name(gazette):
    """Where there is one source, it is meant, whatever the text."""
    assert evidence.choose_source(gazette, "anything").name == "gazette-1999"


def test_text_of_no_source_is_refused(own_gazette):
    """A text of none of several sources is refused, with their names."""
    with pytest.raises(TriplomacyError, match="of none of the sources courier-2000, gazette-1999; say which"):
        evidence.choose_source(with_other(own_gazette, "Other"), "anything")


def test_text_of_two_sources_is_refused(own_gazette, gazette_text):
    """A text that two sources share is refused, with their names."""
    with pytest.raises(TriplomacyError, match="of each of the sources courier-2000, gazette-1999; say which"):
        evidence.choose_source(with_other(own_gazette, gazette_text), gazette_text)


def test_unknown_source_is_refused_with_the_nearest(gazette, gazette_text):
    """A name that no source has is refused, and the nearest is offered."""
    with pytest.raises(UnknownName, match="no such source: gazette-1989; did you mean gazette-1999"):
        evidence.choose_source(gazette, gazette_text, "gazette-1989")


def test_project_without_source_is_refused(own_gazette, gazette_text):
    """Where no source has a text, there is nothing to verify, and that is said."""
    dataset = without_block(own_gazette, "<text>")
    with pytest.raises(TriplomacyError, match="no source here has a text"):
        evidence.choose_source(dataset, gazette_text)


def test_coverage_has_a_line_a_passage_and_the_sums(gazette, gazette_text, source):
    """Each passage has its range and what it carries, and the last line adds up."""
    lines = evidence.coverage(evidence.verify(gazette, gazette_text, source)).splitlines()
    assert len(lines) == 16
    assert lines[0] == "  01  0–29         The masthead."
    assert lines[2].split() == ["03", "75–115", "1", "claim"]
    assert lines[4].split() == ["05", "213–336", "2", "claims"]
    spans = len(evidence.spans(gazette, source))
    assert lines[-1] == f"gazette-1999: {spans} spans, 15 passages: 13 carry claims, 2 say why not; no findings"


def test_coverage_counts_a_silent_passage_as_a_finding(own_gazette, gazette_text, source):
    """A passage that neither carries a claim nor says why has 0 claims, and the sums have a finding."""
    dataset = changed(own_gazette, ' ;\n    tri:omission "The masthead."@en', "")
    lines = evidence.coverage(evidence.verify(dataset, gazette_text, source)).splitlines()
    assert lines[0].split() == ["01", "0–29", "0", "claims"]
    assert lines[-1].endswith("13 carry claims, 1 say why not; 1 finding")


def test_text_has_not_been_rewritten(gazette_text, source):
    """The gazette's file has the recorded hash: no checkout and no editor has changed its line ends."""
    assert evidence.sha256(evidence.read_text(GAZETTE)) == source.sha256
    assert evidence.read_text(GAZETTE) == gazette_text


def test_data_file_is_found_by_its_content_or_its_name(tmp_path):
    """The file with the content counts; else, of a source that is named, the one of that name, or its first."""
    contents = {"a.csv": b"k\n1\n", "b.csv": b"k\n2\n"}
    path = tmp_path / "data.ttl"
    path.write_text(
        f"@prefix tri: <{TRI}> . @prefix dcterms: <http://purl.org/dc/terms/> . @base <https://example.org/> .\n"
        + "".join(
            f"<{name}> a tri:DataFile ; dcterms:isPartOf <source/votes> ; tri:sha256 "
            f'"{hashlib.sha256(text).hexdigest()}" .'
            f'<row/{name}> tri:inFile <{name}> ; tri:key "1" .\n'
            for name, text in contents.items()
        ),
        encoding="utf-8",
    )
    dataset = load_files([path])

    def name(content: bytes, source: str | None, called: str = "") -> str | None:
        found = evidence.data_file(dataset, content, source, called)
        return found.iri.rpartition("/")[2] if found else None

    assert name(contents["b.csv"], None) == name(contents["b.csv"], "votes", "a.csv") == "b.csv"
    assert name(b"", None, "b.csv") is name(contents["a.csv"], "other") is None
    assert (name(b"", "votes", "b.csv"), name(b"", "votes", "c.csv")) == ("b.csv", "a.csv")


def test_rows_are_those_of_the_file():
    """The keys stand in the first column below the header; a row with another one is a finding, and so is the hash."""
    content = b"key,value\n1,2\n3,4\n"
    rows = {"urn:1": "1", "urn:3": "3", "urn:2": "2", "urn:key": "key"}
    file = evidence.DataFile("urn:f", "votes", hashlib.sha256(content).hexdigest(), rows)
    assert [finding.focus for finding in evidence.verify_rows(file, content)] == ["<urn:2>", "<urn:key>"]
    found = evidence.verify_rows(replace(file, rows={}), content + b"\n")
    assert [finding.message.partition(";")[0] for finding in found] == ["The file does not have the recorded hash"]


def test_coverage_names_the_files_of_claims(gazette, gazette_text, source):
    """With the files of claims a line names those that have the passage's, each once, sorted."""
    verified = evidence.verify(gazette, gazette_text, source)
    claims = verified.passages[5].claims
    files = {claim: Path(name) for claim, name in zip(claims, ("x/b.ttl", "y/a.ttl", "z/b.ttl"), strict=False)}
    lines = evidence.coverage(verified, files).splitlines()
    assert lines[5] == "  06  338–451      4 claims  a.ttl, b.ttl"
    assert lines[6] == "  07  452–560      3 claims"
