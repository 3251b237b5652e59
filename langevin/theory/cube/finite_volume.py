"""The exact mean first-passage time of Kozyrev's cube at finite eps, by finite volumes lumped by permutation.

The n free coordinates are exchangeable, so a cell of the n-dimensional box is determined by its sorted tuple of
one-dimensional cells: C(m+n-1, n) unknowns instead of m^n. Cells grow with their distance from the target, so that a
small target is also resolved.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import NumericalError
from langevin.one_thread import one_thread
from langevin.theory.cube.closed_forms import capacity_time, check_cube
from langevin.types import FloatArray, Prediction

#: Largest number of unknowns, and of cells along one coordinate: under two seconds for n = 1 to 8.
MOST_UNKNOWNS = 100_000
MOST_CELLS = 120
#: No refinement beyond this number of cells: the remainder is then 1e-5 of the value.
ENOUGH_CELLS = 64
MOST_FREE = 8
#: Smallest capacity eps^(n - 2): below it the time is so long that round-off decides it.
LEAST_CAPACITY = 1e-9
#: Smallest ratio of cells inside the target to cells outside; for a small target the outer cells grow with distance.
LEAST_INSIDE = 1 / 3
#: The remainder is at least this fraction of the change from the finest mesh to the limit. Against finer
#: meshes (n = 2 to 6) and walks on spheres (n up to 8) the error stayed below it.
SAFETY = 0.04
#: Largest number of unknowns of the coarse mesh of the preconditioner.
MOST_COARSE = 500
#: Residual of the conjugate gradients over the load. The mean time is the energy of the solution, so its relative error
#: is about the square of this.
TOLERANCE = 1e-5
#: Out of range if the remainder over the value is larger than this.
LARGEST_REMAINDER = 0.1


def mesh_time(free: int, inside: int, outside: int, fraction: float) -> float:
    """Mean time on one mesh, L = theta = 1, from a uniform start on the box, including the target, where T = 0.

    Args:
        free: number n of free coordinates.
        inside: number of cells of one axis on [0, eps].
        outside: number of cells of one axis on [eps, 1].
        fraction: eps, side of the target over the side L of the box.

    Raises:
        NumericalError: the conjugate gradients did not converge.
    """
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import LinearOperator, cg

    matrix, volumes = lumped_system(free, inside, outside, fraction)
    scale = 1 / np.sqrt(matrix.diagonal())
    scaling = diags_array(scale)
    scaled = scaling @ matrix @ scaling
    load = volumes * scale
    with one_thread():
        coarse = coarse_solver(free, inside, outside, scaled, 1 / scale)
        both = LinearOperator(scaled.shape, matvec=lambda rest: rest + coarse(rest))
        solution, failed = cg(scaled, load, x0=coarse(load), rtol=TOLERANCE, M=both)
    if failed:
        raise NumericalError(
            f"the cube's finite volumes did not converge for {free} free coordinates, fraction {fraction}",
            remedy="take a fraction nearer to 1/4",
        )
    return float(load @ solution)


def coarse_solver(
    free: int, inside: int, outside: int, scaled: Any, flat: FloatArray
) -> Callable[[FloatArray], FloatArray]:
    """The best approximation of a solution that is constant in each cell of a coarse mesh, times `flat`.

    Added to Jacobi's preconditioner it needs a quarter of the iterations (two levels, piecewise constant; Vanek, Mandel
    and Brezina 1996).

    Args:
        free: number of free coordinates.
        inside: number of cells across the target.
        outside: number of cells beyond it.
        scaled: the matrix (unknowns, unknowns), with 1 on the diagonal.
        flat: what a constant T is in the unknowns, (unknowns,).
    """
    from scipy.sparse import csr_array

    cells, every = inside + outside, math.gcd(inside, outside)
    divisors = [one for one in range(1, every + 1) if every % one == 0]
    width = next((one for one in divisors if comb(cells // one + free - 1, free) <= MOST_COARSE), every)
    rows = sorted_cells(free, cells)[comb(inside + free - 1, free) :] // width
    ranks = sum(
        np.array([comb(c + slot, slot + 1) for c in range(cells)])[rows[:, slot]] for slot in range(free)
    )
    _, place = np.unique(ranks, return_inverse=True)
    spread = csr_array((flat, (np.arange(flat.size), place)))
    gather = spread.T.tocsr()
    inverse = np.linalg.inv((gather @ scaled @ spread).toarray())
    return lambda load: np.asarray(spread @ (inverse @ (gather @ load)))


def base_mesh(free: int, fraction: float) -> tuple[int, int, int]:
    """Coarsest mesh (inside, outside) with nearly equal cells, and the largest factor to refine it by.

    A target below a quarter of the side gets a quarter of the cells. The factor is at least 3, because the
    extrapolation needs three meshes. So in many dimensions the numbers of cells are only close to these rules.

    Args:
        free: number n of free coordinates.
        fraction: eps, side of the target over the side L of the box.
    """
    most = max(m for m in range(2, MOST_CELLS + 1) if comb(m + free - 1, free) <= MOST_UNKNOWNS)
    wanted = max(LEAST_INSIDE, fraction / (1 - fraction))

    def mismatch(mesh: tuple[int, int]) -> tuple[float, int]:
        inside, outside = mesh
        return round(abs(math.log(wanted * outside / inside)), 2), inside + outside

    meshes = [(i, total - i) for total in range(2, most // 3 + 1) for i in range(1, total)]
    inside, outside = min(meshes, key=mismatch)
    return inside, outside, max(3, min(most, ENOUGH_CELLS) // (inside + outside))


def extrapolate(factors: list[int], times: FloatArray, exponents: list[float]) -> float:
    """Limit of infinite refinement of times = T + sum_j c_j factor^-exponent_j, solved exactly.

    Args:
        factors: refinements of the meshes, one more than exponents.
        times: times on these meshes, (meshes,).
        exponents: exponents of the terms of the error, in ascending order.
    """
    columns = [np.asarray(factors, float) ** -exponent for exponent in [0.0, *exponents]]
    return float(np.linalg.solve(np.column_stack(columns), times)[0])


@functools.cache
def unit_time(free: int, fraction: float) -> Prediction:
    """Mean first-passage time for L = theta = 1 and 2 to 8 free coordinates, extrapolated from three meshes.

    Near the re-entrant edges of the target T ~ r^(2/3), so the error has terms h^(4/3) and h^2. The logarithm of T is
    extrapolated, because the effects of the edges multiply. The remainder is the largest of three numbers: the distance
    to the same extrapolation of T itself; the distance of the latter to the two-mesh extrapolation; and 4 % of the
    change from the finest mesh to the limit. If the target is so small that round-off would decide, the value is nan
    and out of range.

    Args:
        free: number n of free coordinates, from 2 to 8.
        fraction: eps, side of the target over the side L of the box.
    """
    if fraction ** (free - 2) < LEAST_CAPACITY:
        return Prediction(math.nan, in_range=False)
    inside, outside, finest = base_mesh(free, fraction)
    factors = [finest // 2, 3 * finest // 4, finest]
    times = np.array([mesh_time(free, inside * r, outside * r, fraction) for r in factors])
    value = math.exp(extrapolate(factors, np.log(times), [4 / 3, 2]))
    linear = extrapolate(factors, times, [4 / 3, 2])
    two_meshes = extrapolate(factors[1:], times[1:], [4 / 3])
    remainder = max(abs(value - linear), abs(linear - two_meshes), SAFETY * abs(times[-1] - value))
    fine = bool(remainder <= LARGEST_REMAINDER * value)
    return Prediction(float(value), float(remainder), in_range=fine)


def reference_time(free: int, side: float, fraction: float, temperature: float) -> Prediction:
    """Mean first-passage time to the corner cube from a uniform start: theta Laplacian T = -1.

    n = 0: zero. n = 1: the closed form. n = 2 to 8: lumped finite volumes with the measured bound of `unit_time`, in
    range if it is below 10 %. n > 8, or too small a fraction: nan, out of range.

    Args:
        free: number n of free coordinates.
        side: L.
        fraction: eps.
        temperature: theta.
    """
    check_cube(free, side, fraction, temperature)
    if free == 0:
        return Prediction(0.0)
    if free == 1:
        return capacity_time(1, side, fraction, temperature)
    if free > MOST_FREE:
        return Prediction(math.nan, in_range=False)
    unit, scale = unit_time(int(free), float(fraction)), side**2 / temperature
    return Prediction(unit.value * scale, unit.remainder * scale, unit.in_range)


def sorted_cells(free: int, cells: int) -> NDArray[np.int16]:
    """All sorted tuples of `free` cells out of `cells`, shape (C(cells+free-1, free), free).

    The order is by the largest entry first (colexicographic): the row of a tuple a is sum_i C(a_i + i, i + 1), and the
    tuples of only the lowest cells come first.

    Args:
        free: number of entries of a tuple.
        cells: number of cells of one axis.
    """
    rows = np.zeros((1, 0), np.int16)
    for slot in range(free):
        starts = [rows[: comb(last + slot, slot)] for last in range(cells)]
        lasts = np.repeat(np.arange(cells, dtype=np.int16), [len(start) for start in starts])
        rows = np.column_stack([np.concatenate(starts), lasts])
    return rows


def run_lengths(rows: NDArray[np.int16]) -> NDArray[np.int64]:
    """Position of every entry in its run of equal entries, counted from 1, shape of `rows`."""
    runs = np.ones(rows.shape, np.int64)
    for slot in range(1, rows.shape[1]):
        runs[:, slot] = np.where(rows[:, slot] == rows[:, slot - 1], runs[:, slot - 1] + 1, 1)
    return runs


def cell_widths(inside: int, outside: int, fraction: float) -> FloatArray:
    """Widths (inside + outside,) of `inside` equal cells on [0, eps] and of `outside` cells on [eps, 1].

    Outside, faces lie at eps + (1 - eps) (e^(b u) - 1) / (e^b - 1) for equally spaced u, with b >= 0 such that the map
    begins with the density of the inside cells, or b = 0 if cells are then wide enough: the positive root of
    b / (e^b - 1) = ratio, which is -ratio - W(-ratio e^-ratio) on the lower branch of Lambert's function. A refinement
    of both numbers keeps the map.

    Args:
        inside: number of cells of one axis on [0, eps].
        outside: number of cells of one axis on [eps, 1].
        fraction: eps, side of the target over the side L of the box.
    """
    from scipy.special import lambertw

    ratio = fraction * outside / ((1 - fraction) * inside)
    equal = np.arange(outside + 1) / outside
    growth = -ratio - lambertw(-ratio * math.exp(-ratio), -1).real if ratio < 1 - 1e-6 else 0.0
    places = np.expm1(growth * equal) / math.expm1(growth) if growth else equal
    return np.concatenate([np.full(inside, fraction / inside), (1 - fraction) * np.diff(places)])


def lumped_system(free: int, inside: int, outside: int, fraction: float) -> tuple[Any, FloatArray]:
    """Finite volumes for -Laplacian T = 1 in the unit box, mirror walls, T = 0 on [0, eps]^n.

    `inside` cells span [0, eps], `outside` cells [eps, 1], as in `cell_widths`. The faces of the target lie half a cell
    from the neighbouring centre.

    Args:
        free: number n of free coordinates.
        inside: number of cells of one axis on [0, eps].
        outside: number of cells of one axis on [eps, 1].
        fraction: eps, side of the target over the side L of the box.

    Returns:
        The symmetric matrix (unknowns, unknowns) in CSR form and the volume of each unknown (unknowns,),
        such that matrix @ T = volumes; the volumes add up to 1 - eps^n.
    """
    from scipy.sparse import coo_array

    cells = inside + outside
    widths = cell_widths(inside, outside, fraction)
    distances = (widths[1:] + widths[:-1]) / 2
    rows = sorted_cells(free, cells)
    runs = run_lengths(rows)
    # Orderings of the tuple, n! / prod(run!), times the product of its widths.
    volumes = np.prod([(slot + 1) * widths[rows[:, slot]] / runs[:, slot] for slot in range(free)], axis=0)
    target = comb(inside + free - 1, free)

    lower_ends, upper_ends, conductances = [], [], []
    for slot in range(free):
        # Only the last entry of a run may increase; otherwise the tuple would not stay sorted.
        movable = rows[:, slot] < (rows[:, slot + 1] if slot + 1 < free else cells - 1)
        low = np.flatnonzero(movable)
        entry = rows[low, slot]
        high = low + np.array([comb(cell + slot, slot) for cell in range(cells)])[entry]
        distance = np.where((low < target) & (high >= target), widths[inside] / 2, distances[entry])
        kept = high >= target
        lower_ends.append(low[kept])
        upper_ends.append(high[kept])
        conductances.append((volumes[low] * runs[low, slot] / (widths[entry] * distance))[kept])
    low, high, conductance = map(np.concatenate, (lower_ends, upper_ends, conductances))
    diagonal = np.bincount(low, conductance, len(rows)) + np.bincount(high, conductance, len(rows))

    between = low >= target
    size = len(rows) - target
    low, high, conductance = (
        (low[between] - target).astype(np.int32),
        (high[between] - target).astype(np.int32),
        conductance[between],
    )
    itself = np.arange(size, dtype=np.int32)
    entries = np.concatenate([-conductance, -conductance, diagonal[target:]])
    places = (np.concatenate([low, high, itself]), np.concatenate([high, low, itself]))
    return coo_array((entries, places), shape=(size, size)).tocsr(), volumes[target:]
