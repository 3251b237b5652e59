"""One step of a law of motion, one file each; every function returns an Integrator."""

from langevin.errors import UsageError
from langevin.integrators.euler_maruyama import euler_maruyama
from langevin.integrators.reflected import reflected
from langevin.types import Integrator, Problem

__all__ = ["default_integrator", "euler_maruyama", "reflected"]


def default_integrator(problem: Problem) -> Integrator:
    """The integrator that serves a problem's law of motion."""
    if problem.dynamics == "soft":
        return euler_maruyama()
    if problem.dynamics == "reflected":
        return reflected()
    raise UsageError(f"dynamics must be one of soft, projected, reflected; got {problem.dynamics!r}")
