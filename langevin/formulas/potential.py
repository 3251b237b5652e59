"""Potentials without calculus: from an expression, or from a function in jax.numpy.

Minima of the loss, searched from random starts on many scales, give the start of walkers and the place of a target.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import unfit
from langevin.formulas.jaxprs import traced
from langevin.formulas.lines import Lines
from langevin.formulas.modules import module_of
from langevin.formulas.parsing import called, checked, expression, inputs_of, values_of
from langevin.landscapes.own import potential
from langevin.types import FloatArray, Kernel, Landscape

#: Radius of a target about another minimum, as a part of the distance between the two.
RADIUS = 0.25
#: Lengths of the starts about the origin, and starts of each length.
SCALES, STARTS = (0.1, 1.0, 3.0, 10.0), 12
#: Last Newton step of a search that has ended, and distance at which two minima are one, as parts of 1 + |place|.
ENDED, ALIKE = 1e-9, 1e-4
#: Newton steps after a descent, and digits that are kept: the last ones differ from machine to machine.
NEWTON_STEPS, DECIMALS = 3, 10
#: Curvature below which a minimum is no point but part of a floor, as a part of the largest.
FLAT = 1e-7
MOST_STEPS = 200
Loss = Callable[[FloatArray], tuple[float, FloatArray]]


def from_expression(
    text: str, *, start: ArrayLike | None = None, target: Kernel | tuple[Kernel, ...] | None = None,
    stiffness: float | None = None, name: str | None = None, **parameters: float,
) -> Landscape:  # fmt: skip
    """A potential by its formula: `from_expression("h * (x**2 - 1)**2 + 2*y**2", h=1.0)`.

    Coordinates are x, y, z or x1, x2, ...; all other names are parameters, which need values. The gradient is made by
    JAX, and both are written as kernels like those by hand. Without a start, walkers start in the deepest minimum that
    a search from random starts finds, or at the origin if it finds none; with two minima or more, the target is a ball
    about the deepest of the others, of a quarter of the distance, unless a target is given.

    Args:
        text: the formula.
        start: where all walkers start, (dim,).
        target: kernel of the signed distance to a target, negative inside, or a tuple of such kernels.
        stiffness: largest curvature of the loss; measured if absent.
        name: for tables and files; the formula if absent.
        parameters: value of each parameter.

    Raises:
        UsageError: the text is no such formula, or a parameter is missing, unknown or not finite.
    """
    read = expression(text)
    numbers = values_of(read, parameters)
    landscape = from_jax(
        lambda x, **known: read.value(x, tuple(known.values())), read.dim, start=start, target=target,
        stiffness=stiffness, name=name or read.text, **dict(zip(read.parameters, numbers, strict=True)),
    )  # fmt: skip
    return replace(landscape, dials={"expression": read.text, **landscape.dials})


def from_jax(
    function: Callable[..., Any], dim: int, *, start: ArrayLike | None = None,
    target: Kernel | tuple[Kernel, ...] | None = None, stiffness: float | None = None, name: str | None = None,
    **parameters: float,
) -> Landscape:  # fmt: skip
    """A potential by a function in jax.numpy: `from_jax(lambda x: ((x**2 - 1)**2).sum(), dim=2)`.

    The function and its gradient are traced once, and written as kernels of single numbers: a matrix product of many
    coordinates becomes as many lines. Start and target as in `from_expression`.

    Args:
        function: of x (dim,) and of the parameters by name, that returns a number.
        dim: number of coordinates.
        start: where all walkers start, (dim,).
        target: kernel of the signed distance to a target, negative inside, or a tuple of such kernels.
        stiffness: largest curvature of the loss; measured if absent.
        name: for tables and files; the name of the function if absent.
        parameters: value of each parameter, a dial of the landscape.

    Raises:
        UsageError: the function cannot be traced, returns something that is not a number, or uses what no kernel can
            contain.
    """
    if dim < 1:
        raise unfit("dim", "must be at least 1", f"{dim}")
    names, numbers = tuple(parameters), checked(parameters)
    of_place = partial(called, function, names)
    lines = Lines()
    shapes, inputs = [(dim,), *[()] * len(names)], inputs_of(lines, dim, names)
    kernels = dict(zip(("value", "gradient"), _with_gradient(of_place, lines, shapes, inputs), strict=True))
    if start is None or target is None:
        loss, hessian = _in_numbers(of_place, numbers)
        found = minima(loss, hessian, dim)
        start = place = np.asarray(
            start if start is not None else found[0] if found else np.zeros(dim), np.float64
        )
        others = [other for other in found if other.shape == place.shape and not np.allclose(other, place)]
        if target is None and others:
            radius = RADIUS * float(np.linalg.norm(others[0] - place))
            kernels["target"] = _ball(lines, inputs[0], others[0], radius)
    module = module_of(kernels, lines, dim, names)
    made = potential(
        module.value, module.gradient, dim, parameters=numbers, start=start, stiffness=stiffness,
        target=target if target is not None else getattr(module, "target", None),
        name=name or getattr(function, "__name__", "").strip("<>") or None,
    )  # fmt: skip
    return replace(made, dials=dict(zip(names, numbers, strict=True)))


def _with_gradient(function: Callable[..., Any], lines: Lines, shapes: Any, inputs: Any) -> Any:
    """Names of the value and of its gradient.

    Raises:
        UsageError: the function does not return one number.
    """
    import jax

    def both(*arguments: Any) -> Any:
        made = jax.numpy.asarray(function(*arguments))
        if made.shape != ():
            raise unfit(
                "a potential", "is a function that returns one number", f"an array of shape {made.shape}"
            )
        return jax.value_and_grad(function)(*arguments)

    return traced(both, lines, shapes, inputs)


def _in_numbers(function: Callable[..., Any], numbers: tuple[float, ...]) -> Any:
    """(place to value and gradient, place to Hessian), compiled by JAX for the search of minima."""
    import jax

    slope, curvature = jax.jit(jax.value_and_grad(function)), jax.jit(jax.hessian(function))

    def loss(place: FloatArray) -> tuple[float, FloatArray]:
        with jax.enable_x64(True):
            value, gradient = slope(place, *numbers)
        return float(value), np.asarray(gradient, np.float64)

    def hessian(place: FloatArray) -> FloatArray:
        with jax.enable_x64(True):
            return np.asarray(curvature(place, *numbers), np.float64)

    return loss, hessian


def _ball(lines: Lines, x: Any, centre: FloatArray, radius: float) -> Any:
    """The signed distance to a ball."""
    square: Any = 0.0
    for i, place in enumerate(centre):
        gap = lines.apply("sub", x[i], float(place))
        square = square + gap * gap
    return lines.apply("sub", lines.apply("sqrt", square), radius)


def minima(loss: Loss, hessian: Callable[[FloatArray], FloatArray], dim: int) -> list[FloatArray]:
    """Places (dim,) of isolated minima, the deepest first. Minima of equal depth are sorted by their coordinates.

    A search from random starts may miss some minima. A loss with a flat floor has none. A loss
    that falls without bound has none.

    Args:
        loss: place to (value, gradient).
        hessian: place to the Hessian (dim, dim).
        dim: number of coordinates.
    """
    random = np.random.default_rng(0)
    found: list[tuple[float, FloatArray]] = []
    for scale in SCALES:
        for start in scale * random.standard_normal((STARTS, dim)):
            place = _isolated(loss, hessian, start)
            if place is not None and all(
                np.abs(place - other).max() > ALIKE * _size(place) for _, other in found
            ):
                found.append((loss(place)[0], place))
    depth = 1.0 + max((abs(value) for value, _ in found), default=0.0)
    found.sort(key=lambda one: (round(one[0] / (ALIKE * depth)), *np.round(one[1], 4)))
    return [place for _, place in found]


def _isolated(
    loss: Loss, hessian: Callable[[FloatArray], FloatArray], start: FloatArray
) -> FloatArray | None:
    """The minimum that a descent from a start ends in, None if it ends in none or on a floor of minima."""
    from scipy.optimize import minimize

    with np.errstate(all="ignore"):
        place = minimize(loss, start, jac=True, method="BFGS", options={"maxiter": MOST_STEPS}).x
        for _ in range(NEWTON_STEPS):
            curvature = hessian(place) if np.isfinite(place).all() else np.full((1, 1), np.nan)
            if not np.isfinite(curvature).all():
                return None
            values = np.linalg.eigvalsh(curvature)
            if not values[0] > FLAT * values[-1] > 0.0:
                return None
            step = np.linalg.solve(curvature, loss(place)[1])
            place = place - step
    ended = np.abs(step).max() <= ENDED * _size(place)
    return np.round(place, DECIMALS) + 0.0 if ended else None  # + 0.0: no minus zero


def _size(place: FloatArray) -> float:
    return 1.0 + float(np.abs(place).max())
