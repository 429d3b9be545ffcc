"""Spans and passages of a source, their hashes, and how far the claims cover the text.

Positions count code points of the decoded text from 0, the end exclusive (RFC 5147); hashes are
the SHA-256 of the characters in UTF-8. The text itself is needed only to verify.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from triplomacy import files
from triplomacy.claims import tables
from triplomacy.dataset import Dataset
from triplomacy.errors import BadParameter, MalformedInput, TriplomacyError, UnknownName
from triplomacy.findings import Finding, Severity
from triplomacy.sparql import binding
from triplomacy.terms import OA, TRI, local_name


@dataclass(frozen=True, slots=True)
class Anchor:
    """A span or a passage: its range in the text, and the hash of its characters."""

    iri: str
    start: int
    end: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with its voice, its claims, and the recorded reason where it has none."""

    anchor: Anchor
    voice: str
    claims: tuple[str, ...]
    omission: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """A source, with the hash and the length of its text."""

    iri: str
    text: str
    sha256: str
    length: int

    @property
    def name(self) -> str:
        """The last part of the IRI, by which commands call the source."""
        return local_name(self.iri)


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of verifying a source against its text."""

    source: Source
    spans: int
    passages: tuple[Passage, ...]
    findings: tuple[Finding, ...]


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        TriplomacyError: the file cannot be read.
    """
    try:
        return files.read_bytes(path)
    except OSError as error:
        raise TriplomacyError(f"cannot be read: {error.strerror}", path=path) from None


def read_text(path: Path) -> str:
    """Return the characters of a source text exactly as they are in the file.

    Raises:
        MalformedInput: the file is not UTF-8.
        TriplomacyError: the file cannot be read.
    """
    content = read_bytes(path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MalformedInput(
            "not UTF-8; give the text in the encoding it was hashed in", path=path, line=line
        ) from None


def sources(dataset: Dataset) -> list[Source]:
    """Return the sources that have a text, sorted by IRI.

    Raises:
        TriplomacyError: the length of a text is not a number.
    """
    rows = dataset.select("""
        SELECT ?source ?text ?sha256 ?length WHERE {
          ?source a tri:Source ; tri:text ?text . ?text tri:sha256 ?sha256 ; tri:length ?length
        } ORDER BY ?source""")
    return [_source(row) for row in rows]


def _source(row: ox.QuerySolution) -> Source:
    text, length = row["text"].value, row["length"].value
    if not length.isdecimal():
        raise TriplomacyError(f"the length of <{text}> is {length!r}: correct tri:length")
    return Source(row["source"].value, text, row["sha256"].value, int(length))


def choose_source(dataset: Dataset, text: str, name: str | None = None) -> Source:
    """Return the source of that name; without a name, the one whose text this is, or the only one.

    Raises:
        UnknownName: no source has that name.
        TriplomacyError: there is no source, or there are several and the text is that of none or of several.
    """
    known = sources(dataset)
    if name is not None:
        named = [source for source in known if source.name == name]
        if not named:
            raise UnknownName("source", name, [source.name for source in known])
        return named[0]
    digest = sha256(text)
    matching = [source for source in known if source.sha256 == digest]
    if len(matching) == 1 or len(known) == 1:
        return (matching or known)[0]
    if not known:
        raise TriplomacyError("no source here has a text; add a tri:Source with tri:text")
    names = ", ".join(source.name for source in matching or known)
    sources_in_words = "of each of the sources" if matching else "of none of the sources"
    raise TriplomacyError(f"this is the text {sources_in_words} {names}; say which with NAME=FILE")


def sha256(characters: str) -> str:
    """Return the SHA-256 of characters in UTF-8, in lower-case hexadecimal digits."""
    return hashlib.sha256(characters.encode("utf-8")).hexdigest()


_SELECTOR: Final = """
    ?anchor oa:start ?start ; oa:end ?end ; tri:sha256 ?sha256
    FILTER (REGEX(STR(?start), "^[0-9]+$") && REGEX(STR(?end), "^[0-9]+$"))"""


def spans(dataset: Dataset, source: Source) -> list[Anchor]:
    """Return the spans of a source in the order of the text."""
    text = f"""
        SELECT DISTINCT ?anchor ?start ?end ?sha256 WHERE {{
          ?anchor tri:inPassage/dcterms:isPartOf ?source .{_SELECTOR} }}"""
    return _anchors(dataset, binding.bind(text, {"source": [ox.NamedNode(source.iri)]}))


def _anchors(dataset: Dataset, query: str) -> list[Anchor]:
    anchors = [
        Anchor(row["anchor"].value, int(row["start"].value), int(row["end"].value), row["sha256"].value)
        for row in dataset.select(query)
    ]
    return sorted(anchors, key=lambda anchor: (anchor.start, anchor.end, anchor.iri))


def passages(dataset: Dataset, source: Source) -> list[Passage]:
    """Return the passages of a source in the order of the text."""
    iri = [ox.NamedNode(source.iri)]
    text = f"""
        SELECT DISTINCT ?anchor ?start ?end ?sha256 WHERE {{
          ?anchor a tri:Passage ; dcterms:isPartOf ?source .{_SELECTOR} }}"""
    anchors = _anchors(dataset, binding.bind(text, {"source": iri}))
    carried: dict[str, set[str]] = {}
    text = """
        SELECT ?claim ?passage WHERE {
          ?passage dcterms:isPartOf ?source . ?claim tri:evidence/tri:inPassage ?passage }"""
    for row in dataset.select(binding.bind(text, {"source": iri})):
        carried.setdefault(row["passage"].value, set()).add(row["claim"].value)
    voices = _annotations(dataset, source, "dcterms:creator")
    omissions = _annotations(dataset, source, "tri:omission")
    return [
        Passage(a, voices.get(a.iri, ""), tuple(sorted(carried.get(a.iri, ()))), omissions.get(a.iri)) for a in anchors
    ]


def _annotations(dataset: Dataset, source: Source, predicate: str) -> Mapping[str, str]:
    text = f"SELECT ?passage ?value WHERE {{ ?passage dcterms:isPartOf ?source ; {predicate} ?value }}"
    rows = dataset.select(binding.bind(text, {"source": [ox.NamedNode(source.iri)]}))
    return {row["passage"].value: str(row["value"].value) for row in rows}


def verify(dataset: Dataset, text: str, source: Source) -> Verification:
    """Return the findings about a source's spans and passages, compared with its text, and the passages themselves.

    Raises:
        BadParameter: the text has half of a surrogate pair, so that it has no hash.
    """
    if half := re.search("[\ud800-\udfff]", text):
        message = f"the text has half of a surrogate pair at {half.start()}; give it as it is read from UTF-8"
        raise BadParameter(message)
    parts = passages(dataset, source)
    anchored = spans(dataset, source)
    findings = [
        *_text_findings(text, source),
        *_selector_findings(dataset, source),
        *(finding for passage in parts for finding in _anchor_findings(text, passage.anchor)),
        *(finding for span in anchored for finding in _anchor_findings(text, span)),
        *_gap_findings(text, parts),
        *_omission_findings(parts),
    ]
    return Verification(source, len(anchored), tuple(parts), tuple(findings))


def _text_findings(text: str, source: Source) -> Iterator[Finding]:
    if sha256(text) == source.sha256:
        return
    if sha256(text.replace("\r\n", "\n")) == source.sha256:
        advice = "it has CR LF line ends where the hashed text has LF: convert them"
    else:
        advice = f"it has {len(text)} code points and {source.length} are recorded: give the text that was hashed"
    yield _finding(f"The text is not the one that {source.name} was read from; {advice}.", source.text, "sha256")


def _selector_findings(dataset: Dataset, source: Source) -> Iterator[Finding]:
    text = f"""
        SELECT DISTINCT ?anchor WHERE {{
          VALUES ?class {{ tri:Passage oa:TextPositionSelector }}
          ?anchor a ?class ; tri:inPassage?/dcterms:isPartOf ?source
          MINUS {{ {_SELECTOR} }}
        }} ORDER BY ?anchor"""
    for row in dataset.select(binding.bind(text, {"source": [ox.NamedNode(source.iri)]})):
        message = "Its position or its hash is missing or malformed; give oa:start, oa:end and tri:sha256."
        yield _finding(message, row["anchor"].value, OA + "start")


def _anchor_findings(text: str, anchor: Anchor) -> Iterator[Finding]:
    if not 0 <= anchor.start < anchor.end <= len(text):
        place = f"{anchor.start} to {anchor.end} is not a range of a text of {len(text)} code points"
        yield _finding(f"{place}; correct oa:start and oa:end.", anchor.iri, OA + "start")
    elif sha256(text[anchor.start : anchor.end]) != anchor.sha256:
        message = "The characters at this position do not have the recorded hash; correct the offsets, or the hash."
        yield _finding(message, anchor.iri, "sha256")


def _gap_findings(text: str, parts: list[Passage]) -> Iterator[Finding]:
    ranges = [part.anchor for part in parts if part.anchor.start < part.anchor.end]
    covered = 0
    for anchor in [*ranges, Anchor("", len(text), len(text), "")]:
        gap = text[covered : anchor.start]
        if gap.strip():
            start = covered + len(gap) - len(gap.lstrip())
            where = f"from {start} to {covered + len(gap.rstrip())}"
            yield _finding(f"The characters {where} belong to no passage; add one.", None, OA + "start")
        covered = max(covered, anchor.end)


def _omission_findings(parts: list[Passage]) -> Iterator[Finding]:
    for part in parts:
        if not part.claims and part.omission is None:
            message = "The passage carries no claim and does not say why; add claims, or tri:omission."
            yield _finding(message, part.anchor.iri, "omission")


def _finding(message: str, focus: str | None, path: str) -> Finding:
    return Finding(
        check="evidence",
        severity=Severity.VIOLATION,
        message=message,
        focus=f"<{focus}>" if focus else None,
        path=f"<{path if ':' in path else TRI + path}>",
    )


def passages_at(dataset: Dataset, source: Source, start: int, end: int) -> list[Passage]:
    """Return the passages that a range of code points touches, in the order of the text."""
    return [part for part in passages(dataset, source) if part.anchor.start < end and start < part.anchor.end]


def locate(text: str, quotation: str) -> tuple[int, int]:
    """Return the start and the end of a quotation that stands once in the text.

    Raises:
        TriplomacyError: it stands there never or more than once.
    """
    count = text.count(quotation) if quotation else 0
    if count != 1:
        advice = "copy it as it stands, quotation marks too" if count == 0 else "take in more words around it"
        raise TriplomacyError(f"the quotation stands {count} times in the text; {advice}")
    start = text.index(quotation)
    return start, start + len(quotation)


def new_span(dataset: Dataset, source: Source, text: str, start: int, end: int) -> str:
    """Return the Turtle of a new span, in the form that the graphs have, with relative IRIs.

    Raises:
        TriplomacyError: the range is empty, begins or ends with white space, leaves the text, or lies in no passage.
    """
    if not 0 <= start < end <= len(text):
        raise TriplomacyError(
            f"{start} to {end} is not a range of a text of {len(text)} code points; the end is exclusive"
        )
    characters = text[start:end]
    if characters != characters.strip():
        raise TriplomacyError("the range begins or ends with white space; give the range without it")
    touched = passages_at(dataset, source, start, end)
    if not touched:
        raise TriplomacyError("the range lies in no passage; add a passage first")
    base = f"{source.iri}/"
    within = ", ".join(f"<{part.anchor.iri.removeprefix(base)}>" for part in touched)
    return (
        f"<{source.text.removeprefix(base)}#char={start},{end}>\n"
        "    a oa:TextPositionSelector ;\n"
        f'    oa:start "{start}"^^xsd:nonNegativeInteger ;\n'
        f'    oa:end "{end}"^^xsd:nonNegativeInteger ;\n'
        f'    tri:sha256 "{sha256(characters)}" ;\n'
        f"    tri:inPassage {within} .\n"
    )


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file of data of a source, with its hash and the keys of the rows that carry claims."""

    iri: str
    source: str
    sha256: str
    rows: Mapping[str, str]


def data_files(dataset: Dataset) -> list[DataFile]:
    """Return the data files of all sources, sorted by IRI, with the key of each row by the row's IRI."""
    text = """
        SELECT ?file ?source ?sha256 ?row ?key WHERE {
          ?file a tri:DataFile ; dcterms:isPartOf ?source ; tri:sha256 ?sha256 .
          ?row tri:inFile ?file ; tri:key ?key } ORDER BY ?file ?row"""
    files_by_iri: dict[str, DataFile] = {}
    keys: dict[str, dict[str, str]] = {}
    for row in dataset.select(text):
        iri = row["file"].value
        keys.setdefault(iri, {})[row["row"].value] = row["key"].value
        files_by_iri.setdefault(iri, DataFile(iri, local_name(row["source"].value), row["sha256"].value, keys[iri]))
    return list(files_by_iri.values())


def data_file(dataset: Dataset, content: bytes, name: str | None, called: str = "") -> DataFile | None:
    """Return the data file with that content, of the named source if *name* is given; None if there is none.

    Where no file of the named source has the content, it is the one that is *called* so, else the source's first.
    """
    digest = hashlib.sha256(content).hexdigest()
    known = [file for file in data_files(dataset) if name in (None, file.source)]
    same = [file for file in known if file.sha256 == digest]
    others = sorted(known, key=lambda file: local_name(file.iri) != called) if name is not None else []
    return next(iter([*same, *others]), None)


def verify_rows(file: DataFile, content: bytes, path: Path | None = None) -> list[Finding]:
    """Return the findings from comparing a data file's recorded rows with its content: CSV in UTF-8, or R's at *path*.

    The key is in the first column of the first table.

    Raises:
        EngineUnavailable: it is R's, and pyreadr is not installed.
        MalformedInput: it has the ending of R's files and is none.
    """
    findings = []
    if hashlib.sha256(content).hexdigest() != file.sha256:
        findings.append(
            _finding("The file does not have the recorded hash; give the one that was read.", file.iri, "sha256")
        )
    keys = tables.keys(path) if path is not None and tables.is_r_file(path) else _keys(content)
    for row, key in file.rows.items():
        if key not in keys:
            findings.append(_finding(f"No row of the file has the key {key}; correct tri:key.", row, "key"))
    return findings


def _keys(content: bytes) -> set[str]:
    return {line.partition(",")[0] for line in content.decode("utf-8", errors="replace").splitlines()[1:]}


def count_in_words(findings: int) -> str:
    """Return a number of findings as a phrase: ``1 finding``, ``no findings``."""
    return "1 finding" if findings == 1 else f"{findings or 'no'} findings"


def coverage(verified: Verification, files: Mapping[str, Path] | None = None) -> str:
    """Return a line for each passage (name, range, number of claims or reason for none), and a last one with totals.

    With the file of each claim by its IRI, a line also names the files that have the passage's claims.
    """
    lines = [_line(part, files or {}) for part in verified.passages]
    silent = sum(1 for part in verified.passages if not part.claims and part.omission is not None)
    carrying = sum(1 for part in verified.passages if part.claims)
    lines.append(
        f"{verified.source.name}: {verified.spans} spans, {len(verified.passages)} passages: "
        f"{carrying} carry claims, {silent} say why not; {count_in_words(len(verified.findings))}"
    )
    return "\n".join(lines) + "\n"


def _line(part: Passage, files: Mapping[str, Path]) -> str:
    carried = f"{len(part.claims)} claims" if len(part.claims) != 1 else "1 claim"
    what = carried if part.claims or part.omission is None else part.omission
    where = sorted({files[claim].name for claim in part.claims if claim in files})
    place = f"{part.anchor.start}–{part.anchor.end}"
    line = f"{local_name(part.anchor.iri).rjust(4)}  {place.ljust(11)}  {what}"
    return f"{line}  {', '.join(where)}" if where else line
