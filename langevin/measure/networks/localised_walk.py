"""Langevin walks that stay near a point of weight space, and the losses on their paths."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from langevin.measure.networks.point import loss
from langevin.sgld.law import advance
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.records import Law
from langevin.types import FloatArray


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
    """One chain from `start`, for a `shifted` model."""
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
