"""The drift along a closed curve, as a function of the distance along it, and the mean displacement that it makes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from langevin.errors import UsageError
from langevin.theory.drift import Profile
from langevin.theory.drift_curves import displacement_curves
from langevin.theory.surface_curve import SurfaceCurve
from langevin.theory.surface_laws import SurfaceLaw, noise_law, projection_law
from langevin.theory.surface_stationary import TIGHT, looseness
from langevin.types import Curve, Prediction

#: Positions on a traced curve are known to this share of its length.
RESOLUTION = 1e-6


def curve_drift(curve: SurfaceCurve, law: SurfaceLaw, temperature: float) -> Profile:
    """Drift -theta dPhi/ds over the distance s along a closed curve, array to array, periodic in its length.

    Raises:
        UsageError: a curve that is not closed, a temperature that is not positive, or as the law's potential.
    """
    from scipy.interpolate import CubicSpline

    if not (curve.closed and 0 < temperature < np.inf):
        raise UsageError("curve_drift needs a closed curve and a temperature above 0")
    levels = law.potential(curve.curvatures)
    arcs = np.append(curve.arcs, curve.length)
    slope = CubicSpline(arcs, np.append(levels, levels[0]), bc_type="periodic").derivative()
    return lambda s: -temperature * slope(np.asarray(s) % curve.length)


def curve_drift_curves(
    curve: SurfaceCurve, temperature: float, dt: float, start: float, dynamics: str
) -> list[Curve]:
    """Mean displacement along a closed curve over time, by the four rival laws of `drift_curves`.

    Args:
        curve: closed.
        temperature: theta; for label noise half of learning rate times label variance.
        dt: step of soft Euler-Maruyama or label noise, 0 for other steps.
        start: distance along the curve at which all walkers start.
        dynamics: `soft`, `projected` or `label-noise`.

    Raises:
        UsageError: as `curve_drift`, another dynamics, or dt x stiffness >= 2.
    """
    if dynamics not in ("soft", "projected", "label-noise"):
        raise UsageError(
            f"dynamics must be soft, projected or label-noise for the laws of drift, got {dynamics!r}"
        )
    step = 0.0 if dynamics == "projected" else dt
    potentials = {
        "log-det": noise_law(0.0, 1.0, step),
        "none": projection_law(0.0),
        "double log-det": projection_law(2.0),
        "trace": noise_law(1.0, 0.0, step),
    }
    laws = {name: curve_drift(curve, law, temperature) for name, law in potentials.items()}
    softest = curve.curvatures[:, 0]
    noisy_labels = dynamics == "label-noise"
    across = temperature / softest if dynamics == "soft" else temperature * np.ones(len(softest))
    loose = 0.0 if dynamics == "projected" else looseness(curve, across)
    validity = "time step small" if dynamics == "projected" else f"looseness {loose:.2g} <= {TIGHT:g}"
    still = (lambda s: np.interp(s, curve.arcs, softest, period=curve.length)) if noisy_labels else None
    found = displacement_curves(laws, temperature, start, curve.length, loose <= TIGHT, validity, still)
    return [replace(law, predict=partial(_resolved, law, RESOLUTION * curve.length)) for law in found]


def _resolved(law: Curve, resolution: float, time: float) -> Prediction:
    """The prediction, known to no better than positions on the curve are."""
    answer = law.predict(time)
    return replace(answer, remainder=answer.remainder + resolution)
