"""Label noise: descent on a squared loss whose labels carry fresh noise at every step."""

from __future__ import annotations

from langevin.integrators.label_noise import label_noise as noisy_labels
from langevin.types import Dynamics, Landscape


def refusal_of_noise_across(landscape: Landscape) -> str | None:
    """Why noise that comes with the equations of a surface cannot move walkers on this landscape."""
    if not landscape.is_surface:
        return f"{landscape.name} has no residual map, whose labels could be noisy"
    if landscape.walls is not None:
        return f"{landscape.name} has walls, which this motion does not check"
    if landscape.field is not None:
        return f"{landscape.name} is in a field, which this motion does not use"
    return None


label_noise = Dynamics(
    name="label-noise",
    summary="Descent with fresh noise on the labels; walkers drift along the set to the least trace of the Hessian.",
    refusal=refusal_of_noise_across,
    integrator=lambda landscape, measure: noisy_labels(),
    descends=lambda landscape: True,
)
