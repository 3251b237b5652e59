"""The Eyring-Kramers law in any dimension, with parallel passes and intermediate wells.

A pass s has the conductance c = (|lambda_-| / 2 pi) (2 pi theta)^(d/2) |det H_s|^(-1/2) e^(-f_s / theta). A well has
the mass Z = (2 pi theta)^(d/2) (det H)^(-1/2) e^(-f / theta). A walker hops from well i over s at the rate c / Z_i
(Eyring 1935; Langer, Ann. Phys. 54 (1969) 258; Bovier, Eckhoff, Gayrard and Klein, J. Eur. Math. Soc. 6 (2004) 399;
Berglund, arXiv 1106.5799). Rates of parallel passes add up. Passes decide which well is reached first, wells the
occupancies.

This is valid for theta far below the barriers and for quadratic, non-degenerate wells and passes, with a relative error
O(theta). A walker has left a well when it has reached the bottom of another well; the time to the top of a pass is half
as long. Curves for one coordinate: `escape`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from langevin.errors import NumericalError, UsageError, unfit
from langevin.theory.escape.minima_and_saddles import CriticalPoint, CriticalPoints
from langevin.theory.escape.one_dimension import LEAST_BARRIER
from langevin.types import FloatArray, Kernel, Parameters, Prediction


def eyring_kramers_rate(well: CriticalPoint, saddle: CriticalPoint, temperature: float) -> Prediction:
    """Rate |lambda_-| / (2 pi) sqrt(det H_a / |det H_s|) e^(-(f_s - f_a) / theta) out of a well over one saddle.

    Its inverse is the mean time from well to well. In range for (f_s - f_a) / theta >= 5. The law has a relative error
    O(theta), which is not in the remainder (zero).

    Args:
        well: the minimum.
        saddle: the pass, of index 1.
        temperature: theta, above 0.

    Raises:
        UsageError: the points are not a minimum and a saddle above it, or the temperature is not positive.
        NumericalError: the rate is below the range of floats.
    """
    barrier = saddle.energy - well.energy
    if not (well.index == 0 and saddle.index == 1 and barrier > 0 and 0 < temperature < math.inf):
        raise unfit(
            "eyring_kramers_rate",
            "needs a minimum, a saddle of index 1 above it and temperature > 0",
            f"indices {well.index} and {saddle.index}, height {barrier:.4g} and temperature {temperature}",
        )
    entropy = 0.5 * (np.log(well.curvatures).sum() - np.log(np.abs(saddle.curvatures)).sum())
    exponent = math.log(-saddle.curvatures[0] / (2 * math.pi)) + float(entropy) - barrier / temperature
    if exponent < math.log(np.finfo(float).tiny):
        raise NumericalError(
            f"barrier / temperature = {barrier / temperature:.4g} is beyond floats",
            remedy="raise the temperature",
        )
    return Prediction(math.exp(exponent), in_range=barrier >= LEAST_BARRIER * temperature)


def hop_rates(points: CriticalPoints, temperature: float) -> FloatArray:
    """Rates (wells, wells) of the hops from well i to well j; rates over parallel passes are added.

    A pass that leads back to the same well, or out of the searched box, counts as closed.

    Args:
        points: minima and saddles of a landscape.
        temperature: theta, above 0.

    Raises:
        UsageError, NumericalError: as `eyring_kramers_rate`.
    """
    rates = np.zeros((len(points.minima),) * 2)
    for saddle, (first, second) in zip(points.saddles, points.joins):
        if first >= 0 and first != second:
            for here, there in ((first, second), (second, first)):
                rates[here, there] += eyring_kramers_rate(points.minima[here], saddle, temperature).value
    return rates


def transition_time(
    points: CriticalPoints, start: int, targets: Sequence[int], temperature: float
) -> Prediction:
    """Mean time from the bottom of well `start` until the bottom of any of the wells `targets` is reached.

    Solves (sum_j k_ij) T_i = 1 + sum_j k_ij T_j, T = 0 on the targets, for hops between wells: successive passes add up
    as resistances 1 / c. In range if, on the path whose highest pass is lowest, passes are 5 temperatures above their
    two wells and the highest one as far above the start. Passes 5 temperatures below the highest do not count.

    Args:
        points: minima and saddles of a landscape.
        start: number of the well.
        targets: numbers of the target wells.
        temperature: theta, above 0.

    Raises:
        UsageError: the start is among the targets, no path joins them, or as `eyring_kramers_rate`.
        NumericalError: as `eyring_kramers_rate`.
    """
    weight, exits = _eliminate(points, start, targets, temperature)
    return Prediction(
        weight / float(exits.sum()),
        in_range=bool(_least_height(points, start, targets, temperature) >= LEAST_BARRIER * temperature),
    )


def capture_shares(
    points: CriticalPoints, start: int, targets: Sequence[int], temperature: float
) -> FloatArray:
    """Probability (targets,) that each target well is the first to be reached from well `start`.

    Only passes matter: behind equal passes a wide well catches as many walkers as a narrow one. If all passes lead out
    of the start, the probabilities are proportional to |lambda_-| |det H_s|^(-1/2) e^(-f_s / theta).

    Args:
        points: minima and saddles of a landscape.
        start: number of the well.
        targets: numbers of the target wells.
        temperature: theta, above 0.

    Raises:
        UsageError, NumericalError: as `transition_time`.
    """
    exits = _eliminate(points, start, targets, temperature)[1]
    return np.asarray(exits / exits.sum())


def well_shares(points: CriticalPoints, temperature: float) -> FloatArray:
    """Probability (wells,) of each well, by Laplace: ~ (det H)^(-1/2) e^(-f / theta), with an error ~ theta / barrier.

    For wells of equal depth, escape times and probabilities have the ratio sqrt(k_narrow / k_wide).

    Args:
        points: minima and saddles of a landscape.
        temperature: theta, above 0.

    Raises:
        UsageError: temperature not positive.
    """
    if not 0 < temperature < math.inf:
        raise unfit("temperature", "must be positive and finite", f"{temperature}")
    logs = np.array(
        [-0.5 * np.log(well.curvatures).sum() - well.energy / temperature for well in points.minima]
    )
    shares = np.exp(logs - logs.max())
    return np.asarray(shares / shares.sum())


def _eliminate(
    points: CriticalPoints, start: int, targets: Sequence[int], temperature: float
) -> tuple[float, FloatArray]:
    """Weight and rates (targets,) of the start when all other wells are eliminated; nothing is subtracted.

    Exact to round-off (W. K. Grassmann, M. I. Taksar and D. P. Heyman, Operations Research 33 (1985) 1107).
    """
    wells = range(len(points.minima))
    if start not in wells or not targets or start in targets or not set(targets) <= set(wells):
        raise unfit("start and targets", f"must be different wells from 0 to {len(wells) - 1}", "")
    rates, weights = hop_rates(points, temperature), np.ones(len(wells))
    for gone in set(wells) - {start, *targets}:
        total = rates[gone].sum()
        if total > 0:
            shares = rates[:, gone] / total
            weights += shares * weights[gone]
            rates += np.outer(shares, rates[gone])
        rates[:, gone] = 0.0
        np.fill_diagonal(rates, 0.0)
    exits = rates[start, list(targets)]
    if not exits.sum() > 0:
        raise _nopath_of_passes(points)
    return float(weights[start]), exits


def path_of_passes(points: CriticalPoints, start: int, targets: Sequence[int]) -> list[int]:
    """Indices of the saddles on the path from the start to a target whose highest saddle is lowest.

    Args:
        points: minima and saddles of the loss.
        start: index of the minimum at the start.
        targets: indices of the minima in the target.
    """
    ways = {start: list[int]()}
    while True:
        steps = [
            (saddle.energy, number, first if second in ways else second)
            for number, (saddle, (first, second)) in enumerate(zip(points.saddles, points.joins))
            if first >= 0 and (first in ways) != (second in ways)
        ]
        if not steps:
            raise _nopath_of_passes(points)
        # The lowest pass out of the wells reached so far (R. C. Prim, Bell Syst. Tech. J. 36 (1957) 1389).
        _, number, reached = min(steps)
        here = next(well for well in points.joins[number] if well != reached)
        ways[reached] = [*ways[here], number]
        if reached in targets:
            return ways[reached]


def _least_height(points: CriticalPoints, start: int, targets: Sequence[int], temperature: float) -> float:
    """Smallest height of a pass of the path above its wells, and of the highest pass above the start.

    A pass far below the highest one does not change the time and is left out.
    """
    way = [
        (points.saddles[number].energy, points.joins[number])
        for number in path_of_passes(points, start, targets)
    ]
    highest = max(energy for energy, _ in way)
    heights = [
        energy - points.minima[well].energy
        for energy, wells in way
        if energy > highest - LEAST_BARRIER * temperature
        for well in wells
    ]
    return min(*heights, highest - points.minima[start].energy)


def _nopath_of_passes(points: CriticalPoints) -> UsageError:
    if points.degenerate:
        return UsageError(
            f"no pass joins the start to the targets, and {points.degenerate} searches ended at a point at "
            "which a curvature is zero",
            "a pass between the wells",
            "take out the directions in which the loss is flat, widen the box or take more starts",
        )
    return UsageError(
        "no pass joins the start to the targets",
        "a pass between the wells",
        "widen the box or take more starts",
    )


def wells_in(
    kernels: Sequence[Kernel], parameters: Parameters, points: CriticalPoints, tolerance: float
) -> list[int]:
    """Indices of the wells whose bottoms lie in a target.

    Args:
        kernels: signed distances to the targets.
        parameters: arguments of the kernels.
        points: minima and saddles of the loss.
        tolerance: largest distance that counts as inside, length.
    """
    places = np.stack([well.position for well in points.minima], axis=1)
    distances = np.empty((len(kernels), places.shape[1]))
    for kernel, out in zip(kernels, distances):
        kernel(places, out, parameters)
    inside = np.flatnonzero((distances <= tolerance).any(axis=0))
    if not len(inside):
        raise UsageError(
            "the target holds no minimum, and Eyring-Kramers is for times from well to well",
            "a target with a minimum",
            "widen it",
        )
    return [int(number) for number in inside]
