"""Mean squared displacement on a helix: the angle decorrelates, the height diffuses; the arc length is Gaussian."""

import math

from langevin.types import Curve, Prediction, Theory

from ..manifolds.helix import residual


def _curves(setting):
    radius, pitch = setting.case.landscape.parameters
    rate = setting.temperature / (radius**2 + pitch**2)

    def predict(time):
        turned, risen = -2 * radius**2 * math.expm1(-rate * time), 2 * rate * time * pitch**2
        return Prediction(turned + risen, rate * setting.dt * turned)

    return [Curve("helix", predict, "Brownian motion along the helix", "Gaussian arc length")]


helix_displacement = Theory(
    question="displacement",
    summary="Mean squared displacement on a helix.",
    applies=lambda case: case.landscape.residual is residual and not case.law.across,
    curves=_curves,
)
