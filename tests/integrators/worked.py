"""Small landscapes whose laws are known in closed form."""

import numpy as np

from langevin.landscapes.starts import all_at
from langevin.manifolds import constraint
from langevin.types import Landscape


def half_line(drift=0.0, start=0.0):
    """x >= 0 with a mirror at 0, and the loss `drift` x unless it vanishes."""
    return Landscape(
        name="half line", dim=1, codim=0, parameters=(float(drift),), start=all_at([start]),
        stiffness=lambda temperature: 0.0, fold=mirror, walls=below, gradient=constant if drift else None,
        value=height if drift else None,
    )  # fmt: skip


def mirror(x, parameters):
    for lane in range(x.shape[1]):
        x[0, lane] = abs(x[0, lane])


def below(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = -x[0, lane]


def height(x, out, parameters):
    (drift,) = parameters
    for lane in range(x.shape[1]):
        out[lane] = drift * x[0, lane]


def constant(x, out, parameters):
    (drift,) = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = drift


def well(stiffness=1.0):
    """One equation in one dimension, r = sqrt(k) x: label noise is additive, and all distributions are Gaussian."""
    return constraint(linear, slope, 1, 1, start=[0.0], parameters=(float(stiffness) ** 0.5,), name="well")


def linear(x, out, parameters):
    (root,) = parameters
    for lane in range(x.shape[1]):
        out[0, lane] = root * x[0, lane]


def slope(x, out, parameters):
    (root,) = parameters
    for lane in range(x.shape[1]):
        out[0, 0, lane] = root


def wedge():
    """The axis y = 0 as r = x y: its stiffness is x^2."""
    return constraint(product, factors, 2, 1, start=[1.0, 0.0], name="wedge")


def product(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane] * x[1, lane]


def factors(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, 0, lane] = x[1, lane]
        out[0, 1, lane] = x[0, lane]


def slide():
    """The axis y = 0 as r = exp(x) y: log det J J^T is 2 x, so Gibbs motion has the constant drift -theta."""
    return constraint(lifted, lifts, 2, 1, start=[0.0, 0.0], name="slide")


def lifted(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = np.exp(x[0, lane]) * x[1, lane]


def lifts(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, 1, lane] = np.exp(x[0, lane])
        out[0, 0, lane] = out[0, 1, lane] * x[1, lane]
