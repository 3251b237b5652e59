"""Standard normals from Philox words, by a Box-Muller transform in vector instructions.

Every operation is rounded once, so AVX-512, AVX2 and SSE2 builds give the same bits.

One addressing rule serves every use: the normal of walker w at step s for coordinate i is number
s * dim + i of the stream (seed, stream, w), and number j lies in group j // 4.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload
from numba.np.arrayobj import make_array

from langevin.kernels import arrays, lanes
from langevin.kernels.box_muller import box_muller
from langevin.kernels.lanes import LONG, NUMBER, WORD
from langevin.kernels.streams import LOW, SHIFT, philox

#: How many numbers one call of the generator gives.
GROUP = 4
#: Largest number of lanes of a block.
MAX_LANES = 512
#: Shapes (lanes, vectors) of a turn, as vectors of integers: two vectors of eight at a time; other lanes one by one.
TURNS = (8, 2), (1, 1)
#: Number of groups whose words are drawn before the first is transformed: both loops then keep constants in registers.
GROUPS = 8


def fill_normals(out, first_group, walkers, stream, key_0, key_1):
    """Fill `out` (rows, lanes) float32, rows a multiple of 4, with numbers 4 * first_group ... of each walker.

    `walkers` (lanes,) uint64 has the number of the walker in each lane; stream, key_0 and key_1 are 32-bit values in
    uint64.
    """
    for quad in range(out.shape[0] // GROUP):
        group = np.uint64(first_group + quad)
        drawn = philox(group & LOW, group >> SHIFT, walkers, stream, key_0, key_1)
        words = [arrays.low_words(word) for word in drawn]
        out[4 * quad], out[4 * quad + 1] = box_muller(arrays, words[0], words[1])
        out[4 * quad + 2], out[4 * quad + 3] = box_muller(arrays, words[2], words[3])


@overload(fill_normals)
def _fill_normals_overload(out, first_group, walkers, stream, key_0, key_1):
    return lambda out, first_group, walkers, stream, key_0, key_1: _fill(
        out, np.uint64(first_group), walkers, stream, key_0, key_1
    )


@intrinsic
def _fill(
    typing_context: Any, out: Any, group: Any, walkers: Any, stream: Any, key_0: Any, key_1: Any
) -> Any:
    lanes.contiguous(out, types.float32)
    lanes.contiguous(walkers, types.uint64)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        rows = make_array(signature.args[0])(context, builder, arguments[0])
        names = make_array(signature.args[2])(context, builder, arguments[2])
        height, width = cgutils.unpack_tuple(builder, rows.shape)
        numbers = arguments[1], *arguments[3:]
        builder.call(_function(builder.module), (rows.data, height, width, names.data, *numbers))
        return context.get_dummy_value()

    long = types.uint64
    return types.none(out, long, walkers, long, long, long), generate


def _function(module: ir.Module) -> ir.Function:
    """`fill_normals(out, rows, lanes, walkers, first_group, stream, key_0, key_1)`."""
    arguments = NUMBER.as_pointer(), LONG, LONG, LONG.as_pointer(), LONG, LONG, LONG, LONG
    return lanes.function(module, "fill_normals", arguments, _write)


def _write(builder: ir.IRBuilder, out: Any, rows: Any, width: Any, names: Any, *numbers: Any) -> None:
    words = cgutils.alloca_once(builder, WORD, size=GROUPS * GROUP * TURNS[0][0] * TURNS[0][1])
    words.align = 64
    quads = builder.sdiv(rows, LONG(GROUP))
    for lane, (count, vectors) in lanes.turns(builder, width, TURNS):
        walkers = lanes.load(builder, builder.gep(names, [lane]), count, vectors)
        with cgutils.for_range_slice(builder, LONG(0), quads, LONG(GROUPS), intp=LONG) as (first, _):
            left = builder.sub(quads, first)
            now = builder.select(builder.icmp_signed("<", left, LONG(GROUPS)), left, LONG(GROUPS))
            _draw(builder, words, now, walkers, builder.add(numbers[0], first), numbers[1:])
            top = builder.add(builder.mul(builder.mul(first, LONG(GROUP)), width), lane)
            _transform(builder, words, now, count * vectors, builder.gep(out, [top]), width)


def _draw(
    builder: ir.IRBuilder, words: ir.Value, groups: ir.Value, walkers: Any, first: ir.Value, numbers: Any
) -> None:
    """Draw the words of a few groups, four vectors each.

    There are two parts: groups before the upper word of the group number changes, and groups after it (usually none).
    Within a part, the first factor of the second of the ten rounds is the same for all groups, and is computed once.
    """
    count = walkers.kind.count
    size = count * len(walkers.vectors)
    stream, key_0, key_1 = (lanes.spread(builder, number, count) for number in numbers)
    low_bits, shift = LONG(int(LOW)), LONG(int(SHIFT))
    room = builder.sub(LONG(1 << int(SHIFT)), builder.and_(first, low_bits))
    cut = builder.select(builder.icmp_signed("<", room, groups), room, groups)
    with cgutils.for_range(builder, LONG(2), intp=LONG) as part:
        second = builder.icmp_signed(">", part.index, LONG(0))
        begin = builder.select(second, cut, LONG(0))
        end = builder.select(second, groups, cut)
        start = builder.add(first, begin)
        high = lanes.spread(builder, builder.lshr(start, shift), count)
        low = builder.and_(start, low_bits)
        with cgutils.for_range(builder, builder.sub(end, begin), intp=LONG) as loop:
            group = lanes.spread(builder, builder.add(low, loop.index), count)
            for place, word in enumerate(philox(group, high, walkers, stream, key_0, key_1)):
                index = builder.add(builder.mul(builder.add(begin, loop.index), LONG(GROUP)), LONG(place))
                lanes.store(lanes.low_words(word), builder.gep(words, [builder.mul(index, LONG(size))]))


def _transform(
    builder: ir.IRBuilder, words: ir.Value, groups: ir.Value, size: int, out: ir.Value, width: ir.Value
) -> None:
    """Transform the words to normals, two rows for each pair of vectors."""
    with cgutils.for_range(builder, builder.mul(groups, LONG(2)), intp=LONG) as loop:
        place = builder.gep(words, [builder.mul(loop.index, LONG(2 * size))])
        radius_word = lanes.load(builder, place, size)
        angle_word = lanes.load(builder, builder.gep(place, [LONG(size)]), size)
        even, odd = box_muller(lanes, radius_word, angle_word)
        row = builder.gep(out, [builder.mul(builder.mul(loop.index, LONG(2)), width)])
        lanes.store(even, row)
        lanes.store(odd, builder.gep(row, [width]))
