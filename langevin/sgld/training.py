"""Train networks under a law of motion, into the same record as a toy run."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from langevin.sgld.checks import check
from langevin.sgld.model import Model
from langevin.sgld.plan import Plan
from langevin.sgld.precision import precision
from langevin.sgld.records import Callbacks, Computation, Law, Protocol, Recording
from langevin.stopping import check as check_stop
from langevin.types import Trajectory

CHECKPOINT_SECONDS = 10.0
#: What one compiled call should take, for Ctrl-C waits for its end; steps of the first, of which nothing is known.
CALL_SECONDS, FIRST_CALL = 0.25, 10


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
        protocol: Schedule, sweep, change at memorisation, and criteria to stop at.
        recording: Which steps are recorded, and what of them.
        computation: Precision, and networks advanced at once.
        callbacks: Functions called on the way.
        resume: What `callbacks.checkpoint` was given: goes on from there, all else as the run was begun. The result has
            the bits of a run in one piece.

    Returns:
        states (chains, draws, sketch), a sketch of the weights (`langevin.sgld.sketch`);
        observables train_loss, test_loss, train_accuracy, test_accuracy, weight_norm, displacement
        |x - x_0|, exact, and those of the model and of `recording`;
        events `status`, `step`, `time`, `rank` (of the Jacobian of the residuals at the end; -1 without noise of
        the weights, for nothing rests on it), and, as first *recorded* steps, -1 for never, `memorised_step` and
        `generalised_step` (train and test accuracy 1; 0.95 with the suffix `_95`) and `arrival_step` (by the rule in
        meta `arrival`). Meta `right` says what counts as right (`langevin.sgld.labels`); of a regression nothing.

    Raises:
        UsageError: a value out of its range, of another law, or unstable; or a function of the model that fails.
        NumericalError: the loss is not finite at the initial weights.
        InputFileError: `resume` is of another run.
    """
    return execute(model, Plan(law, steps, chains, seed, protocol, recording, computation), callbacks, resume)


def execute(
    model: Model,
    plan: Plan,
    callbacks: Callbacks = Callbacks(),
    resume: Mapping[str, Any] | None = None,
) -> Trajectory:
    """`train`, of a plan that is one record, as the DEFAULTS and PRESETS of a module of networks hold it.

    JAX is imported here, so that naming this package costs nothing.
    """
    check(model, plan)
    from langevin.sgld.content import content
    from langevin.sgld.functions import check_functions
    from langevin.sgld.opening import opening
    from langevin.sgld.progress import begin, forward, next_target, record, weights_of
    from langevin.sgld.record import assemble
    from langevin.sgld.snapshot import pack, unpack
    from langevin.sgld.start import count_parameters

    with precision(plan.computation.dtype):
        check_functions(model, plan)
        setup, now = begin(model, plan)
        first = weights_of(setup, now)[0]
        opened: dict[str, Any] = {"parameters": count_parameters(model, first)}
        line, opened["sharpness"] = opening(model, plan, first, setup.data[0])
        if callbacks.announce:
            callbacks.announce(line)
        opened["content"] = content(setup, now)
        now = record(setup, now)
        now = unpack(setup, now, resume, opened["content"]) if resume else now

        def save() -> None:
            if callbacks.checkpoint:
                callbacks.checkpoint(
                    assemble(setup, now, opened, complete=False), pack(setup, now, opened["content"])
                )

        recorded, saved, pace = set(plan.recorded.tolist()), time.perf_counter(), FIRST_CALL
        if callbacks.visit and not resume:
            callbacks.visit(0, weights_of(setup, now))
        try:
            while now.at < plan.steps and now.running.any():
                check_stop()
                began, target = time.perf_counter(), next_target(plan, now.at, pace)
                after = forward(setup, now, target)
                pace = max(1, int(CALL_SECONDS * (target - now.at) / (time.perf_counter() - began)))
                if target in recorded:
                    after = record(setup, after)
                done, now = int(now.running.sum()) * (target - now.at), after
                if callbacks.visit and target in recorded:
                    callbacks.visit(target, weights_of(setup, now))
                if callbacks.progress:
                    callbacks.progress(done)
                if time.perf_counter() - saved > CHECKPOINT_SECONDS:
                    save()
                    saved = time.perf_counter()
        except (KeyboardInterrupt, SystemExit):
            save()
            raise
        return assemble(setup, now, opened, complete=True)
