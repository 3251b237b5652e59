"""What the checks of a landscape share: their result, and a kernel's slopes by finite differences."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from langevin.types import FloatArray, Kernel, Parameters

#: How far points and moves go, against the size of the places where walkers start.
SPREAD = 0.1
#: Error of a central difference with the step eps^(1/3): of order eps^(2/3) = 4e-11, times derivatives.
TOLERANCE = 1e-6
DIFFERENCE = float(np.finfo(np.float64).eps ** (1.0 / 3.0))


class Finding(NamedTuple):
    """One contract: did it hold, and what was seen."""

    name: str
    passed: bool
    detail: str


def call(kernel: Kernel, x: FloatArray, shape: tuple[int, ...], parameters: Parameters) -> FloatArray:
    """What a kernel answers at x (dim, lanes), run as plain Python; entries that it does not write are nan."""
    out = np.full((*shape, x.shape[1]), np.nan)
    kernel(x.copy(), out, parameters)
    return out


def differences(kernel: Kernel, x: FloatArray, shape: tuple[int, ...], parameters: Parameters) -> FloatArray:
    """Central differences of a kernel, (*shape, dim, lanes)."""
    slopes = np.empty((*shape, *x.shape))
    for i in range(x.shape[0]):
        step = DIFFERENCE * (1.0 + np.abs(x[i]))
        ahead, behind = x.copy(), x.copy()
        ahead[i] += step
        behind[i] -= step
        rise = call(kernel, ahead, shape, parameters) - call(kernel, behind, shape, parameters)
        slopes[..., i, :] = rise / (ahead[i] - behind[i])
    return slopes


def agreement(name: str, given: FloatArray, numeric: FloatArray) -> Finding:
    """Whether derivatives are those of finite differences; the detail names the worst component."""
    if not np.isfinite(given).all():
        return Finding(name, False, "some entries were not written, or are not finite")
    scale = float(np.abs(numeric).max()) + float(np.abs(given).max()) + 1e-300
    error = np.abs(given - numeric) / scale
    worst = np.unravel_index(int(np.argmax(error)), error.shape)
    size = float(error[worst])
    place = ", ".join(str(int(index)) for index in worst[:-1])
    if size <= TOLERANCE:
        return Finding(name, True, f"relative difference {size:.1e} from finite differences")
    return Finding(
        name,
        False,
        f"component ({place}) is {given[worst]:.6g}, finite differences give {numeric[worst]:.6g}",
    )
