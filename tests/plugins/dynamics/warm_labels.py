"""Label noise, with thermal noise of half its strength along the set."""

from dataclasses import replace

from langevin.integrators import power_law
from langevin.types import Dynamics


def _refusal(landscape):
    if landscape.is_surface and landscape.walls is None:
        return None
    return f"{landscape.name} is no surface without walls"


warm_labels = Dynamics(
    name="warm-labels",
    summary="Descent with noise on the labels and thermal noise along the zero-loss set.",
    refusal=_refusal,
    integrator=lambda landscape, measure: replace(
        power_law(1.0, 0.5), name="warm labels", dynamics="warm-labels"
    ),
    descends=lambda landscape: True,
)
