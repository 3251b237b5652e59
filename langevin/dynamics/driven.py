"""Driven motion: dX = -grad f dt - grad U(x, t) dt + sqrt(2 theta) dW, with a force that varies in time."""

from __future__ import annotations

from langevin.integrators.driven import driven as step
from langevin.types import Dynamics, Landscape


def _refusal(landscape: Landscape) -> str | None:
    return None if landscape.drive is not None else f"no force that varies in time acts on {landscape.name}"


driven = Dynamics(
    name="driven",
    summary="Langevin motion in a loss with a force that varies in time; it has no stationary law.",
    refusal=_refusal,
    integrator=lambda landscape, measure: step(),
    descends=lambda landscape: True,
    questions=("response",),
    rank=4,
)
