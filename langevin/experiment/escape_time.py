"""How long does a walker stay in its well? The escape time beside exact references and Eyring-Kramers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from langevin import theory
from langevin.experiment.laws import integrator_of
from langevin.experiment.passage import first_passages, passage_answer
from langevin.experiment.report import Report
from langevin.experiment.settings import Settings
from langevin.landscapes.evaluate import evaluate, scalar_value
from langevin.types import Curve, Landscape, Problem, Trajectory

#: Default dt x largest curvature met: fine enough that the step bias is below the default error.
STEP = 0.02
#: Largest rise of the loss over theta along a step's standard deviation at the target: beyond it, a walk against a
#: slope arrives too soon by about half the square of this.
SLOPE = 0.1
#: Default barrier / theta: the first temperature at which Eyring-Kramers claims to hold.
BARRIER = 5.0
#: Default horizon in units of the longest time that a theory expects; in units of the default step where none does.
HORIZON, UNKNOWN = 40.0, 1e6


def escape_time(potential: Landscape, settings: Settings) -> Report:
    """Measure the mean first-passage time from the start of the landscape to its target.

    Raises:
        UsageError: a setting that the landscape refuses.
    """
    barrier = potential.facts.barrier
    theta = settings.temperature or (1.0 if barrier is None else barrier / BARRIER)
    usual = usual_step(potential, theta)
    dt = settings.dt or usual
    curves = curves_of(potential)
    expected = [curve.predict(theta).value for curve in curves]
    horizon = settings.horizon or (HORIZON * max(expected) if expected else UNKNOWN * usual)
    problem = Problem(potential, theta, settings.dynamics or "soft")
    trajectory = first_passages(problem, integrator_of(settings), dt, horizon, "escape time", settings)
    return escape_answer(potential, trajectory, curves)


def usual_step(potential: Landscape, theta: float) -> float:
    """Default step: fine beside the curvature and, on a line, beside the slope at the edges of the target."""
    step = STEP / potential.stiffness(theta)
    if potential.dim > 1 or potential.facts.wells is not None:
        return step
    start = float(potential.start(np.full((1, 1), 0.5), theta)[0, 0])
    edges = [place for side in (-1, 1) if (place := theory.target_edge(potential, start, side)) is not None]
    slope = evaluate(potential, "gradient", np.array(edges)[:, None])
    steepest = float(np.abs(slope).max(initial=0.0))
    return min(step, SLOPE**2 * theta / (2.0 * steepest**2)) if steepest > 0 else step


def escape_answer(potential: Landscape, trajectory: Trajectory, curves: Sequence[Curve]) -> Report:
    """The escape time in a run that leaves a well, beside the well's theories."""
    theta, dt = trajectory.meta["temperature"], trajectory.meta["dt"]
    title = f"Escape from the well of {potential.name}, theta = {theta:g}, dt = {dt:.3g}"
    return passage_answer(trajectory, curves, title, "escape time")


def curves_of(potential: Landscape) -> list[Curve]:
    """The theories of the escape time: quadrature on a line, finite volumes in a plane whose fact `box` is known."""
    if potential.facts.wells is not None:
        return theory.escape_curves(potential.facts.wells, scalar_value(potential))
    if potential.dim == 1:
        return theory.line_escape_curves(potential)
    box = potential.facts.box
    if potential.dim == 2 and box is not None:
        return theory.plane_escape_curves(potential, box.lower, box.upper)
    return []
