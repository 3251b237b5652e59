"""Laws of motion, one record a file: what each needs of a landscape, and the step that serves it by default."""

from __future__ import annotations

from langevin import registry
from langevin.errors import UsageError, unfit
from langevin.types import Dynamics, Integrator, Landscape, Problem


def dynamics_of(name: str) -> Dynamics:
    """The law of motion of this name.

    Raises:
        UsageError: there is none; the message lists those that there are.
    """
    if not isinstance(name, str):
        raise unfit(
            "a law of motion",
            "is a name, as 'soft' or 'projected'",
            f"{name!r}",
            "see `langevin list dynamics`",
        )
    found = registry.entry("dynamics", name)
    if not isinstance(found, Dynamics):
        raise UsageError(
            f"{name} is not a law of motion, but something of type {type(found).__name__}",
            "it must be a langevin.types.Dynamics",
            "give a record of it, or a name of `langevin list dynamics`",
        )
    return found


def default_integrator(problem: Problem) -> Integrator:
    """The step that serves a problem's law of motion.

    Raises:
        UsageError: a law that is not known, or that the landscape refuses.
    """
    return dynamics_of(problem.dynamics).integrator(problem.landscape, problem.measure)


def refusal_of(dynamics: Dynamics, landscape: Landscape) -> str | None:
    """One sentence on why the landscape cannot be walked in this way, and how it can be; None if it can be.

    Args:
        dynamics: law of motion.
        landscape: to walk on.
    """
    reason = dynamics.refusal(landscape)
    if reason is None:
        return None
    others = [law.name for law in registry.entries("dynamics").values() if law.refusal(landscape) is None]
    return (
        f"{reason}; its dynamics may be {' or '.join(others)}"
        if others
        else f"{reason}, nor has any other law"
    )


def refusal_of_cold(dynamics: Dynamics, landscape: Landscape) -> UsageError:
    """The error of temperature 0 for a law of motion that goes down no loss on this landscape.

    Args:
        dynamics: law of motion.
        landscape: to walk on.
    """
    soft = dynamics_of("soft")
    way = (
        f", or take the dynamics {soft.name}, which goes down its loss"
        if soft.refusal(landscape) is None
        else ""
    )
    return UsageError(
        f"temperature 0 is gradient flow down a loss, and {dynamics.name} motion on {landscape.name} goes down none",
        "the temperature must be above 0",
        f"give one above 0{way}",
    )


def usual_dynamics(landscape: Landscape) -> Dynamics:
    """The law of motion that is taken if none is named: the first that the landscape allows, by their ranks.

    On a surface in a field it is one that keeps to the surface, whose stationary distribution is known.
    """
    laws: list[Dynamics] = list(registry.entries("dynamics").values())
    if landscape.field is not None:
        laws = [law for law in laws if law.cold or landscape.is_body]
    ranked = sorted((law for law in laws if law.rank is not None), key=lambda law: law.rank or 0)
    return next((law for law in ranked if law.refusal(landscape) is None), ranked[0])
