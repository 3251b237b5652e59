"""How long does free diffusion in a body take to reach its target? Beside finite volumes of the same body."""

from __future__ import annotations

import math
from collections.abc import Sequence

from langevin import theory
from langevin.errors import UsageError
from langevin.experiment.passage import first_passages, passage_answer
from langevin.experiment.report import Report
from langevin.experiment.settings import Settings
from langevin.integrators import default_integrator
from langevin.types import Curve, Landscape, Prediction, Problem, Trajectory

#: Default step: its standard deviation as a part of the target's width.
STEP = 0.05
#: Default horizon in units of the expected time, or of the time to cross the target's width.
HORIZON, UNKNOWN = 40.0, 1e6


def arrival_time(body: Landscape, settings: Settings) -> Report:
    """Measure the mean first-passage time from the starts of a body to its target.

    Raises:
        UsageError: a setting that the body refuses, or a body that does not say how wide its target is.
    """
    if settings.dynamics not in (None, "reflected") or settings.integrator:
        raise UsageError(
            f"{body.name} is a body: a walk in it is mirrored at walls; drop --dynamics and --integrator"
        )
    known_width = body.facts.target_width
    if known_width is None and settings.dt is None:
        raise UsageError(f"{body.name} does not say how wide its target is; give --dt")
    theta = settings.temperature or 1.0
    width = 1.0 if known_width is None else known_width
    dt = settings.dt or (STEP * width) ** 2 / (2.0 * theta)
    curves = curves_of(body)
    crossing = width**2 / (2.0 * theta)
    known = [time for curve in curves if math.isfinite(time := curve.predict(theta).value)]
    expected = HORIZON * max(known) if known else UNKNOWN * crossing
    problem = Problem(body, theta, "reflected")
    trajectory = first_passages(
        problem, default_integrator(problem), dt, settings.horizon or expected, "arrival time", settings
    )
    return arrival_answer(body, trajectory, curves)


def arrival_answer(body: Landscape, trajectory: Trajectory, curves: Sequence[Curve]) -> Report:
    """The arrival time in a run that walks in a body, beside the body's theories."""
    theta, dt = trajectory.meta["temperature"], trajectory.meta["dt"]
    title = f"Time to reach the target of {body.name}, d = {body.dim}, theta = {theta:g}, dt = {dt:.3g}"
    return passage_answer(trajectory, curves, title, "arrival time")


def curves_of(body: Landscape) -> list[Curve]:
    """The theories of the arrival time: finite volumes where the box is known, and the body's own closed form."""
    facts, curves = body.facts, []
    if (box := facts.box) is not None and body.dim <= 3:
        curves.append(theory.body_passage_curve(body, box.lower, box.upper, box.grid))
    if (way := facts.channel) is not None:
        curves += theory.channel_curves(way.half_width, way.slope, body.dim - 1, way.target_place)
    if (time := facts.arrival_time) is not None:
        curves.append(
            Curve(
                "resistances in series",
                lambda temperature: Prediction(time / temperature),
                "in the plane; a hole, or a channel no shorter than wide",
                "Holcman and Schuss, Stochastic Narrow Escape in Molecular and Cellular Biology (2015)",
            )
        )
    elif (rooms := facts.chambers) is not None and rooms.dim > 2:
        curves.append(theory.chamber_passage_curve(rooms.dim, rooms.near, rooms.width, rooms.length))
    return curves
