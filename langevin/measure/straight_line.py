"""A straight line through repeated measurements, and a test whether they are on a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from langevin.errors import UsageError, unfit
from langevin.types import FloatArray, Measurement


class Line(NamedTuple):
    """Slope of the least-squares line, and the p value of its lack of fit: 1 for two points, which always fit."""

    slope: Measurement
    p: float


def straight_line(x: Sequence[float], columns: Sequence[FloatArray], name: str = "slope") -> Line:
    """Fit y = a + b x to replicates y at each x, and test whether the means are on a straight line.

    The lack-of-fit F test compares the scatter of the means about the line with the scatter of the replicates about
    their means. Its p value is exact for normal replicates of equal variance (R. A. Fisher, J. R. Stat. Soc. 85 (1922)
    597; N. R. Draper and H. Smith, Applied Regression Analysis, 1998, section 2.1). The error of the slope comes from
    both scatters together. `mixed` of the slope is False if p is below 1 %.

    Args:
        x: Abscissae, at least two different ones.
        columns: The replicates at each x, (n,), finite; at least one x has more than one.
        name: Name of the slope.

    Raises:
        UsageError: the numbers of columns and abscissae differ, there is one abscissa only, or no x has replicates.
    """
    from scipy.special import fdtrc

    points, groups = np.asarray(x, dtype=float), [np.asarray(column, dtype=float) for column in columns]
    sizes = np.array([len(group) for group in groups])
    if len(points) != len(groups) or len(set(points.tolist())) < 2 or not sizes.all():
        raise unfit("a line", "needs replicates at each of two or more different abscissae", "")
    spread = float(sum(((group - group.mean()) ** 2).sum() for group in groups))
    if not (math.isfinite(spread) and spread > 0):
        raise UsageError(
            "the replicates do not show their scatter",
            "replicates that scatter",
            "give several, finite and not all alike",
        )
    means = np.array([group.mean() for group in groups])
    centred = points - np.average(points, weights=sizes)
    square = float(sizes @ centred**2)
    slope = float((sizes * centred) @ means) / square
    misfit = float(sizes @ (means - np.average(means, weights=sizes) - slope * centred) ** 2)
    free, pure = len(points) - 2, int(sizes.sum()) - len(points)
    p = float(fdtrc(free, pure, misfit / free * pure / spread)) if free else 1.0
    error = math.sqrt((misfit + spread) / (free + pure) / square)
    straight = p > 0.01
    note = "" if straight else f"the means are not on a line (p = {p:.2g})"
    return Line(Measurement(slope, error, int(sizes.sum()), name, straight, note), p)
