"""Mutants of Python: one node of a module's tree changed at a time."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tools.mutate.sample import Mutant

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_CALLED = {"any": "all", "all": "any", "min": "max", "max": "min"}


def mutants(path: Path) -> Iterator[Mutant]:
    """Every mutant of one file; what the file says then is worked out when it is asked for."""
    text = path.read_text("utf-8")
    for at, node in enumerate(_places(ast.parse(text))):
        for which, (what, _) in enumerate(_changes(node)):
            yield Mutant(path, node.lineno, what, partial(_changed, text, at, which))


def _changed(text: str, at: int, which: int) -> str:
    """The tree as text, with the change ``which`` of the node ``at``."""
    tree = ast.parse(text)
    node = _places(tree)[at]
    return ast.unparse(ast.fix_missing_locations(_Put(node, list(_changes(node))[which][1]).visit(tree)))


def _places(tree: ast.Module) -> list[ast.expr | ast.stmt]:
    return [node for node in _code(tree) if isinstance(node, ast.expr | ast.stmt)]


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """What a test can tell apart: no annotations, decorators or docstrings."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        children = [c for c in (value if isinstance(value, list) else [value]) if isinstance(c, ast.AST)]
        for child in children:
            text = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if not text and not isinstance(child, ast.Import | ast.ImportFrom | ast.JoinedStr):
                yield from _code(child)


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Each change of one node: what it is, and the node instead."""
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            twin = copy.deepcopy(node)
            twin.ops[at] = _COMPARED[type(operator)]()
            yield _told(node, twin), twin
    elif isinstance(node, ast.BoolOp):
        other_way = copy.deepcopy(node)
        other_way.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield _told(node, other_way), other_way
        for at in range(len(node.values)):
            less = copy.deepcopy(node)
            del less.values[at]
            yield _told(node, less), less if len(less.values) > 1 else less.values[0]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield _told(node, node.operand), copy.deepcopy(node.operand)
    elif isinstance(node, ast.If | ast.IfExp | ast.While):
        negated = copy.deepcopy(node)
        negated.test = ast.UnaryOp(ast.Not(), negated.test)
        yield f"not {ast.unparse(node.test)}", negated
    elif isinstance(node, ast.BinOp) and type(node.op) in _COMPUTED:
        twin_operation = copy.deepcopy(node)
        twin_operation.op = _COMPUTED[type(node.op)]()
        yield _told(node, twin_operation), twin_operation
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield f"{node.value} is {not node.value}", ast.Constant(not node.value)
        elif isinstance(node.value, int):
            yield f"{node.value} is {node.value + 1}", ast.Constant(node.value + 1)
        elif isinstance(node.value, str):
            yield f"{node.value!r} is another text", ast.Constant("mutated")
    elif isinstance(node, ast.Continue):
        yield "continue is break", ast.Break()
    elif isinstance(node, ast.Break):
        yield "break is continue", ast.Continue()
    elif isinstance(node, ast.Expr | ast.AugAssign):
        yield f"without {ast.unparse(node)}", ast.Pass()
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLED:
        other = copy.deepcopy(node)
        other.func = ast.Name(_CALLED[node.func.id], ast.Load())
        yield _told(node, other), other


def _told(before: ast.AST, after: ast.AST) -> str:
    return f"{ast.unparse(before)} is {ast.unparse(after)}"


class _Put(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """The new node where the old one is."""
        return self._new if node is self._old else self.generic_visit(node)
