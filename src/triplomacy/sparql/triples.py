"""Terms, property paths and triples of SPARQL, read by the grammar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from triplomacy.errors import MalformedInput, UnknownName
from triplomacy.iri import is_absolute, is_valid, resolve
from triplomacy.sparql import tree
from triplomacy.sparql.lexer import Lexeme, Lexer, place
from triplomacy.terms import RDF, XSD

_NUMBERS: Final = ("integer", "decimal", "double")
_ESCAPED: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\.")
_LETTERS: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}

# Kinds of terms, as `TriplesReader.kind_of_term` returns them, by kinds of tokens and signs.
_KINDS: Final = {
    **dict.fromkeys(("string", *_NUMBERS), "literal"),
    "variable": "variable",
    "iri": "IRI",
    "name": "IRI",
    "blank": "blank node",
    "<<": "reified triple",
    "<<(": "triple term",
}
_CLOSES: Final = re.compile(r"[ \t\r\n]*[)\]]")
_OPEN: Final = ("collection", "properties in brackets")
DATA: Final = ("IRI", "literal", "triple term")
IN_EXPRESSION: Final = ("variable", *DATA)
_IN_TRIPLE_TERM: Final = (*IN_EXPRESSION, "blank node")
_IN_REIFIED: Final = (*_IN_TRIPLE_TERM, "reified triple")
_GRAPH_NODE: Final = (*_IN_REIFIED, *_OPEN, "empty list")
_STAND_IN: Final = "relative:/"  # a base for what is relative, until all has been read


class MissingBase(MalformedInput):
    """A relative IRI where nothing says what it is relative to."""


def character(digits: str) -> str:
    """Return the character of a code point, or nothing where that is not a character: a surrogate, or too large."""
    code = int(digits, 16)
    return chr(code) if code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else ""


class TriplesReader(Lexer):
    """A reader with a method for each production of the grammar, called after it.

    Attributes:
        base: the IRI that relative ones are resolved against, or nothing.
        prefixes: those that are declared so far, and those that need no declaration.
        relative: the first IRI that is relative while there is no base; what else is wrong is told first.
    """

    def __init__(self, text: str, base: str, prefixes: Mapping[str, str]) -> None:
        super().__init__(text)
        self.base = base
        self.prefixes = dict(prefixes)
        self.relative: Lexeme | None = None

    # Triples

    def triples_same_subject(self, *, paths: bool) -> tree.Triples:
        """[81] TriplesSameSubject or, with paths, [87] TriplesSameSubjectPath."""
        start = self.start
        alone = self.kind_of_term() in (*_OPEN, "reified triple")
        subject = self.term(_GRAPH_NODE, "a subject, a pattern or }" if paths else "a subject or }", paths=paths)
        properties = () if alone and not self.begins_verb(paths=paths) else self.property_list(paths=paths)
        return tree.Triples(start=start, subject=subject, properties=properties, end=self.end)

    def begins_verb(self, *, paths: bool) -> bool:
        """Tell whether a verb begins here."""
        is_verb = self.kind in ("variable", "iri", "name") or (self.kind == "word" and self.value == "a")
        return is_verb or (paths and self.sign in ("^", "!", "("))

    def property_list(self, *, paths: bool) -> tuple[tree.Property, ...]:
        """[83] PropertyListNotEmpty or, with paths, [89] PropertyListPathNotEmpty."""
        properties = [self.property(paths=paths)]
        while self.take(";"):
            if self.begins_verb(paths=paths):
                properties.append(self.property(paths=paths))
        return tuple(properties)

    def property(self, *, paths: bool) -> tree.Property:
        """A verb and [85] ObjectList or, with paths, [92] ObjectListPath."""
        start = self.start
        verb = self.path() if paths and self.kind != "variable" else self.verb()
        objects = [self.object(paths=paths)]
        while self.take(","):
            objects.append(self.object(paths=paths))
        if any(each.annotations for each in objects) and not isinstance(verb, tree.Variable | tree.Iri):
            self.fail("a path has no annotations, since it is not one triple; write its steps as triples")
        return tree.Property(start=start, verb=verb, objects=tuple(objects), end=self.end)

    def verb(self) -> tree.Variable | tree.Iri:
        """[84] Verb."""
        return self.var() if self.kind == "variable" else self.iri_or_a()

    def iri_or_a(self) -> tree.Iri:
        """An IRI or ``a``, where a property stands."""
        if self.kind in ("iri", "name"):
            return self.iri()
        if self.value != "a":
            self.fail_without("a property")
        start = self.start
        self.advance()
        return tree.Iri(start=start, value=f"{RDF}type", prefix=None, end=self.end)

    def object(self, *, paths: bool) -> tree.Object:
        """[86] Object or, with paths, [93] ObjectPath."""
        start = self.start
        term = self.term(_GRAPH_NODE, "an object", paths=paths)
        annotations: list[tree.Annotation] = []
        while self.sign in ("~", "{|"):
            annotations.append(self.annotation(paths=paths))
        return tree.Object(start=start, term=term, annotations=tuple(annotations), end=self.end)

    def annotation(self, *, paths: bool) -> tree.Annotation:
        """[70] Reifier, and the block that belongs to it: [110] AnnotationBlockPath or [112] AnnotationBlock."""
        start = self.start
        reifier = self.reifier()
        properties: tuple[tree.Property, ...] = ()
        if self.sign == "{|":
            self.opens("{|")
            properties = self.property_list(paths=paths)
            self.closes("|}")
        return tree.Annotation(start=start, reifier=reifier, properties=properties, end=self.end)

    def reifier(self) -> tree.Variable | tree.Iri | tree.BlankNode | None:
        """[70] Reifier, None where it has no name or is not there."""
        if not self.take("~") or self.kind_of_term() not in ("variable", "IRI", "blank node"):
            return None
        term = self.term(("variable", "IRI", "blank node"), "a reifier")
        assert isinstance(term, tree.Variable | tree.Iri | tree.BlankNode)
        return term

    # Paths

    def path(self) -> tree.Path:
        """[95] PathAlternative."""
        start = self.start
        alternatives = [self.path_sequence()]
        while self.take("|"):
            alternatives.append(self.path_sequence())
        return (
            alternatives[0]
            if len(alternatives) == 1
            else tree.PathAlternative(start=start, alternatives=tuple(alternatives), end=self.end)
        )

    def path_sequence(self) -> tree.Path:
        """[96] PathSequence."""
        start = self.start
        steps = [self.path_elt_or_inverse()]
        while self.take("/"):
            steps.append(self.path_elt_or_inverse())
        return steps[0] if len(steps) == 1 else tree.PathSequence(start=start, steps=tuple(steps), end=self.end)

    def path_elt_or_inverse(self) -> tree.Path:
        """[98] PathEltOrInverse."""
        start = self.start
        if self.take("^"):
            return tree.PathInverse(start=start, path=self.path_elt(), end=self.end)
        return self.path_elt()

    def path_elt(self) -> tree.Path:
        """[97] PathElt."""
        start = self.start
        path = self.path_primary()
        modifier = self.sign
        if self.kind in _NUMBERS and self.value.startswith("+"):
            self.fail(f"{self.value} is a number here, and pyoxigraph takes its sign for one of a path; leave it out")
        if self.take("?", "*", "+"):
            return tree.PathRepeat(start=start, path=path, modifier=modifier, end=self.end)
        return path

    def path_primary(self) -> tree.Path:
        """[100] PathPrimary."""
        if self.sign == "(":
            self.opens("(")
            path = self.path()
            self.closes(")", "a path")
            return path
        return self.path_negated_property_set() if self.sign == "!" else self.iri_or_a()

    def path_negated_property_set(self) -> tree.PathNegated:
        """[101] PathNegatedPropertySet, with its sign."""
        start = self.start
        self.need("!")
        steps: list[tree.Iri | tree.PathInverse] = []
        if self.sign != "(":
            steps.append(self.path_one_in_property_set())
        else:
            self.opens("(")
            while not steps or self.take("|"):
                steps.append(self.path_one_in_property_set())
            self.closes(")", "|")
        return tree.PathNegated(start=start, steps=tuple(steps), end=self.end)

    def path_one_in_property_set(self) -> tree.Iri | tree.PathInverse:
        """[102] PathOneInPropertySet."""
        start = self.start
        if self.take("^"):
            return tree.PathInverse(start=start, path=self.iri_or_a(), end=self.end)
        return self.iri_or_a()

    # Terms

    def kind_of_term(self) -> str:
        """Return the kind of the term that begins here, or nothing where none does."""
        if self.sign in ("(", "["):
            is_empty = _CLOSES.match(self.text, self.stop) is not None
            return {"(": ("collection", "empty list"), "[": ("properties in brackets", "blank node")}[self.sign][
                is_empty
            ]
        if self.kind == "word":
            return "literal" if self.word in ("TRUE", "FALSE") else ""
        return _KINDS.get(self.sign or self.kind, "")

    def term(self, kinds: tuple[str, ...], what: str, *, paths: bool = False) -> tree.Term:
        """Read a term of one of some kinds; *what* is expected where there is none."""
        kind = self.kind_of_term()
        if kind not in kinds:
            self.fail_without(what)
        if kind == "variable":
            return self.var()
        if kind == "IRI":
            return self.iri()
        if kind == "empty list":
            return self.nil()
        if kind == "literal":
            return self.literal()
        if kind == "blank node":
            return self.blank_node()
        if kind == "triple term":
            return self.triple_term(tuple(kind for kind in kinds if kind in _IN_TRIPLE_TERM))
        if kind == "reified triple":
            return self.reified_triple()
        return self.collection(paths=paths) if self.sign == "(" else self.blank_node_property_list(paths=paths)

    def collection(self, *, paths: bool) -> tree.Collection:
        """[107] Collection or, with paths, [108] CollectionPath."""
        start = self.start
        self.opens("(")
        items: list[tree.Term] = []
        while self.sign != ")":
            items.append(self.term(_GRAPH_NODE, "a term or )", paths=paths))
        self.closes(")")
        return tree.Collection(start=start, items=tuple(items), end=self.end)

    def blank_node_property_list(self, *, paths: bool) -> tree.BlankNodePropertyList:
        """[104] BlankNodePropertyList or, with paths, [106] BlankNodePropertyListPath."""
        start = self.start
        self.opens("[")
        properties = self.property_list(paths=paths)
        self.closes("]", "a semicolon, a comma")
        return tree.BlankNodePropertyList(start=start, properties=properties, end=self.end)

    def reified_triple(self) -> tree.ReifiedTriple:
        """[116] ReifiedTriple."""
        start = self.start
        self.opens("<<")
        subject = self.term(_IN_REIFIED, "a subject")
        verb = self.verb()
        value = self.term(_IN_REIFIED, "an object")
        reifier = self.reifier()
        self.closes(">>", "~")
        return tree.ReifiedTriple(start=start, subject=subject, verb=verb, object=value, reifier=reifier, end=self.end)

    def triple_term(self, kinds: tuple[str, ...]) -> tree.TripleTerm:
        """[119] TripleTerm, [122] TripleTermData or [137] ExprTripleTerm, by the *kinds* of its terms."""
        start = self.start
        self.opens("<<(")
        is_pattern = "blank node" in kinds
        subjects = kinds if is_pattern else tuple(kind for kind in kinds if kind in ("variable", "IRI"))
        subject = self.term(subjects, "a subject")
        verb = self.verb() if "variable" in kinds else self.iri_or_a()
        value = self.term(kinds, "an object")
        self.closes(")>>")
        return tree.TripleTerm(start=start, subject=subject, verb=verb, object=value, end=self.end)

    def var(self) -> tree.Variable:
        """[126] Var."""
        if self.kind != "variable":
            self.fail_without("a variable")
        start, name = self.start, self.value[1:]
        self.advance()
        return tree.Variable(start=start, name=name, end=self.end)

    def var_or_iri(self) -> tree.Variable | tree.Iri:
        """[125] VarOrIri."""
        if self.kind == "variable":
            return self.var()
        if self.kind not in ("iri", "name"):
            self.fail_without("a variable or an IRI")
        return self.iri()

    def iri(self) -> tree.Iri:
        """[156] iri."""
        if self.kind != "name":
            return self.iri_ref()
        start = self.start
        prefix, _, local = self.value.partition(":")
        if prefix not in self.prefixes:
            self.fail(f"{UnknownName('prefix', prefix, self.prefixes)}; declare it")
        value = self.valid_iri(self.prefixes[prefix] + local.replace("\\", ""))
        self.advance()
        return tree.Iri(start=start, value=value, prefix=prefix, end=self.end)

    def iri_ref(self) -> tree.Iri:
        """An IRI in angle brackets, resolved against the base."""
        if self.kind != "iri":
            self.fail_without("an IRI")
        start, written = self.start, self.unescape(self.value[1:-1])
        if not self.base and not is_absolute(written):
            self.relative, self.base = self.tokens[-1], _STAND_IN
        value = self.valid_iri(resolve(self.base, written) if self.base else written)
        self.advance()
        return tree.Iri(start=start, value=value, prefix=None, end=self.end)

    def refuse_relative(self) -> None:
        """Raise MissingBase where an IRI is relative, and there is no base."""
        if self.relative:
            written = self.text[self.relative.start : self.relative.end]
            line, column = place(self.text, self.relative.start)
            advice = "declare a BASE, or write the IRI in full"
            message = f"{written[:200]} is relative, and nothing says to what; {advice}"
            raise MissingBase(message, line=line, column=column)

    def valid_iri(self, iri: str) -> str:
        """Return the IRI that the next token stands for; fail where the engine would not read the same one."""
        if not is_valid(iri):
            self.fail(f"{self.value[:200]} stands for {iri[:200]}, which is not an IRI")
        return iri

    def nil(self) -> tree.Iri:
        """``()``, the empty list."""
        start = self.start
        self.need("(", ")")
        return tree.Iri(start=start, value=f"{RDF}nil", prefix=None, end=self.end)

    def blank_node(self) -> tree.BlankNode:
        """[158] BlankNode."""
        start, label = self.start, self.value[2:]
        if self.kind == "blank":
            self.advance()
        else:
            self.need("[", "]")
        return tree.BlankNode(start=start, label=label, end=self.end)

    def literal(self) -> tree.Literal:
        """[149] RDFLiteral, [150] NumericLiteral or [154] BooleanLiteral."""
        if self.kind == "string":
            return self.rdf_literal()
        kind = self.kind if self.kind in _NUMBERS else "boolean"
        start, value = self.start, self.value.lower() if kind == "boolean" else self.value
        self.advance()
        datatype = f"{XSD}{kind}"
        return tree.Literal(
            start=start, value=value, datatype=datatype, language="", direction="", type=None, end=self.end
        )

    def rdf_literal(self) -> tree.Literal:
        """[149] RDFLiteral."""
        start, value, language, direction = self.start, self.string(), "", ""
        kind, datatype = None, f"{XSD}string"
        if self.kind == "language":
            language, _, direction = self.value[1:].partition("--")
            datatype = f"{RDF}dirLangString" if direction else f"{RDF}langString"
            if direction not in ("", "ltr", "rtl"):
                self.fail_without("a direction that is ltr or rtl")
            self.advance()
        elif self.take("^^"):
            kind = self.iri()
            datatype = kind.value
        parts = {"language": language, "direction": direction}
        return tree.Literal(start=start, value=value, datatype=datatype, **parts, type=kind, end=self.end)

    def string(self) -> str:
        """[155] String."""
        if self.kind != "string":
            self.fail_without("a string")
        quotes = 3 if self.value[:3] in ("'''", '"""') else 1
        value = self.unescape(self.value[quotes:-quotes])
        self.advance()
        return value

    def unescape(self, written: str) -> str:
        """Return the inside of a string or an IRI with its escapes expanded."""
        return _ESCAPED.sub(self.expand_escape, written) if "\\" in written else written

    def expand_escape(self, escape: re.Match[str]) -> str:
        """Return what an escape stands for, which has to be a character."""
        digits = escape[1] or escape[2]
        char = character(digits) if digits else _LETTERS[escape[0][1]]
        if not char:
            self.fail(f"{escape[0]} is not a character; write another one")
        return char
