"""Per-walker functions as block kernels, for a user-defined landscape."""

from __future__ import annotations

from collections.abc import Callable

from langevin.kernels.compile import jitable


def lanewise(function: Callable[..., None]) -> Callable[..., None]:
    """Turn f(x, out, lane, parameters), which handles one walker, into a block kernel f(x, out, parameters).

    The function reads x[i, lane] and writes out[lane] (value) or out[i, lane] (gradient, residual), or
    out[a, i, lane] (Jacobian).

    Args:
        function: of one walker; it writes its result into `out`.
    """
    one = jitable(function)

    def block(x, out, parameters):
        for lane in range(x.shape[1]):
            one(x, out, lane, parameters)

    return block
