"""Local learning coefficient: how fast the volume of low loss around a point grows with the loss.

The volume where the loss L is within e of its minimum grows as e^lambda. At a regular minimum lambda is half the number
of weights; at a singular minimum it is smaller; for a zero-loss set with d_N normal directions it is d_N / 2 (Watanabe
2009). The estimator of Lau et al. (2023, arXiv 2308.12108), for n samples at the inverse temperature beta, is

    lambda = n beta (E L(w) - L(w*)),    w ~ exp(-n beta L(w) - (gamma / 2) |w - w*|^2).

The walk is a walk of `langevin.sgld` with theta = 1 / (n beta) and the decay gamma theta towards w*; the step epsilon
of Lau et al. is 2 lr theta here. A mode of curvature a then contributes, instead of 1/2,

    (1/2) / ((1 + gamma theta / a) (1 - lr (a + gamma theta) / 2)) .

The first factor is the bias by the localisation, the second the bias by the step; therefore the walk is always done
with two steps. At a degenerate minimum lambda is a limit, and the convergence is as slow as 1 / log(n beta):
`langevin.measure.networks.known_coefficients` has models to test the error for given settings.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.measure.autocorrelation import potential_scale_reduction
from langevin.measure.interval import critical_value
from langevin.measure.networks.point import loss, point
from langevin.measure.walkers import joined
from langevin.sgld.computation import precision
from langevin.sgld.law import advance
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.records import Law
from langevin.sgld.start import chain_key
from langevin.types import FloatArray, Measurement
from langevin.words import counted

#: Probability of a false `mixed=False`, for the test of the drift of the loss and for the test of the two steps.
LEVEL = 0.01
#: Largest split R-hat of |w - w*|^2: half a walk then has about five independent values. In a direction that only the
#: localisation confines, 200 sets of 10 walks were above this: all sets with a length of one relaxation time, half of
#: those with ten, and one of those with twenty.
SPREAD = 1.1
#: Largest allowed bias, in standard errors, by a lower loss near w*: an interval of 95 % then covers 92 %.
BIAS = 0.5
#: Values of - d log lambda / d log gamma, which in a regular minimum is the relative bias by the localisation gamma:
#: above the first a note reports it; the second is the largest in a sound measurement. If two lines cross, it is 0.2.
SHOWN_FROM, PULL = 0.05, 0.25


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
    """lambda at the weights, from walks with the given step and from walks with half of it.

    Each is a mean over n chains with its standard error; the shorter step gives the better estimate. `mixed` is False
    for both if they differ by more than their errors allow, or if the chains have not settled: their loss drifts, |w -
    w*|^2 still grows (`SPREAD`), or the localisation decides the result (`PULL`). It is also False with a single chain,
    and if w* is not a minimum: a walk, or the same walk without noise, finds a loss that is lower than at w* by more
    than half the error. Each call compiles once, because w* is a part of the compiled code.

    Args:
        model: The network.
        weights: w*, a minimum of the training loss.
        learning_rate: lr; well below 2 / (largest eigenvalue of the Hessian).
        localisation: gamma; the walk stays within the distance sqrt(parameters / gamma) of w*.
        inverse_temperature: n beta; n / log n if None.
        draws: Number of losses in the mean of a chain.
        every: Steps between draws (twice as many with half the step, here and for the burn-in).
        burn_in: Steps before the first draw.
        chains: Independent chains for each of the two steps.
        batch: Samples in each step; None for all. Batches add minibatch noise to the thermal noise; if this matters,
            the two steps give different results.
        seed: Seed of noise and batches.

    Raises:
        UsageError: a number is out of range, or the weights do not fit.
        NumericalError: every chain diverges; take a smaller step.
    """
    samples = len(model.train.targets)
    scale = _inverse_temperature(samples, inverse_temperature)
    for name, number in (("learning_rate", learning_rate), ("localisation", localisation)):
        lowest = "above 0" if name == "learning_rate" else "at least 0"
        if not math.isfinite(number) or number < 0 or (number == 0 and name == "learning_rate"):
            raise UsageError(f"{name} is {number}", f"it must be finite and {lowest}")
    counts = {"draws": (draws, 4), "every": (every, 1), "burn_in": (burn_in, 0), "chains": (chains, 1)}
    for name, (count, least) in counts.items():
        if count < least:
            raise UsageError(f"{name} is {count}", f"it must be at least {least}")
    if batch is not None and not 1 <= batch <= samples:
        raise UsageError(f"batch is {batch}", f"it must be between 1 and {samples}")
    if not 0 <= seed < 2**64:
        raise UsageError(f"seed is {seed}", "it must be between 0 and 2^64 - 1")
    theta = 1 / scale
    with precision("float64"):
        here = point(model, weights)
        around = shifted(model, here.weights)
        start = jax.tree.map(jnp.zeros_like, here.weights)
        walks = []
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
            walks.append((walk, [path(around, start, here.data, walk, key) for key in keys]))
        fallen = fall(around, start, here.data, walks[0][0], keys[0])
    doubt = _doubt([one for _, paths in walks for one in paths], fallen, localisation)
    return _agreeing(*(_summary(paths, float(walk.law.learning_rate), doubt) for walk, paths in walks))


def _inverse_temperature(samples: int, given: float | None) -> float:
    if given is None:
        if samples < 2:
            raise UsageError(
                "n / log n needs at least 2 samples", "2 samples or more", "give an inverse_temperature"
            )
        return samples / math.log(samples)
    if not (math.isfinite(given) and given > 0):
        raise UsageError(f"inverse_temperature is {given}", "it must be finite and above 0")
    return given


class Doubt(NamedTuple):
    """The largest fall of n beta L below its value at w*, why chains have not settled, the effect of localisation."""

    lower: float
    restless: str
    pulled: str


def _doubt(paths: list[Path], fallen: float, localisation: float) -> Doubt:
    """Doubts about the estimate from the chains of both steps, and from the descent that lowered n beta L by `fallen`.

    The chains of both steps have equal times and are tested together: with only five chains, the test found the drift
    of a walk far from equilibrium in one of three cases.
    """
    ended = [one for one in paths if np.isfinite(one.losses).all()]
    if not ended:
        return Doubt(0.0, "", "")
    losses, distances = np.stack([one.losses for one in ended]), np.stack([one.distances for one in ended])
    reduction = potential_scale_reduction(distances) if len(ended) > 1 else 1.0
    held = _pull(losses, distances, localisation)
    pulled = f"a tenth more localisation takes {held / 10:.1%} of the estimate" if held > SHOWN_FROM else ""
    restless = joined(
        "the localisation holds the weights: localise less" if held > PULL else "",
        "the loss still drifts from the first to the second half of the draws" if _drifts(losses) else "",
        f"|w - w*|^2 has not settled (split R-hat {reduction:.2f} > {SPREAD}): walk for longer, or localise more"
        if reduction > SPREAD
        else "",
    )
    return Doubt(float(np.nanmax([fallen, -losses.min()])), restless, pulled)


def _pull(losses: FloatArray, distances: FloatArray, localisation: float) -> float:
    """- d log lambda / d log gamma: how strongly the localisation decides the estimate; arguments (chains, draws).

    The mean of n beta L under exp(-n beta L - gamma |w - w*|^2 / 2) has the derivative - cov(n beta L, |w - w*|^2) / 2
    with respect to gamma. For a mode of curvature a it is gamma theta / (a + gamma theta), the relative bias by the
    localisation.
    """
    apart = (losses - losses.mean(axis=1, keepdims=True)) * (
        distances - distances.mean(axis=1, keepdims=True)
    )
    mean = float(losses.mean())
    return localisation * float(apart.mean()) / (2.0 * mean) if mean > 0 else 0.0


def _drifts(losses: FloatArray) -> bool:
    """Whether the mean of losses (chains, draws) changes significantly from the first to the second half of draws."""
    half = losses.shape[1] // 2
    change = losses[:, -half:].mean(axis=1) - losses[:, :half].mean(axis=1)
    n = len(change)
    return n > 1 and bool(abs(change.mean()) > critical_value(LEVEL, n) * change.std(ddof=1) / math.sqrt(n))


def _summary(paths: list[Path], learning_rate: float, doubt: Doubt) -> Measurement:
    """Mean of the losses over the chains of one step; diverged chains are left out and counted."""
    means = np.array([one.losses.mean() for one in paths if np.isfinite(one.losses).all()])
    n, lost = len(means), len(paths) - len(means)
    if not n:
        raise NumericalError(
            f"every chain diverges at learning_rate {learning_rate:g}", remedy="take a smaller one"
        )
    note = joined(
        f"step {learning_rate:g}",
        counted(lost, "chain diverged and is left out", "chains diverged and are left out") if lost else "",
    )
    value = float(means.mean())
    if n == 1:
        return Measurement(value, math.inf, 1, "SGLD", False, joined(note, "one chain has no standard error"))
    error = float(means.std(ddof=1)) / math.sqrt(n)
    biased = doubt.lower > BIAS * error
    note = joined(
        note,
        doubt.pulled,
        doubt.restless,
        f"n beta L is lower by {doubt.lower:.2g} near the weights: they are no minimum of the loss"
        if biased
        else "",
    )
    return Measurement(value, error, n, "SGLD", not (doubt.restless or biased or lost), note)


def _agreeing(coarse: Measurement, fine: Measurement) -> tuple[Measurement, Measurement]:
    """The two measurements unchanged, or both with `mixed=False` if the step decides the result."""
    allowed = critical_value(LEVEL, min(coarse.n, fine.n)) * math.hypot(coarse.error, fine.error)
    if abs(coarse.value - fine.value) <= allowed or math.inf in (coarse.error, fine.error):
        return coarse, fine
    warning = "the two steps disagree: take a smaller one"
    unmixed = [replace(one, mixed=False, note=joined(one.note, warning)) for one in (coarse, fine)]
    return unmixed[0], unmixed[1]


class Walk(NamedTuple):
    """The settings of one walk: law of motion, steps before and between draws, and the factor of the loss."""

    law: Law
    burn_in: int
    every: int
    draws: int
    inverse_temperature: float


class Path(NamedTuple):
    """The record of one chain at its draws, each (draws,); NaN after it diverges.

    `losses` are n beta (L(w) - L(w*)), `distances` are |w - w*|^2.
    """

    losses: FloatArray
    distances: FloatArray


def shifted(model: Model, centre: Weights) -> Model:
    """The same network with w* as origin, so that weight decay is decay towards w*."""

    def apply(displacement: Any, inputs: Any) -> Any:
        return model.apply(jax.tree.map(jnp.add, centre, displacement), inputs)

    return Model(model.name, model.init, apply, model.loss, model.train, model.test, fixed=model.fixed)


def path(model: Model, start: Weights, data: Data, walk: Walk, key: Any) -> Path:
    """One chain from `start`, for a `shifted` model.

    Args:
        model: a shifted network.
        start: weights at the start, relative to w*.
        data: of the walk.
        walk: settings of the walk.
        key: of the random numbers of JAX.
    """
    weights, step = start, 0
    origin = float(loss(start, data, model=model))
    seen = Path(np.full(walk.draws, np.nan), np.full(walk.draws, np.nan))
    for draw in range(walk.draws):
        last = walk.burn_in + (draw + 1) * walk.every
        weights, reached = advance(weights, step, last, key, data, walk.law, model=model)
        step = int(reached)
        now = float(loss(weights, data, model=model))
        if step < last or not math.isfinite(now):
            break
        seen.losses[draw] = walk.inverse_temperature * (now - origin)
        seen.distances[draw] = sum(float(jnp.vdot(leaf, leaf)) for leaf in jax.tree.leaves(weights))
    return seen


def fall(model: Model, start: Weights, data: Data, walk: Walk, key: Any) -> float:
    """n beta (L(w*) - L(w)) after the same walk without noise, on all samples; NaN if it diverges.

    In a mode of curvature a in which the gradient at w* is g, this goes to n beta (g^2 / b - a g^2 / 2 b^2),
    b = a + gamma theta. By this amount the mean of n beta (L(w) - L(w*)) is too small.
    """
    law = replace(walk.law, temperature=jnp.zeros_like(walk.law.temperature), batch=None)
    whole = Walk(law, walk.burn_in, walk.every * walk.draws, 1, walk.inverse_temperature)
    return -float(path(model, start, data, whole, key).losses[0])
