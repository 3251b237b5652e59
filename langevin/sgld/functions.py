"""The functions of a model, tried on shapes before anything is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import numpy as np

from langevin.errors import LangevinError, UsageError, foreign
from langevin.sgld.labels import reading
from langevin.sgld.law import STATIC
from langevin.sgld.laws import is_optimiser
from langevin.sgld.leaves import check_leaves
from langevin.sgld.losses import per_sample
from langevin.sgld.model import Model
from langevin.sgld.optimiser import transform
from langevin.sgld.plan import Plan, observers
from langevin.sgld.precision import input_kind
from langevin.sgld.records import Law
from langevin.sgld.start import chain_key, check_outputs, initial_weights
from langevin.sgld.start_from import check_start


def check_functions(model: Model, plan: Plan) -> None:
    """Refuse a model one of whose functions fails, or gives an array of another shape than `Model` says.

    Raises:
        UsageError: so it does; the sentence names the function, and the first line of what it raised.
    """
    dtype = plan.computation.dtype
    weights = shape(
        model, "init", partial(initial_weights, model=model, dtype=dtype), chain_key(plan.seed, 0)
    )
    if plan.start is not None:
        check_start(model, plan.start, plan.chains)
    for part, data in (("training", model.train), ("test", model.test)):
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
    for name, observer in observers(model, plan):
        expect(model, f"the observable {name}", shape(model, f"the observable {name}", observer, weights), ())


def check_optimiser(law: Law, weights: Any) -> None:
    """Refuse an optimiser that needs more than gradients, changes shapes, or has options that are no numbers.

    Raises:
        UsageError: it does.
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
                "mend it, or take another optimiser",
            )


def _shapes(tree: Any, kinds: bool) -> Any:
    """The structure of a tree of arrays, with their shapes and, if so asked, kinds."""
    leaves, structure = jax.tree.flatten(tree)
    return structure, [(np.shape(leaf), jax.numpy.result_type(leaf) if kinds else None) for leaf in leaves]


def shape(model: Model, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function of the model would return, as shapes.

    Raises:
        UsageError: it fails.
    """
    with foreign(f"{name} of {model.name}"):
        return jax.eval_shape(function, *arguments)


def expect(model: Model, name: str, found: Any, wanted: tuple[int, ...]) -> None:
    """Refuse an answer of another shape.

    Raises:
        UsageError: so it is.
    """
    shapes = [leaf.shape for leaf in jax.tree.leaves(found)]
    if shapes != [wanted]:
        what = "one number a sample, (samples,)" if wanted else "one number, ()"
        raise UsageError(
            f"{name} of {model.name} has the shape {', '.join(map(str, shapes))}", f"it must be {what}"
        )
