"""The kernels of a landscape tried before a run: a wrong derivative walks as well as a right one, to another law."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping

import numpy as np

from langevin.dynamics import dynamics_of
from langevin.errors import UsageError
from langevin.kernels.fingerprint import Unhashable, fingerprint
from langevin.kernels.targets import targets_of
from langevin.landscapes.cloud import cloud_about
from langevin.landscapes.contracts import findings, place_text
from langevin.landscapes.singular import singular_point
from langevin.types import FloatArray, Kernel, Landscape, Problem


class SingularPointWarning(UserWarning):
    """A surface crosses itself, or has a tip, near the start."""


#: Time that a trial takes at most, but for the least that is tried of each kernel.
SECONDS = 0.04
#: How far from its start a walker comes, in standard deviations of free diffusion, and the least number of steps that
#: it may take: kernels that have passed are not tried again for a longer run.
DEVIATIONS, LEAST_STEPS = 4.0, 10_000
#: A point on a surface is sought no farther away than so many times the size of the start.
ABOUT = 2.0
#: Spread of the cloud of gradient flow over the size of the start.
TRIED = 0.1
#: Hashes of the kernels and parameters that have passed, in this process.
_passed: set[str] = set()


def check_kernels(
    problem: Problem,
    dt: float,
    steps: int,
    states: FloatArray,
    beside: Mapping[str, Kernel | None] | None = None,
) -> None:
    """Try a landscape's kernels about the starts, states (walkers, dim); those that have passed are not tried again.

    Args:
        problem: of the run.
        dt: its largest step.
        steps: how many.
        states: where walkers start.
        beside: kernels of the signed distances to other sets than the landscape's targets, by name.

    Raises:
        UsageError: a contract of `landscapes.contracts` that one of them breaks.
    """
    landscape = problem.landscape
    key = _key(landscape, beside or {})
    if key in _passed:
        return
    descends = dynamics_of(problem.dynamics).descends(landscape)
    size = float(np.linalg.norm(states[0]))
    heat = problem.temperature or _heat_of_flow(landscape, size)
    kick = math.sqrt(2.0 * heat * dt)
    farthest = DEVIATIONS * kick * math.sqrt(max(steps, LEAST_STEPS)) + (size if descends else 0.0)
    if landscape.is_surface and size > 0.0:
        farthest = min(farthest, ABOUT * size)
    cloud = cloud_about(landscape, states, heat, kick, farthest, descends)
    for found in findings(landscape, cloud, SECONDS, beside=beside):
        if not found.passed:
            raise UsageError(
                f"{landscape.name} breaks the contract {found.name!r}: {found.detail}; mend the kernel, which "
                "`langevin check` tries alone"
            )
    if dynamics_of(problem.dynamics).cold:
        _warn_of_singular_points(landscape, states[0], farthest)
    if key:
        _passed.add(key)


def _heat_of_flow(landscape: Landscape, size: float) -> float:
    """The temperature of a cloud for gradient flow, which has none: its spread is a tenth of the start's size."""
    curvature = landscape.stiffness(0.0)
    return (TRIED * (size or 1.0)) ** 2 * (curvature if 0.0 < curvature < math.inf else 1.0)


def _warn_of_singular_points(landscape: Landscape, start: FloatArray, reach: float) -> None:
    """Tell of a point within reach at which a surface has no tangent plane."""
    found = singular_point(landscape, start, reach)
    if found is not None:
        place = place_text(np.round(found / reach, 3) * reach + 0.0)
        warnings.warn(
            f"{landscape.name} has a singular point at about {place}, where its equations depend on one another: no "
            "law of diffusion is known there, and what a walker does depends on dt; leave it out by `walls`",
            SingularPointWarning,
            stacklevel=4,
        )


def _key(landscape: Landscape, beside: Mapping[str, Kernel | None]) -> str | None:
    kernels = (
        landscape.value, landscape.gradient, landscape.residual, landscape.jacobian, landscape.fold, landscape.bounce,
        landscape.walls, landscape.retract, *targets_of(landscape),
        *beside.values(),
    )  # fmt: skip
    try:
        return fingerprint(
            landscape.dim, landscape.codim, landscape.retract_rows, kernels, landscape.parameters
        )[0]
    except Unhashable:
        return None
