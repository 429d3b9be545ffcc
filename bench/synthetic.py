"""Graphs of claims in the project's model, of any size and the same bytes for the same seed.

They conform to our shapes, but for as many faults as are asked for: each is one violation at a node that is known. With
the ontology beside them, which they need, nothing else is found. A source has 40 passages, each of about 16 triples a
claim, with the hashes of a text that is invented as well. What is written comes a source at a time, so that millions of
triples take no memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, Literal

Format = Literal["turtle", "ntriples"]
Pair = tuple[str, str]  # a property and a value, as in Turtle
Node = tuple[str, list[Pair]]  # a subject and what is said of it

ACTORS: Final = 300
PASSAGES: Final = 40  # of a source
SMALLEST: Final = 3_000  # triples: the entities alone are two thirds of it

PREFIXES: Final = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "id": "https://w3id.org/triplomacy/id/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "tri": "https://w3id.org/triplomacy/ontology#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
SOURCES: Final = "https://w3id.org/triplomacy/source/"
SHAPES: Final = "https://w3id.org/triplomacy/shapes#"
GRAPH: Final = "<https://w3id.org/triplomacy/graph/synthetic>"

# How many entities of each class there are; the actors are 300.
ENTITIES: Final = {
    "State": 160,
    "Person": 80,
    "StateOrgan": 30,
    "InternationalOrganisation": 15,
    "MediaOrganisation": 15,
    "ClaimedState": 20,
    "Region": 20,
    "Resolution": 10,
    "Good": 10,
    "Topic": 10,
}
WORDS: Final = """
    accord alliance border capital charter council crisis delegation economy envoy force frontier government harbour
    income labour letter market minister mission neighbour observer pact parliament partner price railway region remark
    report sanction seat session signal speech summit supply talks treaty troops visit vote winter
"""

# Class, the class whose shape it has, the words between the fillers of its two roles, and the roles with their classes.
KINDS: Final = (
    ("Recognition", "Recognition", "recognises", ("recogniser", "State"), ("recognised", "ClaimedState")),
    ("Support", "Support", "supports", ("supporter", "State"), ("supported", "State")),
    ("SanctionsMeasure", "SanctionsMeasure", "imposes sanctions on", ("imposer", "State"), ("target", "State")),
    ("ArmsTransfer", "ArmsTransfer", "supplies with arms", ("supplier", "State"), ("recipient", "State")),
    ("Severance", "Severance", "breaks with", ("severer", "State"), ("severed", "State")),
    ("VoteAgainst", "Vote", "votes against", ("voter", "State"), ("ballotItem", "Resolution")),
    ("Deployment", "Deployment", "sends troops to", ("deployer", "State"), ("destination", "Region")),
    ("Leadership", "Leadership", "leads", ("leader", "Person"), ("led", "InternationalOrganisation")),
    ("Endorsement", "Endorsement", "endorses", ("endorser", "StateOrgan"), ("endorsed", "Person")),
    ("Membership", "Membership", "belongs to", ("member", "State"), ("organisation", "InternationalOrganisation")),
)
MORE: Final = {
    "SanctionsMeasure": [("tri:measure", "tri:unspecifiedSanctions")],
    "ArmsTransfer": [("tri:goods", "id:good-1")],
    "Deployment": [
        ("tri:atLeast", '"500"^^xsd:integer'),
        ("tri:atMost", '"900"^^xsd:integer'),
        ("tri:unit", "tri:soldiers"),
    ],
}


@dataclass(frozen=True)
class Fault:
    """A violation that was put in, in the words of a finding: node, path, component and shape, each as an IRI in <>."""

    focus: str
    path: str
    component: str
    shape: str


@dataclass
class Tally:
    """What has been written so far."""

    triples: int = 0
    claims: int = 0
    sources: int = 0
    faults: list[Fault] = field(default_factory=list)


# Path and component of each kind of fault, in the order in which they are put in; the shape is named after both.
FAULTS: Final = {
    "claimant": ("tri:claimant", "MinCount", "Claim-claimant"),
    "class": (None, "Class", None),
    "hash": ("tri:sha256", "Pattern", "Span-sha256"),
    "certainty": ("tri:certainty", "MinCount", "Affirmation-certainty"),
    "label": ("rdfs:label", "MinCount", "Proposition-label"),
    "dates": ("tri:earliestStart", "LessThanOrEquals", "TimeSpan-earliestStart-latestStart"),
}


def passage_text(seed: int, source: int, passage: int) -> str:
    """Return the characters of a passage; those of a text are its passages, one a line."""
    random = Random(f"{seed}/{source}/{passage}/text")
    return " ".join(random.choices(WORDS.split(), k=random.randint(14, 30))).capitalize() + "."


def generate(
    triples: int, seed: int = 1, faults: int = 0, *, format: Format = "turtle", tally: Tally | None = None
) -> Iterator[str]:
    """Yield a graph of about so many triples, the ontology not among them, in pieces of some hundred kilobytes at most.

    Args:
        triples: how many; there are a few dozen more or less.
        seed: what the random choices depend on.
        faults: how many violations to put in, spread over the graph.
        format: the syntax.
        tally: is filled with what was written.

    Raises:
        ValueError: the graph would be too small for the entities, or for the faults.
    """
    if triples < SMALLEST:
        raise ValueError(f"{triples} triples are too few for {ACTORS} actors; ask for {SMALLEST} or more")
    tally = tally or Tally()
    write = _WRITERS[format]
    if format == "turtle":
        yield "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    yield _counted(tally, _entities(), "", write)
    while triples - tally.triples > 60:
        tally.sources += 1
        base = f"{SOURCES}synthetic-{tally.sources}/"
        source = _Source(tally.sources, seed, base)
        while len(source.passages) < PASSAGES and triples - tally.triples - source.triples > 32:
            share = (tally.triples + source.triples + 100) / (0.95 * triples)
            due = min(faults, int(faults * share) + 1) if faults else 0
            source.add(_names(len(tally.faults), due))
            tally.faults += source.faults
            source.faults.clear()
        tally.claims += source.claims
        yield _counted(tally, source.nodes(), base, write)
    if len(tally.faults) < faults:
        raise ValueError(f"{triples} triples hold {len(tally.faults)} faults, not {faults}; ask for more triples")


def _names(planted: int, due: int) -> frozenset[str]:
    """Return the kinds of fault that come next, each once."""
    kinds = list(FAULTS)
    return frozenset(kinds[number % len(kinds)] for number in range(planted, min(due, planted + len(kinds))))


def _counted(tally: Tally, nodes: Sequence[Node], base: str, write: Callable[[Sequence[Node], str], str]) -> str:
    tally.triples += sum(len(pairs) for _, pairs in nodes)
    return write(nodes, base)


def _entity(kind: str, number: int) -> str:
    words = "".join(f"-{char.lower()}" if char.isupper() else char for char in kind).removeprefix("-")
    return f"id:{words}-{number}"


def _name(kind: str, number: int) -> str:
    words = "".join(f" {char.lower()}" if char.isupper() else char for char in kind).strip()
    return f"{words.capitalize()} {number}"


def _entities() -> list[Node]:
    """Return the graph's description, all entities, and the list that says that they are different."""
    nodes: list[Node] = [
        (
            GRAPH,
            [
                ("a", "dcat:Dataset"),
                ("dcterms:title", '"Synthetic claims"@en'),
                ("dcterms:description", '"Claims about states that do not exist, made to measure with."@en'),
                ("dcterms:creator", "<https://w3id.org/triplomacy/authors>"),
                ("dcterms:created", '"2026-11-23"^^xsd:date'),
                ("dcterms:license", "<https://creativecommons.org/licenses/by/4.0/>"),
            ],
        )
    ]
    members = [(kind, number) for kind, count in ENTITIES.items() for number in range(1, count + 1)]
    for kind, number in members:
        pairs = [("a", f"tri:{kind}"), ("rdfs:label", f'"{_name(kind, number)}"@en')]
        if kind == "StateOrgan":
            pairs.append(("tri:organOf", _entity("State", number)))
        nodes.append((_entity(kind, number), pairs))
    nodes.append(("_:different", [("a", "owl:AllDifferent"), ("owl:distinctMembers", "_:member1")]))
    for place, (kind, number) in enumerate(members, 1):
        rest = f"_:member{place + 1}" if place < len(members) else "rdf:nil"
        nodes.append((f"_:member{place}", [("rdf:first", _entity(kind, number)), ("rdf:rest", rest)]))
    return nodes


class _Source:
    """A source with its text, its times and what its passages carry."""

    def __init__(self, number: int, seed: int, base: str) -> None:
        self.number = number
        self.base = base
        self.passages: list[str] = []
        self.claims = 0
        self.faults: list[Fault] = []
        self._seed = seed
        self.random = Random(f"{seed}/{number}")
        self.author = self.any("Person")
        self.year = self.random.randint(1950, 2020)
        self._end = 0
        self._nodes: list[Node] = []
        self.triples = sum(len(pairs) for _, pairs in self._head())

    def nodes(self) -> list[Node]:
        """Return all that is said of the source and of its claims."""
        return [*self._head(), *self._nodes]

    def add(self, faults: frozenset[str]) -> None:
        """Add a passage with the nodes that hang on it, faults of these kinds among them."""
        place = len(self.passages) + 1
        text = passage_text(self._seed, self.number, place)
        start = self._end + 1 if self.passages else 0
        self._end = start + len(text)
        self.passages.append(text)
        omitted = place % 12 == 1 and not faults
        more = [("tri:omission", '"A line without a claim."@en')] if omitted else []
        voice = [("dcterms:creator", self.author), ("dcterms:isPartOf", f"<{self.base[:-1]}>")]
        self.put(f"<passage/{place}>", "tri:Passage", *voice, *positions(start, self._end, text), *more)
        if not omitted:
            _Passage(self, place, start, text, faults).fill()

    def _head(self) -> list[Node]:
        text, year = "\n".join(self.passages), self.year
        title = f'"Synthetic report {self.number}"@en'
        return [
            (
                f"<{self.base[:-1]}>",
                [
                    ("a", "tri:Source"),
                    ("rdfs:label", title),
                    ("dcterms:title", title),
                    ("dcterms:creator", self.author),
                    ("tri:text", "<text>"),
                    ("tri:writtenDuring", "<time/writing>"),
                ],
            ),
            (
                "<text>",
                [
                    ("a", "tri:SourceText"),
                    ("rdfs:label", f'"Text of synthetic report {self.number}"@en'),
                    ("tri:length", f'"{len(text)}"^^xsd:integer'),
                    ("tri:sha256", f'"{_hash(text)}"'),
                ],
            ),
            (
                "<time/writing>",
                _time(f"When synthetic report {self.number} was written", f"{year}-01-01", f"{year}-12-31"),
            ),
        ]

    def any(self, kind: str, *but: str) -> str:
        """Return any entity of a class but these."""
        while (found := _entity(kind, self.random.randint(1, ENTITIES[kind]))) in but:
            pass
        return found

    def put(self, subject: str, kind: str, *pairs: Pair) -> None:
        """Put in a node."""
        self._nodes.append((subject, [("a", kind), *pairs]))
        self.triples += 1 + len(pairs)


class _Passage:
    """What one passage carries: three spans, three propositions or four, and four claims or five."""

    def __init__(self, source: _Source, place: int, start: int, text: str, faults: frozenset[str]) -> None:
        self._source = source
        self._random = source.random
        self._place = place
        self._start = start
        self._text = text
        self._faults = faults
        self._varies = ""
        self._former = KINDS[0]  # what the proposition before is

    def fill(self) -> None:
        """Put in all of it."""
        third = len(self._text) // 3
        spans = [self._span(0, third), self._span(third + 1, 2 * third), self._span(2 * third + 1, len(self._text))]
        ends = [self._proposition(number) for number in range(3)]
        self._own_view(spans[0], ends[0])
        self._dispute(spans[1], ends[1], third)
        self._doubt(spans[2], ends[2])
        if self._random.random() < 0.05:
            self._exclusivity(spans[0])

    def _own_view(self, span: str, proposition: str) -> None:
        """Put in what the author says in its own voice."""
        self._claim(0, self._source.author, proposition, "affirms", "certain", "present", span)

    def _dispute(self, span: str, proposition: str, third: int) -> None:
        """Put in what one actor is reported to say, and what another one answers."""
        author = self._source.author
        kind = self._random.choice(("State", "StateOrgan", "MediaOrganisation"))
        first, second = self._source.any(kind), self._source.any("Person", author)
        more = [("tri:reportedBy", author)]
        quoted = [("tri:quotation", self._span(third + 6, 2 * third - 5))] if self._random.random() < 0.3 else []
        said = "" if "claimant" in self._faults else first
        self._claim(1, said, proposition, "affirms", "certain", "past", span, *more, *quoted)
        answered = f"<claim/{self._place}-1>"
        if self._random.random() < 0.4:
            more += [("tri:act", "tri:rebuttal"), ("tri:respondsTo", answered)]
            self._claim(2, second, proposition, "denies", "certain", "past", span, *more)
        else:
            self._claim(2, second, proposition, "affirms", "probable", "past", span, *more, ("tri:arguesFor", answered))

    def _doubt(self, span: str, proposition: str) -> None:
        """Put in what the author thinks possible, or leaves open."""
        choice = self._random.random()
        more = []
        if choice < 0.15:
            more.append(("tri:condition", f"<proposition/{self._place}-0>"))
        elif choice < 0.3:
            more.append(("tri:despite", f"<claim/{self._place}-2>"))
        stance, certainty = ("affirms", "possible") if choice < 0.8 else ("leavesOpen", "")
        if "certainty" in self._faults:
            stance, certainty = "affirms", ""
        self._claim(3, self._source.author, proposition, stance, certainty, "future", span, *more)

    def _exclusivity(self, span: str) -> None:
        """Put in that nobody else does what the first proposition says."""
        node = f"<proposition/{self._place}-only>"
        pairs = [("rdfs:label", f'"Nobody else does so ({self._source.number}-{self._place})"@en')]
        pairs += [("tri:listed", f"<proposition/{self._place}-0>"), ("tri:scope", "id:international-organisation-1")]
        self._source.put(node, "tri:Exclusivity", *pairs, ("tri:varies", self._varies))
        self._claim(4, self._source.author, node, "affirms", "certain", "present", span)

    def _claim(
        self, number: int, claimant: str, about: str, stance: str, certainty: str, sight: str, span: str, *more: Pair
    ) -> None:
        node = f"<claim/{self._place}-{number}>"
        pairs = [("tri:claimant", claimant)] if claimant else []
        pairs += [("tri:proposition", about), ("tri:stance", f"tri:{stance}")]
        pairs += [("tri:certainty", f"tri:{certainty}")] if certainty else []
        pairs += [("tri:orientation", f"tri:{sight}"), ("tri:evidence", span)]
        self._source.put(node, "tri:Claim", *pairs, *more)
        self._source.claims += 1
        if not claimant:
            self._plant("claimant", node)
        if not certainty and stance == "affirms":
            self._plant("certainty", node)

    def _span(self, start: int, end: int) -> str:
        first, last = self._start + start, self._start + end
        node = f"<text#char={first},{last}>"
        pairs = positions(first, last, self._text[start:end])
        if start == 0 and "hash" in self._faults:
            pairs[-1] = ("tri:sha256", pairs[-1][1].replace(pairs[-1][1][1:9], "no hash "))
            self._plant("hash", node)
        self._source.put(node, "oa:TextPositionSelector", *pairs, ("tri:inPassage", f"<passage/{self._place}>"))
        return node

    def _proposition(self, number: int) -> str:
        """Put in a proposition of any kind: the first one and the last have the faults of propositions."""
        node = f"<proposition/{self._place}-{number}>"
        nameless = number == 2 and "label" in self._faults
        chosen = self._random.choice(KINDS)
        if nameless and chosen[1] == "Vote":  # whether a vote needs a label is a query's answer, not SHACL Core's
            chosen = KINDS[0]
        specialises = number == 2 and self._place % 9 == 4 and not nameless
        kind, owner, verb, (role, filled), (other_role, other) = self._former if specialises else chosen
        self._former = chosen
        one = self._source.any(filled)
        two = self._source.any(other, one)
        pairs = [
            ("rdfs:label", f'"{_said(one)} {verb} {_said(two)} ({self._source.number}-{self._place}-{number})"@en')
        ]
        if number == 0:
            self._varies = f"tri:{role}"
        if number == 0 and "class" in self._faults:
            one = "id:topic-1"
            self._plant("class", node, f"tri:{role}", f"{owner}-{role}")
        if nameless:
            pairs.clear()
            self._plant("label", node)
        pairs += [(f"tri:{role}", one), (f"tri:{other_role}", two), *MORE.get(kind, ())]
        if number == 2 and (self._place % 8 == 2 or "dates" in self._faults):
            pairs.append(("tri:during", self._time()))
        if specialises:
            pairs.append(("tri:specialises", f"<proposition/{self._place}-1>"))
        self._source.put(node, f"tri:{kind}", *pairs)
        return node

    def _time(self) -> str:
        node = f"<time/{self._place}>"
        year = self._source.year - self._random.randint(1, 20)
        pairs = _time(f"In {year} ({self._source.number}-{self._place})", f"{year}-01-01", f"{year}-12-31")
        if "dates" in self._faults:
            pairs.insert(3, ("tri:latestStart", _at(f"{year - 1}-06-30")))
            self._plant("dates", node)
        self._source.put(node, pairs[0][1], *pairs[1:])
        return node

    def _plant(self, kind: str, node: str, path: str | None = None, shape: str | None = None) -> None:
        usual_path, component, usual_shape = FAULTS[kind]
        self._source.faults.append(
            Fault(
                focus=_full(node, self._source.base),
                path=_full(path or usual_path or "", ""),
                component=f"<http://www.w3.org/ns/shacl#{component}ConstraintComponent>",
                shape=f"<{SHAPES}{shape or usual_shape}>",
            )
        )


def positions(start: int, end: int, text: str) -> list[Pair]:
    """Return what says where some characters are, and which."""
    number = "^^xsd:nonNegativeInteger"
    return [("oa:start", f'"{start}"{number}'), ("oa:end", f'"{end}"{number}'), ("tri:sha256", f'"{_hash(text)}"')]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _said(entity: str) -> str:
    return entity.removeprefix("id:").replace("-", " ")


def _at(day: str) -> str:
    return f'"{day}T00:00:00Z"^^xsd:dateTime'


def _time(label: str, first: str, last: str) -> list[Pair]:
    bounds = [("tri:earliestStart", _at(first)), ("tri:latestEnd", _at(last))]
    return [("a", "tri:TimeSpan"), ("rdfs:label", f'"{label}"@en'), *bounds, ("tri:edtf", f'"{first[:4]}"')]


def _full(term: str, base: str) -> str:
    """Return a term of Turtle as one of N-Triples."""
    if term.startswith("<"):
        return term if term.startswith("<https://") else f"<{base}{term[1:]}"
    if term.startswith('"'):
        text, mark, kind = term.partition("^^")
        return f"{text}^^{_full(kind, '')}" if mark else term
    if term.startswith("_:"):
        return term
    prefix, _, name = ("rdf", ":", "type") if term == "a" else term.partition(":")
    return f"<{PREFIXES[prefix]}{name}>"


def _turtle(nodes: Sequence[Node], base: str) -> str:
    parts = [f"\n@base <{base}> .\n"] if base else []
    for subject, pairs in nodes:
        values = " ;\n".join(f"    {name} {value}" for name, value in pairs)
        parts.append(f"\n{subject}\n{values} .\n")
    return "".join(parts)


def _ntriples(nodes: Sequence[Node], base: str) -> str:
    parts: list[str] = []
    for subject, pairs in nodes:
        node = _full(subject, base)
        parts += [f"{node} {_full(name, base)} {_full(value, base)} .\n" for name, value in pairs]
    return "".join(parts)


_WRITERS: Final[Mapping[Format, Callable[[Sequence[Node], str], str]]] = {"turtle": _turtle, "ntriples": _ntriples}
