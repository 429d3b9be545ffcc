"""The record of votes: ballots as bits, agreement with its interval, names, seats, and the table that keeps it."""

import math

import pyoxigraph as ox
import pytest

from triplomacy.dataset.dataset import MemoryDataset
from triplomacy.dataset.project import Project
from triplomacy.errors import TriplomacyError, UnknownName
from triplomacy.terms import ID, PREFIXES, SOURCE
from triplomacy.votes import record as votes
from triplomacy.votes.record import Agreement, Ballots, Record, RollCall, Voter

OLD, NEW, NEXT, OTHER = (ID + name for name in ("freedonia", "new-freedonia", "later-freedonia", "sylvania"))
CALLS = (
    RollCall("urn:call/1", 46, "1991-01-01"),
    RollCall("urn:call/2", 47, "1992-01-01", ("co", "hr")),
    RollCall("urn:call/3", 47, "1992-02-01", ("hr",)),
)


@pytest.fixture
def record() -> Record:
    """Return a record of three roll calls, in which a seat passes twice."""
    voters = {
        OLD: Voter(OLD, "Freedonia", ("FD", "Fredonia"), NEW),
        NEW: Voter(NEW, "New Freedonia", ("NF",), NEXT),
        NEXT: Voter(NEXT, "Later Freedonia"),
        OTHER: Voter(OTHER, "Sylvania", ("SY", "Freedonia"), ID + "unknown"),
    }
    ballots = {OLD: Ballots(0b100), NEW: Ballots(0, 0b010), NEXT: Ballots(0, 0, 0b001), OTHER: Ballots(0b101, 0b010)}
    return Record("invented", CALLS, {"co": "Colonies", "hr": "Human rights"}, voters, ballots)


def test_ballots_of_two_are_joined_kind_by_kind():
    """What either cast is cast, in favour, against and abstaining each by itself."""
    joined = Ballots(0b100, 0b010, 0).join(Ballots(0b001, 0, 0b1000))
    assert joined == Ballots(0b101, 0b010, 0b1000)
    assert joined.cast == 0b1111


def test_agreement_counts_the_same_choice_among_common_votes():
    """Both in favour, both against and both abstaining agree; only the roll calls that are chosen count."""
    one, other = Ballots(0b1100_0, 0b0010_0, 0b0001_0), Ballots(0b1000_0, 0b0110_0, 0b0001_1)
    assert votes.agreement(one, other, 0b11111) == Agreement(3, 4)
    assert votes.agreement(one, other, 0b01100) == Agreement(1, 2)
    assert votes.agreement(one, Ballots(), 0b11111) == Agreement(0, 0)


def test_share_and_interval():
    """The share is agreed by voted; Wilson's interval stays within 0 and 1 and holds the share."""
    assert Agreement(3, 4).share == 0.75
    assert math.isnan(Agreement(0, 0).share)
    assert Agreement(0, 0).interval == (0.0, 1.0)
    low, high = Agreement(15, 148).interval
    assert (round(low, 4), round(high, 4)) == (0.0624, 0.1605)
    assert Agreement(0, 1).interval[0] == 0.0
    assert Agreement(5, 5).interval[1] == 1.0
    assert Agreement(0, 10).interval[1] == pytest.approx(0.2775, abs=1e-4)


def test_bits_of_chosen_roll_calls(record):
    """The first roll call is the highest bit; none chosen sets no bit, and all are the whole."""
    assert record.select(lambda call: call.session == 47) == 0b011
    assert record.select(lambda call: call.day < "1992") == 0b100
    assert record.select(lambda call: call.session == 1) == 0
    assert record.select(lambda _: True) == 0b111
    assert record.sessions() == [46, 47]
    nobody = Record("empty", (), {}, {}, {})
    assert (nobody.select(lambda _: True), nobody.select(lambda call: call.session == 46), nobody.sessions()) == (
        0,
        0,
        [],
    )


@pytest.mark.parametrize(
    ("name", "iri"),
    [
        ("freedonia", OLD),
        (OTHER, OTHER),
        (f"<{OTHER}>", OTHER),
        ("id:new-freedonia", NEW),
        ("NEW-FREEDONIA", NEW),
        ("fd", OLD),
        ("Fredonia", OLD),
        ("sy", OTHER),
    ],
)
def test_voter_is_found_by_any_name(record, name, iri):
    """A label goes before another's other name; capitals do not count."""
    assert record.find(name).iri == iri


def test_unknown_names_are_refused(record):
    """An error names what is near; an issue is found by key and by label."""
    with pytest.raises(UnknownName, match="Sylvania"):
        record.find("Sylvanja")
    assert record.issue("HR") == record.issue("human Rights") == "hr"
    with pytest.raises(UnknownName, match="Colonies"):
        record.issue("Colony")


def test_seat_passes_on(record):
    """A seat has those who held it, the last first; who passed it on is in the record of seats no more."""
    assert record.seat_holders(NEXT) == [NEXT, NEW, OLD]
    assert record.seat_holders(NEW) == [NEW, OLD]
    seats = record.merge_seats()
    assert list(seats.voters) == list(seats.ballots) == [NEXT, OTHER]
    assert seats.ballots[NEXT] == Ballots(0b100, 0b010, 0b001)
    assert (seats.calls, seats.issues, seats.graph) == (record.calls, record.issues, "invented")


def test_seat_that_passes_in_a_circle_ends():
    """Two states that name each other as successor are each said once."""
    voters = {OLD: Voter(OLD, "Old", (), NEW), NEW: Voter(NEW, "New", (), OLD)}
    assert Record("g", (), {}, voters, {}).seat_holders(OLD) == [OLD, NEW]


def test_table_has_a_line_for_each_thing(record):
    """Issues, voters and roll calls have a line each, the letters of a roll call in the order of the voters."""
    text = votes.table(record, "abc")
    assert text.splitlines() == [
        "digest,abc",
        "issue,co,Colonies",
        "issue,hr,Human rights",
        f"voter,{OLD},Freedonia,{NEW},FD,Fredonia",
        f"voter,{NEW},New Freedonia,{NEXT},NF",
        f"voter,{NEXT},Later Freedonia,",
        f"voter,{OTHER},Sylvania,{ID}unknown,SY,Freedonia",
        "call,urn:call/1,46,1991-01-01,,y..y",
        "call,urn:call/2,47,1992-01-01,co hr,.n.n",
        "call,urn:call/3,47,1992-02-01,hr,..ay",
    ]


@pytest.mark.parametrize(
    ("choices", "ballots"),
    [
        ({0: "y", 2: "a"}, Ballots(0b1000, 0, 0b0010)),
        ({1: "n", 3: "n"}, Ballots(0, 0b0101, 0)),
        ({}, Ballots()),
    ],
)
def test_ballots_of_choices(choices, ballots):
    """Each choice is a bit at the place of its roll call; who chose nothing has no bit."""
    assert votes.ballots_of_choices({"urn:a": choices}, 4) == {"urn:a": ballots}


def test_roll_calls_are_in_the_order_of_the_record():
    """By session, then by number and not by digits; what has no number goes first."""
    calls = [RollCall(f"urn:call/{key}", session, "") for session, key in [(2, "1"), (1, "10"), (1, "9"), (1, "x")]]
    assert [call.iri[9:] for call in sorted(calls, key=votes.sort_key)] == ["x", "9", "10", "1"]


def test_digest_is_of_names_and_contents(tmp_path):
    """Another name, content, or a character that moves to the next file changes it; other files do not count."""

    def digest(**files: str) -> str:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        for name, text in reversed(files.items()):
            (folder / f"{name}.ttl").write_text(text, encoding="utf-8")
        (folder / "other.csv").write_text(str(folder), encoding="utf-8")
        return votes.digest(folder)

    assert digest(a="1", b="2") == digest(a="1", b="2")
    assert len({digest(a="1", b="2"), digest(a="12", b=""), digest(a="1", c="2"), digest(a="2", b="1")}) == 4


def project_with(folder, *graphs: str) -> Project:
    """Return a project with graphs of that name, each with the table of a record."""
    for name in graphs:
        (folder / "graphs" / name).mkdir(parents=True)
        (folder / "graphs" / name / "graph.ttl").write_text("", encoding="utf-8")
    (folder / "ontology").mkdir()
    (folder / "ontology" / "none.ttl").write_text("", encoding="utf-8")
    return Project(folder)


def write_table(project: Project, graph: str, record: Record, digest: str | None = None) -> None:
    """Write the table of a record to a graph, fresh if no digest is given."""
    folder = project.graphs / graph
    text = votes.table(record, digest or votes.digest(folder))
    (folder / votes.TABLE).write_text(text, encoding="utf-8")


def test_record_is_read_from_a_fresh_table(record, tmp_path):
    """The only graph with a table is read without its name, if the table is of the graph as it is."""
    project = project_with(tmp_path, "plain", "voted")
    write_table(project, "voted", record)
    assert votes.graphs(project) == ["voted"]
    assert votes.is_fresh(project, "voted")
    assert not votes.is_fresh(project, "plain")
    found = votes.read(project)
    assert (found.graph, found.calls, found.issues) == ("voted", record.calls, record.issues)
    assert (found.voters, found.ballots) == (record.voters, record.ballots)
    assert votes.read(project, "voted") == found


def test_stale_table_is_not_believed(record, tmp_path):
    """A table of other files is passed over, and the graph is read, which has no roll call here."""
    project = project_with(tmp_path, "voted")
    write_table(project, "voted", record, "0" * 64)
    assert not votes.is_fresh(project, "voted")
    with pytest.raises(TriplomacyError, match="no roll call in this graph"):
        votes.read(project)


def test_graph_has_to_be_one(record, tmp_path):
    """No graph with votes, several of them, an unknown name and a table that is not a text are errors that say so."""
    project = project_with(tmp_path, "one", "two")
    with pytest.raises(TriplomacyError, match="no graph here has a record of votes"):
        votes.read(project)
    with pytest.raises(UnknownName, match="one"):
        votes.read(project, "onee")
    for graph in ("one", "two"):
        write_table(project, graph, record)
    with pytest.raises(TriplomacyError, match="several graphs have votes: one, two"):
        votes.read(project)
    (project.graphs / "one" / votes.TABLE).write_bytes(b"\xff")
    with pytest.raises(TriplomacyError, match="cannot be read"):
        votes.read(project, "one")


VOTED = """
<urn:record/issue/hr> skos:prefLabel "Human rights"@en .
<urn:call/10> a tri:RollCall ; dcterms:isPartOf <SOURCE> ; tri:session 47 ; dcterms:date "1992-02-01"^^xsd:date ;
    dcterms:subject <urn:record/issue/hr> .
<urn:call/9> a tri:RollCall ; dcterms:isPartOf <SOURCE> ; tri:session 47 ; dcterms:date "1992-01-01"^^xsd:date .
<urn:call/1> a tri:RollCall ; dcterms:isPartOf <urn:other> ; tri:session 1 ; dcterms:date "1946-01-01"^^xsd:date .
id:b a tri:State ; rdfs:label "Alike"@en ; tri:isoAlpha3 "BBB" ; skos:altLabel "Bee"@en ; tri:seatPassedTo id:a .
id:a a tri:State ; rdfs:label "Alike"@en .
<urn:vote/1> a tri:VoteInFavour ; tri:ballotItem <urn:call/9> ; tri:voter id:b .
<urn:vote/2> a tri:VoteAgainst ; tri:ballotItem <urn:call/10> ; tri:voter id:a .
<urn:vote/3> a tri:Abstention ; tri:ballotItem <urn:call/9> ; tri:voter id:a .
<urn:vote/4> a tri:Absence ; tri:ballotItem <urn:call/10> ; tri:voter id:b .
<urn:vote/5> a tri:VoteInFavour ; tri:ballotItem <urn:call/1> ; tri:voter id:b .
"""


def test_record_is_read_from_a_graph():
    """Roll calls of the source alone come in their order, voters by label and IRI, and other votes are passed over."""
    header = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    store = ox.Store()
    store.load((header + VOTED.replace("SOURCE", f"{SOURCE}invented")).encode(), format=ox.RdfFormat.TURTLE)
    found = votes.read_dataset(MemoryDataset(store, {}), "invented")
    assert [(call.iri, call.session, call.day, call.issues) for call in found.calls] == [
        ("urn:call/9", 47, "1992-01-01", ()),
        ("urn:call/10", 47, "1992-02-01", ("hr",)),
    ]
    assert found.issues == {"hr": "Human rights"}
    assert list(found.voters.values()) == [
        Voter(ID + "a", "Alike"),
        Voter(ID + "b", "Alike", ("BBB", "Bee"), ID + "a"),
    ]
    assert found.ballots == {ID + "a": Ballots(0, 0b01, 0b10), ID + "b": Ballots(0b10)}
