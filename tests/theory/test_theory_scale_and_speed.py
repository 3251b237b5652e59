"""First passage on a line by scale and speed: closed forms, finite volumes, and walkers with two targets."""

import math
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import potentials
from langevin.comparison import compare_all
from langevin.errors import NumericalError, UsageError
from langevin.landscapes.evaluate import scalar_value
from langevin.theory.escape import exact_escape_time, line_escape_curves
from langevin.theory.escape.scale_and_speed import mean_time, reached_first
from langevin.theory.escape.varying_diffusion import mean_time_on_line, share_on_line
from langevin.types import Curve, Diffusion

START, LOWER, UPPER = -0.8, -1.4, 0.9
ACTS = {"mobility": Diffusion.MOBILITY, "ito-noise": Diffusion.NOISE}


def flat(places):
    return np.zeros_like(places)


def value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = (x[0, lane] ** 2 - 1.0) ** 2


def gradient(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = 4.0 * x[0, lane] * (x[0, lane] ** 2 - 1.0)


def low(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = x[0, lane] + 1.4


def high(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.9 - x[0, lane]


def well(*targets):
    return potentials.potential(value, gradient, dim=1, start=[START], target=targets)


def varying(formula, *targets):
    return potentials.with_diffusion(well(*targets), potentials.from_expression(formula))


def test_free_motion_has_its_closed_forms():
    # theta = 1: T = x (1 - x) / 2 between two targets, (1 - x^2) / 2 with a mirror at 0
    for start in (0.1, 0.5, 0.9):
        assert mean_time(flat, flat, start, (0.0, 1.0)).value == pytest.approx(
            0.5 * start * (1.0 - start), rel=1e-12
        )
        assert mean_time(flat, flat, start, (1.0,), 0.0).value == pytest.approx(
            0.5 * (1.0 - start**2), rel=1e-12
        )
        assert mean_time(flat, flat, 1.0 - start, (0.0,), 1.0).value == pytest.approx(
            0.5 * (1.0 - start**2), rel=1e-12
        )
        assert reached_first(flat, start, 1.0, 0.0).value == pytest.approx(start, rel=1e-12)
    assert mean_time(flat, flat, 0.0, (1.0,), 0.0).value == pytest.approx(0.5, rel=1e-12)


def test_a_far_mirror_is_the_time_of_escape_and_a_steep_slope_no_loss_of_digits():
    loss = scalar_value(well(high))
    wanted = exact_escape_time(loss, START, UPPER, 0.05, lower=-2.0)

    def exponent(places):
        return np.array([loss(place) for place in places]) / 0.05

    found = mean_time(exponent, lambda places: -exponent(places) - math.log(0.05), START, (UPPER,), -2.0)
    assert found.value == pytest.approx(wanted.value, rel=1e-8)
    assert mean_time(lambda x: 300.0 * x, lambda x: -300.0 * x, 0.5, (0.0, 1.0)).value == pytest.approx(
        0.5 / 300.0, rel=1e-10
    )  # a drift of -300


def test_a_start_outside_and_a_time_beyond_floats_are_refused():
    for targets, mirror in (((1.0, 2.0), None), ((1.0,), None), ((1.0,), 0.5), ((), 1.0)):
        with pytest.raises(UsageError, match="a start between two targets, or a target and a mirror"):
            mean_time(flat, flat, 0.0, targets, mirror)
    with pytest.raises(NumericalError, match="beyond floats"):
        mean_time(lambda x: 800.0 * x**2, lambda x: -800.0 * x**2, 0.0, (2.0,), -2.0)


@pytest.mark.parametrize(("law", "speed", "heat"), [("mobility", 2.0, 1.0), ("ito-noise", 1.0, 2.0)])
def test_a_constant_diffusion_has_the_times_and_shares_of_finite_volumes(law, speed, heat):
    """With the mobility 2 the clock runs twice as fast; noise alone doubles the temperature."""
    landscape = varying("2 + 0 * x", low, high)
    time, first, second = line_escape_curves(well(low, high))
    for theta in (0.2, 1.0):
        wanted = time.predict(theta * heat)
        found = mean_time_on_line(landscape, ACTS[law], theta, START, LOWER, UPPER)
        assert abs(found.value - wanted.value / speed) <= wanted.remainder / speed
        shares = [
            share_on_line(landscape, ACTS[law], theta, START, *ends).value
            for ends in ((LOWER, UPPER), (UPPER, LOWER))
        ]
        assert shares == pytest.approx([one.predict(theta * heat).value for one in (first, second)], rel=1e-9)


@pytest.mark.parametrize("law", list(ACTS))
def test_walkers_between_two_targets_follow_their_law_and_neither_the_other_nor_a_constant_diffusion(law):
    """The walkers' own theory agrees. Theories with the physics broken are excluded by the same comparison."""
    landscape, theta = varying("1 + 8 * exp(-4 * x**2)", low, high), 0.5
    report = langevin.ask(landscape, dynamics=law, temperature=theta, walkers=4000, seed=3, dt=2e-4)
    assert [row.verdict for row in report.comparisons] == ["agrees"] * 3
    other = ACTS["ito-noise" if law == "mobility" else "mobility"]
    broken = {
        "other law": lambda t: mean_time_on_line(landscape, other, t, START, LOWER, UPPER),
        "constant": lambda t: mean_time_on_line(
            varying("1 + 0 * x", low, high), ACTS[law], t, START, LOWER, UPPER
        ),
    }
    curves = [Curve(name, predict, "", "") for name, predict in broken.items()]
    rows = compare_all([theta], [report.measured["mean escape time"]], curves, 0.05, logarithmic=True)
    assert [row.verdict for row in rows] == ["excluded"] * 2


def test_one_target_on_both_sides_has_a_time_and_no_shares():
    def around(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = 1.5 - abs(x[0, lane])

    landscape = replace(varying("1 + x**2", around), start=lambda uniforms, theta: np.zeros_like(uniforms))
    report = langevin.ask(landscape, dynamics="ito-noise", temperature=0.5, walkers=1000, seed=1, dt=1e-3)
    (row,) = report.comparisons
    assert row.verdict == "agrees"
