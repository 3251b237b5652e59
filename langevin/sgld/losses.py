"""Losses of a network's outputs, and right answers of a regression."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax.nn import log_softmax

from langevin.errors import UsageError
from langevin.sgld.model import PerSample


def half_mse(outputs: Any, targets: Any) -> Any:
    """|f - y|^2 / 2 of each sample: outputs f and targets y are (samples, outputs), the result is (samples,)."""
    return 0.5 * jnp.sum((outputs - targets) ** 2, axis=-1)


def hinge(outputs: Any, targets: Any) -> Any:
    """max(0, 1 - y f) of each sample, with labels y = -1 or 1; the sum over the outputs if there are several."""
    return jnp.sum(jnp.maximum(0, 1 - targets * outputs), axis=-1)


def cross_entropy(outputs: Any, targets: Any) -> Any:
    """-sum y log softmax(f) of each sample; no finite weights make it 0, so it has no zero-loss set."""
    return -jnp.sum(targets * log_softmax(outputs), axis=-1)


LOSSES: dict[str, PerSample] = {"half-mse": half_mse, "hinge": hinge, "cross-entropy": cross_entropy}


def per_sample(loss: str | PerSample) -> PerSample:
    """The loss function of this name, or the function itself if one is given.

    Raises:
        UsageError: no loss has that name.
    """
    if callable(loss):
        return loss
    if loss not in LOSSES:
        raise UsageError(
            f"no loss is called {loss!r}",
            "the loss must be known",
            f"use one of {', '.join(LOSSES)}, or a function",
        )
    return LOSSES[loss]


def within(tolerance: float) -> PerSample:
    """For regression: a sample is right if its error is at most `tolerance` in every output."""

    def near(outputs: Any, targets: Any) -> Any:
        return jnp.all(jnp.abs(outputs - targets) <= tolerance, axis=-1)

    return near
