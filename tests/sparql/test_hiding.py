"""No SERVICE that an engine would ask passes the reader unseen, whatever stands around it.

The corpus is every hiding place with every way to write a SERVICE, in turn in each kind of query. Each variant is
checked to ask: by what pyoxigraph makes of it, or else by rdflib's tree.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

from rdflib.plugins.sparql.parser import parseQuery

from tests.sparql.engine import SERVER, loud, outcomes
from triplomacy.errors import MalformedInput
from triplomacy.sparql.services import clauses

PROLOGUE = f"BASE <http://x.example/> PREFIX ex: <http://x.example/> PREFIX : <{SERVER}> PREFIX se: <{SERVER}> "

FRAMES = (
    "SELECT * { @ }",
    "SELECT*WHERE{@}",
    "ASK { @ }",
    "SELECT * { { @ } UNION { ?x ?y ?z } }",
    "SELECT ?s { OPTIONAL { @ } } ORDER BY ?s",
    "SELECT * { { SELECT * { @ } } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { @ }",
    "SELECT (COUNT(*) AS ?n) { @ }",
    "SELECT * { BIND (1 AS ?one) LATERAL { @ } }",
    "SELECT * { VALUES ?one { 1 2 } @ }",
)

CALLS = (
    f"SERVICE <{SERVER}> {{ ?s ?p 'x' }}",
    f"service <{SERVER}> {{ ?s ?p ?o }}",
    f"Service Silent <{SERVER}> {{ ?s ?p ?o }}",
    f"SERVICE<{SERVER}>{{}}",
    f"SERVICESILENT<{SERVER}>{{?s ?p ?o}}",
    "SERVICE se: { ?s ?p ?o }",
    "SERVICE:{ ?s ?p ?o }",
    "SERVICEse:{?s ?p ?o}",
    f"SERVICE # '''\n<{SERVER}> {{ ?s ?p ?o }}",
    f"SERVICE#\r<{SERVER}>{{ ?s <#'> ?o }}",
    f"SERVICE <{SERVER[:-2]}\\u0031/> {{ ?s ?p ?o }}",
    f"SERVICE\tSILENT\n<{SERVER}#'>\n{{ ?s ?p ?o }}",
)

# IRIs that some reader takes for a comparison, a comment or the beginning of a string.
IRIS = (
    *(
        "<?#>",
        "<1#>",
        "<-#>",
        "<$#>",
        "<+#>",
        "<#>",
        "<'>",
        "<&&'>",
        "<&&#>",
        "<a,?b'>",
        "<(#)>",
        "<''''>",
        "<=#>",
        "<!#'>",
    ),
    *(
        "<?a&&?b#>",
        "<1>",
        "<;'#>",
        "<*'>",
        "<\\u0023>",
        "<\\U00000027>",
        "<http://x.example/'#'>",
        "ex:a\\'b",
        "ex:a\\#b",
    ),
    *("ex:%27", "ex:\\(", "ex:a.b", "ex:a..b", "ex:"),
)
LITERALS = (
    *(
        "'#'",
        "'''it's # '''",
        '"""a"#"""',
        "''",
        '""',
        "'\\''",
        "'\\\\'",
        '"\'"',
        "'\"'",
        "''''a'''",
        '"""\\""""',
        "'''a\\''''",
    ),
    *(
        "'x'@en-GB",
        "'x'@en--ltr",
        "'1'^^<?#>",
        "'1'^^ex:\\'",
        "'\\u0041#'",
        "1.",
        "-1e0",
        "true",
        "'SERVICE'",
        "'<'",
        "'>'",
    ),
)
PATTERNS = (
    *(
        "FILTER (?a<?b&&'#'!='x')",
        "FILTER (?a<'x>y'||true)",
        "FILTER (1<2#\n)",
        "FILTER(?a<?b||?c>'#')",
        "FILTER(?a<1||'>'='#')",
    ),
    *(
        "FILTER(?a<?b)",
        "FILTER(1<=2||3>'#')",
        "FILTER(?a<-1||2>'\"')",
        "FILTER (?p IN (<?#>, ?s))",
        "FILTER(?a<<?#>||1>'#')",
    ),
    *("BIND(<1#> AS ?v)", "BIND('#' AS ?v)", "VALUES ?v { <-#> '#' }", "VALUES (?v ?w) { (<$#> 'a') (UNDEF \"'\") }"),
    *("# it's\n", '# """\n', "# <\n", "#\r", "# {\n", "# '''\r", "#\\\n", "# \\'\n", "# >\n", "#'\r\n"),
    *(
        "OPTIONAL { <<( ?a ?b '#' )>> ?p ?o }",
        "OPTIONAL { ?a ?b ?c {| ?d '#' |} }",
        "OPTIONAL { << ?a ?b <?#> ~ ?r >> ?p ?o }",
    ),
    *("OPTIONAL { ?a ?b ?c ~ <-#> }", "OPTIONAL { ( <1#> '#' ) ?p [ ?q <$#> ] }", "OPTIONAL { ?s !(ex:a|^<?#>) ?o }"),
    *("OPTIONAL { ?s <?#>/<1#>* ?o }", "OPTIONAL { _:a.b ?p _:c }", "MINUS { ?s <-#> '#' . }", "OPTIONAL{?s ?p ?o.}"),
    *(
        "?s ex:p 1 ",
        "?s ex:p 1.",
        "?s ex:p 1",
        "?s ex:p 1.5",
        "?s ex:p true",
        "?s ex:p 'x'",
        "?s ex:p 'x'@en.",
        "?s ex:p ?o.",
    ),
    *(
        "?s ex:p <http://x.example/b>",
        "?s ex:p ex:b ",
        "?s ?p _:b .",
        "?s ex:p []",
        "?s ex:p ( )",
        "?s ex:p ?o;.",
        "{}",
        "{ } .",
    ),
)
PLACES = (
    *(f"OPTIONAL {{ ?s {iri} ?o }}" for iri in IRIS),
    *(f"FILTER ({iri} != ?s)" for iri in IRIS),
    *(f"OPTIONAL {{ ?s ?p {literal} }}" for literal in LITERALS),
    *(f"FILTER({literal} != ?s)" for literal in LITERALS if literal != "1."),
    *PATTERNS,
)
# For an engine that expands escapes before it reads, as SPARQL 1.1 has it, or ends a comment at a line feed alone.
EXPANDED = (
    "SELECT * { ?s ?p 'a\\u0027 . @ #'\n }",
    'SELECT * { ?s ?p "a\\u0022 . @ #"\n }',
    "SELECT * { ?s ?p 'a\\U00000027 . @ #'\n }",
    "SELECT * { ?s ?p 'a\\U00000027 . @ #'\n }".replace("\\U", "\\u"),
    "SELECT * { ?s ?p '''a\\u0027'' . @ #'''\n }",
    "SELECT * { ?s ?p ?o # \\u000A @ \n }",
    "SELECT * { ?s ?p ?o # \\u000D\\u000a @ \n }",
    "ASK { FILTER (\"\\u0022) @ FILTER (\\u0022\" = '') }",
    "SELECT * { # \r '''\n @ # \r '''\n }",
    'SELECT * { # \r """\n @ # \r """\n }',
)
PLAIN = (CALLS[1], CALLS[5], f"\\u0053ERVICE <{SERVER}> {{ ?s ?p ?o }}", f"SERV\\u0049CE <{SERVER}> {{ }}")
# For an engine that compares keywords in capitals, in which U+017F is S and U+0131 is I.
ALIKE = (f"\u017fERVICE <{SERVER}> {{ ?s ?p ?o }}", f"serv\u0131ce Silent <{SERVER}>{{ }}")


def variants() -> Iterator[str]:
    """Yield the corpus."""
    frames = cycle(FRAMES)
    for place in PLACES:
        for call in CALLS:
            for between in ("", " "):
                yield PROLOGUE + next(frames).replace("@", place + between + call)
    for frame in EXPANDED:
        yield from (PROLOGUE + frame.replace("@", call) for call in (*PLAIN, *ALIKE))
    for frame in FRAMES:
        if "LATERAL" not in frame:  # which rdflib does not know
            yield from (PROLOGUE + frame.replace("@", call) for call in (*PLAIN[2:], *ALIKE))


def is_seen(text: str) -> bool:
    """Tell whether a SERVICE is seen in a text, or the text refused."""
    try:
        return bool(clauses(text))
    except MalformedInput:
        return True


def asks_by_rdflib(text: str) -> bool:
    """Tell whether rdflib reads a SERVICE in a text."""
    try:
        waiting: list[Any] = list(parseQuery(text))
    except Exception:  # of many kinds
        return False
    while waiting:
        part = waiting.pop()
        if getattr(part, "name", "") == "ServiceGraphPattern":
            return True
        waiting += part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
        waiting += list(part) if type(part).__name__ == "ParseResults" else ()
    return False


def test_no_service_passes_unseen() -> None:
    """Each of more than 2,000 variants asks a server by some engine, and each is seen or refused."""
    texts = list(dict.fromkeys(variants()))
    found = outcomes(map(loud, texts))
    effective = [text for text, one in zip(texts, found, strict=True) if one.asks or asks_by_rdflib(text)]
    assert len(effective) > 2_000
    assert [text for text in texts if text not in set(effective)] == []
    assert [text for text in effective if not is_seen(text)] == []
