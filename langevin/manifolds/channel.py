"""Channel of varying width: wide valleys alternate with narrows, which are entropic barriers without any energy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba.extending import register_jitable

from langevin.errors import unfit
from langevin.manifolds.valley import bessel_ratio
from langevin.types import Along, Box, Channel, Facts, FloatArray, Landscape, Moment

#: A path that meets the wall more often than this, or grazes it for longer, is not taken.
MOST_TURNS, MOST_APPROACHES = 32, 200
#: A point is on the wall if w^2 - |y|^2 is at most this fraction of w^2.
ON_WALL = 1e-13


def channel(
    transverse: int = 1,
    length: float = 2.0,
    half_width: float = 0.2,
    amplitude: float = 0.8,
    narrows: int = 1,
) -> Landscape:
    """Body |y| <= w(s), 0 <= s <= L, in R^(1+m), with the half width w = w_0 exp(A cos(2 pi n s / L)).

    The channel is closed at both ends, in the middle of valleys, and has n narrows between. Walls mirror as in
    billiards: a path is followed to its first contact with the wall, and the rest of it is mirrored at the tangent
    plane. A reversed path is also a mirrored path, so every step preserves the uniform distribution. Walkers start at
    s = 0, uniformly over the section. The target begins behind the last narrow, where the half width is w_0 again.

    The entropy S(s) is the log of the volume of the section, so -theta S(s) is the potential of mean force of s
    (Zwanzig 1992): see `entropy`. Theories that use s alone require that the largest |w'| is small: see `steepest`.
    Under the uniform distribution cos(2 pi n s / L) has the mean I_1(m A) / I_0(m A).

    Args:
        transverse: number m of directions across the channel.
        length: L.
        half_width: w_0, geometric mean of the half width.
        amplitude: A, at least 0; valleys are e^(2 A) times as wide as narrows.
        narrows: number n of narrows.
    """
    if (
        transverse < 1
        or narrows < 1
        or not (0.0 < length < math.inf and 0.0 < half_width < math.inf and 0.0 <= amplitude < 100.0)
    ):
        raise unfit(
            "channel",
            "needs transverse >= 1, length > 0, half_width > 0, 0 <= amplitude < 100, narrows >= 1",
            f""
            f"transverse={transverse}, length={length}, half_width={half_width}, amplitude={amplitude}, "
            f"narrows={narrows}",
        )
    widest = half_width * math.exp(amplitude)
    wave, place = 2.0 * math.pi * narrows / length, length * (1.0 - 0.25 / narrows)
    width, slope = _wall(half_width, amplitude, wave)
    cosine = Moment(
        "cos(2 pi n s / L)",
        lambda states: np.cos(wave * states[:, 0]),
        surface=bessel_ratio(transverse * amplitude),
    )
    return Landscape(
        name="channel",
        dim=1 + transverse,
        codim=0,
        parameters=(float(half_width), float(amplitude), wave, float(length), place),
        start=_start(half_width * math.exp(amplitude)),
        stiffness=lambda temperature: 0.0,
        bounce=bounce,
        walls=walls,
        target=distance_beyond,
        dials={
            "transverse": transverse,
            "length": length,
            "half_width": half_width,
            "amplitude": amplitude,
            "narrows": narrows,
        },
        facts=Facts(
            moments=(cosine,),
            channel=Channel(width, slope, place),
            log_volume=_log_volume(transverse, length, half_width, amplitude),
            target_width=2.0 * half_width,
            box=Box((0.0, *[-widest] * transverse), (length, *[widest] * transverse)),
        ),
    )


def _wall(half_width: float, amplitude: float, wave: float) -> tuple[Along, Along]:
    """The half width and its slope over s."""

    def width(s: FloatArray) -> FloatArray:
        return half_width * np.exp(amplitude * np.cos(wave * np.asarray(s)))

    def slope(s: FloatArray) -> FloatArray:
        return -amplitude * wave * np.sin(wave * np.asarray(s)) * width(s)

    return width, slope


def _log_section(m: int, half_width: float) -> float:
    """Log of the volume of the ball of radius w_0 in R^m."""
    return m * math.log(half_width) + 0.5 * m * math.log(math.pi) - math.lgamma(0.5 * m + 1.0)


def _log_volume(m: int, length: float, half_width: float, amplitude: float) -> float:
    around = np.arange(4096) * (math.pi / 2048.0)
    mean = np.exp(
        m * amplitude * (np.cos(around) - 1.0)
    ).mean()  # e^(-m A) I_0(m A), periodic trapezoidal rule
    return _log_section(m, half_width) + math.log(length) + m * amplitude + math.log(mean)


def entropy(body: Landscape, s: FloatArray) -> FloatArray:
    """Log of the volume of the section at positions s along a channel, m log w(s) + const, in the shape of s."""
    half_width, amplitude, wave, _, _ = body.parameters
    m = body.dim - 1
    logs: FloatArray = _log_section(m, half_width) + m * amplitude * np.cos(wave * np.asarray(s))
    return logs


def steepest(body: Landscape) -> float:
    """The largest |w'| of a channel; it is where A sin^2 = cos."""
    half_width, amplitude, wave, _, _ = body.parameters
    cosine = 2.0 * amplitude / (1.0 + math.sqrt(1.0 + 4.0 * amplitude**2))
    return float(-_wall(half_width, amplitude, wave)[1](np.array(math.acos(cosine) / wave)))


def _start(half_width: float) -> Any:
    def start(uniforms: FloatArray, temperature: float) -> FloatArray:
        from scipy.special import ndtri

        states: FloatArray = ndtri(uniforms)
        radii = half_width * uniforms[:, 0] ** (1.0 / (states.shape[1] - 1))
        norms = np.sqrt((states[:, 1:] ** 2).sum(axis=1))
        states *= (radii / np.where(norms > 0.0, norms, 1.0))[:, None]
        states[:, 0] = 0.0
        return states

    return start


def distance_beyond(x, out, parameters):
    """Distance along the channel to the plane where the target begins."""
    half_width, amplitude, wave, length, target = parameters
    for lane in range(x.shape[1]):
        out[lane] = target - x[0, lane]


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
