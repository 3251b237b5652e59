"""What the hits of targets say: the share of each target, and whether a target is one where walkers hit it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from langevin.comparison import compare_all, format_prediction, format_table, format_value
from langevin.kernels.targets import targets_of
from langevin.landscapes.target_contract import is_distance
from langevin.measure import capture_probabilities, confidence_interval
from langevin.types import Comparison, Curve, Landscape, Measurement, Status, Trajectory

#: Hits that are examined, and the time that it takes.
HITS, SECONDS = 8, 0.05


class Shares(NamedTuple):
    """Shares by name, compared with the curves whose quantity has that name, and their table."""

    measured: Mapping[str, Measurement]
    comparisons: Sequence[Comparison]
    table: str


def target_shares(
    trajectory: Trajectory, targets: int, curves: Sequence[Curve], temperature: float, level: float
) -> Shares:
    """The share of the walkers that each target caught; a difference is judged over that of equal shares.

    Args:
        trajectory: of walkers that stop at the first of several targets.
        targets: how many.
        curves: over the temperature, each for the share that it names.
        temperature: the point on their dial.
        level: chance that any true one of them is excluded.
    """
    found = {f"share of {name}": share for name, share in capture_probabilities(trajectory, targets).items()}
    found = {name: share for name, share in found.items() if share.value or name != "share of none"}
    own = [curve for curve in curves if curve.quantity in found]
    rows: list[Comparison] = []
    for curve in own:
        rows += compare_all(
            [temperature], [found[curve.quantity]], [curve], level / len(own), yardstick=1 / len(found)
        )
    lines: list[list[str | float | None]] = []
    for name, share in found.items():
        low, high = confidence_interval(share)
        laws = [format_prediction(curve.predict(temperature)) for curve in own if curve.quantity == name]
        lines.append(
            [
                name,
                format_value(share.value, share.error),
                f"[{low:.4g}, {high:.4g}]",
                share.n,
                ", ".join(laws) or "-",
            ]
        )
    header = ["reached first", "", "95 % interval", "walkers", "theory"]
    return Shares(found, rows, format_table(header, lines))


def doubt_of_hits(landscape: Landscape, trajectory: Trajectory) -> str:
    """Why the times to the targets are not to be trusted, by the places where they were hit; empty if they are."""
    hits = np.flatnonzero(np.asarray(trajectory.events["status"]) == Status.HIT)[:HITS]
    if not hits.size:
        return ""
    places = np.concatenate([trajectory.states[hits[:1], 0], trajectory.states[hits, -1]])
    points = np.ascontiguousarray(places[np.isfinite(places).all(axis=1)].T)
    deadline = time.thread_time() + SECONDS
    for target in targets_of(landscape):
        seen = is_distance(landscape, target, points, deadline)
        if not seen.passed:
            return f"the target is no signed distance where walkers hit it: {seen.detail}; {seen.remedy}"
    return ""
