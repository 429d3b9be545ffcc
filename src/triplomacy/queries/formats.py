"""Answers serialised for other tools; `FORMATS` lists the formats by name.

A table for people; SELECT and ASK as CSV, TSV, JSON and XML as the W3C defines them, as HTML, and as Parquet; the
triples of CONSTRUCT and DESCRIBE as Turtle, TriG, N-Triples, N-Quads, JSON-LD and RDF/XML. The same answer gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph as ox

from triplomacy.errors import Choice, EngineUnavailable, TriplomacyError
from triplomacy.queries.answer import Answer
from triplomacy.terms import PREFIXES, XSD, compress

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from triplomacy.queries.citation import Citation

LARGEST: Final = 100_000
"""How many cells a table may have; what is larger is for programs to read."""

_Write = Callable[[Answer, "Citation | None"], str | bytes]
_Cell = ox.NamedNode | ox.BlankNode | ox.Literal | None
_SOME: Final = 1_000  # rows that are written at a time
_ROWS: Final = "the rows of this answer"  # stands in a document for them, behind all that others have written
_SPARQL: Final = "http://www.w3.org/2005/sparql-results#"
_NO_MEMORY: Final = 1  # code of an error of expat


def table(answer: Answer, labels: Mapping[str, str], width: int | None = None) -> str:
    """Return the answer as aligned columns, each IRI by its label, or by its CURIE where it has none; or as Turtle.

    Args:
        answer: the answer.
        labels: the label of each IRI.
        width: how wide lines may be, in columns of the terminal; the widest cells are cut to it, None for no bound.

    Raises:
        TriplomacyError: the answer is too large to be read.
    """
    if answer.triples is not None:
        from triplomacy.rdf import turtle

        return turtle.serialise(answer.triples, PREFIXES)
    if answer.truth is not None:
        return f"{str(answer.truth).lower()}\n"
    count = len(answer.rows)
    if count * len(answer.columns) > LARGEST:
        raise TriplomacyError(f"{count:,} rows are too many for a table; add LIMIT, or take ", Choice("format", "csv"))
    lines = [list(answer.columns), *([_cell_text(cell, labels) for cell in row] for row in answer.rows)]
    widths = _fit([max(_width(line[index]) for line in lines) for index in range(len(answer.columns))], width)
    lines.insert(1, ["-" * size for size in widths])
    rows = ["  ".join(_cut(cell, size) for cell, size in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*rows, f"({count} {'row' if count == 1 else 'rows'})"]) + "\n"


def _fit(widths: list[int], width: int | None) -> list[int]:
    """Return the widths of columns with the widest ones made narrower, to 12 at least, until a line fits."""
    excess = 0 if width is None else sum(widths) + 2 * (len(widths) - 1) - width
    while excess > 0 and max(widths) > 12:
        widest = widths.index(max(widths))
        widths[widest] -= 1
        excess -= 1
    return widths


def _cut(cell: str, size: int) -> str:
    if _width(cell) > size:
        while _width(cell) > size - 1:
            cell = cell[:-1]
        cell += "…"
    return cell + " " * (size - _width(cell))


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a wide character, none for one that combines."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def _cell_text(cell: _Cell, labels: Mapping[str, str]) -> str:
    if cell is None:
        return ""
    name = labels.get(cell.value) or compress(cell.value) if isinstance(cell, ox.NamedNode) else str(cell.value)
    text = " ".join(name.split())
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def to_csv(answer: Answer, citation: Citation | None = None) -> str:
    """Return the answer in SPARQL 1.1 Query Results CSV: IRIs and lexical forms bare, CR LF line ends.

    Raises:
        TriplomacyError: the answer is triples.
    """
    return "".join(_csv(answer, citation))


def _csv(answer: Answer, citation: Citation | None) -> Iterator[str]:
    import csv
    import io

    del citation  # the format has no place for it
    _no_triples(answer)
    out = io.StringIO()
    writer = csv.writer(out)
    if answer.truth is not None:
        lines = iter([["answer"], [str(answer.truth).lower()]])
    else:
        cells = (["" if cell is None else _bare(cell) for cell in row] for row in answer.rows)
        lines = chain([list(answer.columns)], cells)
    while some := list(islice(lines, _SOME)):
        writer.writerows(some)
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def _bare(cell: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
    return f"_:{cell.value}" if isinstance(cell, ox.BlankNode) else str(cell.value)


def to_tsv(answer: Answer, citation: Citation | None = None) -> str:
    """Return the answer in SPARQL 1.1 Query Results TSV: terms as Turtle has them, a tab between cells.

    Raises:
        TriplomacyError: the answer is triples.
    """
    return "".join(_tsv(answer, citation))


def _tsv(answer: Answer, citation: Citation | None) -> Iterator[str]:
    del citation  # the format has no place for it
    _no_triples(answer)
    if answer.truth is not None:
        yield f"?answer\n{str(answer.truth).lower()}\n"
        return
    yield "\t".join(f"?{name}" for name in answer.columns) + "\n"
    for row in answer.rows:
        yield "\t".join("" if cell is None else _in_tsv(cell) for cell in row) + "\n"


def _in_tsv(cell: ox.NamedNode | ox.BlankNode | ox.Literal) -> str:
    return str(cell).replace("\t", "\\t")


def to_json(answer: Answer, citation: Citation | None = None) -> str:
    """Return the answer in SPARQL 1.1 Query Results JSON, its citation beside the W3C's parts.

    It stands between them, since Oxigraph's reader takes nothing behind the rows.

    Raises:
        TriplomacyError: the answer is triples.
    """
    return "".join(_json(answer, citation))


def _json(answer: Answer, citation: Citation | None) -> Iterator[str]:
    import json

    _no_triples(answer)
    cited = {} if citation is None else {"citation": citation.as_mapping()}
    if answer.truth is not None:
        document: dict[str, Any] = {"head": {}, **cited, "boolean": answer.truth}
    else:
        results = {"bindings": [_ROWS] if answer.rows else []}
        document = {"head": {"vars": list(answer.columns)}, **cited, "results": results}
    text = json.dumps(document, ensure_ascii=False, indent=2)
    before, _, after = text.rpartition(f'"{_ROWS}"') if answer.rows else (text, "", "")
    yield before
    for number, row in enumerate(answer.rows):
        cells = zip(answer.columns, row, strict=True)
        text = json.dumps(
            {name: _cell_object(cell) for name, cell in cells if cell is not None}, ensure_ascii=False, indent=2
        )
        yield (",\n      " if number else "") + text.replace("\n", "\n      ")
    yield f"{after}\n"


def compact_json(answer: Answer) -> str:
    """Return the answer in SPARQL 1.1 Query Results JSON as programs read it: without spaces, without a citation.

    Each term is written once, however many rows have it.

    Raises:
        TriplomacyError: the answer is triples.
    """
    import json

    _no_triples(answer)
    if answer.truth is not None:
        return f'{{"head":{{}},"boolean":{str(answer.truth).lower()}}}'
    write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    keys = [f"{write(name)}:" for name in answer.columns]
    written: dict[_Cell, str] = {}
    rows = []
    for row in answer.rows:
        cells = []
        for key, cell in zip(keys, row, strict=True):
            if cell is not None:
                text = written.get(cell)
                if text is None:
                    text = written[cell] = write(_cell_object(cell))
                cells.append(key + text)
        rows.append(f"{{{','.join(cells)}}}")
    head = write({"vars": list(answer.columns)})
    return f'{{"head":{head},"results":{{"bindings":[{",".join(rows)}]}}}}'


def _no_triples(answer: Answer) -> None:
    if answer.triples is not None:
        offered = Choice("format", "turtle, trig, ntriples, nquads, jsonld or rdfxml")
        raise TriplomacyError("the answer is triples; take ", offered)


def _cell_object(cell: ox.NamedNode | ox.BlankNode | ox.Literal) -> dict[str, str]:
    if isinstance(cell, ox.NamedNode):
        return {"type": "uri", "value": cell.value}
    if isinstance(cell, ox.BlankNode):
        return {"type": "bnode", "value": cell.value}
    entry = {"type": "literal", "value": cell.value}
    if cell.language:
        return entry | {"xml:lang": cell.language}
    if cell.datatype.value != XSD + "string":
        return entry | {"datatype": cell.datatype.value}
    return entry


def to_xml(answer: Answer, citation: Citation | None = None) -> str:
    """Return the answer in the SPARQL Query Results XML Format.

    Raises:
        TriplomacyError: the answer is triples, or has a character that XML 1.0 does not allow.
    """
    from xml.etree import ElementTree as ET

    del citation  # the format has no place for it
    _no_triples(answer)
    root = ET.Element("sparql", xmlns=_SPARQL)
    head = ET.SubElement(root, "head")
    if answer.truth is not None:
        ET.SubElement(root, "boolean").text = str(answer.truth).lower()
    else:
        for name in answer.columns:
            ET.SubElement(head, "variable", name=name)
        results = ET.SubElement(root, "results")
        for row in answer.rows:
            result = ET.SubElement(results, "result")
            for name, cell in zip(answer.columns, row, strict=True):
                if cell is not None:
                    _in_xml(ET.SubElement(result, "binding", name=name), cell)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    try:
        ET.fromstring(text)
    except ET.ParseError as error:
        if error.code == _NO_MEMORY:
            raise MemoryError from None
        raise TriplomacyError(
            "the answer has a control character, which XML cannot hold; take another format"
        ) from None
    return f'<?xml version="1.0"?>\n{text}\n'


def _in_xml(binding: ET.Element, cell: ox.NamedNode | ox.BlankNode | ox.Literal) -> None:
    from xml.etree import ElementTree as ET

    typed = _cell_object(cell)
    attributes = {name: value for name, value in typed.items() if name in ("xml:lang", "datatype")}
    ET.SubElement(binding, typed["type"], attributes).text = typed["value"]


def to_html(answer: Answer, citation: Citation | None = None, labels: Mapping[str, str] | None = None) -> str:
    """Return the answer as an HTML table, its citation as the caption; of triples the Turtle, in ``pre``.

    An IRI is a link under its label, or else under its CURIE.
    """
    import html

    caption = f"<caption>{html.escape(citation.as_text())}</caption>\n" if citation else ""
    if answer.triples is not None:
        figcaption = f"<figcaption>{html.escape(citation.as_text())}</figcaption>\n" if citation else ""
        return f"<figure>\n{figcaption}<pre>{html.escape(table(answer, {}))}</pre>\n</figure>\n"
    if answer.truth is not None:
        return f"<table>\n{caption}<tr><td>{str(answer.truth).lower()}</td></tr>\n</table>\n"
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in answer.columns)
    rows = ["".join(f"<td>{_in_html(cell, labels or {})}</td>" for cell in row) for row in answer.rows]
    body = "".join(f"<tr>{row}</tr>\n" for row in rows)
    return f"<table>\n{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"


def _in_html(cell: _Cell, labels: Mapping[str, str]) -> str:
    import html

    if isinstance(cell, ox.NamedNode):
        shown = html.escape(labels.get(cell.value) or compress(cell.value))
        linked = cell.value.startswith(("http://", "https://"))  # and no javascript:
        return f'<a href="{html.escape(cell.value)}">{shown}</a>' if linked else shown
    if isinstance(cell, ox.Literal) and cell.language:
        return f'<span lang="{html.escape(cell.language)}">{html.escape(cell.value)}</span>'
    return "" if cell is None else html.escape(_bare(cell))


def to_parquet(answer: Answer, citation: Citation | None = None) -> bytes:
    """Return the answer as a Parquet file of strings, as the CSV has them, its citation in the file's metadata.

    Raises:
        EngineUnavailable: pyarrow is not installed.
        TriplomacyError: the answer is triples.
    """
    import io
    import json

    _no_triples(answer)
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise EngineUnavailable("Parquet needs pyarrow; install triplomacy[parquet]") from None
    columns = answer.columns if answer.truth is None else ("answer",)
    rows = answer.rows if answer.truth is None else ((ox.Literal(answer.truth),),)
    cells = [[row[index] for row in rows] for index in range(len(columns))]
    values = [[None if cell is None else _bare(cell) for cell in column] for column in cells]
    schema = pyarrow.schema([(name, pyarrow.string()) for name in columns])
    if citation is not None:
        schema = schema.with_metadata({"citation": json.dumps(citation.as_mapping())})
    out = io.BytesIO()
    parquet.write_table(pyarrow.table(values, schema=schema), out)
    return out.getvalue()


def _to_graph(form: ox.RdfFormat) -> Callable[[Answer, Citation | None], str]:
    def write(answer: Answer, citation: Citation | None = None) -> str:
        del citation  # a graph has no place for it
        if answer.triples is None:
            offered = Choice("format", "table, csv, tsv, json, xml or html")
            raise TriplomacyError("the answer is not triples; take ", offered)
        if form == ox.RdfFormat.RDF_XML:
            return rdfxml(answer.triples)
        if form == ox.RdfFormat.TURTLE:
            from triplomacy.rdf import turtle

            return turtle.serialise(answer.triples, PREFIXES)
        prefixes = dict(PREFIXES) if form == ox.RdfFormat.TRIG else None
        quads = (ox.Quad(*triple) for triple in sorted(set(answer.triples), key=str))
        return (ox.serialize(quads, format=form, prefixes=prefixes) or b"").decode("utf-8")

    return write


def rdfxml(triples: Iterable[ox.Triple]) -> str:
    """Return triples in RDF/XML, sorted.

    Raises:
        TriplomacyError: RDF/XML cannot hold them: a predicate does not end with a name of XML, or is one of its own
            words, or a literal has a character that XML 1.0 does not allow.
    """
    from xml.etree import ElementTree as ET

    known = sorted(set(triples), key=str)
    quads = (
        ox.Quad(_with_xml_name(triple.subject), triple.predicate, _with_xml_name(triple.object)) for triple in known
    )
    spaces = {triple.predicate.value for triple in known}
    used = {name: iri for name, iri in PREFIXES.items() if any(space.startswith(iri) for space in spaces)}
    try:
        text = (ox.serialize(quads, format=ox.RdfFormat.RDF_XML, prefixes=used) or b"").decode("utf-8")
        ET.fromstring(text)
    except (ValueError, OSError, ET.ParseError) as error:
        if getattr(error, "code", 0) == _NO_MEMORY:
            raise MemoryError from None
        raise TriplomacyError(
            "RDF/XML cannot hold the answer, for a predicate that ends with no name of XML or for a control character; "
            "take another format"
        ) from None
    return text.replace("\r", "&#xD;") + "\n"  # else a reader would take it for an end of line


def _with_xml_name(term: ox.Triple | ox.NamedNode | ox.BlankNode | ox.Literal) -> Any:
    return ox.BlankNode(f"b{term.value}") if isinstance(term, ox.BlankNode) else term


FORMATS: Final[Mapping[str, _Write]] = {
    "csv": to_csv,
    "tsv": to_tsv,
    "json": to_json,
    "xml": to_xml,
    "html": to_html,
    "parquet": to_parquet,
    "turtle": _to_graph(ox.RdfFormat.TURTLE),
    "trig": _to_graph(ox.RdfFormat.TRIG),
    "ntriples": _to_graph(ox.RdfFormat.N_TRIPLES),
    "nquads": _to_graph(ox.RdfFormat.N_QUADS),
    "jsonld": _to_graph(ox.RdfFormat.JSON_LD),
    "rdfxml": _to_graph(ox.RdfFormat.RDF_XML),
}

STREAMED: Final[Mapping[str, Callable[[Answer, Citation | None], Iterator[str]]]] = {
    "csv": _csv,
    "tsv": _tsv,
    "json": _json,
}
"""Those that are written part by part, so that an answer may be larger than the memory."""
