"""Refusals before anything is computed."""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import UsageError
from langevin.sgld.labels import check_targets, reading
from langevin.sgld.laws import check_law
from langevin.sgld.model import Model
from langevin.sgld.observers import ACCURACIES, STANDARD, check_names
from langevin.sgld.plan import MOST, Plan, factors, flat, observers, schedule
from langevin.sgld.records import HELD, NUMBERS, Protocol
from langevin.sgld.sweep import changed


def check(model: Model, plan: Plan) -> None:
    """Refuse a plan with a number out of its range, or of another law.

    Raises:
        UsageError: for the first such number, with the range.
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
                "schedule must turn an array of step numbers into as many factors above 0 and at most 1",
                allowed="learning_rate is the largest step",
            )


def _check_change(protocol: Protocol) -> None:
    """Refuse a change of what is no number of the law, or of its clock."""
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
    """Refuse decisions by accuracies where the targets are no labels."""
    by_accuracy = any(criterion.observable in ACCURACIES for criterion in plan.criteria)
    if (by_accuracy or plan.protocol.after_memorisation) and reading(model).right is None:
        raise UsageError(
            f"the targets of {model.name} are numbers and no labels, so it has no accuracies to decide by",
            "targets that are labels, or `correct`",
            "say by "
            "`correct` of its Model which outputs are right, for instance langevin.sgld.losses.within(0.1)",
        )


def _check_kept(plan: Plan) -> None:
    """Refuse a rule for kept weights that is none, or that adds too many recorded steps."""
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
