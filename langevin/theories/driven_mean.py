"""Mean place in a quadratic loss under a force that varies in time and is linear in x: an equation of the mean alone.

dm/dt = -grad f(m) - grad U(m, t) is exact at every temperature, because the force is linear in x (van Kampen,
Stochastic Processes in Physics and Chemistry, section V.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.theory.surfaces.fine_steps import coarse_for_time
from langevin.types import Case, Curve, FloatArray, Landscape, Prediction, Setting, Theory

#: Error of the integration, and difference of forces, over their size, below which a force is linear.
ACCURACY, LINEAR = 1e-12, 1e-8
#: Number of times at which the force is tested, the latest if the time of the run is not known, and distances of
#: places from the start over its size.
TIMES, LATEST, DISTANCES = 41, 10.0, (0.3, 1.0, 4.0)


def _applies(case: Case) -> bool:
    return case.landscape.drive is not None


def _force(landscape: Landscape, time: float, place: FloatArray) -> FloatArray:
    """-grad f - grad U at one place (dim,)."""
    assert landscape.drive is not None
    pull = evaluate(landscape, "gradient", place)
    push = evaluate(landscape.drive, "gradient", np.append(place, time))[: landscape.dim]
    return -pull - push


def _is_linear(landscape: Landscape, start: FloatArray, duration: float) -> bool:
    """Whether the force between two places is the mean of the forces there, by its parts of the way, at many times."""
    generator, size = np.random.default_rng(0), float(np.linalg.norm(start)) or 1.0
    for time in np.linspace(0.0, LATEST if duration == np.inf else duration, TIMES):
        for distance in DISTANCES:
            one, other = start + distance * size * generator.standard_normal((2, landscape.dim))
            ends = _force(landscape, time, one), _force(landscape, time, other)
            bend = 0.3 * ends[0] + 0.7 * ends[1] - _force(landscape, time, 0.3 * one + 0.7 * other)
            if not np.abs(bend).max() <= LINEAR * (1.0 + np.abs(ends).max()):
                return False
    return True


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    start = usual_point(landscape) if setting.case.usual else setting.start
    if start is None or not _is_linear(landscape, start, setting.duration):
        return []

    def mean(coordinate: int, time: float) -> Prediction:
        from scipy.integrate import solve_ivp

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
    summary="Mean position under a force that varies in time and is linear in x.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_for_time,
)
