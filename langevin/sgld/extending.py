"""Extend a finished training by more steps or more networks: the bits are those of one training of the full size.

Noise and batches are addressed by seed, number of the network and step, and all of them continue. Two things differ
from one run. Networks advanced in `lanes` are the same within rounding, unless the earlier networks fill their blocks.
And the recorded steps are those of the run, followed by those of the plan. If `frames` is a number, one run distributes
its steps differently, so it has the same bits only if it is given these steps. What is decided at recorded steps, a
stop or a change of the law, depends on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import InputFileError, UsageError
from langevin.provenance import DAMAGED, settings_of
from langevin.sgld.model import Model
from langevin.sgld.plan import MOST, Plan
from langevin.sgld.records import Callbacks
from langevin.sgld.training import check
from langevin.types import Trajectory

if TYPE_CHECKING:
    from langevin.sgld.progress import Progress, Setup


def extend(
    run: Trajectory,
    model: Model,
    plan: Plan,
    callbacks: Callbacks = Callbacks(),
    resume: Mapping[str, Any] | None = None,
    executor: Executor | None = None,
) -> Trajectory:
    """The run `execute(model, extended_plan(run, plan))`, of which only what `run` lacks is trained.

    Networks that are added are trained up to the end of the run first, and nothing of them is kept until then.

    Args:
        run: a finished run of `train`, `execute` or `extend`, from memory or loaded from a file.
        model: the model of the run.
        plan: the plan of the extended run: the plan of the run with more steps or more chains.
        callbacks: as in `train`; `visit` is called at steps that are recorded of all networks.
        resume: the state that a stopped extension of this run passed to `callbacks.checkpoint`.
        executor: whose workers train, after all networks have reached the end of the run.

    Returns:
        The extended run, as `train` returns it.

    Raises:
        InputFileError: something that decides the bits of the run has changed, or its state is damaged.
        UsageError: the run holds no state, the plan requests less than the run has, or `train` refuses the plan.
    """
    plan = extended_plan(run, plan)
    check(model, plan)
    from langevin.sgld.computation import computing
    from langevin.sgld.course import finish, opened
    from langevin.sgld.programs import programs_kept
    from langevin.sgld.snapshot import unpack

    with computing(plan.computation), programs_kept(model, plan) as keep:
        setup, now, entries = opened(model, plan, callbacks)
        keep()
        if resume:
            now = unpack(setup, now, resume, entries["content"])
        else:
            now = _grown(setup, now, run, callbacks)
        return finish(setup, now, entries, callbacks, fresh=True, executor=executor)


def extended_plan(run: Trajectory, plan: Plan) -> Plan:
    """The plan of the extended run. Its recorded steps are those of the run, and later ones those of `plan`.

    Raises:
        UsageError, InputFileError: for the same reasons as in `extend`.
    """
    steps, chains, recorded = _requested_size(run)
    if plan.steps < steps or plan.chains < chains:
        raise UsageError(
            f"the run has {chains} networks of {steps} steps already, and {plan.chains} of {plan.steps} are requested",
            "an extension keeps all networks and all steps",
            "ask for more of them",
        )
    given = plan.recording.frames
    early = np.empty(0, np.int64) if isinstance(given, int) else np.asarray(given)
    missing = np.setdiff1d(early[early <= steps], recorded)
    if missing.size:
        raise UsageError(
            f"the run did not record step {missing[0]}, which is requested",
            "recorded steps of an extension are those of the run, or later than the run",
            "ask for the frames that the run has",
        )
    frames = np.union1d(recorded, plan.recorded[plan.recorded > steps])
    return replace(plan, recording=replace(plan.recording, frames=tuple(frames.tolist())))


def _requested_size(run: Trajectory) -> tuple[int, int, NDArray[np.int64]]:
    """Steps, chains and recorded steps that were requested for a finished run, according to its state."""
    if run.meta.get("kind") != "network" or "identity" not in run.state:
        raise UsageError(
            "this run holds no state to continue from: it is not a finished training, its state was too large, or "
            "it is of a version that kept none",
            "a finished training with its state",
            "train it again with all networks and steps, and with keep_state if it is large",
        )
    texts, recorded = np.asarray(run.state["identity"]), run.state.get("recorded", np.empty(0))
    if texts.dtype.kind != "U" or texts.shape != (1,):
        raise InputFileError(DAMAGED)
    settings = settings_of(str(texts[0]))
    steps, chains = settings.get("steps"), settings.get("chains")
    if type(steps) is not int or type(chains) is not int or min(steps, chains) < 1:
        raise InputFileError(DAMAGED)
    if recorded.dtype != np.int64 or recorded.ndim != 1 or not 2 <= recorded.size <= MOST + 2:
        raise InputFileError(DAMAGED)
    known = np.array(recorded)
    if known[0] != 0 or known[-1] != steps or (np.diff(known) <= 0).any():
        raise InputFileError(DAMAGED)
    return steps, chains, known


def _grown(setup: Setup, fresh: Progress, run: Trajectory, callbacks: Callbacks) -> Progress:
    """The progress with the networks of the run at its end, and with the added networks at their start."""
    from langevin.sgld.content import content
    from langevin.sgld.course import carry
    from langevin.sgld.progress import begin
    from langevin.sgld.snapshot import unpack_end
    from langevin.sgld.spread import joined, places
    from langevin.sgld.travel import first_frame, onward

    plan = setup.plan
    steps, chains, recorded = _requested_size(run)
    frames = replace(plan.recording, frames=tuple(recorded.tolist()))
    then, start = begin(setup.whole, replace(plan, steps=steps, chains=chains, recording=frames))
    hashes = content(then, start)
    old = unpack_end(then, first_frame(then, start), run, hashes)
    if chains == plan.chains:
        return old
    chosen = places(plan, chains)
    end = fresh.end.copy()
    end[chosen] = 0
    last = old.at if old.running.any() else plan.steps
    reports = Callbacks(progress=callbacks.progress, seen=callbacks.seen)
    going = onward(setup, fresh._replace(end=end), last, seen=False)
    new, _ = carry(fresh._replace(end=end), reports, going, lambda now: None)
    return joined(setup, then, old, new, chosen)
