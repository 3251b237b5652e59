"""Tests of the functions of a model on shapes, before anything is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import numpy as np

from langevin.errors import LangevinError, UsageError, foreign
from langevin.sgld.computation import input_kind
from langevin.sgld.criteria import check_seen
from langevin.sgld.labels import reading
from langevin.sgld.law import STATIC
from langevin.sgld.laws import is_optimiser
from langevin.sgld.laws_with_memory import transform
from langevin.sgld.losses import per_sample
from langevin.sgld.model import Data, Model, check_leaves
from langevin.sgld.observers import (
    ACCURACIES,
    STANDARD,
    check_count,
    check_names,
    looking,
    memory_count,
    part_names,
)
from langevin.sgld.plan import Plan, observers
from langevin.sgld.records import Law
from langevin.sgld.start import check_outputs, initial_shapes, key_shape
from langevin.sgld.start_from import check_start


def check_functions(model: Model, plan: Plan) -> None:
    """Refuse a model if one of its functions fails, or returns an array of another shape than `Model` defines.

    Raises:
        UsageError: a function fails; the message names it, and has the first line of its error.
    """
    dtype = plan.computation.dtype
    with foreign(f"init of {model.name}"):
        weights = initial_shapes(model, dtype)
    if plan.start is not None:
        check_start(model, plan.start, plan.chains, dtype)
    check_training(model, plan, weights)
    for part, data in model.parts:
        inputs = jax.ShapeDtypeStruct(np.shape(data.inputs), input_kind(data.inputs, dtype))
        targets = jax.ShapeDtypeStruct(np.shape(data.targets), dtype)
        outputs = shape(model, "apply", model.apply, weights, inputs)
        check_outputs(model, part, outputs.shape, targets.shape)
        for name, function in (("loss", per_sample(model.loss)), ("correct", reading(model).right)):
            if function is None:
                continue
            expect(model, name, shape(model, name, function, outputs, targets), (len(data.targets),))
    for law in plan.laws:
        check_leaves(law.leaves, weights)
        if is_optimiser(law):
            check_optimiser(law, weights)
    names = seen_names(model, plan, weights)
    check_names(names)
    check_count(names, len(plan.recorded), plan.total)
    check_seen(plan.criteria, names)


def seen_names(model: Model, plan: Plan, weights: Any) -> list[str]:
    """Names of all numbers that are recorded of a network at a recorded step; `weights` are the shapes of its weights.

    Raises:
        UsageError: an observable fails, gives no numbers, or returns a memory of another shape than its argument.
    """
    missing = {*(ACCURACIES if reading(model).right is None else ())}
    missing |= {name for name in STANDARD if name.startswith("test_") and model.test is None}
    names = [name for name in STANDARD if name not in missing]
    data = tuple(
        None if one is None else Data(
            jax.ShapeDtypeStruct(np.shape(one.inputs), input_kind(one.inputs, plan.computation.dtype)),
            jax.ShapeDtypeStruct(np.shape(one.targets), plan.computation.dtype),
        )
        for one in (model.train, model.test)
    )  # fmt: skip
    size = sum(leaf.size for leaf in jax.tree.leaves(weights))
    memory = jax.ShapeDtypeStruct((size,), plan.computation.dtype)
    for name, observer in observers(model, plan):
        what = f"the observable {name}"
        look = partial(looking(observer), model)
        seen, after = shape(model, what, look, weights, data, memory)
        if memory_count([(name, observer)]) and _shapes(after, True) != _shapes(memory, True):
            raise UsageError(
                f"{what} gives another memory than it is given", "one number for each weight", "correct it"
            )
        names += part_names(name, seen)
    return names


def check_training(model: Model, plan: Plan, weights: Any) -> None:
    """Refuse a network in training whose outputs, weights or samples have other shapes than the model has.

    Raises:
        UsageError: a shape differs; `fixed` gives no tree of booleans like the weights, or all leaves are fixed;
            the law takes no batch of fresh samples, or they are of another kind; outputs in half precision are
            requested for a network in training.
    """
    dtype, (inputs, targets) = plan.computation.dtype, model.train
    count = plan.law.batch or len(targets)
    if model.fixed is not None:
        with foreign(f"fixed of {model.name}"):
            truths = model.fixed(weights)
        if jax.tree.structure(truths) != jax.tree.structure(weights):
            raise UsageError(
                f"fixed of {model.name} gives no tree like its weights",
                "a truth for each array of the weights",
            )
        if all(jax.tree.leaves(truths)):
            raise UsageError(
                f"fixed of {model.name} holds all weights, so there is nothing to train",
                "an array or more that is not fixed",
                "give the truth False for what is to be trained",
            )
    rows = jax.ShapeDtypeStruct((count, *np.shape(inputs)[1:]), input_kind(inputs, dtype))
    if model.fit is not None and plan.computation.apply:
        raise UsageError(
            f"{model.name} is another network in training (fit), which is not computed in {plan.computation.apply}",
            "a Model without fit, for outputs in half precision",
            "leave `apply` (--apply) out, or cast inside fit",
        )
    if model.fit is not None:
        found = shape(model, "fit", model.fit, weights, rows, key_shape())
        if not isinstance(found, tuple) or len(found) != 2:
            raise UsageError(f"fit of {model.name} gives no pair", "(outputs, weights)", "let it give both")
        if _shapes(found[1], True) != _shapes(weights, True):
            raise UsageError(
                f"fit of {model.name} gives weights of other shapes or kinds than it takes",
                "weights as it takes them",
            )
        if found[0].shape != (count, *np.shape(targets)[1:]):
            raise UsageError(
                f"fit of {model.name} has outputs of the shape {found[0].shape}",
                f"it must be {(count, *np.shape(targets)[1:])}",
            )
    fresh = model.fresh
    if fresh is None:
        return
    if plan.law.batch is None:
        raise UsageError(
            f"{model.name} trains on fresh samples, and the law takes no batch",
            "the law needs a batch",
            "give one",
        )
    drawn = shape(model, "fresh", lambda key: fresh(key, count), key_shape())
    wanted = [(count, *np.shape(inputs)[1:]), (count, *np.shape(targets)[1:])]
    if [one.shape for one in jax.tree.leaves(drawn)] != wanted:
        raise UsageError(
            f"fresh of {model.name} gives arrays of the shapes {[one.shape for one in jax.tree.leaves(drawn)]}",
            f"inputs and targets of the shapes {wanted}",
        )
    whole, kind = np.issubdtype(np.asarray(inputs).dtype, np.integer), jax.tree.leaves(drawn)[0].dtype
    if whole and not np.issubdtype(kind, np.integer):
        raise UsageError(
            f"fresh of {model.name} gives inputs of the kind {kind}, and those of its training set are whole numbers",
            "both must be of one kind",
            "cast one of them",
        )


def check_optimiser(law: Law, weights: Any) -> None:
    """Refuse an optimiser that needs more than gradients, changes shapes, or has options that are not numbers.

    Raises:
        UsageError: the optimiser does one of these.
    """
    traced = {name: value for name, value in law.options.items() if not isinstance(value, STATIC)}
    fixed = {name: value for name, value in law.options.items() if isinstance(value, STATIC)}

    def step(now: Any, learning_rate: Any, numbers: dict[str, Any]) -> Any:
        made = transform(replace(law, options={**numbers, **fixed}), learning_rate)
        memory = made.init(now)
        change, after = made.update(now, memory, now)
        return change, memory, after

    try:
        change, memory, after = jax.eval_shape(step, weights, 1.0, dict.fromkeys(traced, 1.0))
    except LangevinError:
        raise
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        options = f" with the options {', '.join(law.options)}" if law.options else ""
        raise UsageError(
            f"{law.name}{options} takes no step: {type(error).__name__}: {first}",
            "an optimiser that needs gradients only, and options that it takes",
            f"leave the option out, or take another optimiser; see help({law.name})",
        ) from error
    for what, found, wanted in (("change", change, weights), ("memory", after, memory)):
        if _shapes(found, what == "memory") != _shapes(wanted, what == "memory"):
            raise UsageError(
                f"a step of {law.name} gives a {what} of other shapes or kinds than it is given",
                "a change like the weights, and a memory like the one that init makes",
                "correct it, or take another optimiser",
            )


def _shapes(tree: Any, kinds: bool) -> Any:
    """The structure of a tree of arrays, with their shapes and, if `kinds`, their types."""
    leaves, structure = jax.tree.flatten(tree)
    return structure, [(np.shape(leaf), jax.numpy.result_type(leaf) if kinds else None) for leaf in leaves]


def shape(model: Model, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """The shapes of what a function of the model returns.

    Raises:
        UsageError: the function fails.
    """
    with foreign(f"{name} of {model.name}"):
        return jax.eval_shape(function, *arguments)


def expect(model: Model, name: str, found: Any, wanted: tuple[int, ...]) -> None:
    """Refuse a result of another shape than `wanted`.

    Raises:
        UsageError: the shape differs.
    """
    shapes = [leaf.shape for leaf in jax.tree.leaves(found)]
    if shapes != [wanted]:
        raise UsageError(
            f"{name} of {model.name} has the shape {', '.join(map(str, shapes))}",
            "it must be one number a sample, (samples,)",
        )
