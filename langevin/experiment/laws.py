"""From settings to the integrator of a law of motion; what does not go together is refused."""

from __future__ import annotations

from langevin.errors import UsageError
from langevin.experiment.settings import Settings
from langevin.integrators import euler_maruyama, implied_measure, label_noise, projected, projected_to
from langevin.registry import dials, factory
from langevin.types import Integrator

#: Invariant laws that the questions have a theory of; none for motion that is not projected.
MEASURES = (None, "surface", "gibbs", "det^-1")


def integrator_of(settings: Settings) -> Integrator:
    """The integrator that dynamics, measure, projection, noise and integrator together name.

    Raises:
        UsageError: they contradict one another.
    """
    dynamics = settings.dynamics or "soft"
    explicit = {"projection": settings.projection, "noise": settings.noise}
    given = {name: value for name, value in explicit.items() if value is not None}
    if dynamics != "projected" and (given or settings.measure):
        raise UsageError(
            "--measure, --projection and --noise go with --dynamics projected; add it, or drop them"
        )
    if settings.integrator:
        return _named(settings.integrator, settings, dynamics, given)
    if settings.integrator_dials:
        raise UsageError("-i sets a dial of the integrator that --integrator names; name one")
    if dynamics == "soft":
        return euler_maruyama()
    if dynamics == "label-noise":
        return label_noise()
    if dynamics == "power-law":
        raise UsageError(
            "power-law noise is laid beside theory on closed curves r(x) = 0 only; choose another --dynamics"
        )
    if dynamics == "reflected":
        raise UsageError("there are no walls to reflect at; choose --dynamics soft, projected or label-noise")
    return _projected(given, settings.measure)


def _named(name: str, settings: Settings, dynamics: str, given: dict[str, str]) -> Integrator:
    """The integrator of a name, built-in or module:name, with its dials; --measure is one of them where it has it."""
    if given:
        raise UsageError(
            f"--integrator {name} has its own projection and noise; drop --projection and --noise"
        )
    make = factory("integrators", name)
    measure = {"measure": settings.measure} if settings.measure and "measure" in dials(make) else {}
    made: Integrator = make(**measure | dict(settings.integrator_dials))
    if made.dynamics == "power-law" or made.measure not in MEASURES:
        raise UsageError(f"no question has a theory of what {made.name} samples; use it from Python")
    if made.dynamics != dynamics:
        raise UsageError(
            f"--integrator {name} is no step of --dynamics {dynamics}, it serves {made.dynamics}; make them agree"
        )
    return made


def _projected(given: dict[str, str], measure: str | None) -> Integrator:
    if not given:
        return projected_to(measure or "surface")
    chosen = {"projection": "shake", "noise": "isotropic"} | given
    implied = implied_measure(**chosen)
    if measure and measure != implied:
        raise UsageError(
            f"--projection {chosen['projection']} with --noise {chosen['noise']} samples the {implied} measure, "
            f"not {measure}; drop --measure, or drop --projection and --noise"
        )
    return projected(**chosen)
