"""Kernels of a network over samples: the empirical neural tangent kernel, and the similarity of two kernels.

The tangent kernel determines what a network would learn with its present features fixed. K(x, x') = J(x) J(x')^T, with
J the derivatives of the outputs with respect to the weights of the model (Jacot, Gabriel and Hongler 2018). So K
depends on the unit of the weights. The weights of `models.polynomial` are alpha w / sqrt(N), and the mean of its kernel
is K_0 without a prefactor, as in `theory.learning.tangent_kernel`. Under half-MSE gradient flow with a constant kernel
the residual r of the training set obeys dr/dt = -K r / samples, so its component along an eigenvector with eigenvalue
kappa decays as exp(-kappa t / samples). Rows and columns run over samples, and for each sample over outputs.

Two kernels, or two representations of the same samples, have a similarity from 0 to 1. Two quantities have the same
name. *Uncentred* kernel alignment is <K, L> / (|K| |L|) (Cristianini et al. 2001), which with L = y y^T is
y^T K y / (|K| |y|^2). The *centred* alignment, CKA, is the same for H K H and H L H, where H subtracts the mean over
samples (Cortes, Mohri and Rostamizadeh 2012; for linear kernels of representations: Kornblith et al. 2019). Rotations
and an overall scale change neither of them. Representations with as many features as samples are similar by chance:
compare with shuffled samples.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.measure.networks.point import point
from langevin.sgld.computation import precision
from langevin.sgld.model import Data, Model, Weights
from langevin.types import FloatArray


@partial(jax.jit, static_argnames="model")
def cross_gram(weights: Weights, rows: Any, columns: Any, *, model: Model) -> Any:
    """J(rows) J(columns)^T, one row at a time; no Jacobian is in memory."""
    flat, unravel = ravel_pytree(weights)

    def outputs(inputs: Any) -> Any:
        return lambda flat: model.apply(unravel(flat), inputs).ravel()

    values, pull = jax.vjp(outputs(rows), flat)
    return jax.lax.map(
        lambda row: jax.jvp(outputs(columns), (flat,), pull(row))[1], jnp.eye(values.size, dtype=flat.dtype)
    )


def tangent_kernel(
    model: Model, weights: Weights, rows: ArrayLike | None = None, columns: ArrayLike | None = None
) -> FloatArray:
    """Tangent kernel between two sets of inputs: (samples x outputs of `rows`, same of `columns`).

    Args:
        model: The network.
        weights: Weights at which the kernel is computed.
        rows: Inputs (samples, ...); those of the training set if None. `model.test.inputs` gives the kernel between
            test and training set.
        columns: Inputs; those of the training set if None.

    Raises:
        UsageError: the weights or the inputs do not fit.
    """
    with precision("float64"):
        here = point(model, weights)
        own = here.data.inputs
        sets = [
            own if given is None else jnp.asarray(np.asarray(given), own.dtype) for given in (rows, columns)
        ]
        for inputs in sets:
            if inputs.shape[1:] != own.shape[1:] or not len(inputs):
                raise UsageError(
                    f"inputs have the shape {inputs.shape}",
                    f"it must be (samples, {str(own.shape[1:])[1:-1].strip(',')})",
                )
        return np.asarray(cross_gram(here.weights, *sets, model=model))


def kernel_modes(kernel: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues of a symmetric kernel, descending (size,), and its eigenvectors in columns (size, size).

    Args:
        kernel: K (size, size).

    Raises:
        UsageError: the kernel is not square, symmetric and finite.
    """
    matrix = symmetric(kernel)
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1], vectors[:, ::-1]


def symmetric(kernel: ArrayLike) -> FloatArray:
    """The kernel as a symmetric matrix of float64.

    Raises:
        UsageError: the kernel is not square, symmetric and finite.
    """
    matrix = np.asarray(kernel, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise UsageError(f"the kernel has the shape {matrix.shape}", "it must be square")
    if not np.isfinite(matrix).all():
        raise UsageError("the kernel is not finite", "finite entries", "take a network that did not diverge")
    # Tolerance for kernels of float32 features.
    if np.abs(matrix - matrix.T).max() > 1e-5 * np.abs(matrix).max():
        raise UsageError("the kernel is not symmetric", allowed="rows and columns must be the same samples")
    return np.asarray((matrix + matrix.T) / 2)


@partial(jax.jit, static_argnames="model")
def residual(weights: Weights, data: Data, *, model: Model) -> Any:
    """Outputs minus targets of the data, flat."""
    return (model.apply(weights, data.inputs) - data.targets).ravel()


def mode_amplitudes(model: Model, path: Iterable[Weights], vectors: ArrayLike) -> FloatArray:
    """Learning curve of each kernel mode: components of the residual along eigenvectors, (frames, modes).

    The sum of squares over all modes is |outputs - targets|^2 of the training set.

    Args:
        model: The network.
        path: Weights at the frames.
        vectors: Orthonormal vectors in columns (samples x outputs, modes), as `kernel_modes` gives them.

    Raises:
        UsageError: the vectors have another length, or the weights do not fit.
    """
    basis = np.asarray(vectors, dtype=np.float64)
    size = model.train.targets.size
    if basis.ndim != 2 or len(basis) != size:
        raise UsageError(
            f"the vectors have the shape {basis.shape}",
            f"it must be ({size}, modes), as for the training set",
        )
    with precision("float64"):
        points = (point(model, weights) for weights in path)
        residuals = [np.asarray(residual(here.weights, here.data, model=model)) for here in points]
    return np.asarray(residuals).reshape(-1, size) @ basis


def kernel_change(kernel: ArrayLike, reference: ArrayLike) -> float:
    """|K - K_0|_F / |K_0|_F: 0 in the lazy limit, where the features do not change.

    Args:
        kernel: K (size, size).
        reference: K_0 (size, size).

    Raises:
        UsageError: the shapes differ, or the reference is zero.
    """
    now, before = np.asarray(kernel, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    if now.shape != before.shape:
        raise UsageError(f"the kernels have the shapes {now.shape} and {before.shape}", "they must be alike")
    norm = float(np.linalg.norm(before))
    if not norm > 0:
        raise UsageError(
            "the reference kernel is zero", "a kernel that is not zero", "give another reference"
        )
    return float(np.linalg.norm(now - before)) / norm


def kernel_alignment(first: ArrayLike, second: ArrayLike, *, centred: bool) -> float:
    """Alignment of two kernels (samples, samples); `centred` makes it CKA.

    Args:
        first: a kernel (samples, samples).
        second: another of the same samples.
        centred: whether rows and columns are centred first.

    Raises:
        UsageError: a kernel is not symmetric, the sizes differ, or a kernel is zero (after centring).
    """
    kernels = [symmetric(kernel) for kernel in (first, second)]
    if len(kernels[0]) != len(kernels[1]):
        raise UsageError(
            f"the kernels are of {len(kernels[0])} and {len(kernels[1])} samples", "they must be the same"
        )
    if centred:
        kernels = [_centred(kernel) for kernel in kernels]
    norms = [float(np.linalg.norm(kernel)) for kernel in kernels]
    if min(norms) == 0:
        raise UsageError(
            "a kernel is constant or zero", "a kernel that varies", "give one of another network"
        )
    return float(np.sum(kernels[0] / norms[0] * (kernels[1] / norms[1])))


def representation_alignment(first: ArrayLike, second: ArrayLike, *, centred: bool) -> float:
    """Alignment of the linear kernels of two representations (samples, features); their numbers of features may differ.

    Args:
        first: a representation (samples, features).
        second: another of the same samples.
        centred: whether the features are centred first.

    Raises:
        UsageError: an array is not (samples, features), or as `kernel_alignment`.
    """
    kernels = []
    for given in (first, second):
        features = np.asarray(given, dtype=np.float64)
        if features.ndim != 2:
            raise UsageError(
                f"a representation has the shape {features.shape}", "it must be (samples, features)"
            )
        kernels.append(features @ features.T)
    return kernel_alignment(*kernels, centred=centred)


def _centred(kernel: FloatArray) -> FloatArray:
    """H K H; the round-off that remains of a constant kernel is set to zero."""
    mean = kernel.mean(axis=0)
    result = kernel - mean - mean[:, None] + mean.mean()
    floor = len(kernel) * np.finfo(np.float64).eps * np.linalg.norm(kernel)
    return np.asarray(result if np.linalg.norm(result) > floor else np.zeros_like(result))
