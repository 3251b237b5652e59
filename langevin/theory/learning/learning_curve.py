"""The volume of a zero-loss set when samples are added, and the test error that follows from it.

V_k is the volume that remains after k samples. Let the distribution on the set be uniform, and samples exchangeable. A
new sample leaves those points of the set that classify it correctly. So the mean over samples and teachers is

    E [V_(k+1) / V_k] = 1 - (Gibbs test error at k) .

This is exact for every learning task. If every sample leaves the same fraction, the learning curve is flat: nothing is
learned before the end. This is the case on the cube; for a perceptron the fraction grows to 1. Sources: T. M. Cover,
IEEE Trans. Electron. Comput. 14 (1965) 326; J. G. Wendel, Math. Scand. 11 (1962) 109; D. Haussler, M. Kearns and R. E.
Schapire, Mach. Learn. 14 (1994) 83; A. Engel and C. Van den Broeck, Statistical Mechanics of Learning (2001), chapter
2.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import unfit
from langevin.theory.quadrature import panel_nodes
from langevin.types import Curve, FloatArray, Prediction

#: Normal integrals are cut at this many widths, and computed on this number of panels.
REACH, PANELS = 12.0, 60
#: From this dimension on, the large-dimension curve agreed with samples within 5 %.
LEAST_DIM = 30


def volume_ratio(gibbs_error: float) -> Prediction:
    """E [V_(k+1) / V_k] = 1 - (Gibbs test error), the mean over samples and teachers; exact.

    Needs a uniform distribution on the set, exchangeable samples, and a test sample with the distribution of the next
    training sample. For the logarithm only E log ratio <= log E ratio is true.

    Args:
        gibbs_error: test error of the Gibbs distribution, from 0 to 1.

    Raises:
        UsageError: the error is outside [0, 1].
    """
    if not 0 <= gibbs_error <= 1:
        raise unfit("a Gibbs error", "is a probability from 0 to 1", f"{gibbs_error}")
    return Prediction(1 - gibbs_error)


def cube_gibbs_error(samples: float, dim: int, fraction: float) -> Prediction:
    """Test error 1 - eps of a uniform point of the cube on a coordinate that is not confined; the same for every k < d.

    Args:
        samples: number k of training samples.
        dim: d.
        fraction: eps.

    Raises:
        UsageError: samples outside [0, d) or a fraction outside (0, 1).
    """
    if not (0 <= samples < dim and 0 < fraction < 1):
        raise unfit(
            "the volume ratio",
            "needs 0 <= samples < dim and 0 < fraction < 1",
            f"{samples}, {dim} and {fraction}",
        )
    return Prediction(1 - fraction)


def plane_gibbs_error(samples: float) -> Prediction:
    """Mean test error of the perceptron with two weights: 2 / (3 (k + 1)), 1/2 for k = 0; exact.

    k lines through the origin at uniform angles leave an arc around the teacher. Its two arms A and B are two of k + 1
    uniform spacings of pi. The next line cuts on average the part (A^2 + B^2) over 2 pi (A + B) from the arc, and E
    (u^2 + (1 - u)^2) = 2/3 for the uniform fraction u = A / (A + B). The mean of V_k is 1 / (k + 1).

    Args:
        samples: number k of training samples.

    Raises:
        UsageError: the number of samples is not a whole number >= 0.
    """
    k = _whole(samples, 0)
    return Prediction(0.5 if k == 0 else 2 / (3 * (k + 1)))


def log_dichotomies(samples: float, dim: int) -> float:
    """log of C(k, d) = 2 sum_(i<d) binomial(k - 1, i), the number of cells that k planes cut R^d into (Cover 1965).

    For every set of inputs in general position, the mean of 1 / V_k over uniform teachers is C, and the mean of V_k
    over cells is 1 / C, with V_0 = 1. By Jensen's inequality the mean of -log V_k is at most log C: about d log(e
    k / d) nats for k >> d.

    Args:
        samples: number k of points.
        dim: d.

    Raises:
        UsageError: samples is not a whole number >= 0, or dim < 1.
    """
    k, d = _whole(samples, 0), _whole(dim, 1)
    if k == 0:
        return 0.0
    i = np.arange(min(d, k))
    gamma = np.vectorize(math.lgamma)
    return math.log(2) + float(np.logaddexp.reduce(gamma(k) - gamma(i + 1) - gamma(k - i)))


def separable_chance(samples: float, dim: int) -> Prediction:
    """Probability C(k, d) / 2^k that random labels of k points can be learned, 1/2 at the capacity k = 2 d; exact.

    It is also the probability that k random points, with a distribution symmetric about the origin, lie in one half
    space (Wendel 1962).

    Args:
        samples: number k of points.
        dim: d.

    Raises:
        UsageError: as `log_dichotomies`.
    """
    return Prediction(math.exp(log_dichotomies(samples, dim) - samples * math.log(2)))


def perceptron_overlap(load: float) -> float:
    """Overlap R of two uniform members of the version space in the limit of many weights, load alpha = k / d.

    R / sqrt(1 - R) = (alpha / pi) int Dt exp(-R t^2 / 2) / H(sqrt(R) t), It is also the overlap with the teacher,
    because the teacher is a uniform member (replica symmetric, exact here; Engel and Van den Broeck, chapter 2).

    Args:
        load: alpha, samples over weights.

    Raises:
        UsageError: the load is negative or above 1e4.
    """
    from scipy.optimize import brentq

    if not 0 <= load <= 1e4:
        raise unfit("a load samples / weights", "must be from 0 to 10000", f"{load}")
    if load == 0:
        return 0.0

    def excess(log_gap: float) -> float:
        gap = math.exp(log_gap)  # 1 - R
        overlap = 1 - gap
        pull = _normal_mean(lambda t: np.exp(-overlap * t**2 / 2 - _log_tail(math.sqrt(overlap) * t)))
        return overlap / math.sqrt(gap) - load / math.pi * pull

    return 1 - math.exp(float(brentq(excess, -30.0, -1e-12, xtol=1e-13)))


def perceptron_gibbs_error(samples: float, dim: int) -> Prediction:
    """Test error arccos(R) / pi of a uniform member of the version space with many weights; 0.62 d / k for k >> d.

    In range for d >= 30. In the plane use `plane_gibbs_error`.

    Args:
        samples: number k of training samples.
        dim: number d of weights.

    Raises:
        UsageError: as `perceptron_overlap`.
    """
    overlap = perceptron_overlap(samples / _whole(dim, 1))
    return Prediction(math.acos(overlap) / math.pi, in_range=dim >= LEAST_DIM)


def perceptron_log_volume(samples: float, dim: int) -> Prediction:
    """E log V_k with many weights, V_0 = 1: d [log(1 - R) / 2 + R / 2 + 2 alpha int Dt H(u t) log H(u t)].

    Here u^2 = R / (1 - R) and int Dt is a mean over a normal t. The bracket is largest at `perceptron_overlap` (Engel
    and Van den Broeck, chapter 2). In range for d >= 30.

    Args:
        samples: number k of training samples.
        dim: number d of weights.

    Raises:
        UsageError: as `perceptron_overlap`.
    """
    load = samples / _whole(dim, 1)
    return Prediction(dim * log_volume_density(perceptron_overlap(load), load), in_range=dim >= LEAST_DIM)


def log_volume_density(overlap: float, load: float) -> float:
    """The bracket of `perceptron_log_volume` at any overlap R < 1.

    Args:
        overlap: R, from 0 and below 1.
        load: alpha, number of samples over number of weights.
    """
    slope = math.sqrt(overlap / (1 - overlap))

    def entropy(t: FloatArray) -> FloatArray:
        log_tail = _log_tail(slope * t)
        return np.exp(log_tail) * log_tail

    # H log H is a peak of the width 1 / slope.
    return math.log1p(-overlap) / 2 + overlap / 2 + 2 * load * _normal_mean(entropy, 1 / max(1.0, slope))


def learning_curves(dim: int, fraction: float) -> list[Curve]:
    """Gibbs test error over the number of samples, of the cube in R^d and of perceptrons with 2 and with d weights.

    Args:
        dim: number d of coordinates or weights.
        fraction: eps of the cube.
    """
    return [
        Curve(
            "cube",
            lambda samples: cube_gibbs_error(samples, dim, fraction),
            "samples < dim; exact",
            "an equal share for every sample",
        ),
        Curve("perceptron, two weights", plane_gibbs_error, "exact", "spacings of uniform angles"),
        Curve(
            "perceptron, many weights",
            lambda samples: perceptron_gibbs_error(samples, dim),
            f"limit of many weights, from {LEAST_DIM} on",
            "Engel and Van den Broeck, Statistical Mechanics of Learning (2001), chapter 2",
        ),
    ]


def _normal_mean(function: Callable[[FloatArray], FloatArray], width: float = 1.0) -> float:
    """Mean over a normal t of a function that is negligible beyond 12 widths."""
    nodes, weights = panel_nodes(-REACH * width, REACH * width, PANELS)
    return float((function(nodes) * weights * np.exp(-(nodes**2) / 2)).sum() / math.sqrt(2 * math.pi))


def _log_tail(t: FloatArray) -> FloatArray:
    """log H(t), H(t) = P(normal > t)."""
    from scipy.special import log_ndtr

    return np.asarray(log_ndtr(-t))


def _whole(number: float, least: int) -> int:
    if not (float(number).is_integer() and number >= least):
        raise unfit("numbers of samples and weights", f"must be whole and >= {least}", f"{number}")
    return int(number)
