"""Train networks under a law of motion, with the record of a landscape run; checks come before any computation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.sgld.labels import check_targets, reading
from langevin.sgld.laws import check_law
from langevin.sgld.model import Model
from langevin.sgld.observers import ACCURACIES, STANDARD, check_names
from langevin.sgld.plan import MOST, Plan, changed, factors, flat, observers, schedule
from langevin.sgld.records import HELD, NUMBERS, Callbacks, Computation, Law, Protocol, Recording
from langevin.types import Trajectory


def train(
    model: Model,
    law: Law,
    *,
    steps: int,
    chains: int = 5,
    seed: int = 0,
    protocol: Protocol = Protocol(),
    recording: Recording = Recording(),
    computation: Computation = Computation(),
    callbacks: Callbacks = Callbacks(),
    resume: Mapping[str, Any] | None = None,
    executor: Executor | None = None,
) -> Trajectory:
    """Train `chains` networks that differ in initial weights, batches and noise, on the same data.

        run = langevin.train(model, langevin.sgld.Law(0.5, temperature=1e-6), steps=10_000, chains=5, seed=1)

    A chain depends on the seed and its number, not on the number of chains or frames.

    Args:
        model: The network, its loss and its data.
        law: The law of motion: name, learning rate, temperature, batch ...
        steps: Number of steps of each network.
        chains: Number of networks, in each setting of a sweep.
        seed: Seed of all networks, 0 ... 2^64 - 1.
        protocol: Schedule, sweep, change at memorisation, criteria to stop, and given initial weights.
        recording: Which steps are recorded, and which data of them.
        computation: Precision, and number of networks advanced at once.
        callbacks: Functions called during the training.
        resume: A state that `callbacks.checkpoint` received: the run continues from it. The other arguments must be
            those of that run. The result has the bits of a run in one piece.
        executor: whose workers train, each task some of the networks: a pool of threads or of spawned processes, or a
            cluster (docs/cluster.md). Messages, callbacks and files stay in this process. A model is sent by the names
            of its functions, which must be defined in modules.

    Returns:
        states (chains, draws, sketch), a sketch of the weights (`langevin.sgld.observation`);
        observables train_loss, test_loss, train_accuracy, test_accuracy, weight_norm, displacement
        |x - x_0|, exact, and those of the model and of `recording`;
        events `status`, `step`, `time`, `rank` (of the Jacobian of the residuals at the end; -1 without noise of
        the weights, where nothing depends on it), and, as first *recorded* steps, -1 for never, `memorised_step` and
        `generalised_step` (train and test accuracy 1; 0.95 with the suffix `_95`) and `arrival_step` (by the rule in
        meta `arrival`); and, if there are criteria, `stopped_by`, the index of the criterion that ended a network.
        Meta `right` states which outputs count as right (`langevin.sgld.labels`); a regression has no such entry.

    Raises:
        UsageError: a value is out of its range, belongs to another law, or is unstable; a function of the model fails,
            the workers of an executor cannot import it, or they have another version of it.
        NumericalError: the loss or an observable is not finite at the initial weights.
        WorkersLost: the workers of an executor have died; `callbacks.checkpoint` was called before.
        InputFileError: `resume` is the state of another run.
    """
    plan = Plan(law, steps, chains, seed, protocol, recording, computation)
    return execute(model, plan, callbacks, resume, executor)


def execute(
    model: Model,
    plan: Plan,
    callbacks: Callbacks = Callbacks(),
    resume: Mapping[str, Any] | None = None,
    executor: Executor | None = None,
) -> Trajectory:
    """Train as `train` does, with the plan as one record, as in the DEFAULTS and PRESETS of a module of networks.

    JAX is imported here, so that an import of this package takes no time.

    Args:
        model: the network and its data.
        plan: all settings of the training.
        callbacks: functions that are called during the training.
        resume: state of an unfinished training of the same plan.
        executor: whose workers train the networks; by default this process.
    """
    check(model, plan)
    from langevin.sgld.computation import computing
    from langevin.sgld.course import finish, opened
    from langevin.sgld.programs import programs_kept
    from langevin.sgld.snapshot import unpack

    with computing(plan.computation), programs_kept(model, plan) as keep:
        setup, now, entries = opened(model, plan, callbacks)
        keep()
        now = unpack(setup, now, resume, entries["content"]) if resume else now
        return finish(setup, now, entries, callbacks, fresh=not resume, executor=executor)


def check(model: Model, plan: Plan) -> None:
    """Refuse a plan with a number that is out of its range, or that its law does not take.

    Raises:
        UsageError: for the first such number, with its range.
    """
    for law in plan.laws:
        check_law(model, law)
    _check_change(plan.protocol)
    _check_accuracies(model, plan)
    check_targets(model)
    for law in plan.laws if plan.protocol.after_memorisation else ():
        numbers = {name: one for name, one in plan.protocol.after_memorisation.items() if name not in HELD}
        check_law(model, changed(law, numbers))
    check_names([*STANDARD, *(name for name, _ in observers(model, plan))])
    samples = len(model.train.targets) if model.fresh is None else 2**31 - 1
    largest = {"steps": 2**31 - 1, "chains": 10**6, "lanes": 10**6, "sketch": 2**16, "chunk": 2**31 - 1}
    for name, limit in (largest | {"batch": samples}).items():
        count = flat(plan)[name]
        if count is not None and not 1 <= count <= limit:
            raise UsageError(f"{name} is {count}", f"it must be between 1 and {limit}")
    schedule(plan.steps, plan.recording.frames)
    _check_kept(plan)
    if not 0 <= plan.seed < 2**64:
        raise UsageError(f"seed is {plan.seed}", "it must be between 0 and 2^64 - 1")
    if plan.computation.dtype not in ("float32", "float64"):
        raise UsageError(f"dtype is {plan.computation.dtype!r}", "it must be float32 or float64")
    if plan.computation.apply not in (None, "bfloat16"):
        raise UsageError(
            f"apply is {plan.computation.apply!r}",
            "it must be bfloat16, or be left out for the precision of all else",
        )
    if plan.protocol.schedule is not None:
        scales = factors(plan, 0, plan.steps)
        if scales.shape != (plan.steps,) or not (np.isfinite(scales) & (scales > 0) & (scales <= 1)).all():
            raise UsageError(
                "schedule must turn an array of step numbers into an array of factors of the same size, above 0 and at "
                "most 1",
                allowed="learning_rate is the largest step",
            )


def _check_change(protocol: Protocol) -> None:
    """Refuse a change after memorisation that is not a number of the law, or that is the learning rate."""
    for name in set(HELD) & set(protocol.after_memorisation):
        number = protocol.after_memorisation[name]
        if not (math.isfinite(number) and number > 0):
            raise UsageError(f"{name} after memorisation is {number}", "it must be finite and above 0")
    unknown = sorted(set(protocol.after_memorisation) - {*NUMBERS, *HELD})
    if unknown:
        known = ", ".join((*NUMBERS, *HELD))
        raise UsageError(f"{unknown[0]!r} cannot change after memorisation", allowed=f"these can: {known}")
    if "learning_rate" in protocol.after_memorisation:
        raise UsageError(
            "the learning rate is the clock of the run",
            "the other numbers of the law",
            "change it by a schedule",
        )


def _check_accuracies(model: Model, plan: Plan) -> None:
    """Refuse criteria and changes that need accuracies if the targets are not labels."""
    by_accuracy = any(criterion.observable in ACCURACIES for criterion in plan.criteria)
    if (by_accuracy or plan.protocol.after_memorisation) and reading(model).right is None:
        raise UsageError(
            f"the targets of {model.name} are numbers and no labels, so it has no accuracies to decide by",
            "targets that are labels, or `correct`",
            "say by "
            "`correct` of its Model which outputs are right, for instance langevin.sgld.losses.within(0.1)",
        )


def _check_kept(plan: Plan) -> None:
    """Refuse an unknown rule for kept weights, or a rule that adds too many recorded steps."""
    which = plan.recording.weights
    if which in ("final", "frames"):
        return
    if isinstance(which, str) or not 1 <= which <= plan.steps:
        raise UsageError(
            f"weights is {which!r}",
            'it must be "final", "frames" or a number of steps from 1 to that of the run',
        )
    if plan.steps // which > MOST:
        raise UsageError(
            f"weights every {which} of {plan.steps} steps", f"at most {MOST} recorded steps", "raise it"
        )
