"""Which of two targets on a line a walker between them reaches first, for any loss: computed from its kernels."""

from __future__ import annotations

from functools import partial

import numpy as np

from langevin.kernels.targets import targets_of
from langevin.landscapes.evaluate import evaluate
from langevin.theory.quadrature import panel_nodes
from langevin.types import Curve, FloatArray, Landscape, Prediction

#: Number of panels between the start and each edge, for the coarser quadrature.
PANELS = 100
ROUND_OFF = 1e-12


def target_distances(landscape: Landscape, position: float) -> FloatArray:
    """Signed distances (targets,) from a position on a line to each target of a landscape."""
    kernels = targets_of(landscape)
    out = np.empty((len(kernels), 1))
    for kernel, row in zip(kernels, out):
        kernel(np.array([[position]]), row, landscape.parameters)
    return out[:, 0]


def share_curves_between(landscape: Landscape, start: float, left: float, right: float) -> list[Curve]:
    """The fraction of walkers that each target catches, over the temperature; no curves if one target is on both sides.

    From a start s between the edges l and r the right one is reached first with the probability
    int_l^s e^(f / theta) dx / int_l^r e^(f / theta) dx (Gardiner, Handbook of Stochastic Methods, section 5.2.8).
    """
    owners = [int(target_distances(landscape, edge).argmin()) for edge in (left, right)]
    if owners[0] == owners[1]:
        return []
    return [
        Curve(
            f"splitting probability of target {owner}",
            partial(_share, landscape, (left, start, right), side),
            "any temperature; one dimension",
            "Gardiner, Handbook of Stochastic Methods, section 5.2.8",
            f"share of target {owner}",
        )
        for side, owner in enumerate(owners)
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
