"""A circle whose stiffness varies: r = kappa (|x|^2 - 1) / 2, kappa = 1 + 0.8 x_0, so J J^T = kappa^2 on the circle.

The law of the angle phi tells the measures apart: the mean of cos phi is 0 for the surface measure, -1/2 for
det(J J^T)^(-1/2) = 1 / kappa and -4/5 for det(J J^T)^(-1) = 1 / kappa^2.
"""

import math

from langevin.manifolds import constraint

VARIATION = 0.8
MEAN_COSINE = {"surface": 0.0, "gibbs": -0.5, "det^-1": -0.8}


def residual(x, out, parameters):
    (variation,) = parameters
    for lane in range(x.shape[1]):
        excess = 0.5 * (x[0, lane] * x[0, lane] + x[1, lane] * x[1, lane] - 1.0)
        out[0, lane] = (1.0 + variation * x[0, lane]) * excess


def jacobian(x, out, parameters):
    (variation,) = parameters
    for lane in range(x.shape[1]):
        excess = 0.5 * (x[0, lane] * x[0, lane] + x[1, lane] * x[1, lane] - 1.0)
        kappa = 1.0 + variation * x[0, lane]
        out[0, 0, lane] = kappa * x[0, lane] + variation * excess
        out[0, 1, lane] = kappa * x[1, lane]


def circle(phi=0.5 * math.pi):
    """The circle, with all walkers starting at the angle `phi`."""
    start = [math.cos(phi), math.sin(phi)]
    return constraint(residual, jacobian, 2, 1, start=start, parameters=(VARIATION,), name="circle")
