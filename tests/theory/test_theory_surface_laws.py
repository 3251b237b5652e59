"""The potential of a law along a surface: its rise with a curvature, at any exponent and widening of a step."""

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from scipy.integrate import quad

from langevin.errors import UsageError
from langevin.theory.surfaces.laws import EULER, RIVALS, law_of, same_pull
from langevin.types import StepLaw, Widening

CURVATURES = np.array([1e-3, 0.3, 3.0, 6.0, 8.2])
WIDENINGS = {
    "none": Widening(),
    "Euler": EULER,
    "a simple pole": Widening((1.0,), (1.0, -0.6)),
    "of any form": Widening((2.0, -1.0), (2.0, -1.0, 0.5)),
    "with a pole": Widening((1.0,), (1.0, -0.5, 0.01)),
}


CASES = list(product(WIDENINGS, [-2.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0], [0.0, 0.2]))


@pytest.mark.parametrize(("widening", "exponent", "dt"), CASES)
def test_it_rises_by_the_integral_of_the_pull(widening, exponent, dt):
    """Phi(b) - Phi(a) = (pull / 2) int_a^b x^(exponent - 1) w(dt x) dx, by adaptive quadrature."""
    step = StepLaw(exponent=exponent, pull=1.4, heat=0.0, widening=WIDENINGS[widening])
    levels = law_of(step, dt).potential(CURVATURES[:, None])
    for rise, ends in zip(np.diff(levels), pairwise(CURVATURES)):
        exact = quad(
            lambda x: 0.7 * x ** (exponent - 1) * step.widening(dt * x), *ends, epsrel=1e-12, limit=500
        )
        assert rise == pytest.approx(exact[0], rel=1e-8)


def test_curvatures_add_up_and_uneven_diffusion_adds_the_log_of_their_mean():
    law = law_of(StepLaw(widening=EULER, uneven_power=3.0, uneven_weight=0.5))
    a = np.array([[1.0, 3.0], [2.0, 2.0]])
    assert law.potential(a) == pytest.approx(np.log(a).sum(axis=1) / 2 + 1.5 * np.log(2.0))


def test_a_step_without_a_part_across_the_set_has_no_widening():
    law = law_of(StepLaw(across=False, pull=2.0, widening=EULER), 1.9)
    assert law.potential(np.array([[5.0]])) == pytest.approx(np.log([5.0]))


def test_a_stiffness_at_the_limit_of_the_step_is_refused():
    law = law_of(StepLaw(widening=EULER), 0.5)
    with pytest.raises(UsageError, match="must stay below 2"):
        law.potential(np.array([[4.0]]))
    assert np.isfinite(law.potential(np.array([[3.99]]))).all()


@pytest.mark.parametrize(("exponent", "loose"), [(0.0, 1.0), (1.0, 7.0), (-0.5, 4.0)])
def test_a_law_with_heat_is_looser_by_six_for_each_power_of_the_stiffness(exponent, loose):
    step = StepLaw(exponent=exponent, heat=0.5, widening=EULER)
    assert law_of(step).loose == loose
    assert law_of(replace(step, heat=0.0)).loose == law_of(replace(step, across=False)).loose == 1.0


def test_rivals_are_told_apart_by_their_pull_alone():
    for (name, law), (other, rival) in product(RIVALS.items(), RIVALS.items()):
        assert same_pull(law, rival) == (name == other)
    assert same_pull(StepLaw(exponent=2.0, pull=0.0), RIVALS["surface"])
    assert not same_pull(StepLaw(uneven_power=1.0, uneven_weight=1.0), RIVALS["gibbs"])
    assert same_pull(StepLaw(uneven_power=1.0, uneven_weight=0.0), RIVALS["gibbs"])
