"""Tests of the contracts of a landscape's kernels, in plain Python: for `langevin check`, and before every run."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from langevin.errors import UsageError
from langevin.kernels.passed import has_passed, mark_passed, trial_name
from langevin.kernels.targets import targets_of
from langevin.landscapes.derivatives import Values, first_fault, first_jump
from langevin.landscapes.evaluate import SHAPES
from langevin.landscapes.move_contracts import bounces, folds, keeps_tangent, returns, start_within
from langevin.landscapes.starts import Cloud, cloud_about, place_text
from langevin.landscapes.target_contract import is_distance
from langevin.landscapes.trial import result_of, values
from langevin.types import FloatArray, Kernel, Landscape

#: Number of points between two readings of the clock, and of points at which two forms of one number are compared.
BATCH, COMPARED = 16, 12
#: Allowed difference of two forms of one number, relative to their terms, and to their largest term in the cloud.
UNLIKE, ROUND_OFF = 1e-6, 1e-12
#: Number of starts at which shapes are tested.
LEAST = 3
#: Distance of the points of the first test of derivatives, over the size of the starts, and its limit of clock time.
NEAR, SECONDS = 0.1, 0.04


class Finding(NamedTuple):
    """The test of one contract: whether it passed, what was seen, and if it failed, how to correct the landscape."""

    name: str
    passed: bool
    detail: str
    remedy: str = "correct the kernel, which `langevin check` tries alone"


def refuse_broken(landscape: Landscape, found: Finding) -> None:
    """Refuse a landscape for a contract that it breaks.

    Raises:
        UsageError: the contract is broken.
    """
    if not found.passed:
        raise UsageError(
            f"{landscape.name} breaks the contract {found.name!r}: {found.detail}",
            "kernels must agree with each other and with finite differences",
            found.remedy,
        )


def check_shapes(landscape: Landscape) -> None:
    """Refuse kernels that do not fill `out` correctly at the usual start, before any other code calls them.

    Raises:
        UsageError: a kernel is wrong; the message names the first one.
    """
    states = np.ascontiguousarray(_usual_starts(landscape).T)
    fits = _fits(_kernels(landscape), landscape, states, -np.inf)
    if not fits.passed:
        raise UsageError(
            fits.detail, "kernels must fill all of `out` and nothing else", "`langevin check` tries it alone"
        )


def check_slopes(landscape: Landscape) -> None:
    """Refuse derivatives that are wrong near the usual start, before a theory uses them.

    A theory of a surface with a wrong Jacobian searches for a long time, or fails for a reason that misleads.

    Raises:
        UsageError: a derivative is wrong; the message names the first one.
    """
    name = trial_name("slopes", landscape.dim, landscape.codim, _kernels(landscape), landscape.parameters)
    if has_passed(name):
        return
    states = _usual_starts(landscape)
    near = NEAR * (float(np.abs(states).max()) or 1.0)
    cloud = _within(landscape, cloud_about(landscape, states, 0.0, near, near, descends=False))
    for found in _derivatives(landscape, cloud, time.thread_time() + SECONDS):
        refuse_broken(landscape, found)
    mark_passed(name)


def findings(
    landscape: Landscape,
    cloud: Cloud,
    seconds: float = np.inf,
    seed: int = 0,
    further: Mapping[str, Kernel | None] | None = None,
) -> Iterator[Finding]:
    """Test every contract of a landscape's kernels, one after the other.

    If the time runs out, the last contracts are tested at fewer points.

    Args:
        landscape: any landscape.
        cloud: points near its starts.
        seconds: limit of the clock time; each contract is always tested at one batch of points.
        seed: the seed of the paths that are mirrored at the walls.
        further: other kernels of signed distances, by name.
    """
    deadline = time.thread_time() + seconds
    kernels = _kernels(landscape) | {name: (kernel, ()) for name, kernel in (further or {}).items() if kernel}
    fits = _fits(kernels, landscape, cloud.points, time.thread_time() + 0.3 * seconds)
    yield fits
    if not fits.passed:
        return
    if landscape.fold:
        yield Finding(*folds(landscape, landscape.fold, cloud))
    if landscape.bounce:
        yield from (Finding(*found) for found in bounces(landscape, landscape.bounce, seed))
    if landscape.walls:
        yield Finding(*start_within(landscape, landscape.walls))
    inner = _within(landscape, cloud)
    yield from _derivatives(landscape, inner, deadline)
    if landscape.residual and landscape.jacobian:
        if landscape.gradient:
            yield _gradient_of_squares(landscape, inner)
        if landscape.value:
            yield _half_square(landscape, inner)
        if landscape.retract:
            yield Finding(*returns(landscape, landscape.retract, cloud))
        if landscape.tangent:
            yield Finding(*keeps_tangent(landscape, landscape.tangent))
    for name, target in _targets(landscape).items():
        yield Finding(name, *is_distance(landscape, target, cloud.points, deadline))


def _usual_starts(landscape: Landscape) -> FloatArray:
    """A few starts (walkers, dim) at temperature 0."""
    uniforms = np.random.default_rng(0).uniform(0.2, 0.8, (LEAST, landscape.dim))
    return landscape.start(uniforms, 0.0)


def _derivatives(landscape: Landscape, cloud: Cloud, deadline: float) -> Iterator[Finding]:
    """Compare the derivatives of the landscape and of its parts with differences."""
    if landscape.residual and landscape.jacobian:
        yield _slopes(landscape, "Jacobian of the residual", cloud, deadline)
    elif landscape.value and landscape.gradient:
        yield _slopes(landscape, "gradient of the value", cloud, deadline)
    for name, part, points in _parts(landscape, cloud):
        yield _slopes(part, f"gradient of the {name}", points, deadline)


def _parts(landscape: Landscape, cloud: Cloud) -> Iterator[tuple[str, Landscape, Cloud]]:
    """The landscapes that act in addition, by name, each with the points at which it is tested."""
    if landscape.field:
        yield "field", landscape.field, cloud
    if landscape.diffusion:
        yield "diffusion", landscape.diffusion, cloud
    if landscape.drive:
        yield "drive", landscape.drive, _in_time(cloud)


def _in_time(cloud: Cloud) -> Cloud:
    """The cloud with one coordinate more, times between 0 and 1."""
    times = np.linspace(0.0, 1.0, cloud.points.shape[1])[None]
    return cloud._replace(points=np.concatenate([cloud.points, times]))


def _kernels(landscape: Landscape) -> dict[str, tuple[Kernel, tuple[int, ...]]]:
    """The kernels that compute numbers at a point, each with the shape of these numbers, by name."""
    known = {name: (getattr(landscape, name), shape(landscape)) for name, shape in SHAPES.items()}
    known |= {name: (target, ()) for name, target in _targets(landscape).items()}
    for word, part in (("field", landscape.field), ("diffusion", landscape.diffusion)):
        own = {name: (getattr(part, name), SHAPES[name](landscape)) for name in ("value", "gradient") if part}
        known |= {f"{name} of the {word}": item for name, item in own.items()}
    return {name: (kernel, shape) for name, (kernel, shape) in known.items() if kernel is not None}


def _targets(landscape: Landscape) -> dict[str, Kernel]:
    """The targets by name."""
    targets = targets_of(landscape)
    names = ["target"] if len(targets) == 1 else [f"target {place}" for place in range(len(targets))]
    return dict(zip(names, targets, strict=True))


def _fits(
    kernels: Mapping[str, tuple[Kernel, tuple[int, ...]]],
    landscape: Landscape,
    points: FloatArray,
    deadline: float,
) -> Finding:
    """Whether every kernel fills all of `out`, and nothing else."""
    for first in range(0, points.shape[1], BATCH):
        # the first point of every batch is a start: every kernel must be defined there
        batch = points[:, first : first + BATCH]
        batch = np.concatenate([points[:, :1], batch], axis=1)
        for name, (kernel, shape) in kernels.items():
            try:
                result_of(landscape.name, name, kernel, batch, shape, landscape.parameters, first == 0)
            except UsageError as error:
                return Finding("shapes", False, str(error))
        if time.thread_time() > deadline:
            break
    return Finding("shapes", True, f"{', '.join(kernels) or 'no kernel'} fill all of `out` and nothing else")


def _within(landscape: Landscape, cloud: Cloud) -> Cloud:
    """The points of a cloud at which walkers can be: all points; in a body, the points between its walls."""
    points = cloud.points
    if landscape.walls is None:
        if landscape.fold is not None:
            points = points.copy()
            landscape.fold(points, landscape.parameters)
        return cloud._replace(points=points)
    inside = _between_walls(landscape, points)
    return cloud._replace(points=points[:, inside], distances=cloud.distances[inside])


def _between_walls(
    landscape: Landscape, points: FloatArray
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Which points (dim, lanes) lie between the walls; all points if there are no walls."""
    if landscape.walls is None:
        return np.ones(points.shape[1], np.bool_)
    inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = (
        values(landscape.walls, points, (), landscape.parameters) <= 0.0
    )
    return inside


def _slopes(landscape: Landscape, name: str, cloud: Cloud, deadline: float) -> Finding:
    """Compare derivatives of the residual, or of the value, with differences."""
    of_residual = landscape.residual is not None
    function = landscape.residual or landscape.value
    slopes = landscape.jacobian if of_residual else landscape.gradient
    shape = (landscape.codim,) if of_residual else (1,)
    assert function and slopes

    def of(kernel: Kernel, inner: tuple[int, ...], whole: tuple[int, ...]) -> Values:
        return lambda x: values(kernel, x, inner, landscape.parameters).reshape(*whole, x.shape[1])

    outer = shape if of_residual else ()
    both = of(function, outer, shape), of(slopes, (*outer, landscape.dim), (*shape, landscape.dim))
    fault = first_fault(*both, cloud.points, cloud.distances, deadline)
    if fault is None:
        jump = first_jump(*both, cloud.points, deadline)
        if jump is None or not _between_walls(landscape, jump.place[:, None])[0]:
            return Finding(name, True, "agrees with differences")
        what = f"component ({jump.row}) of the residual" if of_residual else "the value"
        detail = (
            f"{what} jumps by {abs(jump.height):.6g} at x = {place_text(jump.place)}: its derivatives do not show the "
            "jump, so the walkers would not feel it"
        )
        return Finding(name, False, detail, "make it continuous, for instance by a slope of finite width")
    entry = ", ".join([str(fault.row)] * of_residual + [str(fault.coordinate)])
    where = "the slope along a random direction" if fault.coordinate is None else f"component ({entry})"
    place = place_text(fault.place)
    detail = f"{where} is {fault.given:.6g} at x = {place}, and differences give {fault.numeric:.6g}"
    return Finding(name, False, detail)


def _gradient_of_squares(landscape: Landscape, cloud: Cloud) -> Finding:
    """Whether the gradient of a surface's loss |r|^2 / 2 is J^T r, with that of its field."""
    assert landscape.residual and landscape.jacobian and landscape.gradient
    x = cloud.points[:, 1 : 1 + COMPARED]
    r = values(landscape.residual, x, (landscape.codim,), landscape.parameters)
    J = values(landscape.jacobian, x, (landscape.codim, landscape.dim), landscape.parameters)
    given = values(landscape.gradient, x, (landscape.dim,), landscape.parameters)
    more = _of_field(landscape, "gradient", x)
    derived, terms = np.einsum("ail,al->il", J, r) + more, np.einsum("ail,al->il", abs(J), abs(r)) + abs(more)
    return _same("gradient as J^T r", given, derived, terms)


def _half_square(landscape: Landscape, cloud: Cloud) -> Finding:
    """Whether the value of a surface's loss is |r|^2 / 2, with that of its field."""
    assert landscape.residual and landscape.value
    x = cloud.points[:, 1 : 1 + COMPARED]
    loss = 0.5 * (values(landscape.residual, x, (landscape.codim,), landscape.parameters) ** 2).sum(axis=0)
    more = _of_field(landscape, "value", x)
    given = values(landscape.value, x, (), landscape.parameters)
    return _same("value as |r|^2 / 2", given[None], (loss + more)[None], (loss + abs(more))[None])


def _of_field(landscape: Landscape, kernel: str, x: FloatArray) -> FloatArray:
    """Value (points,) or gradient (dim, points) of the field at x (dim, points); 0 without one."""
    field = landscape.field
    if field is None:
        return np.zeros(1)
    return values(getattr(field, kernel), x, SHAPES[kernel](field), field.parameters)


def _same(name: str, given: FloatArray, derived: FloatArray, terms: FloatArray) -> Finding:
    """Whether two forms of the same numbers (rows, points) agree, relative to the sum of the sizes of their terms."""
    with np.errstate(all="ignore"):
        known = np.isfinite(given) & np.isfinite(derived)
        largest = np.max(terms, initial=0.0, where=known)
        error = np.where(known, np.abs(given - derived) - UNLIKE * terms - ROUND_OFF * largest, 0.0)
    if not (error > 0.0).any():
        return Finding(name, True, "agrees with the residual")
    row, lane = np.unravel_index(int(error.argmax()), error.shape)
    detail = f"component ({row}) is {given[row, lane]:.6g}, and that of |r|^2 / 2 is {derived[row, lane]:.6g}"
    return Finding(name, False, detail)
