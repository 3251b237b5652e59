"""The simplest landscape of each kind, on which expectations are known exactly."""

from __future__ import annotations

from dataclasses import replace

from langevin.landscapes.own import constraint, potential
from langevin.landscapes.starts import all_at
from langevin.landscapes.varying import with_diffusion
from langevin.types import Landscape


def half_line() -> Landscape:
    """The body x >= 0, with a mirror at 0."""
    return Landscape(
        name="half line", dim=1, parameters=(), start=all_at([0.5]), stiffness=lambda temperature: 0.0, fold=mirror,
        walls=below,
    )  # fmt: skip


def point() -> Landscape:
    """The point x = 0 of the line as a zero-loss set, r = x: its loss is x^2 / 2."""
    return constraint(place, one, 1, 1, start=[0.0], name="point")


def growing_line() -> Landscape:
    """The line without a force, f = 0, where the diffusion grows, D = 1 + x^2."""
    flat = potential(nothing, no_slope, 1, stiffness=0.0)
    made = with_diffusion(flat, potential(one_and_square, twice, 1, stiffness=2.0))
    return replace(made, name="growing line", stiffness=lambda temperature: 2.0 * temperature)


def mirror(x, parameters):
    """|x|."""
    for lane in range(x.shape[1]):
        x[0, lane] = abs(x[0, lane])


def below(x, out, parameters):
    """Distance beyond the wall."""
    for lane in range(x.shape[1]):
        out[lane] = -x[0, lane]


def nothing(x, out, parameters):
    """f = 0."""
    for lane in range(x.shape[1]):
        out[lane] = 0.0


def no_slope(x, out, parameters):
    """f' = 0."""
    for lane in range(x.shape[1]):
        out[0, lane] = 0.0


def one_and_square(x, out, parameters):
    """D = 1 + x^2."""
    for lane in range(x.shape[1]):
        out[lane] = 1.0 + x[0, lane] * x[0, lane]


def twice(x, out, parameters):
    """D' = 2 x."""
    for lane in range(x.shape[1]):
        out[0, lane] = 2.0 * x[0, lane]


def place(x, out, parameters):
    """r = x."""
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane]


def one(x, out, parameters):
    """dr/dx = 1."""
    for lane in range(x.shape[1]):
        out[0, 0, lane] = 1.0
