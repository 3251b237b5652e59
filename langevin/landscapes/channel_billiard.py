"""Mirror reflection in the channel of half width w(s) = w_0 exp(A cos(q s)): the exact paths of a billiard ball."""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

#: A path that meets the wall more often than this, or grazes it for longer, is not taken.
MOST_TURNS, MOST_APPROACHES = 32, 200
#: A point is on the wall if w^2 - |y|^2 is at most this fraction of w^2.
ON_WALL = 1e-13


@register_jitable
def approach(place, way, half_width, amplitude, wave):
    """Fraction of the path up to its first contact with the wall; 2 if there is no contact, -1 if it grazes too long.

    F(t) = |y|^2 - w^2 along the path is at most F + F' t + B t^2 / 2, with B a bound on F''. The zero of this upper
    bound lies before the first zero of F. The iteration moves to this zero and computes a new bound there. It converges
    to the first zero of F as fast as Newton's method.
    """
    across = 0.0
    for i in range(1, place.size):
        across += way[i] * way[i]
    if across == 0.0 and way[0] == 0.0:
        return 2.0
    part = 0.0
    for _ in range(MOST_APPROACHES):
        angle = wave * (place[0] + part * way[0])
        square = half_width * half_width * np.exp(2.0 * amplitude * np.cos(angle))
        depth, rise = square, 2.0 * amplitude * wave * np.sin(angle) * square * way[0]
        for i in range(1, place.size):
            moved = place[i] + part * way[i]
            depth -= moved * moved
            rise += 2.0 * moved * way[i]
        if depth <= ON_WALL * square and rise > 0.0:
            return part
        depth = max(depth, 0.0)
        widest = min(
            square * np.exp(2.0 * amplitude * wave * abs(way[0]) * (1.0 - part)),
            half_width * half_width * np.exp(2.0 * amplitude),
        )
        bound = 2.0 * across + 2.0 * amplitude * wave * wave * way[0] * way[0] * widest
        root = np.sqrt(rise * rise + 2.0 * bound * depth)
        part += 2.0 * depth / (rise + root) if rise > 0.0 else (root - rise) / bound
        if part >= 1.0:
            return 2.0
    return -1.0


@register_jitable
def travel(place, way, half_width, amplitude, wave):
    """Move `place` (dim,) along the mirrored path `way` (dim,) in the endless channel; False if it turns too often."""
    for _ in range(MOST_TURNS):
        part = approach(place, way, half_width, amplitude, wave)
        if part < 0.0:
            return False
        for i in range(place.size):
            place[i] += min(part, 1.0) * way[i]
        if part > 1.0:
            return True
        # the normal, grad (|y|^2 - w^2) / 2
        angle = wave * place[0]
        square = half_width * half_width * np.exp(2.0 * amplitude * np.cos(angle))
        normal = amplitude * wave * np.sin(angle) * square
        product, norm = normal * way[0], normal * normal
        for i in range(1, place.size):
            product += place[i] * way[i]
            norm += place[i] * place[i]
        turn = 2.0 * product / norm
        way[0] = (1.0 - part) * (way[0] - turn * normal)
        for i in range(1, place.size):
            way[i] = (1.0 - part) * (way[i] - turn * place[i])
    return False


def bounce(x, before, parameters):
    """Mirror the straight path from `before` to x at the walls; after too many turns x is set to `before`."""
    half_width, amplitude, wave, length, target = parameters
    core = (half_width * np.exp(-amplitude)) ** 2  # a path inside the narrowest tube meets no wall
    place, way = np.empty(x.shape[0]), np.empty(x.shape[0])
    for lane in range(x.shape[1]):
        old, new = 0.0, 0.0
        for i in range(1, x.shape[0]):
            old += before[i, lane] * before[i, lane]
            new += x[i, lane] * x[i, lane]
        if max(old, new) >= core:
            for i in range(x.shape[0]):
                place[i] = before[i, lane]
                way[i] = x[i, lane] - place[i]
            arrived = travel(place, way, half_width, amplitude, wave)
            for i in range(x.shape[0]):
                x[i, lane] = place[i] if arrived else before[i, lane]
        x[0, lane] = abs(x[0, lane] - 2.0 * length * np.rint(0.5 * x[0, lane] / length))


def walls(x, out, parameters):
    """The larger of |y| - w(s) and the distance beyond an end."""
    half_width, amplitude, wave, length, target = parameters
    for lane in range(x.shape[1]):
        square = 0.0
        for i in range(1, x.shape[0]):
            square += x[i, lane] * x[i, lane]
        beyond = np.sqrt(square) - half_width * np.exp(amplitude * np.cos(wave * x[0, lane]))
        out[lane] = max(beyond, -x[0, lane], x[0, lane] - length)
