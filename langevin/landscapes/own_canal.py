"""Makes a canal with a user-defined stiffness profile, f = a(x) |y|^2 / 2."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from langevin.errors import unfit
from langevin.kernels.compile import jitable
from langevin.landscapes.squared_loss import gradient_of, value_of
from langevin.types import Facts, FloatArray, Kernel, Landscape, Profile
from langevin.types.landscape import OWN_CANAL

#: function(x, parameters): a function of a number that returns a number; it is compiled into the kernels.
Number = Callable[[float, Any], float]


def canal_with(
    profile: Number,
    slope: Number,
    transverse: int = 4,
    *,
    start: float = 0.0,
    parameters: tuple[Any, ...] = (),
    period: float | None = None,
    stiffness: float | None = None,
    name: str | None = None,
) -> Landscape:
    """Valley floor y = 0 in R^(1+m) with the residual r = sqrt(a(x)) y, for any profile a(x) > 0.

    Like `canal`, with a user-defined a: soft motion has the stationary distribution a^(-m/2) and the drift -(m
    theta / 2) a'/a. Walkers start at x = `start` with y from the local Gibbs distribution. `langevin check` tests
    whether `slope` is the derivative of `profile`.

    Args:
        profile: a(x, parameters), a function of a number that returns a number.
        slope: a'(x, parameters).
        transverse: number m of directions across the valley.
        start: the x at which walkers start.
        parameters: floats and float64 arrays that both functions receive.
        period: of the profile, if it has one.
        stiffness: the largest a(x) that walkers will meet; by default the largest over a period, or the value at the
            start.
        name: for tables and files. If absent, it is "own canal"; commands use the name of the factory.

    Raises:
        UsageError: there is no transverse direction, or the profile is not positive at a tested point.
    """

    def along(function: Number) -> Callable[[FloatArray], FloatArray]:
        return np.vectorize(lambda x: function(float(x), parameters), otypes=[np.float64])

    seen = along(profile)(start + (0.0 if period is None else period) * np.linspace(0.0, 1.0, 257))
    largest = float(seen.max()) if stiffness is None else stiffness
    if transverse < 1 or not (np.isfinite(seen) & (seen > 0.0)).all() or not 0.0 < largest < math.inf:
        raise unfit(
            "canal_with",
            "needs transverse >= 1, a finite profile and stiffness above 0",
            f"transverse={transverse}, "
            f"a profile from {seen.min():.3g} to {seen.max():.3g}, stiffness={largest:.3g}",
        )
    residual, jacobian = _kernels(profile, slope)
    return Landscape(
        name=name or OWN_CANAL,
        dim=1 + transverse,
        codim=transverse,
        parameters=parameters,
        start=_start(start, float(seen[0])),
        stiffness=lambda temperature: largest,
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, transverse),
        gradient=gradient_of(residual, jacobian, transverse),
        samples=transverse,
        dials={"transverse": transverse, "start": start},
        facts=Facts(profile=Profile(along(profile), along(slope), period)),
    )


def _start(x: float, stiffness: float) -> Any:
    def start(uniforms: FloatArray, temperature: float) -> FloatArray:
        from scipy.special import ndtri

        states: FloatArray = math.sqrt(temperature / stiffness) * ndtri(uniforms)
        states[:, 0] = x
        return states

    return start


def _kernels(profile: Number, slope: Number) -> tuple[Kernel, Kernel]:
    height, steepness = jitable(profile), jitable(slope)

    def residual(x, out, parameters):
        """r_j = sqrt(a(x)) y_j."""
        for lane in range(x.shape[1]):
            root = np.sqrt(height(x[0, lane], parameters))
            for j in range(1, x.shape[0]):
                out[j - 1, lane] = root * x[j, lane]

    def jacobian(x, out, parameters):
        """dr_j/dx = a'(x) y_j / (2 sqrt(a)) and dr_j/dy_i = sqrt(a) delta_ij."""
        for lane in range(x.shape[1]):
            root = np.sqrt(height(x[0, lane], parameters))
            pull = 0.5 * steepness(x[0, lane], parameters) / root
            for j in range(1, x.shape[0]):
                for i in range(1, x.shape[0]):
                    out[j - 1, i, lane] = 0.0
                out[j - 1, j, lane] = root
                out[j - 1, 0, lane] = pull * x[j, lane]

    return residual, jacobian
