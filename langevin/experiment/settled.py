"""Whether the mean of a function had settled at the end of a run, by the frame at half time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from langevin.measure import ensemble_mean
from langevin.types import FloatArray, Measurement, Trajectory

#: Correlation between half time and the end, beside four of its errors, above which a run is too short to settle.
MEMORY = 0.1
#: What to do about it, in every command that answers questions.
LONGER = "a longer run is needed (`langevin simulate --horizon`)"
MORE_FRAMES = "more frames are needed (`langevin simulate --frames`)"


def settled(trajectory: Trajectory, function: Callable[[FloatArray], FloatArray]) -> Measurement:
    """Mean of a function over independent walkers at the end of a run; not mixed where it had not settled.

    Args:
        trajectory: with a frame between the first and the last.
        function: states (walkers, dim) to numbers (walkers,).
    """
    end, reason = ensemble_mean(trajectory, function), _moving(trajectory, function)
    return replace(end, mixed=False, note=reason) if reason else end


def all_settled(
    trajectory: Trajectory, functions: Mapping[str, Callable[[FloatArray], FloatArray]]
) -> dict[str, Measurement]:
    """Means as `settled`: where one had not settled, none is mixed; what else voids one is its own."""
    means = {name: ensemble_mean(trajectory, function) for name, function in functions.items()}
    reasons = (_moving(trajectory, function) for function in functions.values())
    reason = next(filter(None, reasons), "")
    return {name: replace(mean, mixed=False, note=reason) if reason else mean for name, mean in means.items()}


def as_one(moments: Mapping[str, Measurement]) -> dict[str, Measurement]:
    """Moments of one run: where one shows that it had not settled, none counts as settled."""
    note = next((moment.note for moment in moments.values() if not moment.mixed), None)
    if note is None:
        return dict(moments)
    return {name: replace(moment, mixed=False, note=note) for name, moment in moments.items()}


def _moving(trajectory: Trajectory, function: Callable[[FloatArray], FloatArray]) -> str:
    """Why the mean of a function had not settled at the end of a run, by the frame at half time; empty if it had."""
    middle = int(np.abs(trajectory.times - (trajectory.times[0] + trajectory.times[-1]) / 2).argmin())
    half, end = (ensemble_mean(trajectory, function, frame) for frame in (middle, -1))
    if not 0 < middle < len(trajectory.times) - 1:
        return f"no frame shows whether the moments had settled; {MORE_FRAMES}"
    if abs(end.value - half.value) > 4.0 * (half.error**2 + end.error**2) ** 0.5:
        return f"the moments still change between half time and the end; {LONGER}"
    memory = _correlation(*(function(trajectory.states[:, frame]) for frame in (middle, -1)))
    if memory > MEMORY + 4.0 / end.n**0.5:
        return f"walkers remember half time at the end (correlation {memory:.2f}); {LONGER}"
    return ""


def _correlation(first: FloatArray, second: FloatArray) -> float:
    """Of two numbers of the same walkers, those that are not finite left out."""
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() < 3 or not (first[known].std() > 0 and second[known].std() > 0):
        return 0.0
    return float(np.corrcoef(first[known], second[known])[0, 1])
