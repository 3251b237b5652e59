"""Soft motion: Langevin motion in the loss, dX = -grad f dt + sqrt(2 theta) dW, with the law exp(-f / theta)."""

from __future__ import annotations

from langevin.integrators.euler_maruyama import euler_maruyama
from langevin.types import Dynamics, Landscape


def _refusal(landscape: Landscape) -> str | None:
    if landscape.gradient is not None and not landscape.is_body:
        return None
    other = "projected" if landscape.is_surface else "reflected"
    return f"{landscape.name} has no loss gradient, which soft motion needs; use --dynamics {other}"


soft = Dynamics(
    name="soft",
    summary="Langevin motion in the loss at a temperature; its law is exp(-f / theta).",
    refusal=_refusal,
    integrator=lambda landscape, measure: euler_maruyama(),
    descends=lambda landscape: True,
    rank=0,
)
