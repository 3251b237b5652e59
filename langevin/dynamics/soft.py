"""Soft motion: Langevin motion in the loss, dX = -grad f dt + sqrt(2 theta) dW, with the law exp(-f / theta)."""

from __future__ import annotations

from langevin.integrators.euler_maruyama import euler_maruyama
from langevin.types import Dynamics, Landscape


def _refusal(landscape: Landscape) -> str | None:
    if landscape.gradient is not None and not landscape.is_body:
        return None
    return f"{landscape.name} has no loss gradient, which soft motion needs"


soft = Dynamics(
    name="soft",
    summary="Langevin motion in the loss at a temperature; its law is exp(-f / theta).",
    refusal=_refusal,
    integrator=lambda landscape, measure: euler_maruyama(),
    descends=lambda landscape: True,
    rank=0,
)
