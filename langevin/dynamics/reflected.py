"""Reflected motion: diffusion in a body, mirrored at its walls."""

from __future__ import annotations

from langevin.integrators.reflected import reflected as mirrored
from langevin.integrators.rejecting import rejecting
from langevin.types import Dynamics, Integrator, Landscape


def _refusal(landscape: Landscape) -> str | None:
    if landscape.is_body:
        return None
    other = "soft or projected" if landscape.gradient is not None and landscape.is_surface else None
    other = other or ("projected" if landscape.is_surface else "soft")
    return f"{landscape.name} has no walls to reflect at; use --dynamics {other}"


def _integrator(landscape: Landscape, measure: str | None) -> Integrator:
    """Mirrors where the body has them; else steps that would leave it are not taken."""
    return mirrored() if landscape.fold is not None or landscape.bounce is not None else rejecting()


reflected = Dynamics(
    name="reflected",
    summary="Diffusion in a body, mirrored at its walls; its law is uniform.",
    refusal=_refusal,
    integrator=_integrator,
    descends=lambda landscape: landscape.gradient is not None,
    rank=1,
)
