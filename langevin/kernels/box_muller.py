"""Two standard normals from two random words, by the transform of Box and Muller (1958).

Logarithm, sine and cosine are polynomials in single precision (error below 4e-7 of the radius, minimax fits computed
for this project): calls of the C library are scalar and take six times as long. Only +, -, x, fused multiply-add,
square root and integer operations are used. The argument `do` is the module with the functions for the type of the
words: NumPy arrays (`arrays`), vectors in registers (`lanes`), traced arrays of JAX (`langevin.sgld.traced_arrays`).

The radius has 31 bits, so the largest normal is sqrt(64 log 2) = 6.66 (a larger one has probability 3e-11).
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

HALF, UNIT, TWO = np.float32(0.5), np.float32(1.0), np.float32(2.0)
RESOLUTION = np.float32(2.0**-31)
LOG_TWO = np.float32(0.6931471805599453)
POSITIVE = np.int32(0x7FFFFFFF)
MANTISSA_BITS = np.int32(23)
ROOT_HALF_BITS = np.int32(0x3F3504F3)

# log(1 + f) = f - f^2/2 + f^3 q(f) for sqrt(1/2) <= 1 + f < sqrt(2), highest power first
Q = np.array(
    [0.0901710876, -0.14243064, 0.147899553, -0.165779314, 0.199761324, -0.250014228, 0.33333517], np.float32
)
# sin(pi v / 2) = v S(v^2) and cos(pi v / 2) = C(v^2) for |v| <= 1, highest power first
S = np.array([0.000151678527, -0.00467415749, 0.0796899269, -0.645963761, 1.57079632], np.float32)
C = np.array([0.000858190578, -0.0208106274, 0.253650745, -1.23369821, 0.999999953], np.float32)


def box_muller(do: ModuleType, radius_word: Any, angle_word: Any) -> tuple[Any, Any]:
    """Two normals from two int32 words.

    31 bits of `radius_word` give the radius. `angle_word` gives an angle within half a turn, and its lowest bit the
    sign. `do` is the module with the functions for this type of words.
    """
    uniform = do.multiply_add(do.number(radius_word >> np.int32(1) & POSITIVE), RESOLUTION, HALF * RESOLUTION)
    mantissa, power = split_power(do, uniform)
    f = mantissa - UNIT
    remainder = do.multiply_add(f, polynomial(do, f, Q), -HALF)
    logarithm = do.multiply_add(power, LOG_TWO, do.multiply_add(f * f, remainder, f))
    radius = do.as_word(do.square_root(-TWO * logarithm)) | (angle_word << np.int32(31))
    signed = do.as_number(radius)
    v = do.number(angle_word) * RESOLUTION
    u = v * v
    return signed * (v * polynomial(do, u, S)), signed * polynomial(do, u, C)


def split_power(do: ModuleType, number: Any) -> tuple[Any, Any]:
    """The pair (m, e), both float32, with number = m 2^e and sqrt(1/2) <= m < sqrt(2), for numbers above 0."""
    bits = do.as_word(number)
    exponent = (bits - ROOT_HALF_BITS) >> MANTISSA_BITS
    return do.as_number(bits - (exponent << MANTISSA_BITS)), do.number(exponent)


def polynomial(do: ModuleType, variable: Any, coefficients: Any) -> Any:
    """The value of a polynomial by Horner's rule; the coefficient of the highest power comes first."""
    total = coefficients[0]
    for coefficient in coefficients[1:]:
        total = do.multiply_add(variable, total, coefficient)
    return total
