"""The laws of drift as curves of the mean displacement over time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import numpy as np

from langevin.errors import UsageError
from langevin.theory.drift import (
    Profile,
    double_drift,
    flow_displacement,
    log_det_drift,
    mean_displacement,
    trace_drift,
)
from langevin.types import Curve, Prediction

#: Soft motion is stiff where the relaxation rate a is this many times theta (a'/a)^2.
STIFFNESS_RATIO = 20.0
SOURCES = {
    "log-det": "Fatkullin, Kovacic and Vanden-Eijnden, Commun. Math. Sci. 8 (2010) 439",
    "none": "Brownian motion, surface measure",
    "double log-det": "one full Gauss-Newton step after each isotropic kick",
    "trace": "Damian, Ma and Lee, arXiv 2106.06530; Li, Wang and Arora, arXiv 2110.06914; eta sigma^2 = 2 theta",
}


def is_stiff(rate: Profile, profile: Profile, period: float) -> bool:
    """Whether relaxation across the valley is 20 times faster than motion along it, all over a period."""
    x = np.linspace(0, period, 400, endpoint=False)
    return bool(np.min(profile(x)) >= STIFFNESS_RATIO * np.max(np.abs(rate(x))))


def burn_in(drift: Profile, profile: Profile, start: float) -> float:
    """Distance that the drift would cover in 1 / (2 a), the time in which the walk forgets how it started."""
    place = np.array([start])
    return abs(float(drift(place)[0])) / (2.0 * float(profile(place)[0]))


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
        temperature: theta; for label noise half of learning rate times label variance.
        dt: step, which strengthens the drift of soft Euler-Maruyama and of label noise; 0 for integrators
            without that effect, and not used by projected motion.
        start: position along the floor at time 0, the same for all walkers.
        dynamics: `soft`, `projected` or `label-noise`. Unprojected motion must be stiff for a law to be in range.
        period: of the profile.

    Raises:
        UsageError: any other dynamics, or dt a >= 2 (when a prediction is made).
    """
    if dynamics not in ("soft", "projected", "label-noise"):
        raise UsageError(
            f"dynamics must be soft, projected or label-noise for the laws of drift, got {dynamics!r}"
        )
    projected, noisy_labels = dynamics == "projected", dynamics == "label-noise"
    step = 0.0 if projected else dt
    laws = {
        "log-det": log_det_drift(profile, slope, transverse, temperature, step),
        "none": lambda x: np.zeros_like(x),
        "double log-det": double_drift(profile, slope, transverse, temperature),
        "trace": trace_drift(profile, slope, transverse, temperature, step),
    }
    if noisy_labels:
        in_range = is_stiff(lambda x: laws["trace"](x) * slope(x) / profile(x), profile, period)
        validity = f"label noise: stiffness a >= {STIFFNESS_RATIO:g} x rate at which it changes"
    else:
        in_range = projected or is_stiff(
            lambda x: temperature * (slope(x) / profile(x)) ** 2, profile, period
        )
        validity = "time step small" if projected else f"soft motion: a >= {STIFFNESS_RATIO:g} theta (a'/a)^2"
    still = profile if noisy_labels else None
    return displacement_curves(laws, temperature, start, period, in_range, validity, still)


def displacement_curves(
    laws: Mapping[str, Profile],
    temperature: float,
    start: float,
    period: float,
    in_range: bool,
    validity: str,
    still: Profile | None = None,
) -> list[Curve]:
    """Mean displacement over time by each law of drift along a line of the given period.

    Args:
        laws: drift of each law, array to array.
        temperature: theta of the heat along the line.
        start: where all walkers start.
        period: of the drifts.
        in_range: whether the laws are.
        validity: where they hold, in words.
        still: smallest stiffness across, where there is no heat along the line (label noise): the `burn_in` that it
            implies is then a part of the remainder.
    """

    def predict(name: str, time: float) -> Prediction:
        if name == "none":
            return Prediction(0.0, in_range=in_range)
        if still is not None:
            answer = flow_displacement(laws[name], time, start)
            answer = Prediction(answer.value, answer.remainder + burn_in(laws[name], still, start))
        else:
            answer = mean_displacement(laws[name], temperature, time, start, period)
        return Prediction(answer.value, answer.remainder, in_range)

    return [Curve(name, partial(predict, name), validity, SOURCES[name]) for name in laws]
