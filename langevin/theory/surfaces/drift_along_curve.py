"""The drift along a closed curve as a function of the distance along it, and the mean displacement that it causes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from langevin.errors import unfit
from langevin.theory.drift.valley import Profile
from langevin.theory.surfaces.curve import SurfaceCurve
from langevin.theory.surfaces.displacement_curves import NAMES, displacement_curves
from langevin.theory.surfaces.laws import SurfaceLaw, law_of, rivals_of
from langevin.theory.surfaces.stationary import TIGHT, looseness
from langevin.types import Curve, Prediction, StepLaw

#: Relative accuracy of positions on a traced curve, over its length.
RESOLUTION = 1e-6


def curve_drift(curve: SurfaceCurve, law: SurfaceLaw, temperature: float) -> Profile:
    """Drift -theta dPhi/ds over the distance s along a closed curve, array to array, periodic in its length.

    Args:
        curve: a closed curve.
        law: law of the motion.
        temperature: theta.

    Raises:
        UsageError: the curve is not closed, the temperature is not positive, or as the potential of the law.
    """
    from scipy.interpolate import CubicSpline

    if not (curve.closed and 0 < temperature < np.inf):
        raise unfit("curve_drift", "needs a closed curve and a temperature above 0", "")
    levels = law.potential(curve.curvatures)
    arcs = np.append(curve.arcs, curve.length)
    slope = CubicSpline(arcs, np.append(levels, levels[0]), bc_type="periodic").derivative()
    return lambda s: -temperature * slope(np.asarray(s) % curve.length)


def curve_drift_curves(
    curve: SurfaceCurve, temperature: float, dt: float, start: float, step: StepLaw
) -> list[Curve]:
    """Mean displacement along a closed curve over time, by the law of a step and by rival laws (`drift_curves`).

    Args:
        curve: a closed curve.
        temperature: theta; for label noise half of learning rate times label variance.
        dt: step.
        start: distance along the curve at which all walkers start.
        step: law of the motion.

    Raises:
        UsageError: as `curve_drift`, or the step is unstable.
    """
    laws = {
        NAMES.get(name, name): curve_drift(curve, law_of(law, dt), temperature)
        for name, law in rivals_of(step).items()
    }
    softest = curve.curvatures[:, 0]
    loose = looseness(curve, temperature * softest ** (step.exponent - 1)) if step.across else 0.0
    validity = f"looseness {loose:.2g} <= {TIGHT:g}" if step.across else "time step small"
    flows = step.across and step.heat == 0
    still = (lambda s: np.interp(s, curve.arcs, softest, period=curve.length)) if flows else None
    heat = temperature * step.heat
    found = displacement_curves(laws, heat, start, curve.length, loose <= TIGHT, validity, still)
    return [replace(law, predict=partial(_resolved, law, RESOLUTION * curve.length)) for law in found]


def _resolved(law: Curve, resolution: float, time: float) -> Prediction:
    """The prediction; its remainder is at least the error of positions on the curve."""
    answer = law.predict(time)
    return replace(answer, remainder=answer.remainder + resolution)
