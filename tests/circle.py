"""A circle whose stiffness varies: r = kappa (|x|^2 - 1) / 2 with kappa = 1 + 1.6 x_0 / (1 + |x|^2).

On the circle kappa = 1 + 0.8 cos phi and J J^T = kappa^2, so the law of the angle phi distinguishes the measures: the
mean of cos phi is 0 for the surface measure, -1/2 for det(J J^T)^(-1/2) = 1 / kappa and -4/5 for det(J J^T)^(-1).
There is no other zero: kappa stays between 1/5 and 9/5.
"""

import math

from langevin.manifolds import constraint

VARIATION = 0.8
MEAN_COSINE = {"surface": 0.0, "gibbs": -0.5, "det^-1": -0.8}


def residual(x, out, parameters):
    (variation,) = parameters
    for lane in range(x.shape[1]):
        square = x[0, lane] * x[0, lane] + x[1, lane] * x[1, lane]
        out[0, lane] = (1.0 + 2.0 * variation * x[0, lane] / (1.0 + square)) * 0.5 * (square - 1.0)


def jacobian(x, out, parameters):
    (variation,) = parameters
    for lane in range(x.shape[1]):
        square = x[0, lane] * x[0, lane] + x[1, lane] * x[1, lane]
        pull = 2.0 * variation / (1.0 + square)
        along = 1.0 + pull * x[0, lane] - x[0, lane] * pull * (square - 1.0) / (1.0 + square)
        out[0, 0, lane] = along * x[0, lane] + 0.5 * pull * (square - 1.0)
        out[0, 1, lane] = along * x[1, lane]


def circle(phi=0.5 * math.pi):
    """The circle, with all walkers starting at the angle `phi`."""
    start = [math.cos(phi), math.sin(phi)]
    return constraint(residual, jacobian, 2, 1, start=start, parameters=(VARIATION,), name="circle")
