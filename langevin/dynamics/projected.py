"""Projected motion: a kick and a return to the surface r(x) = 0, over and over."""

from __future__ import annotations

from langevin.integrators.projected import projected_to
from langevin.types import Dynamics, Landscape


def _refusal(landscape: Landscape) -> str | None:
    if landscape.is_surface:
        return None
    other = "reflected" if landscape.is_body else "soft"
    return f"{landscape.name} has no residual map to project on; use --dynamics {other}"


projected = Dynamics(
    name="projected",
    summary="Diffusion on a surface r(x) = 0; the return and its noise decide the law on it.",
    refusal=_refusal,
    integrator=lambda landscape, measure: projected_to(measure or "surface"),
    descends=lambda landscape: False,
    measures=("surface", "gibbs"),
    cold=True,
    rank=2,
)
