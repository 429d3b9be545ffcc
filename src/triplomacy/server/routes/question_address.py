"""Questions in addresses: the query string of ``/queries/THEME/NAME``, read and written.

``PARAMETER=VALUE`` gives a parameter of the query a value, ``as-of=DATE`` and the like choose its scope. A value that
is empty, as forms send it, counts as not given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from triplomacy.errors import BadParameter, TriplomacyError, UnknownName
from triplomacy.http import Format, negotiation
from triplomacy.queries import Parameter, Question, StoredQuery, of_options, of_pairs, parameters
from triplomacy.remote import form_of

SCOPE: Final = (
    Parameter("as-of", "string", "only what possibly holds then: a year, a month, a day, or a time with its zone"),
    Parameter("certainly", "boolean", "only what certainly holds then; goes with as-of"),
    Parameter("according-to", "string", "an actor whose view is added: a CURIE, an IRI or a name", many=True),
    Parameter("view", "string", "a view whose facts are added", many=True),
    Parameter("evidence", "boolean", "whether the claims and spans behind each row are added"),
    Parameter("lang", "string", "the language of labels on pages"),
    Parameter("format", "string", "the format of the answer, in place of what the header Accept says"),
)
"""What may stand beside the parameters of a query; no stored query has a parameter of such a name."""

_NAMES: Final = {parameter.name: parameter for parameter in SCOPE}
_TAG: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class AddressedQuestion:
    """A stored query with what was asked of it.

    Attributes:
        stored: the query.
        given: the values that are not empty, by the names of parameters and of `SCOPE`, in the order of these.
        form: the format that is asked for by its name; None where the header ``Accept`` decides.
        language: the tag of the language of labels.
    """

    stored: StoredQuery
    given: Mapping[str, tuple[str, ...]]
    form: Format | None = None
    language: str = "en"

    @property
    def name(self) -> str:
        """The query's theme and name."""
        return f"{self.stored.theme}/{self.stored.name}"

    @property
    def question(self) -> Question:
        """What is asked, for `asking`."""
        return Question(
            name=self.name,
            values={name: values for name, values in self.given.items() if name not in _NAMES},
            scope=of_pairs((name, value) for name in _NAMES for value in self.given.get(name, ())),
        )

    def address(self, base: str, form: Format | None = None) -> str:
        """Return the permanent address of the question below *base*, in a format if one is given."""
        pairs = [(name, value) for name, values in self.given.items() if name != "format" for value in values]
        pairs += [("format", form.name)] if form else []
        query_string = urlencode(pairs, quote_via=quote, safe="/:,")
        return f"{base}/queries/{self.name}{'?' if query_string else ''}{query_string}"


def available_formats(stored: StoredQuery) -> tuple[Format, ...]:
    """Return the formats that a query's answer can be sent in, the preferred one first."""
    is_graph = form_of(stored.text) in ("CONSTRUCT", "DESCRIBE")
    return (*(negotiation.GRAPHS if is_graph else negotiation.SOLUTIONS), negotiation.HTML)


def read(stored: StoredQuery, pairs: Iterable[tuple[str, str]]) -> AddressedQuestion:
    """Return what is asked of a stored query.

    Args:
        stored: the query.
        pairs: the names and values of the address, decoded.

    Raises:
        BadParameter: a name is unknown, or a value of `SCOPE` is given twice or is not of its type. Values of the
            query's own parameters are checked where the data are.
    """
    known = (*stored.parameters, *SCOPE)
    names = [parameter.name for parameter in known]
    values_by_name: dict[str, list[str]] = {name: [] for name in names}
    for name, value in pairs:
        if name not in values_by_name:
            raise BadParameter(str(UnknownName(f"parameter of {stored.name}", name[:100], names)))
        values_by_name[name] += [value] if value else []
    values = {name: tuple(values) for name, values in values_by_name.items() if values}
    for name in values.keys() & _NAMES:
        parameters.terms(_NAMES[name], values[name])
    return AddressedQuestion(stored, values, _form(stored, values), _language(values))


def _form(stored: StoredQuery, values: Mapping[str, tuple[str, ...]]) -> Format | None:
    if "format" not in values:
        return None
    (name,) = values["format"]
    formats = available_formats(stored)
    if negotiation.format_by_name(name) is None:
        raise BadParameter(str(UnknownName("format", name[:100], [form.name for form in formats])))
    chosen = negotiation.format_by_name(name, formats)
    if chosen is None:
        kind = "triples" if negotiation.TURTLE in formats else "not triples"
        raise TriplomacyError(f"the answer is {kind}; take format={', '.join(form.name for form in formats)}")
    return chosen


def _language(values: Mapping[str, tuple[str, ...]]) -> str:
    (tag,) = values.get("lang", ("en",))
    if not _TAG.fullmatch(tag):
        raise BadParameter(f"parameter lang takes a language tag, such as en, not {tag[:100]!r}")
    return tag


def citation_header(citation: Mapping[str, Any]) -> str:
    """Return a citation as the value of a header: a dictionary of RFC 9651, what is not ASCII percent-encoded."""
    parameters = [(name, value) for name, values in citation["parameters"].items() for value in values]
    pairs = [*parameters, *of_options(citation["scope"]).pairs()]
    parts = {
        "query": citation["query"],
        "asked": urlencode(pairs, quote_via=quote, safe="/:,"),
        "dataset": f"sha256:{citation['dataset']}",
        "answer": f"sha256:{citation['answer']}",
        "version": citation["version"],
    }
    return ", ".join(f'{name}="{quote(value, safe=_IN_HEADER)}"' for name, value in parts.items() if value)


_IN_HEADER: Final = "/:,=&%;@!$'()*+ ~"
