"""A landscape on a mesh: loss, walls and targets at the centres, by the same kernels that the simulation runs.

The kernels run as plain Python, with one lane for each cell.
"""

from __future__ import annotations

import numpy as np

from langevin.errors import UsageError
from langevin.landscapes.evaluate import evaluate
from langevin.theory.fokker_planck.cells import BoolArray, Mesh, Where
from langevin.types import FloatArray, Landscape


def energies_on(mesh: Mesh, landscape: Landscape) -> FloatArray:
    """Loss (size,) at the centres, by the kernel of the landscape; zero inside a body with walls.

    Args:
        mesh: the cells.
        landscape: a loss or a body of the dimension of the mesh.

    Raises:
        UsageError: mesh and landscape have different dimensions, or the loss is not finite.
    """
    _check_dim(mesh, landscape)
    out, x = np.zeros(mesh.size), mesh.centres
    if landscape.value is not None:
        out = evaluate(landscape, "value", x.T)
    elif landscape.is_surface:
        out = (evaluate(landscape, "residual", x.T) ** 2).sum(axis=1) / 2
    if not np.isfinite(out).all():
        place = tuple(float(number) for number in x[:, ~np.isfinite(out)][:, 0])
        raise UsageError(
            f"the loss must be finite on the whole mesh, and is not at {place}",
            "finite values",
            "shrink the box",
        )
    return out


def targets_on(mesh: Mesh, landscape: Landscape) -> BoolArray:
    """Masks (targets, size) of the cells whose centres lie in each target of the landscape, by its kernels.

    Args:
        mesh: the cells.
        landscape: a landscape with targets.

    Raises:
        UsageError: mesh and landscape have different dimensions, or the landscape has no target.
    """
    _check_dim(mesh, landscape)
    if landscape.target is None:
        raise UsageError(
            f"{landscape.name} has no target",
            "a landscape with a target",
            "give a mask of cells, as `region` makes it",
        )
    kernels = landscape.target if isinstance(landscape.target, tuple) else (landscape.target,)
    distances = np.empty((len(kernels), mesh.size))
    for kernel, out in zip(kernels, distances):
        kernel(mesh.centres, out, landscape.parameters)
    return np.asarray(distances <= 0)


def target_on(mesh: Mesh, landscape: Landscape) -> BoolArray:
    """Mask (size,) of the cells whose centres lie in any of the landscape's targets.

    Args:
        mesh: the cells.
        landscape: a landscape with targets.

    Raises:
        UsageError: as `targets_on`.
    """
    return np.asarray(targets_on(mesh, landscape).any(axis=0))


def inside_walls(body: Landscape) -> Where:
    """Function of positions (dim, points) to a mask (points,): inside, `fold` moves no point and `walls` is <= 0.

    Args:
        body: a landscape with walls.

    Raises:
        UsageError: the landscape has neither `fold` nor `walls`.
    """
    if body.fold is None and body.walls is None:
        raise UsageError(
            f"{body.name} has no fold and no walls", "a body", "give a function of the centres for its body"
        )

    def where(x: FloatArray) -> BoolArray:
        there = np.ones(x.shape[1], bool)
        if body.fold is not None:
            folded = x.copy()
            body.fold(folded, body.parameters)
            # A mirror may have round-off; it moves points outside by much more.
            there &= np.isclose(folded, x, rtol=1e-9, atol=1e-12).all(axis=0)
        if body.walls is not None:
            there &= evaluate(body, "walls", x.T) <= 0
        return there

    return where


def _check_dim(mesh: Mesh, landscape: Landscape) -> None:
    if landscape.dim != mesh.dim:
        raise UsageError(
            f"{landscape.name} has {landscape.dim} coordinates and the mesh {mesh.dim}", "they must be equal"
        )
