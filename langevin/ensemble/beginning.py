"""Where a run begins: at given states, at the landscape's start, or at the end of another run with the next noise.

Noise is addressed by seed, walker and step. If the last states of a run started again at step 0 with the same seed,
their steps would use the same noise a second time.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.dynamics import dynamics_of
from langevin.ensemble.checks import check_count, walker_numbers
from langevin.errors import UsageError, unfit
from langevin.kernels.streams import start_uniforms
from langevin.types import Factors, FloatArray, Integrator, Landscape, Problem, Start, Status, Trajectory
from langevin.words import counted

#: Where walkers start, as a caller gives it.
Origin = ArrayLike | Start | Trajectory | None
#: Values of the status of walkers that have ended; walkers with another status continue.
ENDED = (Status.HIT, Status.DIVERGED, Status.PROJECTION_FAILED)


@dataclass(frozen=True)
class Beginning:
    """Seed, numbers of the walkers, the step from which noise is drawn, and the run that continues, if there is one."""

    seed: int
    walkers: range
    step: int
    run: Trajectory | None = None

    @property
    def ended(self) -> NDArray[np.bool_]:
        """Which walkers (walkers,) had ended in the run that continues."""
        if self.run is None:
            return np.zeros(len(self.walkers), bool)
        return np.isin(self.run.events["status"], ENDED)

    @property
    def watched(self) -> bool:
        """Whether the run that continues had a target."""
        return self.run is not None and "target" in self.run.events

    @property
    def watched_from(self) -> float:
        """Time from which the run that continues had a target; 0 without such a run."""
        return 0.0 if self.run is None else float(self.run.meta.get("watched_from", 0.0))

    @property
    def usual(self) -> bool:
        """Whether the run that continues began where the landscape starts walkers."""
        return self.run is not None and self.run.meta.get("usual_start") is True

    def event(self, name: str) -> NDArray[Any] | None:
        """An event (walkers,) of the run that continues, None if there is none."""
        return None if self.run is None or name not in self.run.events else np.asarray(self.run.events[name])


def beginning(
    start: ArrayLike | Start | Trajectory | None, walkers: int | range | None, seed: int | None
) -> Beginning:
    """The beginning of a run, from its arguments (see `simulate`).

    Raises:
        UsageError: an array together with a seed, but without the step whose noise comes next; a run together with
            other walkers; a run that is not a simulation on one landscape.
    """
    if isinstance(start, Trajectory):
        return _going_on(start, walkers, seed)
    if not (start is None or isinstance(start, Start) or seed is None):
        raise UsageError(
            "an array as start and a seed do not determine the next noise",
            "a seed goes with a Start or with a run",
            "give Start(states, first_step=0) for a separate run, or the step of the states in the run "
            "that had this seed; or give that run itself as start",
        )
    first = start.first_step if isinstance(start, Start) else 0
    if first != 0 or isinstance(first, bool):
        check_count("first_step", first)
    seed = secrets.randbits(64) if seed is None else seed
    return Beginning(seed, walker_numbers(walkers), int(first))


def _going_on(run: Trajectory, walkers: int | range | None, seed: int | None) -> Beginning:
    if run.meta.get("kind") != "toy" or "seed" not in run.meta or "samples" in run.events:
        raise UsageError(
            "start must be a run on one landscape, or an array",
            allowed="trainings, rates and joined runs cannot continue in this way",
        )
    count, first = run.states.shape[0], int(run.meta.get("first_walker", 0))
    own = range(first, first + count)
    if walkers is not None and walker_numbers(walkers) != own and walkers != count:
        raise UsageError(
            f"the run given as start has the walkers {own}, got {walkers!r}",
            "a run continues with its own walkers",
            "leave walkers out",
        )
    return Beginning(run.meta["seed"] if seed is None else seed, own, int(run.steps[-1]), run)


def check_going_on(
    begin: Beginning, integrator: Integrator, landscape: Landscape, numbers: int, stops: bool
) -> None:
    """Refuse a run as start if it does not hold what the next step needs, or if its noise would be repeated.

    Args:
        begin: the beginning of the new run.
        integrator: the step of the new run.
        landscape: the landscape on which the new run continues.
        numbers: how many random numbers a step takes for each walker.
        stops: whether the new run stops walkers at a target.

    Raises:
        UsageError: a step with a memory; a force that varies in time; another kind of noise under the same seed;
            another seed for a step that shares noise with the step before; or walkers that stopped at a target, if
            the new run does not stop walkers.
    """
    run = begin.run
    if landscape.drive is not None and begin.step > 0:
        raise UsageError(
            f"a force that varies in time acts on {landscape.name}, and its clock begins at 0 in every run",
            "a run from its first step",
            "extend the run by langevin.extend or `langevin simulate --extend`",
        )
    if run is None:
        return
    if integrator.memory(landscape).count and not integrator.counts_only:
        raise UsageError(
            f"{integrator.name} carries a memory that a Trajectory does not hold",
            "a run continues from a Trajectory only if its steps carry no memory",
            "give start=Start(run.states[:, -1], first_step=run.steps[-1]), and its memory starts anew",
        )
    drawn = run.meta.get("step", {}).get("noise"), run.meta.get("numbers")
    same = begin.seed == run.meta["seed"]
    if same and None not in drawn and drawn != (str(integrator.noise), numbers):
        raise UsageError(
            f"the run given as start drew {drawn[1]} {drawn[0]} numbers a step, and {integrator.name} draws {numbers} "
            f"{integrator.noise} ones, so noise would be repeated",
            "a seed keeps the kind and number of random numbers per step",
            "give another seed",
        )
    if integrator.uses_previous_noise and not same:
        raise UsageError(
            f"{integrator.name} shares noise with the step before, whose seed is {run.meta['seed']}",
            "the run must keep its seed",
            "leave seed out",
        )
    stopped = int((np.asarray(run.events["status"]) == Status.HIT).sum())
    if stopped and not stops:
        raise UsageError(
            f"{counted(stopped, 'walker')} of the run given as start stopped at its target",
            "a run that stopped at a target continues with one",
            "give stop, or start=Start(run.states[:, -1], first_step=run.steps[-1]) to let them walk",
        )


def given_states(start: ArrayLike, walkers: int, dim: int) -> FloatArray:
    """States (walkers, dim) from (dim,) or (walkers, dim) numbers.

    Raises:
        UsageError: the values are not real finite numbers, or have another shape.
    """
    try:
        given = np.asarray(start)
        numbers = given.astype(np.float64) if not np.iscomplexobj(given) else np.full(given.shape, np.nan)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(
            f"start is no array of numbers: {error}",
            f"start must be an array of numbers, of shape ({dim},)",
            "give a list of numbers",
        ) from error
    shapes = (dim,), (walkers, dim)
    if given.shape not in shapes:
        raise unfit("start", f"must be finite, of shape {shapes[0]} or {shapes[1]}", f"{given.shape}")
    if not np.isfinite(numbers).all():
        raise unfit(
            "start",
            f"must be finite, of shape {shapes[0]} or {shapes[1]}",
            "infinite coordinates or some that are not a number",
        )
    return np.broadcast_to(numbers, (walkers, dim)).copy()


def last_states(begin: Beginning, dim: int) -> FloatArray:
    """The last states (walkers, dim) of the run that continues; states of walkers that failed may be infinite.

    Raises:
        UsageError: the states have another dimension, or a walker that has not ended has no finite position.
    """
    assert begin.run is not None
    states: FloatArray = np.array(begin.run.states[:, -1], np.float64)
    if states.shape[1] != dim or not np.isfinite(states[~begin.ended]).all():
        raise unfit(
            "the run given as start", f"must end at finite states of {dim} coordinates", f"{states.shape[1]}"
        )
    return states


def time_at(begin: Beginning, dt: float, schedule: Factors | None) -> float:
    """Time at which a run begins: the end of the run that continues, or the sum of the steps before the first one."""
    if begin.run is not None:
        return float(begin.run.times[-1])
    if schedule is None or not begin.step:
        return dt * begin.step
    return float(np.cumsum(dt * schedule(np.arange(begin.step)))[-1])


def usual_states(problem: Problem, seed: int, names: NDArray[np.uint64]) -> FloatArray:
    """States (walkers, dim) at which the landscape starts the walkers `names`, at the temperature of the problem.

    Raises:
        UsageError: the landscape gives states that are not finite, or have another shape.
    """
    landscape = problem.landscape
    # projected motion starts at temperature 0: in this limit the starts lie on the surface
    heat = 0.0 if dynamics_of(problem.dynamics).cold else problem.temperature
    states = np.asarray(landscape.start(start_uniforms(seed, names, landscape.dim), heat), np.float64)
    expected = (names.size, landscape.dim)
    if states.shape != expected or not np.isfinite(states).all():
        got = "infinite numbers" if states.shape == expected else str(states.shape)
        raise unfit(f"`start` of {landscape.name}", f"must give finite states of shape {expected}", f"{got}")
    return states
