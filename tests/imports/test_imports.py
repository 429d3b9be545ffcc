"""Imports of data sets: what they write, from CSV and from R's files, and that they write it whole or not at all."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import need_shared
from tests.support.ballots import AT, FILES, VOTES, make_project
from tests.support.commands import refused, run
from tests.support.shacl import validate
from triplomacy.build.store import build
from triplomacy.claims import tables
from triplomacy.dataset import store_states
from triplomacy.dataset.dataset import MemoryDataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load_graphs
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.imports import countries, states, unvotes, writing
from triplomacy.rdf import normal_form
from triplomacy.terms import ID, SOURCE, TRI
from triplomacy.validation.shacl import Engine
from triplomacy.votes import record as votes


@pytest.fixture
def own(tmp_path: Path) -> Project:
    """Return a project that the test may import into."""
    return make_project(tmp_path / "project")


@pytest.fixture(scope="module")
def record() -> tuple[Path, ...]:
    """Return the files of the real record."""
    folder = need_shared("data/un-votes")
    return tuple(sorted(folder.glob("*.rda")))


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of each file in a folder by its name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def changed(folder: Path, name: str, old: str, new: str) -> tuple[Path, ...]:
    """Return copies of the files of invented votes, one with a change of its only occurrence of *old*."""
    folder.mkdir(parents=True, exist_ok=True)
    copies = tuple(Path(shutil.copy(path, folder)) for path in FILES)
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return copies


def cast(dataset: MemoryDataset, call: int) -> dict[str, str]:
    """Return the kind of the vote of each voter in a roll call, both by their local names."""
    rows = dataset.select(f"""SELECT ?voter ?kind WHERE {{
        ?vote a ?kind ; tri:voter ?voter ; tri:ballotItem <{SOURCE}un-votes/roll-call/{call}> }}""")
    return {row["voter"].value.removeprefix(ID): row["kind"].value.removeprefix(TRI) for row in rows}


def test_votes_are_those_of_the_file(small: MemoryDataset) -> None:
    """Each row of the file is one vote, with its choice as its class, and nobody else votes."""
    assert cast(small, 5) == {
        "russia": "Abstention",
        "china": "VoteInFavour",
        "namibia": "VoteInFavour",
        "north-korea": "VoteInFavour",
        "syria": "VoteInFavour",
        "united-states": "VoteAgainst",
        "serbia": "Abstention",
    }
    with FILES[0].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(cast(small, call)) for call in range(1, 7))


def test_states_of_before_are_told_apart(small: MemoryDataset) -> None:
    """What the record files under Russia is the Soviet Union's at first, and under Yugoslavia Serbia's since 2006."""
    assert cast(small, 3)["soviet-union"] == "VoteAgainst"
    assert "russia" not in cast(small, 3)
    assert cast(small, 4)["russia"] == "VoteInFavour"
    assert "yugoslavia" not in cast(small, 5)
    assert cast(small, 1)["taiwan"] == "VoteAgainst"


def test_successors_are_linked_and_not_merged(small: MemoryDataset) -> None:
    """A state of before names the one that followed it, and nothing says that the two are one."""
    assert small.query(f"ASK {{ <{ID}soviet-union> tri:succeededBy <{ID}russia> ; tri:seatPassedTo <{ID}russia> }}")
    assert small.query(f"ASK {{ <{ID}yemen-arab-republic> tri:succeededBy <{ID}yemen> }}")
    assert small.query(
        f"ASK {{ <{ID}taiwan> tri:seatPassedTo <{ID}china> MINUS {{ <{ID}taiwan> tri:succeededBy ?any }} }}"
    )
    assert not small.query("ASK { ?one owl:sameAs ?other }")


def test_namibia_keeps_its_code(small: MemoryDataset) -> None:
    """NA is Namibia's code and nobody else's, although R writes it for what is missing."""
    rows = small.select('SELECT ?state WHERE { ?state tri:isoAlpha2 "NA" }')
    assert [row["state"].value for row in rows] == [f"{ID}namibia"]


def test_votes_cost_four_triples(small: MemoryDataset) -> None:
    """A vote has a class, a voter and a roll call, and a claim that it belongs to: nothing else."""
    rows = small.select("""SELECT ?vote (COUNT(*) AS ?all) WHERE {
        ?vote tri:ballotItem ?call . { ?vote ?property ?value } UNION { ?value ?property ?vote }
        ?call a tri:RollCall } GROUP BY ?vote""")
    assert {int(row["all"].value) for row in rows} == {4}


def test_one_claim_a_roll_call(small: MemoryDataset) -> None:
    """The United Nations affirms all votes of a roll call in one claim, on a row of each of the two files."""
    rows = list(
        small.select("""SELECT ?claim (COUNT(DISTINCT ?vote) AS ?votes) (COUNT(DISTINCT ?row) AS ?rows) WHERE {
          ?claim tri:claimant id:united-nations ; tri:stance tri:affirms ; tri:certainty tri:certain ;
            tri:proposition ?vote ; tri:evidence ?row . ?vote tri:ballotItem ?call . ?call a tri:RollCall
        } GROUP BY ?claim ORDER BY ?claim""")
    )
    assert [int(row["votes"].value) for row in rows] == [4, 4, 6, 5, 7, 7]
    assert {int(row["rows"].value) for row in rows} == {2}


def test_roll_call_has_its_issues(small: MemoryDataset) -> None:
    """A roll call has its session, its day, its symbol and each of its issues."""
    rows = small.select("""SELECT ?session ?date ?symbol ?issue WHERE { ?call a tri:RollCall ; tri:session ?session ;
        dcterms:date ?date ; dcterms:identifier ?symbol ; dcterms:subject/skos:prefLabel ?issue ;
        rdfs:label "Roll call 2 on R/26/2 (amendment): GLOVES"@en } ORDER BY ?issue""")
    assert [[term.value for term in row] for row in rows] == [
        ["26", "1971-11-05", "R/26/2", "Clothing"],
        ["26", "1971-11-05", "R/26/2", "Hands"],
    ]


def test_import_describes_itself(small: MemoryDataset) -> None:
    """The graph says where it is from, under which licence, when and by which version it was made, of which files."""
    rows = list(
        small.select("""SELECT ?origin ?licence ?when ?program ?hash WHERE {
          ?graph a dcat:Dataset ; dcterms:source ?origin ; dcterms:license ?licence ; prov:wasGeneratedBy ?import .
          ?import prov:endedAtTime ?when ; prov:used/tri:sha256 ?hash ; prov:wasAssociatedWith/rdfs:label ?program }""")
    )
    assert {row["hash"].value for row in rows} == {tables.sha256(path) for path in FILES}
    assert {row["origin"].value for row in rows} == {unvotes.ORIGIN.address}
    assert {row["licence"].value for row in rows} == {unvotes.ORIGIN.licence}
    assert {row["when"].value for row in rows} == {AT}
    assert {row["program"].value for row in rows} == {"Triplomacy 0.1.0"}


@pytest.mark.parametrize("engine", ["fast", "pyshacl"])
def test_imported_graphs_conform(small: MemoryDataset, engine: Engine) -> None:
    """What an import writes has no finding by our shapes."""
    paths = [path for paths in small.files.values() for path in paths]
    triples = [quad.triple for path in paths for quad in ox.parse(path=path, rename_blank_nodes=True)]
    assert validate(triples, small.project.shapes(), engine=engine) == []


def test_validate_has_nothing_to_say(small: MemoryDataset, capsys: pytest.CaptureFixture[str]) -> None:
    """The command finds nothing in an imported graph: no hygiene, no unknown term, no idle shape of votes."""
    code, out, _ = run(capsys, "validate", "--project", small.project.root, small.project.graphs / "un-votes")
    assert code == 0
    assert "conforms: no findings" in out


def test_files_are_in_the_normal_form(small: MemoryDataset) -> None:
    """The format command would change nothing in what an import writes."""
    for path in (small.project.graphs / "un-votes").glob("*.ttl"):
        before, after = normal_form.of_file(path)
        assert before == after


def test_vote_leads_to_its_row(small: MemoryDataset, capsys: pytest.CaptureFixture[str]) -> None:
    """From a fact about a vote explain goes back to the claim and to the rows of both files."""
    project = small.project.root
    fact = ("id:serbia", "tri:votesAgainst", "un-votes:roll-call/6")
    code, out, _ = run(capsys, "explain", *fact, "--project", project)
    assert code == 0
    assert "un-votes:claim/6" in out
    assert "un-votes:row/votes/6" in out


def test_rows_are_verified(small: MemoryDataset, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The evidence command verifies the rows of each file, and finds one that another file does not have."""
    project = small.project.root
    for path in FILES[:2]:
        code, out, _ = run(capsys, "evidence", "--source", path, "--project", project)
        assert (code, out) == (0, f"un-votes: 6 rows of {path.name}; no findings\n")
    other = changed(tmp_path, "roll-calls.csv", "6,61,0,", "7,61,0,")[1]
    code, out, _ = run(capsys, "evidence", "--source", f"un-votes={other}", "--project", project)
    assert code == 1
    assert "No row of the file has the key 6" in out


def test_repeated_import_writes_the_same_bytes(own: Project, tmp_path: Path) -> None:
    """The same files once more give the same bytes, also the time of the first import, and so do they elsewhere."""
    unvotes.import_files(own, FILES)
    first = contents(own.graphs / "un-votes")
    unvotes.import_files(own, tuple(reversed(FILES)))
    assert contents(own.graphs / "un-votes") == first
    when = first["graph.ttl"].decode().partition('prov:endedAtTime "')[2][:20]
    unvotes.import_files(own, FILES, tmp_path / "deep" / "votes", at=when)
    assert contents(tmp_path / "deep" / "votes") == first


def test_row_that_stands_twice_is_one_vote(own: Project, tmp_path: Path) -> None:
    """A row that says the same again adds nothing."""
    unvotes.import_files(own, FILES, at=AT)
    before = (own.graphs / "un-votes" / "session-061.ttl").read_bytes()
    files = changed(tmp_path / "in", "votes.csv", "6,Syria,SY,yes\n", "6,Syria,SY,yes\n6,Syria,SY,yes\n")
    assert unvotes.import_files(own, files, at=AT)["votes"] == 33
    assert (own.graphs / "un-votes" / "session-061.ttl").read_bytes() == before


WRONG = {
    "contradiction": ("votes.csv", "6,Syria,SY,yes", "6,Syria,SY,yes\n6,Syria,SY,no", 33, "has a different vote"),
    "vote": ("votes.csv", "6,Syria,SY,yes", "6,Syria,SY,aye", 32, "no such vote: 'aye'"),
    "number": ("votes.csv", "6,Syria,SY,yes", "six,Syria,SY,yes", 32, "not a whole number"),
    "roll call": ("votes.csv", "6,Syria,SY,yes", "9,Syria,SY,yes", 32, "there is no roll call with the number 9"),
    "name": ("votes.csv", "6,Syria,SY,yes", "6,,SY,yes", 32, "not the name of a state"),
    "cells": ("votes.csv", "6,Syria,SY,yes", "6,Syria,SY", 32, "3 cells in a table of 4 columns"),
    "quotes": ("votes.csv", "6,Syria,SY,yes", '6,"Syria"n,SY,yes', 32, "not CSV"),
    "two names": ("votes.csv", "6,Syria,SY,yes", "6,Serbia,RS,yes", None, "a vote of Serbia, under two names"),
    "day": ("roll-calls.csv", "2006-11-15", "2006-11-31", 7, "date is not a day"),
    "twice": ("roll-calls.csv", "6,61,0,", "5,61,0,", 7, "roll call 5 is in row 6 too"),
    "session": ("roll-calls.csv", "6,61,0,", "6,sixty,0,", 7, "session is not a whole number"),
    "issue": ("issues.csv", "6,cl,Clothing", "6,cl,Clothes", 7, "cl is 'Clothing' in another row"),
    "columns": ("issues.csv", "rcid,short_name,issue", "rcid,short,issue", 1, "not a known table"),
    "column twice": ("issues.csv", "rcid,short_name,issue", "rcid,issue,issue", 1, "two columns are called 'issue'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_row_is_refused_with_its_place(name: str, own: Project, tmp_path: Path) -> None:
    """What a file has wrong is named with its line, and the graph that was there stays as it was."""
    unvotes.import_files(own, FILES, at=AT)
    before = contents(own.graphs / "un-votes")
    file, old, new, line, message = WRONG[name]
    files = changed(tmp_path / "in", file, old, new)
    with pytest.raises(MalformedInput, match=message) as caught:
        unvotes.import_files(own, files, at=AT)
    assert (caught.value.path, caught.value.line) == (tmp_path / "in" / file, line)
    assert contents(own.graphs / "un-votes") == before
    assert [path.name for path in own.root.iterdir() if path.name.startswith(".")] == []


def test_interrupted_import_leaves_what_was_there(own: Project) -> None:
    """Whoever stops an import in its middle has the former graph, whole."""
    unvotes.import_files(own, FILES, at=AT)
    before = contents(own.graphs / "un-votes")

    with pytest.raises(KeyboardInterrupt):
        unvotes.import_files(own, FILES, at="2026-11-26T00:00:00Z", progress=stop)
    assert contents(own.graphs / "un-votes") == before
    assert [path.name for path in own.root.iterdir() if path.name.startswith(".")] == []


def test_killed_import_leaves_what_was_there(own: Project) -> None:
    """An import whose process is killed while it writes leaves the former graph, and the project can be read."""
    unvotes.import_files(own, FILES, at=AT)
    before = contents(own.graphs / "un-votes")
    program = (
        "import os, signal, sys; from pathlib import Path; from triplomacy.dataset import Project;"
        "from triplomacy.imports import unvotes;"
        "kill = lambda told: told.startswith('writing session 61') and os.kill(os.getpid(), signal.SIGKILL);"
        "unvotes.import_files(Project(Path(sys.argv[1])), [Path(each) for each in sys.argv[2:]], progress=kill)"
    )
    done = subprocess.run([sys.executable, "-c", program, own.root, *FILES], check=False)
    assert done.returncode == -9
    assert contents(own.graphs / "un-votes") == before
    assert len(load_graphs(own).store)


KILLED = """
import os, signal, sys
from pathlib import Path
from triplomacy import folders
from triplomacy.dataset import Project
from triplomacy.imports import unvotes

def kill(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[1] == "between":  # as on a system that cannot exchange two folders in one step
    folders._exchange = lambda one, other: False
    move = Path.rename
    Path.rename = lambda path, target: kill() if path.name == "new" else move(path, target)
else:
    folders.shutil.rmtree = kill
unvotes.import_files(Project(Path(sys.argv[2])), [Path(each) for each in sys.argv[3:]], at="2026-11-26T00:00:00Z")
"""


def hidden(project: Project) -> list[str]:
    """Return what imports have left beside the graphs."""
    return [path.name for path in project.root.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("moment", ["between", "after"])
def test_import_killed_while_it_swaps_is_put_right(moment: str, own: Project) -> None:
    """What an import that was killed has taken out of its place is put back by the next one, even if that one fails."""
    unvotes.import_files(own, FILES, at=AT)
    folder = own.graphs / "un-votes"
    before = contents(folder)
    done = subprocess.run([sys.executable, "-c", KILLED, moment, own.root, *FILES], check=False)
    assert done.returncode == -9
    assert folder.exists() == (moment == "after")
    assert len(hidden(own)) == 1
    (own.root / ".un-votes-2-abcdefgh" / "new").mkdir(parents=True)  # of another graph
    with pytest.raises(KeyboardInterrupt):
        unvotes.import_files(own, FILES, at=AT, progress=stop)
    if moment == "between":
        assert contents(folder) == before
    else:
        assert b"2026-11-26" in contents(folder)["graph.ttl"]
    assert hidden(own) == [".un-votes-2-abcdefgh"]


def stop(told: str) -> None:
    """Stop an import as a user does who presses a key while the second of its files is written."""
    if told == "writing session 47 of 61":
        raise KeyboardInterrupt


def test_import_that_runs_is_left_alone(own: Project) -> None:
    """What another import is writing at the moment is not taken for what one has left that was killed."""
    with writing.replacement(own.graphs / "a") as one:
        (one / "graph.ttl").write_text("# prov:wasGeneratedBy, the first", encoding="utf-8")
        with writing.replacement(own.graphs / "a") as other:
            (other / "graph.ttl").write_text("# prov:wasGeneratedBy, the second", encoding="utf-8")
        assert one.is_dir()
    assert contents(own.graphs / "a") == {"graph.ttl": b"# prov:wasGeneratedBy, the first"}
    assert hidden(own) == []


def test_folder_of_somebody_else_is_left_alone(own: Project) -> None:
    """A folder that no import has written is not replaced."""
    with pytest.raises(TriplomacyError, match="was not written by an import"):
        unvotes.import_files(own, FILES, own.graphs / "actors")
    assert (own.graphs / "actors" / "states.ttl").is_file()


def test_name_that_nobody_knows_is_a_state_of_its_own(own: Project, tmp_path: Path) -> None:
    """A state that the record calls by a new name is found by its code, and one without a code gets its name."""
    old = "6,Syria,SY,yes"
    unvotes.import_files(own, changed(tmp_path / "in", "votes.csv", old, "6,Türkiye,TR,yes\n6,Freedonia,NA,no"), at=AT)
    graphs = load_graphs(own)
    assert cast(graphs, 6)["turkey"] == "VoteInFavour"
    assert cast(graphs, 6)["freedonia"] == "VoteAgainst"
    assert not graphs.query(f"ASK {{ <{ID}freedonia> tri:isoAlpha2 ?code }}")


def test_r_and_csv_give_the_same_votes(own: Project, tmp_path: Path) -> None:
    """The same tables in a file of R and in CSV give the same votes and roll calls."""
    pandas, pyreadr = pytest.importorskip("pandas"), pytest.importorskip("pyreadr")
    unvotes.import_files(own, FILES, tmp_path / "of-csv", at=AT)
    made = []
    for path in FILES:
        frame = pandas.read_csv(path, keep_default_na=False)
        if "session" in frame:
            frame["session"] = frame["session"].astype(float)
            frame["descr"] = frame["descr"].astype(object)
        if "country_code" in frame:
            missing = (frame["country_code"] == "NA") & (frame["country"] != "Namibia")
            frame.loc[missing, "country_code"] = None
        made.append(tmp_path / f"{path.stem}.rda")
        pyreadr.write_rdata(str(made[-1]), frame, df_name="anything")
    unvotes.import_files(own, made, tmp_path / "of-r", at=AT)
    of_csv, of_r = contents(tmp_path / "of-csv"), contents(tmp_path / "of-r")
    assert of_csv["states.ttl"] == of_r["states.ttl"]
    assert of_csv["session-061.ttl"] == of_r["session-061.ttl"].replace(b".rda>", b".csv>")


def test_countries_are_described(own: Project) -> None:
    """States that the table calls independent get codes and identifiers, unless the actors have them already."""
    done = countries.import_files(own, [VOTES / "countries.csv"], at=AT)
    assert done == {"states": 2, "states among the actors": 1, "other rows": 1}
    rows = load_graphs(own).select("""SELECT ?state ?code ?m49 ?match WHERE {
        ?state tri:isoAlpha3 ?code ; tri:m49 ?m49 ; skos:exactMatch ?match FILTER (?code IN ("AUT", "NAM", "RUS"))
        } ORDER BY ?code""")
    assert [[term.value.rpartition("/")[2] for term in row] for row in rows] == [
        ["austria", "AUT", "040", "Q40"],
        ["namibia", "NAM", "516", "Q1030"],
        ["russia", "RUS", "643", "Q159"],
    ]


def test_imports_agree_on_states(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """Votes and countries in one project name each state once, in either order, and nothing is found in them."""
    unvotes.import_files(own, FILES, at=AT)
    countries.import_files(own, [VOTES / "countries.csv"], at=AT)
    both = contents(own.graphs / "un-votes") | contents(own.graphs / "countries")
    unvotes.import_files(own, FILES, at=AT)
    assert contents(own.graphs / "un-votes") | contents(own.graphs / "countries") == both
    code, out, _ = run(capsys, "validate", "--project", own.root, own.graphs / "un-votes", own.graphs / "countries")
    assert code == 0, out
    assert "conforms: no findings" in out


@pytest.mark.parametrize("column", ["M49", "is_independent"])
def test_other_table_is_no_countries(column: str, own: Project, tmp_path: Path) -> None:
    """A table that lacks a column is refused, with the column's name."""
    text = (VOTES / "countries.csv").read_text(encoding="utf-8").replace(column, "other")
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(MalformedInput, match=f"lacks the columns {column}"):
        countries.import_files(own, [tmp_path / "c.csv"])


def test_real_countries(own: Project) -> None:
    """Of the real table's 249 rows 195 are independent states, 12 of them among the actors; none is missing for NA."""
    done = countries.import_files(own, [need_shared("data/country-codes/country-codes.csv")], at=AT)
    assert done == {"states": 183, "states among the actors": 12, "other rows": 54}
    assert load_graphs(own).query(f'ASK {{ <{ID}namibia> tri:isoAlpha2 "NA" }}')


def test_command_says_what_it_wrote(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints how many roll calls, votes, tags and states there are, and where they are."""
    code, out, err = run(capsys, "import", "un-votes", *FILES, "--project", own.root, "--at", "2026-11-25")
    told = {what.strip(): int(number) for what, number in (line.rsplit(" ", 1) for line in out.splitlines())}
    assert (code, told) == (0, {"roll calls": 6, "votes": 33, "tags of issues": 6, "states": 11})
    assert err == f"triplomacy: wrote {own.graphs / 'un-votes'}\n"
    assert AT in (own.graphs / "un-votes" / "graph.ttl").read_text(encoding="utf-8")


def test_import_brings_a_store_up_to_date(own: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --store an import ends with the store that a build gives, and a repeated one changes nothing."""
    store = tmp_path / "store"
    command = ["import", "un-votes", *FILES, "--project", own.root, "--at", "2026-11-25", "--store", store]
    build(own, store)
    code, _, err = run(capsys, *command)
    assert code == 0
    assert f"stored {sum(store_states.open_state(store).metadata['graphs'].values()):,} triples" in err
    build(own, tmp_path / "anew")
    found, anew = (store_states.open_state(folder) for folder in (store, tmp_path / "anew"))
    assert found.metadata == anew.metadata
    assert len(found.store()) == len(anew.store()) > 1_000
    assert "nothing had changed" in run(capsys, *command)[2]
    refused(run(capsys, *command, "--output", tmp_path / "elsewhere"), "leave --output out")
    refused(run(capsys, *command[:-1], own.graphs), "holds other things than a store")


def test_large_graphs_are_told_of_a_store(own: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """Who reads graphs of tens of megabytes for one question is told how to build a store of them, others are not."""
    command = ("query", "--text", "ASK {}", "--project", own.root)
    assert "build --store" not in run(capsys, *command)[2]
    (own.graphs / "actors" / "large.ttl").write_text("# nothing\n" * 4_000_001, encoding="utf-8")
    assert "build a store once (triplomacy build --store DIR)" in run(capsys, *command)[2]


REFUSED = {
    ("un-votes", "none.csv"): "none.csv: cannot be read",
    ("un-votes", "votes.csv"): "none of the files has roll calls",
    ("un-votes", "votes.csv", "votes.csv"): "two files are called votes.csv",
    ("un-votes", "votes.csv", "roll-calls.csv", "--at", "then"): "'then' is not a time",
    ("un-votes", "votes.csv", "roll-calls.csv", "--licence", "CC0"): "'CC0' is not an IRI",
    ("countries", "countries.csv", "votes.csv"): "the countries come from one file",
    ("countries", "."): "cannot be read",
    ("weather", "votes.csv"): "no such choice: weather",
}


@pytest.mark.parametrize("arguments", REFUSED)
def test_command_refuses(arguments: tuple[str, ...], own: Project, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be imported is refused in one line, and nothing is written."""
    monkeypatch.chdir(VOTES)
    refused(run(capsys, "import", *arguments, "--project", own.root), REFUSED[arguments])
    assert own.graph_names() == ["actors"]


def test_file_that_is_not_of_r(own: Project, tmp_path: Path) -> None:
    """A file that only has the ending of R's is refused by its name."""
    pytest.importorskip("pyreadr")
    (tmp_path / "votes.rda").write_text("no data", encoding="utf-8")
    with pytest.raises(MalformedInput, match="not a data file of R") as caught:
        unvotes.import_files(own, [tmp_path / "votes.rda"])
    assert caught.value.path == tmp_path / "votes.rda"


def test_table_of_states_is_sound() -> None:
    """The days of each name follow one upon the other, and each successor is a state of the table."""
    known = {each.state.iri for holdings in states.states_by_name().values() for each in holdings}
    for holdings in states.states_by_name().values():
        assert [each.since for each in holdings] == ["", *(each.until for each in holdings[:-1])]
        assert holdings[-1].until == ""
    assert {iri for one, other, _ in states.successions() for iri in (one, other)} <= known
    codes = [(each.state.alpha2, each.state.iri) for holdings in states.states_by_name().values() for each in holdings]
    assert len({code for code, _ in codes if code}) == len({iri for code, iri in codes if code})


def test_real_record(own: Project, record: tuple[Path, ...]) -> None:
    """The known answers hold in the real record: its size, the vote on A/RES/68/262, and North Korea's agreements."""
    done = unvotes.import_files(own, record, at=AT)
    assert done == {"roll calls": 6203, "votes": 870109, "tags of issues": 5745, "states": 206}
    read = votes.read(own)
    assert votes.is_fresh(own, "un-votes")
    crimea = read.select(lambda call: call.iri.endswith("/roll-call/5309"))
    counts = [sum((each[place] & crimea).bit_count() for each in read.ballots.values()) for place in range(3)]
    assert counts == [100, 11, 58]
    seats, everything = read.merge_seats(), read.select(lambda _: True)
    korea = seats.ballots[f"{ID}north-korea"]
    shares = {
        name: round(votes.agreement(korea, seats.ballots[f"{ID}{name}"], everything).share, 3)
        for name in ("syria", "china", "russia", "united-states")
    }
    assert shares == {"syria": 0.909, "china": 0.869, "russia": 0.634, "united-states": 0.075}
    assert len(contents(own.graphs / "un-votes")) == 74 + len(["graph", "source", "issues", "states", "table"])
