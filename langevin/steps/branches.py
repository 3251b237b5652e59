"""Detect steps on a surface that have jumped: a path on the surface from x in the direction of y does not lead to y.

On one branch the chord y - x is nearly tangent to the surface at both ends, and its middle is near the surface, if the
surface turns little between them. If it turns more, which is so for few steps, a path on the surface is followed from
x, always downhill in the distance from y, by moves of a part of the chord: it reaches y, or it ends elsewhere. So a
step across a thin part of the surface, to a side that is not near along the surface, counts as a jump too.
"""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from langevin.kernels.compile import jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.lane_matrices import add_squares_and_dot, gram, solve_lanes, subtract_rows
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import constraint_of
from langevin.steps.newton_retraction import square_norms
from langevin.steps.normal_vectors import keep_tangent
from langevin.types import Kernel, Landscape, Rows

#: Largest sine of the angle between chord and tangent plane, and largest distance of the middle from the surface over
#: the chord, at which a step is not a jump: on a circle a step reaches them if it turns by 45 and by 27 degrees.
STEEP, ASIDE = 0.38, 0.06
#: Longest move of the path to y over the chord, largest number of moves, Newton steps after each, and the distance from
#: y, over the chord, within which the path has reached y.
MOVE, MOVES, CORRECTIONS, REACHED = 0.125, 40, 2, 1e-3


def branch_rows(landscape: Landscape) -> Rows:
    """The scratch rows of `jumps_of`."""
    dim = landscape.dim
    return Rows(place=dim, way=dim, chord=(), size=(), left=())


@register_jitable
def _suspect(slopes, way, residuals, size, along, chord, suspect):
    """Mark lanes in `suspect` whose chord is steep to the tangent plane, or has its middle far from the surface.

    `slopes` (m, dim, lanes) is the Jacobian at one end of the chord `way` (dim, lanes); `residuals` (m, lanes) are
    those of its middle. `chord` becomes |way|^2; size and along are scratch.
    """
    for a in range(slopes.shape[0]):
        for lane in range(suspect.size):
            size[lane] = along[lane] = chord[lane] = 0.0
        add_squares_and_dot(size, along, chord, slopes[a], way)
        for lane in range(suspect.size):
            square = size[lane] * chord[lane]
            flat = along[lane] ** 2 <= STEEP * STEEP * square
            near = residuals[a, lane] ** 2 <= ASIDE * ASIDE * square
            suspect[lane] = suspect[lane] if flat and near else 1.0


def jumps_of(landscape: Landscape) -> Kernel:
    """The kernel jumped(x, y, normals, current, matrix, weights, rows, jumps, parameters): jumps (lanes,) = 1.0 or 0.0.

    `normals` is J(x) and `current` J(y); matrix and weights are scratch, and so are `rows`, those of `branch_rows`.
    `current` is overwritten.
    """
    residual, jacobian = constraint_of(landscape)
    views = views_of(branch_rows(landscape))

    def follow(z, y, current, way, chord, size, left, suspect, matrix, weights, parameters):
        """Move z towards y, and clear `suspect` for the lanes that reach it."""
        dim, lanes = z.shape
        for _ in range(MOVES):
            jacobian(z, current, parameters)
            for i in range(dim):
                for lane in range(lanes):
                    way[i, lane] = y[i, lane] - z[i, lane]
            keep_tangent(way, current, matrix, weights)
            for lane in range(lanes):
                size[lane] = 0.0
            for i in range(dim):
                for lane in range(lanes):
                    size[lane] += way[i, lane] ** 2
            for lane in range(lanes):
                longest = MOVE * MOVE * chord[lane]
                size[lane] = np.sqrt(longest / size[lane]) if size[lane] > longest else 1.0
            for i in range(dim):
                for lane in range(lanes):
                    z[i, lane] += size[lane] * way[i, lane]
            for _ in range(CORRECTIONS):
                residual(z, weights, parameters)
                jacobian(z, current, parameters)
                gram(current, current, matrix)
                solve_lanes(matrix, weights)
                subtract_rows(z, current, weights)
            square_norms(z, y, left)
            going = 0
            for lane in range(lanes):
                reached = left[lane] <= REACHED * REACHED * chord[lane]
                suspect[lane] = 0.0 if reached else suspect[lane]
                going += suspect[lane] > 0.0
            if going == 0:
                break

    follow = jitable(follow)

    def jumped(x, y, normals, current, matrix, weights, rows, jumps, parameters):
        dim, lanes = x.shape
        place, way, chord, size, left = views(rows)
        for lane in range(lanes):
            jumps[lane] = 0.0
        for i in range(dim):
            for lane in range(lanes):
                place[i, lane] = 0.5 * (x[i, lane] + y[i, lane])
                way[i, lane] = y[i, lane] - x[i, lane]
        residual(place, weights, parameters)
        _suspect(normals, way, weights, size, left, chord, jumps)
        _suspect(current, way, weights, size, left, chord, jumps)
        suspects = 0
        for lane in range(lanes):
            suspects += jumps[lane] > 0.0
        if suspects > 0:
            copy_rows(place, x)
            follow(place, y, current, way, chord, size, left, jumps, matrix, weights, parameters)

    return jumped
