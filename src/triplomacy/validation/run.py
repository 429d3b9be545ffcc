"""Which checks run over a project or over other people's files, and what counts as failure.

Each check is imported where it runs: starting is a large part of the time that a small graph takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from triplomacy.dataset import Project
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.findings import Finding, Pattern, Place, Rule, Severity, identified, ordered
from triplomacy.rdf import parsing, turtle
from triplomacy.terms import ONTOLOGY, PREFIXES, RDFS, SH, compress, shorten
from triplomacy.validation import placing, shacl, shape_graph, suppressions, terms as vocabulary
from triplomacy.validation.input import Input, all_files
from triplomacy.validation.plan import CHECKS, DEFAULT, Check, Engine, Outcome, Part, Plan, Undecided
from triplomacy.validation.shape_graph import ShapeGraph

if TYPE_CHECKING:
    pass
_SMALL: Final = 100_000  # bytes


def validate_project(project: Project, plan: Plan | None = None) -> Outcome:
    """Return what the checks find in a project's graphs, shapes, rules and queries.

    Malformed data are findings.

    Raises:
        TriplomacyError: a file cannot be read, or the ontology is malformed.
    """
    plan = plan or Plan()
    shape_files = project.shapes()
    if not shape_files:
        raise TriplomacyError("no shapes here; add a .ttl file", path=project.ontology / "shapes")
    files = project.files()
    ontology = files.pop(ONTOLOGY)
    data = [path for paths in files.values() for path in paths]
    _check_paths(plan.only, [*data, *ontology, *shape_files, *project.queries.glob("*/*.rq")])
    return _validated(Input(tuple(data), tuple(ontology), tuple(shape_files), project), plan)


def validate_part(project: Project, plan: Plan, part: Part) -> Outcome:
    """Return what the checks find of what a change of a project's graphs has done, its ontology and shapes as before.

    Raises:
        Undecided: there is a finding that can only be told from the files as a whole.
        TriplomacyError: a file cannot be read, or the ontology is malformed.
    """
    files = project.files()
    ontology = files.pop(ONTOLOGY)
    data = tuple(path for paths in files.values() for path in paths)
    given = Input(data, tuple(ontology), tuple(project.shapes()), project, part=part)
    if given.faults:
        raise Undecided("the shapes are malformed")
    remarks: list[str] = []
    found = list(_found_of(given, plan, part, remarks))
    if any(_anonymous(finding) for finding in found):
        raise Undecided("there are findings about nodes without a name")
    return _outcome(given, plan, found, remarks, *_rules(given, plan))


def _found_of(given: Input, plan: Plan, part: Part, remarks: list[str]) -> Iterator[Finding]:
    """Yield what the checks find in a part."""
    steps: Mapping[Check, Callable[[], Iterable[Finding]]] = {
        "terms": lambda: _new_terms(given, part),
        "profile": lambda: _new_literals(given, part),
        "shapes": lambda: _newly_idle(given, part),
        "hygiene": lambda: _hygiene_of(given, part),
        "shacl": lambda: filter(part.affected, _shacl(given, plan, remarks, None)),
        "queries": lambda: _queries(given),
    }
    for check, step in steps.items():
        if check in plan.checks:
            yield from step()


def _new_terms(given: Input, part: Part) -> Iterable[Finding]:
    return vocabulary.check(part.new, vocabulary.usage(part.new), [given.used])


def _new_literals(given: Input, part: Part) -> Iterator[Finding]:
    from triplomacy.validation import owl_profile

    used = vocabulary.usage(part.new)
    known = {tuple(map(str, triple)) for triple in part.new}
    for finding in owl_profile.check(given.of_ontology, part.new, used) if used.literals else ():
        if (finding.focus, finding.path, finding.value) in known:
            yield finding


def _newly_idle(given: Input, part: Part) -> Iterator[Finding]:
    """Yield the shapes without a target of whose targets one has gone."""
    for finding in shape_graph.unreached(given.shapes, given.used, given.of_ontology) if part.fewer else ():
        shape = parsing.term_of(finding.focus)
        targets = [value for name in shape_graph.BY_TERM for value in given.shapes.of(shape, name)]
        if finding.rule == shape_graph.IDLE.name and part.fewer.intersection(targets):
            yield finding


def _hygiene_of(given: Input, part: Part) -> Iterator[Finding]:
    from triplomacy.validation import hygiene

    yield from filter(part.affected, hygiene.check(given.store, part.rules))
    if part.whole is not None:
        yield from hygiene.check(part.whole, part.others)


def _check_paths(only: Iterable[Path], files: Sequence[Path]) -> None:
    known = [path.resolve() for path in files]
    for path in only:
        if not any(each.is_relative_to(path.resolve()) for each in known):
            raise TriplomacyError("no file of this project; to validate other files give --shapes too", path=path)


def validate_files(
    data: Sequence[Path], shape_files: Sequence[Path], ontology: Sequence[Path] = (), plan: Plan | None = None
) -> Outcome:
    """Return what the checks find in other people's data, all taken as one graph together with their ontology.

    A folder stands for the RDF files in it, and a file that is given twice counts once. Malformed data are findings.

    Raises:
        TriplomacyError: a file cannot be read, or the ontology is malformed.
    """
    plan = plan or Plan()
    return _validated(Input(all_files(data), all_files(ontology), all_files(shape_files)), plan)


def _validated(given: Input, plan: Plan) -> Outcome:
    text = None if plan.source_text is None else _source(plan.source_text)
    for path in (*given.ontology, *given.shape_files):
        given.of_file(path)  # an error, if it is malformed
    with ThreadPoolExecutor(max_workers=2) as pool:
        # The fast engine and the store let other threads run: reading and the other checks go on beside them.
        remarks: list[str] = []
        early = pool.submit(_started, given) if _is_early(given, plan) else None
        if "hygiene" in plan.checks and given.loads_files:
            pool.submit(lambda: given.store)  # who asks for it first waits for it
        rules, checks = _rules(given, plan)
        alone = plan.checks <= {"syntax", "shacl"}
        malformed = list(_syntax(given, early if alone else None))
        if malformed:
            remark = "only the grammar was checked: the rest needs files that can be read"
            return _outcome(given, plan, malformed, [remark], rules, checks)
        found = list(_run(given, plan, text, remarks, early))
    if any(_anonymous(finding) for finding in found):
        given, remarks = given.with_places(), []
        found = list(_run(given, plan, text, remarks))
    return _outcome(given, plan, found, remarks, rules, checks)


def _source(path: Path) -> str:
    from triplomacy.claims import evidence

    return evidence.read_text(path)


def _is_early(given: Input, plan: Plan) -> bool:
    """Tell whether the SHACL engine can begin before data and shapes have been looked at here."""
    if "shacl" not in plan.checks or not all(path.is_file() for path in (*given.data, *given.ontology)):
        return False
    return _engines(given.shapes, plan.engine, []) == ["fast"] and given.turtle is not None


def _started(given: Input) -> Sequence[Finding]:
    assert given.turtle is not None
    return shacl.run_well_formed(given.turtle, given.shapes)


def _anonymous(finding: Finding) -> bool:
    terms = (finding.focus, finding.value, *(term for pattern in finding.about for term in pattern))
    return not finding.places and any(term is not None and term.startswith("_:") for term in terms)


def _outcome(
    given: Input,
    plan: Plan,
    found: Iterable[Finding],
    remarks: Iterable[str],
    rules: Mapping[str, Rule],
    checks: Mapping[str, str],
) -> Outcome:
    """Place the findings, put them into order, and mark those that count for nothing."""
    located = _located(given, list(found))
    marked = located
    if not any(finding.check == "syntax" for finding in located):
        ran = None if plan.checks >= DEFAULT and given.part is None else () if given.part else rules
        marked = _located(
            given, suppressions.suppressed(located, given.suppressing, ran, given.prefixes if located else PREFIXES)
        )
    nodes = (term for finding in marked for term in (finding.focus, finding.value) if term)
    described = placing.described([*given.triples, *given.shapes.triples], nodes) if _blank(marked) else {}
    root = (given.project.root if given.project else Path()).resolve()
    final = suppressions.known(identified(ordered(marked), described, root), plan.baseline)
    shown = tuple(finding for finding in final if _wanted(finding, plan.only))
    unusable = any(finding.rule in _UNUSABLE or _is_unknown_component(given, finding) for finding in final)
    said = [*remarks, *_unmapped(given, final)]
    prefixes = PREFIXES if given.project or not shown else given.prefixes
    worded = tuple(_worded(finding, prefixes) for finding in shown)
    named = {shorten(name, prefixes): replace(rule, name=shorten(name, prefixes)) for name, rule in rules.items()}
    of_check = {shorten(name, prefixes): check for name, check in checks.items()}
    return Outcome(worded, tuple(said), named, of_check, prefixes, unusable)


def _worded(finding: Finding, prefixes: Mapping[str, str]) -> Finding:
    """Return a finding with the IRIs of its message and its rule as CURIEs."""
    rule = shorten(finding.broken, prefixes)
    return replace(finding, message=shorten(finding.message, prefixes), rule=None if rule == finding.check else rule)


_UNUSABLE: Final = (shape_graph.MALFORMED.name, "queries/malformed", "hygiene/malformed")


def _is_unknown_component(given: Input, finding: Finding) -> bool:
    """Tell whether a finding is about a property in the shapes that SHACL does not have, so that it checks nothing."""
    is_property = finding.value is None and (finding.path or "").startswith(f"<{SH}")
    in_shapes = finding.place is not None and finding.place.file in given.shape_files
    return in_shapes and finding.rule == vocabulary.UNKNOWN.name and is_property


def _blank(found: Iterable[Finding]) -> bool:
    return any((term or "").startswith("_:") for finding in found for term in (finding.focus, finding.value))


def _unmapped(given: Input, found: Sequence[Finding]) -> Iterator[str]:
    files = {place.file for finding in found for place in finding.places if place.line is None}
    for path in given.map.unmapped() if found else ():
        if path in files or any(not finding.places for finding in found):
            yield f"{path}: there are no lines and columns for {path.suffix} files; findings name the file alone"


def _wanted(finding: Finding, only: Sequence[Path]) -> bool:
    if not only:
        return True
    chosen = [path.resolve() for path in only]
    return any(place.file.resolve().is_relative_to(path) for place in finding.places for path in chosen)


def _located(given: Input, found: Sequence[Finding]) -> list[Finding]:
    of_shapes = [finding for finding in found if finding.check == "shapes"]
    others = [finding for finding in found if finding.check != "shapes"]
    derived = _derived(given, others)
    located = placing.located(given.map, others, derived)
    # What is suppressed in the shapes is a matter of policy, and written in their files.
    located = [
        *(finding for finding in located if finding.places or finding.check != "policy"),
        *placing.located(given.shape_map, [f for f in located if not f.places and f.check == "policy"], {}),
    ]
    return [*_located_in_shapes(given, of_shapes), *located]


def _located_in_shapes(given: Input, found: Sequence[Finding]) -> list[Finding]:
    """Place findings at the node that they are about, often one without a name, not at the shape it belongs to."""
    meant = [
        replace(each, focus=each.about[0][0], path=each.about[0][1], value=each.about[0][2], about=())
        if each.about
        else each
        for each in found
    ]
    located = placing.located(given.shape_map, meant, {})
    return [replace(each, places=other.places) for each, other in zip(found, located, strict=True)]


def _derived(given: Input, found: Sequence[Finding]) -> dict[Pattern, list[str]]:
    """Return the propositions behind each fact that a finding is about and that only a rule has made."""
    facts = {fact for finding in found if not finding.places for fact in finding.about}
    of_iris = {fact: [str(term)[1:-1] for term in fact if term and term.startswith("<")] for fact in facts}
    if given.project is None:
        return {}
    from triplomacy.claims import explain

    return {fact: explain.propositions(given.dataset, iris) for fact, iris in of_iris.items() if len(iris) == len(fact)}


def _rules(given: Input, plan: Plan) -> tuple[dict[str, Rule], dict[str, str]]:
    """Return the rules of the checks that run, by name, and the check of each."""
    rules: dict[str, Rule] = {}
    checks: dict[str, str] = {}
    own: Mapping[str, Callable[[], Iterable[Rule]]] = {
        "shacl": lambda: _of_shapes(given.shapes),
        "hygiene": lambda: _of_hygiene(given),
        "terms": lambda: (vocabulary.UNKNOWN, vocabulary.UNDECLARED),
        "shapes": lambda: (shape_graph.MALFORMED, shape_graph.UNTARGETED, shape_graph.INCOMPLETE, shape_graph.IDLE),
        "profile": _of_profile,
        "queries": lambda: _QUERY_RULES,
        "policy": lambda: (suppressions.UNREASONED, suppressions.UNUSED),
    }
    for check in sorted({*plan.checks, "policy"}):
        for rule in own[check]() if check in own else (CHECKS[check],):  # type: ignore[index]
            rules[rule.name], checks[rule.name] = rule, check
    return rules, checks


def _of_hygiene(given: Input) -> Iterable[Rule]:
    from triplomacy.validation import hygiene

    rules = [*given.part.rules, *given.part.others] if given.part else given.hygiene
    return hygiene.catalogue(rules).values()


def _of_profile() -> Iterable[Rule]:
    from triplomacy.validation import owl_profile

    return owl_profile.RULES


def _of_shapes(read: ShapeGraph) -> Iterator[Rule]:
    """Yield a rule for each shape with a name and a message."""
    for shape, _, text in read.pairs("message"):
        if isinstance(shape, ox.NamedNode) and isinstance(text, ox.Literal):
            yield Rule(compress(shape.value), text.value, text.value)


_QUERY_RULES: Final = (
    Rule("queries/malformed", "A stored query whose header or grammar is malformed", "Correct the query's file."),
    Rule("queries/unanswered", "A stored query without its expected answer", "Write the answer beside it, as CSV."),
)


def _syntax(given: Input, early: Future[Sequence[Finding]] | None = None) -> Iterator[Finding]:
    """Yield a finding for each error of each file of data, and for each file that says nothing.

    The fast engine's parser refuses what the W3C's suite has refused: what it has read in an *early* run, with nothing
    else to be done, is not read again. Small files are, since they could be empty, and so are several, since it has
    read them as one text, in which the second could use a prefix of the first.
    """
    read = len(given.data) == 1 and early is not None and early.exception() is None and given.turtle is not None
    for path in given.data:
        if read and path.stat().st_size > _SMALL:
            continue
        try:
            if not given.of_file(path):
                yield _malformed(MalformedInput("there is no triple in this file; add some or remove it", path=path))
        except MalformedInput as error:
            grammar = path.suffix.lower() in (".ttl", ".turtle", ".trig", ".nt")
            for each in (turtle.errors(path) if grammar else []) or [error]:
                yield _malformed(each)


def _malformed(error: TriplomacyError, check: str = "syntax", rule: str | None = None) -> Finding:
    place = () if error.path is None else (Place(Path(error.path), error.line, error.column),)
    return Finding(check, Severity.VIOLATION, error.message, rule=rule, places=place)


def _run(
    given: Input,
    plan: Plan,
    text: str | None,
    remarks: list[str],
    early: Future[Sequence[Finding]] | None = None,
) -> Iterator[Finding]:
    """Yield what the checks find, one check after the other; *early* is a run of SHACL that has begun."""
    steps: Mapping[Check, Callable[[], Iterable[Finding]]] = {
        "terms": lambda: _terms(given),
        "profile": lambda: _profile(given),
        "shapes": lambda: _shapes(given, remarks),
        "hygiene": lambda: _hygiene(given),
        "shacl": lambda: _shacl(given, plan, remarks, early),
        "queries": lambda: _queries(given),
        "evidence": lambda: _evidence(given, plan, text),
        "reasoning": lambda: _reasoning(given),
    }
    for check, step in steps.items():
        if check in plan.checks:
            yield from step()


def _terms(given: Input) -> Iterator[Finding]:
    yield from vocabulary.check(given.triples, given.used)
    in_shapes = vocabulary.usage(given.shapes.triples)
    yield from _located_in_shapes(given, vocabulary.check(given.shapes.triples, in_shapes, [given.used]))


def _shapes(given: Input, remarks: list[str]) -> Iterator[Finding]:
    yield from given.faults
    if given.faults:
        remarks.append("nothing was validated against the shapes, since they are malformed")
    remarks += (
        f"the shapes import {compress(iri)}, and nothing is fetched; give its file with --shapes too"
        for iri in shape_graph.missing_imports(given.shapes, [*given.shapes.triples, *given.of_ontology])
    )
    axioms = given.triples if ox.NamedNode(RDFS + "subClassOf") in given.used.predicates else []
    yield from shape_graph.unreached(given.shapes, given.used, given.of_ontology or axioms)


def _shacl(given: Input, plan: Plan, remarks: list[str], early: Future[Sequence[Finding]] | None) -> Sequence[Finding]:
    """Return what the shapes find; what an engine says of malformed shapes counts for nothing."""
    if given.faults:
        return [] if "shapes" in plan.checks else given.faults
    if early is not None:
        return early.result()
    engines = _engines(given.shapes, plan.engine, remarks)
    found = [shacl.run_well_formed(given.triples, given.shapes, engine=engine) for engine in engines]
    if len(found) > 1:
        _agree(found[0], found[1])
    return found[0]


def _engines(read: ShapeGraph, engine: Engine, remarks: list[str]) -> list[shacl.Engine]:
    """Return the engines that run, the fast one only where it is there and can run these shapes."""
    if engine == "pyshacl":
        return ["pyshacl"]
    if "fast" not in shacl.available_engines():
        if engine == "both":
            raise TriplomacyError("the fast engine has no wheel for this platform; take --engine pyshacl")
        remarks.append("the fast engine has no wheel for this platform; pySHACL does the work")
        return ["pyshacl"]
    if engine == "both":
        return ["fast", "pyshacl"]
    if what := shape_graph.unsupported(read):
        remarks.append(f"the fast engine does not run {what}, which the shapes have; pySHACL does the work")
        return ["pyshacl"]
    return ["fast"]


def _agree(fast: Sequence[Finding], other: Sequence[Finding]) -> None:
    """Raise an error that names what the engines disagree about, if they do."""
    alone = [*_without("only the fast engine", fast, other), *_without("only pySHACL", other, fast)]
    if alone:
        more = f" (and {len(alone) - 1} more)" if len(alone) > 1 else ""
        raise TriplomacyError(f"the engines disagree: {alone[0]}{more}; say which is right to the makers of the other")


def _without(who: str, found: Sequence[Finding], other: Sequence[Finding]) -> list[str]:
    keys = {(finding.key, finding.severity) for finding in other}
    return [
        f"{who} finds {_shown(finding.component)} of {finding.broken} at {_shown(finding.focus)}"
        for finding in found
        if (finding.key, finding.severity) not in keys
    ]


def _shown(term: str | None) -> str:
    return compress(term[1:-1]) if term and term.startswith("<") else term or "no node"


def _profile(given: Input) -> Iterable[Finding]:
    from triplomacy.validation import owl_profile

    return owl_profile.check(given.of_ontology, given.triples, given.used) if given.ontology else ()


def _hygiene(given: Input) -> Iterable[Finding]:
    from triplomacy.validation import hygiene

    return hygiene.check(given.store, given.hygiene)


def _queries(given: Input) -> Iterator[Finding]:
    """Yield a finding for each stored query that cannot be read, or has no expected answer."""
    if given.project is None:
        return
    from triplomacy import queries

    for path in sorted(given.project.queries.glob("*/*.rq")):
        try:
            queries.check(queries.read(path).text, path)
        except MalformedInput as error:
            yield _malformed(error, "queries", "queries/malformed")
            continue
        if not path.with_suffix(".csv").is_file():
            message = f"The query has no expected answer; write it into {path.with_suffix('.csv').name} beside it."
            place = (Place(path),)
            yield Finding("queries", Severity.VIOLATION, message, rule="queries/unanswered", places=place)


def _evidence(given: Input, plan: Plan, text: str | None) -> Iterable[Finding]:
    from triplomacy.claims import evidence

    if text is None:
        raise TriplomacyError("the check evidence needs the text of the source; give --source TEXT")
    name = plan.source_name
    try:
        return evidence.verify(given.dataset, text, evidence.choose(given.dataset, text, name)).findings
    except TriplomacyError as error:
        own = given.project is not None and name is not None and (given.project.graphs / name).is_dir()
        if not own:
            raise
        return [_malformed(error, "evidence")]  # what says which text it is, or how long, is missing or malformed


def _reasoning(given: Input) -> Iterable[Finding]:
    from triplomacy.claims import views
    from triplomacy.validation import reasoning

    facts = views.derive(given.dataset, views.UNDISPUTED) if given.project else []
    return reasoning.findings([*given.triples, *facts])
