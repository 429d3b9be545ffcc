"""Who votes alike: counts, shares and intervals, against the stored queries, Newcombe's table and the real record."""

import itertools
import re
import shutil
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conftest import ROOT, need_shared
from tests.support.ballots import AT, FILES, make_project
from tests.support.commands import refused, run
from triplomacy import queries
from triplomacy.dataset.dataset import MemoryDataset
from triplomacy.dataset.project import Project
from triplomacy.dataset.reading import load_graphs
from triplomacy.errors import BadParameter, EngineUnavailable, TriplomacyError, UnknownName
from triplomacy.imports import unvotes
from triplomacy.rdf.parsing import load_file
from triplomacy.terms import ID
from triplomacy.votes import alignment, charts, record as votes
from triplomacy.votes.alignment import AlignmentLine, By, VoteSelection
from triplomacy.votes.record import Agreement


@pytest.fixture(scope="module")
def project(small: MemoryDataset) -> Project:
    """Return the project with the invented votes: only to be read."""
    return small.project


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with our graphs and the real record: only to be read."""
    files = sorted(need_shared("data/un-votes").glob("*.rda"))
    folder = tmp_path_factory.mktemp("real") / "project"
    for part in ("ontology", "queries", "graphs"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("un-votes", "countries"))
    unvotes.import_files(Project(folder), files, at=AT)
    return Project(folder)


def counts(lines: list[AlignmentLine], *, parts: bool = False) -> dict[str, tuple[int, int]]:
    """Return agreed and voted of each line, by the other's label or by the part."""
    return {line.part if parts else line.other.label: (line.agreement.agreed, line.agreement.voted) for line in lines}


def test_agreement_is_the_same_choice_where_both_vote(project: Project) -> None:
    """Of the roll calls in which both vote those count in which both say yes, both no, or both abstain."""
    lines = alignment.compare_with_all(alignment.select_votes(project, VoteSelection()), "North Korea", "all")
    assert counts(lines) == {
        "Syria": (2, 2),
        "Soviet Union": (1, 1),
        "China": (3, 4),
        "Russia": (1, 3),
        "Namibia": (1, 4),
        "United States": (1, 4),
        "Serbia": (0, 2),
        "Yemen": (0, 1),
    }
    assert [line.other.label for line in lines] == list(counts(lines))


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("session", {"47": (0, 1), "61": (1, 2)}),
        ("year", {"1992": (0, 1), "2006": (1, 2)}),
        ("issue", {"Clothing": (1, 1), "Feet": (0, 1)}),
    ],
)
def test_agreement_part_by_part(by: By, expected: dict[str, tuple[int, int]], project: Project) -> None:
    """By session, by year and by issue each part with a common vote is a line, in the order of the parts."""
    lines = alignment.compare_two(alignment.select_votes(project, VoteSelection()), "DPRK", "id:russia", by)
    assert list(counts(lines, parts=True).items()) == list(expected.items())


def test_seat_has_the_votes_of_those_who_held_it(project: Project) -> None:
    """With the seat Russia has the Soviet Union's votes too, and China those of Taiwan; the two of before are gone."""
    seats = alignment.select_votes(project, VoteSelection(seat=True))
    assert counts(alignment.compare_with_all(seats, "North Korea", "all"))["Russia"] == (2, 4)
    assert counts(alignment.compare_with_all(seats, "Russia", "all"))["China"] == (2, 6)
    with pytest.raises(UnknownName, match="no such voter: Soviet Union"):
        seats.record.find("Soviet Union")


def test_selection_leaves_roll_calls_out(project: Project) -> None:
    """Sessions and an issue leave only their roll calls."""
    only = alignment.select_votes(project, VoteSelection(sessions=(26, 47)))
    assert counts(alignment.compare_two(only, "KP", "RU", "all")) == {"Russia": (0, 1)}
    only = alignment.select_votes(project, VoteSelection(issue="Feet"))
    assert counts(alignment.compare_two(only, "KP", "CHN", "all")) == {"China": (1, 2)}


@pytest.mark.parametrize(
    ("agreed", "voted", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_interval_is_wilsons(agreed: int, voted: int, low: float, high: float) -> None:
    """The interval is that of the examples in Newcombe's comparison (Statistics in Medicine 17, 1998, table I)."""
    assert Agreement(agreed, voted).interval == pytest.approx((low, high), abs=5e-5)


def test_interval_without_votes_says_nothing() -> None:
    """Without a common vote the interval goes from 0 to 1."""
    assert Agreement(0, 0).interval == (0.0, 1.0)


def test_table_is_what_the_graph_says(project: Project, small: MemoryDataset) -> None:
    """The table of the votes has the roll calls, the voters and the votes that the graph's triples have."""
    assert votes.is_fresh(project, "un-votes")
    assert votes.read(project) == votes.read_dataset(small, "un-votes")


def test_changed_graph_is_read_itself(tmp_path: Path) -> None:
    """Once a file of the graph has been changed, the table is passed over and the answer is the graph's."""
    own = make_project(tmp_path / "project")
    unvotes.import_files(own, FILES, at=AT)
    path = own.graphs / "un-votes" / "session-061.ttl"
    text = path.read_text(encoding="utf-8")
    old = "<proposition/6-syria>\n    a tri:VoteInFavour"
    assert old in text
    path.write_text(text.replace(old, old.replace("VoteInFavour", "VoteAgainst")), encoding="utf-8")
    assert not votes.is_fresh(own, "un-votes")
    lines = alignment.compare_two(alignment.select_votes(own, VoteSelection()), "North Korea", "Syria", "all")
    assert counts(lines) == {"Syria": (1, 2)}


def asked(dataset: MemoryDataset, name: str, **values: str) -> dict[str, tuple[int, int]]:
    """Return what a stored query of the theme counts, by the last part of its first column."""
    query = queries.find(dataset.project, f"alignment/{name}")
    answer = queries.run(dataset, queries.bind(query, values, dataset))
    rows = [[str(getattr(cell, "value", "")) for cell in row] for row in answer.rows]
    return {first.rpartition("/")[2]: (int(agreed), int(voted)) for first, agreed, voted in rows}


def by_slug(lines: list[AlignmentLine]) -> dict[str, tuple[int, int]]:
    """Return agreed and voted of each line, by the last part of the other's IRI."""
    return {line.other.iri.removeprefix(ID): (line.agreement.agreed, line.agreement.voted) for line in lines}


@pytest.mark.parametrize("one", ["north-korea", "russia", "soviet-union", "yemen-arab-republic"])
def test_stored_queries_count_the_same(one: str, project: Project, small: MemoryDataset) -> None:
    """The stored queries over the triples give what the command gives: with all, by session, and by issue."""
    chosen = alignment.select_votes(project, VoteSelection())
    assert asked(small, "who-votes-alike", one=f"id:{one}") == by_slug(alignment.compare_with_all(chosen, one, "all"))
    parts: list[tuple[str, By]] = [("how-often-do-two-agree", "session"), ("how-often-do-two-agree-by-issue", "issue")]
    for name, by in parts:
        found = asked(small, name, one=f"id:{one}", other="id:united-states")
        found.pop("", None)  # what has no issue
        assert found == counts(alignment.compare_two(chosen, one, "united-states", by), parts=True)


def test_stored_queries_count_the_same_in_the_real_record(real: Project, tmp_path: Path) -> None:
    """On two sessions of the real record the stored query and the command give the same counts for all others."""
    sample = Project(tmp_path / "sample")
    sessions = [f"session-{number:03}.ttl" for number in range(74) if number not in (46, 68)] + ["session-074.ttl"]
    shutil.copytree(real.root, sample.root, ignore=shutil.ignore_patterns(*sessions))
    chosen = alignment.select_votes(real, VoteSelection(sessions=(46, 46)))
    of_46 = by_slug(alignment.compare_with_all(chosen, "North Korea", "all"))
    chosen = alignment.select_votes(real, VoteSelection(sessions=(68, 68)))
    of_68 = by_slug(alignment.compare_with_all(chosen, "North Korea", "all"))
    both = {
        name: tuple(map(sum, zip(of_46.get(name, (0, 0)), of_68.get(name, (0, 0)), strict=True)))
        for name in of_46.keys() | of_68.keys()
    }
    shutil.rmtree(sample.graphs / "un-es-11-1")
    dataset = load_graphs(sample)
    assert len(both) > 190
    assert asked(dataset, "who-votes-alike", one="id:north-korea") == both


def test_all_others_come_from_the_table(real: Project) -> None:
    """The agreement with all others in all sessions takes less time than it takes to load the votes of five of them."""
    begun = time.perf_counter()
    lines = alignment.compare_with_all(alignment.select_votes(real, VoteSelection(seat=True)), "North Korea", "all")
    counted = time.perf_counter() - begun
    store = ox.Store()
    begun = time.perf_counter()
    for session in range(70, 75):
        load_file(store, real.graphs / "un-votes" / f"session-{session:03}.ttl")
    assert counted < time.perf_counter() - begun
    assert len(lines) > 190


def test_blocs_of_the_real_record(real: Project) -> None:
    """In the late Cold War the Soviet Union's allies are in one bloc, and the United States in another."""
    members = alignment.blocs(alignment.select_votes(real, VoteSelection(sessions=(35, 39))), 3)
    blocs = {member.voter.label: member.bloc for member in members}
    east = {"Soviet Union", "German Democratic Republic", "Poland", "Bulgaria", "Hungary", "Czechoslovakia", "Mongolia"}
    assert len({blocs[name] for name in east}) == 1
    assert blocs["United States"] != blocs["Poland"]
    assert {1, 2, 3} == set(blocs.values())


def test_blocs_leave_out_who_hardly_votes(project: Project) -> None:
    """Only who votes in more than half of the roll calls is in a bloc, and each bloc is sorted by agreement within."""
    members = alignment.blocs(alignment.select_votes(project, VoteSelection(seat=True)), 2)
    names = {bloc: [m.voter.label for m in members if m.bloc == bloc] for bloc in (1, 2)}
    assert names == {1: ["North Korea", "China", "Russia"], 2: ["Namibia", "United States"]}
    with pytest.raises(BadParameter, match="6 blocs cannot be made: 5 voters"):
        alignment.blocs(alignment.select_votes(project, VoteSelection(seat=True)), 6)


def test_absent_library_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without scipy blocs are an error that says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "scipy.cluster", None)
    with pytest.raises(EngineUnavailable, match=r"install triplomacy\[votes\]"):
        alignment.blocs(alignment.select_votes(project, VoteSelection()), 2)


def test_claims_stand_beside_the_record(real: Project) -> None:
    """Each alignment that the author affirms has its pairs with their votes, and the graphs are as they were."""
    chosen = alignment.select_votes(real, VoteSelection(seat=True))
    found = alignment.compare_claims(real, chosen)
    pairs = {(each.line.one.label, each.line.other.label): each.line.agreement for each in found}
    assert tuple(pairs["North Korea", "Russia"]) == (1324, 2089)
    assert {each.claimant for each in found} == {f"{ID}artyom-lukin"}
    assert {each.certainty.rpartition("#")[2] for each in found} == {"certain", "probable", "improbable"}
    china = next(each for each in found if each.line.other.label == "North Korea")
    assert (china.line.one.label, china.place) == ("China", 7)


def test_no_record_is_said() -> None:
    """Without a record of votes the command says how to bring one in."""
    project = Project(ROOT)
    if votes.graphs(project):
        pytest.skip("somebody has imported votes here")
    with pytest.raises(TriplomacyError, match="import one by triplomacy import un-votes"):
        alignment.select_votes(project, VoteSelection())


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("North Korea", "Russia", "--by", "session"), "course"),
        (("North Korea", "Russia", "--by", "issue"), "course"),
        (("North Korea",), "ranking"),
        (("--blocs", "2", "--seat"), "blocs"),
    ],
)
def test_pictures_are_accessible_and_grey(
    arguments: tuple[str, ...], name: str, project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A picture is SVG with its words as description, in black and white, with the same bytes each time."""
    files = [tmp_path / "one.svg", tmp_path / "two.svg", tmp_path / "three.png"]
    for path in files:
        assert run(capsys, "align", *arguments, "--project", project.root, "--output", path)[0] == 0
    svg = files[0].read_text(encoding="utf-8")
    assert files[0].read_bytes() == files[1].read_bytes()
    assert files[2].read_bytes().startswith(b"\x89PNG")
    assert f'aria-labelledby="{name}-title {name}-desc"' in svg
    colours = {colour.lower() for colour in re.findall(r"#[0-9a-fA-F]{6}\b", svg)}
    assert all(colour[1:3] == colour[3:5] == colour[5:7] for colour in colours)
    _, words, _ = run(capsys, "align", *arguments, "--project", project.root, "--format", "text")
    assert "North Korea" in words
    assert "un-votes: 6 roll calls, 1971-10-05 to 2006-11-15" in words


def test_long_ranking_is_cut_and_counted(real: Project) -> None:
    """Of many others the first and the last are drawn, and the words have them all."""
    chosen = alignment.select_votes(real, VoteSelection())
    chart = charts.ranking_chart(chosen, alignment.compare_with_all(chosen, "Russia", "all"), "Russia")
    assert len(chart.lines()) > 180
    assert b"<svg" in charts.draw(chart, "svg")


def test_csv_has_iris_and_numbers(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """As CSV the states are IRIs, and the counts, the share and the interval are numbers."""
    code, out, err = run(capsys, "align", "North Korea", "China", "--project", project.root, "--format", "csv")
    assert code == 0
    assert out.splitlines() == [
        "state,other,agreed,voted,agreement,low,high",
        f"{ID}north-korea,{ID}china,3,4,0.750,0.301,0.954",
    ]
    assert err == "triplomacy: un-votes: 6 roll calls, 1971-10-05 to 2006-11-15.\n"


REFUSED = {
    (): "ask for one thing",
    ("Russia", "China", "Syria"): "ask for one thing",
    ("Russia", "--blocs", "2"): "ask for one thing",
    ("Rusia",): "no such voter: Rusia; did you mean Russia",
    ("Russia", "RU"): "Russia and RU are the same voter",
    ("Russia", "--sessions", "1-9"): "no roll call is selected; the record has sessions 26 to 61",
    ("Russia", "--sessions", "9-1"): "'9-1' are not sessions",
    ("Russia", "--issue", "Hat"): "no such issue: Hat",
    ("Russia", "--graph", "actors"): "no roll call in this graph",
    ("Russia", "--graph", "voters"): "no such graph: voters",
    ("Russia", "--by", "session", "--format", "svg"): "there is no picture of this",
    ("--claims", "--by", "session"): "--by goes with one STATE or two",
    ("--blocs", "99"): "99 blocs cannot be made",
    ("Russia", "--output", "votes.doc"): "no answer has the ending .doc",
}


@pytest.mark.parametrize("arguments", REFUSED)
def test_command_refuses(arguments: tuple[str, ...], project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be answered is refused in one line that says what to do."""
    refused(run(capsys, "align", *arguments, "--project", project.root), REFUSED[arguments])


def test_all_others_come_by_their_share(project: Project) -> None:
    """In all, those come first who agree most, then those who voted less, then by their labels; by part, the parts."""
    chosen = alignment.select_votes(project, VoteSelection())
    lines = alignment.compare_with_all(chosen, "North Korea", "all")
    keys = [(-line.agreement.share, -line.agreement.voted, line.other.label) for line in lines]
    assert len(set(keys)) > 2
    assert keys == sorted(keys)
    parts = [line.part for line in alignment.compare_with_all(chosen, "North Korea", "session")]
    assert parts
    assert [part for part, _ in itertools.groupby(parts)] == list(dict.fromkeys(parts))


def test_alignments_are_asked_for_by_the_package_where_a_project_does_not(small: MemoryDataset, tmp_path: Path) -> None:
    """A project without stored queries has the package's; the invented votes have no claims of alignment."""
    assert list(alignment._alignments(small, Project(tmp_path))) == []
