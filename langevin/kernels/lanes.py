"""Lanes: numbers of many walkers as vectors, in a function that is written instruction by instruction.

Operators, and the functions here, mean the same for `Lanes` as for NumPy arrays (of uint64, int32 and float32), whose
functions are in `arrays`; but here they write the vector instructions of the operation. So a formula has one text,
which plain Python runs on arrays and compiled code runs in registers. LLVM also makes vectors of a loop over lanes, but
completes one vector before the next, so each of a chain of forty instructions waits for the one before it. Here each
operation is written for several vectors in turn (measured with AVX-512: words take 1/1.2 of the time).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.core.errors import TypingError

LONG, WORD = ir.IntType(64), ir.IntType(32)
NUMBER, DOUBLE = ir.FloatType(), ir.DoubleType()


class Lanes:
    """Several vectors of one type; an operation combines a single vector with each vector of the other operand."""

    #: With this priority, NumPy's numbers use the operators of this class.
    __array_ufunc__ = None

    def __init__(self, builder: ir.IRBuilder, vectors: list[ir.Value]) -> None:
        """Keep vectors, and the builder that writes the instructions on them."""
        self.builder, self.vectors = builder, vectors

    @property
    def kind(self) -> ir.VectorType:
        """Type of each vector."""
        return self.vectors[0].type

    def each(self, write: Callable[..., ir.Value], *others: Any) -> Lanes:
        """Write an instruction for every vector; the others are lanes, or numbers known at compile time."""
        columns = [self.vectors] + [
            other.vectors if isinstance(other, Lanes) else [constant(self.kind, other)] for other in others
        ]
        count = max(map(len, columns))
        rows = zip(*(column * (count // len(column)) for column in columns))
        return Lanes(self.builder, [write(*row) for row in rows])

    def _arithmetic(self, name: str, other: Any) -> Lanes:
        real = self.kind.element in (NUMBER, DOUBLE)
        return self.each(getattr(self.builder, "f" + name if real else name), other)

    def __add__(self, other: Any) -> Lanes:
        return self._arithmetic("add", other)

    def __sub__(self, other: Any) -> Lanes:
        return self._arithmetic("sub", other)

    def __mul__(self, other: Any) -> Lanes:
        return self._arithmetic("mul", other)

    __rmul__ = __mul__

    def __neg__(self) -> Lanes:
        return self.each(self.builder.fneg)

    def __and__(self, other: Any) -> Lanes:
        return self.each(self.builder.and_, other)

    def __or__(self, other: Any) -> Lanes:
        return self.each(self.builder.or_, other)

    def __xor__(self, other: Any) -> Lanes:
        return self.each(self.builder.xor, other)

    def __lshift__(self, places: Any) -> Lanes:
        return self.each(self.builder.shl, places)

    def __rshift__(self, places: Any) -> Lanes:
        if self.kind.element == WORD:
            return self.each(self.builder.ashr, places)
        return self._upper_words() if places == 32 else self.each(self.builder.lshr, places)

    def _upper_words(self) -> Lanes:
        """Upper 32 bits of each integer, by a move and not a shift, because more units of a processor can move."""
        words = ir.VectorType(WORD, 2 * self.kind.count)
        order = ir.Constant(words, [index | 1 for index in range(words.count)])
        high = constant(self.kind, 2**32 - 1)

        def move(vector: ir.Value) -> ir.Value:
            parts = self.builder.bitcast(vector, words)
            moved = self.builder.shuffle_vector(parts, ir.Constant(words, ir.Undefined), order)
            return self.builder.and_(self.builder.bitcast(moved, self.kind), high)

        return self.each(move)


def function(
    module: ir.Module, name: str, arguments: Sequence[ir.Type], write: Callable[..., None], *attributes: str
) -> ir.Function:
    """A separate function with the instructions of `write(builder, *arguments)`: it is optimised once for all calls."""
    if name in module.globals:
        return module.globals[name]
    made = ir.Function(module, ir.FunctionType(ir.VoidType(), arguments), name)
    made.linkage = "internal"
    for attribute in ("noinline", "nounwind", *attributes):
        made.attributes.add(attribute)
    builder = ir.IRBuilder(made.append_basic_block())
    write(builder, *made.args)
    builder.ret_void()
    return made


def turns(
    builder: ir.IRBuilder, width: ir.Value, shapes: Sequence[tuple[int, int]]
) -> Iterator[tuple[ir.Value, tuple[int, int]]]:
    """Loops that cover `width` lanes: each has a shape (lanes, vectors), and takes the lanes left by the one before.

    Instructions that are written between two turns of the iterator are the body of a loop, whose first lane is given.
    """
    begun = LONG(0)
    for shape in shapes:
        size = LONG(shape[0] * shape[1])
        ended = builder.mul(builder.sdiv(width, size), size)
        with cgutils.for_range_slice(builder, begun, ended, size, intp=LONG) as (lane, _):
            yield lane, shape
        begun = ended


def contiguous(array: Any, kind: Any) -> None:
    """Refuse an array type that is not a contiguous array of this kind, as the instructions require."""
    if array.dtype != kind or array.layout != "C":
        raise TypingError(f"a contiguous array of {kind} is needed, got {array}")


def constant(kind: ir.VectorType, number: Any) -> ir.Constant:
    """A vector in which all lanes have one number known at compile time."""
    real = kind.element in (NUMBER, DOUBLE)
    plain = float(number) if real else int(number) % 2**kind.element.width
    return ir.Constant(kind, [plain] * kind.count)


def spread(builder: ir.IRBuilder, number: ir.Value, count: int) -> Lanes:
    """A vector in which all lanes have one number known at run time."""
    empty = ir.Constant(ir.VectorType(number.type, count), ir.Undefined)
    single = builder.insert_element(empty, number, WORD(0))
    return Lanes(
        builder, [builder.shuffle_vector(single, empty, ir.Constant(ir.VectorType(WORD, count), None))]
    )


def load(builder: ir.IRBuilder, place: ir.Value, count: int, vectors: int = 1) -> Lanes:
    """Consecutive numbers, read from an address, in vectors of `count`."""
    kind = ir.VectorType(place.type.pointee, count)
    return Lanes(builder, [builder.load(at, align=4) for at in _places(builder, place, kind, vectors)])


def store(lanes: Lanes, place: ir.Value) -> None:
    """Write the vectors one after another to an address."""
    builder = lanes.builder
    for vector, at in zip(lanes.vectors, _places(builder, place, lanes.kind, len(lanes.vectors))):
        builder.store(vector, at, align=4)


def _places(builder: ir.IRBuilder, place: ir.Value, kind: ir.VectorType, vectors: int) -> list[ir.Value]:
    steps = [builder.gep(place, [LONG(number * kind.count)]) for number in range(vectors)]
    return [builder.bitcast(step, kind.as_pointer()) for step in steps]


def low_words(longs: Lanes) -> Lanes:
    """The lower 32 bits of all lanes, in one vector."""
    builder, count = longs.builder, longs.kind.count
    halves = ir.VectorType(WORD, 2 * count)
    parts = [builder.bitcast(vector, halves) for vector in longs.vectors]
    first, second = (parts * 2)[:2]
    lower = ir.Constant(ir.VectorType(WORD, count * len(parts)), list(range(0, 2 * count * len(parts), 2)))
    return Lanes(builder, [builder.shuffle_vector(first, second, lower)])


def number(words: Lanes) -> Lanes:
    """Integers as float32 numbers, rounded to the nearest."""
    return words.each(lambda vector: words.builder.sitofp(vector, ir.VectorType(NUMBER, words.kind.count)))


def as_word(numbers: Lanes) -> Lanes:
    """The bits of float32 numbers as integers."""
    return numbers.each(
        lambda vector: numbers.builder.bitcast(vector, ir.VectorType(WORD, numbers.kind.count))
    )


def as_number(words: Lanes) -> Lanes:
    """The float32 numbers that have these bits."""
    return words.each(lambda vector: words.builder.bitcast(vector, ir.VectorType(NUMBER, words.kind.count)))


def multiply_add(a: Lanes, b: Any, c: Any) -> Lanes:
    """a b + c of float32 numbers, rounded once."""
    return _call("llvm.fma", a, b, c)


def square_root(numbers: Lanes) -> Lanes:
    """Square roots of float32 numbers, rounded once."""
    return _call("llvm.sqrt", numbers)


def _call(name: str, first: Lanes, *others: Any) -> Lanes:
    """A call of an intrinsic function of LLVM on float32 vectors."""
    builder, kind = first.builder, first.kind
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(kind, [kind] * (1 + len(others))),
        f"{name}.v{kind.count}{'f64' if kind.element == DOUBLE else 'f32'}",
    )
    return first.each(lambda *vectors: builder.call(function, vectors), *others)
