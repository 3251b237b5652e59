"""How fast label noise should flatten a network, predicted from its curvature alone, and how fast tr H falls.

In half-MSE descent with label noise, B labels get fresh noise of standard deviation sigma at every step. Around the
zero-loss set the mode of curvature lambda then has the variance lr sigma^2 / (2 B (1 - lr lambda / 2)), and in each
step the weights slide along the set by

    -(lr^2 sigma^2 / (4 B)) P_T grad F,    F = -(2 / lr) sum over modes of log(1 - lr lambda / 2),

with P_T the projection on the tangent space, the null space of J. F is tr H for small lr (Blanc et al. 2020, arXiv
1904.09080; Damian, Ma and Lee 2021, arXiv 2106.06530, with this F; Li, Wang and Arora 2022, arXiv 2110.06914).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.measure.bootstrap import bootstrap_walkers
from langevin.measure.networks.curvature import gauss_newton_trace, modes
from langevin.measure.networks.point import loss, point
from langevin.sgld.computation import precision
from langevin.sgld.model import Model, Weights
from langevin.sgld.rank import threshold
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


@partial(jax.jit, static_argnames="model")
def tangent_gradients(
    weights: Weights, inputs: Any, values: Any, vectors: Any, scales: Any, *, model: Model
) -> Any:
    """P_T sum_k scales[:, k] grad (eigenvalue k of J J^T): (rows of scales, parameters).

    The gradient of an eigenvalue is the gradient of |J^T u|^2 with a fixed eigenvector u. For equal eigenvalues this is
    not valid for each one, but for every sum with equal scales.
    """
    flat, unravel = ravel_pytree(weights)

    def outputs(flat: Any) -> Any:
        return model.apply(unravel(flat), inputs).ravel()

    def add(total: Any, mode: tuple[Any, Any]) -> tuple[Any, None]:
        vector, scale = mode
        slope = jax.grad(lambda flat: jnp.sum(jax.vjp(outputs, flat)[1](vector)[0] ** 2))(flat)
        return total + scale[:, None] * slope, None

    total, _ = jax.lax.scan(add, jnp.zeros((len(scales), flat.size)), (vectors.T, scales.T))

    def project(row: Any) -> Any:
        moved = jax.jvp(outputs, (flat,), (row,))[1]
        return row - jax.vjp(outputs, flat)[1](vectors @ ((vectors.T @ moved) / values))[0]

    return jax.vmap(project)(total)


def label_noise_slope(
    model: Model, weights: Weights, *, learning_rate: float, noise_sd: float, batch: int | None = None
) -> Measurement:
    """Change of tr H per step of label-noise descent (module docstring), at a point of the zero-loss set.

    The error is round-off, n the rank of J. `mixed` is False if the point is not on the zero-loss set: if the training
    loss is above twice the stationary loss with label noise, (lr sigma^2 / (4 B)) sum lambda / (1 - lr lambda / 2).

    Args:
        model: A network with half-MSE loss.
        weights: A point on its zero-loss set.
        learning_rate: lr of the descent.
        noise_sd: sigma, the standard deviation of the noise on each label.
        batch: B, number of fresh labels in each step; all samples if None.

    Raises:
        UsageError: the loss is not half-MSE, a number is out of range, the step is too long for the curvature, there
            are too many residuals, or the weights do not fit.
        NumericalError: J = 0.
    """
    if model.loss != "half-mse":
        raise UsageError(
            "the law of label noise holds for the half-mse loss",
            "a model with the half-mse loss",
            "give such a model",
        )
    for name, number in (("learning_rate", learning_rate), ("noise_sd", noise_sd)):
        if not (math.isfinite(number) and number > 0):
            raise UsageError(f"{name} is {number}", "it must be finite and above 0")
    samples = len(model.train.targets)
    if batch is not None and not 1 <= batch <= samples:
        raise UsageError(f"batch is {batch}", f"it must be between 1 and {samples}")
    with precision("float64"):
        here = point(model, weights)
        values, vectors = modes(model, here)
        curvature = values / samples
        slack = 1 - learning_rate * curvature / 2
        if slack.min() <= 0:
            raise UsageError(
                f"learning_rate is {learning_rate}",
                allowed=f"descent is unstable here from {2 / curvature[0]:.3g} on",
            )
        scales = np.array([np.ones_like(slack), 1 / slack]) / samples
        trace, regulariser = np.asarray(
            tangent_gradients(here.weights, here.data.inputs, values, vectors, scales, model=model)
        )
        height = float(loss(here.weights, here.data, model=model))
    strength = learning_rate * noise_sd**2 / (4 * (batch or samples))
    sustained = strength * float(np.sum(curvature / slack))
    slope = float(-learning_rate * strength * (trace @ regulariser))
    error = float(abs(slope) * threshold(here.data.targets.size) * values[0] / values[-1])
    on_set = bool(height <= 2 * sustained)
    note = (
        "" if on_set else f"train loss {height:.2g} is above twice the {sustained:.2g} of the zero-loss set"
    )
    return Measurement(slope, error, len(values), "label-noise slope of tr H", on_set, note)


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
    mean_slopes = np.trapezoid([[slope.value for slope in frame] for frame in slopes], at, axis=0) / length
    rows = np.column_stack([(traces[1] - traces[0]) / length, mean_slopes])
    off = float(np.mean([[not slope.mixed for slope in frame] for frame in slopes]))
    note = f"{off:.0%} of the points lie off the zero-loss set" if off > OFF else ""
    found = [bootstrap_walkers(rows, statistic, name, note) for name, statistic in STATISTICS.items()]
    return TraceDrift(*(replace(one, mixed=one.mixed and not note) for one in found))
