"""The claims as one flat table for people who do not use RDF: CSV, Parquet, and what the columns mean.

A row is a claim and one of its propositions. It is what somebody says, never what is so: its stance and its certainty
belong to it. IRIs identify, labels are for reading; a column of several values has them between ``|``, which no IRI
contains.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.claims import model, periods
from triplomacy.dataset import Dataset
from triplomacy.errors import EngineUnavailable
from triplomacy.files import read_text
from triplomacy.terms import OA, RDF, TRI, expand, local_name

NAME: Final = "claims"
BETWEEN: Final = "|"
"""What stands between the values of a cell."""

Cell = str | int | datetime | None | Sequence[str] | Sequence[int]
Row = Mapping[str, Cell]
_Said = Mapping[str, Sequence[ox.NamedNode | ox.BlankNode | ox.Literal]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table.

    Attributes:
        name: what it is called.
        kind: the XSD datatype of a value: anyURI, string, integer or dateTime.
        meaning: what a value says.
        source: the CURIE of the property that it comes from, or "" where no one property has it.
        several: whether a cell may have more values than one.
        values: the local name of the value set that a value is one of, or "".
    """

    name: str
    kind: str
    meaning: str
    source: str
    several: bool
    values: str

    @property
    def is_key(self) -> bool:
        """Whether the column belongs to the key of the table, whose cells are never empty."""
        return self.name in KEY


KEY: Final = ("claim", "proposition")


def _columns() -> Iterator[Column]:
    path = Path(__file__).with_name("claims_table.csv")
    for row in csv.DictReader(io.StringIO(read_text(path))):
        several = bool(row["several"])
        yield Column(row["name"], row["kind"], row["meaning"], row["source"], several, row["values"])


COLUMNS: Final = tuple(_columns())
"""The columns of the table, in their order, which stand in ``claims_table.csv``."""

_BOUNDS: Final = ("earliest_start", "latest_start", "earliest_end", "latest_end")
_LINKS: Final = {
    "responds_to": "respondsTo",
    "argues_for": "arguesFor",
    "argues_against": "arguesAgainst",
    "despite": "despite",
}
_ROLES: Final = {"agents": "agent", "patients": "patient", "contents": "content", "others": "other"}


def rows(dataset: Dataset) -> list[Row]:
    """Return the rows of the table, sorted by claim and proposition; a row has each column."""
    read = _ClaimContext.of(dataset)
    claims = model.all_claims(dataset)
    denials: dict[str, list[str]] = {}
    for claim in claims:
        if claim.stance == TRI + "denies" and claim.certainty == TRI + "certain":
            for proposition in claim.propositions:
                denials.setdefault(proposition, []).append(claim.iri)
    return [
        {column.name: cells.get(column.name) for column in COLUMNS}
        for claim in claims
        for proposition in claim.propositions
        if (cells := _claim(claim, read) | _proposition(proposition, denials, read))
    ]


@dataclass(frozen=True, slots=True)
class _ClaimContext:
    """Values read from the dataset once for all rows: sources, labels, statements, spans of time, roles."""

    sources: Mapping[str, str]
    labels: Mapping[str, str]
    said: Mapping[str, _Said]
    periods: Mapping[str, periods.Period]
    roles: Mapping[str, str]

    @classmethod
    def of(cls, dataset: Dataset) -> _ClaimContext:
        """Read a dataset."""
        return cls(
            _sources(dataset),
            model.labels(dataset),
            _statements(dataset),
            periods.periods(dataset),
            _kinds_of_role(dataset),
        )

    def values(self, node: str, name: str) -> Sequence[Any]:
        """Return the values of a property of a node, sorted."""
        return self.said.get(node, {}).get(name, ())

    def one(self, node: str, name: str) -> str | None:
        """Return the first value of a property of a node."""
        values = self.values(node, name)
        return str(values[0].value) if values else None


def _sources(dataset: Dataset) -> dict[str, str]:
    """Return the source of each claim."""
    rows = dataset.select("""
        SELECT ?claim (MIN(?each) AS ?source) WHERE {
          ?claim a tri:Claim ; tri:evidence/tri:inPassage?/dcterms:isPartOf ?each
        } GROUP BY ?claim""")
    return {row["claim"].value: row["source"].value for row in rows}


def _statements(dataset: Dataset) -> dict[str, dict[str, list[Any]]]:
    """Return the values of each property of claims, of what they are about, and of spans of text and of time."""
    rows = dataset.select("""
        SELECT ?node ?property ?value WHERE {
          { SELECT DISTINCT ?node WHERE {
            ?claim a tri:Claim ; (tri:proposition|tri:evidence|tri:saidDuring|(tri:proposition/tri:during))? ?node } }
          ?node ?property ?value
        } ORDER BY ?node ?property ?value""")
    statements: dict[str, dict[str, list[Any]]] = {}
    for row in rows:
        statements.setdefault(row["node"].value, {}).setdefault(row["property"].value, []).append(row["value"])
    return statements


def _kinds_of_role(dataset: Dataset) -> dict[str, str]:
    """Return for each role, itself and below, the column that its fillers stand in."""
    columns: dict[str, str] = {}
    for column, name in _ROLES.items():
        rows = dataset.select(f"SELECT ?role WHERE {{ ?role rdfs:subPropertyOf* tri:{name} }}")
        columns |= {str(row["role"].value): column for row in rows}
    return columns


def _claim(claim: model.Claim, read: _ClaimContext) -> dict[str, Cell]:
    evidence = [iri for iri in claim.evidence if read.values(iri, OA + "start")]
    return {
        "claim": claim.iri,
        "source": read.sources.get(claim.iri),
        "claimant": claim.claimant,
        "claimant_label": read.labels.get(claim.claimant or ""),
        **{name: _local(getattr(claim, name)) for name in ("stance", "certainty", "orientation", "conveyance", "act")},
        "conditions": claim.conditions,
        "reported_by": claim.reported_by,
        "reported_by_label": read.labels.get(claim.reported_by or ""),
        "via": next((target for name, target in claim.links if name == "via"), None),
        **{column: tuple(iri for name, iri in claim.links if name == link) for column, link in _LINKS.items()},
        **_time("said", read.one(claim.iri, TRI + "saidDuring"), read),
        "evidence": claim.evidence,
        "evidence_start": tuple(int(read.values(iri, OA + "start")[0].value) for iri in evidence),
        "evidence_end": tuple(int(read.values(iri, OA + "end")[0].value) for iri in evidence),
        "evidence_sha256": tuple(str(read.values(iri, TRI + "sha256")[0].value) for iri in evidence),
        "quotations": claim.quotations,
    }


def _proposition(iri: str, denials: Mapping[str, Sequence[str]], read: _ClaimContext) -> dict[str, Cell]:
    statements = read.said.get(iri, {})
    filled = [(role, value) for role in statements if role in read.roles for value in statements[role]]
    fillers = {column: tuple(str(v.value) for role, v in filled if read.roles[role] == column) for column in _ROLES}
    numbers = {"count": "count", "at_least": "atLeast", "at_most": "atMost"}
    return {
        "proposition": iri,
        "proposition_label": read.labels.get(iri),
        "proposition_class": _local(read.one(iri, RDF + "type")),
        "denied_by": tuple(denials.get(iri, ())),
        "participants": "; ".join(
            f"{read.labels.get(role, local_name(role))}: {read.labels.get(str(value.value), value.value)}"
            for role, value in filled
        ),
        **fillers,
        **{column: _integer(read.one(iri, TRI + name)) for column, name in numbers.items()},
        "unit": _local(read.one(iri, TRI + "unit")),
        "degree": _local(read.one(iri, TRI + "degree")),
        **_time("holds", read.one(iri, TRI + "during"), read),
    }


def _time(prefix: str, span: str | None, read: _ClaimContext) -> dict[str, Cell]:
    if span is None:
        return {}
    period = read.periods.get(span)
    bounds: dict[str, Cell] = {f"{prefix}_{name}": getattr(period, name, None) for name in _BOUNDS}
    return bounds | {f"{prefix}_edtf": read.one(span, TRI + "edtf")}


def _local(iri: str | None) -> str | None:
    return None if iri is None else local_name(iri)


def _integer(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def to_csv(table: Iterable[Row]) -> str:
    """Return the table as CSV (RFC 4180) in UTF-8: a head, CR LF line ends, an empty cell where there is no value."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows([[_in_csv(row[column.name]) for column in COLUMNS] for row in table])
    return out.getvalue()


def _in_csv(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat().replace("+00:00", "Z")
    return str(cell) if isinstance(cell, str | int) else BETWEEN.join(str(value) for value in cell)


def to_parquet(table: Sequence[Row]) -> bytes:
    """Return the table as Parquet: lists for several values, times in UTC, the meaning of each column in its metadata.

    Raises:
        EngineUnavailable: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise EngineUnavailable("Parquet needs pyarrow; install triplomacy[parquet]") from None
    types: Mapping[str, Callable[[], Any]] = {
        "anyURI": pyarrow.string,
        "string": pyarrow.string,
        "integer": pyarrow.int64,
        "dateTime": lambda: pyarrow.timestamp("us", "UTC"),
    }
    fields = [
        pyarrow.field(
            column.name,
            pyarrow.list_(types[column.kind]()) if column.several else types[column.kind](),
            nullable=not column.is_key,
            metadata={"description": column.meaning},
        )
        for column in COLUMNS
    ]
    values = {column.name: [row[column.name] for row in table] for column in COLUMNS}
    out = io.BytesIO()
    parquet.write_table(pyarrow.table(values, schema=pyarrow.schema(fields)), out)
    return out.getvalue()


def value_sets(dataset: Dataset) -> dict[str, dict[str, str]]:
    """Return the values of each value set that a column uses, sorted, with their definitions in English."""
    sets: dict[str, dict[str, str]] = {}
    for name in sorted({column.values for column in COLUMNS if column.values}):
        rows = dataset.select(f"""
            SELECT ?value ?definition WHERE {{ ?value a tri:{name} ; skos:definition ?definition
              FILTER (LANGMATCHES(LANG(?definition), "en")) }} ORDER BY ?value""")
        sets[name] = {local_name(row["value"].value): row["definition"].value for row in rows}
    return sets


def metadata(sets: Mapping[str, Mapping[str, str]], licences: Sequence[str]) -> str:
    """Return the description of the CSV file in CSVW (Metadata Vocabulary for Tabular Data, W3C, 2015).

    Args:
        sets: the value sets, as `value_sets` has them.
        licences: the IRIs of the licences of the claims.
    """
    document = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": f"{NAME}.csv",
        "dc:title": "Claims",
        "dc:description": "One row for each claim and proposition: what somebody says, never what is so.",
        "dc:license": [{"@id": iri} for iri in licences],
        "dialect": {"header": True, "encoding": "utf-8"},
        "tableSchema": {
            "columns": [_described_column(column, sets) for column in COLUMNS],
            "primaryKey": list(KEY),
            "aboutUrl": "{+claim}",
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _described_column(column: Column, sets: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    description: dict[str, Any] = {
        "name": column.name,
        "titles": column.name,
        "dc:description": column.meaning,
        "datatype": column.kind,
        "required": column.is_key,
    }
    if column.values:
        description["datatype"] = {"base": "string", "format": "|".join(sets[column.values])}
    if column.several:
        description["separator"] = BETWEEN
    if column.source:
        description["propertyUrl"] = expand(column.source)
    return description


def dictionary(sets: Mapping[str, Mapping[str, str]]) -> str:
    """Return the data dictionary in Markdown: columns, their types and meanings, and the values of closed lists.

    Args:
        sets: the value sets, as `value_sets` has them.
    """
    lines = [
        f"# What is in {NAME}.csv and {NAME}.parquet",
        "",
        "A row is a claim and one of its propositions: **what somebody says, never what is so**. Read no row without",
        "its stance and its certainty. An empty cell means that the source does not say. IRIs can be looked up; labels",
        f"are for reading. Where a column has several values, CSV has `{BETWEEN}` between them and Parquet has a list.",
        "",
        "In pandas: `pandas.read_csv(..., keep_default_na=False)`, or a name such as *NA* turns into a missing value.",
        "",
        "| column | type | values | meaning | in the graph |",
        "| --- | --- | --- | --- | --- |",
    ]
    for column in COLUMNS:
        number = "several" if column.several else "one" if column.is_key else "one or none"
        of = f" One of {', '.join(f'`{value}`' for value in sets[column.values])}." if column.values else ""
        source = f"`{column.source}`" if column.source else ""
        lines.append(f"| `{column.name}` | {column.kind} | {number} | {column.meaning}{of} | {source} |")
    for name, values in sets.items():
        uses = ", ".join(f"`{column.name}`" for column in COLUMNS if column.values == name)
        lines += ["", f"## The values of {uses}", "", "| value | meaning |", "| --- | --- |"]
        lines += [f"| `{value}` | {definition} |" for value, definition in values.items()]
    return "\n".join(lines) + "\n"
