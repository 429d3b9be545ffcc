"""Random queries by the grammar, and random changes of them: what confuses readers of SPARQL."""

import random

from tests.sparql.engine import SERVER

PROLOGUE = "PREFIX ex: <http://x.example/> PREFIX : <http://x.example/> PREFIX se: <http://127.0.0.1:1/> "
BETWEEN = (*[" "] * 40, "", "\n", "\t", " # it's {\n", "#\n", "\r\n", "  ")
NOISE = (
    *(
        "'",
        '"',
        "'''",
        '"""',
        "#",
        "\n",
        "\r",
        " ",
        "<",
        ">",
        "<'",
        "<x#>",
        "<#>",
        "?",
        "$",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
    ),
    *(
        ".",
        ";",
        ",",
        "^",
        "^^",
        "/",
        "|",
        "||",
        "!",
        "*",
        "+",
        "-",
        "=",
        "~",
        "@en",
        "@en--ltr",
        "a",
        "_:b",
        "1.",
        "1e0",
    ),
    *("\\u0027", "\\u0022", "\\U00000027", "\\u003e", "\\", "\\'", "\\n", "true", "UNDEF", "SERVICE", "GRAPH", "UNION"),
    *("ex:a.b.c", "ex:", ":x", "ex:a\\'b", "se:", f"<{SERVER}>", "FROM", "NAMED", "<<", ">>", "<<(", ")>>", "{|", "|}"),
    *(
        "é",
        "²",
        "\u00a0",
        "\x85",
        "SILENT",
        "OPTIONAL",
        "SELECT",
        "*",
        "%",
        "ex:%41",
        "ex:\\%zz",
        "http:",
        "AS",
        "BASE",
    ),
)


class Generator:
    """A source of queries, each a list of tokens at first."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *items: str) -> list[str]:
        """Return one of some texts of tokens with spaces between them."""
        return self.random.choice(items).split(" ")

    def text(self) -> str:
        """Return a query, as it is or changed here and there."""
        tokens = self.query()
        for _ in range(self.random.choice((0, 0, 0, 1, 1, 3))):
            self.change(tokens)
        text = "".join(token + self.random.choice(BETWEEN) for token in tokens)
        if self.random.random() < 0.2:
            at = self.random.randrange(len(text))
            text = text[:at] + self.random.choice((*NOISE, "", "")) + text[at + self.random.randrange(2) :]
        return PROLOGUE * (self.random.random() < 0.95) + text

    def change(self, tokens: list[str]) -> None:
        """Leave out, double, exchange, glue or put in a token."""
        at = self.random.randrange(len(tokens))
        kind = self.random.randrange(5)
        if kind == 0:
            del tokens[at : at + 1]
            tokens.append("")
        elif kind == 1:
            tokens.insert(at, tokens[at])
        elif kind == 2:
            tokens[at] = self.random.choice(NOISE)
        elif kind == 3:
            tokens[at : at + 2] = ["".join(tokens[at : at + 2])]
        else:
            tokens.insert(at, self.random.choice(NOISE))

    def query(self) -> list[str]:
        """Return the tokens of a query."""
        form = self.random.randrange(8)
        dataset = self.pick("", "", "", "", "FROM ex:g", "FROM <http://x.example/h>", "FROM ex:g FROM NAMED ex:h")
        if form == 0:
            return ["ASK", *dataset, *self.group(2)]
        if form == 1:
            return ["CONSTRUCT", "{", *self.triples(template=True), "}", *dataset, "WHERE", *self.group(2)]
        if form == 2:
            return ["DESCRIBE", *self.pick("?a", "ex:a", "*"), *dataset, "WHERE", *self.group(1)]
        return [*self.select(dataset, 3), *self.pick("", "", "", "VALUES ?a { ex:a UNDEF }")]

    def select(self, dataset: list[str], depth: int) -> list[str]:
        """Return the tokens of a SELECT."""
        head = self.pick("*", "*", "?a ?b", "DISTINCT ?a", "REDUCED *", "( COUNT ( * ) AS ?n )", "(AS)")
        if head == ["(AS)"]:
            head = ["?a", "(", *self.expression(2), "AS", "?n", ")"]
        order = self.pick("", "", "", "ORDER BY ?a", "ORDER BY DESC ( ?b ) ex:f ( ?a )", "LIMIT 3", "OFFSET 1 LIMIT 2")
        return ["SELECT", *head, *dataset, *self.pick("", "WHERE"), *self.group(depth), *order]

    def group(self, depth: int) -> list[str]:
        """Return the tokens of a group."""
        if depth > 0 and self.random.random() < 0.08:
            return ["{", *self.select([], depth - 1), "}"]
        inside: list[str] = []
        for _ in range(self.random.randint(1, 3)):
            inside += self.element(depth - 1)
        return ["{", *inside, "}"]

    def element(self, depth: int) -> list[str]:
        """Return the tokens of something in a group."""
        kind = self.random.randrange(14) if depth >= 0 else 0
        if kind < 5:
            return [*self.triples(), "."]
        if kind == 5:
            return [*self.pick("OPTIONAL", "MINUS", "LATERAL"), *self.group(depth)]
        if kind == 6:
            return [*self.group(depth), "UNION", *self.group(depth)]
        if kind == 7:
            return ["GRAPH", *self.pick("?g", "ex:g", "<http://x.example/h>"), *self.group(depth)]
        if kind == 8:
            return ["SERVICE", *self.pick("", "", "SILENT"), *self.pick(f"<{SERVER}>", "se:"), *self.group(depth)]
        if kind == 9:
            return ["BIND", "(", *self.expression(2), "AS", self.random.choice(("?n", "?m")), ")"]
        if kind == 10:
            return self.pick(
                "VALUES ?a { ex:a 1 }", "VALUES ( ?a ?b ) { ( ex:a 'x' ) ( UNDEF 2.5 ) }", "VALUES ( ) { ( ) }"
            )
        if kind == 11:
            return ["FILTER", *self.pick("EXISTS", "NOT EXISTS"), *self.group(depth)]
        return ["FILTER", "(", *self.expression(3), ")"]

    def triples(self, *, template: bool = False) -> list[str]:
        """Return the tokens of triples of one subject."""
        paths = ("ex:p / ex:q", "^ ex:p", "ex:p *", "( ex:p | ex:q ) +", "! ( ex:p | ^ a )", "ex:p ?")
        found = self.term()
        for _ in range(self.random.choice((1, 1, 1, 2))):
            verb = self.pick("ex:p", "?p", "a", "<http://x.example/q>", *(() if template else paths))
            tail = self.pick("", "", "", "", "", "~", "~ ex:r {| ex:p 1 |}", ", 3") if len(verb) == 1 else []
            found += [*verb, *self.term(), *tail, ";"]
        return found[:-1]

    def term(self) -> list[str]:
        """Return the tokens of a node."""
        simple = ("?a", "?b", "$c", "ex:a", ":b", "<http://x.example/a>", "<#>", "<http://x.example/&&'>", "_:z", "[ ]")
        literals = (
            "1",
            "-2",
            "1.5",
            "1e0",
            "true",
            "'x'",
            '"y"@en',
            "'1' ^^ ex:d",
            "'''it's'''",
            '"""a"b"""',
            "'#'",
            "'\\u0041'",
        )
        nested = ("( ?a 1 )", "[ ex:p ?d ]", "<< ?a ex:p ?b >>", "<<( ?a ex:p 1 )>>", "( )", "<< ex:a a ex:b ~ _:r >>")
        return self.pick(*simple, *simple, *literals, *nested)

    def expression(self, depth: int) -> list[str]:
        """Return the tokens of an expression."""
        kind = self.random.randrange(8) if depth else 0
        if kind < 2:
            return self.pick(
                "?a",
                "?b",
                "?x",
                "1",
                "'x'",
                "ex:a",
                "<http://x.example/a>",
                "true",
                '"y"@en',
                "'>'",
                "<<( ?a ex:p 1 )>>",
            )
        if kind < 5:
            signs = ("<", "<", "<", ">", "<=", ">=", "=", "!=", "&&", "||", "+", "-", "*", "/")
            found = [*self.expression(depth - 1), *self.pick(*signs), *self.expression(depth - 1)]
            return found if self.random.random() < 0.4 else ["(", *found, ")"]
        if kind == 5:
            return ["(", *self.expression(depth - 1), ")"]
        if kind == 6:
            calls = ("STR", "BOUND", "isIRI", "COALESCE", "!", "-", "ex:f", "REGEX", "IF", "CONCAT", "DATATYPE")
            call = self.random.choice(calls)
            if call == "BOUND":
                return ["BOUND", "(", "?a", ")"]
            count = {"REGEX": 2, "IF": 3}.get(call, 1)
            inside = [token for _ in range(count) for token in (",", *self.expression(depth - 1))][1:]
            return [call, *inside] if call in "!-" else [call, "(", *inside, ")"]
        if self.random.random() < 0.4:
            return [*self.pick("EXISTS", "NOT EXISTS"), *self.group(0)]
        return [
            *self.pick("?a", "1"),
            *self.pick("IN", "NOT IN"),
            "(",
            *self.expression(1),
            ",",
            *self.expression(0),
            ")",
        ]
