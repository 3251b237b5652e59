"""The course of a training: opened, carried from recorded step to recorded step, and finished as one Trajectory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import WorkersLost
from langevin.sgld.before_training import opening
from langevin.sgld.content import content
from langevin.sgld.kept import check_room, leaves_said
from langevin.sgld.leaves import as_trained
from langevin.sgld.model import Model
from langevin.sgld.model_checks import check_functions
from langevin.sgld.plan import Plan
from langevin.sgld.progress import Progress, Setup, begin, weights_of
from langevin.sgld.record import assemble
from langevin.sgld.records import Callbacks
from langevin.sgld.sharpness import part_of
from langevin.sgld.snapshot import end_state, pack
from langevin.sgld.spread import onward_over
from langevin.sgld.start import count_parameters
from langevin.sgld.travel import Found, first_frame, onward
from langevin.types import Trajectory

CHECKPOINT_SECONDS = 10.0


def opened(model: Model, plan: Plan, callbacks: Callbacks) -> tuple[Setup, Progress, dict[str, Any]]:
    """A checked plan at its first frame, and the entries of the meta that are known then.

    Raises:
        UsageError, NumericalError: as `langevin.sgld.train`.
    """
    check_functions(model, plan)
    setup, now = begin(model, plan)
    model = setup.model
    first = weights_of(setup, now)[0]
    said: dict[str, Any] = {"parameters": count_parameters(model, first), "arrays": leaves_said(first)}
    check_room(plan, said["parameters"])
    part = part_of(setup.data[0], said["parameters"])
    line, said["sharpness"] = opening(as_trained(model), plan, first, part)
    if len(part.targets) < len(setup.data[0].targets):
        said["sharpness_samples"] = len(part.targets)
        line += f", sharpness of {len(part.targets)} of {len(setup.data[0].targets)} samples"
    if callbacks.announce:
        callbacks.announce(line)
    said["content"] = content(setup, now)
    return setup, first_frame(setup, now), said


def carry(
    now: Progress, callbacks: Callbacks, going: Iterable[Found], after: Callable[[Progress], None]
) -> tuple[Progress, NDArray[np.int64] | None]:
    """The networks where their way `going` ends, and their ranks if it has them; `after` is called on the way."""
    ranks = None
    for found in going:
        done, now = int(now.running.sum()) * (found.now.at - now.at), found.now
        ranks = found.ranks
        after(now)
        for step, weights in found.visits:
            if callbacks.visit:
                callbacks.visit(step, weights)
        if callbacks.seen:
            callbacks.seen(now.at, now.frames[now.draws - 1].values)
        if callbacks.progress:
            callbacks.progress(done)
    return now, ranks


def finish(
    setup: Setup,
    now: Progress,
    said: dict[str, Any],
    callbacks: Callbacks,
    fresh: bool,
    executor: Executor | None = None,
) -> Trajectory:
    """The run from where its networks are to its end.

    Args:
        setup: of the run.
        now: how far it is.
        said: by `opened`.
        callbacks: told on the way.
        fresh: whether the first frame is to be visited.
        executor: whose workers train.
    """
    reached, saved = now, time.perf_counter()

    def save() -> None:
        nonlocal saved
        if callbacks.checkpoint:
            so_far = assemble(setup, reached, said, complete=False)
            callbacks.checkpoint(so_far, pack(setup, reached, said["content"]))
        saved = time.perf_counter()

    def after(then: Progress) -> None:
        nonlocal reached
        reached = then
        if time.perf_counter() - saved > CHECKPOINT_SECONDS:
            save()

    if callbacks.visit and fresh:
        callbacks.visit(now.at, weights_of(setup, now))
    seen = callbacks.visit is not None
    going = (
        onward(setup, now, setup.plan.steps, seen)
        if executor is None
        else onward_over(executor, setup, now, said["content"], seen)
    )
    try:
        with closing(going):  # what is raised here ends the tasks of an executor at once
            now, ranks = carry(now, callbacks, going, after)
    except (KeyboardInterrupt, SystemExit, WorkersLost):
        save()
        raise
    run = assemble(setup, now, said, complete=True, ranks=ranks)
    state, why = end_state(setup, now, said["content"])
    return replace(run, state=state, meta={**run.meta, **({} if state else {"not_extendable": why})})
