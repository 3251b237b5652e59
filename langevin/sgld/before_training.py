"""Checks and notes before the first step: noise, sharpness, resolution of the weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from functools import partial

import jax
import numpy as np

from langevin.errors import UsageError
from langevin.sgld.laws import LAWS, dials, kind, takes
from langevin.sgld.leaves import by_leaf, trained
from langevin.sgld.model import Data, Model, Weights
from langevin.sgld.plan import Plan, noise_sd
from langevin.sgld.records import Law
from langevin.sgld.sharpness import is_quadratic, sharpness

#: How many times beyond the edge of a quadratic a network can still escape to flatter weights: to lr x sharpness 4, the
#: edge being 2, in the solvable case of Lewkowycz et al. (2020, arXiv 2003.02218).
CATAPULT = 2


def opening(model: Model, plan: Plan, weights: Weights, data: Data) -> tuple[str, float]:
    """One line on the run, and the sharpness at these initial weights; warnings where numbers do not fit them.

    Raises:
        UsageError: lr x sharpness is at the edge of the law in a quadratic, or `CATAPULT` times beyond in any network,
            and the plan is not `unstable`.
    """
    steepest, slope = sharpness(model, weights, data, plan.law.leaves)
    largest = max(float(np.max(np.abs(leaf), initial=0)) for leaf in trained(model, weights))
    _check_stability(
        plan, steepest, _largest_decay(plan.law, weights), partial(is_quadratic, model, weights, data)
    )
    _warn_of_loss(plan, largest, float(np.abs(slope).max()))
    law = plan.laws
    noise = spread(noise_sd(one.learning_rate, one.temperature) for one in law)
    rescaled = takes(plan.law, "temperature") and not kind(plan.law).premises.unscaled
    line = (
        f"{model.name}: law {plan.law.name}{own_dials(plan.law)}, "
        f"temperature {spread(one.temperature for one in law)}, "
        f"learning rate {spread(one.learning_rate for one in law)}, noise sd per step {noise}"
        f"{' x sqrt(G)' if rescaled else ''}{others(plan)}, "
        f"lr x sharpness {spread(one.learning_rate * steepest for one in law)} at the start, seed {plan.seed}"
    )
    return line, steepest


def others(plan: Plan) -> str:
    """Label noise, weight decay and factors of leaves, if there are any; and whether an optimiser sees the decay."""
    noises, decays = ([getattr(law, name) for law in plan.laws] for name in ("label_noise", "weight_decay"))
    said = f", label noise {spread(noises)}" if any(noises) else ""
    said += f", {plan.law.decay} weight decay {spread(decays)}" if any(decays) else ""
    factors = [
        f", leaf {name} rate x {leaf.rate:g}, decay x {leaf.decay:g}"
        for name, leaf in plan.law.leaves.items()
    ]
    return said + "".join(factors)


def spread(numbers: Iterable[float]) -> str:
    """A number as text, or the smallest and the largest of several."""
    lowest, highest = (f"{bound:.3g}" for bound in np.array(sorted(numbers))[[0, -1]])
    return lowest if lowest == highest else f"{lowest} ... {highest}"


def own_dials(law: Law) -> str:
    """The dials of a law in words, defaults among them; empty where it has none."""
    said = ", ".join(
        f"{name.replace('_', ' ')} {value:g}" for name, value in dials(law.name, law.options).items()
    )
    return f" ({said})" if said else ""


def _largest_decay(law: Law, weights: Weights) -> float:
    """The largest factor by which decay and rate of a leaf multiply the weight decay."""
    rates, decays = (
        jax.tree.leaves(by_leaf(1.0, law.leaves, factor, weights)) for factor in ("rate", "decay")
    )
    return max(float(rate * decay) for rate, decay in zip(rates, decays))


def _check_stability(plan: Plan, steepest: float, decay: float, quadratic: Callable[[], bool]) -> None:
    """Where a law rescales the gradient the number decides nothing, and the edge of descent is a hint."""
    known = kind(plan.law)
    edge_of = known.edge or LAWS["gradient-descent"].edge
    assert edge_of is not None

    def curvature(law: Law) -> float:
        return steepest + decay * float(law.weight_decay)

    def edge(law: Law) -> float:
        return float(edge_of(curvature(law), dials(law.name, law.options)))

    over = [law for law in plan.laws if 0 < edge(law) <= law.learning_rate * curvature(law)]
    if not over:
        return
    law = max(over, key=lambda law: law.learning_rate * curvature(law))
    number = law.learning_rate * curvature(law)
    if number < CATAPULT * edge(law) and known.edge and not quadratic():
        return
    what = law.name if known.edge and not known.premises.descends else "descent"
    network = f", from about {CATAPULT * edge(law):.3g} on in a network" if what == "descent" else ""
    sentence = (
        f"lr x sharpness is {number:.3g} at the start (largest Hessian eigenvalue {steepest:.3g}"
        f"{', at the rates of the leaves' if law.leaves else ''}), and {what} diverges from {edge(law):.3g} on "
        f"in a quadratic{network}"
    )
    if known.edge and not plan.computation.unstable:
        raise UsageError(
            f"{sentence}",
            "a stable step",
            f"take a learning rate below {edge(law) / curvature(law):.2g}, or try it by --unstable "
            "(Computation(unstable=True))",
        )
    warnings.warn(sentence, stacklevel=4)


def _warn_of_loss(plan: Plan, largest: float, gradient: float) -> None:
    """Warn where what one step adds is below the resolution of the largest weight."""
    dtype = plan.computation.dtype
    resolution = float(np.finfo(dtype).eps) * largest
    finer = " or use float64" if dtype == "float32" else ""
    known = kind(plan.law)
    for law in plan.laws:
        noise = noise_sd(law.learning_rate, law.temperature) if known.premises.unscaled else 0.0
        still = not law.temperature and not law.label_noise and known.premises.descends
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
