"""The records of the chains of a run, as one Trajectory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.provenance import versions
from langevin.sgld.chain import Chain
from langevin.sgld.model import Model
from langevin.sgld.plan import Plan, noise_sd
from langevin.sgld.rank import threshold
from langevin.types import FloatArray, Trajectory

#: Accuracies whose first recorded step is an event, by the suffix of the event's name.
CRITERIA = {"": 1.0, "_95": 0.95}


def assemble(model: Model, plan: Plan, records: Sequence[Chain], parameters: int) -> Trajectory:
    """Observables, events and meta of `langevin.sgld.train` from the records of its chains."""
    observables: dict[str, FloatArray] = {
        name: np.array([record.observables[name] for record in records]) for name in records[0].observables
    }
    arrival = arrival_rule(plan, records)
    arrived = (
        observables["train_loss"] <= arrival["arrival_loss"]
        if "arrival_loss" in arrival
        else observables["train_accuracy"] >= 1
    )
    end = np.array([record.step for record in records], dtype=np.int64)
    events: dict[str, NDArray[Any]] = {
        "status": np.array([record.status for record in records], dtype=np.uint8),
        "step": end,
        "time": end * plan.law.learning_rate,
        "rank": np.array([-1 if record.rank is None else record.rank for record in records], dtype=np.int64),
        "arrival_step": first_step(arrived, plan.frames),
    }
    for suffix, level in CRITERIA.items():
        for name, part in (("memorised", "train"), ("generalised", "test")):
            reached = observables[f"{part}_accuracy"] >= level
            events[f"{name}_step{suffix}"] = first_step(reached, plan.frames)
    return Trajectory(
        times=plan.frames * plan.law.learning_rate,
        steps=plan.frames,
        states=np.array([record.states for record in records]),
        observables=observables,
        events=events,
        meta=describe(model, plan, parameters)
        | arrival
        | {"complete": len(records) == plan.chains}
        | {"versions": versions("numpy", "jax")},
    )


def arrival_rule(plan: Plan, records: Sequence[Chain]) -> dict[str, Any]:
    """When a network counts as arrived on the zero-loss set, and the rank this rests on.

    In equilibrium each of the rank(J) constraints holds theta / 2 of a squared loss on the
    average (equipartition), so the loss never reaches 0: arrival is at twice that value. The
    smallest rank among the chains is taken. A hinge loss, which is not squared, takes the same scale.
    """
    ranks = [record.rank for record in records if record.rank is not None]
    rule: dict[str, Any] = {"rank": min(ranks, default=None)}
    if plan.law.temperature > 0 and ranks:
        rule["arrival_loss"] = plan.law.temperature * min(ranks)
        return rule | {"arrival": "train loss <= temperature x rank"}
    return rule | {"arrival": "train accuracy 1"}


def first_step(reached: NDArray[np.bool_], steps: NDArray[np.int64]) -> NDArray[np.int64]:
    """First recorded step of each chain at which `reached` (chains, draws) holds, -1 for never."""
    return np.where(reached.any(axis=1), steps[reached.argmax(axis=1)], -1)


def describe(model: Model, plan: Plan, parameters: int) -> dict[str, Any]:
    """The configuration of a run, in values that JSON can hold."""
    residuals = int(model.train.targets.size)
    return {
        "kind": "network",
        "model": model.name,
        "dials": dict(model.dials),
        "loss": model.loss if isinstance(model.loss, str) else model.loss.__name__,
        "parameters": parameters,
        "residuals": residuals,
        "rank_threshold": f"eigenvalues of J J^T above {threshold(residuals):.3g} x the largest, in float64",
        **plan.law._asdict(),
        "weight_decay_law": "coupled: learning_rate x weight_decay x weights is subtracted at every step",
        "noise_sd": noise_sd(plan.law.learning_rate, plan.law.temperature),
        "steps": plan.steps,
        "batch": plan.batch,
        "chains": plan.chains,
        "seed": plan.seed,
        "dtype": plan.dtype,
        "sketch": plan.sketch,
        "sketch_relative_sd": (2 / plan.sketch) ** 0.5,
    }
