"""What is said of a proposition, an actor, a source and a time, as plain values for pages."""

from pathlib import Path

import pytest

from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.reading import load_files
from triplomacy.pages import accounts
from triplomacy.pages.reading import Reader
from triplomacy.terms import GRAPH, ID, SOURCE, TRI, VIEW, compress

BASE = SOURCE + "gazette-1999/"
HEAD = f"@prefix tri: <{TRI}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix id: <{ID}> .\n"


@pytest.fixture
def reader(gazette: Dataset) -> Reader:
    """Return what reads the graphs of the gazette."""
    return Reader(gazette)


def of(tmp_path: Path, text: str) -> Reader:
    """Return what reads a text of Turtle."""
    path = tmp_path / "data.ttl"
    path.write_text(HEAD + text, encoding="utf-8")
    return Reader(load_files([path]))


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ((None, None, None, None), "no bound is given"),
        (("2022-03-02T00:00:00Z", "2022-03-02T23:59:59Z", None, None), "begins on 2 March 2022"),
        (("2022-03-02T00:00:00Z", "2022-03-03T00:00:00Z", None, None), "begins between 2 March 2022 and 3 March 2022"),
        ((None, None, "2022-03-02T23:00:00-03:00", None), "ends on 3 March 2022 or later"),
        ((None, "2022-03-02T00:00:00Z", None, "soon"), "begins by 2 March 2022; ends by soon"),
    ],
)
def test_time_in_words(bounds: tuple[str | None, str | None, str | None, str | None], words: str) -> None:
    """Begin and end are days of universal time, each bound as far as it is given."""
    assert accounts.Time("urn:t", "t", None, None, bounds).words() == words


def test_time_has_what_is_stated(reader: Reader) -> None:
    """A span of time has its label, its form in EDTF, its wording and its four bounds, in their order."""
    time = accounts.time(reader, BASE + "time/1997")
    assert (time.label, time.edtf, time.wording) == ("In 1997", "1997", "in 1997")
    first, last = "1997-01-01T00:00:00Z", "1997-12-31T23:59:59Z"
    assert time.bounds == (first, last, first, last)


def test_account_has_claims_by_stance_and_denials_of_the_general(reader: Reader) -> None:
    """A proposition is disputed where one affirms it, and another flatly denies it or what it specialises."""
    sale = accounts.account(reader, BASE + "proposition/syldavia-sells-rifles")
    assert [compress(cls) for cls in sale.classes] == ["tri:ArmsSale"]
    assert [compress(role) for role, _ in sale.roles] == [
        "tri:goods",
        "tri:recipient",
        "tri:specialises",
        "tri:supplier",
    ]
    assert {stance: [compress(claim.iri) for claim in claims] for stance, claims in sale.claims.items()} == {
        "affirms": ["gazette-1999:claim/syldavia-sold-rifles"],
        "denies": [],
        "leavesOpen": [],
    }
    assert [compress(claim.iri) for claim in sale.general] == ["gazette-1999:claim/envoy-denies-arms"]
    assert sale.is_disputed
    assert [time.edtf for time in sale.times] == ["1997"]
    general = accounts.account(reader, BASE + "proposition/syldavia-arms-ruritania")
    assert (len(general.claims["denies"]), general.general, general.is_disputed) == (1, (), False)


@pytest.mark.parametrize(
    ("name", "disputed"),
    [("ruritania-sponsors-zenda", True), ("ruritania-leads-league", False), ("ruritania-sanctions-syldavia", False)],
)
def test_only_a_flat_denial_of_what_is_affirmed_disputes(name: str, disputed: bool, reader: Reader) -> None:
    """A doubt does not dispute, nor does a denial of what nobody affirms."""
    account = accounts.account(reader, f"{BASE}proposition/{name}")
    assert account.claims["denies"]
    assert account.is_disputed is disputed


def test_disputes_of_the_gazette(gazette: Dataset, reader: Reader) -> None:
    """Both disputed propositions are found, and marked in the list of all."""
    names = [BASE + "proposition/ruritania-sponsors-zenda", BASE + "proposition/syldavia-sells-rifles"]
    assert accounts.disputed_propositions(gazette) == names
    assert sorted(line.iri for line in accounts.lines(reader) if line.disputed) == names


def test_circle_of_specialisation_ends(tmp_path: Path) -> None:
    """What specialises itself in a circle, or two things at once, has each denial of the general once."""
    reader = of(
        tmp_path,
        "<urn:a> tri:specialises <urn:b>, <urn:c> . <urn:b> tri:specialises <urn:d> . "
        "<urn:c> tri:specialises <urn:d> . "
        "<urn:d> tri:specialises <urn:a> . "
        + "".join(
            f"<urn:{claim}> a tri:Claim ; tri:claimant id:x ; tri:stance tri:denies ; tri:certainty tri:{certainty} ; "
            f"tri:orientation tri:present ; tri:proposition <urn:{about}> ; tri:evidence <urn:span> . "
            for claim, certainty, about in (("one", "certain", "d"), ("two", "possible", "b"), ("own", "certain", "a"))
        ),
    )
    assert [claim.iri for claim in accounts.account(reader, "urn:a").general] == ["urn:one"]


def test_lines_count_claims(reader: Reader) -> None:
    """Propositions are sorted by their kinds and labels, each with how many claims affirm, deny and leave it open."""
    lines = accounts.lines(reader)
    keys = [(reader.name(line.kind), line.label, line.iri) for line in lines]
    assert keys == sorted(keys)
    counts = {line.iri.rpartition("/")[2]: (line.affirmed, line.denied, line.open) for line in lines}
    assert counts["borduria-sends-troops"] == (2, 0, 0)
    assert counts["ruritania-leads-league"] == (1, 1, 0)
    assert counts["borduria-has-airships"] == (0, 0, 1)
    chosen = [line for line in lines if line.iri.endswith(("zenda", "league"))]
    assert accounts.lines(reader, [line.iri for line in reversed(chosen)] * 2) == chosen
    assert accounts.lines(reader, []) == []


def test_facts_with_their_views(reader: Reader) -> None:
    """A fact that a proposition shortens to is known, and on its page only with the views that have it."""
    (fact,) = accounts.short_facts(reader.dataset, BASE + "proposition/ruritania-recognises-zenda")
    assert [compress(term) for term in fact] == [
        "id:ruritania",
        "tri:recognises",
        "id:zenda-republic",
        "gazette-1999:proposition/ruritania-recognises-zenda",
    ]
    assert fact in accounts.short_facts(reader.dataset)
    assert accounts.account(reader, fact[3]).facts == ()


def test_actors_with_their_claims_and_roles(reader: Reader) -> None:
    """Actors are sorted by the labels of their kinds and their own, with how much they claim and take part in."""
    actors = {actor.iri.removeprefix(ID): (actor.claims, actor.propositions) for actor in accounts.actors(reader)}
    assert actors["hilda-marsh"] == (17, 2)
    assert actors["ruritania"] == (0, 12)
    assert actors["klow-courier"] == (1, 0)
    keys = [(reader.name(actor.kind), actor.label.casefold()) for actor in accounts.actors(reader)]
    assert keys == sorted(keys)


def test_entity_says_and_is_told_of(reader: Reader) -> None:
    """An entity has its claims, the propositions that it takes part in, and a view where it makes claims."""
    marsh, borduria = (accounts.entity(reader, ID + name) for name in ("hilda-marsh", "borduria"))
    assert (len(marsh.claims), len(marsh.lines), marsh.views) == (17, 2, (VIEW + "according-to/hilda-marsh",))
    assert (borduria.claims, borduria.views, len(borduria.lines)) == ((), (), 7)


def test_classes_are_a_tree(tmp_path: Path) -> None:
    """A class stands above those below it, siblings by their labels, each once and with its depth."""
    reader = of(
        tmp_path,
        "<urn:b> rdfs:subClassOf <urn:a> ; rdfs:label 'y' . <urn:c> rdfs:subClassOf <urn:a> ; rdfs:label 'x' . "
        "<urn:d> rdfs:subClassOf <urn:b>, <urn:c> . <urn:a> rdfs:subClassOf <urn:d> .",
    )
    assert accounts.subclasses(reader, "urn:a") == [("urn:a", 0), ("urn:c", 1), ("urn:d", 2), ("urn:b", 1)]


def test_source_in_a_list(reader: Reader) -> None:
    """A source has its authors, its publishers, the length of its text, its graph and its view."""
    line = accounts.source(reader, SOURCE + "gazette-1999")
    assert (line.label, line.authors, line.publishers) == (
        "Relations of the Danube states",
        (ID + "hilda-marsh",),
        (ID + "strelsau-gazette",),
    )
    assert (line.text, line.length) == (BASE + "text", "1261")
    assert (line.graph, line.view) == (GRAPH + "gazette-1999", VIEW + "gazette-1999")
    assert accounts.source(reader, SOURCE + "none").length is None
