"""The flat table says of claims what the graph says, to tools that know no RDF."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pandas
import polars
import pyoxigraph as ox
import pytest

from triplomacy.dataset.dataset import Dataset, load
from triplomacy.publish import claims_table, dumps
from triplomacy.terms import ID, SOURCE, TRI

LUKIN = SOURCE + "lukin-2022/"


@pytest.fixture(scope="module")
def table(article: Dataset) -> list[claims_table.Row]:
    """Return the rows of the project's claims."""
    return claims_table.rows(article)


def row(table: list[claims_table.Row], claim: str) -> claims_table.Row:
    """Return the one row of a claim."""
    (found,) = (each for each in table if each["claim"] == claim)
    return found


def test_each_claim_and_proposition_has_a_row(article: Dataset, table: list[claims_table.Row]):
    """The keys of the rows are the pairs of claim and proposition of the graph, in order, each once."""
    rows = article.select("SELECT ?c ?p WHERE { ?c a tri:Claim ; tri:proposition ?p }")
    pairs = sorted((r["c"].value, r["p"].value) for r in rows)
    assert pairs
    assert [(each["claim"], each["proposition"]) for each in table] == pairs


def test_reported_claim(table: list[claims_table.Row]):
    """A claim that is reported and contested has its claimant, reporter, roles, denials and span."""
    found = row(table, LUKIN + "claim/pentagon-russia-asks-for-ammunition")
    assert found["claimant_label"] == "United States Department of Defense"
    assert (found["stance"], found["certainty"], found["act"]) == ("affirms", "certain", "statement")
    assert found["reported_by"] == ID + "artyom-lukin"
    denials = (LUKIN + "claim/envoy-denies-request", LUKIN + "claim/north-korea-denies-request")
    assert found["denied_by"] == denials
    assert (found["agents"], found["patients"]) == ((ID + "russia",), (ID + "north-korea",))
    assert found["participants"] == "goods: Ammunition; requested: North Korea; requester: Russia"
    assert (found["evidence_start"], found["evidence_end"]) == ((3091,), (3164,))
    assert found["source"] == SOURCE + "lukin-2022"


def test_quantities_and_times(table: list[claims_table.Row]):
    """Numbers, units and the bounds of time are values and not texts."""
    found = row(table, LUKIN + "claim/experts-speculate-about-troops")
    assert (found["at_most"], found["unit"], found["certainty"]) == (100_000, "soldiers", "possible")
    votes = [each for each in table if each["claim"] == SOURCE + "un-es-11-1/claim/votes-against"]
    assert len(votes) == 5
    assert {str(each["holds_latest_end"]) for each in votes} == {"2022-03-02 23:59:59+00:00"}
    assert all(each["evidence_start"] == () and each["evidence"] for each in votes)


def test_columns_are_named_once_and_filled(table: list[claims_table.Row]):
    """Each column has a name of its own, a row has exactly the columns, and keys and sources are never empty."""
    names = [column.name for column in claims_table.COLUMNS]
    assert len(set(names)) == len(names)
    for each in table:
        assert list(each) == names
        assert all(
            each[name] for name in (*claims_table.KEY, "source", "claimant", "stance", "evidence", "proposition_class")
        )


def test_value_sets_hold_every_value(article: Dataset, table: list[claims_table.Row]):
    """Each value of a closed list is in the list of the ontology."""
    sets = claims_table.value_sets(article)
    for column in claims_table.COLUMNS:
        if column.values:
            assert {each[column.name] for each in table} - {None} <= set(sets[column.values]), column.name
    assert set(sets["Stance"]) == {"affirms", "denies", "leavesOpen"}


def plain(value: Any) -> Any:
    """Return a cell in Python's own types, with None for every kind of no value."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(value)
    return None if value is None or value is pandas.NaT or value != value else value


def test_pandas_reads_the_csv(table: list[claims_table.Row]):
    """Pandas reads the same cells from the CSV, lists split at the bar."""
    frame = pandas.read_csv(io.StringIO(claims_table.to_csv(table)), dtype=str, keep_default_na=False)
    assert list(frame.columns) == [column.name for column in claims_table.COLUMNS]
    for read, each in zip(frame.to_dict("records"), table, strict=True):
        for column in claims_table.COLUMNS:
            text, cell = read[column.name], each[column.name]
            if column.several:
                assert text.split("|") == [str(value) for value in cell or ("",)]  # type: ignore[union-attr]
            elif column.kind == "dateTime":
                assert (pandas.Timestamp(text) if text else None) == cell
            else:
                assert text == ("" if cell is None else str(cell))


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_parquet_is_read(table: list[claims_table.Row], library: str):
    """Pandas and polars read the same cells from the Parquet file, with their types."""
    content = io.BytesIO(claims_table.to_parquet(table))
    if library == "pandas":
        records = pandas.read_parquet(content).to_dict("records")
    else:
        records = polars.read_parquet(content).to_dicts()
    assert len(records) == len(table)
    for read, each in zip(records, table, strict=True):
        assert {name: plain(value) for name, value in read.items()} == {k: plain(v) for k, v in each.items()}


def test_parquet_says_what_columns_mean(table: list[claims_table.Row]):
    """The file has the meaning of each column in its metadata, and the keys may not be empty."""
    from pyarrow import parquet

    schema = parquet.read_schema(io.BytesIO(claims_table.to_parquet(table)))
    for column in claims_table.COLUMNS:
        field = schema.field(column.name)
        assert field.metadata[b"description"].decode() == column.meaning
        assert field.nullable != column.is_key


def test_csvw_describes_the_csv(tmp_path: Path, article: Dataset, table: list[claims_table.Row]):
    """The csvw library finds the CSV valid by its description, and reads typed values by it."""
    from csvw import Table

    for name, text in dumps.claims(
        table, claims_table.value_sets(article), ["https://creativecommons.org/licenses/by/4.0/"]
    ).items():
        (tmp_path / name).write_bytes(text.encode())
    described = Table.from_file(tmp_path / "claims.csv-metadata.json")
    assert described.check_primary_key()
    records = list(described.iterdicts(fname=tmp_path / "claims.csv", strict=True))
    assert len(records) == len(table)
    for read, each in zip(records, table, strict=True):
        for column in claims_table.COLUMNS:
            value = read[column.name]
            if column.kind == "anyURI":
                value = [str(v.unsplit() if hasattr(v, "unsplit") else v) for v in value] if column.several else value
            wanted = list(each[column.name] or ()) if column.several else each[column.name]  # type: ignore[arg-type]
            text = value.unsplit() if hasattr(value, "unsplit") else value
            assert text == wanted, column.name


def test_csvw_refuses_another_stance(tmp_path: Path, article: Dataset):
    """A value that is on no list of the ontology is not valid by the description."""
    from csvw import Table

    texts = dumps.claims(claims_table.rows(article), claims_table.value_sets(article), [])
    spoilt = texts["claims.csv"].replace(",affirms,", ",proves,", 1)
    (tmp_path / "claims.csv").write_bytes(spoilt.encode())
    (tmp_path / "claims.csv-metadata.json").write_text(texts["claims.csv-metadata.json"], encoding="utf-8")
    with pytest.raises(ValueError, match="proves"):
        list(
            Table.from_file(tmp_path / "claims.csv-metadata.json").iterdicts(fname=tmp_path / "claims.csv", strict=True)
        )


def test_dictionary_explains_every_column_and_value(article: Dataset):
    """The data dictionary has a line for each column, and one for each value of a list."""
    sets = claims_table.value_sets(article)
    text = claims_table.dictionary(sets)
    for column in claims_table.COLUMNS:
        assert re.search(rf"^\| `{column.name}` \| {column.kind} \| .*\|$", text, re.MULTILINE)
    for values in sets.values():
        assert all(f"| `{value}` | {meaning} |" in text for value, meaning in values.items())


def test_properties_exist(article: Dataset):
    """Each property that a column says it comes from is used or declared in the graph."""
    metadata = json.loads(claims_table.metadata(claims_table.value_sets(article), []))
    properties = {column["propertyUrl"] for column in metadata["tableSchema"]["columns"] if "propertyUrl" in column}
    assert TRI + "stance" in properties
    for iri in properties:
        text = f"ASK {{ {{ ?s <{iri}> ?o }} UNION {{ <{iri}> a ?kind }} }}"
        assert article.query(text), iri


def test_odd_labels_survive(own_gazette):
    """Commas, quotes, line ends, bars and the word NA in a label come back as they were."""
    label = 'NA, "so" | called\nor not'
    path = own_gazette.graphs / "actors" / "persons-and-organs.ttl"
    text = path.read_text(encoding="utf-8")
    assert '"Hilda Marsh"@en' in text
    path.write_text(text.replace('"Hilda Marsh"@en', f"{ox.Literal(label)}@en"), encoding="utf-8")
    table = claims_table.rows(load(own_gazette))
    named = [each["claimant_label"] for each in table]
    assert label in named
    records = list(csv.DictReader(io.StringIO(claims_table.to_csv(table), newline="")))
    assert [record["claimant_label"] for record in records] == named
    assert pandas.read_parquet(io.BytesIO(claims_table.to_parquet(table)))["claimant_label"].tolist() == named


def test_no_claims_make_an_empty_table():
    """Without claims there is a head and no row, in CSV and in Parquet."""
    table = claims_table.rows(Dataset(ox.Store()))
    assert table == []
    assert claims_table.to_csv(table).count("\r\n") == 1
    assert len(pandas.read_parquet(io.BytesIO(claims_table.to_parquet(table)))) == 0


def test_metadata_are_written_in_unicode(article: Dataset) -> None:
    """Letters beyond ASCII stand in the description as they are."""
    text = claims_table.metadata(claims_table.value_sets(article), ["https://example.org/licen\u00e7a"])
    assert "https://example.org/licen\u00e7a" in text
