"""Soft motion: Langevin motion in the loss, dX = -grad f dt + sqrt(2 theta) dW, with the law exp(-f / theta).

Questions take steps of a smaller error than Euler-Maruyama's. Where a target is watched, Heun's, of weak order 2: its
steps are Gaussian, so the overshoot is corrected as Euler's is. Where none is watched, Leimkuhler and Matthews', whose
law in the long run is right to second order at one gradient a step, and in a quadratic well exact; its steps share
noise, for which no correction of the overshoot is known.
"""

from __future__ import annotations

from langevin.integrators.euler_maruyama import euler_maruyama
from langevin.integrators.heun import heun
from langevin.integrators.leimkuhler_matthews import leimkuhler_matthews
from langevin.types import Dynamics, Landscape


def _refusal(landscape: Landscape) -> str | None:
    if landscape.diffusion is not None:
        return f"the diffusion on {landscape.name} varies, which soft motion does not see"
    if landscape.drive is not None:
        return f"a force that varies in time acts on {landscape.name}, which soft motion does not see"
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
    for_question=lambda watched: heun() if watched else leimkuhler_matthews(),
)
