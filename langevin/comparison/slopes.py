"""How steeply a positive quantity changes from one point to the next: differences of logarithms.

An asymptotic law often has the right slope with an unknown prefactor; then log T(k) - log T(k + 1) is what it
predicts. Neighbouring differences share the measurement at k + 1, with opposite signs, so they are correlated
(by -1/2 for equal errors): do not average them as if they were independent. The family-wise level of
`compare_all` holds under any such dependence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from langevin.errors import UsageError, unfit
from langevin.measure.interval import log_of
from langevin.measure.walkers import joined
from langevin.types import Curve, Measurement, Prediction


def neighbour_differences(
    points: Sequence[float], measurements: Sequence[Measurement]
) -> tuple[list[float], list[Measurement]]:
    """Differences log T(k) - log T(next k) at every point k but the last, errors added in quadrature.

    Compare them with `yardstick=1`: a difference of logarithms is already relative.

    Args:
        points: Rising.
        measurements: Positive, one a point.

    Raises:
        UsageError: fewer than two points, points that do not rise, or a measurement that has no logarithm.
    """
    _check(points)
    if len(points) != len(measurements):
        raise UsageError(
            f"{len(points)} points but {len(measurements)} measurements",
            "as many measurements as points",
            "give one a point",
        )
    logs = [log_of(measurement) for measurement in measurements]
    differences = [
        Measurement(
            value=left.value - right.value,
            error=math.hypot(left.error, right.error),
            n=min(left.n, right.n),
            estimator="difference of neighbouring logs",
            mixed=left.mixed and right.mixed,
            note=joined(left.note, right.note),
        )
        for left, right in pairwise(logs)
    ]
    return list(points[:-1]), differences


def difference_curve(curve: Curve, points: Sequence[float]) -> Curve:
    """The same difference as a theory predicts it, from a point to the next of `points`.

    In range where the curve is, and positive, at both points; the relative remainders of both add up.

    Raises:
        UsageError: fewer than two points, or points that do not rise.
    """
    _check(points)
    following = dict(pairwise(points))

    def predict(point: float) -> Prediction:
        pair = curve.predict(point), curve.predict(following[point])
        if not all(end.in_range and end.value > 0 for end in pair):
            return Prediction(math.nan, 0.0, False)
        remainder = sum(end.remainder / end.value for end in pair)
        return Prediction(math.log(pair[0].value / pair[1].value), remainder)

    return Curve(f"{curve.name}, slope", predict, curve.validity, curve.reference)


def _check(points: Sequence[float]) -> None:
    if len(points) < 2 or any(left >= right for left, right in pairwise(points)):
        raise unfit("slopes", "need at least two points, in rising order", "")
