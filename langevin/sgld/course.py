"""The course of a training: it opens with checks and a line of text, advances by steps, and ends in one Trajectory.

The first checks need numbers of the network: noise, sharpness, resolution of the weights.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError, WorkersLost
from langevin.sgld.content import content
from langevin.sgld.kept import check_room, leaf_shapes
from langevin.sgld.laws import LAWS, dials, kind, takes
from langevin.sgld.model import Data, Model, Weights, as_trained, by_leaf, trained
from langevin.sgld.model_checks import check_functions
from langevin.sgld.plan import Plan, noise_sd
from langevin.sgld.progress import Progress, Setup, begin, weights_of
from langevin.sgld.record import assemble
from langevin.sgld.records import Callbacks, Law
from langevin.sgld.sharpness import is_quadratic, part_of, sharpness
from langevin.sgld.snapshot import end_state, pack
from langevin.sgld.spread import onward_over
from langevin.sgld.start import count_parameters
from langevin.sgld.travel import Found, first_frame, onward
from langevin.types import Trajectory

CHECKPOINT_SECONDS = 10.0
#: Up to this multiple of the stability limit of a quadratic, a network can escape to flatter weights: up to
#: lr x sharpness 4, with the limit 2, in the solvable case of Lewkowycz et al. (2020, arXiv 2003.02218).
CATAPULT = 2


def opened(model: Model, plan: Plan, callbacks: Callbacks) -> tuple[Setup, Progress, dict[str, Any]]:
    """Check a plan; returns its setup, the progress at the first frame, and the first entries of the meta.

    Raises:
        UsageError, NumericalError: for the same reasons as in `langevin.sgld.train`.
    """
    check_functions(model, plan)
    setup, now = begin(model, plan)
    model = setup.model
    first = weights_of(setup, now)[0]
    entries: dict[str, Any] = {"parameters": count_parameters(model, first), "arrays": leaf_shapes(first)}
    check_room(plan, entries["parameters"])
    part = part_of(setup.data[0], entries["parameters"])
    line, entries["sharpness"] = opening(as_trained(model), plan, first, part)
    if len(part.targets) < len(setup.data[0].targets):
        entries["sharpness_samples"] = len(part.targets)
        line += f", sharpness of {len(part.targets)} of {len(setup.data[0].targets)} samples"
    if callbacks.announce:
        callbacks.announce(line)
    entries["content"] = content(setup, now)
    return setup, first_frame(setup, now), entries


def carry(
    now: Progress, callbacks: Callbacks, going: Iterable[Found], after: Callable[[Progress], None]
) -> tuple[Progress, NDArray[np.int64] | None]:
    """Advance the networks along `going`; returns the last progress, and the ranks of the networks if it has them.

    `after` is called with the progress after each item of `going`.
    """
    ranks = None
    for found in going:
        done, now = int(now.running.sum()) * (found.now.at - now.at), found.now
        ranks = found.ranks
        after(now)
        for step, weights in found.visits:
            if callbacks.visit:
                callbacks.visit(step, weights)
        if callbacks.seen:
            callbacks.seen(now.at, now.frames[now.draws - 1].values)
        if callbacks.progress:
            callbacks.progress(done)
    return now, ranks


def finish(
    setup: Setup,
    now: Progress,
    entries: dict[str, Any],
    callbacks: Callbacks,
    fresh: bool,
    executor: Executor | None = None,
) -> Trajectory:
    """Train from the progress `now` to the end of the run, and return the run.

    Args:
        setup: the setup of the run.
        now: the present progress.
        entries: entries of the meta, from `opened`.
        callbacks: functions that are called during the training.
        fresh: whether the callback `visit` is called for the first frame.
        executor: whose workers train; by default this process.
    """
    reached, saved = now, time.perf_counter()

    def save() -> None:
        nonlocal saved
        if callbacks.checkpoint:
            so_far = assemble(setup, reached, entries, complete=False)
            callbacks.checkpoint(so_far, pack(setup, reached, entries["content"]))
        saved = time.perf_counter()

    def after(then: Progress) -> None:
        nonlocal reached
        reached = then
        if time.perf_counter() - saved > CHECKPOINT_SECONDS:
            save()

    if callbacks.visit and fresh:
        callbacks.visit(now.at, weights_of(setup, now))
    seen = callbacks.visit is not None
    going = (
        onward(setup, now, setup.plan.steps, seen)
        if executor is None
        else onward_over(executor, setup, now, entries["content"], seen)
    )
    try:
        with closing(going):  # an exception raised here ends the tasks of an executor at once
            now, ranks = carry(now, callbacks, going, after)
    except (KeyboardInterrupt, SystemExit, WorkersLost):
        save()
        raise
    run = assemble(setup, now, entries, complete=True, ranks=ranks)
    state, why = end_state(setup, now, entries["content"])
    return replace(run, state=state, meta={**run.meta, **({} if state else {"not_extendable": why})})


def opening(model: Model, plan: Plan, weights: Weights, data: Data) -> tuple[str, float]:
    """A line of text about the run, and the sharpness at these initial weights; warns of a step that is too small.

    Raises:
        UsageError: lr x sharpness is at or above the stability limit of the law (in a network that is not quadratic,
            `CATAPULT` times this limit), and the plan is not `unstable`.
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
    """Text on label noise, weight decay and factors of leaves, if there are any, and on the kind of decay."""
    noises, decays = ([getattr(law, name) for law in plan.laws] for name in ("label_noise", "weight_decay"))
    entries = f", label noise {spread(noises)}" if any(noises) else ""
    entries += f", {plan.law.decay} weight decay {spread(decays)}" if any(decays) else ""
    factors = [
        f", leaf {name} rate x {leaf.rate:g}, decay x {leaf.decay:g}"
        for name, leaf in plan.law.leaves.items()
    ]
    return entries + "".join(factors)


def spread(numbers: Iterable[float]) -> str:
    """A number as text, or the smallest and the largest of several."""
    lowest, highest = (f"{bound:.3g}" for bound in np.array(sorted(numbers))[[0, -1]])
    return lowest if lowest == highest else f"{lowest} ... {highest}"


def own_dials(law: Law) -> str:
    """The dials of a law as text, defaults too; empty if it has none."""
    entries = ", ".join(
        f"{name.replace('_', ' ')} {value:g}" for name, value in dials(law.name, law.options).items()
    )
    return f" ({entries})" if entries else ""


def _largest_decay(law: Law, weights: Weights) -> float:
    """The largest factor by which decay and rate of a leaf multiply the weight decay."""
    rates, decays = (
        jax.tree.leaves(by_leaf(1.0, law.leaves, factor, weights)) for factor in ("rate", "decay")
    )
    return max(float(rate * decay) for rate, decay in zip(rates, decays))


def _check_stability(plan: Plan, steepest: float, decay: float, quadratic: Callable[[], bool]) -> None:
    """Refuse or warn of an unstable learning rate; if a law rescales the gradient, only a warning is possible.

    `steepest` is the largest Hessian eigenvalue at the start, `decay` the largest weight decay, and `quadratic` tests
    whether the loss is quadratic.
    """
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
    """Warn if the change of one step is below the resolution of the largest weight."""
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
                    f"{largest:.2g}, so rounding removes most of it: {remedy}{finer}",
                    stacklevel=4,
                )
                return
