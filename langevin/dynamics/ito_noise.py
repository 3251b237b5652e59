"""Noise that varies without the mobility: dX = -grad f dt + sqrt(2 theta D) dW in Ito form, as the noise of SGD."""

from __future__ import annotations

from langevin.dynamics.mobility import refusal_of_varying_diffusion
from langevin.integrators.ito_noise import ito_noise as step
from langevin.types import Dynamics

ito_noise = Dynamics(
    name="ito-noise",
    summary="Langevin motion with noise that depends on the place; walkers stay longer where it is small.",
    refusal=refusal_of_varying_diffusion,
    integrator=lambda landscape, measure: step(),
    descends=lambda landscape: True,
)
