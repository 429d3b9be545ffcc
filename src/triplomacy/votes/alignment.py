"""Voting alignment: agreement of two states, of one with all others, blocs, and claimed alignments compared with votes.

Agreement is the fraction of roll calls in which two voters made the same choice of three (in favour, against,
abstaining), among those in which both voted. It describes votes only: that states are aligned is claimed in the graph,
and no claim is treated as a fact here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, Literal

import pyoxigraph as ox

from triplomacy import queries
from triplomacy.dataset import Dataset, MemoryDataset, Project, packaged_project
from triplomacy.errors import BadParameter, EngineUnavailable, TriplomacyError
from triplomacy.queries import Answer
from triplomacy.rdf import load_file
from triplomacy.terms import XSD, local_name
from triplomacy.votes import record as votes
from triplomacy.votes.record import Agreement, Record, RollCall, Voter

By = Literal["all", "session", "year", "issue"]
_Row = tuple[ox.NamedNode | ox.BlankNode | ox.Literal | None, ...]
_NUMBERS: Final = ("agreed", "voted", "agreement", "low", "high")


@dataclass(frozen=True, slots=True)
class VoteSelection:
    """The roll calls that are counted, and whether a state inherits the votes of former holders of its seat.

    Attributes:
        graph: the name of the graph of votes; None for the only one with a table.
        sessions: the first and the last session, both included; None for all.
        issue: the key or the label of an issue; None for all.
        seat: whether all holders of a seat are merged into the last one.
    """

    graph: str | None = None
    sessions: tuple[int, int] | None = None
    issue: str | None = None
    seat: bool = False

    def words(self) -> str:
        """Return the selection in words; an empty string for all roll calls."""
        first, last = self.sessions or (0, 0)
        parts = [f"sessions {first} to {last}" if first != last else f"session {first}"] if self.sessions else []
        parts += [f"issue {self.issue}"] if self.issue else []
        return "; ".join([*parts, *(["with former holders of the seat"] if self.seat else [])])


@dataclass(frozen=True, slots=True)
class AlignmentLine:
    """The agreement of two voters in all selected roll calls, or in those of a *part*: a session, year or issue."""

    one: Voter
    other: Voter
    part: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class SelectedVotes:
    """A record, its selected roll calls as a bit set (see `Ballots`), and the selection in words."""

    record: Record
    calls: int
    words: str

    def span(self) -> str:
        """Return the number of selected roll calls and their first and last day in words."""
        days = [call.day for place, call in enumerate(self.record.calls) if self._counts(place)]
        return f"{len(days):,} roll calls, {min(days)} to {max(days)}" if days else "no roll call"

    def _counts(self, place: int) -> bool:
        return bool(self.calls >> (len(self.record.calls) - 1 - place) & 1)


def select_votes(project: Project, selection: VoteSelection) -> SelectedVotes:
    """Return the record with the selected roll calls.

    Raises:
        UnknownName: there is no such graph or issue.
        TriplomacyError: the record cannot be read, or no roll call is selected.
    """
    record = votes.read(project, selection.graph)
    if selection.seat:
        record = record.merge_seats()
    key = record.issue(selection.issue) if selection.issue else None
    first, last = selection.sessions or (0, 10**9)
    calls = record.select(lambda call: first <= call.session <= last and (key is None or key in call.issues))
    if not calls:
        known = record.sessions()
        raise TriplomacyError(f"no roll call is selected; the record has sessions {known[0]} to {known[-1]}")
    return SelectedVotes(record, calls, selection.words())


def compare_two(chosen: SelectedVotes, one: str, other: str, by: By) -> list[AlignmentLine]:
    """Return the agreement of two voters, in all or by part, in order; parts without common votes are left out.

    Raises:
        UnknownName: there is no such voter.
        BadParameter: both names are of the same voter.
    """
    first, second = chosen.record.find(one), chosen.record.find(other)
    if first == second:
        raise BadParameter(f"{one} and {other} are the same voter; name two different ones")
    return list(_comparisons(chosen, first, [second], by))


def compare_with_all(chosen: SelectedVotes, one: str, by: By) -> list[AlignmentLine]:
    """Return the agreement of a voter with each other one: in all, the highest first, else in the order of parts.

    Raises:
        UnknownName: there is no such voter.
    """
    first = chosen.record.find(one)
    lines = list(_comparisons(chosen, first, [voter for voter in chosen.record.voters.values() if voter != first], by))
    return sorted(lines, key=_by_share) if by == "all" else lines


def _by_share(line: AlignmentLine) -> tuple[float, int, str]:
    return -line.agreement.share, -line.agreement.voted, line.other.label


def _comparisons(chosen: SelectedVotes, one: Voter, others: Sequence[Voter], by: By) -> Iterator[AlignmentLine]:
    ballots = chosen.record.ballots
    for part, calls in _parts(chosen, by):
        for other in others:
            agreement = votes.agreement(ballots[one.iri], ballots[other.iri], calls)
            if agreement.voted:
                yield AlignmentLine(one, other, part, agreement)


def _parts(chosen: SelectedVotes, by: By) -> list[tuple[str, int]]:
    record = chosen.record
    if by == "all":
        return [("", chosen.calls)]
    if by == "issue":
        tagged = ((label, record.select(_has_issue(key))) for key, label in record.issues.items())
        return sorted((label, calls & chosen.calls) for label, calls in tagged)
    part: Callable[[RollCall], str] = (
        (lambda call: str(call.session)) if by == "session" else (lambda call: call.day[:4])
    )
    names = sorted({part(call) for call in record.calls}, key=int)
    return [(name, record.select(_is_in(part, name)) & chosen.calls) for name in names]


def _has_issue(key: str) -> Callable[[RollCall], bool]:
    return lambda call: key in call.issues


def _is_in(part: Callable[[RollCall], str], name: str) -> Callable[[RollCall], bool]:
    return lambda call: part(call) == name


# As rows


def comparison_answer(lines: Sequence[AlignmentLine], by: By) -> Answer:
    """Return comparisons as rows of terms: both voters, part, counts, share, and the bounds of its 95 % interval."""
    columns = ("state", "other", *([] if by == "all" else [by]), *_NUMBERS)
    rows: list[_Row] = []
    for line in lines:
        part = [] if by == "all" else [ox.Literal(line.part)]
        rows.append((ox.NamedNode(line.one.iri), ox.NamedNode(line.other.iri), *part, *agreement_cells(line.agreement)))
    return Answer(columns, rows)


def agreement_cells(agreement: Agreement) -> tuple[ox.Literal, ...]:
    """Return as literals the two counts, and the share and its bounds as decimals with three places."""
    low, high = agreement.interval
    decimal = ox.NamedNode(XSD + "decimal")
    shares = [ox.Literal(f"{value:.3f}", datatype=decimal) for value in (agreement.share, low, high)]
    return ox.Literal(agreement.agreed), ox.Literal(agreement.voted), *shares


def voter_labels(record: Record) -> dict[str, str]:
    """Return the label of each voter by IRI."""
    return {iri: voter.label for iri, voter in record.voters.items()}


# Blocs


@dataclass(frozen=True, slots=True)
class BlocMember:
    """A member of a bloc: the bloc's number from 1, the voter, and its mean agreement within and outside the bloc.

    *within* is NaN for the only member of a bloc, and *without* (outside) if there is only one bloc.
    """

    bloc: int
    voter: Voter
    within: float
    without: float


def blocs(chosen: SelectedVotes, number: int) -> list[BlocMember]:
    """Return the members of a number of blocs, the largest bloc first, and in it the highest mean agreement first.

    The method is average linkage on the distance 1 - agreement (Sokal and Michener 1958), by scipy. Only voters in more
    than half of the roll calls are included, so that any two of them have a roll call in common.

    Raises:
        EngineUnavailable: scipy is not installed.
        BadParameter: *number* is below 1 or above the number of such voters, or there are fewer than two.
    """
    try:
        from scipy.cluster import hierarchy
    except ImportError:
        raise EngineUnavailable("blocs need scipy; install triplomacy[votes]") from None
    record, half = chosen.record, chosen.calls.bit_count() / 2
    voters = [v for v in record.voters.values() if (record.ballots[v.iri].cast & chosen.calls).bit_count() > half]
    if not 1 <= number <= len(voters) or len(voters) < 2:
        voters_in_words = f"{len(voters)} voters took part in more than half of these roll calls"
        raise BadParameter(f"{number} blocs cannot be made: {voters_in_words}; ask for fewer blocs or other sessions")
    shares = {
        (one.iri, other.iri): votes.agreement(record.ballots[one.iri], record.ballots[other.iri], chosen.calls).share
        for one, other in combinations(voters, 2)
    }
    tree = hierarchy.linkage([1 - share for share in shares.values()], method="average")
    clusters = [int(cluster) for cluster in hierarchy.fcluster(tree, number, criterion="maxclust")]
    return _members(voters, clusters, shares | {(other, one): share for (one, other), share in shares.items()})


def _members(
    voters: Sequence[Voter], clusters: Sequence[int], shares: dict[tuple[str, str], float]
) -> list[BlocMember]:
    groups: dict[int, list[Voter]] = {}
    for voter, cluster in zip(voters, clusters, strict=True):
        groups.setdefault(cluster, []).append(voter)
    ordered = sorted(groups.values(), key=lambda group: (-len(group), group[0].label))
    members = []
    for number, group in enumerate(ordered, 1):
        inside = {voter.iri for voter in group}
        for voter in group:
            own = [shares[voter.iri, peer.iri] for peer in group if peer != voter]
            rest = [shares[voter.iri, peer.iri] for peer in voters if peer.iri not in inside]
            members.append(BlocMember(number, voter, _mean(own), _mean(rest)))
    return sorted(members, key=lambda member: (member.bloc, -member.within if member.within == member.within else 0.0))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def bloc_answer(members: Sequence[BlocMember]) -> Answer:
    """Return the members of blocs as rows of terms."""
    decimal = ox.NamedNode(XSD + "decimal")

    def share(value: float) -> ox.Literal | None:
        return ox.Literal(f"{value:.3f}", datatype=decimal) if value == value else None

    rows = [(ox.Literal(m.bloc), ox.NamedNode(m.voter.iri), share(m.within), share(m.without)) for m in members]
    return Answer(("bloc", "state", "within", "without"), rows)


# Claimed alignments, compared with the record


@dataclass(frozen=True, slots=True)
class ClaimComparison:
    """A claim that affirms an alignment, a pair of voters among the parties, and the agreement of that pair.

    Attributes:
        alignment: the IRI of the proposition.
        claimant: the IRI of the claimant.
        certainty: the IRI of the certainty.
        orientation: the IRI of the temporal orientation.
        line: the agreement of the pair in the selected roll calls.
        place: the rank of the second voter by agreement with the first; 1 is the highest.
        among: the number of voters ranked: those with at least half as many common roll calls as this pair.
    """

    alignment: str
    claimant: str
    certainty: str
    orientation: str
    line: AlignmentLine
    place: int
    among: int


def compare_claims(project: Project, chosen: SelectedVotes) -> list[ClaimComparison]:
    """Return each pair of voters among the parties of an affirmed alignment, with the claim and their agreement.

    The claims are those of all graphs except records of votes. The order is by proposition, claimant and pair.

    Raises:
        TriplomacyError: the graphs cannot be read.
    """
    dataset = _without_records(project)
    parties: dict[tuple[str, ...], set[str]] = {}
    for row in _alignments(dataset, project):
        name, party, *claim = (str(row[column].value) for column in _CLAIM_COLUMNS)
        if party in chosen.record.voters:
            parties.setdefault((name, *claim), set()).add(party)
    comparisons = []
    for (name, claimant, certainty, orientation), named in sorted(parties.items()):
        for one, other in combinations(sorted(named), 2):
            line, place, among = _rank(chosen, one, other)
            if line.agreement.voted:
                comparisons.append(ClaimComparison(name, claimant, certainty, orientation, line, place, among))
    return comparisons


_CLAIM_COLUMNS: Final = ("alignment", "party", "claimant", "certainty", "orientation")


def _alignments(dataset: Dataset, project: Project) -> Iterator[dict[str, Any]]:
    own = project if ("alignment", "alignments") in queries.names(project) else packaged_project()
    return iter(queries.run(dataset, queries.bind(queries.find(own, "alignment/alignments"), {}, dataset)))


def _without_records(project: Project) -> Dataset:
    store, records = ox.Store(), set(votes.graphs(project))
    files = {graph: paths for graph, paths in project.files().items() if local_name(graph) not in records}
    for paths in files.values():
        for path in paths:
            load_file(store, path)
    return MemoryDataset(store, files, project)


def _rank(chosen: SelectedVotes, one: str, other: str) -> tuple[AlignmentLine, int, int]:
    record = chosen.record
    lines = list(_comparisons(chosen, record.voters[one], [v for iri, v in record.voters.items() if iri != one], "all"))
    pair = next((line for line in lines if line.other.iri == other), None)
    if pair is None:
        return AlignmentLine(record.voters[one], record.voters[other], "", Agreement(0, 0)), 0, 0
    rivals = [line for line in lines if line.agreement.voted * 2 >= pair.agreement.voted]
    better = sum(line.agreement.share > pair.agreement.share for line in rivals)
    return pair, better + 1, len(rivals)


def claim_answer(comparisons: Sequence[ClaimComparison]) -> Answer:
    """Return the comparisons of claims as rows of terms."""
    columns = ("alignment", "claimant", "certainty", "orientation", "state", "other", *_NUMBERS, "place", "among")
    rows: list[_Row] = [
        (
            *(ox.NamedNode(iri) for iri in (pair.alignment, pair.claimant, pair.certainty, pair.orientation)),
            ox.NamedNode(pair.line.one.iri),
            ox.NamedNode(pair.line.other.iri),
            *agreement_cells(pair.line.agreement),
            ox.Literal(pair.place),
            ox.Literal(pair.among),
        )
        for pair in comparisons
    ]
    return Answer(columns, rows)


def all_labels(project: Project, chosen: SelectedVotes) -> dict[str, str]:
    """Return the labels of voters, and of nodes of all other graphs and the ontology, by IRI."""
    from triplomacy.claims import model

    return voter_labels(chosen.record) | model.labels(_without_records(project))
