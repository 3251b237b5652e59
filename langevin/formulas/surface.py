"""Zero-loss surfaces without calculus: from equations, or from a residual map in jax.numpy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import NumericalError, UsageError, unfit
from langevin.formulas.jaxprs import traced
from langevin.formulas.lines import Lines
from langevin.formulas.modules import module_of
from langevin.formulas.parsing import Expression, called, checked, expression, inputs_of, values_of
from langevin.landscapes.own import constraint
from langevin.types import FloatArray, Kernel, Landscape

#: Random starts of the search for a point of the surface, and the residual at which it is found.
SEARCHES, FOUND = 50, 1e-12


def from_expression(
    *texts: str, start: ArrayLike | None = None, target: Kernel | tuple[Kernel, ...] | None = None,
    walls: Kernel | None = None, name: str | None = None, **parameters: float,
) -> Landscape:  # fmt: skip
    """The surface on which formulas are zero: `from_expression("x**2/a**2 + y**2 - 1", a=2.0)`.

    One equation each, with coordinates x, y, z or x1, x2, ...; all other names are parameters, which need values. The
    Jacobian is made by JAX. Without a start, walkers start at a point that a search from random starts finds.

    Args:
        texts: the left sides of the equations.
        start: a point of the surface, (dim,), where all walkers start.
        target: kernel of the signed distance to a target, negative inside, or a tuple of such kernels.
        walls: kernel that is at most 0 at allowed points.
        name: for tables and files; the formulas if absent.
        parameters: value of each parameter.

    Raises:
        UsageError: a text is no such formula, a parameter is missing, unknown or not finite, or the start is off the
            surface.
        NumericalError: no point of the surface was found.
    """
    read = [expression(text) for text in texts]
    if not read:
        raise UsageError(
            "a surface needs an equation", "one formula or more", 'give one, such as "x**2 + y**2 - 1"'
        )
    joined = Expression(
        "; ".join(one.text for one in read), max(one.dim for one in read),
        tuple(sorted({name for one in read for name in one.parameters})), read[0].value,
    )  # fmt: skip
    numbers = values_of(joined, parameters)

    def residual(x: Any, **known: Any) -> Any:
        import jax.numpy as jnp

        return jnp.stack([one.value(x, [known[name] for name in one.parameters]) for one in read])

    landscape = from_jax(
        residual, joined.dim, start=start, target=target, walls=walls, name=name or joined.text,
        **dict(zip(joined.parameters, numbers, strict=True)),
    )  # fmt: skip
    return replace(landscape, dials={"expression": joined.text, **landscape.dials})


def from_jax(
    residual: Callable[..., Any], dim: int, *, start: ArrayLike | None = None,
    target: Kernel | tuple[Kernel, ...] | None = None, walls: Kernel | None = None, name: str | None = None,
    **parameters: float,
) -> Landscape:  # fmt: skip
    """The surface {r(x) = 0} of a residual map in jax.numpy, with the loss |r|^2 / 2.

    The map and its Jacobian are traced once, and written as kernels of single numbers.

    Args:
        residual: of x (dim,) and of the parameters by name, that returns (codim,) or, for one equation, a number.
        dim: number of coordinates.
        start: a point of the surface, (dim,), where all walkers start; searched for if absent.
        target: kernel of the signed distance to a target, negative inside, or a tuple of such kernels.
        walls: kernel that is at most 0 at allowed points.
        name: for tables and files; the name of the function if absent.
        parameters: value of each parameter, a dial of the landscape.

    Raises:
        UsageError: the function cannot be traced, returns another shape, uses what no kernel is written of, or the
            start is off the surface.
        NumericalError: no point of the surface was found.
    """
    import jax

    if dim < 1:
        raise unfit("dim", "must be at least 1", f"{dim}")
    names, numbers = tuple(parameters), checked(parameters)

    def rows(*arguments: Any) -> Any:
        return jax.numpy.atleast_1d(called(residual, names, *arguments))

    lines = Lines()
    equations, jacobian = traced(
        lambda *arguments: (rows(*arguments), jax.jacrev(rows)(*arguments)), lines, [(dim,), *[()] * len(names)],
        inputs_of(lines, dim, names),
    )  # fmt: skip
    if equations.ndim != 1:
        raise unfit("a residual map", "returns (codim,)", f"an array of shape {equations.shape}")
    module = module_of({"residual": equations, "jacobian": jacobian}, lines, dim, names)
    if start is None:
        start = _point(jax.jit(rows), numbers, dim)
    made = constraint(
        module.residual, module.jacobian, dim, len(equations), start=start, parameters=numbers, target=target,
        walls=walls, name=name or getattr(residual, "__name__", "").strip("<>") or None,
    )  # fmt: skip
    return replace(made, dials=dict(zip(names, numbers, strict=True)))


def _point(rows: Callable[..., Any], numbers: Sequence[float], dim: int) -> FloatArray:
    """A point of the surface, by least squares from random starts.

    Raises:
        NumericalError: none was found.
    """
    import jax
    from scipy.optimize import least_squares

    random = np.random.default_rng(0)

    def in_numbers(place: FloatArray) -> FloatArray:
        with jax.enable_x64(True):
            return np.asarray(rows(place, *numbers), np.float64)

    for _ in range(SEARCHES):
        first = random.standard_normal(dim)
        if not np.isfinite(in_numbers(first)).all():
            continue
        with np.errstate(all="ignore"):
            found = least_squares(in_numbers, first, xtol=1e-15, ftol=1e-15, gtol=1e-15)
        if np.abs(found.fun).max() < FOUND and np.isfinite(found.x).all():
            return np.asarray(found.x, np.float64)
    raise NumericalError(
        f"no point of the surface was found from {SEARCHES} random starts",
        "equations that have a common solution",
        "give a point of it as start",
    )
