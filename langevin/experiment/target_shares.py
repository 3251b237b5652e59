"""Which of several targets the walkers reached: the share of each, compared with its law if one is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from langevin.comparison import compare_all, format_prediction, format_table, format_value
from langevin.measure import capture_probabilities, confidence_interval
from langevin.types import Comparison, Curve, Measurement, Trajectory


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
