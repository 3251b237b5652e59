"""A circle whose stiffness varies: r = kappa (rho - 1), kappa = 1 + 0.8 cos phi, J J^T = kappa^2 on the circle.

The law of cos phi tells the measures apart: its mean is 0 for the surface measure, -1/2 for det(J J^T)^(-1/2)
= 1 / kappa and -4/5 for det(J J^T)^(-1) = 1 / kappa^2.
"""

import math

import numpy as np

from langevin.manifolds import constraint

VARIATION = 0.8
MEAN_COSINE = {"surface": 0.0, "gibbs": -0.5, "det^-1": -0.8}


def residual(x, out, parameters):
    (variation,) = parameters
    for lane in range(x.shape[1]):
        rho = np.sqrt(x[0, lane] ** 2 + x[1, lane] ** 2)
        out[0, lane] = (1.0 + variation * x[0, lane] / rho) * (rho - 1.0)


def jacobian(x, out, parameters):
    (variation,) = parameters
    for lane in range(x.shape[1]):
        rho = np.sqrt(x[0, lane] ** 2 + x[1, lane] ** 2)
        cosine, sine = x[0, lane] / rho, x[1, lane] / rho
        kappa = 1.0 + variation * cosine
        slope = variation * (rho - 1.0) / rho
        out[0, 0, lane] = kappa * cosine + slope * sine * sine
        out[0, 1, lane] = kappa * sine - slope * sine * cosine


def circle(phi=0.5 * math.pi):
    """The circle, with all walkers starting at the angle `phi`."""
    start = [math.cos(phi), math.sin(phi)]
    return constraint(residual, jacobian, 2, 1, start=start, parameters=(VARIATION,), name="circle")
