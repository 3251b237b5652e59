"""The largest curvature of a loss at a point: of quadratic losses in any unit, and of a loss that is not quadratic."""

import numpy as np
import pytest

from langevin.landscapes.curvature import largest_curvature

TURN = np.linalg.qr(np.random.default_rng(5).standard_normal((3, 3)))[0]


def quadratic(curvatures):
    matrix = TURN @ np.diag(curvatures) @ TURN.T

    def gradient(x, out, parameters):
        out[:, : x.shape[1]] = matrix @ x

    return gradient


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("curvatures", [(1.0, 2.0, 100.0), (1.0, 5.0, -40.0)])
def test_of_a_quadratic_loss_in_any_unit(curvatures, unit):
    """Power iteration ends at a change of a thousandth, which is accurate if the other eigenvalues are much smaller."""
    for place in (np.zeros(3), np.array([3.0, -200.0, 1.0])):
        found = largest_curvature(quadratic(unit * np.array(curvatures)), place, ())
        assert found == pytest.approx(unit * np.abs(curvatures).max(), rel=3e-3)


def test_a_loss_that_bends_is_taken_at_the_place():
    """f = x^4 + y^2 at (2, 1): 48 and 2; a difference over h has 48 + 4 h^2, with h = (1 + 2) / 2 on request."""

    def gradient(x, out, parameters):
        out[0], out[1] = 4 * x[0] ** 3, 2 * x[1]

    assert largest_curvature(gradient, np.array([2.0, 1.0]), ()) == pytest.approx(48.0, rel=3e-3)
    assert largest_curvature(gradient, np.array([2.0, 1.0]), (), 0.5) == pytest.approx(57.0, rel=3e-3)


def test_a_flat_loss_has_none():
    assert largest_curvature(quadratic((0.0, 0.0, 0.0)), np.ones(3), ()) == 0.0
