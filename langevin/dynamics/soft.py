"""Soft motion: Langevin motion in the loss, dX = -grad f dt + sqrt(2 theta) dW, with the law exp(-f / theta).

Questions use steps with a smaller error than Euler-Maruyama's. With a target, they use Heun's step, of weak order 2:
its steps are Gaussian, so the overshoot is corrected as for Euler's. Without a target, they use the step of Leimkuhler
and Matthews. Its stationary distribution is correct to second order at one gradient a step, and exact in a quadratic
well; its steps share noise, for which no correction of the overshoot is known.
"""

from __future__ import annotations

from langevin.integrators.euler_maruyama import euler_maruyama
from langevin.integrators.heun import heun
from langevin.integrators.leimkuhler_matthews import leimkuhler_matthews
from langevin.types import Dynamics, Landscape


def _refusal(landscape: Landscape) -> str | None:
    if landscape.diffusion is not None:
        return f"the diffusion on {landscape.name} varies, which soft motion does not use"
    if landscape.drive is not None:
        return f"a force that varies in time acts on {landscape.name}, which soft motion does not use"
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
