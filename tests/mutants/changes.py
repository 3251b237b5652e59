"""The changes that make a mutant: possible mistakes in an expression or a statement.

Annotations, decorators, texts and code for the text of an error are not changed, since no number depends on them.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: The replacements of an operator.
COMPARISONS = {
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
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitOr,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
EXTREMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum"}
#: Numbers below the first are tolerances, for which a factor of two has no effect; they are multiplied by the second.
TINY, WEAKENED = 1e-4, 1e6
#: Calls of which every argument is text.
ERRORS = {"unfit", "UsageError", "NumericalError", "InputFileError", "OutputError", "isinstance", "warn"}


@dataclass(frozen=True)
class Mutant:
    """One change: `span` of the file, in bytes, replaced by `after`; `owner` is the definition at the top it is in."""

    path: str
    line: int
    owner: str
    before: str
    after: str
    span: tuple[int, int]
    identity: str

    def source(self, text: bytes) -> bytes:
        """The file with the change."""
        first, last = self.span
        return text[:first] + self.after.encode() + text[last:]

    def drawn(self, seed: int) -> str:
        """Its position in the draw of a seed."""
        return _digest(seed, self.identity)


def mutants_of(root: Path, path: Path, exempt: frozenset[str] = frozenset()) -> list[Mutant]:
    """One change at every possible position of a file; `exempt` names definitions that are not changed."""
    text = path.read_bytes()
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    name, found, seen = path.relative_to(root).as_posix(), [], Counter()
    for top in ast.parse(text).body:
        for owner in _names(top) - exempt:
            for node, options in _places(top):
                first = starts[node.lineno - 1] + node.col_offset
                last = starts[node.end_lineno - 1] + node.end_col_offset
                before = text[first:last].decode()
                seen[owner, before] += 1
                identity = _digest(name, owner, before, seen[owner, before])
                after = min(options, key=lambda option: _digest(identity, option))
                found.append(Mutant(name, node.lineno, owner, before, after, (first, last), identity[:12]))
    return found


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _names(top: ast.stmt) -> frozenset[str]:
    """The names that a statement at the top defines; none if it must not be changed."""
    if isinstance(top, ast.FunctionDef | ast.ClassDef):
        return frozenset({top.name})
    if isinstance(top, ast.Assign | ast.AnnAssign):
        targets = top.targets if isinstance(top, ast.Assign) else [top.target]
        return frozenset({ast.unparse(targets[0])} - {"__all__"})
    return frozenset()


def _places(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, list[str]]]:
    """Nodes that can be changed, each with the texts that can replace it."""
    options = [ast.unparse(option) for option in _options(node)]
    if options:
        yield node, [f"({option})" if isinstance(node, ast.expr) else option for option in options]
    test = getattr(node, "test", None)
    if isinstance(test, ast.Name | ast.Attribute | ast.Call):
        yield test, [f"(not {ast.unparse(test)})"]
    for child in _inside(node):
        yield from _places(child)


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node in which changes are made."""
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.arg) or _is_error(node):
        return
    for name, value in ast.iter_fields(node):
        if name not in {"annotation", "returns", "decorator_list", "op", "ops", "ctx"}:
            yield from (
                part for part in (value if isinstance(value, list) else [value]) if isinstance(part, ast.AST)
            )


def _is_error(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in ERRORS


def _options(node: ast.AST) -> Iterator[ast.AST]:
    """Possible mistakes for a node."""
    if isinstance(node, ast.Compare):
        yield _with(node, ops=[COMPARISONS[type(node.ops[0])](), *node.ops[1:]])
        if type(node.ops[0]) in {ast.Lt, ast.LtE, ast.Gt, ast.GtE}:
            yield ast.UnaryOp(ast.Not(), node)
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC and not _is_text(node):
        yield _with(node, op=ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from _numbers(node.value)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Return) and node.value is not None:
        yield from _returns(node.value)
    elif _can_go(node):
        yield ast.Pass()


def _numbers(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, float) and 0 < value < TINY:
        yield ast.Constant(WEAKENED * value)
    elif isinstance(value, float):
        yield ast.Constant(2 * value if value else 1.0)


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """Mistakes in a call: the other extreme, or another axis."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in EXTREMES:
        other = EXTREMES[name]
        yield _with(node, func=_with(node.func, **{"attr" if hasattr(node.func, "attr") else "id": other}))
    for place, keyword in enumerate(node.keywords):
        if keyword.arg == "axis" and isinstance(keyword.value, ast.UnaryOp | ast.Constant):
            axis = ast.literal_eval(keyword.value)
            if isinstance(axis, int):
                changed = ast.keyword("axis", ast.Constant(0 if axis else 1))
                yield _with(node, keywords=[*node.keywords[:place], changed, *node.keywords[place + 1 :]])


def _returns(value: ast.expr) -> Iterator[ast.AST]:
    """Mistakes in a returned value: the opposite, or nothing."""
    if isinstance(value, ast.Compare | ast.BoolOp) or (
        isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    ):
        yield ast.Return(ast.UnaryOp(ast.Not(), value))
    elif isinstance(value, ast.BinOp) and not _is_text(value):
        yield ast.Return(ast.UnaryOp(ast.USub(), value))
    elif not isinstance(value, ast.Constant):
        yield ast.Return(ast.Constant(None))


def _can_go(node: ast.AST) -> bool:
    """Whether a statement can be left out without an undefined name: it has an effect, or ends a block."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call)
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Subscript | ast.Attribute) for target in node.targets)
    return isinstance(node, ast.AugAssign | ast.Raise | ast.Continue | ast.Break)


def _is_text(node: ast.BinOp) -> bool:
    sides = node.left, node.right
    return any(
        isinstance(side, ast.JoinedStr | ast.List) or isinstance(getattr(side, "value", None), str)
        for side in sides
    )


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed
