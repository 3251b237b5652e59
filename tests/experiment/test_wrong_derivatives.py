"""A landscape with a wrong derivative is refused before a theory uses it."""

import pytest

import langevin
from langevin.errors import UsageError
from langevin.experiment import live_question
from langevin.experiment.rate_plan import rate_plan
from langevin.landscapes.contracts import check_slopes


def residual(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane] ** 2 + 2.0 * x[1, lane] ** 2 - 1.0


def jacobian(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, 0, lane] = 2.0 * x[0, lane]
        out[0, 1, lane] = 4.0 * parameters[0] * x[1, lane]


def value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = (x[0, lane] ** 2 - 1.0) ** 2


def gradient(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = 4.0 * parameters[0] * x[0, lane] * (x[0, lane] ** 2 - 1.0)


def target(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.5 - x[0, lane]


def ellipse(sign=1.0):
    return langevin.manifolds.constraint(residual, jacobian, 2, 1, start=(1.0, 0.0), parameters=(sign,))


def well(sign=1.0):
    return langevin.potentials.potential(
        value, gradient, dim=1, start=(-1.0,), target=target, parameters=(sign,), stiffness=8.0
    )


@pytest.mark.parametrize("dynamics", ["projected", "soft", "label-noise"])
def test_a_wrong_jacobian_is_refused_before_a_question_walks(dynamics, monkeypatch):
    def asked(*arguments):
        raise AssertionError("a question is chosen")

    monkeypatch.setattr(live_question, "question_for", asked)
    with pytest.raises(UsageError, match="Jacobian of the residual"):
        langevin.ask(ellipse(-1.0), dynamics=dynamics, seed=1)


def test_a_wrong_gradient_is_refused_before_a_rate_is_planned():
    with pytest.raises(UsageError, match="gradient of the value"):
        rate_plan(well(-1.0), [0.1], seed=1)
    assert rate_plan(well(), [0.1], seed=1).tasks


def test_right_derivatives_pass():
    for landscape in (ellipse(), well(), langevin.potentials.linear(), langevin.manifolds.cube()):
        check_slopes(landscape)
