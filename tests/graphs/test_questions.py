"""What the article can be asked, answered from the article: expected values are read there, not copied from output."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from triplomacy import dataset, queries
from triplomacy.dataset.dataset import Dataset
from triplomacy.dataset.project import Project

PROJECT = Project(ROOT)
REPUBLICS = ("id:donetsk-peoples-republic", "id:lugansk-peoples-republic")
BALLOTS = ("donetsk", "kherson", "lugansk", "zaporizhzhia")


def ask(article: Dataset, name: str, *columns: str, **values: str) -> set[tuple[str, ...]]:
    """Return the named columns of a stored query's answer, IRIs by their local names, the unbound as ''."""
    answer = queries.run(article, queries.bind(queries.find(PROJECT, name), values, article))
    chosen = [answer.columns.index(column) for column in columns]
    shown = [["" if cell is None else str(cell.value) for cell in row] for row in answer.rows]
    return {tuple(row[index].replace("#", "/").rpartition("/")[2] for index in chosen) for row in shown}


def test_who_broke_off_relations(article: Dataset) -> None:
    """Ukraine broke off relations with North Korea, in return for its recognition of the two republics."""
    causes = {f"north-korea-recognises-{name}-republic" for name in ("donetsk", "lugansk")}
    assert ask(article, "who-severed-relations-with", "severer", "cause") == {("ukraine", cause) for cause in causes}


def test_which_deputy_prime_minister(article: Dataset) -> None:
    """Marat Khusnullin is the deputy prime minister, and oversees Russia's construction industry."""
    held = ask(article, "who-holds-which-post", "person", "post", "oversees")
    assert {row for row in held if row[1].startswith("deputy")} == {
        ("marat-khusnullin", "deputy-prime-minister-of-russia", "construction-industry-of-russia")
    }


def test_whom_north_korea_blames(article: Dataset) -> None:
    """North Korea blames the United States, NATO and Ukraine for the crisis, as the author reports."""
    blamed = ask(article, "whom-does-an-actor-blame", "blamed", "outcome", "reporter", claimant="Pyongyang")
    assert blamed == {(who, "ukraine-crisis", "artyom-lukin") for who in ("united-states", "nato", "ukraine")}


def test_where_the_recognised_referendums_were(article: Dataset) -> None:
    """The referendums that North Korea recognised were in Donetsk, Lugansk, Kherson and Zaporizhzhia."""
    assert ask(article, "where-were-the-recognised-ballots", "territory") == {(f"{name}-region",) for name in BALLOTS}


def test_who_recognises_the_republics_and_not_the_referendums(article: Dataset) -> None:
    """Syria recognises the republics and, Russia left aside, none of the four referendums."""
    name = "recognises-republics-but-no-referendum"
    assert ask(article, name, "state", "ballotsNotRecognised") == {("syria", "4")}


def test_whether_penalties_are_left(article: Dataset) -> None:
    """The West has hardly any penalties left, which is a degree that is affirmed and not a none that is denied."""
    left = ask(article, "what-pressure-is-left", "holder", "degree", "stance")
    assert left == {("west", "hardlyAny", "affirms")}


def test_how_many_voted_against_and_are_named(article: Dataset) -> None:
    """Five voted against, of whom the article names one: North Korea."""
    assert ask(article, "how-many-voted-against", "count", "named") == {("5", "1")}
    assert ask(article, "who-voted-against", "voter") == {("north-korea",)}


def test_how_many_deny(article: Dataset) -> None:
    """Two deny the claim about ammunition, one denies the speculation about troops."""
    assert ask(article, "how-many-deny", "proposition", "denying") == {
        ("russia-asks-for-ammunition", "2"),
        ("north-korea-sends-100000-troops", "1"),
    }


def test_since_when_trade_stands_still(article: Dataset) -> None:
    """The economic relationship stands still since the first months of 2020, and did so at the time of writing."""
    thing = "id:russia-north-korea-economic-relationship"
    rows = ask(
        article, "since-when", "proposition", "earliestStart", "latestStart", "earliestEnd", "latestEnd", thing=thing
    )
    assert (
        "economic-standstill",
        "2020-01-01T00:00:00Z",
        "2020-04-30T23:59:59Z",
        "2022-09-21T00:00:00Z",
        "",
    ) in rows


def test_whether_trade_stood_still_in_june_2021(article: Dataset) -> None:
    """On 30 June 2021 the relationship was at a standstill, certainly."""
    assert ask(article, "did-it-hold-on", "possibly", "certainly", day="2021-06-30") == {("true", "true")}


def test_standstill_at_the_edges_of_its_bounds(article: Dataset) -> None:
    """Before 2020 not possibly, from January 2020 possibly, from the end of April certainly, later on possibly."""
    expected = {
        "2019-12-31": ("false", "false"),
        "2020-01-01": ("true", "false"),
        "2020-04-30": ("true", "false"),
        "2020-05-01": ("true", "true"),
        "2022-09-20": ("true", "true"),
        "2022-09-21": ("true", "false"),
        "2030-01-01": ("true", "false"),
    }
    for day, answer in expected.items():
        assert ask(article, "did-it-hold-on", "possibly", "certainly", day=day) == {answer}, day


def test_which_came_first(article: Dataset) -> None:
    """North Korea's recognition of the republics came before Ukraine's break, and neither is dated."""
    rows = ask(article, "which-came-first", "earlier", "later", "earlierDated", "laterDated")
    broke = "ukraine-severs-relations-with-north-korea"
    assert {row for row in rows if row[1] == broke} == {
        (f"north-korea-recognises-{name}-republic", broke, "false", "false") for name in ("donetsk", "lugansk")
    }


def test_which_claims_are_denied(article: Dataset) -> None:
    """The Pentagon's claim is denied by Russia's envoy and North Korea, the troop speculation by Russia's ministry."""
    asks, sends = "russia-asks-for-ammunition", "north-korea-sends-100000-troops"
    assert ask(article, "dispute-ledger", "proposition", "affirmedBy", "deniedBy", "unproven") == {
        (asks, "us-department-of-defense", "russias-un-envoy", "true"),
        (asks, "us-department-of-defense", "north-korea", "true"),
        (sends, "some-experts", "russian-foreign-ministry", "false"),
        (sends, "some-media", "russian-foreign-ministry", "false"),
    }


def test_what_is_reported_and_not_adopted(article: Dataset) -> None:
    """Reported as North Korea's view: who is at fault, the voters' majority, the reckless remarks."""
    assert ask(article, "reported-but-not-adopted", "proposition") == {
        ("united-states-responsible-for-crisis",),
        ("nato-responsible-for-crisis",),
        ("ukraine-responsible-for-crisis",),
        ("voters-support-integration",),
        ("remarks-reckless",),
    }


def test_what_only_the_unnamed_hold(article: Dataset) -> None:
    """Unnamed alone are those behind the troop speculation, the Pakistan reports and the railway's reopening."""
    assert ask(article, "only-unnamed-holders", "proposition", "holder") == {
        ("north-korea-sends-100000-troops", "some-experts"),
        ("north-korea-sends-100000-troops", "some-media"),
        ("pakistan-arms-ukraine", "some-reports"),
        ("railway-reopens", "expectation-holders"),
    }


def test_who_recognises_and_voted_against(article: Dataset) -> None:
    """Only of North Korea both are stated: of Russia and Syria the vote is not."""
    assert ask(article, "recognises-and-voted-against", "state") == {("north-korea",)}


def test_who_is_sanctioned(article: Dataset) -> None:
    """North Korea: penalties by the West, sanctions of nobody named. Russia: by the United States and the EU."""
    assert ask(article, "who-is-sanctioned-by-whom", "target", "imposer") == {
        ("north-korea", "west"),
        ("north-korea", ""),
        ("russia", "united-states"),
        ("russia", "european-union"),
    }


def test_who_leads_belongs_and_nests(article: Dataset) -> None:
    """China leads; China, Russia and North Korea belong; the entente will be nested."""
    rows = ask(article, "who-leads-belongs-and-nests", "part", "who")
    assert rows == {
        ("leader", "china"),
        ("party", "china"),
        ("party", "russia"),
        ("party", "north-korea"),
        ("nested", "moscow-pyongyang-entente"),
    }


def test_under_which_conditions_arms_are_sold(article: Dataset) -> None:
    """Two conditions: one alleged by reports, the other asserted by nobody; the author adopts neither."""
    assert ask(article, "under-which-conditions", "certainty", "condition", "assertedBy", "adopted") == {
        ("possible", "pakistan-arms-ukraine", "some-reports", "false"),
        ("possible", "south-korea-equips-poland", "", "false"),
    }


def test_how_many_workers_might_come(article: Dataset) -> None:
    """Between 20,000 and 50,000 may come, to the Far East, for infrastructure: possible and not settled."""
    rows = ask(article, "how-many-workers", "atLeast", "atMost", "workplace", "purpose", "certainty", "orientation")
    assert {row for row in rows if row[0]} == {
        ("20000", "50000", "russian-far-east", "infrastructure-development", "possible", "future")
    }


def test_which_span_supports_that_china_leads(article: Dataset) -> None:
    """The span of the words in which Beijing leads the alignment."""
    claim = "lukin-2022:claim/china-leads-bloc"
    assert ask(article, "evidence-of-a-claim", "passage", "start", "end", claim=claim) == {("52", "5567", "5603")}


def test_trap_ammunition_sold(article: Dataset) -> None:
    """Nobody says that North Korea sold or sent anything: a request is claimed and denied, a sale is possible."""
    rows = ask(article, "arms-supplied-to", "kind", "claimant", "stance", "certainty", recipient="Russia")
    assert {row for row in rows if row[0] != "ArmsRequest"} == {
        ("ArmsSale", "artyom-lukin", "affirms", "possible"),
        ("ArmsTransfer", "artyom-lukin", "leavesOpen", ""),
    }


def test_trap_recognisers_apart_from_russia(article: Dataset) -> None:
    """Apart from Russia, Syria and North Korea recognise the republics, and no other member does."""
    for republic in REPUBLICS:
        rows = ask(article, "who-recognises-apart-from", "state", "exhaustive", recognised=republic)
        assert rows == {("syria", "true"), ("north-korea", "true")}


def test_trap_syria_and_the_referendum(article: Dataset) -> None:
    """Syria recognises the Donetsk republic and not the referendum in Donetsk; of China it is not stated."""
    for thing, answer in (("id:donetsk-referendum", "no"), ("id:donetsk-peoples-republic", "yes")):
        assert ask(article, "does-it-recognise", "answer", recogniser="Syria", recognised=thing) == {(answer,)}
    for state in ("China", "Russia"):  # of China nothing is said, and Russia is said to back the ballots
        stated = ask(article, "does-it-recognise", "answer", recogniser=state, recognised="id:donetsk-referendum")
        assert stated == {("not stated",)}


def test_trap_five_countries(article: Dataset) -> None:
    """The article names one of the five; the four others are in the record alone."""
    assert ask(article, "who-voted-against", "voter", resolution="id:withdrawal-resolution") == {("north-korea",)}


def test_trap_workers_employed(article: Dataset) -> None:
    """No number is affirmed for workers who are in Russia now: no claim on it looks at the present."""
    assert "present" not in {row[0] for row in ask(article, "how-many-workers", "orientation")}


def test_why_a_deployment_is_unlikely(article: Dataset) -> None:
    """The author's points: casualties, working together, language, training, numbers, contingents and the call-up."""
    rows = ask(article, "why", "direction", "argument")
    assert {argument for direction, argument in rows if direction == "for"} >= {
        "risk-of-high-casualties",
        "interoperability-an-obstacle",
        "language-barrier-an-obstacle",
        "no-joint-training",
        "tens-of-thousands-needed",
        "earlier-contingents-limited",
        "mobilisation-obviates-foreign-troops",
    }
    assert ("against", "earlier-deployments") in rows


def test_what_nobody_claims_is_no_answer(own_article) -> None:
    """A membership, a leadership or an oversight that is described and not claimed changes no answer."""
    before = dataset.load_graphs(own_article)
    path = own_article.graphs / "lukin-2022" / "unclaimed.ttl"
    path.write_text(UNCLAIMED, encoding="utf-8")
    after = dataset.load_graphs(own_article)
    assert len(after.store) == len(before.store) + 3 * 3
    for name in ("alignments", "who-holds-which-post", "does-it-recognise"):
        values = {"recogniser": "Poland"} if name == "does-it-recognise" else {}
        bound = [queries.bind(queries.find(PROJECT, name), values, graphs) for graphs in (before, after)]
        assert queries.run(before, bound[0]) == queries.run(after, bound[1]), name


UNCLAIMED = """@base <https://w3id.org/triplomacy/source/lukin-2022/> .
@prefix id: <https://w3id.org/triplomacy/id/> .
@prefix tri: <https://w3id.org/triplomacy/ontology#> .
<proposition/u1> a tri:Membership ; tri:member id:poland ; tri:organisation id:united-nations .
<proposition/u2> a tri:Leadership ; tri:leader id:syria ; tri:led id:china-russia-north-korea-bloc .
<proposition/u3> a tri:Oversight ; tri:overseer id:vladimir-putin ; tri:overseen id:weapons .
"""


@pytest.fixture
def own_article(tmp_path: Path) -> Project:
    """A copy of the project's graphs that the test may add to."""
    for part in ("ontology", "graphs"):
        shutil.copytree(ROOT / part, tmp_path / part)
    return Project(tmp_path)
