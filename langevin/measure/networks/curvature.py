"""Curvature of a network's loss: its Hessian, and the Jacobian J of the outputs on the training set.

The Hessian is never in memory: one product costs about as much as three gradients (Pearlmutter 1994). Vectors are flat,
in the order of `jax.flatten_util.ravel_pytree`. All computations use double precision. Weight decay is not a part of
the loss: it would add wd to every eigenvalue.

Rows of J are the gradients of the outputs, (samples x outputs, parameters). On the zero-loss set of the half-MSE loss
the Hessian is J^T J / samples. So its trace and its determinant across the set follow without second derivatives. For
them the loss of the model is not used: also for a hinge loss, these are properties of the function that the network
computes.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from numpy.typing import ArrayLike

from langevin.errors import NumericalError, UsageError
from langevin.measure.networks.point import EPS, Point, point, products
from langevin.one_thread import one_thread
from langevin.sgld.computation import precision
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.rank import LARGEST, gram, threshold
from langevin.types import FloatArray, Measurement

#: With more weights than this, the exact trace is slow: it needs one product for each weight.
MOST_WEIGHTS = 20_000
#: Number of samples whose Jacobians are in memory at a time.
BATCH = 16
#: The rank is undecided if a kept eigenvalue is within this factor of the threshold.
MARGIN = 100


def hessian_products(model: Model, weights: Weights, vectors: ArrayLike) -> FloatArray:
    """Hessian times each vector: (count, parameters) to (count, parameters); the identity gives the matrix.

    Args:
        model: the network and its data.
        weights: of the network.
        vectors: (count, parameters).

    Raises:
        UsageError: the vectors have another length, or the weights do not fit.
    """
    with precision("float64"):
        here = point(model, weights)
        rows = np.asarray(vectors, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != here.parameters:
            raise UsageError(
                f"the vectors have the shape {rows.shape}",
                f"it must be (count, {here.parameters}), a row of one number for each weight",
            )
        return np.asarray(products(here.weights, here.data, rows, model=model))


@partial(jax.jit, static_argnames=("model", "parameters"))
def diagonal(weights: Weights, data: Data, *, model: Model, parameters: int) -> Any:
    """Diagonal (parameters,) of the Hessian, by one product for each element."""

    def element(index: Any) -> Any:
        unit = jnp.zeros((1, parameters)).at[0, index].set(1)
        return products(weights, data, unit, model=model)[0, index]

    return jax.lax.map(element, jnp.arange(parameters))


def hessian_trace(model: Model, weights: Weights) -> Measurement:
    """Exact trace of the Hessian; the error is round-off, n the number of weights.

    Args:
        model: the network and its data.
        weights: of the network.

    Raises:
        UsageError: there are more than `MOST_WEIGHTS` weights, or the weights do not fit.
    """
    with precision("float64"):
        here = point(model, weights)
        if here.parameters > MOST_WEIGHTS:
            raise UsageError(
                f"{model.name} has {here.parameters} weights, too many for the exact trace (at most {MOST_WEIGHTS})",
                f"at most {MOST_WEIGHTS} weights",
                "take hutchinson_trace",
            )
        elements = np.asarray(diagonal(here.weights, here.data, model=model, parameters=here.parameters))
    error = EPS * float(np.abs(elements).sum())
    return Measurement(float(elements.sum()), error, here.parameters, "exact Hessian trace")


def hutchinson_trace(model: Model, weights: Weights, *, probes: int = 100, seed: int = 0) -> Measurement:
    """Trace of the Hessian from random signs z: the mean of z^T H z over n = `probes` of them.

    Each z^T H z has the variance 2 (|H|_F^2 - sum_i H_ii^2) (Hutchinson 1990), which is zero for a diagonal Hessian.

    Args:
        model: the network and its data.
        weights: of the network.
        probes: number of random vectors.
        seed: of the random vectors.

    Raises:
        UsageError: there are fewer than 2 probes, or the weights do not fit.
    """
    if probes < 2:
        raise UsageError(f"probes is {probes}", allowed="at least 2 are needed for an error")
    with precision("float64"):
        here = point(model, weights)
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(probes, here.parameters))
        values = (signs * np.asarray(products(here.weights, here.data, signs, model=model))).sum(axis=1)
    error = float(values.std(ddof=1)) / math.sqrt(probes)
    return Measurement(float(values.mean()), error, probes, "Hutchinson Hessian trace")


def top_eigenvalues(model: Model, weights: Weights, count: int = 1) -> tuple[FloatArray, FloatArray]:
    """Largest eigenvalues of the Hessian, descending, and their errors: (count,) each.

    The method is the restarted Lanczos iteration (ARPACK). The error is the norm of H v - lambda v, plus round-off: an
    eigenvalue is certainly within this distance of the value. A larger eigenvalue can be missed only if the start
    vector is orthogonal to its eigenvector.

    Args:
        model: the network and its data.
        weights: of the network.
        count: number of eigenvalues.

    Raises:
        UsageError: count is not in 1 ... parameters, or the weights do not fit.
        NumericalError: the iteration does not converge.
    """
    from scipy.sparse.linalg import ArpackError, LinearOperator, eigsh

    with precision("float64"):
        here = point(model, weights)
        size = here.parameters
        if not 1 <= count <= size:
            raise UsageError(f"count is {count}", allowed=f"{model.name} has 1 to {size} eigenvalues")

        def multiply(vectors: FloatArray) -> FloatArray:
            return np.asarray(products(here.weights, here.data, vectors.T, model=model)).T

        start = np.random.default_rng(0).standard_normal(size)
        if not multiply(start[:, None]).any():  # a flat loss, for which ARPACK raises an error
            return np.zeros(count), np.zeros(count)
        if count == size:
            values, modes = np.linalg.eigh(multiply(np.eye(size)))
        else:
            operator = LinearOperator(
                (size, size), matvec=lambda vector: multiply(vector.reshape(-1, 1)).ravel(), dtype=np.float64
            )
            try:
                with one_thread():
                    values, modes = eigsh(operator, count, which="LA", v0=start)
            except ArpackError as error:
                raise NumericalError(
                    f"the Lanczos iteration for {count} eigenvalues did not converge",
                    remedy="ask for fewer or more",
                ) from error
        residual = np.linalg.norm(multiply(modes) - modes * values, axis=0)
    errors = residual + EPS * np.abs(values).max()
    descending = np.argsort(values)[::-1]
    return values[descending], errors[descending]


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

    Args:
        model: the network.
        here: the network at its weights, as arrays of JAX.

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
