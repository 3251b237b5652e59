"""Laws of steps that are not small: Euler-Maruyama in a canal, and the tails of two-point noise."""

import math

import numpy as np
import pytest
from scipy.special import ive

from langevin import Problem, manifolds, potentials, simulate
from langevin.integrators import euler_maruyama

pytestmark = pytest.mark.statistical


def mean_cosine(weight):
    x = np.linspace(0.0, 2 * np.pi, 1000, endpoint=False)
    return (np.cos(x) * weight(np.exp(0.5 * np.cos(x)))).sum() / weight(np.exp(0.5 * np.cos(x))).sum()


@pytest.mark.filterwarnings("ignore::langevin.ensemble.checks.StepSizeWarning")
@pytest.mark.parametrize("product", [0.1, 0.8])
def test_coarse_steps_strengthen_the_pull_to_the_flat_side_of_a_canal(product):
    """E cos x under [a / (1 - dt a / 2)]^(-m/2), a = a0 exp(cos(x) / 2), m = 4, dt a0 = `product`.

    4 standard errors and 2 / a0; small steps give a^(-m/2), -I_1(1) / I_0(1). At the coarse step this law, and the
    power v^(m/2) of the normal variance v = theta / (a (1 - dt a / 2)), are excluded.
    """
    m, stiffness = 4, 200.0
    dt = product / stiffness
    problem = Problem(manifolds.canal(transverse=m, stiffness=stiffness, amplitude=0.5), 1.0)
    run = simulate(problem, walkers=4000, steps=round(4.0 / dt), dt=dt, seed=8)
    cosines = np.cos(run.states[:, -1, 0])
    mean, error = cosines.mean(), cosines.std() / math.sqrt(cosines.size)

    def law(sign):
        return mean_cosine(lambda a: (a * (1.0 - 0.5 * product * a) ** sign) ** (-m / 2))

    assert law(0) == pytest.approx(-ive(1, 1.0) / ive(0, 1.0), rel=1e-9)
    assert abs(mean - law(-1)) < 4.0 * error + 2.0 / stiffness
    if product > 0.5:
        for wrong in (law(0), law(1)):
            assert abs(mean - wrong) > 8.0 * error


def moments(noise, dt=0.5, dim=10, walkers=40_000):
    """Second and fourth moment of stationary coordinates in the well x^2 / 2 at theta = 1, each with its error."""
    problem = Problem(potentials.quadratic(dim), 1.0)
    run = simulate(problem, euler_maruyama(noise), walkers=walkers, steps=round(20 / dt), dt=dt, seed=1)
    values = run.states[:, -1].ravel()
    return [((values**n).mean(), (values**n).std() / math.sqrt(values.size)) for n in (2, 4)]


@pytest.mark.parametrize("noise", ["normal", "two-point"])
def test_two_point_noise_has_the_same_variance_and_another_fourth_moment(noise):
    """V = 1 / (1 - dt / 2) for both; E x^4 = 3 V^2, less 2 (2 dt)^2 / (1 - (1 - dt)^4) for the signs.

    4 standard errors; the fourth moment of the other noise and 2 % more heat are excluded.
    """
    dt = 0.5
    variance = 1.0 / (1.0 - 0.5 * dt)
    fourth = {"normal": 3.0 * variance**2}
    fourth["two-point"] = fourth["normal"] - 2.0 * (2.0 * dt) ** 2 / (1.0 - (1.0 - dt) ** 4)
    (second, error), (measured, spread) = moments(noise)
    assert abs(second - variance) < 4.0 * error
    assert abs(second - 1.02 * variance) > 6.0 * error
    assert abs(measured - fourth[noise]) < 4.0 * spread
    (other,) = fourth.keys() - {noise}
    assert abs(measured - fourth[other]) > 20.0 * spread
