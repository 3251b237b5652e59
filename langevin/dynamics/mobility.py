"""Mobility that varies: dX = (-D grad f + theta grad D) dt + sqrt(2 theta D) dW, with the law exp(-f / theta)."""

from __future__ import annotations

from langevin.integrators.mobility import mobility as step
from langevin.types import Dynamics, Landscape


def refusal_of_varying_diffusion(landscape: Landscape) -> str | None:
    """Why a diffusion that varies cannot move walkers on this landscape."""
    return None if landscape.diffusion is not None else f"the diffusion on {landscape.name} does not vary"


mobility = Dynamics(
    name="mobility",
    summary="Langevin motion with a mobility D that depends on the place; its law is exp(-f / theta) for every D.",
    refusal=refusal_of_varying_diffusion,
    integrator=lambda landscape, measure: step(),
    descends=lambda landscape: True,
    rank=3,
)
