"""The kernels that steps ask of a landscape, compiled into them, or one sentence why there are none."""

from __future__ import annotations

from langevin.errors import UsageError
from langevin.kernels.compile import jitable
from langevin.types import Kernel, Landscape, Manifold


def gradient_of(landscape: Landscape) -> Kernel:
    """The gradient kernel, for soft motion."""
    if landscape.gradient is None:
        raise UsageError(
            f"{landscape.name} has no loss gradient, which soft motion needs; use --dynamics reflected"
        )
    return jitable(landscape.gradient)


def fold_of(landscape: Landscape) -> Kernel:
    """The kernel of the mirror walls, for reflected motion."""
    if not isinstance(landscape, Manifold) or landscape.fold is None:
        raise UsageError(f"{landscape.name} has no walls to reflect at; use --dynamics soft or projected")
    return jitable(landscape.fold)


def target_of(landscape: Landscape) -> Kernel:
    """The kernel of the distance to the target, for steps that look ahead to it."""
    if landscape.target is None:
        raise UsageError(
            f"{landscape.name} has no target, which variable steps need; use the integrator reflected"
        )
    return jitable(landscape.target)


def constraint_of(landscape: Landscape) -> tuple[Kernel, Kernel]:
    """The kernels of the residual and its Jacobian, for projected motion."""
    if not isinstance(landscape, Manifold) or landscape.residual is None or landscape.jacobian is None:
        raise UsageError(
            f"{landscape.name} has no residual map to project on; use --dynamics soft or reflected"
        )
    return jitable(landscape.residual), jitable(landscape.jacobian)
