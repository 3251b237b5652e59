"""How long does a walker stay in its well? The escape time beside exact quadrature and Eyring-Kramers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from langevin import theory
from langevin.comparison import compare_all, format_table, format_value, measurement_record
from langevin.ensemble import simulate
from langevin.experiment.ensembles import until_precise
from langevin.experiment.laws import integrator_of
from langevin.experiment.report import Report, record_of, verdict_table
from langevin.experiment.settings import Settings
from langevin.measure import confidence_interval
from langevin.types import Potential, Problem, Stop, Trajectory

WALKERS = 400
#: Default dt x largest curvature met: fine enough that the step bias is below the default error.
STEP = 0.02
#: Default barrier / theta: the first temperature at which Eyring-Kramers claims to hold.
BARRIER = 5.0
#: Default horizon in units of the Eyring-Kramers time.
HORIZON = 40.0


def escape_time(potential: Potential, settings: Settings) -> Report:
    """Measure the mean first-passage time from the start of the landscape to its target.

    Raises:
        UsageError: a setting that the landscape refuses.
    """
    facts = potential.facts
    theta = settings.temperature or (facts["barrier"] / BARRIER if "barrier" in facts else 1.0)
    dt = settings.dt or STEP / potential.stiffness(theta)
    curves = theory.escape_curves(facts, scalar_value(potential)) if "saddle" in facts else []
    expected = [curve.predict(theta).value for curve in curves]
    horizon = settings.horizon or (HORIZON * max(expected) if expected else 1e6 * dt)
    integrator, stop = integrator_of(settings), Stop(settings.correction)
    problem = Problem(potential, theta, settings.dynamics or "soft")

    def more(first: int, walkers: int) -> Trajectory:
        progress = settings.progress
        return simulate(
            problem, integrator, walkers=walkers, steps=math.ceil(horizon / dt), dt=dt, seed=settings.seed, stop=stop,
            threads=settings.threads, first_walker=first, checkpoint=settings.checkpoint,
            progress=None if progress is None else lambda step, running: progress(potential.name, step, running),
        )  # fmt: skip

    trajectory, time = until_precise(more, settings.walkers or WALKERS, settings.precision)
    trajectory = replace(trajectory, meta={**trajectory.meta, "question": "escape time"})
    comparisons = compare_all([theta], [time], curves, logarithmic=True)
    title = f"Escape from the well of {potential.name}, theta = {theta:g}, dt = {dt:.3g}"
    low, high = confidence_interval(time)
    walkers = f"{time.n}, {trajectory.counts['censored']} censored"
    rows = [["measured", format_value(time.value, time.error), f"[{low:.4g}, {high:.4g}]", walkers]]
    rows += [
        [row.theory, f"{row.predicted.value:.5g}", "", f"measured / predicted {row.ratio:.3g}"]
        for row in comparisons
    ]
    table = format_table(["mean escape time", "", "95 % interval", "walkers"], rows)
    text = "\n\n".join(
        [title, table, *([verdict_table(comparisons, curves)] if curves else []), time.note]
    ).rstrip()
    record = record_of(title, trajectory, comparisons, escape_time=measurement_record(time))

    def draw(path: str) -> None:
        from langevin.figures.escape_time import escape_time as figure

        figure(path, trajectory.events["time"], time, comparisons, title)

    return Report(title, trajectory, tuple(comparisons), text, record, draw)


def scalar_value(potential: Potential) -> Callable[[float], float]:
    """The loss of a one-dimensional potential as a function of a number, for quadrature."""
    x, out = np.empty((1, 1)), np.empty(1)

    def value(position: float) -> float:
        x[0, 0] = position
        potential.value(x, out, potential.parameters)
        return float(out[0])

    return value
