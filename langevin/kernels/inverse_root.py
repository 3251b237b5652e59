"""1 / sqrt(q) in double precision, from a guess at its bits and two polynomial steps."""

from numba.extending import register_jitable

from langevin.kernels.bits import root_guess

# y (A0 + A1 e + A2 e^2 + A3 e^3) with e = 1 - q y^2 for the guess y: 1 / sqrt(q) to 4.2e-7 (own minimax fit)
A0, A1, A2, A3 = 0.99384513, 0.45262832, 0.22654238, 0.06136245


@register_jitable(forceinline=True)
def inverse_root(q):
    """1 / sqrt(q) for 1e-300 < q < 1e300, to three units in the last place.

    The second step is the series of (1 - e)^(-1/2) to e^2, which cubes the error. Square root and division would
    take half of a step in two dimensions.
    """
    y = root_guess(q)
    e = 1.0 - q * y * y
    y = y * (A0 + e * (A1 + e * (A2 + e * A3)))
    e = 1.0 - q * y * y
    return y + y * e * (0.5 + 0.375 * e)
