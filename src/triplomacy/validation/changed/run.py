"""Validation of a change: what the shapes and rules find that edits of the graphs can have brought about.

`changes` tells which triples differ, `reach` at which nodes each shape and each rule may find something else, and
which triples decide it there: the same checks then run over these alone. Where the change is one of the ontology, of
shapes or of rules, where it has nodes without a name, or where a shape defeats the analysis, everything is validated,
and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from triplomacy.dataset import Project
from triplomacy.errors import MalformedInput
from triplomacy.files import read_bytes
from triplomacy.findings import Finding
from triplomacy.rdf import SUBCLASS_OF, TYPE, closure, parsing, subclasses, superclasses, text_diff
from triplomacy.sparql import Unread
from triplomacy.terms import RDFS, XSD, shorten
from triplomacy.validation import run, shape_graph, suppressions
from triplomacy.validation.changed import reach, shape_patterns
from triplomacy.validation.changed.changes import Changes
from triplomacy.validation.changed.part import ChangedPart
from triplomacy.validation.changed.reach import Dependency, Graphs
from triplomacy.validation.hygiene import HygieneRule
from triplomacy.validation.inputs import ProjectFiles
from triplomacy.validation.plan import Outcome, Plan, Undecidable
from triplomacy.validation.vocabulary import usage

_STRUCTURE: Final = frozenset(ox.NamedNode(RDFS + name) for name in ("subClassOf", "subPropertyOf"))
_MOST: Final = 5_000  # changed triples, from which on everything is validated
_REWRITTEN: Final = re.compile(f"{re.escape(XSD)}(?!string|anyURI|language|token|normalizedString)")


def validate_changes(project: Project, plan: Plan, changes: Changes) -> Outcome:
    """Return what the checks find that a change can have brought about.

    Raises:
        MalformedInput: a file of the ontology or of shapes is malformed.
        TriplomacyError: a file cannot be read.
    """
    try:
        if changes.whole:
            raise Undecidable(changes.whole)
        return _validate(ProjectFiles.of(project), plan, changes)
    except MalformedInput:
        reason = "a file is malformed"
    except (Undecidable, Unread) as why:
        reason = why.message
    outcome = run.validate_project(project, plan)
    return replace(outcome, remarks=(f"everything was validated: {reason}", *outcome.remarks))


def _validate(files: ProjectFiles, plan: Plan, changes: Changes) -> Outcome:
    if not (changes.gone or changes.new):
        plan = replace(plan, checks=plan.checks & {"queries", "syntax"})
        part, remarks = _part(files), list(_ignored_files(changes))
    else:
        impact = Impact(files, plan, changes)
        part, remarks = impact.part(), [*_ignored_files(changes), *impact.remarks()]
    if part.faults:
        raise Undecidable("the shapes are malformed")
    outcome = run.validate(part, plan, part.checks())
    return replace(outcome, remarks=(*remarks, *outcome.remarks))


def _part(files: ProjectFiles, **parts: Any) -> ChangedPart:
    """Return a part of a project, whose files are not read again."""
    own = {each.name: getattr(files, each.name) for each in fields(files)}
    return ChangedPart(**own, **parts)


def _ignored_files(changes: Changes) -> Iterator[str]:
    if changes.unknown:
        yield f"git ignores files of these graphs, which were taken for unchanged: {', '.join(changes.unknown)}"


@dataclass
class Impact:
    """A change, with what the project's shapes and rules see of it."""

    files: ProjectFiles
    plan: Plan
    changes: Changes

    def __post_init__(self) -> None:
        changed = self.changes.gone | self.changes.new
        if len(changed) > _MOST:
            raise Undecidable("so much has changed that validating everything takes no longer")
        if any(isinstance(end, ox.BlankNode) for each in changed for end in (each.subject, each.object)):
            raise Undecidable("the change has nodes without a name")
        if any(each.predicate in _STRUCTURE for each in changed):
            raise Undecidable("the change is one of classes or properties")
        if any(subject is not None for subject, _ in usage(changed).kinds):
            raise Undecidable("the change declares terms")

    @cached_property
    def graphs(self) -> Graphs:
        """The data before and after."""
        gone, new = (parsing.to_stored(triples) for triples in (self.changes.gone, self.changes.new))
        kept = parsing.to_stored(self.changes.kept)
        store, predicates = self.changes.store, self.changes.predicates
        return Graphs(store, gone - new - kept, new, self.changes.is_now, gone | new, predicates)

    @cached_property
    def below(self) -> dict[Any, list[Any]]:
        """The direct sub-classes of classes."""
        return subclasses(self.graphs.ever(None, SUBCLASS_OF, None))

    @cached_property
    def hygiene(self) -> Sequence[HygieneRule]:
        """The rules of hygiene, if they run."""
        return self.files.hygiene if "hygiene" in self.plan.checks else ()

    @cached_property
    def rules(self) -> list[Dependency]:
        """What the rules of hygiene look at."""
        return shape_patterns.of_rules(self.hygiene)

    @cached_property
    def shapes(self) -> list[Dependency]:
        """What the shapes look at, if they are validated."""
        if "shacl" not in self.plan.checks:
            return []
        shapes = self.files.shapes
        return [] if shape_graph.find_faults(shapes) else shape_patterns.of_shapes(shapes, self.below)

    @cached_property
    def affected_nodes(self) -> _Reached:
        """The nodes at which each shape and rule may find something else, with the triples that decide it."""
        reached = _Reached()
        for dependencies in (self.shapes, self.rules):
            of_shapes = dependencies is self.shapes
            affected = reach.find_affected(dependencies, self.graphs)
            for dependency, reason in affected.whole.items():
                reached.leave(dependency, reason, of_shapes=of_shapes)
            for dependency, nodes in affected.nodes.items():
                reached.nodes.setdefault(dependency.name, set()).update(nodes)
            for dependency in dependencies:
                if dependency.name in reached.nodes and dependency.name not in reached.whole:
                    reached.follow(dependency, self.graphs, of_shapes=of_shapes)
        return reached

    def part(self) -> ChangedPart:
        """Return what decides what is found since the change."""
        reached = self.affected_nodes
        triples = {*reached.triples, *self._types(), *self._witnesses(), *self.graphs.new}
        return _part(
            self.files,
            facts=[*(self._as_written(triples) | self.changes.new), *self.files.axioms],
            new=self.changes.new,
            fewer=frozenset(self._fewer),
            is_affected=reached.has,
            rules=[rule for rule in self.hygiene if rule.name in reached.nodes],
            others=[rule for rule in self.hygiene if rule.name in reached.whole],
            whole=self.graphs.store if self.changes.is_now and reached.whole else None,
            suppressions=[triple for name in suppressions.PARTS for triple in self.graphs.now(None, name, None)],
        )

    def remarks(self) -> Iterator[str]:
        """Yield what was not told from the change alone."""
        names = ", ".join(sorted(self.affected_nodes.whole))
        if names and self.changes.is_now:
            yield f"of hygiene these look at the graphs as a whole, and were asked about them all: {names}"
        elif names:
            yield f"of hygiene these look at the graphs as a whole, and were left out: {names}"

    def _types(self) -> Iterator[ox.Triple]:
        for node in set().union(*self.affected_nodes.nodes.values()):
            yield from self.graphs.now(node, TYPE, None)

    @cached_property
    def _fewer(self) -> set[ox.NamedNode]:
        used = usage(self.graphs.gone)
        above = superclasses(self.graphs.ever(None, SUBCLASS_OF, None))
        return {*used.predicates, *closure(used.classes, above.get)}

    def _witnesses(self) -> Iterator[ox.Triple]:
        """Yield a triple of each property and each class of which one is gone, so that no other shape seems idle."""
        for term in closure(self._fewer, self.below.get):
            yield from islice(self.graphs.now(None, term, None), 1)
            yield from islice(self.graphs.now(None, TYPE, term), 1)

    def _as_written(self, triples: Collection[ox.Triple]) -> set[ox.Triple]:
        """Return triples with values as the files have them, where a store may have rewritten one."""
        doubtful = {each for each in triples if _may_be_rewritten(each)}
        subjects = {each.subject for each in doubtful}
        if not doubtful:
            return {*triples}
        read = (
            each for path in self.files.data for each in text_diff.statements_about(read_bytes(path), doubtful, path)
        )
        return {*triples} - doubtful | {each for each in read if each.subject in subjects and _may_be_rewritten(each)}


def _may_be_rewritten(triple: ox.Triple) -> bool:
    """Tell whether a store may have written a value in another way than its file: a number, a date, a language."""
    value = triple.object
    if not isinstance(value, ox.Literal):
        return False
    return "-" in (value.language or "") or bool(_REWRITTEN.match(value.datatype.value))


class _Reached:
    """The nodes that are affected, by the names of shapes and rules, and the triples that decide about them."""

    def __init__(self) -> None:
        self.nodes: dict[str, set[Any]] = {}
        self.triples: set[ox.Triple] = set()
        self.whole: dict[str, str] = {}

    def leave(self, dependency: Dependency, reason: str, *, of_shapes: bool) -> None:
        """Note that a rule can only be asked about everything; with a shape, everything is validated."""
        if of_shapes:
            raise Undecidable(f"{shorten(dependency.name) or 'a shape without a name'}: {reason}")
        self.whole[dependency.name] = reason
        self.nodes.pop(dependency.name, None)

    def follow(self, dependency: Dependency, graphs: Graphs, *, of_shapes: bool) -> None:
        """Collect the triples that decide what a shape or rule finds at the affected nodes."""
        try:
            self.triples |= reach.evidence(dependency, graphs, self.nodes[dependency.name])
        except Undecidable as reason:
            self.leave(dependency, reason.message, of_shapes=of_shapes)

    def has(self, finding: Finding) -> bool:
        """Tell whether a finding is about a node that is affected."""
        name = finding.rule if finding.check == "hygiene" else finding.shape
        return finding.focus in self._names_in_files.get(name or "", ())

    @cached_property
    def _names_in_files(self) -> dict[str, set[str]]:
        return {name: {str(node) for node in nodes} for name, nodes in self.nodes.items()}
