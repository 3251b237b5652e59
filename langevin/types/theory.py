"""The records that theories use: a law of motion, the case of a run, its setting, and a theory of a question."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from langevin.types.arrays import FloatArray
from langevin.types.landscape import Landscape
from langevin.types.motion import Diffusion, Integrator, StepLaw
from langevin.types.run import Curve


@dataclass(frozen=True)
class Dynamics:
    """A law of motion: physics only, no step size.

    Attributes:
        name: of the law of motion.
        summary: one line that describes it.
        refusal: landscape to the first part of a sentence with the reason why this law of motion cannot be used on it;
            None if it can be used.
        integrator: landscape and measure to the default step.
        descends: landscape to whether a step moves down a loss, so that it must be stable.
        measures: the allowed stationary distributions.
        cold: walkers start at the start for temperature 0.
        questions: names of the questions that are asked first, in this order.
        rank: if the user names no law of motion, the program takes the one with the lowest rank that the landscape
            allows. A law without a rank must be named.
        for_question: whether a target is watched, to the step that questions use instead of `integrator`, if a step
            with a smaller error exists: for first-passage times if a target is watched, otherwise for distributions and
            paths.
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
    """The facts that decide which questions apply: the landscape, the motion of the walkers, the content of the run.

    `law` is the law of the step near a zero-loss set, None if it is not known. `watched` is true if walkers stop at the
    target. `usual` is true if they start at the usual start of the landscape. `outside` is true if the time counts only
    for walkers that start outside the target. `cold` is true if the temperature is 0.
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
        """Correlation time of the velocity of walkers; 0 if it is not known."""
        return self.law.inertia if self.law is not None else 0.0

    @property
    def diffusion(self) -> Diffusion:
        """How the diffusion of the landscape acts."""
        return self.law.diffusion if self.law is not None else Diffusion.CONSTANT

    @property
    def gibbs(self) -> bool:
        """Whether the motion is the motion of soft walkers, whose stationary distribution is exp(-f / theta)."""
        law = self.law
        if law is None:
            return self.dynamics.name == "soft"
        even = not law.uneven_power and self.diffusion is Diffusion.CONSTANT
        return law.across and even and (law.pull, law.exponent, law.heat) == (1.0, 0.0, 1.0)

    @property
    def overdamped(self) -> Case:
        """The same case without inertia."""
        return replace(self, law=replace(self.law, inertia=0.0)) if self.law is not None else self


@dataclass(frozen=True)
class Setting:
    """The numbers of a run that a theory may use. Measured numbers are not among them.

    `dt` is the step; with a schedule it is the mean step over the time of the run. `start` is the point (dim,) where
    all walkers start, None if they start at several points. `duration` is the time of the run, infinite if it is not
    known.
    """

    case: Case
    temperature: float
    dt: float
    start: FloatArray | None = None
    duration: float = math.inf


@dataclass(frozen=True)
class Theory:
    """A theory of the numbers that a question measures.

    `question` is the name of its question. `applies(case)` is true if the theory applies to a case. `curves(setting)`
    are then its predictions over the dial of the question, each for the quantity that it names. `stationary` is
    true if it predicts a stationary distribution, which inertia does not change. A theory of times is not compared with
    motion with inertia. `coarse(setting)` is the reason why the steps of a run are too coarse for the theory, whose
    predictions are then out of range. It is an empty text if the steps are small enough. `in_field` is true if the
    theory takes the field of a landscape into account. Other theories are not compared with motion in a field.
    """

    question: str
    summary: str
    applies: Callable[[Case], bool]
    curves: Callable[[Setting], Sequence[Curve]]
    stationary: bool = False
    coarse: Callable[[Setting], str] = lambda setting: ""
    in_field: bool = False
