"""The numbers of a training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from langevin.sgld.model import Observer
from langevin.types import FloatArray

#: Factors of the learning rate for an array of step numbers, as in `langevin.ensemble.simulate`.
Schedule = Callable[[NDArray[np.int64]], FloatArray]


class Law(NamedTuple):
    """Numbers of the law of motion (`langevin.sgld.law`), traced: other values compile nothing anew.

    `options` are the values of an optimiser's own numbers, in the order of `Rule.options`.
    """

    learning_rate: Any
    temperature: Any = 0.0
    weight_decay: Any = 0.0
    label_noise: Any = 0.0
    options: tuple[Any, ...] = ()


#: The numbers of a law that a sweep or a change may set.
NUMBERS = ("learning_rate", "temperature", "weight_decay", "label_noise")


def changed(law: Law, numbers: Mapping[str, Any]) -> Law:
    """The law with some of its `NUMBERS` replaced."""
    return Law(**{**law._asdict(), **numbers})


class Rule(NamedTuple):
    """What of a law of motion is compiled in; see `langevin.sgld.laws` for the names."""

    name: str = "sgld"
    batch: int | None = None
    decoupled: bool = False
    options: tuple[str, ...] = ()


class Plan(NamedTuple):
    """What all networks of a run share; the arguments of `langevin.sgld.train`.

    `laws` has one entry for each setting of a sweep over the numbers `swept`; `chains` networks are trained
    in each, and network c of the run is number c % chains in setting c // chains.
    """

    rule: Rule
    laws: tuple[Law, ...]
    swept: tuple[str, ...]
    steps: int
    chains: int
    seed: int
    frames: NDArray[np.int64]
    sketch: int
    dtype: str
    chunk: int
    lanes: int
    schedule: Schedule | None
    stop: Mapping[str, float]
    change: Mapping[str, float]
    observe: tuple[tuple[str, Observer], ...]
    unstable: bool

    @property
    def total(self) -> int:
        """Number of networks over all settings."""
        return len(self.laws) * self.chains

    def law_of(self, chain: int) -> Law:
        """Numbers that network `chain` starts with."""
        return self.laws[chain // self.chains]


def noise_sd(learning_rate: Any, temperature: Any) -> Any:
    """Standard deviation of the noise that one step adds to each weight, sqrt(2 lr theta)."""
    return (2 * learning_rate * temperature) ** 0.5


def factors(plan: Plan, first: int, last: int) -> FloatArray:
    """Factors of the learning rate of the steps first, ..., last - 1."""
    if plan.schedule is None:
        return np.ones(last - first)
    return np.asarray(plan.schedule(np.arange(first, last)), np.float64)


def clock(plan: Plan, steps: NDArray[np.int64]) -> FloatArray:
    """Time after so many steps in units of the learning rate: the sum of the factors of the steps before."""
    if plan.schedule is None:
        return np.asarray(steps, np.float64)
    elapsed: FloatArray = np.concatenate([[0.0], np.cumsum(factors(plan, 0, plan.steps))])[steps]
    return elapsed
