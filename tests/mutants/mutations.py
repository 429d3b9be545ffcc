"""Small changes of code that its tests should notice: one at a time, in the order of the text."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_NAMES = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "sorted": "list",
    "startswith": "endswith",
    "endswith": "startswith",
    "lower": "upper",
    "removeprefix": "removesuffix",
    "removesuffix": "removeprefix",
    "partition": "rpartition",
    "rpartition": "partition",
}


@dataclass(frozen=True)
class Mutation:
    """A change of a module.

    Attributes:
        number: its place among those of the module.
        line: of the text before.
        function: the qualified name of what it is in; empty for the module.
        before: the code that is changed, on one line.
        after: what it becomes.
    """

    number: int
    line: int
    function: str
    before: str
    after: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same when lines are added elsewhere."""
        return self.function, self.before, self.after


def mutations(text: str) -> list[Mutation]:
    """Return the changes of a module's text; one that stands twice in a function is told apart by its number alone."""
    sites = enumerate(_sites(ast.parse(text)))
    return [Mutation(n, _line(old), function, _short(old), _short(new)) for n, (function, old, new) in sites]


def mutated(text: str, number: int) -> str:
    """Return the text with one of its changes; comments and layout are lost."""
    tree = ast.parse(text)
    for place, (_, old, new) in enumerate(_sites(tree)):
        if place == number:
            return ast.unparse(ast.fix_missing_locations(_Replaced(old, new).visit(tree)))
    raise IndexError(number)


class _Replaced(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def _line(node: ast.AST) -> int:
    if isinstance(node, ast.comprehension):
        return node.target.lineno
    return cast("ast.expr", node).lineno


def _short(node: ast.AST) -> str:
    """Return a node as code on one line; of a statement with a body its first line."""
    if isinstance(node, ast.If | ast.While):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())


def _sites(node: ast.AST, function: str = "") -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """Return each change below a node: what it is in, and the node before and after."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_set_aside(child):
                for new in _changes(child):
                    yield function, child, new
                named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                inner = f"{function}.{child.name}".lstrip(".") if named else function  # type: ignore[attr-defined]
                yield from _sites(child, inner)


def _is_set_aside(node: ast.AST) -> bool:
    """Tell whether a node is for types only, for who runs the file, or for ``__repr__``."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) in ("TYPE_CHECKING", "__name__ == '__main__'")
    return isinstance(node, ast.FunctionDef) and node.name == "__repr__"


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    change = _CHANGES.get(type(node))
    return iter(()) if change is None else change(node)


def _edited(node: ast.AST, **fields: object) -> ast.AST:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for place, operator in enumerate(node.ops):
        other = _COMPARISONS[type(operator)]()
        yield _edited(node, ops=[*node.ops[:place], other, *node.ops[place + 1 :]])


def _bool_op(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield _edited(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Not):
        yield node.operand


def _binary(node: ast.BinOp) -> Iterator[ast.AST]:
    sides = (node.left, node.right)
    text = any(isinstance(side, ast.JoinedStr) or _is(side, str) or _is(side, bytes) for side in sides)
    if type(node.op) in _OPERATORS and not text:
        yield _edited(node, op=_OPERATORS[type(node.op)]())


def _is(node: ast.AST, kind: type) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, kind)


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield _edited(node, value=not node.value)
    elif isinstance(node.value, int):
        yield _edited(node, value=node.value + 1)


def _if_exp(node: ast.IfExp) -> Iterator[ast.AST]:
    yield _edited(node, body=node.orelse, orelse=node.body)


def _comprehension(node: ast.comprehension) -> Iterator[ast.AST]:
    for place in range(len(node.ifs)):
        yield _edited(node, ifs=node.ifs[:place] + node.ifs[place + 1 :])


def _if(node: ast.If) -> Iterator[ast.AST]:
    if not isinstance(node.test, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield _edited(node, test=ast.UnaryOp(ast.Not(), node.test))


def _expression(node: ast.Expr) -> Iterator[ast.AST]:
    if isinstance(node.value, ast.Call):
        yield ast.copy_location(ast.Pass(), node)


def _call(node: ast.Call) -> Iterator[ast.AST]:
    function = node.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    if name in _NAMES and not (name == "sorted" and node.keywords):
        field = "id" if isinstance(function, ast.Name) else "attr"
        yield _edited(node, func=_edited(function, **{field: _NAMES[name]}))
    for keyword in node.keywords:
        if keyword.arg in ("key", "reverse", "default", "strict"):
            yield _edited(node, keywords=[other for other in node.keywords if other is not keyword])


def _augmented(node: ast.AugAssign) -> Iterator[ast.AST]:
    if type(node.op) in _OPERATORS and not isinstance(node.value, ast.JoinedStr):
        yield _edited(node, op=_OPERATORS[type(node.op)]())


def _raise(node: ast.Raise) -> Iterator[ast.AST]:
    yield ast.copy_location(ast.Pass(), node)


def _loop_end(node: ast.Break | ast.Continue) -> Iterator[ast.AST]:
    yield ast.copy_location(ast.Break() if isinstance(node, ast.Continue) else ast.Continue(), node)


_CHANGES: dict[type[ast.AST], Callable[..., Iterator[ast.AST]]] = {
    ast.Compare: _compare,
    ast.BoolOp: _bool_op,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Constant: _constant,
    ast.IfExp: _if_exp,
    ast.comprehension: _comprehension,
    ast.If: _if,
    ast.Expr: _expression,
    ast.Call: _call,
    ast.AugAssign: _augmented,
    ast.Raise: _raise,
    ast.Break: _loop_end,
    ast.Continue: _loop_end,
}
