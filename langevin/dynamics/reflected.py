"""Reflected motion: diffusion in a body, mirrored at its walls."""

from __future__ import annotations

from langevin.integrators.mala_in_body import mala_in_body
from langevin.integrators.reflected import reflected as mirrored
from langevin.integrators.rejecting import rejecting
from langevin.types import Dynamics, Integrator, Landscape


def _refusal(landscape: Landscape) -> str | None:
    return None if landscape.is_body else f"{landscape.name} has no walls to reflect at"


def _integrator(landscape: Landscape, measure: str | None) -> Integrator:
    """Mirrors if the body has them; else steps that would leave it are not taken."""
    if landscape.fold is not None or landscape.bounce is not None:
        return mirrored()
    return rejecting() if landscape.gradient is None else mala_in_body()


reflected = Dynamics(
    name="reflected",
    summary="Diffusion in a body, mirrored at its walls; its law is uniform, or exp(-U / theta) in a field.",
    refusal=_refusal,
    integrator=_integrator,
    descends=lambda landscape: landscape.gradient is not None,
    rank=1,
)
