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
