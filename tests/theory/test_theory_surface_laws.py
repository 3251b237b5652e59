"""The potential of a law along a surface: its slope with a curvature, at any exponent and widening of a step."""

from itertools import product

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.theory.surface_laws import EULER, RIVALS, law_of, same_pull
from langevin.types import StepLaw, Widening

CURVATURES = np.array([0.3, 1.0, 4.0])
WIDENINGS = {
    "none": Widening(),
    "Euler": EULER,
    "a simple pole": Widening((1.0,), (1.0, -0.6)),
    "of any form": Widening((2.0, -1.0), (2.0, -1.0, 0.5)),
}


def slope_of(law, a, step=1e-5):
    ends = [law.potential(np.array([[a + side]]))[0] for side in (step, -step)]
    return (ends[0] - ends[1]) / (2 * step)


CASES = [
    *product(WIDENINGS, [-1.0, 0.0, 0.5, 1.0, 2.0], [0.0, 0.2]),
    *product(("none", "Euler", "a simple pole"), [-2.5, -1.5], [0.0, 0.2]),
]


@pytest.mark.parametrize(("widening", "exponent", "dt"), CASES)
def test_the_slope_is_the_pull_times_a_power_and_the_widening(widening, exponent, dt):
    """d Phi / d a = (pull / 2) a^(exponent - 1) w(dt a)."""
    step = StepLaw(exponent=exponent, pull=1.4, heat=0.0, widening=WIDENINGS[widening])
    law = law_of(step, dt)
    for a in CURVATURES:
        expected = 0.7 * a ** (exponent - 1) * step.widening(dt * a)
        assert slope_of(law, a) == pytest.approx(expected, rel=1e-6)


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


def test_rivals_are_told_apart_by_their_pull_alone():
    for (name, law), (other, rival) in product(RIVALS.items(), RIVALS.items()):
        assert same_pull(law, rival) == (name == other)
    assert same_pull(StepLaw(exponent=2.0, pull=0.0), RIVALS["surface"])
    assert not same_pull(StepLaw(uneven_power=1.0, uneven_weight=1.0), RIVALS["gibbs"])
    assert same_pull(StepLaw(uneven_power=1.0, uneven_weight=0.0), RIVALS["gibbs"])
