"""First passage of free diffusion, dX = sqrt(2 theta) dW, in closed form: intervals, balls, cubes and caps.

A `start` of 0 is the mirror wall or the centre. The unit of time is L^2 / theta. For drift and finite steps see
`regimes`. Sources: Redner, A Guide to First-Passage Processes (2001), chapters 2 and 6; Gardiner,
Handbook of Stochastic Methods, sections 5.2.7 and 5.2.8.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from langevin.errors import unfit
from langevin.theory.quadrature import panel_nodes
from langevin.types import FloatArray, Prediction

#: Below this theta t / L^2 the sum of mirror images converges faster, above it the sum of modes; errors are below
#: 1e-15.
SWITCH = 0.3
TERMS = 7
#: Panels of the integral for the cube, before and after the switch, and the logarithm at which its integrand is cut.
PANELS = 128
CUT_OFF = 45.0


def interval_time(length: float, temperature: float, start: float = 0.0) -> Prediction:
    """Mean time (L^2 - x^2) / (2 theta) from x to the absorbing wall at L, mirror wall at 0; exact.

    Args:
        length: L.
        temperature: theta.
        start: x, from 0 to L.
    """
    return ball_time(length, 1, temperature, start)


def interval_variance(length: float, temperature: float, start: float = 0.0) -> Prediction:
    """Variance (L^4 - x^4) / (6 theta^2) of that time; exact.

    Args:
        length: L.
        temperature: theta.
        start: x, from 0 to L.
    """
    return ball_variance(length, 1, temperature, start)


def interval_arrival(time: FloatArray, length: float, temperature: float, start: float = 0.0) -> FloatArray:
    """Probability (times,) to have reached L by each time, mirror wall at 0: distribution of the first-passage time.

    At short times by mirror images, sum_k (-1)^k [erfc(((2k+1) L - x) / s) + erfc(((2k+1) L + x) / s)] with s = sqrt(4
    theta t); otherwise 1 - `interval_survival`. The relative accuracy is kept for very small probabilities.

    Args:
        time: times t, an array.
        length: L.
        temperature: theta.
        start: x, from 0 to L.

    Raises:
        UsageError: length or temperature not positive, a start outside [0, L], or a negative time.
    """
    scaled, place = _scaled(time, length, temperature, start)
    return np.where(scaled < SWITCH, _images(scaled, place), 1 - _modes(scaled, place))


def interval_survival(time: FloatArray, length: float, temperature: float, start: float = 0.0) -> FloatArray:
    """Probability (times,) not to have reached L yet, mirror wall at 0.

    (4 / pi) sum_k (-1)^k / (2k+1) cos((2k+1) pi x / (2 L)) exp(-(2k+1)^2 pi^2 theta t / (4 L^2)), at short times 1 -
    `interval_arrival`.

    Args:
        time: times t, an array.
        length: L.
        temperature: theta.
        start: x, from 0 to L.

    Raises:
        UsageError: as `interval_arrival`.
    """
    scaled, place = _scaled(time, length, temperature, start)
    return np.where(scaled < SWITCH, 1 - _images(scaled, place), _modes(scaled, place))


def interval_quantile(
    probability: float, length: float, temperature: float, start: float = 0.0
) -> Prediction:
    """Time by which a fraction of the walkers has arrived (the median for 1/2), by root finding to 1e-12.

    Args:
        probability: fraction of the walkers, between 0 and 1.
        length: L.
        temperature: theta.
        start: x, from 0 to below L.

    Raises:
        UsageError: the probability is outside (0, 1), the start is on the wall, or as `interval_arrival`.
    """
    from scipy.optimize import brentq

    if not (0 < probability < 1 and start < length):
        raise unfit(
            "a quantile", "needs 0 < probability < 1 and start < length", f"{probability}, {start}, {length}"
        )

    def excess(log_time: float) -> float:
        time = np.array([math.exp(log_time) * unit])
        if probability > 0.5:
            left = interval_survival(time, length, temperature, start)[0]
            return math.log1p(-probability) - math.log(max(left, 1e-320))
        return math.log(max(interval_arrival(time, length, temperature, start)[0], 1e-320)) - math.log(
            probability
        )

    _scaled(np.zeros(1), length, temperature, start)
    unit = length**2 / temperature
    # Below the first end exp(-(L - x)^2 / (4 theta t)) underflows, above the second exp(-pi^2 theta t / (4 L^2)).
    ends = math.log((1 - start / length) ** 2 / 4000), math.log(300.0)
    time = unit * math.exp(brentq(excess, *ends, xtol=1e-13, rtol=1e-13))
    return Prediction(time, 1e-12 * time)


def ball_time(radius: float, dim: float, temperature: float, start: float = 0.0) -> Prediction:
    """Mean time (R^2 - r^2) / (2 d theta) to leave a ball of radius R in R^d, from distance r; exact.

    Args:
        radius: R.
        dim: d.
        temperature: theta.
        start: r, the distance of the start from the centre.
    """
    check_passage(radius, temperature, dim, start)
    return Prediction((radius**2 - start**2) / (2 * dim * temperature))


def ball_variance(radius: float, dim: float, temperature: float, start: float = 0.0) -> Prediction:
    """Variance (R^4 - r^4) / (2 d^2 (d+2) theta^2) of that time; 2 / (d+2) of the mean squared from the centre.

    Args:
        radius: R.
        dim: d.
        temperature: theta.
        start: r, the distance of the start from the centre.
    """
    check_passage(radius, temperature, dim, start)
    return Prediction((radius**4 - start**4) / (2 * dim**2 * (dim + 2) * temperature**2))


def cube_exit_time(half_side: float, dim: float, temperature: float) -> Prediction:
    """Mean time int S_1(t)^d dt to leave the cube [-L, L]^d from its centre, S_1 the survival in one direction.

    The walker has left as soon as one coordinate has, so survival probabilities multiply. The remainder is the change
    from half the number of panels.

    Args:
        half_side: L.
        dim: d.
        temperature: theta.
    """
    return _cube_moment(half_side, dim, temperature, 1)


def cube_exit_variance(half_side: float, dim: float, temperature: float) -> Prediction:
    """Variance 2 int t S_1(t)^d dt - mean^2 of that time.

    Args:
        half_side: L.
        dim: d.
        temperature: theta.
    """
    mean = _cube_moment(half_side, dim, temperature, 1)
    square = _cube_moment(half_side, dim, temperature, 2)
    remainder = square.remainder + 2 * mean.value * mean.remainder
    return Prediction(square.value - mean.value**2, remainder)


def check_passage(length: float, temperature: float, dim: float = 1, start: float = 0.0) -> None:
    """Refuse arguments that do not define a first passage.

    Args:
        length: distance to the target, or size of the body.
        temperature: theta, or another number that must be positive, such as a step.
        dim: number of dimensions.
        start: distance from the start of the interval, from 0 to `length`.

    Raises:
        UsageError: length or temperature not positive and finite, dim < 1, or a start outside [0, length].
    """
    if not (0 < length < math.inf and 0 < temperature < math.inf):
        raise unfit(
            "length and temperature (or step)", "must be positive and finite", f"{length} and {temperature}"
        )
    if not (float(dim).is_integer() and dim >= 1):
        raise unfit("dim", "must be a whole number from 1 on", f"{dim}")
    if not 0 <= start <= length:
        raise unfit("start", f"must lie from 0 to the target at {length}", f"{start}")


def _scaled(time: FloatArray, length: float, temperature: float, start: float) -> tuple[FloatArray, float]:
    """theta t / L^2 and x / L."""
    check_passage(length, temperature, 1, start)
    scaled = np.asarray(time, float) * temperature / length**2
    if not (scaled >= 0).all():
        raise unfit("times", "must be numbers from 0 on", "", "leave out the others")
    return scaled, start / length


def _images(scaled: FloatArray, place: float) -> FloatArray:
    from scipy.special import erfc

    width = np.sqrt(4 * np.clip(scaled, 1e-300, SWITCH))
    odd = 2 * np.arange(TERMS) + 1
    signs = (-1.0) ** np.arange(TERMS)
    arrived = (erfc((odd - place) / width[..., None]) + erfc((odd + place) / width[..., None])) @ signs
    return np.asarray(arrived)


def _modes(scaled: FloatArray, place: float) -> FloatArray:
    odd = 2 * np.arange(TERMS) + 1
    weights = 4 / math.pi * (-1.0) ** np.arange(TERMS) / odd * np.cos(odd * math.pi * place / 2)
    decay = np.exp(-((odd * math.pi / 2) ** 2) * np.maximum(scaled, SWITCH)[..., None])
    return np.asarray(decay @ weights)


def _cube_moment(half_side: float, dim: float, temperature: float, power: int) -> Prediction:
    """power x int t^(power - 1) S_1(t)^d dt."""
    check_passage(half_side, temperature, dim)
    # S_1 < (4 / pi) exp(-pi^2 t / 4), so beyond `last` the integrand is below e^-CUT_OFF.
    last = 4 / math.pi**2 * (CUT_OFF / dim + math.log(4 / math.pi))
    ends = [0.0, SWITCH, last] if last > SWITCH else [0.0, last]
    sums = []
    for panels in (PANELS // 2, PANELS):
        pairs = [panel_nodes(lower, upper, panels) for lower, upper in itertools.pairwise(ends)]
        times, weights = (np.concatenate(part) for part in zip(*pairs))
        early = times < SWITCH
        logs = np.where(early, np.log1p(-_images(times, 0.0)), np.log(_modes(times, 0.0)))
        sums.append(float((weights * power * times ** (power - 1) * np.exp(dim * logs)).sum()))
    unit = (half_side**2 / temperature) ** power
    return Prediction(unit * sums[1], unit * (abs(sums[1] - sums[0]) + 1e-14 * sums[1]))


def cap_passage_time(
    dim: int, radius: float, angle: float, start: float, temperature: float = 1.0
) -> Prediction:
    """Mean time from the angle `start` to the cap of half-angle `angle` on the sphere |x| = radius in R^dim.

    T = (R^2 / theta) int_angle^start sin^(2-d)(u) int_u^pi sin^(d-2)(v) dv du, the solution of theta Lap T = -1 that
    depends only on the angle. In three dimensions it is 2 (R^2 / theta) log(sin(start / 2) / sin(angle / 2)). The inner
    integral is an incomplete beta function.

    Args:
        dim: d, the dimension of the ambient space, at least 2.
        radius: R.
        angle: angle from the middle of the cap to its border, above 0 and below pi.
        start: angle from the middle of the cap to the start, at most pi; inside the cap the time is 0.
        temperature: theta of dX = sqrt(2 theta) dW along the sphere.

    Raises:
        UsageError: a number is out of range.
    """
    from scipy.integrate import quad
    from scipy.special import beta, betainc

    if dim < 2 or not (0.0 < angle < math.pi and 0.0 <= start <= math.pi and radius > 0 and temperature > 0):
        raise unfit(
            "cap_passage_time",
            "needs dim >= 2, 0 < angle < pi, 0 <= start <= pi, radius and temperature above 0",
            f"{dim}, {angle}, {start}, {radius}, {temperature}",
        )
    unit, half = radius**2 / temperature, (dim - 1) / 2
    if start <= angle:
        return Prediction(0.0)
    if dim == 3:
        return Prediction(2.0 * unit * math.log(math.sin(start / 2) / math.sin(angle / 2)))

    def rest(u: float) -> float:
        """The integral of sin^(d-2) from u to pi."""
        return float(beta(half, half) * betainc(half, half, math.cos(u / 2) ** 2)) * 2.0 ** (dim - 2)

    value, error = quad(lambda u: rest(u) * math.sin(u) ** (2 - dim), angle, start, limit=200)
    return Prediction(unit * value, unit * (error + 1e-12 * value))
