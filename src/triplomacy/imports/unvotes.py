"""Import of the roll calls of the United Nations General Assembly, from the data of Erik Voeten.

Each roll call has one claim, by the United Nations, whose propositions are the votes, of four triples each with the
claim. The evidence is the row of the roll call in one file and the rows of its votes in the other, identified by the
number of the roll call (``rcid``). In memory a vote is one byte; the graph is written session by session.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final

from triplomacy import votes
from triplomacy.claims import DataTable, tables
from triplomacy.dataset import Project
from triplomacy.errors import BadParameter, MalformedInput, TriplomacyError
from triplomacy.imports import provenance, states, writing
from triplomacy.imports.provenance import Import, Origin
from triplomacy.imports.states import CodedState, KnownStates, NamePeriod
from triplomacy.terms import ID, SOURCE

NAME: Final = "un-votes"
ORIGIN: Final = Origin(
    "https://dataverse.harvard.edu/dataset.xhtml?persistentId=hdl:1902.1/12379",
    "https://creativecommons.org/publicdomain/zero/1.0/",
)
UNITED_NATIONS: Final = ID + "united-nations"

_CHOICES: Final = {"yes": "VoteInFavour", "no": "VoteAgainst", "abstain": "Abstention"}
_KINDS: Final = {letter: f"tri:{kind}" for kind, letter in votes.LETTERS.items()}
_LETTERS: Final = {word: ord(votes.LETTERS[kind]) for word, kind in _CHOICES.items()}
_ABSENT: Final = ord(votes.ABSENT)

# The columns that each kind of table has to have, by which the kind is recognised.
_VOTE_COLUMNS: Final = ("rcid", "country", "vote")
_CALL_COLUMNS: Final = ("rcid", "session", "date")
_ISSUE_COLUMNS: Final = ("rcid", "short_name", "issue")

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RollCallRow:
    """A row of the table of roll calls: number, session, day, what was voted on in the record's words, and its line."""

    number: int
    session: int
    day: str
    symbol: str
    part: str
    subject: str
    description: str
    line: int

    @property
    def label(self) -> str:
        """The label: number, document symbol, part that was voted on, and subject, as far as known."""
        on = f" on {self.symbol}" if self.symbol else ""
        part = f" ({self.part})" if self.part else ""
        return f"Roll call {self.number}{on}{part}" + (f": {self.subject}" if self.subject else "")


@dataclass(slots=True)
class VoteTables:
    """The tables as read.

    Attributes:
        calls: the roll calls by number.
        cells: the votes in each roll call by number: a byte for each name, in the order of *names*.
        names: the names of states, each with its position in *cells*.
        codes: the country code of each name.
        issues: the keys of the issues of each roll call by number.
        labels: the label of each issue by key.
        paths: the file of each kind of table.
    """

    calls: dict[int, RollCallRow] = field(default_factory=dict)
    cells: dict[int, bytearray] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    issues: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    labels: dict[str, str] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)


def import_files(
    project: Project,
    paths: Sequence[Path],
    output: Path | None = None,
    *,
    origin: Origin = ORIGIN,
    at: str | None = None,
    progress: Progress = lambda _: None,
) -> dict[str, int]:
    """Write the graph of votes, and return counts by name: roll calls, votes, tags of issues, states.

    Args:
        project: the project whose actors the graph refers to.
        paths: the files, of R or CSV, with the tables of votes, roll calls and, optionally, issues, each once.
        output: the folder of the graph; by default that of the graph ``un-votes`` of the project.
        origin: the publisher's page and the licence of the files.
        at: the time of the import as `provenance.parse_time` returns it. None is the present time or, if the folder was
            made from the same files, the time in it, so that a repeated import writes the same bytes.
        progress: called with a message before each step.

    Raises:
        BadParameter: two files have the same name, or two tables are of the same kind.
        MalformedInput: a table is of no known kind or has an invalid row, with the line; nothing is written.
        TriplomacyError: a file cannot be read, a table is missing, or the folder cannot be replaced.
    """
    folder = output or project.graphs / NAME
    hashes = provenance.hashes(paths)
    progress("reading")
    reading = _read(list(hashes))
    actors = states.known_actors(project)
    with writing.replacement(folder) as new:
        return _write(reading, _VoteGraph(reading, actors, hashes, origin), folder, new, at, progress)


# Reading


def _read(paths: Sequence[Path]) -> VoteTables:
    reading = VoteTables()
    tables_by_kind: dict[str, DataTable] = {}
    for table in (table for path in paths for table in tables.read(path)):
        kind = _kind(table)
        if kind in tables_by_kind:
            message = f"{tables_by_kind[kind].path.name} has {kind} too; give one table of each kind"
            raise BadParameter(f"{table.path}: {message}")
        tables_by_kind[kind] = table
        reading.paths[kind] = table.path
    for kind in ("roll calls", "votes"):
        if kind not in tables_by_kind:
            names = ", ".join(_CALL_COLUMNS if kind == "roll calls" else _VOTE_COLUMNS)
            raise TriplomacyError(f"none of the files has {kind}: a table with the columns {names}; name that file too")
    _read_calls(reading, tables_by_kind["roll calls"])
    if "issues" in tables_by_kind:
        _read_issues(reading, tables_by_kind["issues"])
    _read_votes(reading, tables_by_kind["votes"])
    return reading


def _kind(table: DataTable) -> str:
    for kind, wanted in (("votes", _VOTE_COLUMNS), ("issues", _ISSUE_COLUMNS), ("roll calls", _CALL_COLUMNS)):
        if set(wanted) <= set(table.columns):
            return kind
    kinds = "; ".join(", ".join(wanted) for wanted in (_VOTE_COLUMNS, _CALL_COLUMNS, _ISSUE_COLUMNS))
    columns = ", ".join(table.columns)
    message = f"not a known table, by its columns {columns}; a table has the columns {kinds}"
    raise MalformedInput(message, path=table.path, line=1)


def _read_calls(reading: VoteTables, table: DataTable) -> None:
    wanted = ("rcid", "session", "date", "unres", "amend", "para", "short", "descr")
    for line, (number, session, day, symbol, amendment, paragraph, subject, description) in table.rows(wanted):
        part = "amendment" if amendment == "1" else "paragraph" if paragraph == "1" else ""
        call = RollCallRow(
            _whole_number(number, "rcid", table, line),
            _whole_number(session, "session", table, line),
            _date(day, table, line),
            _text(symbol),
            part,
            _text(subject),
            _text(description),
            line,
        )
        if call.number in reading.calls:
            other = reading.calls[call.number].line
            message = f"roll call {number} is in row {other} too; keep one"
            raise MalformedInput(message, path=table.path, line=line)
        reading.calls[call.number] = call


def _text(cell: str) -> str:
    """Return the text of a cell with single spaces; "" for the missing value NA of R."""
    return "" if cell == "NA" else " ".join(cell.split())


def _whole_number(cell: str, name: str, table: DataTable, line: int) -> int:
    digits = cell.removesuffix(".0")
    if not (digits.isascii() and digits.isdecimal()):
        raise MalformedInput(f"{name} is not a whole number: {cell!r}; correct it", path=table.path, line=line)
    return int(digits)


def _date(cell: str, table: DataTable, line: int) -> str:
    try:
        if len(cell) == 10:
            return date.fromisoformat(cell).isoformat()
    except ValueError:
        pass
    raise MalformedInput(f"date is not a day: {cell!r}; write YYYY-MM-DD", path=table.path, line=line)


def _read_issues(reading: VoteTables, table: DataTable) -> None:
    for line, (number, key, label) in table.rows(_ISSUE_COLUMNS):
        call = _known_call(reading, _whole_number(number, "rcid", table, line), table, line)
        if not states.slug(key) or not label:
            raise MalformedInput("an issue has a short name and a name; fill both in", path=table.path, line=line)
        if reading.labels.setdefault(states.slug(key), label) != label:
            other = reading.labels[states.slug(key)]
            raise MalformedInput(f"{key} is {other!r} in another row; correct one", path=table.path, line=line)
        if states.slug(key) not in reading.issues[call]:
            reading.issues[call].append(states.slug(key))


def _known_call(reading: VoteTables, number: int, table: DataTable, line: int) -> int:
    if number not in reading.calls:
        message = f"there is no roll call with the number {number}; correct it, or give the file that has it"
        raise MalformedInput(message, path=table.path, line=line)
    return number


def _read_votes(reading: VoteTables, table: DataTable) -> None:
    numbers: dict[str, int] = {}
    for line, (number, name, code, vote) in table.rows(("rcid", "country", "country_code", "vote")):
        if number not in numbers:
            numbers[number] = _known_call(reading, _whole_number(number, "rcid", table, line), table, line)
        place = reading.names.get(name)
        if place is None:
            place = _new_name(reading, name, code, table, line)
        letter = _LETTERS.get(vote)
        if letter is None:
            message = f"no such vote: {vote!r}; write yes, no or abstain, and leave out rows of absent states"
            raise MalformedInput(message, path=table.path, line=line)
        row = reading.cells.setdefault(numbers[number], bytearray())
        if len(row) <= place:
            row.extend(bytes([_ABSENT]) * (place + 1 - len(row)))
        if row[place] not in (_ABSENT, letter):
            message = f"{name} has a different vote in roll call {number} in a row above; keep one"
            raise MalformedInput(message, path=table.path, line=line)
        row[place] = letter


def _new_name(reading: VoteTables, name: str, code: str, table: DataTable, line: int) -> int:
    if not states.slug(name):
        raise MalformedInput(f"not the name of a state: {name!r}; fill in country", path=table.path, line=line)
    reading.codes[name] = code
    return reading.names.setdefault(name, len(reading.names))


# The content of the graph


class _VoteGraph:
    """The content of the graph: the states that vote, their votes in each roll call, and the description."""

    def __init__(self, reading: VoteTables, actors: KnownStates, hashes: Mapping[Path, str], origin: Origin) -> None:
        self.reading = reading
        self.actors = actors
        self.periods = [states.states_of_name(name, reading.codes[name], actors) for name in reading.names]
        self.states = self._voting_states()
        self.imported = Import(
            NAME,
            "Roll calls of the United Nations General Assembly",
            self._description(),
            "Record of roll calls of the United Nations General Assembly",
            writing.iri_term(UNITED_NATIONS),
            hashes,
            origin,
        )

    def _voting_states(self) -> dict[str, CodedState]:
        """Return the states that cast a vote by IRI, in the order of IRIs."""
        states_by_iri: dict[str, CodedState] = {}
        for number, row in self.reading.cells.items():
            day = self.reading.calls[number].day
            for place, letter in enumerate(row):
                if letter != _ABSENT and (
                    len(self.periods[place]) > 1 or self.periods[place][0].state.iri not in states_by_iri
                ):
                    state = self.state_on(place, day)
                    states_by_iri[state.iri] = state
        return dict(sorted(states_by_iri.items()))

    def state_on(self, place: int, day: str) -> CodedState:
        """Return the state that the name at a position denotes on a day."""
        return _state_on(self.periods[place], day)

    def votes_in(self, call: RollCallRow) -> list[tuple[str, str]]:
        """Return the IRI and the letter (see `votes.LETTERS`) of each vote in a roll call, sorted."""
        row = self.reading.cells.get(call.number, b"")
        ballots = (
            (self.state_on(place, call.day).iri, chr(letter)) for place, letter in enumerate(row) if letter != _ABSENT
        )
        cast = sorted(ballots)
        for (one, _), (other, _) in pairwise(cast):
            if one == other:
                name = self.states[one].label
                message = f"two rows of roll call {call.number} give a vote of {name}, under two names; keep one"
                raise MalformedInput(message, path=self.reading.paths["votes"])
        return cast

    def _description(self) -> str:
        calls = list(self.reading.calls.values())
        cast = sum(len(row) - row.count(_ABSENT) for row in self.reading.cells.values())
        span = f"sessions {min(c.session for c in calls)} to {max(c.session for c in calls)}" if calls else "no session"
        return (
            f"{len(calls):,} roll calls of {span} and {cast:,} votes in them, as the record has them: who was absent "
            "is left out, and the days of early sessions are good for the month only. The votes of the Soviet Union, "
            "which the record files under Russia, and of other former states are told apart by their days."
        )


def _state_on(periods: Sequence[NamePeriod], day: str) -> CodedState:
    return next((period.state for period in periods if period.on(day)), periods[-1].state)


# Writing


def _write(
    reading: VoteTables, graph: _VoteGraph, folder: Path, new: Path, at: str | None, progress: Progress
) -> dict[str, int]:
    when = provenance.end_time(graph.imported, folder, at)
    (new / "graph.ttl").write_text(provenance.graph_description(graph.imported, when), encoding="utf-8")
    (new / "source.ttl").write_text(provenance.source_description(graph.imported), encoding="utf-8")
    (new / "issues.ttl").write_text(_issues(reading), encoding="utf-8")
    (new / "states.ttl").write_text(_states(graph), encoding="utf-8")
    by_session: dict[int, list[RollCallRow]] = defaultdict(list)
    for number in sorted(reading.calls):
        by_session[reading.calls[number].session].append(reading.calls[number])
    for session, calls in sorted(by_session.items()):
        progress(f"writing session {session} of {max(by_session)}")
        with (new / f"session-{session:03}.ttl").open("w", encoding="utf-8") as file:
            file.writelines(_session(graph, session, calls))
    record = _record(graph, [call for _, calls in sorted(by_session.items()) for call in calls])
    (new / votes.TABLE).write_text(votes.table(record, votes.digest(new)), encoding="utf-8")
    return {
        "roll calls": len(reading.calls),
        "votes": sum(ballots.cast.bit_count() for ballots in record.ballots.values()),
        "tags of issues": sum(map(len, reading.issues.values())),
        "states": len(graph.states),
    }


def _issues(reading: VoteTables) -> str:
    text = writing.header("The issues of roll calls", ("skos",), f"{SOURCE}{NAME}/")
    scheme = [("a", "skos:ConceptScheme"), ("skos:prefLabel", writing.literal("Issues of roll calls"))]
    text += writing.statement("<issues>", scheme) if reading.labels else ""
    for key, label in sorted(reading.labels.items()):
        pairs = [("a", "skos:Concept"), ("skos:prefLabel", writing.literal(label)), ("skos:inScheme", "<issues>")]
        text += writing.statement(f"<issue/{key}>", pairs)
    return text


def _states(graph: _VoteGraph) -> str:
    text = writing.header("The states that vote, and who followed whom", ("id", "owl", "rdfs", "tri"))
    listed = set(graph.states)
    if UNITED_NATIONS not in graph.actors.others:
        label = writing.literal("United Nations")
        pairs = [("a", "tri:InternationalOrganisation"), ("rdfs:label", label)]
        text += writing.statement(writing.iri_term(UNITED_NATIONS), pairs)
        listed.add(UNITED_NATIONS)
    return text + states.statements(graph.states.values(), graph.actors) + writing.all_different(listed)


def _session(graph: _VoteGraph, session: int, calls: Sequence[RollCallRow]) -> Iterator[str]:
    base = f"{SOURCE}{NAME}/"
    yield writing.header(f"Roll calls of session {session}", ("dcterms", "id", "rdfs", "tri", "xsd"), base)
    for call in calls:
        yield _call(graph, call)
        cast = graph.votes_in(call)
        if cast:
            yield _claim(call, [iri for iri, _ in cast])
            yield _row("calls", call.number, graph.reading.paths["roll calls"])
            yield _row("votes", call.number, graph.reading.paths["votes"])
            yield from (_vote(call.number, iri, letter) for iri, letter in cast)


def _call(graph: _VoteGraph, call: RollCallRow) -> str:
    described_too = call.description and call.description != call.subject
    issues = [f"<issue/{key}>" for key in graph.reading.issues.get(call.number, ())]
    pairs = [
        ("a", "tri:RollCall"),
        ("rdfs:label", writing.literal(call.label)),
        ("dcterms:description", [writing.literal(call.description)] if described_too else []),
        ("dcterms:isPartOf", f"<../{NAME}>"),
        ("dcterms:date", f'"{call.day}"^^xsd:date'),
        ("dcterms:identifier", [writing.literal(call.symbol, None)] if call.symbol else []),
        ("dcterms:subject", issues),
        ("tri:session", str(call.session)),
    ]
    return writing.statement(f"<roll-call/{call.number}>", [pair for pair in pairs if pair[1]])


def _claim(call: RollCallRow, iris: Sequence[str]) -> str:
    pairs = [
        ("a", "tri:Claim"),
        ("tri:claimant", writing.iri_term(UNITED_NATIONS)),
        ("tri:proposition", [f"<proposition/{call.number}-{_local(iri)}>" for iri in iris]),
        ("tri:stance", "tri:affirms"),
        ("tri:certainty", "tri:certain"),
        ("tri:orientation", "tri:past"),
        ("tri:evidence", [f"<row/calls/{call.number}>", f"<row/votes/{call.number}>"]),
    ]
    return writing.statement(f"<claim/{call.number}>", pairs)


def _local(iri: str) -> str:
    return iri.removeprefix(ID)


def _row(table: str, number: int, path: Path) -> str:
    pairs = [
        ("a", "tri:Row"),
        ("dcterms:creator", writing.iri_term(UNITED_NATIONS)),
        ("dcterms:isPartOf", f"<../{NAME}>"),
        ("tri:inFile", f"<{path.name}>"),
        ("tri:key", writing.literal(str(number), None)),
    ]
    return writing.statement(f"<row/{table}/{number}>", pairs)


def _vote(number: int, iri: str, letter: str) -> str:
    """Return one vote in Turtle; for speed not by `writing.statement`, since there are 870,109 votes."""
    return (
        f"\n<proposition/{number}-{_local(iri)}>\n    a {_KINDS[letter]} ;\n"
        f"    tri:ballotItem <roll-call/{number}> ;\n    tri:voter {writing.iri_term(iri)} .\n"
    )


def _record(graph: _VoteGraph, calls: Sequence[RollCallRow]) -> votes.Record:
    """Return the votes as a record of bit sets, which `triplomacy align` reads."""
    reading = graph.reading
    base = f"{SOURCE}{NAME}/"
    listed = [
        votes.RollCall(f"{base}roll-call/{c.number}", c.session, c.day, tuple(sorted(reading.issues.get(c.number, ()))))
        for c in calls
    ]
    choices: dict[str, dict[int, str]] = {iri: {} for iri in graph.states}
    for place, call in enumerate(calls):
        for iri, letter in graph.votes_in(call):
            choices[iri][place] = letter
    _, seats = states.successors(graph.states)
    voters = {}
    for iri, state in sorted(graph.states.items(), key=lambda pair: (pair[1].label, pair[0])):
        codes = {code for code in (state.alpha2, state.alpha3) if code}
        names = graph.actors.names.get(iri, ()) if iri in graph.actors.labels else tuple(sorted(codes))
        voters[iri] = votes.Voter(iri, state.label, names, seats.get(iri))
    ballots = votes.ballots_of_choices({iri: choices[iri] for iri in voters}, len(calls))
    return votes.Record(NAME, tuple(listed), dict(sorted(reading.labels.items())), voters, ballots)
