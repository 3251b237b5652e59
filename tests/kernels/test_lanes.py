"""Formulas over lanes: as vector instructions they give the same bits as on NumPy arrays."""

import numba
import numpy as np
import pytest
from numba import types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from langevin.kernels import arrays, lanes
from langevin.kernels.compile import OPTIONS

COUNT = 8
KINDS = {
    "long": (np.uint64, lanes.LONG),
    "word": (np.int32, lanes.WORD),
    "number": (np.float32, lanes.NUMBER),
    "double": (np.float64, lanes.DOUBLE),
}
FORMULAS = {
    "long": {
        "sum": lambda do, a, b: a + b,
        "product": lambda do, a, b: np.uint64(0xD2511F53) * a * b,
        "bits": lambda do, a, b: (a & b) ^ (a | np.uint64(5)),
        "left": lambda do, a, b: a << np.uint64(7),
        "right": lambda do, a, b: a >> np.uint64(7),
        "upper": lambda do, a, b: a >> np.uint64(32),
    },
    "word": {
        "difference": lambda do, a, b: a - b,
        "signed": lambda do, a, b: a >> np.int32(3),
        "left": lambda do, a, b: a << np.int32(31),
        "back": lambda do, a, b: do.as_word(do.as_number(a)) ^ b,
    },
    "number": {
        "arithmetic": lambda do, a, b: np.float32(-2.0) * a * b + a - b,
        "once": lambda do, a, b: do.multiply_add(a, b, np.float32(0.5)),
        "root": lambda do, a, b: do.square_root(a * a),
        "whole": lambda do, a, b: do.number(do.as_word(a)),
    },
    "double": {"arithmetic": lambda do, a, b: a * b + a - b},
}
CASES = [(kind, name) for kind, formulas in FORMULAS.items() for name in formulas]


def compiled(formula, kind, vectors):
    """The formula of two rows, compiled with `vectors` vectors at a time."""

    @intrinsic
    def write(typing_context, out, left, right):
        def generate(context, builder, signature, arguments):
            out, *rows = (
                make_array(kind)(context, builder, item).data for kind, item in zip(signature.args, arguments)
            )
            read = [lanes.load(builder, row, COUNT, vectors) for row in rows]
            lanes.store(formula(lanes, *read), out)
            return context.get_dummy_value()

        return types.none(out, left, right), generate

    return numba.njit(lambda out, left, right: write(out, left, right), **OPTIONS)


def rows(kind, size):
    """Two rows of random bits, or of numbers of all sizes for which a product of two does not overflow."""
    generator = np.random.default_rng(3)
    plain = KINDS[kind][0]
    if np.issubdtype(plain, np.integer):
        bounds = np.iinfo(plain)
        return generator.integers(bounds.min, bounds.max, (2, size), plain, endpoint=True)
    return (generator.standard_normal((2, size)) * 10.0 ** generator.integers(-15, 15, (2, size))).astype(
        plain
    )


@pytest.mark.parametrize("vectors", [1, 2])
@pytest.mark.parametrize(("kind", "name"), CASES)
def test_bits_are_those_of_arrays(kind, name, vectors):
    left, right = rows(kind, COUNT * vectors)
    expected = FORMULAS[kind][name](arrays, left, right)
    out = np.empty_like(expected)
    compiled(FORMULAS[kind][name], kind, vectors)(out, left, right)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("vectors", [1, 2])
def test_lower_words_of_all_vectors_stand_in_one(vectors):
    left, right = rows("long", COUNT * vectors)
    out = np.empty(COUNT * vectors, np.int32)
    compiled(lambda do, a, b: do.low_words(a), "long", vectors)(out, left, right)
    np.testing.assert_array_equal(out, arrays.low_words(left))
