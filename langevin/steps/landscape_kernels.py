"""The kernels of a landscape and of its field that steps need, or a UsageError if the landscape does not have them."""

from __future__ import annotations

from langevin.errors import UsageError
from langevin.kernels.compile import jitable
from langevin.kernels.targets import nearest_target, targets_of
from langevin.types import Kernel, Landscape


def gradient_of(landscape: Landscape) -> Kernel:
    """The gradient kernel of a loss, for soft motion."""
    if landscape.gradient is None:
        other = "projected" if landscape.residual is not None else "reflected"
        raise UsageError(
            f"{landscape.name} has no loss gradient, which soft motion needs",
            "the landscape must have a gradient",
            f"use {other} motion",
        )
    return jitable(landscape.gradient)


def diffusion_of(landscape: Landscape) -> tuple[Kernel, Kernel]:
    """The kernels of a diffusion that varies, and of its gradient."""
    found = landscape.diffusion
    if found is None or found.value is None or found.gradient is None:
        raise UsageError(
            f"the diffusion on {landscape.name} is the same everywhere",
            "a landscape of langevin.potentials.with_diffusion",
            "use soft motion",
        )
    return jitable(found.value), jitable(found.gradient)


def drive_of(landscape: Landscape) -> Kernel:
    """The gradient kernel of a force that varies in time, with the time as its last coordinate."""
    if landscape.drive is None or landscape.drive.gradient is None:
        raise UsageError(
            f"no force that varies in time acts on {landscape.name}",
            "a landscape of langevin.potentials.with_drive",
            "use soft motion",
        )
    return jitable(landscape.drive.gradient)


def slope_of(landscape: Landscape) -> Kernel:
    """The gradient kernel of the loss or field in a body."""
    if landscape.gradient is None:
        raise UsageError(
            f"{landscape.name} has no force, and this step is for motion with a force",
            "it must be a body with a field or a loss",
            "use rejecting",
        )
    return jitable(landscape.gradient)


def mirror_of(landscape: Landscape) -> tuple[Kernel, bool]:
    """The kernel of the mirror walls, for reflected motion, and whether it needs the position before the step."""
    if landscape.fold is not None:
        return jitable(landscape.fold), False
    if landscape.bounce is not None:
        return jitable(landscape.bounce), True
    raise UsageError(
        f"{landscape.name} has no walls to reflect at", "it must be a body", "use soft or projected motion"
    )


def fold_of(landscape: Landscape) -> Kernel:
    """The kernel of walls that mirror a point without the position before the step, for steps of any length."""
    mirror, needs_way = mirror_of(landscape)
    if needs_way:
        raise UsageError(
            f"this step needs walls that fold, and those of {landscape.name} bounce",
            "the walls must fold",
            "use reflected",
        )
    return mirror


def walls_of(landscape: Landscape) -> Kernel:
    """The kernel of the walls, at most 0 at allowed points, for steps that are accepted or rejected."""
    if landscape.walls is None:
        raise UsageError(
            f"{landscape.name} has no `walls` that could reject a step",
            "the landscape must have `walls`",
            "use reflected",
        )
    return jitable(landscape.walls)


def body_walls_of(landscape: Landscape) -> Kernel:
    """The kernel of the walls of a body; a surface is refused, since free steps would leave it."""
    if landscape.residual is not None:
        raise UsageError(
            f"{landscape.name} is a surface, which reflected motion would leave",
            "it must be a body",
            "use projected motion",
        )
    return walls_of(landscape)


def walls_or_none(landscape: Landscape) -> Kernel:
    """The kernel of the walls, at most 0 at allowed points: at all points if the landscape has no walls."""
    if landscape.walls is not None:
        return walls_of(landscape)
    return jitable(_inside)


def _inside(x, out, parameters):
    """out = a number below 0: without walls every walker is inside."""
    for lane in range(x.shape[1]):
        out[lane] = -1.0


def target_of(landscape: Landscape) -> Kernel:
    """The kernel of the distance to the nearest target (see kernels.targets), for steps whose length depends on it."""
    targets = targets_of(landscape)
    if not targets:
        raise UsageError(
            f"{landscape.name} has no target, which variable steps need",
            "the landscape must have a target",
            "use the integrator reflected",
        )
    return jitable(nearest_target(targets))


def constraint_of(landscape: Landscape) -> tuple[Kernel, Kernel]:
    """The kernels of the residual and its Jacobian, for projected motion."""
    if landscape.residual is None or landscape.jacobian is None:
        raise UsageError(
            f"{landscape.name} has no residual map to project on",
            "it must be a surface",
            "use soft or reflected motion",
        )
    return jitable(landscape.residual), jitable(landscape.jacobian)


def open_constraint_of(landscape: Landscape) -> tuple[Kernel, Kernel]:
    """The kernels of `constraint_of`, for steps that do not check walls; a surface with walls is refused."""
    if landscape.walls is not None:
        raise UsageError(
            f"{landscape.name} has walls, which this step does not check",
            "the surface must have no walls",
            "use projected or metropolis",
        )
    return constraint_of(landscape)


def push_of(landscape: Landscape) -> Kernel | None:
    """The kernel push(x, move, slopes, dt, parameters): move -= dt grad U; None without a field.

    `slopes` (dim, lanes) is scratch.
    """
    if landscape.field is None:
        return None
    assert landscape.field.gradient
    gradient = jitable(landscape.field.gradient)

    def push(x, move, slopes, dt, parameters):
        gradient(x, slopes, parameters)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                move[i, lane] -= dt * slopes[i, lane]

    return push


def no_push(x, move, slopes, dt, parameters):
    """Do nothing: without a field a kick is noise alone."""


def rise_of(landscape: Landscape) -> Kernel | None:
    """The kernel weigh(x, ahead, again, here, there, dt, parameters) of a Metropolis step; None without a field.

    It adds 4 dt (U(ahead) - U(x)) to `again`, which is |v'|^2. So the threshold (|v'|^2 - |v|^2) / (4 theta dt) of the
    step grows by (U(ahead) - U(x)) / theta; `here` and `there` (lanes,) are scratch.
    """
    if landscape.field is None:
        return None
    assert landscape.field.value
    height = jitable(landscape.field.value)

    def weigh(x, ahead, again, here, there, dt, parameters):
        height(x, here, parameters)
        height(ahead, there, parameters)
        for lane in range(again.size):
            again[lane] += 4.0 * dt * (there[lane] - here[lane])

    return weigh


def no_rise(x, ahead, again, here, there, dt, parameters):
    """Do nothing: without a field the threshold does not change."""


def refuse_field(landscape: Landscape, step: str) -> None:
    """Refuse a field in a step that does not use it.

    Raises:
        UsageError: the landscape has a field.
    """
    if landscape.field is not None:
        raise UsageError(
            f"{landscape.name} is in a field, which {step} does not use",
            "the surface must have no field",
            "use projected or metropolis",
        )
