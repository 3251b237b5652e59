"""How long does a walker stay in its well? The escape time beside exact references and Eyring-Kramers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from langevin import theory
from langevin.experiment.laws import integrator_of
from langevin.experiment.passage import first_passages, passage_answer
from langevin.experiment.report import Report
from langevin.experiment.settings import Settings
from langevin.types import Curve, Potential, Problem, Trajectory

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
    curves = curves_of(potential)
    expected = [curve.predict(theta).value for curve in curves]
    horizon = settings.horizon or (HORIZON * max(expected) if expected else 1e6 * dt)
    problem = Problem(potential, theta, settings.dynamics or "soft")
    trajectory = first_passages(problem, integrator_of(settings), dt, horizon, "escape time", settings)
    return escape_answer(potential, trajectory, curves)


def escape_answer(potential: Potential, trajectory: Trajectory, curves: Sequence[Curve]) -> Report:
    """The escape time in a run that leaves a well, beside the well's theories."""
    theta, dt = trajectory.meta["temperature"], trajectory.meta["dt"]
    title = f"Escape from the well of {potential.name}, theta = {theta:g}, dt = {dt:.3g}"
    return passage_answer(trajectory, curves, title, "escape time")


def curves_of(potential: Potential) -> list[Curve]:
    """The theories of the escape time: quadrature on a line, finite volumes in a plane whose box is known."""
    if "saddle" in potential.facts:
        return theory.escape_curves(potential.facts, scalar_value(potential))
    if potential.dim == 2 and "box" in potential.facts:
        return theory.plane_escape_curves(potential, *potential.facts["box"])
    return []


def scalar_value(potential: Potential) -> Callable[[float], float]:
    """The loss of a one-dimensional potential as a function of a number, for quadrature."""
    x, out = np.empty((1, 1)), np.empty(1)

    def value(position: float) -> float:
        x[0, 0] = position
        potential.value(x, out, potential.parameters)
        return float(out[0])

    return value
