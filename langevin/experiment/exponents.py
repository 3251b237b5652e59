"""Exponents of the squared displacement, compared with 2 and 1 if the premise of that law holds for the motion.

Ballistic motion, exponent 2, is descent by a constant gradient. Let the loss fall by a factor exp(-2 b) within a
window: in a quadratic its gradient falls by exp(-b), and the exponent is 2 - b at its end, to first order. Where
thermal noise holds a share s of the squared displacement at the shortest lag, the exponent there is 2 - s. So b + s
bounds the error of 2. If it is above `COARSEST`, the law is not compared.

Diffusive motion, exponent 1, is driven by thermal noise alone, on a flat set without forces and walls.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from langevin.comparison import Premise, compare_exponents
from langevin.errors import NumericalError, UsageError
from langevin.experiment.recorded_question import check
from langevin.measure.arrival import AFTER, BEFORE, stretch
from langevin.measure.moments import over_states
from langevin.sgld.premises import FREE_DIFFUSION, PLAIN_DESCENT, why_not
from langevin.types import Comparison, Landscape, StepLaw, Trajectory, step_law_of

Lags = tuple[float, float] | None
#: Largest error of the exponent 2 at which it is compared with a run.
COARSEST = 0.1
#: Number of places at which a set is examined, and the difference of its tangent planes that counts as round-off.
PLACES, FLAT = 64, 1e-6
#: Observables of networks that show whether their gradient stays constant.
RECORDED = ("train_loss", "displacement", "weight_norm")


def exponents(
    trajectory: Trajectory, landscape: Landscape | None = None, lags: Lags = None
) -> tuple[list[tuple[str, list[Comparison]]], list[str]]:
    """Named comparisons of each setting of a run, at one family-wise level of 5 %, and reasons against others.

    Args:
        trajectory: of a toy or of networks.
        landscape: of a toy; None if it is not known.
        lags: shortest and longest lag (in time) to fit; the whole stretch if None.

    Raises:
        UsageError: a toy's run does not define arrival.
    """
    from langevin.sgld import split

    network = trajectory.meta.get("kind") == "network"
    found: list[tuple[str, list[Comparison]]] = []
    lines: list[str] = []
    if network:
        try:
            check(trajectory.meta)
        except UsageError as reason:
            return found, [str(reason)]
    parts = split(trajectory) if network else [trajectory]
    for part in parts:
        name = ", ".join(f"{swept} {part.meta[swept]:g}" for swept in trajectory.meta.get("swept", ()))
        try:
            rows = compare_exponents(part, lags, 0.05 / len(parts), premises(part, landscape, lags))
        except UsageError as reason:
            if not network:
                raise
            lines.append(f"{name}: {reason}" if name else str(reason))
            continue
        found.append((name, rows))
    return found, lines


def premises(
    trajectory: Trajectory, landscape: Landscape | None = None, lags: Lags = None
) -> dict[str, Premise]:
    """Whether the exponents 2 and 1 are valid for the motion of this run, by window.

    A record that names no landscape was made outside langevin. Its maker is then responsible for the premises.

    Args:
        trajectory: of a toy or of networks.
        landscape: of a toy; None if it is not known.
        lags: shortest and longest lag (in time) to fit; the whole stretch if None.
    """
    if trajectory.meta.get("kind") == "network":
        return {BEFORE: descent(trajectory, lags), AFTER: Premise(why_no_diffusion(trajectory.meta))}
    if "landscape" not in trajectory.meta:
        return {}
    return {AFTER: Premise(why_no_free_walk(trajectory, landscape))}


def why_no_diffusion(meta: Any) -> str:
    """Why networks on the zero-loss set do not diffuse freely on it; empty if they do."""
    known = meta["loss"] in ("half-mse", "hinge")
    return why_not(meta, FREE_DIFFUSION) or (
        "" if known else f"that the loss {meta['loss']} is zero on a set is not known"
    )


def descent(trajectory: Trajectory, lags: Lags) -> Premise:
    """Whether networks moved by a constant gradient before they arrived, within these lags.

    Args:
        trajectory: of networks.
        lags: shortest and longest lag (in time) to fit; the whole stretch if None.
    """
    reason = why_not(trajectory.meta, PLAIN_DESCENT)
    if not reason and not set(RECORDED) <= set(trajectory.observables):
        reason = f"the run did not record {', '.join(RECORDED)}"
    if reason:
        return Premise(reason)
    try:
        part = stretch(trajectory, BEFORE)
    except UsageError:
        return Premise()  # the measurement reports this
    shortest, longest = lags or (0.0, math.inf)
    shown = (trajectory.times > 0) & (trajectory.times >= shortest) & (trajectory.times <= longest)
    frames = np.flatnonzero(shown[: part.end.min() + 1])
    return constancy(trajectory, part.chains, frames[0], frames[-1]) if len(frames) else Premise()


def constancy(trajectory: Trajectory, chains: Any, first: Any, last: Any) -> Premise:
    """Whether the gradient of networks is constant up to frame `last`, and larger than the noise at frame `first`.

    Args:
        trajectory: recorded run of networks.
        chains: the networks.
        first: index of the frame of the shortest lag.
        last: index of the frame of the longest lag.
    """
    loss, moved, norm = (
        np.asarray(trajectory.observables[name], np.float64)[chains].mean(axis=0) for name in RECORDED
    )
    meta = trajectory.meta
    fall = fallen(loss[0], loss[last]) / 2 + (fallen(norm[0], norm[last]) if meta["weight_decay"] else 0.0)
    heat = 2.0 * meta["temperature"] * meta["parameters"] * trajectory.times[first]
    share = heat / moved[first] ** 2 if heat else 0.0
    if fall + share <= COARSEST:
        return Premise(remainder=float(fall + share))
    if share > fall:
        return Premise(f"noise holds {min(share, 1.0):.0%} of the squared displacement at the shortest lag")
    return Premise(
        f"the gradient does not stay constant, for the train loss goes from {loss[0]:.3g} to {loss[last]:.3g}: fit "
        "shorter lags (--lags)"
    )


def fallen(before: float, after: float) -> float:
    """Absolute value of log(after / before); infinite if one of them is 0.

    Args:
        before: the number at the begin.
        after: the number at the end.
    """
    return abs(math.log(after / before)) if before > 0 and after > 0 else math.inf


def why_no_free_walk(trajectory: Trajectory, landscape: Landscape | None) -> str:
    """Why walkers on this landscape do not diffuse freely on a flat set; empty if they do.

    Args:
        trajectory: the run.
        landscape: of the run; None if it is not known.
    """
    meta = trajectory.meta
    try:
        law = step_law_of(meta["step"]) if "step" in meta else None
    except UsageError as garbled:
        return str(garbled)
    if landscape is None:
        return "the landscape of this run is not known here"
    if landscape.residual is None:
        return (
            "walls bound the motion"
            if landscape.is_body
            else "the walkers move in a loss, not on its zero-loss set"
        )
    return why_law_drifts(law, meta.get("measure")) or why_not_flat(trajectory, landscape)


def why_law_drifts(law: StepLaw | None, measure: Any) -> str:
    """Why a step does more than diffuse evenly along a set; empty if it does not.

    Args:
        law: of the step; None if it is not known.
        measure: stationary distribution of the step along the set, by name; None if it is not known.
    """
    if law is None:
        return "what this step does along a set is not known"
    reasons = {
        "the noise of this step drives a drift along the set, no diffusion": law.heat == 0,
        "the step pulls walkers along the set": bool(law.pull) or measure not in (None, "surface"),
        "the noise along the set is uneven": bool(law.uneven_power),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def why_not_flat(trajectory: Trajectory, landscape: Landscape) -> str:
    """Why a set is no plane without walls, by its tangent planes at places of walkers; empty if it is one.

    Args:
        trajectory: the run.
        landscape: a surface.
    """
    from langevin.landscapes.evaluate import evaluate

    if landscape.walls is not None:
        return "walls bound the motion"
    sound = np.flatnonzero(over_states(trajectory.states, lambda states: np.isfinite(states).all(axis=1)))
    places = sound[np.linspace(0, len(sound) - 1, min(PLACES, len(sound))).astype(int)]
    frames = trajectory.states.shape[1]
    chosen = np.array([trajectory.states[place // frames, place % frames] for place in places])
    try:
        jacobians = np.asarray(evaluate(landscape, "jacobian", chosen))
    except (UsageError, NumericalError) as reason:
        return str(reason)
    normals = np.linalg.pinv(jacobians) @ jacobians
    flat = bool(np.isfinite(normals).all()) and float(np.ptp(normals, axis=0).max(initial=0.0)) < FLAT
    return "" if flat else "the set is curved, so straight distances fall behind the way along it"
