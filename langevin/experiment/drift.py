"""Does the walk drift to the flat side? The mean displacement along the valley beside four rival laws.

log-det is the law of soft Langevin motion and of the Gibbs-limit projection, none that of the surface measure,
double log-det that of full Gauss-Newton steps, trace that of label noise: one of them fits, and
which one depends on the dynamics that was chosen, not on the landscape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from langevin import theory
from langevin.comparison import compare, format_table, format_value, measurement_record
from langevin.errors import UsageError
from langevin.experiment.along_curve import LOOSENESS, curve_of, rounded
from langevin.experiment.laws import integrator_of
from langevin.experiment.report import Report, endings, record_of, verdict_table
from langevin.experiment.settings import Settings
from langevin.experiment.walk import walk
from langevin.measure import mean_displacement
from langevin.types import Comparison, Curve, Integrator, Landscape, Measurement, Problem, Trajectory

WALKERS = 4000
TEMPERATURE = 0.1
#: Default duration in units of 1 / theta: the walk spreads over a fraction of the profile's period.
DURATION = 0.05
#: Default dt: times the largest stiffness; of projected motion, variance of a kick.
STABLE_STEP = 0.1
KICK_VARIANCE = 1e-3
FRAMES = 50
#: The law of drift that each measure of projected motion implies.
LAWS = {"surface": "none", "gibbs": "log-det", "det^-1": "double log-det"}


def drift(manifold: Landscape, settings: Settings) -> Report:
    """Measure the displacement along the surface, and compare with every law of drift that is known for it.

    Raises:
        UsageError: dynamics, measure, projection and noise that do not go together.
    """
    dynamics = settings.dynamics or "soft"
    integrator = integrator_of(settings)
    curve = curve_of(manifold) if dynamics == "label-noise" else None
    theta, dt, duration = _defaults(manifold, curve, integrator, settings)
    steps = max(1, round(duration / dt))
    trajectory = walk(
        Problem(manifold, theta, dynamics, settings.measure),
        integrator,
        "drift",
        settings,
        walkers=settings.walkers or WALKERS,
        steps=steps,
        dt=dt,
        every=max(1, steps // FRAMES),
    )
    return drift_answer(manifold, trajectory)


def _defaults(
    manifold: Landscape, curve: theory.SurfaceCurve | None, integrator: Integrator, settings: Settings
) -> tuple[float, float, float]:
    """Temperature, step and duration; label noise of strength theta drifts a stiffness times faster than heat."""
    if curve is not None and curve.closed and not theory.is_even(curve):
        return _defaults_along(manifold, curve, settings)
    stiffness = manifold.stiffness(TEMPERATURE)
    speed = stiffness if integrator.dynamics == "label-noise" else 1.0
    theta = settings.temperature or TEMPERATURE / speed
    dt = settings.dt or (
        _kick_variance(integrator) / (2.0 * theta)
        if integrator.dynamics == "projected"
        else STABLE_STEP / manifold.stiffness(theta)
    )
    return theta, dt, settings.horizon or DURATION / (theta * speed)


def _defaults_along(
    manifold: Landscape, curve: theory.SurfaceCurve, settings: Settings
) -> tuple[float, float, float]:
    """Of label noise along a curve: as strong as the laws allow, until the drift may have gone a tenth of it."""
    theta = settings.temperature or rounded(LOOSENESS / theory.looseness(curve, 1.0))
    dt = settings.dt or STABLE_STEP / max(manifold.stiffness(theta), float(curve.curvatures.max()))
    fastest = np.abs(theory.curve_drift(curve, theory.noise_law(1.0, 0.0), theta)(curve.arcs)).max()
    return theta, dt, settings.horizon or 0.1 * curve.length / float(fastest)


def _kick_variance(integrator: Integrator) -> float:
    """Default variance of a kick; times of order 1/2 in dt ask for a finer one."""
    return KICK_VARIANCE if integrator.weak_order >= 1.0 else KICK_VARIANCE / 16.0


def drift_answer(manifold: Landscape, trajectory: Trajectory) -> Report:
    """The displacement in a run along the surface, beside the laws of drift that are known for it.

    Raises:
        UsageError: a law of motion for which there are none, or walkers that started in several places of a curve.
    """
    profile, time = manifold.facts.profile, float(trajectory.times[-1])
    theta, dt, dynamics = (trajectory.meta[name] for name in ("temperature", "dt", "dynamics"))
    curves: list[Curve] = []
    way, walk = "x", trajectory
    if profile is not None:
        curves = theory.drift_curves(
            profile.stiffness,
            profile.slope,
            manifold.codim,
            theta,
            dt if trajectory.meta["integrator"] in ("euler_maruyama", "label_noise") else 0.0,
            manifold.dials["start"],
            dynamics,
        )
    elif dynamics == "label-noise" and (curve := curve_of(manifold)) is not None and curve.closed:
        way, walk = "the curve", along(curve, trajectory)
        if np.ptp(walk.states[:, 0]) > 1e-3 * curve.length:
            raise UsageError(
                "the walkers did not start at one place of the curve, so their drift is not known"
            )
        step = dt if trajectory.meta["integrator"] == "label_noise" else 0.0
        curves = theory.curve_drift_curves(curve, theta, step, float(walk.states[0, 0, 0]), dynamics)
    moved = mean_displacement(walk)
    comparisons = _against_rivals(moved, curves, time)
    title = (
        f"Drift on the {manifold.name}, {dynamics} motion, theta = {theta:g}, dt = {dt:.3g}, t = {time:.3g}"
    )
    rows: list[list[str | float | None]] = [
        ["measured", format_value(moved.value, moved.error), moved.n, None]
    ]
    rows += [[row.theory, f"{row.predicted.value:.4g}", None, row.z] for row in comparisons]
    lines = [
        title,
        *_law_lines(trajectory.meta, curves),
        format_table([f"displacement along {way}", "", "walkers", "z"], rows),
    ]
    lines += [verdict_table(comparisons, curves)] if curves else []
    if way != "x" and all(abs(row.predicted.value) <= row.predicted.remainder for row in comparisons):
        lines += ["by no law is there a drift where the walkers start: start them elsewhere"]
    lines += [endings(trajectory)]
    record = record_of(title, trajectory, comparisons, displacement=measurement_record(moved))

    def draw(path: str) -> None:
        from langevin.figures.drift import drift as figure

        figure(path, walk, curves, title)

    text, measured = "\n\n".join(lines).rstrip(), {f"displacement along {way}": moved}
    return Report(title, trajectory, tuple(comparisons), text, record, draw, measured)


def along(curve: theory.SurfaceCurve, trajectory: Trajectory) -> Trajectory:
    """The run with the distance along a closed curve as its one coordinate, counted on over the rounds."""
    walkers, frames, dim = trajectory.states.shape
    states = np.nan_to_num(trajectory.states.reshape(-1, dim), posinf=0.0, neginf=0.0)
    arcs = theory.arc_positions(curve, states).reshape(walkers, frames)
    return replace(trajectory, states=np.unwrap(arcs, axis=1, period=curve.length)[:, :, None])


def _law_lines(meta: Mapping[str, Any], curves: list[Curve]) -> list[str]:
    """What the law of motion samples and, where laws of drift are known for the landscape, which should hold."""
    integrator, measure = meta["integrator"], meta["measure"]
    if not curves:
        law = "Gibbs law exp(-f / theta)" if measure is None else f"invariant measure {measure}"
        return [f"{integrator}: {law}; no law of drift is known for this landscape"]
    if meta["dynamics"] == "label-noise":
        return ["gradient descent with label noise: no Gibbs law, and the trace law should hold"]
    if measure is None:
        return ["soft Langevin motion: Gibbs law exp(-f / theta), so the log-det law should hold"]
    law = LAWS.get(measure, "none known")
    return [f"{integrator}: invariant measure {measure}, so the law {law!r} should hold"]


def _against_rivals(moved: Measurement, curves: list[Curve], time: float) -> list[Comparison]:
    """Every law at a family-wise level of 5 %; to agree, the error must be a tenth of the gap to the next law."""
    values = [curve.predict(time).value for curve in curves]
    return [
        compare(
            moved,
            curve,
            time,
            level=0.05 / len(curves),
            yardstick=min(abs(value - other) for rival, other in zip(curves, values) if rival is not curve),
        )
        for curve, value in zip(curves, values)
    ]
