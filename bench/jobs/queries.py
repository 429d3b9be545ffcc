"""Stored queries, warm: our code beside the engine under it, rdflib, Virtuoso and Jena, on the same triples."""

from __future__ import annotations

import importlib.metadata
import re
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final

from bench import engines, peers
from bench.engines import Engine, Reply
from bench.figures import OURS, Row
from bench.jobs import data
from bench.measuring import ROOT, Budget, Unavailable, told

from triplomacy import queries
from triplomacy.terms import PREFIXES, expand

NAME: Final = "queries"
BARE: Final = "pyoxigraph"
LIMIT: Final = 10.0  # seconds for an answer
SHORT: Final = 0.05  # seconds; what takes less is asked more often
MANY: Final = 15
CLAIM: Final = "https://w3id.org/triplomacy/source/synthetic-1/claim/2-1"

# A question of each kind of work: one actor's claims, one thing's, all of a class, disputes, absence, paths, counting.
ASKED: Final[Mapping[str, Mapping[str, str]]] = {
    "arguments/why": {"claim": CLAIM},
    "arms/what-deployments": {"deployer": "id:state-1"},
    "claims/evidence-of-a-claim": {"claim": CLAIM},
    "claims/reported-but-not-adopted": {"claimant": "id:state-1"},
    "claims/what-does-an-actor-say": {"claimant": "id:state-1"},
    "claims/what-is-left-open": {},
    "disputes/dispute-ledger": {},
    "disputes/how-many-deny": {},
    "pictures/spans": {},
    "recognition/does-it-recognise": {"recogniser": "id:state-1", "recognised": "id:claimed-state-1"},
    "recognition/who-recognises": {"recognised": "id:claimed-state-1"},
    "sanctions/who-is-sanctioned-by-whom": {},
    "un-vote/who-voted-against": {"resolution": "id:resolution-1"},
}

HEADS: Final = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())


@dataclass
class Answerer:
    """One of those who answer, with the texts that it may be asked.

    Attributes:
        who: its name.
        engine: what runs it.
        seconds: what each answer took.
        text: the one of its texts that was answered in the shortest time, by question.
        tried: what each text took at the size before, by question.
    """

    who: str
    engine: Engine
    seconds: dict[str, list[float]] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    tried: dict[str, dict[str, float]] = field(default_factory=dict)

    def promising(self, question: str, texts: Sequence[str]) -> list[str]:
        """Return the texts that were not much slower than another one at a smaller size, the fastest first."""
        known = self.tried.get(question, {})
        best = min(known.values(), default=float("inf"))
        worth = [text for text in texts if known.get(text, best) <= 3 * best]
        return sorted(worth, key=lambda text: known.get(text, best))


Told = Callable[[Answerer, str], dict[str, Any]]


def rows(sizes: Sequence[int], budget: Budget) -> Iterator[Row]:
    """Yield the rows of this job."""
    tried: dict[str, dict[str, dict[str, float]]] = {}
    for size in sizes:
        with ExitStack() as stack:
            answerers: list[Answerer] = []
            for who in (OURS, BARE, "Virtuoso", "Jena", "rdflib"):
                started = start(who, size, answerers, stack, budget)
                if isinstance(started, Row):
                    yield started
                else:
                    started.tried = tried.setdefault(who, {})
                    answerers.append(started)
            for question in ASKED:
                yield from asked(Row(NAME, question, size), answerers, budget)
            yield from (
                Row(NAME, "memory", size, each.who, megabytes=each.engine.megabytes())
                for each in answerers
                if each.who != BARE
            )


def versions() -> dict[str, str]:
    """Return who takes part, and in which version."""
    found = {name: importlib.metadata.version(name) for name in ("pyoxigraph", "rdflib")}
    return found | {"Jena": peers.jena_version()} | engines.virtuoso_version()


def start(who: str, size: int, others: Sequence[Answerer], stack: ExitStack, budget: Budget) -> Answerer | Row:
    """Return an engine that has the graph of a size, or the row that says why it has not."""
    row = Row(NAME, "load", size, who)
    if instead := budget.instead(row.but(task="loaded")):
        return instead.but(task="load", value=None, extrapolated=False, note=instead.note.replace("it", "loading", 1))
    if who == BARE:
        return Answerer(who, others[0].engine)
    try:
        if who == "Virtuoso":
            file = data.quads(size)
            server = stack.enter_context(engines.virtuoso(file.parent))
            server.load(file)
            return Answerer(who, server)
        make = {OURS: engines.oxigraph, "Jena": engines.jena, "rdflib": engines.rdflib}[who]
        engine = stack.enter_context(make(data.triples(size)))
        budget.learn(row.but(task="loaded", value=engine.loaded))
        return Answerer(who, engine)
    except (Unavailable, OSError) as reason:
        return row.but(note=f"not timed: {told(reason)}")


def texts(question: str, who: str) -> list[str]:
    """Return the texts of a question that one may be asked.

    Those are ours as it is bound, ours with the values written into it, and those that suit other engines better.
    """
    stored = queries.read(ROOT / "queries" / f"{question}.rq")
    values = ASKED[question]
    bound = HEADS + queries.bind(stored, values).text
    if who in (OURS, BARE):
        return [bound]
    other = ROOT / "bench" / "texts" / f"{question.partition('/')[2]}.rq"
    forms = [stored.text, *([other.read_text(encoding="utf-8")] if other.exists() else [])]
    plain = [HEADS + with_values(text, values) for text in forms]
    by_filter = [filtered(text) for text in plain] if who == "rdflib" else []
    return list(dict.fromkeys([bound, *plain, *by_filter]))


def with_values(text: str, values: Mapping[str, str]) -> str:
    """Return a text with values in the place of its parameters."""
    for name, value in values.items():
        text = re.sub(rf"\?{name}\b", f"<{expand(value)}>", text)
    return text


def filtered(text: str) -> str:
    """Return a text that compares stances and certainties after all else: rdflib takes a pattern with them first."""
    lines: list[str] = []
    fixed: list[str] = []
    count = 0
    for line in text.split("\n"):
        found = re.match(r"^(.*)(tri:stance|tri:certainty) (tri:affirms|tri:certain|tri:denies)( ;| \.)$", line)
        if found:
            count += 1
            fixed.append(f"?fixed{count} = {found[3]}")
            line = f"{found[1]}{found[2]} ?fixed{count}{found[4]}"
        lines.append(line)
        if fixed and line.endswith(" ."):
            lines.append(f"FILTER ({' && '.join(fixed)})")
            fixed = []
    return "\n".join(lines)


def asked(row: Row, answerers: Sequence[Answerer], budget: Budget) -> Iterator[Row]:
    """Yield the rows of a stored query."""

    def asking(each: Answerer, text: str) -> dict[str, Any]:
        return {"stored": row.task, "values": dict(ASKED[row.task])} if each.who == OURS else {"text": text}

    yield from compared(row, answerers, budget, lambda who: texts(row.task, who), asking, "rows")


def compared(
    row: Row,
    answerers: Sequence[Answerer],
    budget: Budget,
    texts_of: Callable[[str], Sequence[str]],
    asking: Told,
    noun: str,
) -> Iterator[Row]:
    """Ask everybody once, compare the answers, ask in turn those who have ours, and yield the rows.

    Args:
        row: says job, task and size.
        answerers: those who are asked; the first one, ours, decides what is right.
        budget: keeps from being asked what would take too long.
        texts_of: returns the texts that one of them may be asked.
        asking: returns how one of them is asked a text.
        noun: what the answer consists of.
    """
    expected: Reply = {}
    right = []
    for each in answerers:
        one = row.but(who=each.who)
        instead = budget.instead(one, patience(each.who, budget))
        reply: Reply = {} if instead else first(each, one, texts_of(each.who), asking, patience(each.who, budget))
        expected = expected or reply
        instead = instead or differing(one, reply, expected, noun)
        if instead is None:
            right.append(each)
        else:
            budget.gave_up(instead)
            yield instead
    in_turn(right, row, asking)
    for each in right:
        seconds = each.seconds[row.task]
        answer = f"{expected['rows']:,} {noun}"
        done = row.but(who=each.who, value=statistics.median(seconds), runs=len(seconds), answer=answer)
        budget.learn(done)
        yield done


def patience(who: str, budget: Budget) -> float:
    """Return the seconds that an answer may take: as long as a process for ours, with which others are compared."""
    return budget.limit if who == OURS else LIMIT


def differing(one: Row, reply: Reply, expected: Reply, noun: str) -> Row | None:
    """Return the row that says why an answer is not timed, or None where it is as expected."""
    if "error" in reply:
        return one.but(note=f"not timed: {told(reply['error'])}")
    if (reply["rows"], reply["sha256"]) == (expected["rows"], expected["sha256"]):
        return None
    numbers = f"{reply['rows']:,} {noun}, not {expected['rows']:,}"
    return one.but(note=f"not timed: its answer is another one ({numbers})")


def first(each: Answerer, row: Row, texts: Sequence[str], asking: Told, limit: float) -> Reply:
    """Ask each text, twice since the first time warms up, and return the reply to the fastest one."""
    best: Reply = {}
    for text in each.promising(row.task, texts):
        replies = [each.engine.ask(each.who, limit, hash=True, **asking(each, text))]
        if "error" not in replies[0] and replies[0]["seconds"] < 1:
            replies.append(each.engine.ask(each.who, limit, hash=True, **asking(each, text)))
        reply = min(replies, key=lambda found: float(found.get("seconds", "inf")))
        if not best or reply.get("seconds", float("inf")) < best.get("seconds", float("inf")):
            best = reply
            each.text[row.task] = text
        each.tried.setdefault(row.task, {})[text] = float(reply.get("seconds", "inf"))
    each.seconds[row.task] = [] if "error" in best else [best["seconds"]]
    return best


def in_turn(right: Sequence[Answerer], row: Row, asking: Told) -> None:
    """Ask everybody in turn; who takes long is asked less often.

    Where an answer is short, it is asked for twice and the second counts: what the others left in the caches of the
    processor would cost more than our own code does.
    """
    for number in range(MANY if right else 0):
        for each in right:
            taken = each.seconds[row.task]
            if number < (MANY if taken[0] < SHORT else 4 if taken[0] < 1 else 1 if taken[0] < 5 else 0):
                asked = asking(each, each.text[row.task])
                replies = [each.engine.ask(each.who, LIMIT, **asked) for _ in range(2 if taken[0] < SHORT else 1)]
                taken += [replies[-1]["seconds"]] if "seconds" in replies[-1] else []
