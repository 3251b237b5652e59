"""The laws of drift as curves of the mean displacement over time."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import UsageError
from langevin.theory.drift import Profile, double_drift, log_det_drift, mean_displacement, trace_drift
from langevin.types import Curve, Prediction

#: Soft motion is stiff where the relaxation rate a is this many times theta (a'/a)^2.
STIFFNESS_RATIO = 20.0


def is_stiff(profile: Profile, slope: Profile, temperature: float, period: float) -> bool:
    """Whether relaxation across the valley is 20 times faster than motion along it, all over a period."""
    x = np.linspace(0, period, 400, endpoint=False)
    stiffness = profile(x)
    return bool(np.min(stiffness) >= STIFFNESS_RATIO * temperature * np.max((slope(x) / stiffness) ** 2))


def drift_curves(
    profile: Profile,
    slope: Profile,
    transverse: int,
    temperature: float,
    dt: float,
    start: float,
    dynamics: str,
    period: float = 2 * math.pi,
) -> list[Curve]:
    """Mean displacement along the floor over time, by four rival laws.

    Args:
        profile: stiffness a(x) > 0 of the given period, array to array.
        slope: its derivative a'(x).
        transverse: number m of stiff directions.
        temperature: theta.
        dt: step of soft Euler-Maruyama, which strengthens the log-det drift; 0 for integrators without
            that effect, and not used by projected motion.
        start: position along the floor at time 0, the same for all walkers.
        dynamics: `soft` or `projected`. Soft motion must be stiff for any law to be in range.
        period: of the profile.

    Raises:
        UsageError: any other dynamics, or dt a >= 2 (when a prediction is made).
    """
    if dynamics not in ("soft", "projected"):
        raise UsageError(f"dynamics must be soft or projected for the laws of drift, got {dynamics!r}")
    soft = dynamics == "soft"
    in_range = not soft or is_stiff(profile, slope, temperature, period)
    stiff = f"soft motion: stiffness a >= {STIFFNESS_RATIO:g} theta (a'/a)^2" if soft else "time step small"

    def displaced(drift: Profile) -> Callable[[float], Prediction]:
        def predict(time: float) -> Prediction:
            answer = mean_displacement(drift, temperature, time, start, period)
            return Prediction(answer.value, answer.remainder, in_range)

        return predict

    return [
        Curve(
            "log-det",
            displaced(log_det_drift(profile, slope, transverse, temperature, dt if soft else 0.0)),
            stiff,
            "Fatkullin, Kovacic and Vanden-Eijnden, Commun. Math. Sci. 8 (2010) 439",
        ),
        Curve(
            "none", lambda time: Prediction(0.0, in_range=in_range), stiff, "Brownian motion, surface measure"
        ),
        Curve(
            "double log-det",
            displaced(double_drift(profile, slope, transverse, temperature)),
            stiff,
            "one full Gauss-Newton step after each isotropic kick",
        ),
        Curve(
            "trace",
            displaced(trace_drift(slope, transverse, temperature)),
            f"{stiff}; label noise with eta sigma^2 = 2 theta",
            "Damian, Ma and Lee, arXiv 2106.06530; Li, Wang and Arora, arXiv 2110.06914",
        ),
    ]
