"""The way back to orthonormal columns along the normals X S, S symmetric, in p x p matrices.

With A the antisymmetric part of X^T W for a move W, and Y = X + W - X (X^T W - A), the point Y + X S has orthonormal
columns where

    Y^T Y - 1 + 2 S + S A - A S + S^2 = 0,

a Riccati equation (the orthographic retraction of Absil and Malick 2012, section 4.4; for rotations
1 + S = (1 + A^2)^(1/2), Cardoso and Leite 2003). Its fixed-point form, S = (1 - Y^T Y) / 2 - sym(S (2 A + S)) / 2,
converges to the root with 1 + S > 1/2: no direction may turn by more than 60 degrees in a step.

Matrices stand in rows (n p, lanes), one row of the matrix after another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.lane_dot import add_dot
from langevin.types import Status

FAILED = int(Status.PROJECTION_FAILED)
MAX_ITERATIONS = 200
ROUND_OFF = float(np.finfo(np.float64).eps)


def retract(x: Any, move: Any, scratch: Any, status: Any, parameters: Any) -> None:
    """X <- Y + X S, in the notation above; scratch (5 p^2 + 2, lanes)."""
    _, columns = parameters
    size = columns * columns
    half, turn, root = scratch[0:size], scratch[size : 2 * size], scratch[2 * size : 3 * size]
    leaning, product = scratch[3 * size : 4 * size], scratch[4 * size : 5 * size]
    busy, change = scratch[5 * size], scratch[5 * size + 1]
    transposed_product(x, move, turn, columns)
    for a in range(columns):
        for b in range(a + 1):
            one, two = a * columns + b, b * columns + a
            for lane in range(x.shape[1]):
                even = -0.5 * (turn[one, lane] + turn[two, lane])
                odd = turn[one, lane] - turn[two, lane]
                turn[one, lane], turn[two, lane] = odd, -odd
                root[one, lane], root[two, lane] = even, even
    add_product(move, x, root, columns)
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            move[i, lane] += x[i, lane]
    transposed_product(move, move, half, columns)
    for a in range(columns):
        for b in range(columns):
            row = a * columns + b
            for lane in range(x.shape[1]):
                half[row, lane] = 0.5 * ((1.0 if a == b else 0.0) - half[row, lane])
                root[row, lane] = half[row, lane]
    for lane in range(busy.size):
        busy[lane] = 1.0 if status[lane] == 0 else 0.0
    for _ in range(MAX_ITERATIONS):
        for row in range(size):
            for lane in range(x.shape[1]):
                leaning[row, lane] = turn[row, lane] + root[row, lane]
        symmetric_product(root, leaning, product, columns)
        if improve(root, half, product, busy, change) == 0:
            break
    add_product(move, x, root, columns)
    for lane in range(busy.size):
        if busy[lane] > 0.0:
            status[lane] = FAILED
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            x[i, lane] = move[i, lane] if busy[lane] == 0.0 else x[i, lane]


@register_jitable
def improve(root, half, product, busy, change):
    """S <- half - product / 4 in busy lanes; a lane where that changes no digit is busy no more. Count the busy."""
    for lane in range(busy.size):
        change[lane] = 0.0
    for row in range(root.shape[0]):
        for lane in range(busy.size):
            better = half[row, lane] - 0.25 * product[row, lane]
            change[lane] += (better - root[row, lane]) ** 2
            root[row, lane] = better if busy[lane] > 0.0 else root[row, lane]
    left = 0
    for lane in range(busy.size):
        busy[lane] = busy[lane] if not change[lane] <= ROUND_OFF * ROUND_OFF else 0.0
        left += busy[lane] > 0.0
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
