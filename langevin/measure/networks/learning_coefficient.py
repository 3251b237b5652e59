"""Local learning coefficient: how fast the volume of low loss around a point grows with the loss.

The volume where the loss L is within e of its minimum grows as e^lambda. lambda is half the number of weights at a
regular minimum, less at a singular one, and d_N / 2 where a zero-loss set has d_N normal directions (Watanabe 2009).
Estimator of Lau et al. (2023, arXiv 2308.12108), for n samples at the inverse temperature beta:

    lambda = n beta (E L(w) - L(w*)),    w ~ exp(-n beta L(w) - (gamma / 2) |w - w*|^2).

The walk is that of `langevin.sgld` with theta = 1 / (n beta) and the decay gamma theta towards w*: their step
epsilon is 2 lr theta here. Instead of 1/2, a mode of curvature a then gives

    (1/2) / ((1 + gamma theta / a) (1 - lr (a + gamma theta) / 2)):

the first factor is the price of locality, the second that of the step, which is why there are always two
steps. At a degenerate minimum lambda is a limit, approached as slowly as 1 / log(n beta):
`langevin.measure.networks.known_coefficients` has models to see how near given numbers come.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.measure.interval import critical_value
from langevin.measure.networks.point import loss, point
from langevin.measure.walkers import joined
from langevin.sgld.law import advance
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.precision import precision
from langevin.sgld.records import Law
from langevin.sgld.start import chain_key
from langevin.types import FloatArray, Measurement

#: Probability with which a sound measurement is called unmixed, for each of the two checks.
LEVEL = 0.01


class Walk(NamedTuple):
    """The numbers of one walk: law of motion, steps before and between draws, and what it is scaled by."""

    law: Law
    burn_in: int
    every: int
    draws: int
    inverse_temperature: float


def local_learning_coefficient(
    model: Model,
    weights: Weights,
    *,
    learning_rate: float,
    localisation: float,
    inverse_temperature: float | None = None,
    draws: int = 200,
    every: int = 20,
    burn_in: int = 1000,
    chains: int = 5,
    batch: int | None = None,
    seed: int = 0,
) -> tuple[Measurement, Measurement]:
    """lambda at the weights, from walks with the given step and from others with half of it.

    Each is a mean over n chains with its standard error; the shorter step is the better estimate. `mixed` is False of
    both where they differ by more than their errors allow, and where the chains still drift; and of each where it is
    not positive (the walk found lower loss: w* is no minimum), or with a single chain. Each call compiles once, since
    w* is part of what is compiled.

    Args:
        model: The network.
        weights: w*, a minimum of the training loss.
        learning_rate: lr; well below 2 / (largest eigenvalue of the Hessian).
        localisation: gamma; the walk stays within sqrt(parameters / gamma) of w*.
        inverse_temperature: n beta; n / log n if None.
        draws: Losses averaged over in a chain.
        every: Steps between draws (twice as many with half the step, here and for the burn-in).
        burn_in: Steps before the first draw.
        chains: Independent chains for each of the two steps.
        batch: Samples a step; None for all. Batches add their own noise to that of the temperature, which the two
            steps show where it counts.
        seed: Seed of noise and batches.

    Raises:
        UsageError: a number out of its range, or weights that do not fit.
        NumericalError: every chain diverges: take a smaller step.
    """
    samples = len(model.train.targets)
    scale = _inverse_temperature(samples, inverse_temperature)
    for name, number in (("learning_rate", learning_rate), ("localisation", localisation)):
        lowest = "above 0" if name == "learning_rate" else "at least 0"
        if not math.isfinite(number) or number < 0 or (number == 0 and name == "learning_rate"):
            raise UsageError(f"{name} is {number}: it must be finite and {lowest}")
    counts = {"draws": (draws, 2), "every": (every, 1), "burn_in": (burn_in, 0), "chains": (chains, 1)}
    for name, (count, least) in counts.items():
        if count < least:
            raise UsageError(f"{name} is {count}: it must be at least {least}")
    if batch is not None and not 1 <= batch <= samples:
        raise UsageError(f"batch is {batch}: it must be between 1 and {samples}")
    if not 0 <= seed < 2**64:
        raise UsageError(f"seed is {seed}: it must be between 0 and 2^64 - 1")
    theta = 1 / scale
    with precision("float64"):
        here = point(model, weights)
        shifted = _shifted(model, here.weights)
        start = jax.tree.map(jnp.zeros_like, here.weights)
        measured = []
        for refinement in (1, 2):
            walk = Walk(
                Law(
                    *map(jnp.asarray, (learning_rate / refinement, theta, localisation * theta)), batch=batch
                ),
                burn_in * refinement,
                every * refinement,
                draws,
                scale,
            )
            keys = [chain_key(seed, refinement * chains + chain) for chain in range(chains)]
            paths = [_path(shifted, start, here.data, walk, key) for key in keys]
            measured.append(np.array(paths))
    drift = _drifts(np.concatenate(measured))
    return _agreeing(
        *(_summary(paths, rate, drift) for paths, rate in zip(measured, (learning_rate, learning_rate / 2)))
    )


def _inverse_temperature(samples: int, given: float | None) -> float:
    if given is None:
        if samples < 2:
            raise UsageError("n / log n needs at least 2 samples: give an inverse_temperature")
        return samples / math.log(samples)
    if not (math.isfinite(given) and given > 0):
        raise UsageError(f"inverse_temperature is {given}: it must be finite and above 0")
    return given


def _shifted(model: Model, centre: Weights) -> Model:
    """The same network with w* as origin, so that decay of its weights is decay towards w*."""

    def apply(displacement: Any, inputs: Any) -> Any:
        return model.apply(jax.tree.map(jnp.add, centre, displacement), inputs)

    return Model(model.name, model.init, apply, model.loss, model.train, model.test)


def _path(model: Model, start: Weights, data: Data, walk: Walk, key: Any) -> FloatArray:
    """n beta (L(w) - L(w*)) at each draw of one chain (draws,); NaN from where it diverges."""
    weights, step = start, 0
    lowest = float(loss(start, data, model=model))
    losses = np.full(walk.draws, np.nan)
    for draw in range(walk.draws):
        last = walk.burn_in + (draw + 1) * walk.every
        weights, reached = advance(weights, step, last, key, data, walk.law, model=model)
        step = int(reached)
        losses[draw] = float(loss(weights, data, model=model))
        if step < last or not math.isfinite(losses[draw]):
            losses[draw] = np.nan
            break
    return walk.inverse_temperature * (losses - lowest)


def _drifts(paths: FloatArray) -> bool:
    """Whether the mean of paths (chains, draws) surely changes from the first to the second half of the draws.

    Chains of both steps walk for equally long, and are judged together: from five alone, a walk that is far from
    equilibrium at the end was found to drift once in three times.
    """
    sound = paths[np.isfinite(paths).all(axis=1)]
    half = paths.shape[1] // 2
    change = sound[:, -half:].mean(axis=1) - sound[:, :half].mean(axis=1)
    n = len(change)
    return n > 1 and bool(abs(change.mean()) > critical_value(LEVEL, n) * change.std(ddof=1) / math.sqrt(n))


def _summary(paths: FloatArray, learning_rate: float, drifts: bool) -> Measurement:
    """Mean over chains of paths (chains, draws), those that diverged left out and counted."""
    sound = np.isfinite(paths).all(axis=1)
    if not sound.any():
        raise NumericalError(f"every chain diverges at learning_rate {learning_rate:g}: take a smaller one")
    lost = int((~sound).sum())
    note = joined(f"step {learning_rate:g}", f"{lost} chains diverged and are left out" if lost else "")
    means = paths[sound].mean(axis=1)
    n, value = len(means), float(means.mean())
    if n == 1:
        return Measurement(value, math.inf, 1, "SGLD", False, joined(note, "one chain has no standard error"))
    error = float(means.std(ddof=1)) / math.sqrt(n)
    note = joined(
        note,
        "the loss still drifts from the first to the second half of the draws" if drifts else "",
        "not positive: the point is no minimum of the loss" if value <= 0 else "",
    )
    return Measurement(value, error, n, "SGLD", not drifts and value > 0 and not lost, note)


def _agreeing(coarse: Measurement, fine: Measurement) -> tuple[Measurement, Measurement]:
    """The two as they are, or both unmixed where the step decides the answer."""
    allowed = critical_value(LEVEL, min(coarse.n, fine.n)) * math.hypot(coarse.error, fine.error)
    if abs(coarse.value - fine.value) <= allowed or math.inf in (coarse.error, fine.error):
        return coarse, fine
    warning = "the two steps disagree: take a smaller one"
    unmixed = [replace(one, mixed=False, note=joined(one.note, warning)) for one in (coarse, fine)]
    return unmixed[0], unmixed[1]
