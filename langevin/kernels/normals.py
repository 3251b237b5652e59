"""Standard normals from Philox words, by a Box-Muller transform that LLVM turns into SIMD.

Box and Muller (1958), with logarithm, sine and cosine as polynomials in single precision (error
below 4e-7 of the radius, own minimax fits): a call of the C library would stay scalar and cost six times
as much. Only +, -, x, fused multiply-add, square root and integer operations are used, each rounded once, so
AVX-512, AVX2 and SSE2 builds give the same bits.

One addressing rule serves every use: the normal of walker w at step s for coordinate i is number
s * dim + i of the stream (seed, stream, w), and number j lies in group j // 4. The radius
has 31 bits, so the largest normal is sqrt(64 log 2) = 6.66 (a larger one has probability 3e-11).
"""

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.bits import multiply_add, split_power, with_sign
from langevin.kernels.philox import LOW, SHIFT, philox

ONE = np.uint64(1)
HALF = np.float32(0.5)
UNIT = np.float32(1.0)
TWO = np.float32(2.0)
RESOLUTION = np.float32(2.0**-31)
LOG_TWO = np.float32(0.6931471805599453)

# log(1 + f) = f - f^2/2 + f^3 q(f) for sqrt(1/2) <= 1 + f < sqrt(2)
Q0, Q1, Q2 = np.float32(0.33333517), np.float32(-0.250014228), np.float32(0.199761324)
Q3, Q4, Q5 = np.float32(-0.165779314), np.float32(0.147899553), np.float32(-0.14243064)
Q6 = np.float32(0.0901710876)
# sin(pi v / 2) = v S(v^2) and cos(pi v / 2) = C(v^2) for |v| <= 1
S0, S1, S2 = np.float32(1.57079632), np.float32(-0.645963761), np.float32(0.0796899269)
S3, S4 = np.float32(-0.00467415749), np.float32(0.000151678527)
C0, C1, C2 = np.float32(0.999999953), np.float32(-1.23369821), np.float32(0.253650745)
C3, C4 = np.float32(-0.0208106274), np.float32(0.000858190578)


#: Numbers served by one call of the generator.
GROUP = 4
#: Most lanes of a block. A constant length of the scratch rows tells the compiler that they do not overlap.
MAX_LANES = 256


@register_jitable(forceinline=True)
def fill_words(words, group, walkers, stream, key_0, key_1):
    """The four words of one group for each lane, in rows: two of radii (31 bits), two of angles (32 bits)."""
    low = group & LOW
    high = group >> SHIFT
    for lane in range(walkers.size):
        w0, w1, w2, w3 = philox(low, high, walkers[lane], stream, key_0, key_1)
        words[lane] = np.int32(w0 >> ONE)
        words[MAX_LANES + lane] = np.int32(w2 >> ONE)
        words[2 * MAX_LANES + lane] = np.int32(np.uint32(w1))
        words[3 * MAX_LANES + lane] = np.int32(np.uint32(w3))


@register_jitable(forceinline=True)
def box_muller(even, odd, radii, angles):
    """Two normals a lane, from 31 bits of radius and 32 of angle: half a turn, and its sign in the lowest bit."""
    for lane in range(even.size):
        mantissa, power = split_power((np.float32(radii[lane]) + HALF) * RESOLUTION)
        f = mantissa - UNIT
        q = multiply_add(f, multiply_add(f, Q6, Q5), Q4)
        q = multiply_add(f, multiply_add(f, multiply_add(f, multiply_add(f, q, Q3), Q2), Q1), Q0)
        remainder = multiply_add(f, q, -HALF)
        logarithm = multiply_add(power, LOG_TWO, multiply_add(f * f, remainder, f))
        word = angles[lane]
        radius = with_sign(np.sqrt(-TWO * logarithm), word)
        v = np.float32(word) * RESOLUTION
        u = v * v
        sine = multiply_add(u, multiply_add(u, multiply_add(u, multiply_add(u, S4, S3), S2), S1), S0)
        cosine = multiply_add(u, multiply_add(u, multiply_add(u, multiply_add(u, C4, C3), C2), C1), C0)
        even[lane] = radius * (v * sine)
        odd[lane] = radius * cosine


@register_jitable
def fill_normals(out, words, first_group, walkers, stream, key_0, key_1):
    """Fill `out` (rows, lanes) float32, rows a multiple of 4, with numbers 4 * first_group ... of each walker.

    `walkers` (lanes,) uint64 names the walker in each of at most MAX_LANES lanes; stream, key_0 and
    key_1 are 32-bit values in uint64; `words` (4 * MAX_LANES,) int32 is scratch.
    """
    radii_0, radii_1 = words[:MAX_LANES], words[MAX_LANES:]
    angles_0, angles_1 = words[2 * MAX_LANES :], words[3 * MAX_LANES :]
    for quad in range(out.shape[0] // 4):
        fill_words(words, np.uint64(first_group + quad), walkers, stream, key_0, key_1)
        box_muller(out[4 * quad], out[4 * quad + 1], radii_0, angles_0)
        box_muller(out[4 * quad + 2], out[4 * quad + 3], radii_1, angles_1)
