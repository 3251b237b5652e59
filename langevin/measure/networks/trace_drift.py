"""How fast tr H falls under label noise, beside how fast its curvature says that it should."""

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

#: Share of the points off the zero-loss set from which the law cannot be judged.
OFF = 0.5
#: What is made of the mean drifts (resamples, 2), measured and predicted.
STATISTICS: Mapping[str, Callable[[FloatArray], FloatArray]] = {
    "drift of tr H": lambda means: means[:, 0],
    "predicted drift of tr H": lambda means: means[:, 1],
    "drift of tr H over its prediction": lambda means: means[:, 0] / means[:, 1],
}


class TraceDrift(NamedTuple):
    """Change of tr H per step, mean over networks: measured, predicted, and the one over the other."""

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
    those of the mean over networks, by resampling them. `mixed` is False where more than half of the points lie off the
    zero-loss set, by the criterion of `label_noise_slope`.

    Args:
        model: A network with half-MSE loss.
        steps: Steps (frames,) of the frames, rising.
        path: Weights of every network at each frame, (frames, networks), as `langevin.sgld.Callbacks.visit` gets them.
        learning_rate: lr of the descent.
        noise_sd: sigma, the standard deviation of the noise on each label.
        batch: Fresh labels a step; all samples if None.

    Raises:
        UsageError: fewer than 2 frames, frames that are not in order or of unlike numbers of networks, or as
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
