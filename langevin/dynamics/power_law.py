"""Power-law noise: descent with noise across the surface that is a power of its stiffness, and heat along it."""

from __future__ import annotations

from langevin.dynamics.label_noise import refusal_of_noise_across
from langevin.integrators.power_law import power_law as noisy
from langevin.types import Dynamics

power_law = Dynamics(
    name="power-law",
    summary="Descent with noise across the set that grows as a power of its stiffness, and thermal noise along it.",
    refusal=refusal_of_noise_across,
    integrator=lambda landscape, measure: noisy(),
    descends=lambda landscape: True,
    questions=("law of uneven noise",),
)
