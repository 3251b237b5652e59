"""What theories are told, and how they are kept: a law of motion, the case of a run, a theory of a question."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from langevin.types.arrays import FloatArray
from langevin.types.landscape import Landscape
from langevin.types.motion import Integrator, StepLaw
from langevin.types.run import Curve


@dataclass(frozen=True)
class Dynamics:
    """A law of motion: physics only, no step size.

    `refusal(landscape)` says why the landscape cannot be walked so, as the beginning of a sentence, None if it can be.
    `integrator(landscape, measure)` is the step that serves it by default; `measures` are the invariant laws that may
    be asked for. `descends(landscape)` says whether a step goes down a loss, so that it must be stable. Walkers of
    `cold` motion start where the law of temperature 0 has them. `questions` are asked first, in this order. Where no
    law is named, the one of the lowest `rank` that the landscape allows is taken; one without a rank has to be named.
    `for_question(watched)` is the step that questions take instead of `integrator`, where one with a smaller error
    serves: for times to a target that is watched, and for laws and ways where none is.
    """

    name: str
    summary: str
    refusal: Callable[[Landscape], str | None]
    integrator: Callable[[Landscape, str | None], Integrator]
    descends: Callable[[Landscape], bool]
    measures: tuple[str, ...] = ()
    cold: bool = False
    questions: tuple[str, ...] = ()
    rank: int | None = None
    for_question: Callable[[bool], Integrator] | None = None


@dataclass(frozen=True)
class Case:
    """What a question is chosen by: the landscape, how walkers move on it, and what the run holds.

    `law` is what the step does about a zero-loss set, None where that is not known. `watched` says whether walkers stop
    at the target, `usual` whether they start where the landscape starts them, `outside` that the time is counted of
    those alone which start outside the target, `cold` that the temperature is 0.
    """

    landscape: Landscape
    dynamics: Dynamics
    law: StepLaw | None
    measure: str | None = None
    watched: bool = False
    usual: bool = True
    outside: bool = False
    cold: bool = False

    @property
    def inertia(self) -> float:
        """Time for which walkers remember their velocity, 0 where that is not known."""
        return self.law.inertia if self.law is not None else 0.0

    @property
    def gibbs(self) -> bool:
        """Whether the law in the long run is exp(-f / theta), as far as the step says what it does."""
        law = self.law
        if law is None:
            return self.dynamics.name == "soft"
        even = not law.uneven_power
        return law.across and even and (law.pull, law.exponent, law.heat) == (1.0, 0.0, 1.0)

    @property
    def overdamped(self) -> Case:
        """The same case without inertia."""
        return replace(self, law=replace(self.law, inertia=0.0)) if self.law is not None else self


@dataclass(frozen=True)
class Setting:
    """The numbers of a run that a theory may know; what was measured is not among them.

    `dt` is the step, under a schedule its mean over the time of the run.
    `start` is the point (dim,) where all walkers start, None where they start at several places. `duration` is the time
    of the run, infinite where that is not known.
    """

    case: Case
    temperature: float
    dt: float
    start: FloatArray | None = None
    duration: float = math.inf


@dataclass(frozen=True)
class Theory:
    """A theory of what a question measures.

    `question` is the name of its question. `applies(case)` says whether it has anything to say; then
    `curves(setting)` are its predictions over the dial of the question, each for the quantity that it names.
    `stationary` says that it is one of a law in the long run, which inertia does not change; a theory of times is not
    laid beside motion with inertia. `coarse(setting)` says why the steps of a run are too coarse for it, empty if they
    are not: its numbers are then out of range.
    """

    question: str
    summary: str
    applies: Callable[[Case], bool]
    curves: Callable[[Setting], Sequence[Curve]]
    stationary: bool = False
    coarse: Callable[[Setting], str] = lambda setting: ""
