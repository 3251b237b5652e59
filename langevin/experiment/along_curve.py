"""Where does a walk settle along a curve? The shares of its quarters, flattest to stiffest, beside the rival laws.

The curve is any surface of one dimension that is closed or ends at walls, a reader's own too: its length and its
Hessian are found from residual and Jacobian. Which law holds depends on the dynamics, not on the curve.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from langevin import theory
from langevin.comparison import compare_all, format_table, format_value, measurement_record
from langevin.ensemble import simulate
from langevin.errors import NumericalError, UsageError
from langevin.experiment.laws import integrator_of
from langevin.experiment.report import Report, endings, record_of, verdict_table
from langevin.experiment.settings import Settings
from langevin.measure import occupation
from langevin.types import FloatArray, Integrator, Manifold, Measurement, Problem, Trajectory

QUESTION = "law along the curve"
#: Few walkers for a long time: whether they have mixed is seen in each of them.
WALKERS = 50
#: Default temperature of projected motion, where it only sets the clock.
TEMPERATURE = 0.1
#: Default looseness (`theory.looseness`), dt x stiffness of soft motion, duration in (length / 2 pi)^2 / theta.
LOOSENESS, STABLE_STEP, RELAXATIONS = 0.03, 0.4, 80.0
#: Default number of steps at most, and frames, evenly spaced.
MOST_STEPS, FRAMES = 4_000_000, 80
QUARTERS = ("flattest", "second", "third", "stiffest")
#: Where none is flatter than another.
IN_ORDER = ("first", "second", "third", "fourth")
#: The two quarters of the run's time must give shares so many errors apart at most.
SETTLED = 4.0


def curve_of(manifold: Manifold) -> theory.SurfaceCurve | None:
    """The surface as a curve; None if it has another dimension, is open or has no residual map."""
    if manifold.residual is None or manifold.dim - manifold.codim != 1 or "profile" in manifold.facts:
        return None
    try:
        return theory.trace_curve(manifold)
    except (UsageError, NumericalError):
        return None


def along_curve(manifold: Manifold, curve: theory.SurfaceCurve, settings: Settings) -> Report:
    """Let walkers go round until they have forgotten their start, and compare where they are with every law.

    Raises:
        UsageError: dynamics, measure, projection and noise that do not go together.
    """
    dynamics = settings.dynamics or "soft"
    integrator = integrator_of(settings)
    theta, dt, duration = _defaults(manifold, curve, integrator, settings)
    every = max(1, math.ceil(duration / dt / FRAMES))
    progress = settings.progress
    trajectory = simulate(
        Problem(manifold, theta, dynamics, settings.measure),
        integrator,
        walkers=settings.walkers or WALKERS,
        steps=FRAMES * every,
        dt=dt,
        every=every,
        schedule=settings.schedule,
        seed=settings.seed,
        threads=settings.threads,
        progress=None if progress is None else lambda step, running: progress(manifold.name, step, running),
        checkpoint=settings.checkpoint,
    )
    trajectory = replace(trajectory, meta={**trajectory.meta, "question": QUESTION})
    return along_curve_answer(manifold, curve, trajectory)


def _defaults(
    manifold: Manifold, curve: theory.SurfaceCurve, integrator: Integrator, settings: Settings
) -> tuple[float, float, float]:
    """Temperature, step and duration: as loose as the laws allow, and long enough to go round several times."""
    if integrator.dynamics == "projected":
        theta = settings.temperature or TEMPERATURE
        dt = settings.dt or LOOSENESS / (2 * theta * theory.looseness(curve, 1.0))
    else:
        theta = settings.temperature or rounded(
            LOOSENESS / theory.looseness(curve, 1 / curve.curvatures[:, 0])
        )
        dt = settings.dt or STABLE_STEP / max(manifold.stiffness(theta), curve.curvatures.max())
    turn = (curve.length / (2 * math.pi if curve.closed else math.pi)) ** 2 / theta
    return theta, dt, settings.horizon or min(RELAXATIONS * turn, MOST_STEPS * dt)


def rounded(number: float) -> float:
    """To two digits, for a default that people read."""
    return float(f"{number:.2g}")


def along_curve_answer(manifold: Manifold, curve: theory.SurfaceCurve, trajectory: Trajectory) -> Report:
    """The shares in the second half of a run, beside those of the laws.

    Raises:
        UsageError: fewer than 8 evenly spaced frames, or a law of motion for which no law is known.
    """
    theta, dt, dynamics = (trajectory.meta[name] for name in ("temperature", "dt", "dynamics"))
    curves = theory.share_curves(curve, _laws(trajectory), _looseness(curve, trajectory))
    measured = shares(curve, trajectory)
    names = IN_ORDER if theory.is_even(curve) else QUARTERS
    points = list(range(1, len(names) + 1))
    comparisons = compare_all(points, measured, curves, yardstick=1 / len(names))
    kind = "closed" if curve.closed else "between walls"
    time = float(trajectory.times[-1])
    title = (
        f"Law along the {manifold.name}, {dynamics} motion, theta = {theta:g}, dt = {dt:.3g}, t = {time:.3g}"
    )
    rows: list[list[str | float | None]] = [
        [name, format_value(m.value, m.error), m.n, *(f"{law.predict(k).value:.4f}" for law in curves)]
        for k, name, m in zip(points, names, measured)
    ]
    header = ["quarter of the length", "share of time", "n", *(law.name for law in curves)]
    notes = sorted({m.note for m in measured if m.note})
    lines = [
        title,
        f"a curve of length {curve.length:.6g}, {kind}; {_law_line(curve, trajectory.meta)}",
        format_table(header, rows),
        verdict_table(comparisons, curves),
        "\n".join([endings(trajectory), *notes]),
    ]
    record = record_of(
        title, trajectory, comparisons, length=curve.length,
        shares={name: measurement_record(m) for name, m in zip(names, measured)},
    )  # fmt: skip

    def draw(path: str) -> None:
        from langevin.figures.canvas import COLOURS, DASHES, canvas, error_bars

        with canvas(path, title) as axes:
            for law, colour, dash in zip(curves, COLOURS, DASHES):
                heights = [law.predict(k).value for k in points]
                axes.plot(points, heights, color=colour, linestyle=dash, label=law.name)
            error_bars(axes, points, [m.value for m in measured], [1.96 * m.error for m in measured],
                       f"simulation, 95 % interval, n = {measured[0].n}")  # fmt: skip
            axes.set_xticks(points, labels=names)
            axes.set(xlabel="quarter of the length, by det $J J^T$", ylabel="share of time", ylim=(0.0, None))
            axes.legend()

    named = {f"share of the {name} quarter": m for name, m in zip(names, measured)}
    return Report(title, trajectory, tuple(comparisons), "\n\n".join(lines), record, draw, named)


def shares(curve: theory.SurfaceCurve, trajectory: Trajectory) -> list[Measurement]:
    """Share of time in each quarter over the second half of a run; not mixed where it still changes."""
    walkers, frames, dim = trajectory.states.shape
    states = np.nan_to_num(trajectory.states.reshape(-1, dim), posinf=0.0, neginf=0.0)
    parts = theory.quarter_of(curve, states).reshape(walkers, frames)
    end = float(trajectory.times[-1])
    found = []
    for part in range(1, len(QUARTERS) + 1):
        run = replace(trajectory, observables={"inside": np.asarray(parts == part, float)})
        whole, early, late = (
            occupation(run, "inside", first_time=first * end, last_time=last * end)
            for first, last in ((0.5, 1.0), (0.5, 0.75), (0.75, 1.0))
        )
        if abs(late.value - early.value) > SETTLED * math.hypot(early.error, late.error):
            whole = replace(whole, mixed=False, note="the shares still change; raise --horizon")
        found.append(whole)
    return found


def _laws(trajectory: Trajectory) -> list[theory.SurfaceLaw]:
    """The rivals; soft Euler-Maruyama steps are laid beside the law of their own step."""
    meta = trajectory.meta
    euler = meta["integrator"] == "euler_maruyama"
    if meta["dynamics"] not in ("soft", "projected"):
        raise UsageError(f"no law in the long run is known for {meta['dynamics']} motion along a curve")
    return [
        theory.projection_law(0.0, "surface"),
        theory.noise_law(0.0, 1.0, meta["dt"], "gibbs") if euler else theory.projection_law(1.0, "gibbs"),
        theory.projection_law(2.0, "det^-1"),
        theory.noise_law(1.0, 0.0, 0.0, "trace"),
    ]


def _looseness(curve: theory.SurfaceCurve, trajectory: Trajectory) -> float:
    """That of the kicks or of the motion across; a Metropolis step has no bias from its kicks."""
    meta = trajectory.meta
    theta, dt = meta["temperature"], meta["dt"]
    if meta["dynamics"] == "projected":
        exact = str(meta["integrator"]).startswith("metropolis")
        return 0.0 if exact else theory.looseness(curve, 2 * theta * dt)
    softest: FloatArray = curve.curvatures[:, 0]
    return theory.looseness(curve, theta / softest)


def _law_line(curve: theory.SurfaceCurve, meta: Mapping[str, Any]) -> str:
    """What the law of motion samples, and what tells the laws apart."""
    expected = "gibbs" if meta["measure"] is None else meta["measure"]
    line = f"{meta['integrator']} should settle in the law {expected!r}"
    return f"{line}; det J J^T is the same all along, so the laws are one" if theory.is_even(curve) else line
