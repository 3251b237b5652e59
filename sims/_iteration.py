"""Exact stationary distribution of two iterations on the circle, for f = 1 - cos x: a theory of the bias of a step."""

from __future__ import annotations

import math

import numpy as np

from langevin.types import Curve, Prediction

#: Fourier modes of the density and nodes of the noise. Half as many modes give the remainder.
MODES, NODES = 24, 60


def iteration_curve(name: str, theta: float, gibbs_mean: float) -> Curve:
    """Bias of E cos 2x in the stationary distribution of an iteration, against its step.

    Args:
        name: "Euler-Maruyama" or "Heun".
        theta: temperature.
        gibbs_mean: mean of cos 2x over the Gibbs distribution.
    """

    def predict(dt: float) -> Prediction:
        fine, rough = (stationary_harmonic(name, theta, dt, MODES // k) - gibbs_mean for k in (1, 2))
        return Prediction(fine, abs(fine - rough))

    return Curve(name, predict, "the circle, any step", "stationary distribution of the iteration")


def stationary_harmonic(name: str, theta: float, dt: float, modes: int) -> float:
    """Mean of cos 2x in the stationary distribution of the step from x to x - dt (f' at one or both ends) + noise.

    The density is even: sum_n c_n cos n x. It is stationary if a step changes no mean of cos m x.
    """
    x = 2.0 * np.pi * np.arange(8 * modes)[:, None] / (8 * modes)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    kick, slope = math.sqrt(2.0 * theta * dt) * nodes, np.sin(x)
    if name == "Heun":
        slope = (slope + np.sin(x - dt * slope + kick)) / 2.0
    end, orders = x - dt * slope + kick, np.arange(modes)
    after = np.array([np.cos(m * end) @ weights for m in orders]) / weights.sum()
    before = np.cos(orders[:, None] * x[:, 0])
    change = (after - before) @ before.T  # of the mean of cos m x, by the term c_n cos n x
    density = np.linalg.solve(np.vstack([np.eye(modes)[:1], change[1:]]), np.eye(modes)[0])
    return float(density[2] / density[0] / 2.0)
