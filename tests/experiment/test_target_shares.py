"""Walkers between two targets: the share of each is compared with the law of the line, and is not the mean time."""

import math

import pytest

import langevin
from langevin.experiment import Settings, run
from langevin.theory.escape.any_line import share_curves_between

PULL, BOUND, THETA = 0.8, 1.0, 0.5
#: Probability to reach the upper bound first, and mean time, for Brownian motion with a drift between two bounds.
UPPER = 1 / (1 + math.exp(-PULL * BOUND / THETA))
TIME = BOUND / PULL * math.tanh(PULL * BOUND / (2 * THETA))


def value(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = -parameters[0] * x[0, w]


def gradient(x, out, parameters):
    for w in range(x.shape[1]):
        out[0, w] = -parameters[0]


def upper(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = parameters[1] - x[0, w]


def lower(x, out, parameters):
    for w in range(x.shape[1]):
        out[w] = x[0, w] + parameters[1]


def choice(pull=PULL, target=(upper, lower)):
    return langevin.potentials.potential(
        value, gradient, 1, parameters=(pull, BOUND), target=target, stiffness=1.0
    )


def test_shares_and_time_are_those_of_the_line():
    """1000 walkers: shares within 4 standard errors of the closed form, whose quadrature errs below 1e-9."""
    report = run(choice, {}, Settings(seed=1, temperature=THETA, dt=1e-3, threads=1))
    assert report.trajectory.states.shape[0] == 1000
    for name, law in (("share of target 0", UPPER), ("share of target 1", 1 - UPPER)):
        share = report.measured[name]
        assert abs(share.value - law) < 4 * share.error
        (row,) = [row for row in report.comparisons if row.quantity == name]
        assert row.predicted.value == pytest.approx(law, abs=1e-9)
        assert row.verdict == "agrees"
        assert name in report.text
        assert report.record["shares"][name]["n"] == 1000
    (row,) = [row for row in report.comparisons if not row.quantity]
    assert row.predicted.value == pytest.approx(TIME, rel=1e-5)
    assert row.verdict == "agrees"
    # with the opposite drift, walkers reach the other bound
    found = [share_curves_between(choice(-PULL), 0.0, -BOUND, BOUND)[side].predict(THETA) for side in (0, 1)]
    assert [found[0].value, found[1].value] == pytest.approx([UPPER, 1 - UPPER], abs=1e-9)


def test_one_target_on_both_sides_has_no_shares():
    def outside(x, out, parameters):
        for w in range(x.shape[1]):
            out[w] = parameters[1] - abs(x[0, w])

    assert share_curves_between(choice(target=outside), 0.0, -BOUND, BOUND) == []
