"""One network trained from one seed, recorded at chosen steps."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import random
from jax.flatten_util import ravel_pytree

from langevin.errors import NumericalError
from langevin.sgld.law import advance
from langevin.sgld.losses import correct, per_sample
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.plan import Law, Plan
from langevin.sgld.rank import rank
from langevin.sgld.sketch import sketch
from langevin.sgld.start import initial_weights
from langevin.types import FloatArray, Status


class Chain(NamedTuple):
    """Record of one network: observables (draws,) each, sketches (draws, sketch), and how it ended.

    `rank` is None where it was not computed: after a divergence, or with too many residuals.
    """

    observables: dict[str, FloatArray]
    states: FloatArray
    status: Status
    step: int
    rank: int | None


@partial(jax.jit, static_argnames=("model", "size"))
def observe(weights: Weights, initial: Weights, train: Data, test: Data, *, model: Model, size: int) -> Any:
    """Observables of one state, accuracies as counts of samples, and its sketch (size,)."""
    flat, start = ravel_pytree(weights)[0], ravel_pytree(initial)[0]
    loss_of = per_sample(model.loss)
    values = {"weight_norm": jnp.linalg.norm(flat), "displacement": jnp.linalg.norm(flat - start)}
    for part, data in (("train", train), ("test", test)):
        outputs = model.apply(weights, data.inputs)
        values[f"{part}_loss"] = jnp.mean(loss_of(outputs, data.targets))
        values[f"{part}_accuracy"] = jnp.sum(correct(outputs, data.targets))
    return values, sketch(flat, size)


def run_chain(model: Model, plan: Plan, key: Any, progress: Callable[[int], object] | None) -> Chain:
    """Train one network; one whose loss or weights stop being finite stops, with status DIVERGED.

    It keeps, in all later frames, the values of its last finite frame.

    Raises:
        NumericalError: the loss is not finite at the initial weights.
    """
    law = Law(*(jnp.asarray(number, plan.dtype) for number in plan.law))
    train, test = (Data(*(jnp.asarray(a, plan.dtype) for a in part)) for part in (model.train, model.test))
    counts = {"train_accuracy": len(train.targets), "test_accuracy": len(test.targets)}
    run_key = random.split(key)[1]
    initial = weights = initial_weights(key, model=model, dtype=plan.dtype)
    values: list[dict[str, float]] = []
    states: list[FloatArray] = []
    step, finite = 0, True
    for frame in plan.frames.tolist():
        while finite and step < frame:
            last = min(step + plan.chunk, frame)
            weights, reached = advance(
                weights, step, last, run_key, train, law, model=model, batch=plan.batch
            )
            finite = int(reached) == last
            if progress is not None:
                progress(int(reached) - step)
            step = int(reached)
        if finite:
            seen, state = observe(weights, initial, train, test, model=model, size=plan.sketch)
            finite = bool(np.isfinite([*seen.values()]).all())
        if not finite:
            break
        values.append({name: float(value) / counts.get(name, 1) for name, value in seen.items()})
        states.append(np.asarray(state, dtype=np.float64))
    if not values:
        raise NumericalError(f"the loss of {model.name} is not finite at its initial weights: check its data")
    kept = np.minimum(np.arange(len(plan.frames)), len(values) - 1)
    return Chain(
        observables={name: np.array([values[i][name] for i in kept]) for name in values[0]},
        states=np.array([states[i] for i in kept]),
        status=Status.FINISHED if finite else Status.DIVERGED,
        step=step,
        rank=rank(model, weights) if finite else None,
    )
