"""The tree of a query says what its text says, and where."""

import gc
import sys
import time
from collections import Counter
from contextlib import suppress
from typing import TypeVar

import pytest

from tests.conftest import ROOT
from tests.sparql.engine import assert_nested
from triplomacy.errors import MalformedInput
from triplomacy.sparql import tree
from triplomacy.sparql.lexer import DEEPEST, HiddenService, scan
from triplomacy.sparql.syntax import UpdateRefused, may_ask, read, tokens
from triplomacy.sparql.triples import MissingBase
from triplomacy.terms import RDF, XSD

N = TypeVar("N", bound=tree.SyntaxNode)
EX = "http://x.example/"
PREFIX = f"PREFIX ex: <{EX}> "


def nodes(kind: type[N], text: str) -> list[N]:
    """Return the nodes of one kind in a query, in the order of the text."""
    return [*tree.find(read(PREFIX + text), kind)]


def written(node: tree.SyntaxNode, text: str) -> str:
    """Return what was written where a node stands."""
    return (PREFIX + text)[node.start : node.end]


def parts(kind: type[N], text: str) -> list[str]:
    """Return what was written where the nodes of one kind stand."""
    return [written(node, text) for node in nodes(kind, text)]


QUERIES = [
    path for folder in ("queries", "ontology", "src", "tests", "bench") for path in (ROOT / folder).rglob("*.rq")
]


def test_every_stored_query_is_read() -> None:
    """Each query of the repository is read, in the time that a person does not notice."""
    texts = [path.read_text(encoding="utf-8") for path in QUERIES]
    assert len(texts) > 90
    begun = time.process_time()
    forms = Counter(read(text).form for text in texts)
    assert forms == {"SELECT": len(texts) - 3, "CONSTRUCT": 3}  # the rules of views construct
    assert time.process_time() - begun < 0.02 * len(texts)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_nodes_nest_in_the_order_of_the_text(path: object) -> None:
    """Every node lies in the one above it and behind the one before it, so that texts can be cut at its ends."""
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert_nested(read(text), text)


def test_forms_of_queries() -> None:
    """A query has its form, its declarations, its dataset, its pattern, and what orders and limits its rows."""
    text = """BASE <http://x.example/a/> PREFIX e: <../> VERSION "1.2"
        SELECT DISTINCT ?a (COUNT(*) AS ?n) FROM <g> FROM NAMED e:h WHERE { ?a ?b ?c }
        GROUP BY ?a (STR(?b) AS ?d) HAVING (?n > 1) ORDER BY DESC(?n) ?a OFFSET 3 LIMIT 5 VALUES ?a { 1 }"""
    query = read(text)
    assert [type(each) for each in query.prologue] == [tree.Base, tree.Prefix, tree.Version]
    assert isinstance(query.head, tree.Projection)
    assert (query.form, query.head.modifier, query.head.everything) == ("SELECT", "DISTINCT", False)
    assert [text[each.start : each.end] for each in query.head.columns] == ["?a", "(COUNT(*) AS ?n)"]
    assert [(each.named, each.iri.value) for each in query.dataset] == [(False, EX + "a/g"), (True, EX + "h")]
    assert query.limit is not None
    assert query.offset is not None
    assert query.order_by is not None
    assert (query.limit.count, query.offset.count) == (5, 3)
    assert [text[each.start : each.end] for each in query.order_by.conditions] == ["?n", "?a"]
    found = [query.where, query.group_by, query.having, query.order_by, query.values]
    assert [text[each.start : each.end].split(" ")[0] for each in found if each] == [
        *("{", "GROUP", "HAVING", "ORDER", "VALUES")
    ]
    assert read("DESCRIBE <http://x.example/a>").where is None
    assert read("CONSTRUCT WHERE { ?a ?b ?c }").head is None
    assert isinstance(read("CONSTRUCT { ?a ?b ?c } WHERE {}").head, tree.ConstructTemplate)
    assert read("ASK FROM <http://x.example/a> {}").form == "ASK"


def test_elements_of_groups() -> None:
    """A group has its elements in their order, each of its own kind and as long as it was written."""
    text = """SELECT * { ?a ex:p 1 ; ex:q 2 . OPTIONAL { ?a ?b ?c } MINUS { } LATERAL { } { } UNION { } UNION { } { }
        GRAPH ?g { } SERVICE SILENT ex:s { ?x ?y ?z } FILTER (?a = 1) BIND (1 AS ?d) VALUES (?e ?f) { (1 UNDEF) }
        { SELECT ?a { } LIMIT 1 } FILTER NOT EXISTS { ?h ?i ?j } . }"""
    where = read(PREFIX + text).where
    assert where is not None
    assert [type(each).__name__ for each in where.elements] == [
        *(
            "Triples",
            "Optional",
            "Minus",
            "Lateral",
            "Union",
            "GroupPattern",
            "GraphPattern",
            "Service",
            "Filter",
            "Bind",
        ),
        *("Values", "GroupPattern", "Filter"),
    ]
    assert written(where.elements[0], text) == "?a ex:p 1 ; ex:q 2"
    (service,) = nodes(tree.Service, text)
    assert isinstance(service.endpoint, tree.Iri)
    assert (service.silent, service.endpoint.value, service.endpoint.prefix) == (True, EX + "s", "ex")
    assert written(service, text) == "SERVICE SILENT ex:s { ?x ?y ?z }"
    (values,) = nodes(tree.Values, text)
    assert [None if cell is None else written(cell, text) for cell in values.rows[0]] == ["1", None]
    assert len(nodes(tree.Query, text)) == 2
    assert parts(tree.Exists, text) == ["NOT EXISTS { ?h ?i ?j }"]


def test_terms_have_their_values() -> None:
    """A term has its IRI in full, its value without escapes, its datatype and its language."""
    text = r"""ASK { ex:a\,b a _:n , [] , () ,
        'it\'s', '''a'b''', "x\u0041\U00000042\n"@en--rtl, '1'^^ex:d, -1, +.5, 2e0, TRUE }"""
    found = nodes(tree.Literal, text)
    assert [each.value for each in found] == ["it's", "a'b", "xAB\n", "1", "-1", "+.5", "2e0", "true"]
    assert [each.datatype for each in found[2:]] == [
        *(RDF + "dirLangString", EX + "d", XSD + "integer", XSD + "decimal", XSD + "double", XSD + "boolean")
    ]
    assert (found[2].language, found[2].direction) == ("en", "rtl")
    values = [each.value for each in nodes(tree.Iri, text)]
    assert values == [EX, EX + "a,b", RDF + "type", RDF + "nil", EX + "d"]
    assert [each.label for each in nodes(tree.BlankNode, text)] == ["n", ""]
    assert parts(tree.Iri, text)[1:] == ["ex:a\\,b", "a", "()", "ex:d"]


def test_paths() -> None:
    """A path binds as the grammar has it: ``|`` least, then ``/``, then ``^``, then what repeats."""
    (triples,) = nodes(tree.Triples, "ASK { ?s ^ex:a*/ex:b|!(ex:c|^a)/(ex:d|ex:e)+ ?o }")
    path = triples.properties[0].verb
    assert isinstance(path, tree.PathAlternative)
    one, other = path.alternatives
    assert isinstance(one, tree.PathSequence)
    assert isinstance(one.steps[0], tree.PathInverse)
    assert isinstance(one.steps[0].path, tree.PathRepeat)
    assert isinstance(other, tree.PathSequence)
    assert isinstance(other.steps[0], tree.PathNegated)
    assert isinstance(other.steps[1], tree.PathRepeat)
    assert other.steps[1].modifier == "+"


def test_expressions() -> None:
    """Operators bind as the grammar has it, and operators of one precedence are one node."""
    text = "ASK { FILTER (!?a || -?b * 2 + 1 - ?c < 3 && ?d NOT IN (1, ex:f(DISTINCT ?e)) && REGEX(?g, 'x')) }"
    (top, *others) = nodes(tree.Operation, text)
    assert top.operators == ("||",)
    assert [each.operators for each in others] == [
        ("!",),
        ("&&", "&&"),
        ("<",),
        ("+", "-"),
        ("*",),
        ("-",),
        ("NOT IN",),
    ]
    assert [written(each, text) for each in others[3].operands] == ["-?b * 2", "1", "?c"]
    named, built_in = nodes(tree.FunctionCall, text)
    assert isinstance(named.function, tree.Iri)
    assert (named.distinct, built_in.function) == (True, "REGEX")
    (aggregate,) = nodes(tree.Aggregate, "SELECT (group_concat(DISTINCT ?a; SEPARATOR=', ') AS ?b) {}")
    assert (aggregate.function, aggregate.distinct, aggregate.separator) == ("GROUP_CONCAT", True, ", ")


@pytest.mark.parametrize(
    ("condition", "operands", "iris"),
    [
        ("?a<?b&&?c>?d", ["?a<?b", "?c>?d"], []),
        ("?a<ex:b||?c>1", ["?a<ex:b", "?c>1"], ["ex:b"]),
        ("1 = <http://x.example/#>", ["1", "<http://x.example/#>"], ["<http://x.example/#>"]),
        ("?a<<http://x.example/#>", ["?a", "<http://x.example/#>"], ["<http://x.example/#>"]),
        ("?a<=?b&&?c>=?d", ["?a<=?b", "?c>=?d"], []),
        ("?a-1<+2", ["?a-1", "+2"], []),
        ("?a <'x>y'", ["?a", "'x>y'"], []),
    ],
)
def test_grammar_tells_comparisons_from_iris(condition: str, operands: list[str], iris: list[str]) -> None:
    """Behind an operand ``<`` compares, and where an operand may begin it begins an IRI."""
    text = f"ASK {{ FILTER({condition}) }}"
    operation = nodes(tree.Operation, text)[0]
    assert [written(each, text) for each in operation.operands] == operands
    assert parts(tree.Iri, text)[1:] == iris


@pytest.mark.parametrize("iri", ["<?#>", "<1#>", "<-#>", "<$#>", "<#>", "<&&'>", "<a,?b>"])
def test_iri_with_odd_characters_is_one(iri: str) -> None:
    """No IRI is taken for a comparison or a comment, so that what stands behind it on the line is read."""
    text = f"BASE <{EX}> ASK {{ ?s ?p {iri} SERVICE <http://127.0.0.1:1/> {{ }} }}"
    query = read(text)
    assert len([*tree.find(query, tree.Service)]) == 1
    assert text[query.where.elements[0].start :].startswith(f"?s ?p {iri}")  # type: ignore[union-attr]


def test_triple_terms_and_annotations() -> None:
    """What SPARQL 1.2 has besides is read, and its triples are spelt out."""
    text = "ASK { <<( ?a ex:p 1 )>> ex:q << ?b a ?c ~ ex:r >> ~ ?x {| ex:s 2 |} {| ex:t 3 |} . << ?d ?e ?f >> }"
    found = [tuple(type(term).__name__ for term in triple) for triple in tree.triples(read(PREFIX + text))]
    assert found == [
        ("TripleTerm", "Iri", "ReifiedTriple"),
        ("Variable", "Iri", "TripleTerm"),
        ("Variable", "Iri", "Literal"),
        ("BlankNode", "Iri", "TripleTerm"),
        ("BlankNode", "Iri", "Literal"),
        ("ReifiedTriple", "Iri", "TripleTerm"),
        ("ReifiedTriple", "Iri", "TripleTerm"),
    ]


def test_triples_are_spelt_out() -> None:
    """Lists of properties, of objects and of items stand for the triples that SPARQL says they do."""
    query = read(PREFIX + "ASK { [ ex:p ?a ] ex:q ?b , ( 1 ?c ) ; ex:r/ex:s ?d OPTIONAL { ?e ?f ?g } }")
    found = [tuple(type(term).__name__ for term in triple) for triple in tree.triples(query)]
    assert found == [
        ("BlankNodePropertyList", "Iri", "Variable"),
        ("BlankNodePropertyList", "Iri", "Collection"),
        ("BlankNodePropertyList", "PathSequence", "Variable"),
        ("BlankNodePropertyList", "Iri", "Variable"),
        ("Collection", "Iri", "Literal"),
        ("Collection", "Iri", "BlankNode"),
        ("BlankNode", "Iri", "Variable"),
        ("BlankNode", "Iri", "Iri"),
        ("Variable", "Variable", "Variable"),
    ]


def test_walk_stops_where_it_is_told() -> None:
    """The variables that a group uses itself are those outside the groups in it."""
    query = read("SELECT ?a { ?b ?c ?d FILTER EXISTS { ?e ?f ?g } { SELECT ?h { ?i ?j ?k } } }")
    assert query.where is not None
    assert tree.variables(query.where, tree.GroupPattern) == {"b", "c", "d"}
    assert tree.variables(query, tree.GroupPattern) == {"a"}
    assert len(tree.variables(query)) == 11
    paths = {type(node): [type(each) for each in path] for node, path in tree.walk_with_path(query)}
    assert paths[tree.Exists] == [tree.Query, tree.GroupPattern, tree.Filter]


def test_nodes_are_frozen_values() -> None:
    """Two readings of one text are equal, and no node can be changed."""
    one, other = read("ASK { ?a ?b 1 }"), read("ASK { ?a ?b 1 }", prefixes={})
    assert one is not other
    assert one == other
    assert hash(one) == hash(other)
    assert one != read("ASK { ?a ?b 2 }")
    with pytest.raises(AttributeError, match="a node is never changed, nor is its form"):
        one.form = "SELECT"  # type: ignore[misc]
    assert repr(one.where).startswith(
        "GroupPattern(start=4, elements=(Triples(start=6, subject=Variable(start=6, name='a'"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: there is no query; write SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("FOO {}", "1:1: expected SELECT, ASK, CONSTRUCT or DESCRIBE, not FOO"),
        ("SELECT ?x", "1:10: expected {, not the end of the query"),
        ("SELECT {}", "1:8: expected a variable, (expression AS ?variable) or *, not {"),
        ("ASK { ?a ?b ?c ?d }", "1:16: expected a full stop, a semicolon, a comma, a pattern or }, not ?d"),
        ("ASK {\n  FILTRE (?x) }", "2:3: expected a subject, a pattern or }, not FILTRE"),
        ("ASK { ?s ?p 'a }", "1:13: a string has no end"),
        ("ASK { ?s ?p '\\x' }", "1:13: a string has no end, or an escape that none has"),
        ("ASK { ?s ?p '\\uD83C' }", r"1:13: \uD83C is not a character"),
        ("ASK { ?s ?p <http://x.example/\\u003E> }", "stands for http://x.example/>, which is not an IRI"),
        ("ASK { ?s ?p <http://a:b> }", "<http://a:b> stands for http://a:b, which is not an IRI"),
        ("ASK { ?s \\u0061 ?o }", r"1:10: \ may stand in strings, IRIs and names only"),
        ("ASK { ?s ?p ?o² }", r"1:13: ?o² has a character that cannot stand here (U+00B2)"),
        ("ASK { ?s ?p ?o\u00a0}", r"has a character that cannot stand here (U+00A0)"),
        ("ASK { ?s tir:p ?o }", "1:10: no such prefix: tir; did you mean tri?; declare it"),
        ("ASK { FILTER (1 = 2 = 3) }", "1:21: expected an operator or ), not ="),
        ("ASK { FILTER (IF(?a)) }", "IF has 3 arguments, not 1"),
        ("ASK { FILTER <http://x.example/f> }", "expected ( behind the name of a function, not }"),
        ("ASK { VALUES (?a ?b) { (1) } }", "a row of VALUES has 1 values for 2 variables"),
        ("ASK { VALUES (?a ?a) { } }", "VALUES names a variable twice"),
        ("ASK { ?a ^<x:b> ?c {| ?d ?e |} }", "a path has no annotations"),
        ("SELECT (COUNT(SUM(?a)) AS ?b) {}", "COUNT is over another aggregate"),
        ("CONSTRUCT { ?a <x:b>/<x:c> ?d } {}", "expected an object, not /"),
        ("SELECT * {} LIMIT -1", "1:19: expected a number of rows, not -1"),
        ("VERSION '''1''' ASK {}", "expected a version in quotation marks"),
        ("PREFIX a:b <x:> ASK {}", "expected a prefix and a colon, as in PREFIX ex: <https://example.org/>, not a:b"),
        ("ASK { ?s <x:p> +1 }", "1:16: +1 is a number here, and pyoxigraph takes its sign for one of a path"),
        ("ASK {} {}", "1:8: expected the end of the query, not {"),
    ],
)
def test_message_says_where_and_what_was_expected(text: str, message: str) -> None:
    """What is not a query is refused with its place, and with what would have been right."""
    with pytest.raises(MalformedInput) as refused:
        read(text)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "text", ["INSERT DATA { }", "PREFIX a: <x:> # SELECT\nDELETE WHERE {}", "load <x:y>", "\\u0044ROP ALL"]
)
def test_updates_are_refused_unread(text: str) -> None:
    """An update is refused for what it is, whatever follows its first word."""
    with pytest.raises(UpdateRefused, match="would change data, which is not done here"):
        read(text)


def test_relative_iris_need_a_base() -> None:
    """A relative IRI is resolved against BASE or the base that is given; without one the message asks for it."""
    with pytest.raises(MissingBase, match="1:15: <a> is relative, and nothing says to what; declare a BASE"):
        read("ASK { ?s ?p   <a> }")
    (iri,) = tree.find(read("ASK { ?s ?p <a#b> }", EX + "c/d.rq"), tree.Iri)
    assert iri.value == EX + "c/a#b"
    query = read("BASE <e/> PREFIX : <../f/> BASE <g> ASK { :h <> <#i> }", EX + "c/d.rq")
    assert [node.value for node in tree.find(query.where or query, tree.Iri)] == [
        *(EX + "c/f/h", EX + "c/e/g", EX + "c/e/g#i")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT * { <a> ?p ?o ", "1:22: expected .*}, not the end of the query"),
        ("SELECT * { <a> ?p ?o } LIMIT x", "1:30: expected a number of rows, not x"),
        ("PREFIX p: <p/> ASK { p:q ?p none:x }", "1:29: no such prefix: none"),
        ("BASE <a> ASK { <//[> ?p ?o }", r"1:16: <//\[> stands for .*, which is not an IRI"),
    ],
)
def test_whatever_else_is_wrong_is_said_before_a_missing_base(text: str, message: str) -> None:
    """That nothing says what an IRI is relative to is the last complaint: whoever reads the file next knows a base."""
    for base in ("", EX):
        with pytest.raises(MalformedInput, match=message):
            read(text, base)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICEex:a { ?s ?p ?o } }",
        "SELECT * { SERVICESILENT<http://127.0.0.1:1/>{ } }",
        "SELECT * { ?s ?p trueSERVICE <http://127.0.0.1:1/> { } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:1/> { } }",
        "SELECT * { ?s ?p 'a\\u0027 . SERVICE <http://127.0.0.1:1/> { } #' }",
        "SELECT * { # \r '''\n SERVICE <http://127.0.0.1:1/> { } # \r '''\n }",
        'SELECT * { ?s ?p "\\u0022 SERVICE" }',
    ],
)
def test_service_that_engines_read_apart_is_refused(text: str) -> None:
    """Where one engine reads SERVICE and another does not, the text is refused and says why."""
    with pytest.raises(HiddenService, match=r"may be SERVICE or not|a SERVICE may be hidden"):
        read(PREFIX + text)


@pytest.mark.parametrize(
    ("text", "asks"), [("ASK {}", False), ("ASK { ?s ?p 'service' }", True), ("\\u0053ervice", True)]
)
def test_most_texts_cannot_ask(text: str, asks: bool) -> None:
    """A text that has the letters of SERVICE in no reading of it need not be read to be known as harmless."""
    assert may_ask(text) is asks


def test_letters_that_may_stand_for_those_of_service_are_such() -> None:
    """A letter whose capital, or what its small form begins with, is a letter of SERVICE may be read as that one."""
    alike = [
        (letter, own)
        for letter in map(chr, range(sys.maxunicode + 1))
        for own in (letter.upper(), letter.lower()[0].upper())
        if own in set("SERVICE")
    ]
    assert len({letter for letter, _ in alike if not letter.isascii()}) == 3
    for letter, own in alike:
        assert may_ask(f"SELECT * {{ {'SERVICE'.replace(own, letter)} <x:y> {{}} }}")


@pytest.mark.parametrize(
    "text", ['ASK { ?s ?p "it\\u0027s a SERVICE" }', "ASK { # SERVICE\r\n ?s ?p 'SERVICE'@service }"]
)
def test_word_in_a_string_is_no_service(text: str) -> None:
    """What all engines read as a string or a comment hides nothing."""
    assert not nodes(tree.Service, text)


@pytest.mark.parametrize("opens", ["(", "[ <x:a> ", "{ ", "<< ?a ?b ", "FILTER EXISTS {", "{ SELECT * {"])
def test_nesting_has_a_bound(opens: str) -> None:
    """What is nested too deeply is refused, before Python's own bound is met."""
    deepest = DEEPEST // opens.count("{") if opens.count("{") > 1 else DEEPEST
    with pytest.raises(MalformedInput, match=f"more than {DEEPEST} brackets are open; nest less"):
        read(f"ASK {{ {'?s ?p ' if opens[0] in '([<' else ''}{opens * deepest} 1")


def test_tokens_are_those_of_the_grammar() -> None:
    """The tokens of a query are as they were read; those of any text are the longest that match."""
    text = "ASK{FILTER(?a<?b&&?c>1)}#x"
    assert [text[token.start : token.end] for token in tokens(text)] == [
        *("ASK", "{", "FILTER", "(", "?a", "<", "?b", "&&", "?c", ">", "1", ")", "}")
    ]
    assert [text[token.start : token.end] for token in scan(text)][5] == "<?b&&?c>"


@pytest.mark.parametrize(
    "piece", ["1", "a.", "-", "<", "<a", "@a-", "?", ":", "a:b\\,", "a:.", "#\n", "<a b", "{}", "'''a", '"""\\"']
)
def test_scanning_takes_time_in_proportion(piece: str) -> None:
    """Whatever is repeated, a text of four times the length takes no more than about four times the time."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        gc.disable()  # what else this process holds is no matter of the reader's
        begun = time.process_time()
        with suppress(MalformedInput):
            for _ in scan(text):
                pass
        taken = time.process_time() - begun
        gc.enable()
        return taken

    short = min(seconds(20_000) for _ in range(3))
    assert min(seconds(80_000) for _ in range(2)) < 12 * short + 0.05
