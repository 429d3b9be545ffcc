"""A record of votes as bit sets: how each voter voted in each roll call, and how often two voters agreed.

A graph has four triples for each vote, and reading a million votes from it takes too long for a query. So an import
also writes the votes into a small table in the folder of the graph (`TABLE`), with one letter for each vote and a hash
of the graph's files. If the hash does not match, the table is ignored and the votes are read from the graph.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from triplomacy.dataset import Dataset, MemoryDataset, Project
from triplomacy.errors import Choice, TriplomacyError, UnknownName
from triplomacy.files import check, in_folder
from triplomacy.terms import GRAPH, SOURCE, TRI, local_name

TABLE: Final = "ballots.csv"
LETTERS: Final[Mapping[str, str]] = {"VoteInFavour": "y", "VoteAgainst": "n", "Abstention": "a"}
ABSENT: Final = "."
_Z: Final = 1.959963984540054  # the 97.5th percentile of the normal distribution


@dataclass(frozen=True, slots=True)
class RollCall:
    """A roll call: its IRI, the number of its session, its date in the record (ISO 8601), and its issues' keys."""

    iri: str
    session: int
    day: str
    issues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Voter:
    """A voter: its IRI, label, other names and codes, and the IRI of the voter that its seat passed to, or None."""

    iri: str
    label: str
    names: tuple[str, ...] = ()
    passed_to: str | None = None


class Ballots(NamedTuple):
    """The roll calls in which a voter voted in favour, against or abstained, as bit sets; the highest bit is first."""

    in_favour: int = 0
    against: int = 0
    abstaining: int = 0

    @property
    def cast(self) -> int:
        """The roll calls with any of the three choices, as a bit set."""
        return self.in_favour | self.against | self.abstaining

    def join(self, other: Ballots) -> Ballots:
        """Return the union with the ballots of another holder of the same seat."""
        return Ballots(*(one | two for one, two in zip(self, other, strict=True)))


class Agreement(NamedTuple):
    """The number of roll calls in which two voters made the same choice, and of those in which both voted."""

    agreed: int
    voted: int

    @property
    def share(self) -> float:
        """The fraction with the same choice of the roll calls in which both voted; NaN if there are none."""
        return self.agreed / self.voted if self.voted else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """The bounds of Wilson's score interval of the share at 95 %; 0 and 1 if there are no votes.

        Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the
        American Statistical Association 22 (1927), 209-212, without correction for continuity. It assumes independent
        votes; those of one session are not, so that the interval is rather too narrow.
        """
        if not self.voted:
            return 0.0, 1.0
        size, square = self.voted, _Z**2
        middle = self.agreed + square / 2
        reach = _Z * (self.agreed * (size - self.agreed) / size + square / 4) ** 0.5
        low, high = ((middle + sign * reach) / (size + square) for sign in (-1, 1))
        return max(low, 0.0), min(high, 1.0)


def agreement(one: Ballots, other: Ballots, calls: int) -> Agreement:
    """Return the agreement of two voters in the roll calls whose bits are set in *calls*."""
    same = (one.in_favour & other.in_favour) | (one.against & other.against) | (one.abstaining & other.abstaining)
    return Agreement((same & calls).bit_count(), (one.cast & other.cast & calls).bit_count())


@dataclass(frozen=True, slots=True)
class Record:
    """The votes of a graph: roll calls in order, labels of issues by key, and voters and their ballots by IRI."""

    graph: str
    calls: tuple[RollCall, ...]
    issues: Mapping[str, str]
    voters: Mapping[str, Voter]
    ballots: Mapping[str, Ballots]

    def select(self, test: Callable[[RollCall], bool]) -> int:
        """Return the roll calls that satisfy a test as a bit set."""
        return int("".join("1" if test(call) else "0" for call in self.calls) or "0", 2)

    def sessions(self) -> list[int]:
        """Return the numbers of the sessions, sorted."""
        return sorted({call.session for call in self.calls})

    def find(self, name: str) -> Voter:
        """Return the voter with this label, IRI, CURIE or local name, else with this other name or code, in any case.

        Raises:
            UnknownName: there is no such voter.
        """
        wanted = name.strip("<>").casefold()
        for known in (_names, _lesser_names):
            voters = [voter for voter in self.voters.values() if wanted in known(voter)]
            if voters:
                return voters[0]
        raise UnknownName(
            "voter", name, [name_of_voter for voter in self.voters.values() for name_of_voter in _display_names(voter)]
        )

    def issue(self, name: str) -> str:
        """Return the key of the issue with this key or label; case is ignored.

        Raises:
            UnknownName: there is no such issue.
        """
        for key, label in self.issues.items():
            if name.casefold() in (key.casefold(), label.casefold()):
                return key
        raise UnknownName("issue", name, [*self.issues.values()])

    def seat_holders(self, iri: str) -> list[str]:
        """Return the IRIs of a voter and all former holders of its seat, from successor to predecessor."""
        holders = [iri]
        for holder in holders:
            holders += sorted(v.iri for v in self.voters.values() if v.passed_to == holder and v.iri not in holders)
        return holders

    def merge_seats(self) -> Record:
        """Return the record with only the last holder of each seat, who has the votes of all its holders."""
        last = [iri for iri, voter in self.voters.items() if not voter.passed_to or voter.passed_to not in self.voters]
        joined = {iri: _join(self.ballots[holder] for holder in self.seat_holders(iri)) for iri in last}
        voters = {iri: self.voters[iri] for iri in last}
        return Record(self.graph, self.calls, self.issues, voters, joined)


def _join(parts: Iterable[Ballots]) -> Ballots:
    whole = Ballots()
    for part in parts:
        whole = whole.join(part)
    return whole


def _display_names(voter: Voter) -> list[str]:
    return [voter.label, *voter.names]


def _names(voter: Voter) -> set[str]:
    return {text.casefold() for text in (voter.label, voter.iri, local_name(voter.iri), f"id:{local_name(voter.iri)}")}


def _lesser_names(voter: Voter) -> set[str]:
    return {text.casefold() for text in voter.names}


# The table


def table(record: Record, digest: str) -> str:
    """Return a record as CSV; the first cell of a row is its kind: ``digest``, ``issue``, ``voter`` or ``call``."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(["digest", digest])
    for key, label in sorted(record.issues.items()):
        write(["issue", key, label])
    for voter in record.voters.values():
        write(["voter", voter.iri, voter.label, voter.passed_to or "", *voter.names])
    columns = [_letters(record.ballots[iri], len(record.calls)) for iri in record.voters]
    rows = ("".join(row) for row in zip(*columns, strict=True)) if columns else iter(())
    for call, letters in zip(record.calls, rows, strict=True):
        write(["call", call.iri, call.session, call.day, " ".join(call.issues), letters])
    return out.getvalue()


def _letters(ballots: Ballots, size: int) -> str:
    letters = [ABSENT] * size
    for letter, bits in zip("yna", ballots, strict=True):
        text = f"{bits:0{size}b}" if size else ""
        at = text.find("1")
        while at >= 0:
            letters[at] = letter
            at = text.find("1", at + 1)
    return "".join(letters)


def _read_table(text: str, graph: str) -> Record:
    calls: list[RollCall] = []
    issues: dict[str, str] = {}
    voters: dict[str, Voter] = {}
    letters: list[str] = []
    for kind, *cells in csv.reader(io.StringIO(text)):
        if kind == "issue":
            issues[cells[0]] = cells[1]
        elif kind == "voter":
            voters[cells[0]] = Voter(cells[0], cells[1], tuple(cells[3:]), cells[2] or None)
        elif kind == "call":
            calls.append(RollCall(cells[0], int(cells[1]), cells[2], tuple(cells[3].split())))
            letters.append(cells[4])
    whole = "".join(letters)
    ballots = {iri: _bits(whole[number :: len(voters)]) for number, iri in enumerate(voters)}
    return Record(graph, tuple(calls), issues, voters, ballots)


_TRANSLATIONS: Final = tuple(
    str.maketrans({char: "1" if char == letter else "0" for char in "yna."}) for letter in "yna"
)


def _bits(letters: str) -> Ballots:
    return Ballots(*(int(letters.translate(one) or "0", 2) for one in _TRANSLATIONS))


def ballots_of_choices(choices: Mapping[str, Mapping[int, str]], size: int) -> dict[str, Ballots]:
    """Return the ballots of each voter from its letters by position of the roll call; there are *size* roll calls."""
    ballots = {}
    for iri, chosen in choices.items():
        letters = [ABSENT] * size
        for place, letter in chosen.items():
            letters[place] = letter
        ballots[iri] = _bits("".join(letters))
    return ballots


# Reading


def digest(folder: Path) -> str:
    """Return the SHA-256 of the names, sizes and contents of the Turtle files in a folder, in the order of names."""
    whole = hashlib.sha256()
    for path in in_folder(folder, ".ttl"):
        whole.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        check(path)
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def graphs(project: Project) -> list[str]:
    """Return the names of the graphs with a table of votes, sorted."""
    return [name for name in project.graph_names() if (project.graphs / name / TABLE).is_file()]


def read(project: Project, graph: str | None = None) -> Record:
    """Return the votes of the graph of this name or, without a name, of the only graph with a table of votes.

    Raises:
        UnknownName: there is no such graph.
        TriplomacyError: no graph or several have a table, the graph has no roll call, or a file cannot be read.
    """
    name = graph or _only_graph(project)
    if name not in project.graph_names():
        raise UnknownName("graph", name, project.graph_names())
    folder = project.graphs / name
    try:
        text = (folder / TABLE).read_text(encoding="utf-8") if (folder / TABLE).is_file() else ""
        fresh = text.startswith(f"digest,{digest(folder)}\n")
    except (OSError, UnicodeDecodeError) as error:
        raise TriplomacyError(f"cannot be read: {error}", path=folder / TABLE) from None
    record = _read_table(text, name) if fresh else _read_graph(project, name)
    if not record.calls:
        raise TriplomacyError("no roll call in this graph; import a record of votes, or name another", path=folder)
    return record


def is_fresh(project: Project, graph: str) -> bool:
    """Tell whether a graph has a table of votes whose hash matches its present files."""
    path = project.graphs / graph / TABLE
    if not path.is_file():
        return False
    with path.open(encoding="utf-8") as file:
        return file.readline() == f"digest,{digest(path.parent)}\n"


def _only_graph(project: Project) -> str:
    names = graphs(project)
    if not names:
        raise TriplomacyError("no graph here has a record of votes; import one by triplomacy import un-votes")
    if len(names) > 1:
        raise TriplomacyError(f"several graphs have votes: {', '.join(names)}; say which with ", Choice("graph"))
    return names[0]


def _read_graph(project: Project, name: str) -> Record:
    """Return the votes from the Turtle files of the graph, with names from the graph of actors."""
    import pyoxigraph as ox

    from triplomacy.rdf import load_file

    store = ox.Store()
    files = project.files()
    for path in (*files[GRAPH + name], *files.get(f"{GRAPH}actors", ())):
        load_file(store, path)
    return read_dataset(MemoryDataset(store, {}, project), name)


def read_dataset(dataset: Dataset, name: str) -> Record:
    """Return the votes in roll calls of the source of this name, from the default graph of a dataset."""
    source = f"<{SOURCE}{name}>"
    issues: dict[str, list[str]] = defaultdict(list)
    labels: dict[str, str] = {}
    for row in dataset.select(f"""SELECT ?call ?issue ?label WHERE {{
          ?call dcterms:isPartOf {source} ; a tri:RollCall ; dcterms:subject ?issue .
          ?issue skos:prefLabel ?label }}"""):
        key = local_name(row["issue"].value)
        labels[key] = row["label"].value
        issues[row["call"].value].append(key)
    rows = dataset.select(f"""SELECT ?call ?session ?day WHERE {{
        ?call a tri:RollCall ; dcterms:isPartOf {source} ; tri:session ?session ; dcterms:date ?day }}""")
    roll_calls = [(int(r["session"].value), r["day"].value, r["call"].value) for r in rows]
    calls = tuple(
        RollCall(iri, session, day, tuple(sorted(issues[iri])))
        for session, day, iri in sorted(roll_calls, key=_sort_key)
    )
    places = {call.iri: place for place, call in enumerate(calls)}
    choices: dict[str, dict[int, str]] = defaultdict(dict)
    for row in dataset.select(
        "SELECT ?call ?voter ?kind WHERE { ?vote tri:ballotItem ?call ; tri:voter ?voter ; a ?kind }"
    ):
        letter = LETTERS.get(row["kind"].value.removeprefix(TRI))
        if letter and row["call"].value in places:
            choices[row["voter"].value][places[row["call"].value]] = letter
    voters = _voters(dataset, choices)
    ballots = ballots_of_choices({iri: choices[iri] for iri in voters}, len(calls))
    return Record(name, calls, dict(sorted(labels.items())), voters, ballots)


def _sort_key(roll_call: tuple[int, str, str]) -> tuple[int, int, str]:
    """Return the sort key of a roll call: its session, then its number in the record."""
    session, _, iri = roll_call
    key = local_name(iri)
    return session, int(key) if key.isdecimal() else 0, key


def sort_key(call: RollCall) -> tuple[int, int, str]:
    """Return the sort key of a roll call: its session, then its number in the record."""
    return _sort_key((call.session, call.day, call.iri))


def _voters(dataset: Dataset, choices: Mapping[str, object]) -> dict[str, Voter]:
    names: dict[str, list[str]] = defaultdict(list)
    labels: dict[str, str] = {}
    passed: dict[str, str] = {}
    for row in dataset.select("""SELECT ?voter ?property ?value WHERE {
          VALUES ?property { rdfs:label skos:altLabel tri:isoAlpha2 tri:isoAlpha3 tri:seatPassedTo }
          ?voter a tri:State ; ?property ?value } ORDER BY ?property ?value"""):
        iri, kind, value = row["voter"].value, local_name(row["property"].value), row["value"].value
        if kind == "label":
            labels[iri] = value
        elif kind == "seatPassedTo":
            passed[iri] = value
        else:
            names[iri].append(value)
    known = ((iri, labels.get(iri, local_name(iri))) for iri in choices)
    return {
        iri: Voter(iri, label, tuple(sorted(set(names[iri]))), passed.get(iri))
        for iri, label in sorted(known, key=lambda pair: (pair[1], pair[0]))
    }
