"""Steps of a gradient flow: short while points are on steep slopes, and longer as they come down."""

from __future__ import annotations

import numpy as np

from langevin.errors import UsageError
from langevin.kernels.curvature import RELATIVE_STEP, largest_curvature
from langevin.landscapes.evaluate import evaluate
from langevin.types import FloatArray, Landscape, StepSchedule

#: dt x largest curvature met, and the largest ratio of a step to the one before.
STEP, RISE = 0.1, 1.1
#: Steps between looks at the curvature, and how many looks.
BETWEEN, LOOKS = 8, 48
#: Points that go ahead: half of them those at the most curved places.
AHEAD = 48


def rising_steps(landscape: Landscape, places: FloatArray) -> StepSchedule:
    """Steps for points that start where these do, STEP over the largest curvature that some of these meet on their way.

    Args:
        landscape: with a gradient.
        places: points (points, dim), at least `AHEAD`.

    Raises:
        UsageError: a loss without curvature there.
    """
    curvatures = np.nan_to_num([_curvature(landscape, place) for place in places], posinf=0.0)
    order = np.argsort(-curvatures)
    ahead = np.concatenate(
        [np.arange(AHEAD // 2), np.linspace(AHEAD // 2, len(places) - 1, AHEAD // 2).astype(int)]
    )
    chosen, largest = places[order[ahead]], float(curvatures.max())
    if not largest > 0.0:
        raise UsageError(
            f"{landscape.name} has no curvature where points start, so no step is known: give --dt"
        )
    lengths = [STEP / largest]
    for _ in range(LOOKS):
        for _ in range(BETWEEN):
            chosen = chosen - lengths[-1] * evaluate(landscape, "gradient", chosen)
            lengths.append(min(RISE * lengths[-1], max(STEP / largest, lengths[-1])))
        met = [_curvature(landscape, place) for place in chosen]
        largest = max((one for one in met if 0.0 < one < np.inf), default=largest)
    top = max(lengths)
    factors = np.array(lengths) / top
    return StepSchedule(top, lambda steps: factors[np.minimum(steps, len(factors) - 1)])


def _curvature(landscape: Landscape, place: FloatArray) -> float:
    assert landscape.gradient is not None
    return float(largest_curvature(landscape.gradient, place, landscape.parameters, RELATIVE_STEP))
