"""Make a Trajectory of a run of networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.provenance import versions
from langevin.sgld.criteria import NEVER, fulfilled, spelled
from langevin.sgld.labels import reading
from langevin.sgld.lanes import single
from langevin.sgld.laws import dials, kind
from langevin.sgld.model import Model
from langevin.sgld.plan import Plan, clock, noise_sd
from langevin.sgld.progress import Progress, Setup
from langevin.sgld.rank import rank, threshold
from langevin.sgld.records import MOMENTS, NUMBERS, STEPS, STEPWISE
from langevin.types import FloatArray, Status, Trajectory

#: Accuracies whose first recorded step is an event; the key is the suffix of the event's name.
CRITERIA = {"": 1.0, "_95": 0.95}


def assemble(
    setup: Setup,
    now: Progress,
    opened: dict[str, Any],
    complete: bool,
    ranks: NDArray[np.int64] | None = None,
) -> Trajectory:
    """A Trajectory with the observables, events and meta of `langevin.sgld.train`, of a finished or unfinished run.

    `ranks` are the results of `ranks_of` at the end, None if they are not known.
    """
    plan, frames = setup.plan, now.frames[: now.draws]
    steps = plan.recorded[: now.draws]
    observables = {
        name: np.stack([frame.values[name] for frame in frames], axis=1) for name in frames[0].values
    }
    end = np.where(now.running, now.at, now.end)
    if ranks is None:
        ranks = ranks_of(setup, now) if complete else np.full(plan.total, -1)
    arrival, arrived = arrival_rule(plan, ranks, observables)
    rates = np.array([plan.law_of(chain).learning_rate for chain in range(plan.total)])
    unit = 1.0 if "learning_rate" in plan.protocol.sweep else plan.laws[0].learning_rate
    events: dict[str, NDArray[Any]] = {
        "status": now.status.astype(np.uint8),
        "step": end,
        "time": rates * clock(plan, end),
        "rank": ranks,
        "arrival_step": first_step(arrived, steps),
    }
    for suffix, level in CRITERIA.items():
        for name, part in (("memorised", "train"), ("generalised", "test")):
            if f"{part}_accuracy" in observables:
                events[f"{name}_step{suffix}"] = first_step(observables[f"{part}_accuracy"] >= level, steps)
    if plan.criteria:
        ended = fulfilled(plan.criteria, end, now.since) & (now.status == Status.HIT)[:, None]
        events["stopped_by"] = np.where(ended.any(axis=1), ended.argmax(axis=1), NEVER)
    if plan.protocol.after_memorisation:
        events["changed_step"] = now.changed
    events |= labels(plan)
    return Trajectory(
        times=unit * clock(plan, steps),
        steps=steps,
        states=np.stack([frame.states for frame in frames], axis=1),
        observables=observables,
        events=events,
        weights=kept_of(plan, now, events) if complete else {},
        meta=describe(setup.model, plan)
        | opened
        | arrival
        | {"end_time": float(unit * clock(plan, np.array([plan.steps]))[0]), "complete": complete}
        | {"versions": versions("numpy", "jax")},
    )


def kept_of(plan: Plan, now: Progress, events: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The weights that were kept during the run (`Trajectory.weights`), nan if a network never reached the moment.

    Weights that were kept for an arrival are left out if the rank gives a later step of arrival
    (`langevin.sgld.kept.reached`).
    """
    found: dict[str, NDArray[Any]] = {}
    frames = [frame.weights for frame in now.frames[: now.draws] if frame.weights.size]
    if frames:
        found = {STEPWISE: np.stack(frames, axis=1), STEPS: plan.kept[: len(frames)]}
    for number, (moment, event) in enumerate(MOMENTS.items()) if now.marks.size else ():
        happened = events.get(event, np.full(len(now.marked), -1))
        at = (happened >= 0) & (now.marked[:, number] == happened)
        if at.any():
            found[moment] = np.where(at[:, None], now.marks[:, number], np.float32(np.nan))
    return found


def ranks_of(setup: Setup, now: Progress, first: int = 0) -> NDArray[np.int64]:
    """Rank of the Jacobian of the residuals at the end (chains,); -1 for a diverged or a too large network.

    It is also -1 at temperature 0: nothing depends on it there, and it costs as much as thousands of steps. `first` is
    the number in the run of the first network. The outputs have the precision of the training, since rounding to
    half precision would change the rank.
    """
    found = np.full(now.status.size, -1)
    for block, state in zip(setup.blocks, now.states):
        for lane, chain in enumerate(block.chains):
            if now.status[chain] != Status.DIVERGED and setup.plan.law_of(first + chain).temperature > 0:
                here = rank(setup.whole, single(state.weights, lane))
                if here is None:
                    return found
                found[chain] = here
    return found


def arrival_rule(
    plan: Plan, ranks: NDArray[np.int64], observables: dict[str, FloatArray]
) -> tuple[dict[str, Any], NDArray[np.bool_]]:
    """The rule of arrival on the zero-loss set with its rank, for the meta, and at which frames networks satisfy it.

    In equilibrium each of the rank(J) constraints contributes theta / 2 to a squared loss on
    average (equipartition), so the loss never reaches 0: arrival is at twice the sum. The
    smallest rank among the chains is used. For a hinge loss, which is not squared, the same scale is used. Without
    thermal noise arrival is at train accuracy 1; a regression has no such rule, and no network arrives.
    """
    known = ranks[ranks >= 0]
    rule: dict[str, Any] = {"rank": int(known.min()) if known.size else None}
    theta = np.array([plan.law_of(chain).temperature for chain in range(plan.total)])
    labelled = "train_accuracy" in observables
    learned = (
        observables["train_accuracy"] >= 1 if labelled else np.zeros_like(observables["train_loss"], bool)
    )
    if not known.size or not theta.any():
        return rule | {"arrival": "train accuracy 1" if labelled else None}, learned
    level = theta[:, None] * rule["rank"]
    if "temperature" not in plan.protocol.sweep:
        rule["arrival_loss"] = float(level[0, 0])
    rule["arrival"] = "train loss <= temperature x rank"
    return rule, np.where(level > 0, observables["train_loss"] <= level, learned)


def first_step(reached: NDArray[np.bool_], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """First recorded step of each chain at which `reached` (chains, draws) is true, -1 if it never is."""
    return np.where(reached.any(axis=1), steps[reached.argmax(axis=1)], -1)


def labels(plan: Plan) -> dict[str, NDArray[Any]]:
    """Events (chains,) with the number of setting and network of each chain of a sweep; none without a sweep."""
    if not plan.protocol.sweep:
        return {}
    chains = np.arange(plan.total)
    numbers = {
        name: np.array([getattr(plan.law_of(chain), name) for chain in chains.tolist()], np.float64)
        for name in plan.protocol.sweep
    }
    return {"setting": chains // plan.chains, "network": chains % plan.chains} | numbers


def describe(model: Model, plan: Plan) -> dict[str, Any]:
    """The configuration of a run, in values that JSON can hold; a swept number is the list of its values."""
    residuals = int(model.train.targets.size)

    def of_settings(values: Sequence[Any], swept: bool) -> Any:
        return list(values) if swept else values[0]

    law, laws, protocol = plan.law, plan.laws, plan.protocol
    numbers = {
        name: of_settings([getattr(law, name) for law in laws], name in protocol.sweep) for name in NUMBERS
    }
    return {
        "kind": "network",
        "model": model.name,
        "dials": dict(model.dials),
        "loss": model.loss if isinstance(model.loss, str) else model.loss.__name__,
        "residuals": residuals,
        "right": reading(model).words,
        "rank_threshold": f"eigenvalues of J J^T above {threshold(residuals):.3g} x the largest, in float64",
        "law": law.name,
        "options": dials(law.name, law.options) | dict(law.options),
        "leaves": {name: vars(leaf) for name, leaf in law.leaves.items()},
        **numbers,
        "weight_decay_law": "decoupled: learning_rate x weight_decay x weights is subtracted in addition to the step"
        if law.decay == "decoupled"
        else "coupled: learning_rate x weight_decay x weights is subtracted at every step"
        if kind(law).premises.descends
        else "coupled: weight_decay x weights joins the gradient, before the law sees it",
        "noise_sd": of_settings(
            [noise_sd(law.learning_rate, law.temperature) for law in laws],
            bool({"learning_rate", "temperature"} & set(protocol.sweep)),
        ),
        "schedule": protocol.schedule is not None,
        "clock": "sum of the factors of the learning rate, steps without a schedule"
        if "learning_rate" in protocol.sweep
        else "learning rate x steps",
        "steps": plan.steps,
        "batch": law.batch,
        "train_samples": len(model.train.targets),
        "chains": plan.chains,
        "swept": list(protocol.sweep),
        "own_noise": protocol.own,
        "stop": dict(protocol.stop) if isinstance(protocol.stop, Mapping) else [*map(spelled, plan.criteria)],
        "observed": [*plan.recording.observe],
        "after_memorisation": dict(protocol.after_memorisation),
        "lanes": plan.computation.lanes,
        "seed": plan.seed,
        "dtype": plan.computation.dtype,
        **({"apply_dtype": plan.computation.apply} if plan.computation.apply else {}),
        **{name: True for name in ("fit", "fresh") if getattr(model, name) is not None},
        "sketch": plan.recording.sketch,
        **({} if plan.start is None else {"started_from": plan.start.source}),
        "sketch_relative_sd": (2 / plan.recording.sketch) ** 0.5,
    }
