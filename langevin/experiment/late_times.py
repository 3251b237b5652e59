"""Errors that make measured times too long. They are added to the remainders of theories.

A hit of a target that is checked at step ends, without a correction, is detected late. Refused steps keep a law
exact, and slow the clock of a run: a refused step takes time without motion. Long kicks are refused most. If the
energy error is proportional to |xi|^3 of the kick xi (the worst case of MALA), diffusion falls by the refused share
times E |xi|^5 / E |xi|^3 = 4. If the error is proportional to |xi| (kicks along a surface), the factor is
E |xi|^3 / E |xi| = 2. A wall that refuses steps has the correct position, and its step does not claim an exact law.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from langevin.kernels.targets import targets_of
from langevin.measure.walkers import rejected_share
from langevin.theory.passage.regimes import overshoot_shift
from langevin.theory.surfaces.stationary import TIGHT
from langevin.types import Curve, Landscape, Prediction, Setting, Status, Trajectory

#: Number of hits whose places give the width of a target that does not state its own.
HITS = 200

#: Largest share by which diffusion falls, over the share of steps that are refused.
KICKS = 4.0


def late_share(setting: Setting, trajectory: Trajectory) -> float:
    """The largest fraction by which times are too long; 0 if the overshoot of the run is corrected.

    Targets seem farther by the overshoot (Siegmund 1979). A time grows at most as the square of the distance, or as the
    inverse of the target's width.

    Args:
        setting: of the run.
        trajectory: of walkers that stop at a target.
    """
    meta = trajectory.meta
    if meta.get("target_shift") or meta.get("bridge"):
        return 0.0
    lengths = [_width(setting.case.landscape, trajectory), way_to_target(setting)]
    beyond = overshoot_shift(setting.temperature, setting.dt)
    return 2.0 * beyond / min(lengths)


def with_late_times(curves: Sequence[Curve], share: float) -> list[Curve]:
    """Theories of times, whose remainder grows by `share` of the value. They are out of range if it is above 5 %.

    Args:
        curves: theories of times.
        share: the fraction by which times are too long.
    """

    def wider(curve: Curve, point: float) -> Prediction:
        found = curve.predict(point)
        remainder = found.remainder + share * abs(found.value)
        return Prediction(found.value, remainder, found.in_range and share <= TIGHT)

    def widened(curve: Curve) -> Curve:
        return replace(curve, predict=lambda point: wider(curve, point))

    return [widened(curve) for curve in curves] if share > 0.0 else list(curves)


def note_of(share: float) -> str:
    """A note for the reader of the answer; empty if the overshoot of the run is corrected."""
    if share == 0.0:
        return ""
    return (
        f"the target was watched at step ends, without a correction: times are too long by up to {share:.1%}"
    )


def slowed_share(setting: Setting, trajectory: Trajectory) -> float:
    """The largest fraction by which times are too long; 0 if the law of the step is not exact.

    Args:
        setting: of the run.
        trajectory: the run.
    """
    law = setting.case.law
    return KICKS * rejected_share(trajectory) if law is not None and law.exact else 0.0


def slow_note(share: float) -> str:
    """A note for the reader of the answer; empty if theories of times stay in range."""
    if share <= TIGHT:
        return ""
    return (
        f"{share / KICKS:.1%} of all steps were refused, which makes times too long by up to {share:.0%}, above "
        f"{TIGHT:.0%}: theories of times are out of range; use a smaller step"
    )


def _width(landscape: Landscape, trajectory: Trajectory) -> float:
    """Half the width of a target: the known one, else half the width of the hit places; infinite for ends of a line."""
    known = landscape.facts.target_width
    if known is not None or landscape.dim - (landscape.codim if landscape.is_surface else 0) < 2:
        return known or math.inf
    hits = np.flatnonzero(np.asarray(trajectory.events["status"]) == Status.HIT)[:HITS]
    if len(hits) < 2:
        return math.inf
    places = trajectory.states[hits, -1]
    return 0.5 * float(np.linalg.norm(places[:, None] - places[None], axis=2).max())


def way_to_target(setting: Setting) -> float:
    """Distance from the start to the nearest target; infinite if there is no single start outside the targets."""
    landscape: Landscape = setting.case.landscape
    if setting.start is None:
        return math.inf
    distance, nearest = np.empty(1), math.inf
    for target in targets_of(landscape):
        target(np.ascontiguousarray(setting.start[:, None]), distance, landscape.parameters)
        nearest = min(nearest, float(distance[0]))
    return nearest if nearest > 0.0 else math.inf
