"""Train networks under a law of motion, into the same record as a toy run."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from typing import Any

from langevin.sgld.checks import check
from langevin.sgld.model import Model
from langevin.sgld.plan import Plan
from langevin.sgld.records import Callbacks, Computation, Law, Protocol, Recording
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

    A chain depends on the seed and its own number, not on how many chains or frames there are.

    Args:
        model: The network, its loss and its data.
        law: The law of motion: name, learning rate, temperature, batch ...
        steps: Number of steps of each network.
        chains: Number of networks, in each setting of a sweep.
        seed: Seed of them all, 0 ... 2^64 - 1.
        protocol: Schedule, sweep, change at memorisation, criteria to stop at, and weights to start from.
        recording: Which steps are recorded, and what of them.
        computation: Precision, and networks advanced at once.
        callbacks: Functions called on the way.
        resume: What `callbacks.checkpoint` was given: goes on from there, all else as the run was begun. The result has
            the bits of a run in one piece.
        executor: whose workers train, each task some of the networks: a pool of threads or of spawned processes, or a
            cluster (docs/cluster.md). All else happens here: what is said, callbacks, files. A model is sent by the
            names of its functions, which stand in modules.

    Returns:
        states (chains, draws, sketch), a sketch of the weights (`langevin.sgld.observation`);
        observables train_loss, test_loss, train_accuracy, test_accuracy, weight_norm, displacement
        |x - x_0|, exact, and those of the model and of `recording`;
        events `status`, `step`, `time`, `rank` (of the Jacobian of the residuals at the end; -1 without noise of
        the weights, for nothing rests on it), and, as first *recorded* steps, -1 for never, `memorised_step` and
        `generalised_step` (train and test accuracy 1; 0.95 with the suffix `_95`) and `arrival_step` (by the rule in
        meta `arrival`); and `stopped_by`, the place of the criterion that ended a network, where there are criteria.
        Meta `right` says what counts as right (`langevin.sgld.labels`); of a regression nothing.

    Raises:
        UsageError: a value out of its range, of another law, or unstable; or a function of the model that fails, that
            an executor's workers cannot import, or of which they have another version.
        NumericalError: the loss or an observable is not finite at the initial weights.
        WorkersLost: the workers of an executor have died; `callbacks.checkpoint` was called before.
        InputFileError: `resume` is of another run.
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
    """`train`, of a plan that is one record, as the DEFAULTS and PRESETS of a module of networks hold it.

    JAX is imported here, so that naming this package costs nothing.

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
    from langevin.sgld.snapshot import unpack

    with computing(plan.computation):
        setup, now, said = opened(model, plan, callbacks)
        now = unpack(setup, now, resume, said["content"]) if resume else now
        return finish(setup, now, said, callbacks, fresh=not resume, executor=executor)
