"""A loss to which a force is added that varies in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from langevin.errors import UsageError
from langevin.landscapes.composed import check_plain, of_first, of_second, targets_of_first
from langevin.landscapes.curvature import RISE
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.starts import reaches, usual_point
from langevin.types import Facts, FloatArray, Landscape

#: Number of times at which a force is checked, the latest of them, and the shift for a difference.
TIMES, LATEST, SHIFT = 101, 10.0, 1e-6
#: Number of rays along which places are checked, and their greatest length over the size of the start.
RAYS, FARTHEST = 4, 1e9


def with_drive(potential: Landscape, drive: Landscape) -> Landscape:
    """The loss f with the force -grad U(x, t): dX = -grad f dt - grad U(x, t) dt + sqrt(2 theta) dW.

    U is a loss of one coordinate more than f. Its last coordinate is the time t, which is 0 at the first step:

        f = langevin.potentials.quadratic()
        U = langevin.potentials.from_expression("-0.5 * x * cos(2 * y)")  # y is the time

    No distribution is stationary, so no theory of a stationary distribution is compared. The loss of a walker is f
    alone. Kernels of the result take the parameters (those of f, those of U). Start and target are those of f.

    Args:
        potential: f, a loss without equations and walls.
        drive: U, a loss of one coordinate more with a value and a gradient; the last one is the time.

    Raises:
        UsageError: one of them is not a loss of this kind, or the force is not finite at the start.
    """
    check_plain(potential, drive)
    if drive.dim != potential.dim + 1:
        raise UsageError(
            f"the drive {drive.name} has {drive.dim} coordinates, and {potential.name} has {potential.dim}",
            "one more for the drive: its last coordinate is the time",
            "write it as a loss of the coordinates and the time",
        )
    parameters = (potential.parameters, drive.parameters)
    start = np.append(usual_point(potential), 0.0)
    if not np.isfinite(evaluate(drive, "gradient", start)).all():
        raise UsageError(
            f"the force of {drive.name} at the start of {potential.name} and time 0 is not finite",
            "a finite force at all times from 0 on",
            "correct the gradient of the drive",
        )
    own = replace(
        drive,
        parameters=parameters,
        value=of_second(drive.value),
        gradient=of_second(drive.gradient),
        target=None,
    )
    return replace(
        potential,
        name=f"{potential.name} driven by {drive.name}",
        parameters=parameters,
        value=of_first(potential.value),
        gradient=of_first(potential.gradient),
        target=targets_of_first(potential),
        dials={**potential.dials, **{f"drive {name}": dial for name, dial in drive.dials.items()}},
        stiffness=lambda temperature: (
            potential.stiffness(temperature) + _fastest(potential, drive, temperature)
        ),
        facts=Facts(
            moments=tuple(replace(moment, soft=None) for moment in potential.facts.moments),
            barrier=potential.facts.barrier,
            slowest_rate=potential.facts.slowest_rate,
        ),
        drive=own,
    )


def _fastest(potential: Landscape, drive: Landscape, temperature: float) -> float:
    """The largest rate of a drive: its curvature in space, or the change of its force in time over the largest force.

    It is checked where walkers start and where the loss has changed by 10 theta.
    """
    start = usual_point(potential)
    rays = np.random.default_rng(0).standard_normal((RAYS, potential.dim)) / np.sqrt(potential.dim)
    size = float(np.linalg.norm(start)) or 1.0
    lengths = reaches(potential, start, rays, RISE * temperature, FARTHEST * size)
    places = np.concatenate([start[None], start + lengths[:, None] * rays])
    times = np.linspace(0.0, LATEST, TIMES)
    points = np.concatenate([np.repeat(places, TIMES, axis=0), np.tile(times, len(places))[:, None]], axis=1)

    def force(shift: FloatArray) -> FloatArray:
        return evaluate(drive, "gradient", points + shift)[:, :-1]

    now, in_time = force(np.zeros(drive.dim)), np.append(np.zeros(potential.dim), SHIFT)
    largest = float(np.abs(now).max())
    changing = float(np.abs(force(in_time) - now).max()) / (SHIFT * largest) if largest > 0.0 else 0.0
    aside = [np.append(SHIFT * size * ray, 0.0) for ray in rays]
    bending = max(
        float(np.linalg.norm(force(shift) - now, axis=1).max()) / float(np.linalg.norm(shift))
        for shift in aside
    )
    found = max(bending, changing)
    return found if np.isfinite(found) else 0.0
