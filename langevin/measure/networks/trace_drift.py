"""How fast tr H falls with label noise, compared with the prediction from the curvature."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.measure.bootstrap import bootstrap_walkers
from langevin.measure.networks.gauss_newton import gauss_newton_trace
from langevin.measure.networks.label_noise import label_noise_slope
from langevin.sgld.model import Model, Weights
from langevin.types import FloatArray, Measurement

#: If a larger fraction of the points is not on the zero-loss set, the law cannot be tested.
OFF = 0.5
#: The statistics of the mean drifts (resamples, 2), measured and predicted.
STATISTICS: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "drift of tr H": lambda means: means[:, 0],
    "predicted drift of tr H": lambda means: means[:, 1],
    "drift of tr H over its prediction": lambda means: means[:, 0] / means[:, 1],
}


class TraceDrift(NamedTuple):
    """Change of tr H per step, mean over networks: measured, predicted, and measured over predicted."""

    measured: Measurement
    predicted: Measurement
    ratio: Measurement


def trace_drift(
    model: Model,
    steps: ArrayLike,
    path: Sequence[Sequence[Weights]],
    *,
    learning_rate: float,
    noise_sd: float,
    batch: int | None = None,
) -> TraceDrift:
    """Drift of tr H = tr(J^T J) / samples from the first to the last frame of a run of label-noise descent.

    The prediction is `label_noise_slope` at every frame, integrated over the steps by the trapezoidal rule. Errors are
    errors of the mean over networks, from resampling of the networks. `mixed` is False if more than half of the points
    are not on the zero-loss set, by the criterion of `label_noise_slope`.

    Args:
        model: A network with half-MSE loss.
        steps: Steps (frames,) of the frames, ascending.
        path: Weights of every network at each frame, (frames, networks), as `langevin.sgld.Callbacks.visit` gets them.
        learning_rate: lr of the descent.
        noise_sd: sigma, the standard deviation of the noise on each label.
        batch: Number of fresh labels in each step; all samples if None.

    Raises:
        UsageError: there are fewer than 2 frames, they are not in order or have different numbers of networks, or as
            `label_noise_slope`.
        NumericalError: J = 0.
    """
    at = np.asarray(steps, dtype=np.float64)
    networks = {len(frame) for frame in path}
    if at.shape != (len(path),) or len(at) < 2 or not (np.diff(at) > 0).all() or len(networks) != 1:
        raise UsageError(
            f"there are {at.size} steps, {len(path)} frames and {sorted(networks)} networks in them",
            "as many steps as frames",
            "give 2 frames or more, a rising step for each, and the same networks in all",
        )
    traces = np.array([[gauss_newton_trace(model, w).value for w in path[end]] for end in (0, -1)])
    slopes = [
        [
            label_noise_slope(model, w, learning_rate=learning_rate, noise_sd=noise_sd, batch=batch)
            for w in frame
        ]
        for frame in path
    ]
    length = at[-1] - at[0]
    said = np.trapezoid([[slope.value for slope in frame] for frame in slopes], at, axis=0) / length
    rows = np.column_stack([(traces[1] - traces[0]) / length, said])
    off = float(np.mean([[not slope.mixed for slope in frame] for frame in slopes]))
    note = f"{off:.0%} of the points lie off the zero-loss set" if off > OFF else ""
    found = [bootstrap_walkers(rows, statistic, name, note) for name, statistic in STATISTICS.items()]
    return TraceDrift(*(replace(one, mixed=one.mixed and not note) for one in found))
