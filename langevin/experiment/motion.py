"""From settings to a law of motion and its step; what does not go together is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langevin.dynamics import dynamics_of, refusal_of, usual_dynamics
from langevin.errors import UsageError
from langevin.experiment.settings import Settings
from langevin.registry import dials, factory
from langevin.types import Dynamics, Integrator, Landscape

#: The step that --projection and --noise set the dials of.
PROJECTED = "projected"


def motion_of(landscape: Landscape, settings: Settings, watched: bool = False) -> tuple[Dynamics, Integrator]:
    """The law of motion and the step that the settings name together, or the usual ones of the landscape.

    Args:
        landscape: to walk on.
        settings: of the run.
        watched: whether walkers stop at the target.

    Raises:
        UsageError: the settings contradict one another, or the landscape cannot be walked so.
    """
    if settings.integrator_dials and not settings.integrator:
        raise UsageError(
            "-i sets a dial of the integrator that --integrator names",
            "-i goes with --integrator",
            "name one",
        )
    named = _named(settings)
    if settings.dynamics is not None:
        dynamics = dynamics_of(settings.dynamics)
    else:
        dynamics = dynamics_of(named.dynamics) if settings.integrator and named else usual_dynamics(landscape)
    if (settings.projection or settings.noise or settings.measure) and not dynamics.measures:
        raise UsageError(
            "--measure, --projection and --noise go with --dynamics projected",
            "these with projected motion only",
            "add it, or drop them",
        )
    if named and named.dynamics != dynamics.name:
        raise UsageError(
            f"--integrator {settings.integrator} is no step of --dynamics {dynamics.name}, it serves {named.dynamics}",
            "one law of motion for both",
            "make them agree",
        )
    refusal = refusal_of(dynamics, landscape)
    if refusal:
        raise UsageError(
            f"{refusal}, named by --dynamics",
            "a law of motion that serves the landscape",
            "name another, or leave it out",
        )
    step = named or _usual(dynamics, landscape, settings, watched)
    if settings.measure and settings.measure != step.measure:
        raise UsageError(
            f"{step.name} samples the measure {step.measure}, not {settings.measure}",
            "one measure for both",
            "drop --measure, or --projection, --noise and --integrator",
        )
    return dynamics, step


def _usual(dynamics: Dynamics, landscape: Landscape, settings: Settings, watched: bool) -> Integrator:
    """The step where none is named: that of questions, but where a run is extended that took the plain one.

    The plain step is that of descent at temperature 0, and of a schedule: steps that share noise must be of one length.
    """
    plain = dynamics.integrator(landscape, settings.measure)
    made_so = settings.earlier is not None and settings.earlier.meta.get("integrator") == plain.name
    if (
        dynamics.for_question is None
        or made_so
        or settings.temperature == 0.0
        or settings.schedule is not None
    ):
        return plain
    return dynamics.for_question(watched)


def _named(settings: Settings) -> Integrator | None:
    """The integrator of a name, built-in or module:name, with its dials; --measure is one of them where it has it.

    A way back to the surface and its noise are dials of the projected step, isotropic noise unless it is named.
    """
    given = {"projection": settings.projection, "noise": settings.noise}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if not settings.integrator:
        return _made(PROJECTED, {"noise": "isotropic"} | chosen) if chosen else None
    if chosen:
        raise UsageError(
            f"--integrator {settings.integrator} has its own projection and noise",
            "these two with the integrator projected only",
            "drop --projection and --noise",
        )
    return _made(settings.integrator, settings.integrator_dials, settings.measure)


def _made(name: str, given: Mapping[str, Any], measure: str | None = None) -> Integrator:
    make = factory("integrators", name)
    aim = {"measure": measure} if measure and "measure" in dials(make) else {}
    made: Integrator = make(**aim | dict(given))
    return made
