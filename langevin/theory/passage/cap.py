"""Mean time of Brownian motion on a sphere to reach a cap."""

from __future__ import annotations

import math

from langevin.errors import unfit
from langevin.types import Prediction


def cap_passage_time(
    dim: int, radius: float, angle: float, start: float, temperature: float = 1.0
) -> Prediction:
    """Mean time from the angle `start` to the cap of half-angle `angle` on the sphere |x| = radius in R^dim.

    T = (R^2 / theta) int_angle^start sin^(2-d)(u) int_u^pi sin^(d-2)(v) dv du, the solution of theta Lap T = -1 that
    depends only on the angle. In three dimensions it is 2 (R^2 / theta) log(sin(start / 2) / sin(angle / 2)). The inner
    integral is an incomplete beta function.

    Args:
        dim: d, the dimension of the ambient space, at least 2.
        radius: R.
        angle: angle from the middle of the cap to its border, above 0 and below pi.
        start: angle from the middle of the cap to the start, at most pi; inside the cap the time is 0.
        temperature: theta of dX = sqrt(2 theta) dW along the sphere.

    Raises:
        UsageError: a number is out of range.
    """
    from scipy.integrate import quad
    from scipy.special import beta, betainc

    if dim < 2 or not (0.0 < angle < math.pi and 0.0 <= start <= math.pi and radius > 0 and temperature > 0):
        raise unfit(
            "cap_passage_time",
            "needs dim >= 2, 0 < angle < pi, 0 <= start <= pi, radius and temperature above 0",
            f"{dim}, {angle}, {start}, {radius}, {temperature}",
        )
    unit, half = radius**2 / temperature, (dim - 1) / 2
    if start <= angle:
        return Prediction(0.0)
    if dim == 3:
        return Prediction(2.0 * unit * math.log(math.sin(start / 2) / math.sin(angle / 2)))

    def rest(u: float) -> float:
        """The integral of sin^(d-2) from u to pi."""
        return float(beta(half, half) * betainc(half, half, math.cos(u / 2) ** 2)) * 2.0 ** (dim - 2)

    value, error = quad(lambda u: rest(u) * math.sin(u) ** (2 - dim), angle, start, limit=200)
    return Prediction(unit * value, unit * (error + 1e-12 * value))
