"""Lazy learning of a polynomial network: tangent kernel at the start, modes, alignment and learning curve.

The network of T. Kumar, B. Bordelon, S. J. Gershman and C. Pehlevan, Grokking as the Transition from Lazy to Rich
Training Dynamics (arXiv 2310.06110): f(x) = (alpha / N) sum_i g(w_i . x) with g(h) = h + eps h^2 / 2, N hidden
units, x ~ N(0, I / D), w ~ N(0, I), target y = (b . x)^2 / 2 with |b|^2 = D, half-mean loss. While the weights stay
near their start, the network learns like a linear model with the kernel K(x, x') = grad f(x) . grad f(x'). Gradients
are with respect to u = alpha w / sqrt(N), the weights of `models.polynomial` that `measure.networks.tangent_kernel`
uses. Then the mean over starts is, for every N and alpha,

    K_0(x, x') = x . x' + eps^2 (x . x')^2 .

With respect to w it would be alpha^2 / N times as large.

Its eigenfunctions and eigenvalues for the distribution of x, by Wick's theorem:

    linear       x_i                      1 / D                   D of them
    trace        |x|^2                    eps^2 (D + 2) / D^2     1
    traceless    x . A x, tr A = 0        2 eps^2 / D^2           D (D + 1) / 2 - 1

The target has no linear part. Of its power 3 / 4, the part (1 + 2 / D) / 4 is in the trace mode and (D - 1) / (2 D) in
the traceless modes. The traceless modes are the slowest: only rich learning learns them quickly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from langevin.errors import unfit
from langevin.types import Curve, FloatArray, Prediction

SOURCE = "Kumar, Bordelon, Gershman and Pehlevan, arXiv 2310.06110"
#: The limit of many samples is in range if there are at least this many samples for each mode.
LEAST_SAMPLES = 10.0


@dataclass(frozen=True)
class KernelMode:
    """Eigenvalue of K_0 / (samples), the number of its eigenfunctions, and the power of the target in all of them."""

    name: str
    eigenvalue: float
    multiplicity: int
    target_power: float


def kernel_modes(dim: int, epsilon: float) -> tuple[KernelMode, KernelMode, KernelMode]:
    """Linear, trace and traceless modes of K_0 (table above), exact in every dimension.

    Args:
        dim: D.
        epsilon: eps.

    Raises:
        UsageError: D < 2, or eps negative or not finite.
    """
    if dim < 2 or not 0 <= epsilon < math.inf:
        raise unfit(
            "kernel_modes", "needs a dimension >= 2 and a finite epsilon >= 0", f"{dim} and {epsilon}"
        )
    square = (epsilon / dim) ** 2
    return (
        KernelMode("linear", 1 / dim, dim, 0.0),
        KernelMode("trace", square * (dim + 2), 1, (1 + 2 / dim) / 4),
        KernelMode("traceless", 2 * square, dim * (dim + 1) // 2 - 1, (dim - 1) / (2 * dim)),
    )


def tangent_kernel(x: FloatArray, other: FloatArray, epsilon: float) -> FloatArray:
    """Mean K_0 (a, b) over starts of the kernel with respect to alpha w / sqrt(N); exact.

    Args:
        x: inputs (a, D).
        other: inputs (b, D).
        epsilon: eps.
    """
    overlap = x @ other.T
    return np.asarray(overlap + (epsilon * overlap) ** 2)


def tangent_kernel_spread(x: FloatArray, other: FloatArray, epsilon: float, hidden: int) -> FloatArray:
    """Standard deviation (a, b) of this kernel over starts, exact: relative to the mean it falls as 1 / sqrt(N).

    N^(-1/2) |c| sqrt(eps^2 (p + q + 2 c) + eps^4 (p q + c^2)), c = x . x', p = |x|^2, q = |x'|^2: the
    variance of (1 + eps w . x)(1 + eps w . x') for a normal w.

    Args:
        x: inputs (a, D).
        other: inputs (b, D).
        epsilon: eps.
        hidden: number N of hidden units.

    Raises:
        UsageError: no hidden unit.
    """
    _check_network(hidden, 1.0)
    c = x @ other.T
    p, q = (x**2).sum(axis=1)[:, None], (other**2).sum(axis=1)
    variance = epsilon**2 * (p + q + 2 * c) + epsilon**4 * (p * q + c**2)
    return np.asarray(np.abs(c) * np.sqrt(variance / hidden))


def kernel_alignment(dim: int, epsilon: float, centred: bool = True) -> Prediction:
    """Alignment y K y / (|K| |y|^2) of K_0 with the target's kernel y y', in the limit of many samples; exact.

    If not centred, it is sum_i lambda_i P_i / ((3/4) sqrt(sum_i lambda_i^2)) over `kernel_modes`. Centred (Cortes,
    Mohri and Rostamizadeh, J. Mach. Learn. Res. 13 (2012) 795) it is 2 eps^2 / sqrt(D^3 + 2 eps^4 D (D + 1)): without
    its mean, the trace mode has the eigenvalue of the traceless modes. For P samples there are corrections of order
    1 / P.

    Args:
        dim: D.
        epsilon: eps.
        centred: whether the kernels are centred.

    Raises:
        UsageError: as `kernel_modes`.
    """
    modes = kernel_modes(dim, epsilon)
    if centred:
        return Prediction(2 * epsilon**2 / math.sqrt(dim**3 + 2 * epsilon**4 * dim * (dim + 1)))
    overlap = sum(mode.eigenvalue * mode.target_power for mode in modes)
    size = math.sqrt(sum(mode.multiplicity * mode.eigenvalue**2 for mode in modes))
    return Prediction(overlap / (size * sum(mode.target_power for mode in modes)))


def residual_powers(dim: int, epsilon: float, hidden: int, scale: float) -> FloatArray:
    """Mean over starts of the power of y - f in the linear, trace and traceless modes (3,) at step 0; exact.

    The function at the start is not zero: f has the part w_bar . x, and the part eps / 2 x . M x with M the mean of w
    w', about alpha eps |x|^2 / 2. So the powers are

        alpha^2 / N,    (1 + 2 / D) ((1 - alpha eps)^2 + 2 alpha^2 eps^2 / (N D)) / 4,
        (D - 1) / (2 D) + alpha^2 eps^2 (D + 2)(D - 1) / (2 D^2 N).

    Args:
        dim: D.
        epsilon: eps.
        hidden: number N of hidden units.
        scale: alpha.

    Raises:
        UsageError: as `kernel_modes`; no hidden unit or a scale that is not positive.
    """
    _, trace, traceless = kernel_modes(dim, epsilon)
    _check_network(hidden, scale)
    drive = scale * epsilon
    return np.array(
        [
            scale**2 / hidden,
            trace.target_power * ((1 - drive) ** 2 + 2 * drive**2 / (hidden * dim)),
            traceless.target_power + drive**2 * (dim + 2) * (dim - 1) / (2 * dim**2 * hidden),
        ]
    )


def lazy_loss(
    steps: float,
    dim: int,
    epsilon: float,
    hidden: int,
    scale: float,
    rate: float,
    samples: float = math.inf,
) -> Prediction:
    """Half-mean loss after gradient descent of the linearised network, (1/2) sum_i P_i (1 - rate lambda_i)^(2 steps).

    P_i are `residual_powers`. This is the limit of many hidden units and of many samples, where training and test loss
    are equal. It is in range from 10 samples for each of the D + D (D + 1) / 2 modes on. With fewer samples, the
    traceless modes that the samples do not determine are not learned at all: lazy learning of a target of degree 2
    needs of the order of D^2 samples.

    Args:
        steps: number of steps.
        dim: D.
        epsilon: eps.
        hidden: N.
        scale: alpha, the laziness.
        rate: learning rate of alpha w / sqrt(N): the learning rate of w times alpha^2 / N; below 2 / largest
            eigenvalue.
        samples: P.

    Raises:
        UsageError: negative steps, a rate at which descent diverges, or as `residual_powers`.
    """
    modes = kernel_modes(dim, epsilon)
    largest = max(mode.eigenvalue for mode in modes)
    if not (0 < rate * largest < 2 and 0 <= steps < math.inf):
        raise unfit(
            "lazy_loss",
            f"needs steps >= 0 and 0 < rate < {2 / largest:.4g} (2 / largest eigenvalue)",
            f"{steps}, {rate}",
        )
    shrink = np.array([abs(1 - rate * mode.eigenvalue) for mode in modes]) ** (2 * steps)
    value = float((residual_powers(dim, epsilon, hidden, scale) * shrink).sum() / 2)
    return Prediction(value, in_range=samples >= LEAST_SAMPLES * sum(mode.multiplicity for mode in modes))


def mode_time(mode: KernelMode, rate: float) -> float:
    """Steps in which the amplitude of a mode falls by e, 1 / (rate lambda), for a rate lambda well below 1.

    Args:
        mode: one of `kernel_modes`.
        rate: learning rate of alpha w / sqrt(N).

    Raises:
        UsageError: the mode has the eigenvalue 0, or the rate is not positive.
    """
    if not (mode.eigenvalue > 0 and 0 < rate < math.inf):
        raise unfit("mode_time", "needs a positive eigenvalue and rate", f"{mode.eigenvalue} and {rate}")
    return 1 / (rate * mode.eigenvalue)


def lazy_curve(
    dim: int, epsilon: float, hidden: int, scale: float, rate: float, samples: float = math.inf
) -> Curve:
    """`lazy_loss` over the number of steps. A network with a smaller loss has left lazy learning.

    Args:
        dim: D.
        epsilon: eps.
        hidden: number N of hidden units.
        scale: alpha.
        rate: learning rate of alpha w / sqrt(N).
        samples: number P of training samples.
    """
    return Curve(
        "lazy (initial kernel)",
        lambda steps: lazy_loss(steps, dim, epsilon, hidden, scale, rate, samples),
        f"weights near their start; {LEAST_SAMPLES:g} samples or more for each mode; many hidden units",
        SOURCE,
    )


def _check_network(hidden: int, scale: float) -> None:
    if hidden < 1 or not 0 < scale < math.inf:
        raise unfit("a network", "needs hidden >= 1 units and a positive scale", f"{hidden} and {scale}")
