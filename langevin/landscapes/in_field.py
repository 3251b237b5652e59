"""A field on a surface or in a body: the force -grad U of a potential acts in addition to the constraint.

This module makes the landscape in a field and its factory, and reads the field from its name and its dials.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np

from langevin.errors import UsageError
from langevin.kernels.compile import jitable
from langevin.landscapes.composed import of_first, of_second, targets_of_first
from langevin.landscapes.evaluate import evaluate
from langevin.landscapes.field_stiffness import stiffness_on
from langevin.registry import dials as dials_of
from langevin.types import Box, Facts, FloatArray, Kernel, Landscape, Moment

#: Text between the name of a landscape and the name of its field.
IN_FIELD = " in the field "
#: Prefix of the names of a field's dials among all dials: no dial of a factory has a space in its name.
FIELD_DIAL = "field "


def with_field(manifold: Landscape, potential: Landscape) -> Landscape:
    """The surface or body with the force -grad U of a potential U on its walkers.

    Projected motion is then dX = -P grad U dt + sqrt(2 theta) P dW and the terms of curvature, with P the projection on
    the tangent space. Its stationary density is exp(-U / theta) times that of the same step without the field.
    Reflected motion is dX = -grad U dt + sqrt(2 theta) dW between the walls, with the density exp(-U / theta). Soft
    motion on a surface moves in the loss |r|^2 / 2 + U. (G. Ciccotti, T. Lelievre and E. Vanden-Eijnden, Comm. Pure
    Appl. Math. 61 (2008) 371.)

    Kernels of the result take the parameters (those of the manifold, those of the potential). Start, walls and targets
    are those of the manifold. Of its facts remain those that do not depend on the law.

    Args:
        manifold: a surface, or a body without a loss.
        potential: U, a loss of the same dimension with a value and a gradient.

    Raises:
        UsageError: one of them is not a landscape of this kind, or their dimensions differ.
    """
    _check(manifold, potential)
    value, gradient = (of_second(kernel) for kernel in (potential.value, potential.gradient))
    parts = {name: of_first(getattr(manifold, name)) for name in ("residual", "jacobian", "walls")}
    parameters = (manifold.parameters, potential.parameters)
    dials = {f"{FIELD_DIAL}{name}": number for name, number in potential.dials.items()}
    field = replace(
        potential, parameters=parameters, value=value, gradient=gradient, target=None, start=manifold.start
    )
    made = replace(
        manifold,
        name=f"{manifold.name}{IN_FIELD}{potential.name}",
        parameters=parameters,
        **parts,
        value=_values(manifold.value, potential.value) if manifold.is_surface else value,
        gradient=_gradients(manifold.gradient, potential.gradient) if manifold.is_surface else gradient,
        fold=_fold(manifold.fold),
        bounce=_bounce(manifold.bounce),
        retract=_retract(manifold.retract),
        tangent=_tangent(manifold.tangent),
        target=targets_of_first(manifold),
        dials={**manifold.dials, **dials},
    )
    held = replace(field, stiffness=lambda temperature: stiffness_on(made, field, temperature))
    return replace(
        made,
        field=held,
        stiffness=_stiffness(manifold, potential, held),
        facts=_facts(manifold, potential, held),
    )


def _check(manifold: Landscape, potential: Landscape) -> None:
    if not (manifold.is_surface or manifold.is_body):
        raise UsageError(
            f"{manifold.name} is a loss, in which its own force acts already",
            "a field must act on a surface or in a body",
            "add both losses in one value and one gradient",
        )
    if manifold.field is not None:
        raise UsageError(
            f"{manifold.name} has a field already",
            "one field",
            "add both potentials in one value and one gradient",
        )
    if manifold.is_body and manifold.gradient is not None:
        raise UsageError(
            f"the body {manifold.name} has a loss already",
            "a field in a body without a loss",
            "add the field to its value and gradient",
        )
    if potential.is_surface or potential.is_body or potential.value is None or potential.gradient is None:
        raise UsageError(
            f"{potential.name} is no potential that could be a field",
            "a loss with a value and a gradient, and no residual or walls",
            "name one of `langevin list potentials`, or make one by langevin.potentials.potential",
        )
    if potential.dim != manifold.dim:
        raise UsageError(
            f"the field {potential.name} has {potential.dim} coordinates, and {manifold.name} has {manifold.dim}",
            "both must have the same number",
            "take a field with the dimension of the set",
        )


def _stiffness(manifold: Landscape, potential: Landscape, field: Landscape) -> Callable[[float], float]:
    """Largest curvature: of |r|^2 / 2 + U at a surface, and of U in a body."""
    if not manifold.is_surface:
        return field.stiffness
    return lambda temperature: manifold.stiffness(temperature) + potential.stiffness(temperature)


def _facts(manifold: Landscape, potential: Landscape, field: Landscape) -> Facts:
    """The facts that hold in the field too: functions without their means, lengths, and a box."""
    known, corner = manifold.facts, manifold.facts.corner
    box = known.box
    if corner is not None:
        sides = [corner.side * (corner.fraction if i < corner.samples else 1.0) for i in range(corner.dim)]
        box = Box((0.0,) * corner.dim, tuple(sides), filled=True)

    def height(states: FloatArray) -> FloatArray:
        return evaluate(field, "value", states)

    return Facts(
        moments=(Moment("U", height), *(Moment(moment.name, moment.function) for moment in known.moments)),
        box=box,
        target_width=known.target_width,
        radius=known.radius,
        slope=potential.facts.slope,
    )


def _values(first: Kernel | None, second: Kernel | None) -> Any:
    """The value of both losses; None if there is no first one."""
    if first is None or second is None:
        return None
    one, other = jitable(first), jitable(second)

    def value(x, out, parameters):
        more = np.empty(x.shape[1])
        one(x, out, parameters[0])
        other(x, more, parameters[1])
        for lane in range(x.shape[1]):
            out[lane] += more[lane]

    return value


def _gradients(first: Kernel | None, second: Kernel | None) -> Any:
    """The gradient of both losses; None if there is no first one."""
    if first is None or second is None:
        return None
    one, other = jitable(first), jitable(second)

    def gradient(x, out, parameters):
        more = np.empty((x.shape[0], x.shape[1]))
        one(x, out, parameters[0])
        other(x, more, parameters[1])
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                out[i, lane] += more[i, lane]

    return gradient


def _fold(kernel: Kernel | None) -> Any:
    if kernel is None:
        return None
    inner = jitable(kernel)

    def fold(x, parameters):
        inner(x, parameters[0])

    return fold


def _bounce(kernel: Kernel | None) -> Any:
    if kernel is None:
        return None
    inner = jitable(kernel)

    def bounce(x, before, parameters):
        inner(x, before, parameters[0])

    return bounce


def _retract(kernel: Kernel | None) -> Any:
    if kernel is None:
        return None
    inner = jitable(kernel)

    def retract(x, move, scratch, status, parameters):
        inner(x, move, scratch, status, parameters[0])

    return retract


def _tangent(kernel: Kernel | None) -> Any:
    if kernel is None:
        return None
    inner = jitable(kernel)

    def tangent(x, move, scratch, parameters):
        inner(x, move, scratch, parameters[0])

    return tangent


def factory_in_field(
    make: Callable[..., Landscape], field: Callable[..., Landscape], field_dials: Mapping[str, Any]
) -> Callable[..., Landscape]:
    """The factory of a landscape in a field: its dials are those of the landscape.

    Args:
        make: factory of the surface or body.
        field: factory of the potential.
        field_dials: its arguments; if it has a dial `dim` that is not among them, it gets that of the landscape.
    """

    @wraps(make)
    def made(**dials: Any) -> Landscape:
        manifold = make(**dials)
        room = {"dim": manifold.dim} if "dim" in dials_of(field) else {}
        return with_field(manifold, field(**{**room, **field_dials}))

    made.field = field  # type: ignore[attr-defined]
    return made


def field_of(make: Callable[..., Any]) -> Callable[..., Landscape] | None:
    """The factory of the field of `factory_in_field`; None for another factory."""
    found: Callable[..., Landscape] | None = getattr(make, "field", None)
    return found


def split_name(name: str) -> tuple[str, str]:
    """The name of a landscape without its field, and that of the field; empty if there is none."""
    inner, _, field = name.partition(IN_FIELD)
    return inner, field


def split_dials(dials: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Dials of the landscape, and of its field."""
    own = {name: value for name, value in dials.items() if not name.startswith(FIELD_DIAL)}
    return own, {name[len(FIELD_DIAL) :]: value for name, value in dials.items() if name not in own}
