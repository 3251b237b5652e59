"""The curvature from which default steps and durations are computed, also for a loss without curvature."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import UsageError
from langevin.landscapes.cloud import reaches
from langevin.landscapes.starts import usual_point
from langevin.types import Landscape

#: Radius of the search around the start, over the size of the start.
FARTHEST = 1e9


def usual_curvature(landscape: Landscape, temperature: float) -> float:
    """The stiffness of a landscape. If it is 0 (a straight slope): theta / l^2, with l the length of a rise of theta.

    Raises:
        UsageError: the loss is constant, or its curvature is not finite.
    """
    stiffness = landscape.stiffness(temperature)
    if 0.0 < stiffness < math.inf:
        return stiffness
    if stiffness == 0.0 and landscape.value is not None:
        start = usual_point(landscape)
        farthest = FARTHEST * (float(np.linalg.norm(start)) or 1.0)
        rays = np.concatenate([np.eye(landscape.dim), -np.eye(landscape.dim)])
        length = float(reaches(landscape, start, rays, temperature, farthest).min())
        if length < 0.5 * farthest:
            return temperature / length**2
    raise UsageError(
        f"{landscape.name} has the curvature {stiffness:g} about its start, of which no default step can be made",
        "a curvature above 0 that a float holds",
        "give --dt, and its time by `langevin simulate --horizon`, or its stiffness where it is made",
    )
