"""What is said, warned of or refused before the first step: noise, sharpness, resolution of the weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import partial

import jax
import numpy as np

from langevin.errors import UsageError
from langevin.sgld.laws import is_optimiser
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.plan import Plan, noise_sd
from langevin.sgld.sharpness import is_quadratic, sharpness

#: lr x sharpness from which descent in a quadratic diverges, and from which that of a network cannot escape to flatter
#: weights any more: 4 in the solvable case of Lewkowycz et al. (2020, arXiv 2003.02218).
EDGE, CATAPULT = 2, 4


def opening(model: Model, plan: Plan, weights: Weights, data: Data) -> tuple[str, float]:
    """One line on the run, and the sharpness at these initial weights; warnings where numbers do not fit them.

    Raises:
        UsageError: lr x sharpness is `EDGE` or more in a quadratic, or `CATAPULT` in any network, and the plan is not
            `unstable`.
    """
    steepest, slope = sharpness(model, weights, data)
    largest = max(float(np.max(np.abs(leaf), initial=0)) for leaf in jax.tree.leaves(weights))
    _check_stability(plan, steepest, partial(is_quadratic, model, weights, data))
    _warn_of_loss(plan, largest, float(np.abs(slope).max()))
    law = plan.laws
    line = (
        f"{model.name}: law {plan.law.name}, temperature {spread(one.temperature for one in law)}, "
        f"learning rate {spread(one.learning_rate for one in law)}, noise sd per step "
        f"{spread(noise_sd(one.learning_rate, one.temperature) for one in law)}{others(plan)}, lr x sharpness "
        f"{spread(one.learning_rate * steepest for one in law)} at the start, seed {plan.seed}"
    )
    return line, steepest


def others(plan: Plan) -> str:
    """Label noise and weight decay, where there are any; of the decay, whether an optimiser sees it."""
    noises, decays = ([getattr(law, name) for law in plan.laws] for name in ("label_noise", "weight_decay"))
    said = f", label noise {spread(noises)}" if any(noises) else ""
    return said + (f", {plan.law.decay} weight decay {spread(decays)}" if any(decays) else "")


def spread(numbers: Iterable[float]) -> str:
    """A number as text, or the smallest and the largest of several."""
    lowest, highest = (f"{bound:.3g}" for bound in np.array(sorted(numbers))[[0, -1]])
    return lowest if lowest == highest else f"{lowest} ... {highest}"


def _check_stability(plan: Plan, steepest: float, quadratic: Callable[[], bool]) -> None:
    """An optimiser rescales the gradient, so that there the number decides nothing."""
    law = max(plan.laws, key=lambda law: law.learning_rate * (steepest + law.weight_decay))
    number = law.learning_rate * (steepest + law.weight_decay)
    optimiser = is_optimiser(plan.law)
    if not number >= EDGE or (number < CATAPULT and not optimiser and not quadratic()):
        return
    sentence = (
        f"lr x sharpness is {number:.3g} at the start (largest Hessian eigenvalue {steepest:.3g}), and descent "
        f"diverges from {EDGE} on in a quadratic, from about {CATAPULT} on in a network"
    )
    if not optimiser and not plan.computation.unstable:
        raise UsageError(
            f"{sentence}",
            "a stable step",
            f"take a learning rate below {EDGE / (steepest + law.weight_decay):.2g}, or say `unstable` "
            "to try",
        )
    warnings.warn(sentence, stacklevel=4)


def _warn_of_loss(plan: Plan, largest: float, gradient: float) -> None:
    """Warn where what one step adds is below the resolution of the largest weight."""
    dtype = plan.computation.dtype
    resolution = float(np.finfo(dtype).eps) * largest
    finer = " or use float64" if dtype == "float32" else ""
    for law in plan.laws:
        noise = noise_sd(law.learning_rate, law.temperature)
        still = not noise and not law.label_noise and not is_optimiser(plan.law)
        for what, size, remedy in (
            ("noise", noise, "raise the temperature"),
            ("gradient", law.learning_rate * gradient if still else 0.0, "raise the learning rate"),
        ):
            if 0 < size < resolution:
                warnings.warn(
                    f"the {what} of one step, {size:.2g}, is below the resolution of {dtype} weights of size "
                    f"{largest:.2g}, so most of it is lost: {remedy}{finer}",
                    stacklevel=4,
                )
                return
