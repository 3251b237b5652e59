"""Mean place in a quadratic loss under a force that varies in time and is linear in x: an equation of the mean alone.

dm/dt = -grad f(m) - grad U(m, t) is exact at every temperature, because the force is linear in x (van Kampen,
Stochastic Processes in Physics and Chemistry, section V.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from scipy.integrate import solve_ivp

from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.types import Case, Curve, FloatArray, Landscape, Prediction, Setting, Theory

#: Error of the integration, and difference of slopes, over their size, below which a force is linear.
ACCURACY, LINEAR = 1e-12, 1e-8
#: Times and distances at which the force is tested.
TIMES, DISTANCES = (0.0, 0.37, 1.9), (0.5, 3.0)


def _applies(case: Case) -> bool:
    landscape = case.landscape
    return case.usual and landscape.drive is not None and _is_linear(landscape)


def _force(landscape: Landscape, time: float, place: FloatArray) -> FloatArray:
    """-grad f - grad U at one place (dim,)."""
    assert landscape.drive is not None
    pull = evaluate(landscape, "gradient", place)
    push = evaluate(landscape.drive, "gradient", np.append(place, time))[: landscape.dim]
    return -pull - push


def _is_linear(landscape: Landscape) -> bool:
    """Whether the force at the middle of two places is the mean of the forces there, at some times and places."""
    start, generator = usual_point(landscape), np.random.default_rng(0)
    for time in TIMES:
        for distance in DISTANCES:
            move = distance * generator.standard_normal(landscape.dim)
            ends = [_force(landscape, time, start + side * move) for side in (-1.0, 1.0)]
            bend = 0.5 * (ends[0] + ends[1]) - _force(landscape, time, start)
            if not np.abs(bend).max() <= LINEAR * (1.0 + np.abs(ends).max()):
                return False
    return True


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    start = usual_point(landscape) if setting.start is None else setting.start

    def mean(coordinate: int, time: float) -> Prediction:
        if time == 0.0:
            return Prediction(float(start[coordinate]))
        path = solve_ivp(
            partial(_force, landscape), (0.0, time), start, "DOP853", rtol=ACCURACY, atol=ACCURACY
        )
        value = float(path.y[coordinate, -1])
        return Prediction(value, 10.0 * ACCURACY * (1.0 + abs(value)))

    return [
        Curve(
            "equation of the mean",
            partial(mean, coordinate),
            "a force that is linear in x, any temperature",
            "van Kampen, Stochastic Processes in Physics and Chemistry, section V.8",
            f"E x_{coordinate + 1}",
        )
        for coordinate in range(landscape.dim)
    ]


driven_mean = Theory(
    question="response",
    summary="Mean place under a force that varies in time, where the force is linear in x.",
    applies=_applies,
    curves=_curves,
)
