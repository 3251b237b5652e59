"""Every remainder of an integrated motion is a bound, on dials up to their limits, compared with finer solutions."""

import math
from itertools import product

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from langevin.errors import NumericalError
from langevin.theory.scaling.distance_and_steps import heavy_ball_path, settling_time

#: Stiffness and slope of valleys: gentle, steep, and with several bottoms.
VALLEYS = {
    "gentle": (lambda x: 1.0 + 0.1 * np.cos(x), lambda x: -0.1 * np.sin(x)),
    "canal": (lambda x: np.exp(np.cos(x)), lambda x: -np.sin(x) * np.exp(np.cos(x))),
    "steep": (lambda x: np.exp(3 * np.cos(x)), lambda x: -3 * np.sin(x) * np.exp(3 * np.cos(x))),
    "waves": (lambda x: 1.5 + np.sin(5 * x), lambda x: 5 * np.cos(5 * x)),
}
FRICTIONS = (0.05, 0.5, 3.0, 30.0)


def followed(valley, noise, friction, start, end):
    """The equations of the docstring by another method, of order 8, at tolerances a thousand times as small."""
    stiffness, slope = VALLEYS[valley]

    def motion(_, state):
        x, v, s = state
        return [
            v,
            -friction * v - slope(x) * s / 2,
            noise / 2 - friction * s - slope(x) * v * s / (2 * stiffness(x)),
        ]

    found = solve_ivp(motion, (0, end), [start, 0, 0], "DOP853", rtol=1e-12, atol=1e-14, dense_output=True)
    assert found.success
    return lambda times: found.sol(times)[0]


@pytest.mark.parametrize("valley", VALLEYS)
def test_the_path_of_a_heavy_ball(valley):
    for noise, friction, start in product((0.01, 1.0, 30.0), FRICTIONS, (0.1, 2.0)):
        times = np.linspace(0.0, 10.0 / math.sqrt(noise), 7)
        path = heavy_ball_path(*VALLEYS[valley], noise, friction, start, times)
        exact = followed(valley, noise, friction, start, times[-1])(times)
        for one, place in zip(path, exact):
            assert abs(one.value - place) <= one.remainder < 1e-4, (noise, friction, start)
        wrong = followed(valley, 1.01 * noise, friction, start, times[-1])(times)
        moved = abs(exact - start) > 0.1
        assert (abs(wrong - exact) > [one.remainder for one in path])[moved].any() or not moved.any()


@pytest.mark.parametrize("friction", [0.1, 0.5, 3.0])
def test_the_last_entry_of_a_heavy_ball(friction):
    answered = 0
    for noise, radius in product((0.3, 3.0), (0.1, 0.6)):
        horizon = 30 * max(1 / friction, friction**2 / noise)
        try:
            found = settling_time(*VALLEYS["canal"], noise, friction, 1.0, math.pi, radius, horizon)
        except NumericalError:
            continue
        answered += 1
        times = np.linspace(0.0, horizon, 50_001)
        aside = abs(followed("canal", noise, friction, 1.0, horizon)(times) - math.pi)
        last = times[np.flatnonzero(aside >= radius)[-1]]
        assert abs(found.value - last) <= found.remainder + times[1]
        assert found.remainder < 1e-3 * horizon
    assert answered >= 2
