"""From settings to the integrator of a law of motion; what does not go together is refused."""

from __future__ import annotations

from langevin.errors import UsageError
from langevin.experiment.settings import Settings
from langevin.integrators import (
    euler_maruyama,
    heun,
    implied_measure,
    label_noise,
    leimkuhler_matthews,
    projected,
    projected_to,
)
from langevin.types import Integrator

SOFT = {"euler-maruyama": euler_maruyama, "leimkuhler-matthews": leimkuhler_matthews, "heun": heun}


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
    if dynamics != "soft" and settings.integrator:
        raise UsageError("--integrator names the step of --dynamics soft; drop one of the two")
    if dynamics == "soft":
        return SOFT[settings.integrator or "euler-maruyama"]()
    if dynamics == "label-noise":
        return label_noise()
    if dynamics == "reflected":
        raise UsageError("there are no walls to reflect at; choose --dynamics soft, projected or label-noise")
    return _projected(given, settings.measure)


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
