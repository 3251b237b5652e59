"""Where does a walk settle along a curve when its noise changes from place to place?

Two laws of noise: across the curve, 2 D a^gamma with heat along it (`integrators.power_law`), and along the curve, a
diffusion that is a power of its mean stiffness, Ito or not (`integrators.tangential`). The shares of the quarters of
the curve's length, flattest to stiffest, stand beside the law that should hold and its rivals. Of a valley whose
profile repeats itself one period is the curve.
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
from langevin.errors import UsageError
from langevin.experiment.along_curve import FRAMES, LOOSENESS, MOST_STEPS, curve_of, rounded, shares
from langevin.experiment.report import Report, endings, record_of, verdict_table
from langevin.experiment.settings import Settings
from langevin.experiment.uneven_laws import (
    checked,
    diffusion_along,
    laws_of,
    looseness_of,
    noise_of,
    variance_across,
)
from langevin.types import Manifold, Problem, Trajectory

QUESTION = "law of uneven noise"
WALKERS = 100
#: Default heat of motion along the surface, and dt x stiffness of descent.
TEMPERATURE, STABLE_STEP = 0.1, 0.2
#: Default duration in the time that the slowest part of the walk takes for a radian of the curve.
RELAXATIONS = 40.0
QUARTERS = ("flattest", "second", "third", "stiffest")
POINTS = 2000


def asks(settings: Settings) -> bool:
    """Whether the settings name one of the two laws of noise."""
    named = (settings.integrator or "").replace("_", "-")
    return settings.dynamics == "power-law" or named in ("power-law", "tangential")


def uneven_noise(manifold: Manifold, settings: Settings) -> Report:
    """Let walkers forget their start along a closed curve or a valley, and compare where they are with the laws.

    Raises:
        UsageError: settings that contradict one another, a surface that is no closed curve.
    """
    curve = closed_curve(manifold)
    integrator, noise = noise_of(settings, curve)
    theta, dt, duration = _defaults(manifold, curve, noise, settings)
    every = max(1, math.ceil(duration / dt / FRAMES))
    progress = settings.progress
    trajectory = simulate(
        Problem(manifold, theta, integrator.dynamics),
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
    meta = {**trajectory.meta, "question": QUESTION, "noise": noise}
    return uneven_noise_answer(manifold, replace(trajectory, meta=meta))


def uneven_noise_answer(manifold: Manifold, trajectory: Trajectory) -> Report:
    """The shares in the second half of a run, beside those of the laws.

    Raises:
        UsageError: a surface that is no closed curve, or a run that does not say what its noise was.
    """
    meta, curve = trajectory.meta, closed_curve(manifold)
    theta, dt, noise = meta["temperature"], meta["dt"], checked(meta.get("noise"))
    laws = laws_of(noise, dt)
    curves = theory.share_curves(curve, laws, looseness_of(curve, noise, theta, dt))
    measured = shares(curve, _along(manifold, trajectory))
    points = list(range(1, len(QUARTERS) + 1))
    comparisons = compare_all(points, measured, curves, yardstick=1 / len(points))
    time = float(trajectory.times[-1])
    title = f"Law along the {manifold.name}, uneven noise, theta = {theta:g}, dt = {dt:.3g}, t = {time:.3g}"
    rows: list[list[str | float | None]] = [
        [name, format_value(m.value, m.error), m.n, *(f"{law.predict(k).value:.4f}" for law in curves)]
        for k, name, m in zip(points, QUARTERS, measured)
    ]
    lines = [
        title,
        f"a curve of length {curve.length:.6g}; {meta['integrator']} should settle in the law {laws[0].name!r}",
        format_table(["quarter of the length", "share of time", "n", *(law.name for law in curves)], rows),
        verdict_table(comparisons, curves),
        "\n".join([endings(trajectory), *sorted({m.note for m in measured if m.note})]),
    ]
    named = {f"share of the {name} quarter": m for name, m in zip(QUARTERS, measured)}
    record = record_of(
        title, trajectory, comparisons, length=curve.length,
        shares={name: measurement_record(m) for name, m in zip(QUARTERS, measured)},
    )  # fmt: skip

    def draw(path: str) -> None:
        from langevin.figures.canvas import COLOURS, DASHES, canvas, error_bars

        with canvas(path, title) as axes:
            for law, colour, dash in zip(curves, COLOURS, DASHES):
                heights = [law.predict(k).value for k in points]
                axes.plot(points, heights, color=colour, linestyle=dash, label=law.name)
            error_bars(axes, points, [m.value for m in measured], [1.96 * m.error for m in measured],
                       f"simulation, 95 % interval, n = {measured[0].n}")  # fmt: skip
            axes.set_xticks(points, labels=QUARTERS)
            axes.set(xlabel="quarter of the length, by det $J J^T$", ylabel="share of time", ylim=(0.0, None))
            axes.legend()

    return Report(title, trajectory, tuple(comparisons), "\n\n".join(lines), record, draw, named)


def closed_curve(manifold: Manifold) -> theory.SurfaceCurve:
    """The surface as a closed curve; of a valley one period of its floor."""
    if "profile" in manifold.facts:
        length = manifold.facts["period"]
        arcs = np.linspace(0.0, length, POINTS, endpoint=False)
        ways = np.eye(manifold.dim)[:1].repeat(POINTS, axis=0)
        across = manifold.facts["profile"](arcs)[:, None].repeat(manifold.codim, axis=1)
        return theory.SurfaceCurve(
            manifold.name, arcs, arcs[:, None] * ways, ways, across, np.zeros(POINTS), length, True
        )
    curve = curve_of(manifold)
    if curve is None or not curve.closed:
        raise UsageError(
            f"no law of uneven noise is known for {manifold.name}, which is no closed curve; take a surface with "
            "dim - codim = 1, or simulate it from Python"
        )
    if theory.is_even(curve):
        raise UsageError(
            f"{manifold.name} is as stiff all along, so no noise on it is uneven; take canal, valley or another curve "
            "whose stiffness changes"
        )
    return curve


def _defaults(
    manifold: Manifold, curve: theory.SurfaceCurve, noise: Mapping[str, Any], settings: Settings
) -> tuple[float, float, float]:
    """Temperature, step and duration: as loose as the laws allow, and long enough to forget the start."""
    radian = (curve.length / (2 * math.pi)) ** 2
    if "convention" in noise:
        theta, diffusion = settings.temperature or TEMPERATURE, diffusion_along(curve, noise)
        dt = settings.dt or LOOSENESS / (2 * theta * theory.looseness(curve, diffusion))
        slowest = float(diffusion.min())
    else:
        theta = settings.temperature or rounded(
            LOOSENESS / theory.looseness(curve, variance_across(curve, noise))
        )
        dt = settings.dt or STABLE_STEP / max(manifold.stiffness(theta), float(curve.curvatures.max()))
        slowest = noise["tangential"]
    return theta, dt, settings.horizon or min(RELAXATIONS * radian / (theta * slowest), MOST_STEPS * dt)


def _along(manifold: Manifold, trajectory: Trajectory) -> Trajectory:
    """The run with states on the curve: along a valley the floor, one period for all."""
    if "profile" not in manifold.facts:
        return trajectory
    states = np.zeros_like(trajectory.states)
    states[..., 0] = trajectory.states[..., 0] % manifold.facts["period"]
    return replace(trajectory, states=states)
