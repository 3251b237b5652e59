"""The result of a run, a number measured from it with its distribution, a prediction, and the comparison of the two.

An estimate with a standard error usually has Student's distribution, which is symmetric around the value. With few
events this is wrong: an interval for a rate must not reach below zero. So an estimate may have a more exact `Law`: of
times, of counts, of positive numbers. `langevin.measure.interval` computes with these records.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.types.arrays import FloatArray
from langevin.words import counted, format_value

#: A relative remainder below this is not visible in six digits.
UNSEEN = 5e-7


class Status(IntEnum):
    """How a walker ended. The codes are part of the file schema."""

    FINISHED = 0
    HIT = 1
    CENSORED = 2
    DIVERGED = 3
    PROJECTION_FAILED = 4


@dataclass(frozen=True, repr=False)
class Trajectory:
    """The result of a run, toy or network: the one record that estimators, files and figures use.

    times, steps    (draws,)             of the recorded frames; time is the sum of the lengths of the steps
    states          (chains, draws, dim) positions, or for a network a fixed sketch of its weights;
                                         a walker that stopped keeps its last state
    observables     (chains, draws)      each a function of the state; one with several parts gives an array for each
                                         part, `name[part]`
    events          (chains,)            `status` (codes of Status), `step` and `time` of the
                                         walker's end, `target` reached (-1: none), the integrator's tallies, and labels
                                         such as `samples`
    meta            plain values that JSON can hold: configuration, seed, versions
    state           arrays of one to three axes by name, from which the run can be extended: the present states of the
                    walkers in addition to their last frame, and `identity`, texts of what decides their bits; empty if
                    the run cannot be extended
    weights         weights of networks that were kept during training: `stepwise` (chains, kept, parameters) at the
                    recorded `steps` (kept,), and `memorised`, `generalised`, `arrived` (chains, parameters) at the step
                    of the event of this name, nan if it did not occur; leaf after leaf, as `arrays` of the meta names
                    them
    """

    times: FloatArray
    steps: NDArray[np.int64]
    states: FloatArray
    observables: Mapping[str, FloatArray]
    events: Mapping[str, NDArray[Any]]
    meta: Mapping[str, Any]
    state: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    weights: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __repr__(self) -> str:
        """The name of the problem, the sizes of the arrays, and how the chains ended."""
        about = self.meta.get("landscape") or self.meta.get("model") or "a run"
        chains, frames, dim = self.states.shape
        ended = ", ".join(f"{count} {cause}" for cause, count in self.counts.items() if count)
        return (
            f"<Trajectory of {about}: {counted(chains, 'chain')}, {counted(frames, 'frame')}, "
            f"{counted(dim, 'coordinate')}, t = {self.times[-1]:.6g}; {ended}>"
        )

    @property
    def duration(self) -> float:
        """Time from the first frame to the last. A run that continues another one does not begin at time 0."""
        return float(self.times[-1] - self.times[0])

    @property
    def counts(self) -> dict[str, int]:
        """Number of walkers for each status, by its name; all statuses are listed."""
        status = np.asarray(self.events["status"])
        return {cause.name.lower(): int((status == cause).sum()) for cause in Status}

    @property
    def tallies(self) -> dict[str, int]:
        """The tallies of the integrator (rejected steps, failed checks ...) by name, summed over walkers."""
        return {name: int(np.asarray(self.events[name]).sum()) for name in self.meta.get("tallies", ())}


@dataclass(frozen=True)
class Measurement:
    """A measured number: value +- one standard error, from n independent walkers or seeds.

    `mixed` is False if the data show that an assumption of the estimator failed (not equilibrated, all walkers censored
    ...); `note` then names it. `law` is the distribution of the estimate, if it is known more exactly than from the
    standard error; intervals and verdicts then use it. `step_error` is the part of `error` that is due to the length of
    the steps; more walkers do not reduce it. `scatter` is the other part, the error of the sampling.
    """

    value: float
    error: float
    n: int
    estimator: str
    mixed: bool = True
    note: str = ""
    law: Law | None = None
    step_error: float = 0.0

    @property
    def scatter(self) -> float:
        """The error without the error of the steps."""
        return math.sqrt(max(self.error**2 - self.step_error**2, 0.0)) if self.step_error else self.error

    def __str__(self) -> str:
        """Value, standard error, n, and the failed assumption of the estimator if there is one."""
        failed = "" if self.mixed else f", not mixed{': ' if self.note else ''}{self.note}"
        return f"{format_value(self.value, self.error)} (n = {self.n}{failed})"


@dataclass(frozen=True)
class Prediction:
    """The number that a theory predicts at one point: its value, a bound on its numerical error, in range or not."""

    value: float
    remainder: float = 0.0
    in_range: bool = True

    def __str__(self) -> str:
        """The value with its remainder, or the text `out of range`."""
        if not self.in_range:
            return "out of range"
        seen = self.remainder > UNSEEN * abs(self.value)
        return format_value(self.value, self.remainder) if seen else f"{self.value:.6g}"


@dataclass(frozen=True)
class Curve:
    """A theory as a function of one dial: prediction, range of validity in words, source.

    `quantity` names the predicted quantity, if a question measures several.
    """

    name: str
    predict: Callable[[float], Prediction]
    validity: str
    reference: str
    quantity: str = ""


@dataclass(frozen=True)
class Comparison:
    """One measured number compared with one predicted number.

    `z` is the difference measured - predicted over the combined error, `ratio` measured / predicted. `verdict` is
    `agrees`, `excluded`, `inconclusive`, `out of range` or `not mixed`. `quantity` is the measured quantity, if a
    question measures several. `detectable` is the smallest relative difference that the measurement would exclude
    with a probability of 80 %; it is infinite if no difference would be excluded.
    """

    theory: str
    point: float
    measured: Measurement
    predicted: Prediction
    z: float
    ratio: float
    verdict: str
    quantity: str = ""
    detectable: float = math.inf

    def __str__(self) -> str:
        """Measured, predicted and the verdict."""
        quantity = f"{self.quantity}: " if self.quantity else ""
        predicted = f"{self.predicted}, {self.verdict}" if self.predicted.in_range else f"{self.predicted}"
        return f"{quantity}measured {self.measured}, {self.theory} {predicted}"


@dataclass(frozen=True)
class Waits:
    """The number is a mean of exponential waiting times, `time` / `events`, or a `power` of this mean.

    The power -1 gives the rate, 2 the variance.

    `watched` is true if the observation ended at a time that did not depend on the events. Their number then has a
    Poisson distribution. Otherwise the observation ended with the last event, and time / mean has the Gamma
    distribution of shape `events`. `events` need not be a whole number: it is the number of independent events that
    carry as much information as the observed ones.
    """

    events: float
    time: float
    watched: bool = False
    power: int = 1


@dataclass(frozen=True)
class Share:
    """The number is a fraction: an outcome was observed `count` times in `trials` independent trials."""

    count: float
    trials: float


@dataclass(frozen=True)
class Positive:
    """The number is above zero, and its logarithm has Student's distribution."""


Law = Waits | Share | Positive
_LAWS: dict[str, type[Any]] = {"waits": Waits, "share": Share, "positive": Positive}


def law_record(law: Law | None) -> dict[str, Any]:
    """A distribution as plain values; an empty dictionary for None."""
    return {} if law is None else {"law": type(law).__name__.lower(), **asdict(law)}


def law_from(record: Any) -> Law | None:
    """The distribution that a dictionary describes; None if it is empty or not what `law_record` writes.

    A file may come from an unknown source, so its contents are checked.
    """
    if not isinstance(record, Mapping) or record.get("law") not in _LAWS:
        return None
    numbers = {name: value for name, value in record.items() if name != "law"}
    if not all(isinstance(value, int | float) and abs(value) < 1e300 for value in numbers.values()):
        return None
    try:
        law: Law = _LAWS[record["law"]](**numbers)
    except TypeError:
        return None
    whole = not isinstance(law, Waits) or (law.events >= 0 and law.time > 0 and law.power in (1, -1, 2))
    return law if whole and (not isinstance(law, Share) or 0 <= law.count <= law.trials > 0) else None
