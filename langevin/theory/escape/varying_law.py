"""The stationary distribution on a line where the diffusion varies: means, the slowest rate, and how it falls.

The distribution is that of `varying_diffusion`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from langevin.errors import NumericalError
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import usual_point
from langevin.theory.escape.one_dimension import MOST_PANELS, ROUND_OFF
from langevin.theory.escape.varying_diffusion import logarithms, range_of, slope_over_factor
from langevin.theory.gibbs.quadratures import refine
from langevin.theory.quadrature import panel_nodes
from langevin.types import Diffusion, FloatArray, Landscape, Prediction

#: Distance, over the size of the start, up to which the power of a fall is computed; powers that differ by less than
#: the second number, relatively, are the same; cells of a mesh.
FAR, ALIKE, CELLS = 1e6, 0.01, 2000


def stationary_mean(
    landscape: Landscape, acts: Diffusion, temperature: float, function: Callable[[FloatArray], FloatArray]
) -> Prediction:
    """Mean of a function of the place under the stationary distribution on a line where the diffusion varies.

    The distance from the start is sinh u times its size: the tails of a density that falls as a power then fall
    exponentially in u. Panels are doubled until two results agree to 1e-10; the remainder is their difference.

    Args:
        landscape: a loss of one coordinate with a diffusion; it confines walkers.
        acts: whether the mobility varies with the diffusion, or the noise alone.
        temperature: theta.
        function: positions (points,) to numbers (points,).

    Raises:
        UsageError: as `effective_loss`, or the loss does not confine.
        NumericalError: the quadrature did not settle.
    """
    _, log_speed = logarithms(landscape, acts, temperature)
    start, unit, lower, upper = range_of(landscape, acts, temperature)

    def mean(panels: int) -> tuple[float, float]:
        nodes, weights = panel_nodes(lower, upper, panels)
        places = (start + unit * np.sinh(nodes)).ravel()
        exponents = log_speed(places) + np.log(weights.ravel() * np.cosh(nodes.ravel()))
        masses = np.exp(exponents - exponents.max())
        masses, values = masses / masses.sum(), function(places)
        return float((masses * values).sum()), float((masses * np.abs(values)).sum())

    return refine(mean, MOST_PANELS)


def slowest_rate(landscape: Landscape, acts: Diffusion, temperature: float) -> float:
    """Slowest rate of the relaxation to the stationary distribution on a line, by finite volumes.

    The distance from the start is sinh u times its size, in cells of equal length in u. Cells that touch exchange
    walkers at the rate theta D p / (their distance), with p the stationary density between them.

    Args:
        landscape: a loss of one coordinate with a diffusion; it confines walkers.
        acts: whether the mobility varies with the diffusion, or the noise alone.
        temperature: theta.

    Raises:
        UsageError: as `effective_loss`, or the loss does not confine.
        NumericalError: the rate is smaller than the round-off error.
    """
    from scipy.linalg import eigvalsh_tridiagonal

    _, log_speed = logarithms(landscape, acts, temperature)
    assert landscape.diffusion is not None
    start, unit, lower, upper = range_of(landscape, acts, temperature)
    places = start + unit * np.sinh(np.linspace(lower, upper, 2 * CELLS + 1))
    ends, centres = places[::2], places[1::2]
    masses = log_speed(centres) + np.log(np.diff(ends))
    factors = evaluate(landscape.diffusion, "value", ends[1:-1, None])
    flows = np.log(temperature * factors / np.diff(centres)) + log_speed(ends[1:-1])
    off_diagonal = np.exp(flows - 0.5 * (masses[1:] + masses[:-1]))
    out = np.zeros(CELLS)
    out[:-1] += np.exp(flows - masses[:-1])
    out[1:] += np.exp(flows - masses[1:])
    rates = eigvalsh_tridiagonal(out, -off_diagonal, select="i", select_range=(0, 1))
    if not rates[1] > ROUND_OFF * out.max():
        raise NumericalError(
            f"the slowest rate at temperature {temperature:g} is smaller than the round-off error",
            remedy="raise the temperature",
        )
    return float(rates[1])


def power_of_fall(landscape: Landscape, acts: Diffusion, temperature: float) -> float:
    """The exponent p = x V' / theta of a stationary density that falls as |x|^-p, on the side of its slower fall.

    Infinite if the density falls faster than every power, or if no walker comes there.

    Args:
        landscape: a loss of one coordinate with a diffusion.
        acts: whether the mobility varies with the diffusion, or the noise alone.
        temperature: theta.

    Raises:
        UsageError: as `effective_loss`.
    """
    return min(_power_on_side(landscape, acts, temperature, side) for side in (-1, 1))


def power_of_growth(landscape: Landscape) -> float:
    """The exponent q of a loss that grows as |x|^q far away on a line, on the side of its faster growth."""
    start = float(usual_point(landscape)[0])
    unit = max(1.0, abs(start))
    sides = unit * np.array([[-1.0], [1.0]])
    near, far = (np.abs(evaluate(landscape, "value", distance * sides)) for distance in (FAR / 10.0, FAR))
    with np.errstate(all="ignore"):
        return float(np.nanmax(np.log10(far / near)))


def _power_on_side(landscape: Landscape, acts: Diffusion, temperature: float, side: int) -> float:
    """x V' / theta at the farthest places where it is a number; infinite if it is not the same at the last two."""
    logarithms(landscape, acts, temperature)
    assert landscape.diffusion is not None
    unit = max(1.0, abs(float(usual_point(landscape)[0])))
    places = side * unit * np.geomspace(10.0, FAR, 11)
    with np.errstate(all="ignore"):
        factors = evaluate(landscape.diffusion, "value", places[:, None])
        if acts is Diffusion.MOBILITY:
            slopes = evaluate(landscape, "gradient", places[:, None])[:, 0] / temperature
        else:
            rises = evaluate(landscape.diffusion, "gradient", places[:, None])[:, 0] / factors
            slopes = slope_over_factor(landscape, places) / temperature + rises
        powers = places * slopes
    known = powers[np.isfinite(powers) & np.isfinite(factors)]
    if (factors <= 0.0).any() or known.size < 2 or abs(known[-1] - known[-2]) > ALIKE * abs(known[-1]):
        return math.inf
    return float(known[-1])
