"""Channel of varying width: wide valleys alternate with narrows, which are entropic barriers without any energy."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from langevin.errors import unfit
from langevin.landscapes.channel_billiard import bounce, walls
from langevin.manifolds.valley import bessel_ratio
from langevin.types import Along, Box, Channel, Facts, FloatArray, Landscape, Moment


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
