"""Projected motion: in each step a kick and a retraction to the surface r(x) = 0."""

from __future__ import annotations

from langevin.integrators.projected import projected_to
from langevin.types import Dynamics, Landscape


def _refusal(landscape: Landscape) -> str | None:
    return None if landscape.is_surface else f"{landscape.name} has no residual map to project on"


projected = Dynamics(
    name="projected",
    summary="Diffusion on a surface r(x) = 0, also in a field; retraction and noise decide the law on it.",
    refusal=_refusal,
    integrator=lambda landscape, measure: projected_to(measure or "surface"),
    descends=lambda landscape: False,
    measures=("surface", "gibbs"),
    cold=True,
    rank=2,
)
