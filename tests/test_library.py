"""The public library: what `triplomacy` hands on, each name of which docs/python.md documents as it is."""

import ast
import builtins
import collections.abc
import doctest
import inspect
import re
import shutil
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import ForwardRef

import pytest

import triplomacy
from tests.conftest import ROOT
from tests.test_house import FACES, KNOWN, PACKAGE, taken_by_library
from triplomacy import (
    BadParameter,
    Question,
    Scope,
    TriplomacyError,
    UnknownName,
    ask,
    find_project,
    load,
    load_files,
)

PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
PUBLIC = {name: getattr(triplomacy, name) for name in triplomacy.__all__}
FUNCTIONS = [name for name, value in PUBLIC.items() if inspect.isfunction(value)]
SIMPLE = (bool, int, float, str, type(None))

Shown = ast.FunctionDef | ast.ClassDef


def blocks(language: str, text: str = PAGE) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def declarations() -> Iterator[Shown]:
    """Yield each function and each class that the page declares."""
    for block in blocks("python"):
        for node in ast.parse(block).body:
            assert isinstance(node, Shown), block
            yield node


SHOWN = {node.name: node for node in declarations()}


def section(name: str) -> str:
    """Return what the page says of a name, from its heading to the next."""
    return re.split(r"^##+ ", PAGE.partition(f"\n### `{name}`\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def default(value: object) -> str:
    """Return how the page writes a default: as it is where that is short, else as three dots."""
    if value is inspect.Parameter.empty:
        return ""
    return f" = {value!r}" if isinstance(value, SIMPLE) or value == () else " = ..."


def annotation(value: object) -> str:
    """Return a type as the code writes it."""
    return value.__forward_arg__ if isinstance(value, ForwardRef) else str(value)


def function(name: str, value: object) -> str:
    """Return the declaration of a function or a property, with its signature as `inspect` has it."""
    if isinstance(value, property):
        return f"@property\n{function(name, value.fget)}"
    assert callable(value)
    signature = inspect.signature(value)
    parts = [
        f"{'*' if each.kind is each.VAR_POSITIONAL else ''}{each.name}"
        f"{f': {each.annotation}' if each.annotation is not each.empty else ''}{default(each.default)}"
        for each in signature.parameters.values()
    ]
    keyword = [number for number, each in enumerate(signature.parameters.values()) if each.kind is each.KEYWORD_ONLY]
    if keyword:
        parts.insert(keyword[0], "*")
    return f"def {name}({', '.join(parts)}) -> {signature.return_annotation}: ..."


def class_(name: str, value: type, members: list[str]) -> str:
    """Return the declaration of a class: the class that it comes from, its values, and the members that are named."""
    (base, *_) = (each.__name__ for each in value.__bases__)
    lines = [f"class {name}{'' if base == 'object' else f'({base})'}:"]
    if issubclass(value, Enum):
        lines += [f"{each.name} = {each.value!r}" for each in value]
    elif hasattr(value, "__dataclass_fields__") or hasattr(value, "_fields"):
        fields = inspect.signature(value).parameters.values()
        lines += [f"{each.name}: {annotation(each.annotation)}{default(each.default)}" for each in fields]
    lines += [
        line for member in members for line in function(member, inspect.getattr_static(value, member)).split("\n")
    ]
    return "\n    ".join(lines if len(lines) > 1 else [*lines, "..."])


def declaration(name: str, members: list[str]) -> str:
    """Return the declaration of a public name, with the members of a class that are named."""
    value = PUBLIC[name]
    return class_(name, value, members) if isinstance(value, type) else function(name, value)


def test_every_name_is_documented_and_no_other() -> None:
    """The page declares each name that the library hands on, once, under a heading of its own or with the errors."""
    assert sorted(node.name for node in declarations()) == triplomacy.__all__
    headed = re.findall(r"^### `(\w+)`$", PAGE, re.MULTILINE)
    errors = [name for name, value in PUBLIC.items() if isinstance(value, type) and issubclass(value, Exception)]
    assert sorted([*headed, *errors]) == triplomacy.__all__


@pytest.mark.parametrize("name", triplomacy.__all__)
def test_declarations_are_those_of_the_code(name: str) -> None:
    """Names, types and defaults of parameters, and what is returned, are on the page as they are in the code."""
    node = SHOWN[name]
    members = [each.name for each in node.body if isinstance(each, ast.FunctionDef)]
    assert ast.unparse(node) == ast.unparse(ast.parse(declaration(name, members)))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_have_errors_and_an_example(name: str) -> None:
    """Each function is called in an example below its declaration; the errors that its docstring names are named."""
    text = section(name)
    assert any(f"{name}(" in block for block in blocks("pycon", text))
    raises = re.findall(r"^ {4}(\w+): ", (PUBLIC[name].__doc__ or "").partition("Raises:\n")[2], re.MULTILINE)
    assert [error for error in raises if error in PUBLIC and f"`{error}`" not in text] == []


def types_used() -> set[str]:
    """Return the names in the types of all declarations."""
    nodes = [node for shown in declarations() for node in ast.walk(shown)]
    types = [node.annotation for node in nodes if isinstance(node, ast.arg | ast.AnnAssign)]
    types += [node.returns for node in nodes if isinstance(node, ast.FunctionDef)]
    return {node.id for kind in types if kind for node in ast.walk(kind) if isinstance(node, ast.Name)}


def test_types_are_explained() -> None:
    """A type in a signature is of the library, of Python or of pyoxigraph, or has its row in the table of types."""
    rows = re.findall(r"^\| (`.*?`) \|", PAGE, re.MULTILINE)
    explained = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    known = {*PUBLIC, *vars(builtins), *vars(collections.abc), "Any", "Path", "datetime", "ox"}
    assert types_used() - known == explained


def test_examples_give_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The examples of the page, one after the other in a copy of the project, give what stands below them."""
    for part in ("ontology", "graphs", "queries"):
        shutil.copytree(ROOT / part, tmp_path / part)
    monkeypatch.chdir(tmp_path)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks("pycon")), {}, "python.md", "docs/python.md", 0)
    outcome = doctest.DocTestRunner().run(examples)
    assert outcome.attempted > len(FUNCTIONS)
    assert outcome.failed == 0


def test_names_stand_apart_from_modules() -> None:
    """No name of the library is that of a module in the package, which would take its place once it is imported."""
    assert set(triplomacy.__all__) & {name.partition(".")[0] for name in KNOWN} == set()


def test_the_library_goes_by_the_faces() -> None:
    """The library hands on what a single module or a package's face does, or what is in a module that a face does."""
    assert [(package, name) for package, name in taken_by_library() if name not in FACES.get(package, (name,))] == []


def test_stub_lists_what_it_hands_on() -> None:
    """For type checkers a stub hands on what is in its ``__all__``, and that is what Python finds there."""
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    (names,) = (ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign))
    assert names == triplomacy.__all__


NO_FILE = "no file can be called"
NO_IRI = "'x y' is not an IRI; write an absolute IRI"
# For a program as one writes it: the error, and the beginning or a part of its message.
MISTAKES: dict[str, tuple[type[TriplomacyError], str]] = {
    "find_project('x')": (TriplomacyError, "no folder ontology/ here; name a folder that has one"),
    "find_project('x\\0')": (TriplomacyError, NO_FILE),
    "find_project('x' * 5000)": (TriplomacyError, NO_FILE),
    "load_files(['x.ttl'])": (TriplomacyError, "x.ttl: cannot be read: No such file"),
    "load_files(['x\\0.ttl'])": (TriplomacyError, NO_FILE),
    "load(project.in_store('x' * 5000))": (TriplomacyError, NO_FILE),
    "ask(project, Question(text='ASK {}', scope=Scope(data=('x.ttl',))))": (TriplomacyError, "x.ttl: cannot be read"),
    "ask(project, Question('x/' * 5000))": (TriplomacyError, NO_FILE),
    "read_citation('x')": (TriplomacyError, "x: cannot be read"),
    "validate(project, Plan(only=('x',)))": (TriplomacyError, "x: no file of this project"),
    "validate(project, Plan(checks={'shackle'}))": (
        UnknownName,
        "no such check: shackle; did you mean shacl or shapes?",
    ),
    "validate(project, Plan(engine='slow'))": (UnknownName, "no such engine: slow"),
    "validate_files(['x\\0.ttl'], ['x.ttl'])": (TriplomacyError, NO_FILE),
    "validate_files(['graphs'], ['x' * 5000])": (TriplomacyError, NO_FILE),
    "validate_files(['graphs/actors'], ['x.ttl'])": (TriplomacyError, "x.ttl: cannot be read"),
    "build_files(project, 'x' * 5000)": (TriplomacyError, NO_FILE),
    "build_files(project, 'x', jobs=0)": (BadParameter, "0 is not a number of processes; give 1 or more"),
    "build_store(project, 'x\\0')": (TriplomacyError, NO_FILE),
    "claims_about(graphs, 'x y')": (BadParameter, NO_IRI),
    "derive_view(graphs, 'author', 'x y')": (BadParameter, NO_IRI),
    "labels(graphs, nodes=['x y'])": (BadParameter, NO_IRI),
    "resolve('id:syria', graphs, 'id:x y')": (BadParameter, "id/x y' is not an IRI"),
    "verify(graphs, 'a\\ud800', sources(graphs)[0])": (BadParameter, "the text has half of a surrogate pair at 1"),
    "graphs.query('SELECT (<urn:f>(1) AS ?x) {}')": (
        TriplomacyError,
        "the query cannot be answered: The custom",
    ),
    "expand('<a>')": (BadParameter, "'a' is not an IRI"),
    "expand('<>')": (BadParameter, "'' is not an IRI"),
    "expand('id:x y')": (BadParameter, "id/x y' is not an IRI"),
    "expand('x' * 100_000)": (TriplomacyError, "is not an IRI or CURIE"),
    "expand('x' * 100_000 + ':a')": (UnknownName, "no such prefix: xxx"),
    "find_query(project, 'x' * 100_000)": (UnknownName, "no such query: xxx"),
}


@pytest.fixture(scope="module")
def names() -> dict[str, object]:
    """Return what the programs below may name: the library, our project, and its graphs."""
    project = find_project(str(ROOT))
    return {**PUBLIC, "project": project, "graphs": load(project)}


@pytest.mark.parametrize("program", MISTAKES)
def test_mistakes_are_errors_with_a_sentence(
    program: str, names: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a program gives wrongly is an error of the library, short, that says what is wrong; never one of below."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "graphs" / "actors", tmp_path / "graphs" / "actors")
    error, message = MISTAKES[program]
    with pytest.raises(TriplomacyError) as caught:
        eval(program, names)
    assert (type(caught.value), message in str(caught.value)) == (error, True), str(caught.value)
    assert len(str(caught.value)) < 400


def test_text_that_utf_8_cannot_have_is_not_a_query(names: dict[str, object]) -> None:
    """Half of a surrogate pair in a query is an error of its grammar, as the page says of what does not parse."""
    with pytest.raises(SyntaxError, match="half of a surrogate pair"):
        eval("graphs.query('ASK { ?s ?p \"\\ud800\" }')", names)


def test_paths_may_be_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file or a folder is named by a text as well as by a path, with the same outcome."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.ttl").write_text("<urn:a> <urn:b> <urn:c> .\n", encoding="utf-8")
    files = load_files(["a.ttl"])
    assert files.sha256() == load_files([Path("a.ttl")]).sha256()
    assert Scope(data=("a.ttl",)) == Scope(data=(Path("a.ttl"),))
    assert ask(
        find_project(str(ROOT)), Question(text="ASK { <urn:a> ?p ?o }", scope=Scope(data=("a.ttl",)))
    ).answer.truth
