"""Where a landscape starts walkers of its own accord."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from langevin.dynamics import dynamics_of
from langevin.errors import unfit
from langevin.kernels.streams import start_uniforms
from langevin.types import FloatArray, Problem


def usual_states(problem: Problem, seed: int, names: NDArray[np.uint64]) -> FloatArray:
    """States (walkers, dim) at which the landscape starts the walkers of these numbers, at the temperature of the law.

    Raises:
        UsageError: states that are not finite, or of another shape.
    """
    landscape = problem.landscape
    # projected motion starts cold: the limit of low temperature lies on the surface
    heat = 0.0 if dynamics_of(problem.dynamics).cold else problem.temperature
    states = np.asarray(landscape.start(start_uniforms(seed, names, landscape.dim), heat), np.float64)
    asked = (names.size, landscape.dim)
    if states.shape != asked or not np.isfinite(states).all():
        got = "infinite numbers" if states.shape == asked else str(states.shape)
        raise unfit(f"`start` of {landscape.name}", f"must give finite states of shape {asked}", f"{got}")
    return states
