"""Stiefel manifold: p orthonormal columns in R^n, X^T X = 1, and the retraction to it along its normals.

The normals are X S, S symmetric, in p x p matrices. With A the antisymmetric part of X^T W for a move W, and Y = X + W
- X (X^T W - A), the point Y + X S has orthonormal columns where

    Y^T Y - 1 + 2 S + S A - A S + S^2 = 0,

a Riccati equation (the orthographic retraction of Absil and Malick 2012). Its fixed-point form, S = (1 - Y^T Y) / 2 -
sym(S (2 A + S)) / 2, converges to the root with 1 + S > 1/2: no direction may turn by more than 60 degrees in a step.
For rotations 1 + S = (1 + A^2)^(1/2) commutes with A (Cardoso and Leite 2003), so the terms with A cancel and are left
out. This iteration converges up to a right angle; with the allowed number of iterations it reaches 80 degrees.

Matrices are stored in rows (n p, lanes), one row of the matrix after another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numba.extending import register_jitable

from langevin.errors import unfit
from langevin.kernels.lane_matrices import add_dot
from langevin.landscapes.closed_forms import log_area, power_of
from langevin.landscapes.composed import gradient_of, value_of
from langevin.landscapes.starts import all_at
from langevin.types import Facts, Landscape, Moment, Status

FAILED = int(Status.PROJECTION_FAILED)
MAX_ITERATIONS = 200
ROUND_OFF = float(np.finfo(np.float64).eps)


def stiefel(rows: int = 4, columns: int = 2, stiffness: float = 100.0) -> Landscape:
    """V(n, p) in the coordinates X by rows: p (p + 1) / 2 equations, loss k |X^T X - 1|^2 / 8 (Frobenius norm).

    The residuals are sqrt(k) (X^T X - 1)_aa / 2, and sqrt(k) (X^T X - 1)_ab / sqrt(2) for a < b, so J J^T = k on the
    set, and the distributions `surface` and `gibbs` are both uniform. The metric is that of the ambient space, tr dX^T
    dX. Walkers start at the first p columns of the identity. With n = rows and p = columns, E X(t) decays with the rate
    (2 n - p - 1) / 2 at temperature 1, half the sum of normal curvatures. Under both distributions E X_11^2 = 1 / n
    and, for p > 1, E X_11^2 X_22^2 = (n + 1) / ((n - 1) n (n + 2)) (Collins and Sniady 2006). For the area see
    log_volume.

    Args:
        rows: n.
        columns: p, below n; for p = n see special_orthogonal.
        stiffness: k, the normal curvature of the loss.
    """
    if not 1 <= columns < rows or not 0.0 < stiffness < math.inf:
        raise unfit(
            "stiefel",
            "needs 1 <= columns < rows and stiffness > 0",
            f"rows={rows}, columns={columns}, stiffness={stiffness}",
            "for columns = rows use special_orthogonal",
        )
    moments = [Moment("X_11^2", power_of(0, 2), surface=1.0 / rows, gibbs=1.0 / rows)]
    if columns > 1:
        product = (rows + 1.0) / ((rows - 1.0) * rows * (rows + 2.0))
        moments += [
            Moment(
                "X_11^2 X_22^2",
                lambda states: (states[:, 0] * states[:, columns + 1]) ** 2,
                surface=product,
                gibbs=product,
            )
        ]
    dials = {"rows": rows, "columns": columns, "stiffness": stiffness}
    return orthonormal("stiefel", rows, columns, stiffness, dials, moments)


def orthonormal(
    name: str, rows: int, columns: int, stiffness: float, dials: Mapping[str, Any], moments: Sequence[Moment]
) -> Landscape:
    """The manifold of p orthonormal columns, with the start at the first columns of the identity, and given moments."""
    codim = columns * (columns + 1) // 2
    return Landscape(
        name=name,
        dim=rows * columns,
        codim=codim,
        parameters=(math.sqrt(stiffness), columns),
        start=all_at(np.eye(rows, columns).ravel()),
        stiffness=lambda temperature: (
            stiffness + 1.5 * math.sqrt(80.0 * temperature * stiffness)
        ),  # one column is too long, at f = 10 theta
        residual=residual,
        jacobian=jacobian,
        value=value_of(residual, codim),
        gradient=gradient_of(residual, jacobian, codim),
        retract=retract,
        tangent=tangent,
        retract_rows=5 * columns * columns + 2,
        samples=codim,
        dials=dials,
        facts=Facts(
            moments=tuple(moments),
            log_volume=log_volume(rows, columns),
            decay=0.5 * (2 * rows - columns - 1),
        ),
    )


def log_volume(rows: int, columns: int) -> float:
    """Log of 2^(p(p-1)/4) times the product of the areas of the unit spheres in R^n ... R^(n-p+1), without R^1.

    (Muirhead 1982, theorem 2.1.15.) The factor comes from the metric, sqrt(2) for each pair of columns. The unit sphere
    in R^1 has two points, one for each sign of the determinant.
    """
    areas = sum(log_area(dim) for dim in range(max(2, rows - columns + 1), rows + 1))
    return areas + 0.25 * columns * (columns - 1) * math.log(2.0)


def residual(x, out, parameters):
    """sqrt(k) (X^T X - 1)_ab / 2 on the diagonal, / sqrt(2) above, by rows of the upper triangle."""
    root, columns = parameters
    row = 0
    for a in range(columns):
        for b in range(a, columns):
            factor = 0.5 * root if a == b else root * np.sqrt(0.5)
            for lane in range(x.shape[1]):
                out[row, lane] = -factor if a == b else 0.0
            for i in range(0, x.shape[0], columns):
                for lane in range(x.shape[1]):
                    out[row, lane] += factor * x[i + a, lane] * x[i + b, lane]
            row += 1


def jacobian(x, out, parameters):
    """The derivative of residual (a, b) is its factor times X_ib with respect to X_ia, and times X_ia for X_ib."""
    root, columns = parameters
    row = 0
    for a in range(columns):
        for b in range(a, columns):
            factor = root if a == b else root * np.sqrt(0.5)
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    out[row, i, lane] = 0.0
            for i in range(0, x.shape[0], columns):
                for lane in range(x.shape[1]):
                    out[row, i + a, lane] = factor * x[i + b, lane]
                    out[row, i + b, lane] = factor * x[i + a, lane]
            row += 1


def retract(x, move, scratch, status, parameters):
    """X <- Y + X S, in the notation above; scratch (5 p^2 + 2, lanes)."""
    _, columns = parameters
    size = columns * columns
    half, turn, root = scratch[0:size], scratch[size : 2 * size], scratch[2 * size : 3 * size]
    leaning, product = scratch[3 * size : 4 * size], scratch[4 * size : 5 * size]
    busy, change = scratch[5 * size], scratch[5 * size + 1]
    transposed_product(x, move, turn, columns)
    split_parts(turn, root, columns)
    add_product(move, x, root, columns)
    sum_rows(move, x, move)
    if x.shape[0] == size:
        clear(turn)
    transposed_product(move, move, half, columns)
    lack_of_one(half, root, columns)
    for lane in range(busy.size):
        busy[lane] = 1.0 if status[lane] == 0 else 0.0
    for _ in range(MAX_ITERATIONS):
        sum_rows(turn, root, leaning)
        symmetric_product(root, leaning, product, columns)
        if improve(root, half, product, busy, change) == 0:
            break
    add_product(move, x, root, columns)
    for lane in range(busy.size):
        status[lane] = FAILED if busy[lane] != 0.0 else status[lane]
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            x[i, lane] = move[i, lane] if status[lane] == 0 else x[i, lane]


def tangent(x, move, scratch, parameters):
    """W <- W - X (X^T W + W^T X) / 2; scratch as in `retract`."""
    _, columns = parameters
    size = columns * columns
    turn, even = scratch[0:size], scratch[size : 2 * size]
    transposed_product(x, move, turn, columns)
    split_parts(turn, even, columns)
    add_product(move, x, even, columns)


@register_jitable
def split_parts(matrix, even, columns):
    """even = -(M + M^T) / 2, and M <- M - M^T."""
    for a in range(columns):
        for b in range(a + 1):
            one, two = a * columns + b, b * columns + a
            for lane in range(matrix.shape[1]):
                first, second = matrix[one, lane], matrix[two, lane]
                even[one, lane] = even[two, lane] = -0.5 * (first + second)
                matrix[one, lane], matrix[two, lane] = first - second, second - first


@register_jitable
def lack_of_one(matrix, copy, columns):
    """M <- (1 - M) / 2, and a copy of it."""
    for row in range(matrix.shape[0]):
        diagonal = 1.0 if row % (columns + 1) == 0 else 0.0
        for lane in range(matrix.shape[1]):
            matrix[row, lane] = 0.5 * (diagonal - matrix[row, lane])
            copy[row, lane] = matrix[row, lane]


@register_jitable
def clear(out):
    """out = 0."""
    for row in range(out.shape[0]):
        for lane in range(out.shape[1]):
            out[row, lane] = 0.0


@register_jitable
def sum_rows(one, two, out):
    """out = one + two."""
    for row in range(out.shape[0]):
        for lane in range(out.shape[1]):
            out[row, lane] = one[row, lane] + two[row, lane]


@register_jitable
def improve(root, half, product, busy, change):
    """S <- half - product / 4 in busy lanes; return the number of lanes that stay busy.

    A lane in which S changes by no digit is finished, 0. A lane in which S changes by more than the distance between
    roots has failed, -1.
    """
    for lane in range(busy.size):
        change[lane] = 0.0
    for row in range(root.shape[0]):
        for lane in range(busy.size):
            better = half[row, lane] - 0.25 * product[row, lane] if busy[lane] > 0.0 else root[row, lane]
            change[lane] += (better - root[row, lane]) * (better - root[row, lane])
            root[row, lane] = better
    left = 0
    for lane in range(busy.size):
        if busy[lane] > 0.0:
            if change[lane] <= ROUND_OFF * ROUND_OFF:
                busy[lane] = 0.0
            elif not change[lane] <= root.shape[0]:
                busy[lane] = -1.0
            else:
                left += 1
    return left


@register_jitable
def symmetric_product(left, right, out, columns):
    """out = left right + (left right)^T; all p x p, left symmetric."""
    for a in range(columns):
        for b in range(a + 1):
            row = out[a * columns + b]
            for lane in range(row.size):
                row[lane] = 0.0
            add_dot(row, left, a * columns, 1, right, b, columns, columns)
            add_dot(row, left, b * columns, 1, right, a, columns, columns)
            for lane in range(row.size):
                out[b * columns + a, lane] = row[lane]


@register_jitable
def transposed_product(left, right, out, columns):
    """out (p x p) = left^T right; both n x p."""
    for a in range(columns):
        for b in range(columns):
            row = out[a * columns + b]
            for lane in range(row.size):
                row[lane] = 0.0
            add_dot(row, left, a, columns, right, b, columns, left.shape[0] // columns)


@register_jitable
def add_product(out, left, right, columns):
    """out (n x p) += left (n x p) right (p x p)."""
    for i in range(0, left.shape[0], columns):
        for b in range(columns):
            add_dot(out[i + b], left, i, 1, right, b, columns, columns)
