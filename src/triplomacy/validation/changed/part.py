"""The part of a project that tells what a change of its graphs has done, and what the checks find in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from triplomacy.findings import Finding
from triplomacy.rdf import parsing
from triplomacy.validation import checks, shape_graph, vocabulary
from triplomacy.validation.checks import CheckFunction
from triplomacy.validation.hygiene import HygieneRule, check as check_hygiene
from triplomacy.validation.inputs import Input, ProjectInput
from triplomacy.validation.plan import Check, Undecidable


@dataclass(kw_only=True)
class ChangedPart(ProjectInput):
    """The triples that tell what a change has done, in the place of all that the files have.

    Attributes:
        facts: what is looked at, as it is written in the files, the ontology with it.
        new: the triples that were not there before.
        fewer: the properties and classes, also those above, of which a triple is there no more.
        is_affected: whether a finding is one that the change can have made: only these are told of *facts*.
        rules: the rules of hygiene that *facts* are enough for.
        others: the other rules.
        whole: a store of all triples for these, or None where they do not run.
        suppressions: the triples among which the data's suppressions are.
    """

    facts: Sequence[ox.Triple] = ()
    new: frozenset[ox.Triple] = frozenset()
    fewer: frozenset[ox.NamedNode] = frozenset()
    is_affected: Callable[[Finding], bool] = bool
    rules: Sequence[HygieneRule] = ()
    others: Sequence[HygieneRule] = ()
    whole: ox.Store | None = None
    suppressions: Sequence[ox.Triple] = ()

    @property
    def is_whole(self) -> bool:
        """Whether a run finds all that there is to be found: it does not."""
        return False

    @cached_property
    def triples(self) -> Sequence[ox.Triple]:
        """The triples that are looked at."""
        return self.facts

    @cached_property
    def suppression_triples(self) -> Sequence[ox.Triple]:
        """The triples among which suppressions are."""
        return [*self.suppressions, *self.shapes.triples]

    @cached_property
    def hygiene(self) -> Sequence[HygieneRule]:
        """The rules of hygiene that the change concerns."""
        return [*self.rules, *self.others]

    def with_places(self) -> Input:
        """Raise Undecidable: nobody can tell which node of the files one without a name is."""
        raise Undecidable("there are findings about nodes without a name")

    def checks(self) -> Mapping[Check, CheckFunction]:
        """Return what each check finds that the change can have made."""
        return {
            "syntax": lambda _: (),  # what has changed has been read already
            "terms": lambda _: vocabulary.check(self.new, vocabulary.usage(self.new), [self.usage]),
            "profile": lambda _: self._new_literals(),
            "shapes": lambda _: self._newly_idle(),
            "hygiene": lambda _: self._hygiene(),
            "shacl": lambda context: filter(self.is_affected, checks.find_by_shacl(context)),
            "queries": checks.find_in_queries,
        }

    def _new_literals(self) -> Iterator[Finding]:
        from triplomacy.validation import owl_profile

        used = vocabulary.usage(self.new)
        known = {tuple(map(str, triple)) for triple in self.new}
        for finding in owl_profile.check(self.axioms, self.new, used) if used.literals else ():
            if (finding.focus, finding.path, finding.value) in known:
                yield finding

    def _newly_idle(self) -> Iterator[Finding]:
        """Yield the shapes without a target of whose targets one has gone."""
        for finding in shape_graph.find_unreached(self.shapes, self.usage, self.axioms) if self.fewer else ():
            shape = parsing.term_of(finding.focus)
            targets = [value for name in shape_graph.BY_TERM for value in self.shapes.of(shape, name)]
            if finding.rule == shape_graph.IDLE.name and self.fewer.intersection(targets):
                yield finding

    def _hygiene(self) -> Iterator[Finding]:
        yield from filter(self.is_affected, check_hygiene(self.store, self.rules))
        if self.whole is not None:
            yield from check_hygiene(self.whole, self.others)
