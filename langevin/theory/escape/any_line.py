"""Time to a target on a line, and which of two targets a walker reaches first, for any landscape: by its kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from langevin.errors import LangevinError, UsageError
from langevin.kernels.targets import targets_of
from langevin.landscapes.evaluate import evaluate, scalar_value
from langevin.theory.escape.eyring_kramers import transition_time, wells_in
from langevin.theory.escape.minima_and_saddles import critical_points
from langevin.theory.escape.one_dimension import LEAST_BARRIER, exact_escape_time
from langevin.theory.fokker_planck.cells import box_mesh, interpolate, richardson
from langevin.theory.fokker_planck.landscape_cells import energies_on
from langevin.theory.fokker_planck.passage import mean_passage_time
from langevin.theory.quadrature import cut_off, panel_nodes
from langevin.types import Curve, FloatArray, Landscape, Prediction

#: Number of steps towards an edge of the target, each as long as the remaining distance; the accuracy of the edge.
MOST_STEPS, EDGE = 200, 1e-12
#: Radius of the search over the first distance.
FARTHEST = 1e4
#: Number of cells between two edges on the coarser mesh.
CELLS = 400
#: The search for wells ends where the loss has risen by 60 times this fraction of the highest barrier.
PART = 0.1
#: Number of panels between the start and each edge, for the coarser quadrature.
PANELS = 100
ROUND_OFF = 1e-12


def line_escape_curves(landscape: Landscape) -> list[Curve]:
    """Mean time over the temperature from the start of a landscape on a line to its target.

    If the target is on one side: exact quadrature and, if there are wells on both sides of at least one pass, the
    Eyring-Kramers law. If there are targets on both sides: the backward equation by finite volumes, and the fraction of
    walkers that each of two targets catches.

    Args:
        landscape: a landscape of one coordinate, with a target.

    Raises:
        UsageError: the landscape has not one coordinate, no target, or a start inside the target.
    """
    if landscape.dim != 1 or landscape.target is None:
        raise UsageError(
            "line_escape_curves needs one coordinate and a target",
            "dim = 1 and a target",
            f"give another landscape: {landscape.name} has not",
        )
    start = float(landscape.start(np.full((1, 1), 0.5), 1.0)[0, 0])
    if not _distance(landscape, start) > 0:
        raise UsageError(
            f"{landscape.name} starts in its target", "a start outside the target", "start elsewhere"
        )
    left, right = (target_edge(landscape, start, side) for side in (-1, 1))
    if left is not None and right is not None:
        return [_between(landscape, start, left, right), *share_curves_between(landscape, start, left, right)]
    if left is None and right is None:
        return []
    target, side = (right, 1) if right is not None else (left, -1)
    assert target is not None
    value = scalar_value(landscape)

    def mirrored(position: float) -> float:
        return value(side * position)

    exact = Curve(
        "exact quadrature",
        lambda temperature: exact_escape_time(mirrored, side * start, side * target, temperature),
        "any temperature at which the loss confines; one dimension",
        "Hanggi, Talkner and Borkovec, Rev. Mod. Phys. 62 (1990) 251",
    )
    return [exact, *_kramers(landscape, value, start, target, side)]


def _distance(landscape: Landscape, position: float) -> float:
    """Signed distance from a position on a line to the nearest target of a landscape."""
    return float(target_distances(landscape, position).min())


def target_edge(landscape: Landscape, start: float, side: int) -> float | None:
    """The first point of a target on one side of a start on a line, or None.

    Args:
        landscape: a landscape of one coordinate, with a target.
        start: position at which the search begins.
        side: direction of the search, 1 or -1.
    """
    position, left = start, _distance(landscape, start)
    reach = FARTHEST * max(left, 1.0)
    for _ in range(MOST_STEPS):
        if left <= EDGE * max(1.0, abs(position)):
            return position
        position += side * left
        if not abs(position - start) < reach:
            return None
        left = _distance(landscape, position)
    return None


def _between(landscape: Landscape, start: float, left: float, right: float) -> Curve:
    def predict(temperature: float) -> Prediction:
        def time(cells: int) -> float:
            mesh = box_mesh([left], [right], [cells])
            walls = [(0, "lower"), (0, "upper")]
            times = mean_passage_time(mesh, energies_on(mesh, landscape), temperature, walls=walls)
            return interpolate(mesh, times, [start])

        return richardson(time, CELLS)

    return Curve(
        "backward equation",
        predict,
        "any temperature at which the mesh resolves the landscape; one dimension",
        "Gardiner, Handbook of Stochastic Methods, section 5.2.7; finite volumes",
    )


def _kramers(
    landscape: Landscape, value: Callable[[float], float], start: float, target: float, side: int
) -> list[Curve]:
    """The Eyring-Kramers law, if the start lies in a well and the target contains another one."""
    way = [value(position) for position in np.linspace(start, target, 200)]
    barrier, drop = max(way) - value(start), max(way) - value(target)
    try:
        ends = sorted(
            cut_off(value, place, turn * side, PART * barrier) for place, turn in ((start, -1), (target, 1))
        )
        points = critical_points(landscape, ends[:1], ends[1:])
        kernels = landscape.target if isinstance(landscape.target, tuple) else (landscape.target,)
        tolerance = EDGE + 1e-6 * (ends[1] - ends[0])
        targets = wells_in([kernel for kernel in kernels if kernel], landscape.parameters, points, tolerance)
        well = min(range(len(points.minima)), key=lambda i: abs(points.minima[i].position[0] - start))
        transition_time(points, well, targets, barrier)
    except LangevinError:
        return []

    def predict(temperature: float) -> Prediction:
        time = transition_time(points, well, targets, temperature)
        return replace(time, in_range=time.in_range and drop >= LEAST_BARRIER * temperature)

    return [
        Curve(
            "Eyring-Kramers",
            predict,
            "leading order in temperature: "
            f"barrier / temperature >= {LEAST_BARRIER:g} from start and target, smooth wells; well-to-well",
            "Kramers, Physica 7 (1940) 284; Berglund, arXiv 1106.5799",
        )
    ]


def target_distances(landscape: Landscape, position: float) -> FloatArray:
    """Signed distances (targets,) from a position on a line to each target of a landscape.

    Args:
        landscape: of one coordinate, with targets.
        position: the position on the line.
    """
    kernels = targets_of(landscape)
    out = np.empty((len(kernels), 1))
    for kernel, row in zip(kernels, out):
        kernel(np.array([[position]]), row, landscape.parameters)
    return out[:, 0]


def owners_of(landscape: Landscape, left: float, right: float) -> list[int]:
    """Numbers of the targets at the edges on both sides of a start; empty if one target is on both sides.

    Args:
        landscape: of one coordinate, with targets.
        left: position of the edge below the start.
        right: position of the edge above the start.
    """
    owners = [int(target_distances(landscape, edge).argmin()) for edge in (left, right)]
    return [] if owners[0] == owners[1] else owners


def share_curves_between(landscape: Landscape, start: float, left: float, right: float) -> list[Curve]:
    """The fraction of walkers that each target catches, over the temperature; no curves if one target is on both sides.

    From a start s between the edges l and r the right one is reached first with the probability
    int_l^s e^(f / theta) dx / int_l^r e^(f / theta) dx (Gardiner, Handbook of Stochastic Methods, section 5.2.8).

    Args:
        landscape: of one coordinate, with targets.
        start: position s.
        left: position l of the edge below the start.
        right: position r of the edge above the start.
    """
    return [
        Curve(
            f"splitting probability of target {owner}",
            partial(_share, landscape, (left, start, right), side),
            "any temperature; one dimension",
            "Gardiner, Handbook of Stochastic Methods, section 5.2.8",
            f"share of target {owner}",
        )
        for side, owner in enumerate(owners_of(landscape, left, right))
    ]


def _share(
    landscape: Landscape, ends: tuple[float, float, float], side: int, temperature: float
) -> Prediction:
    coarse, fine = (_split(landscape, ends, temperature, panels)[side] for panels in (PANELS, 2 * PANELS))
    return Prediction(fine, abs(fine - coarse) + ROUND_OFF)


def _split(
    landscape: Landscape, ends: tuple[float, float, float], temperature: float, panels: int
) -> tuple[float, float]:
    """Probabilities that the left and the right edge are reached first."""
    parts = [panel_nodes(*pair, panels) for pair in (ends[:2], ends[1:])]
    losses = [evaluate(landscape, "value", nodes.reshape(-1, 1)) / temperature for nodes, _ in parts]
    top = max(float(loss.max()) for loss in losses)
    before, after = (float(weights.ravel() @ np.exp(loss - top)) for (_, weights), loss in zip(parts, losses))
    return after / (before + after), before / (before + after)
