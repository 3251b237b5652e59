"""The Jacobian J of a network's outputs on the training set: its squared norm and its volume.

Rows of J are the gradients of the outputs, (samples x outputs, parameters). On the zero-loss set of the half-MSE loss
the Hessian is J^T J / samples. So its trace and its determinant across the set follow without second derivatives. The
loss of the model is not used: also for a hinge loss, these are properties of the function that the network computes.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from langevin.errors import NumericalError, UsageError
from langevin.measure.networks.point import EPS, Point, point
from langevin.sgld.computation import precision
from langevin.sgld.model import Model, Weights
from langevin.sgld.rank import LARGEST, gram, threshold
from langevin.types import FloatArray, Measurement

#: Number of samples whose Jacobians are in memory at a time.
BATCH = 16
#: The rank is undecided if a kept eigenvalue is within this factor of the threshold.
MARGIN = 100


@partial(jax.jit, static_argnames="model")
def squared_norms(weights: Weights, inputs: Any, *, model: Model) -> Any:
    """|df/dw|^2 for each sample, summed over outputs: (samples,)."""
    flat, unravel = ravel_pytree(weights)

    def one(sample: Any) -> Any:
        rows = jax.jacrev(lambda flat: model.apply(unravel(flat), sample[None])[0])(flat)
        return jnp.sum(rows**2)

    return jax.lax.map(one, inputs, batch_size=BATCH)


def gauss_newton_trace(model: Model, weights: Weights) -> Measurement:
    """tr(J^T J) / samples, the mean over the training samples of |df/dw|^2 summed over outputs.

    This is the trace of the Hessian of the half-MSE loss at zero residual. Samples are processed one by one, so the
    output for one sample must not depend on the others. The error is round-off, n the number of samples: the value is
    for this training set, and not an estimate for other data.

    Args:
        model: the network and its data.
        weights: of the network.

    Raises:
        UsageError: the weights do not fit the model.
    """
    with precision("float64"):
        here = point(model, weights)
        norms = np.asarray(squared_norms(here.weights, here.data.inputs, model=model))
    value = float(norms.mean())
    return Measurement(value, EPS * here.parameters**0.5 * value, len(norms), "Gauss-Newton trace")


def modes(model: Model, here: Point) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues of J J^T above the threshold, descending (rank,), and their eigenvectors in columns.

    Call it under `precision("float64")`. The threshold is the one of `langevin.sgld.rank`.

    Raises:
        UsageError: there are more than `langevin.sgld.rank.LARGEST` residuals.
        NumericalError: J = 0, no weight changes any output.
    """
    residuals = here.data.targets.size
    if residuals > LARGEST:
        raise UsageError(
            f"{model.name} has {residuals} residuals, too many to diagonalise J J^T (at most {LARGEST})",
            f"at most {LARGEST} residuals",
            "take fewer training samples",
        )
    matrix = np.asarray(gram(here.weights, here.data.inputs, model=model))
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    kept = values > threshold(residuals) * max(values[-1], 0)
    if not kept.any():
        raise NumericalError(f"no weight of {model.name} moves an output", remedy="J J^T has rank 0")
    return values[kept][::-1], vectors[:, kept][:, ::-1]


def log_det(model: Model, weights: Weights) -> Measurement:
    """Logarithm of the pseudo-determinant of J J^T: the sum of the logarithms of its eigenvalues above round-off.

    Half of it is the loss of entropy in the Gibbs distribution det(J J^T)^(-1/2) of the zero-loss set. For the Hessian
    J^T J / samples, subtract rank x log(samples). n is the rank, which the note also contains: values at different
    ranks must not be compared. The error is round-off. `mixed` is False if the smallest kept eigenvalue is so close to
    the threshold that the rank is undecided.

    Args:
        model: the network and its data.
        weights: of the network.

    Raises:
        UsageError: there are too many residuals, or the weights do not fit.
        NumericalError: J = 0.
    """
    with precision("float64"):
        here = point(model, weights)
        values, _ = modes(model, here)
    residuals = here.data.targets.size
    rank, floor = len(values), threshold(residuals) * values[0]
    decided = bool(values[-1] > MARGIN * floor)
    note = f"rank {rank} of {residuals} residuals"
    if not decided:
        note += ", undecided: the smallest eigenvalues reach down to round-off"
    error = float(np.sum(floor / values))
    return Measurement(float(np.log(values).sum()), error, rank, "log det J J^T", decided, note)
