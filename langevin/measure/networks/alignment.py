"""Similarity of two kernels, or of two representations of the same samples: from 0 to 1.

Two quantities have the same name. *Uncentred* kernel alignment is <K, L> / (|K| |L|) (Cristianini et al. 2001), which
with L = y y^T is y^T K y / (|K| |y|^2). The *centred* alignment, CKA, is the same for H K H and H L H, where H
subtracts the mean over samples (Cortes, Mohri and Rostamizadeh 2012; for linear kernels of representations: Kornblith
et al. 2019). Rotations and an overall scale change neither of them. Representations with as many features as samples
are similar by chance: compare with shuffled samples.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError
from langevin.measure.networks.tangent_kernel import symmetric
from langevin.types import FloatArray


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
