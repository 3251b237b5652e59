"""Retraction to orthonormal columns along the normals X S, S symmetric, in p x p matrices.

With A the antisymmetric part of X^T W for a move W, and Y = X + W - X (X^T W - A), the point Y + X S has orthonormal
columns where

    Y^T Y - 1 + 2 S + S A - A S + S^2 = 0,

a Riccati equation (the orthographic retraction of Absil and Malick 2012). Its fixed-point form, S = (1 - Y^T Y) / 2 -
sym(S (2 A + S)) / 2, converges to the root with 1 + S > 1/2: no direction may turn by more than 60 degrees in a step.
For rotations 1 + S = (1 + A^2)^(1/2) commutes with A (Cardoso and Leite 2003), so the terms with A cancel and are left
out. This iteration converges up to a right angle; with the allowed number of iterations it reaches 80 degrees.

Matrices are stored in rows (n p, lanes), one row of the matrix after another.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.lane_matrices import add_dot
from langevin.types import Status

FAILED = int(Status.PROJECTION_FAILED)
MAX_ITERATIONS = 200
ROUND_OFF = float(np.finfo(np.float64).eps)


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
