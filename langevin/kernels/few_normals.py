"""The normals of `normals.fill_normals` for one walker or a few: a vector holds numbers of many groups of each walker.

With one walker in each lane, most lanes of the vectors would be empty. The numbers have the same addresses, and so the
same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload
from numba.np.arrayobj import make_array

from langevin.kernels import lanes
from langevin.kernels.box_muller import box_muller
from langevin.kernels.lanes import LONG, NUMBER, WORD, Lanes
from langevin.kernels.normals import GROUP, fill_normals
from langevin.kernels.streams import LOW, SHIFT, philox

#: Number of integers in a vector, and number of vectors for which instructions are interleaved.
COUNT, VECTORS = 8, 2
SIZE = COUNT * VECTORS
#: Number of turns whose words are drawn before the first is transformed, as in `normals`.
TURNS = 8


def whole_rows(width: int) -> int:
    """Rows of `width` lanes that one turn fills."""
    return GROUP * SIZE // width


@cache
def few_normals(width: int) -> Callable[..., None]:
    """The function `fill`, with the arguments of `fill_normals`, for `width` walkers: 1, 2, 4 or 8.

    The rows of `out` are a multiple of `whole_rows(width)`.
    """

    def fill(out, first_group, walkers, stream, key_0, key_1):
        if out.shape[1] != width or out.shape[0] % whole_rows(width):
            raise IndexError(
                f"{whole_rows(width)} rows of {width} lanes are filled at a time, not {out.shape}"
            )
        fill_normals(out, first_group, walkers, stream, key_0, key_1)

    few = _intrinsic(width)

    @overload(fill)
    def _overload(out, first_group, walkers, stream, key_0, key_1):
        return lambda out, first_group, walkers, stream, key_0, key_1: few(
            out, first_group, walkers, stream, key_0, key_1
        )

    return fill


def _intrinsic(width: int) -> Any:
    @intrinsic
    def few(
        typing_context: Any, out: Any, group: Any, walkers: Any, stream: Any, key_0: Any, key_1: Any
    ) -> Any:
        lanes.contiguous(out, types.float32)
        lanes.contiguous(walkers, types.uint64)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            rows = make_array(signature.args[0])(context, builder, arguments[0])
            names = make_array(signature.args[2])(context, builder, arguments[2])
            height, _ = cgutils.unpack_tuple(builder, rows.shape)
            numbers = arguments[1], *arguments[3:]
            builder.call(_function(builder.module, width), (rows.data, height, names.data, *numbers))
            return context.get_dummy_value()

        long = types.uint64
        return types.none(out, long, walkers, long, long, long), generate

    return few


def _function(module: ir.Module, width: int) -> ir.Function:
    """`fill(out, rows, walkers, first_group, stream, key_0, key_1)`."""

    def write(builder: ir.IRBuilder, out: Any, rows: Any, names: Any, first: Any, *numbers: Any) -> None:
        words = cgutils.alloca_once(builder, WORD, size=TURNS * GROUP * SIZE)
        words.align = 64
        walkers = _repeated(lanes.load(builder, names, width))
        turns = builder.sdiv(rows, LONG(whole_rows(width)))
        with cgutils.for_range_slice(builder, LONG(0), turns, LONG(TURNS), intp=LONG) as (begin, _):
            left = builder.sub(turns, begin)
            now = builder.select(builder.icmp_signed("<", left, LONG(TURNS)), left, LONG(TURNS))
            group = builder.add(first, builder.mul(begin, LONG(SIZE // width)))
            _draw(builder, words, now, walkers, group, width, numbers)
            _transform(builder, words, now, builder.gep(out, [builder.mul(begin, LONG(GROUP * SIZE))]), width)

    arguments = NUMBER.as_pointer(), LONG, LONG.as_pointer(), LONG, LONG, LONG, LONG
    return lanes.function(module, f"few_normals_{width}", arguments, write)


def _repeated(few: Lanes) -> Lanes:
    """A full vector that repeats the lanes of a short vector."""
    builder, (vector,), width = few.builder, few.vectors, few.kind.count
    order = ir.Constant(ir.VectorType(WORD, COUNT), [lane % width for lane in range(COUNT)])
    return Lanes(builder, [builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), order)])


def _draw(
    builder: ir.IRBuilder, words: Any, turns: Any, walkers: Lanes, first: Any, width: int, numbers: Any
) -> None:
    """Draw the words of some turns, four vectors each: lane j is walker j % width, in group j // width of its turn."""
    groups = SIZE // width
    stream, key_0, key_1 = (lanes.spread(builder, number, COUNT) for number in numbers)
    ahead = [[(COUNT * vector + lane) // width for lane in range(COUNT)] for vector in range(VECTORS)]
    kind = ir.VectorType(LONG, COUNT)
    with cgutils.for_range(builder, turns, intp=LONG) as loop:
        begin = lanes.spread(builder, builder.add(first, builder.mul(loop.index, LONG(groups))), COUNT)
        group = Lanes(builder, [builder.add(begin.vectors[0], ir.Constant(kind, places)) for places in ahead])
        drawn = philox(group & LOW, group >> SHIFT, walkers, stream, key_0, key_1)
        for place, word in enumerate(drawn):
            index = builder.add(builder.mul(loop.index, LONG(GROUP)), LONG(place))
            lanes.store(lanes.low_words(word), builder.gep(words, [builder.mul(index, LONG(SIZE))]))


def _transform(builder: ir.IRBuilder, words: Any, turns: Any, out: Any, width: int) -> None:
    """Transform the words to normals, in the order of the rows."""
    with cgutils.for_range(builder, turns, intp=LONG) as loop:
        begin = builder.mul(loop.index, LONG(GROUP * SIZE))
        place = builder.gep(words, [begin])
        drawn = [
            lanes.load(builder, builder.gep(place, [LONG(number * SIZE)]), SIZE) for number in range(GROUP)
        ]
        first, second = box_muller(lanes, *drawn[:2]), box_muller(lanes, *drawn[2:])
        rows = _woven(_woven(*first, width), _woven(*second, width), 2 * width)
        lanes.store(rows, builder.gep(out, [begin]))


def _woven(first: Lanes, second: Lanes, width: int) -> Lanes:
    """Interleave the two: `width` lanes of the first, `width` lanes of the second, and so on."""
    builder, count = first.builder, first.kind.count
    order = [
        lane + start
        for begin in range(0, count, width)
        for start in (0, count)
        for lane in range(begin, begin + width)
    ]
    halves = [ir.Constant(ir.VectorType(WORD, count), order[begin : begin + count]) for begin in (0, count)]
    return Lanes(
        builder,
        [
            builder.shuffle_vector(one, other, half)
            for one, other in zip(first.vectors, second.vectors)
            for half in halves
        ],
    )
