"""The rules of hygiene, each with a case that breaks it and one that does not, on two engines."""

from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import BNode, Graph, Literal

from tests.conftest import ROOT
from triplomacy.dataset.dataset import Dataset
from triplomacy.errors import MalformedInput, TriplomacyError
from triplomacy.findings import Finding, Severity
from triplomacy.validation import hygiene
from triplomacy.validation.hygiene import HygieneRule

FOLDER = ROOT / "ontology" / "hygiene"
RULES = hygiene.rules(FOLDER)
NAMES = [rule.name for rule in RULES]

# rdflib 7.6 joins sub-selects without a look at what both bind by an expression: each namespace with each.
NOT_IN_RDFLIB = {"dangling-reference"}

WHOLE = """\
#+ summary: A state has no code.
#+ problem: Codes are what tables are joined by.
#+ remedy: Add one.
#+ severity: info
#+ message: "{focus} has no code, but {number} rows, {label}"
#+ violating: |
#+   <https://w3id.org/triplomacy/id/syria> a <https://w3id.org/triplomacy/ontology#State> .
#+ conforming: |
#+   <https://w3id.org/triplomacy/id/syria> a <https://w3id.org/triplomacy/ontology#Person> .

PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX tri: <https://w3id.org/triplomacy/ontology#>

SELECT ?focus ?label (1 AS ?number)
WHERE {
  ?focus a tri:State .
  OPTIONAL { ?focus rdfs:label ?label }
}
"""
LINES = WHOLE.splitlines()


def loaded(text: str) -> ox.Store:
    """Return a store with the triples of a Turtle text."""
    store = ox.Store()
    store.load(text, format=ox.RdfFormat.TURTLE)
    return store


def found(rule: HygieneRule, text: str) -> list[Finding]:
    """Return what a rule finds in a Turtle text."""
    return hygiene.check(loaded(text), [rule])


def of_text(folder: Path, text: str) -> HygieneRule:
    """Return the rule of a file with that text."""
    (folder / "state-without-code.rq").write_text(text, encoding="utf-8")
    (rule,) = hygiene.rules(folder)
    return rule


def refused(folder: Path, text: str) -> MalformedInput:
    """Return the complaint about a file with that text, which names the file."""
    with pytest.raises(MalformedInput) as caught:
        of_text(folder, text)
    assert caught.value.path == folder / "state-without-code.rq"
    return caught.value


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_violating_case(rule: HygieneRule) -> None:
    """A rule finds what breaks it in its violating case, and nothing more."""
    findings = found(rule, rule.violating)
    assert len(findings) == rule.findings
    assert {(finding.check, finding.rule, finding.severity) for finding in findings} == {
        ("hygiene", rule.name, rule.severity)
    }


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_conforming_case(rule: HygieneRule) -> None:
    """A rule finds nothing in its conforming case."""
    assert found(rule, rule.conforming) == []


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_finding_can_be_placed(rule: HygieneRule) -> None:
    """What a finding of a violating case names is written there: its triple, or its node as a subject or an object."""
    triples = [tuple(map(str, quad.triple)) for quad in loaded(rule.violating)]
    for finding in found(rule, rule.violating):
        if (finding.focus or "").startswith("_:"):
            continue  # each loading gives blank nodes other labels
        named = [finding.focus, finding.path, finding.value]
        assert any(
            all(part in (None, term) for part, term in zip(named, triple, strict=True)) for triple in triples
        ) or (named[1:] == [None, None] and any(finding.focus == triple[2] for triple in triples))


def in_rdflib(rule: HygieneRule, text: str) -> set[tuple[str | None, ...]]:
    """Return focus, path and value of each solution that rdflib gives, in N-Triples syntax."""
    graph = Graph().parse(data=text, format="turtle")

    def shown(term: object) -> str | None:
        if isinstance(term, Literal):
            datatype = ox.NamedNode(term.datatype) if term.datatype else None
            return str(ox.Literal(str(term), language=term.language, datatype=datatype))
        return None if term is None else "_:" if isinstance(term, BNode) else f"<{term}>"

    columns = ("focus", "path", "value")
    return {tuple(shown(row.asdict().get(name)) for name in columns) for row in graph.query(rule.query)}  # type: ignore[union-attr]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOT_IN_RDFLIB])
def test_rdflib_agrees(name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Another engine, which reads only the query, finds the same in both cases: a rule keeps to SPARQL 1.1."""
    rule = RULES[NAMES.index(name)]
    caplog.set_level("CRITICAL", "rdflib.term")  # it prints a traceback for each ill-typed literal
    for text in (rule.violating, rule.conforming):
        here = {
            tuple("_:" if term and term.startswith("_:") else term for term in (each.focus, each.path, each.value))
            for each in found(rule, text)
        }
        assert in_rdflib(rule, text) == here


def test_own_graphs_are_clean(article: Dataset) -> None:
    """Nothing in the project's own graphs breaks a rule that is more than information."""
    assert [finding for finding in hygiene.check(article.store, RULES) if finding.severity > Severity.INFO] == []


def test_number_of_rules() -> None:
    """There are at least twenty-five rules, and few are as severe as a violation."""
    assert len(RULES) >= 25
    assert sum(rule.severity is Severity.VIOLATION for rule in RULES) <= 3


def test_messages_are_advice() -> None:
    """A message says what is wrong and, behind a semicolon, what to do."""
    assert [rule.name for rule in RULES if ";" not in rule.message] == []


def test_catalogue_has_all_rules() -> None:
    """The catalogue tells of each rule what the problem is and what to do."""
    catalogue = hygiene.catalogue(RULES)
    assert list(catalogue) == NAMES
    for rule in RULES:
        assert catalogue[rule.name].help == f"{rule.problem} {rule.remedy}"


def test_message_shows_terms(tmp_path: Path) -> None:
    """A message shows IRIs as CURIEs, numbers as digits, literals with their language and what is missing as none."""
    rule = of_text(tmp_path, WHOLE)
    (finding,) = found(rule, rule.violating)
    assert finding.message == "id:syria has no code, but 1 rows, none"
    labelled = rule.violating + '<https://w3id.org/triplomacy/id/syria> rdfs:label "a \\"b\\""@en .'
    prefix = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    (finding,) = found(rule, prefix + labelled)
    assert finding.message == 'id:syria has no code, but 1 rows, "a \\"b\\""@en'


def test_message_has_no_label_of_a_blank_node(tmp_path: Path) -> None:
    """A message calls a blank node so, since its label is another one in each run, and cuts a long literal."""
    rule = of_text(tmp_path, WHOLE)
    text = f"""[] a <https://w3id.org/triplomacy/ontology#State> ;
        <http://www.w3.org/2000/01/rdf-schema#label> "{"x" * 100}" ."""
    (finding,) = found(rule, text)
    assert finding.message == f'a blank node has no code, but 1 rows, "{"x" * 79}…"'


def test_other_value_is_pointed_to() -> None:
    """A finding about two labels is about the second value too."""
    rule = RULES[NAMES.index("two-labels-in-one-language")]
    (finding,) = found(rule, rule.violating)
    assert finding.value == '"Syria"@en'
    assert finding.about == ((finding.focus, finding.path, '"Damascus"@en'),)


def test_other_node_is_pointed_to() -> None:
    """A finding about a label that two nodes share is about the other node's label too."""
    rule = RULES[NAMES.index("duplicate-term-label")]
    (finding,) = found(rule, rule.violating)
    assert finding.about == (("<https://w3id.org/triplomacy/ontology#Condition>", finding.path, finding.value),)


def test_same_findings_in_each_run(article: Dataset) -> None:
    """Findings come in one order, whichever rule is done first."""
    store = loaded("\n".join(rule.violating for rule in RULES if "[]" not in rule.violating))
    store.extend(article.store)
    assert hygiene.check(store, RULES) == hygiene.check(store, RULES[::-1])


def test_kind_of_values_changes_no_finding(article: Dataset) -> None:
    """What a rule finds where it looks at its kind of literals alone, it finds where it looks at all triples."""
    store = loaded("\n".join(rule.violating for rule in RULES if "[]" not in rule.violating))
    store.extend(article.store)
    about = [rule for rule in RULES if rule.values]
    assert {rule.values for rule in about} == set(hygiene.KINDS)
    findings = hygiene.check(store, about)
    assert {finding.rule for finding in findings} == {rule.name for rule in about}
    assert findings == hygiene.check(store, [replace(rule, values="") for rule in about])


@pytest.mark.parametrize("part", ["summary", "problem", "remedy", "severity", "message", "violating", "conforming"])
def test_missing_part(part: str, tmp_path: Path) -> None:
    """A header without one of its parts is refused with the part's name."""
    start = next(number for number, line in enumerate(LINES) if line.startswith(f"#+ {part}:"))
    length = 2 if part in ("violating", "conforming") else 1
    error = refused(tmp_path, "\n".join([*LINES[:start], *LINES[start + length :]]))
    assert error.line == 1
    assert f"lacks {part}" in error.message


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("#+ severity: info", "#+ severity: bad", 4, "bad is not a severity"),
        ("#+ severity: info", "#+ severity: info\n#+ findings: none", 5, "none is not a number"),
        ("#+ severity: info", "#+ severity: info\n#+ tags: [a]", 5, "unknown part: tags"),
        ("#+ severity: info", "#+ severity: info\n#+ values: numbers", 5, "numbers is not a kind of values"),
        ("#+ severity: info", "#+ severity: info\n#+ values: text", None, "select ?path"),
        ("#+ problem: Codes", "#+ problem: [Codes", 3, "not YAML"),
        ("{focus} has", "{fokus} has", 5, "{fokus}, which is not selected"),
        ("OPTIONAL { ?focus", "OPTIONAL { { ?focus", 19, "not SPARQL"),
        ("OPTIONAL {", "SERVICE <http://localhost/> {", 17, "SERVICE"),
        ("OPTIONAL {", "GRAPH ?graph {", 17, "GRAPH"),
        ("WHERE {", "FROM <http://localhost/> WHERE {", 15, "FROM"),
    ],
)
def test_malformed_rule(old: str, new: str, line: int | None, said: str, tmp_path: Path) -> None:
    """A malformed rule is refused with its file, the line and what is wrong."""
    error = refused(tmp_path, WHOLE.replace(old, new))
    assert said in error.message
    assert error.line == line


def test_rule_without_focus(tmp_path: Path) -> None:
    """A query that selects no focus, or nothing at all, is refused."""
    text = WHOLE.replace("{focus}", "it").replace("SELECT ?focus", "SELECT")
    assert "?focus" in refused(tmp_path, text).message
    assert "not a SELECT" in refused(tmp_path, WHOLE.replace("SELECT ?focus ?label (1 AS ?number)", "ASK")).message


def test_rule_without_header(tmp_path: Path) -> None:
    """A file without a header, or not in UTF-8, is refused."""
    assert "no header" in refused(tmp_path, "SELECT ?focus WHERE { ?focus ?path ?value }").message
    (tmp_path / "state-without-code.rq").write_bytes(WHOLE.encode() + b"#\xff\n")
    with pytest.raises(MalformedInput, match="not UTF-8") as caught:
        hygiene.rules(tmp_path)
    assert caught.value.line == len(LINES) + 1


def test_no_rules(tmp_path: Path) -> None:
    """A folder without rules is an error, so that nobody takes no check for a clean result."""
    with pytest.raises(TriplomacyError, match="no rules"):
        hygiene.rules(tmp_path)


def test_unknown_function(tmp_path: Path) -> None:
    """A rule that calls a function that is not there is refused."""
    text = WHOLE.replace("OPTIONAL {", "FILTER (<https://w3id.org/triplomacy/no-function>(?focus)) OPTIONAL {")
    assert "no-function" in refused(tmp_path, text).message
