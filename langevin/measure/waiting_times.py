"""The law of the waiting times of walkers or seeds: rate, spread, and whether it is exponential."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from langevin.errors import UsageError
from langevin.measure.bootstrap import bootstrap_walkers
from langevin.measure.first_passage import mean_first_passage_time
from langevin.measure.shape_score import shape_score
from langevin.measure.walkers import Mask, joined, sound, times_since_watch
from langevin.types import FloatArray, Measurement, Status, Trajectory, Waits
from langevin.words import counted

#: Fewer arrivals than this cannot tell one law from another.
FEWEST_ARRIVALS = 20


def arrival_rate(trajectory: Trajectory, where: Mask | None = None) -> Measurement:
    """1 / mean first-passage time, its error to first order; censoring and notes as there.

    When nobody arrived the value is an upper bound, and `mixed` is False.

    Raises:
        UsageError: as `mean_first_passage_time`, or every walker starts at the target.
    """
    mean = mean_first_passage_time(trajectory, where)
    if not mean.value > 0:
        raise UsageError("every walker starts at the target", "starts outside the target", "start elsewhere")
    name = f"1 / {mean.estimator}"
    law = replace(mean.law, power=-1) if isinstance(mean.law, Waits) else mean.law
    error = mean.error / mean.value**2
    return Measurement(1 / mean.value, error, mean.n, name, mean.mixed, mean.note, law)


def coefficient_of_variation(trajectory: Trajectory, where: Mask | None = None) -> Measurement:
    """Standard deviation over mean of the waiting times: 1 for the exponential law, 0 for a clock.

    The error is the larger of that by the bootstrap over walkers and c sqrt((1 + c^2) / (2 n)), which a gamma
    law of the same c would have (delta method): the rare long waits that decide the spread are seldom in the
    sample, and the bootstrap alone is too bold for an exponential law. `mixed` is False with fewer than 20
    walkers.

    Raises:
        UsageError: censored walkers, whose share of the spread is unknown; a wrong mask, nobody left, no
            target, or every walker starts at the target.
    """
    times, arrived, note, fair = _waits(trajectory, where)
    if not arrived.all():
        raise UsageError(
            f"{int((~arrived).sum())} of {counted(len(times), 'walker')} censored",
            "walkers that have all arrived",
            "run longer, or use exponential_score",
        )
    if not times.any():
        raise UsageError("every walker starts at the target", "starts outside the target", "start elsewhere")
    n = len(times)
    scaled = times / times.mean()
    rows = np.stack([scaled, (scaled - 1) ** 2], axis=1)

    def variation(means: FloatArray) -> FloatArray:
        variance = (means[:, 1] - (means[:, 0] - 1) ** 2) * n / max(n - 1, 1)
        return np.asarray(np.sqrt(np.maximum(variance, 0)) / means[:, 0])

    measured = bootstrap_walkers(rows, variation, "coefficient of variation", note)
    gamma = measured.value * math.sqrt((1 + measured.value**2) / (2 * n))
    few = too_few(n, "walker")
    return replace(
        measured,
        error=max(measured.error, gamma),
        mixed=measured.mixed and fair and not few,
        note=joined(measured.note, few),
    )


def exponential_score(trajectory: Trajectory, where: Mask | None = None) -> Measurement:
    """Score test of the exponential law against Weibull's, censored walkers included: 0 +- 1 if it holds.

    Positive: more regular than exponential; negative: more spread (`shape_score`). Walkers that start at the
    target are left out, and n is the number of the others. `mixed` is False with fewer than 20 arrivals, when
    the score is not yet normal.

    Raises:
        UsageError: a wrong mask, nobody left, no target, or nobody arrives from outside.
    """
    times, arrived, note, fair = _waits(trajectory, where)
    outside = times > 0
    times, arrived = times[outside], arrived[outside]
    arrivals = int(arrived.sum())
    if not arrivals:
        raise UsageError("nobody arrives from outside", "arrivals from outside", "run longer")
    at_target, censored = int((~outside).sum()), len(times) - arrivals
    few = too_few(arrivals, "arrival")
    note = joined(
        note,
        f"{counted(at_target, 'walker is', 'walkers are')} left out, at the target from the start"
        if at_target
        else "",
        f"{censored} of {len(times)} walkers censored" if censored else "",
        few,
    )
    # the score does not depend on the unit of time; this one keeps the logarithms small
    score = shape_score(times / times.mean(), arrived)
    return Measurement(score, 1.0, len(times), "exponential score", fair and not few, note)


def too_few(count: int, what: str) -> str:
    """What to say of so few arrivals or walkers; empty of enough."""
    return f"only {counted(count, what)}, {FEWEST_ARRIVALS} are needed" if count < FEWEST_ARRIVALS else ""


def _waits(trajectory: Trajectory, where: Mask | None) -> tuple[FloatArray, Mask, str, bool]:
    """Waiting times, whether each ended in an arrival, a note, and whether they are a fair sample."""
    keep, note, fair = sound(trajectory, where)
    status = np.asarray(trajectory.events["status"])[keep]
    if (status == Status.FINISHED).any():
        raise UsageError(
            "some walkers ran without a target to reach",
            "a run with a target",
            "run with a stop, or use where=",
        )
    times = times_since_watch(trajectory)[keep]
    return times, status == Status.HIT, note, fair
