"""One step of a law of motion, one file each; every function returns an Integrator."""

from langevin.errors import UsageError
from langevin.integrators.clipped import clipped
from langevin.integrators.euler_maruyama import euler_maruyama
from langevin.integrators.heavy_ball import heavy_ball
from langevin.integrators.heun import heun
from langevin.integrators.label_noise import label_noise
from langevin.integrators.leimkuhler_matthews import leimkuhler_matthews
from langevin.integrators.metropolis import metropolis
from langevin.integrators.power_law import power_law
from langevin.integrators.projected import implied_measure, projected, projected_to
from langevin.integrators.reflected import reflected
from langevin.integrators.rejecting import rejecting
from langevin.integrators.tangential import tangential
from langevin.integrators.variable_step import variable_step
from langevin.types import Integrator, Landscape, Problem

__all__ = [
    "clipped",
    "default_integrator",
    "euler_maruyama",
    "heavy_ball",
    "heun",
    "implied_measure",
    "label_noise",
    "leimkuhler_matthews",
    "metropolis",
    "power_law",
    "projected",
    "projected_to",
    "reflected",
    "rejecting",
    "tangential",
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
    if problem.dynamics == "power-law":
        return power_law()
    if problem.dynamics == "projected":
        return projected_to(problem.measure or "surface")
    raise UsageError(
        f"dynamics must be one of soft, projected, reflected, label-noise, power-law; got {problem.dynamics!r}"
    )


def _only_walls(landscape: Landscape) -> bool:
    """Whether a body has walls, but none that mirror."""
    if landscape.walls is None:
        return False
    return landscape.fold is None and landscape.bounce is None
