"""One step of a law of motion, one file each; every function returns an Integrator."""

from langevin.errors import UsageError
from langevin.integrators.euler_maruyama import euler_maruyama
from langevin.integrators.heun import heun
from langevin.integrators.label_noise import label_noise
from langevin.integrators.leimkuhler_matthews import leimkuhler_matthews
from langevin.integrators.projected import implied_measure, projected, projected_to
from langevin.integrators.reflected import reflected
from langevin.integrators.rejecting import rejecting
from langevin.integrators.variable_step import variable_step
from langevin.types import Integrator, Landscape, Manifold, Problem

__all__ = [
    "default_integrator",
    "euler_maruyama",
    "heun",
    "implied_measure",
    "label_noise",
    "leimkuhler_matthews",
    "projected",
    "projected_to",
    "reflected",
    "rejecting",
    "variable_step",
]


def default_integrator(problem: Problem) -> Integrator:
    """The integrator that serves a problem's law of motion."""
    if problem.dynamics == "soft":
        return euler_maruyama()
    if problem.dynamics == "reflected":
        return rejecting() if _only_walls(problem.landscape) else reflected()
    if problem.dynamics == "label-noise":
        return label_noise()
    if problem.dynamics == "projected":
        return projected_to(problem.measure or "surface")
    raise UsageError(
        f"dynamics must be one of soft, projected, reflected, label-noise; got {problem.dynamics!r}"
    )


def _only_walls(landscape: Landscape) -> bool:
    """Whether a body has walls, but none that mirror."""
    if not isinstance(landscape, Manifold) or landscape.walls is None:
        return False
    return landscape.fold is None and landscape.bounce is None
