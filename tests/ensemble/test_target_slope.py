"""The overshoot correction on a surface uses the distance along it, for every form of the distance to a target."""

import math

import numpy as np
import pytest

from langevin import Problem, Stop, manifolds, simulate, theory
from langevin.ensemble import step_length
from langevin.landscapes.target_slope import border_curvature, slope_along

ANGLE = 0.3


def off_sphere(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = x[0, lane] ** 2 + x[1, lane] ** 2 + x[2, lane] ** 2 - 1.0


def normals(x, out, parameters):
    for lane in range(x.shape[1]):
        for i in range(3):
            out[0, i, lane] = 2.0 * x[i, lane]


def below_plane(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = parameters[0] - x[2, lane]


def above_plane(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.5 + x[2, lane]


def sphere(angle, targets=below_plane, start=(1.0, 0.0, 0.0)):
    return manifolds.constraint(
        off_sphere, normals, 3, 1, start=start, target=targets, parameters=(math.cos(angle),)
    )


@pytest.mark.parametrize("angle", [0.05, ANGLE, 1.0, 2.5])
def test_a_plane_cuts_a_sphere_at_the_sine_of_the_angle(angle):
    start = (0.0, 0.0, -1.0) if angle < 2 else (math.sin(2.8), 0.0, math.cos(2.8))
    assert slope_along(sphere(angle, start=start)) == pytest.approx(math.sin(angle), rel=2e-3)


@pytest.mark.parametrize("angle", [0.05, ANGLE, 1.0, math.pi / 2, 2.5])
def test_a_circle_on_a_sphere_is_curved_by_the_cotangent_of_its_angle(angle):
    """Second differences of 1e-4 have round-off of 1e-8 and an error of h^2 / angle^2."""
    start = (0.0, 0.0, -1.0) if angle < 2 else (math.sin(2.8), 0.0, math.cos(2.8))
    found = border_curvature(sphere(angle, start=start))
    assert found == pytest.approx(abs(1.0 / math.tan(angle)), rel=1e-3, abs=1e-4)


def test_the_most_curved_target_counts_and_a_curve_has_none():
    both = border_curvature(sphere(ANGLE, (below_plane, above_plane)))
    assert both == pytest.approx(1.0 / math.tan(ANGLE), rel=1e-3)
    line = manifolds.constraint(
        lambda x, out, parameters: np.copyto(out[0], x[0] ** 2 + x[1] ** 2 - 1.0),
        lambda x, out, parameters: np.copyto(out[0], 2.0 * x),
        2, 1, start=(1.0, 0.0), target=lambda x, out, parameters: np.copyto(out, x[0] + 0.5),
    )  # fmt: skip
    assert border_curvature(line) == 0.0


def test_two_targets_have_the_mean_of_their_slopes():
    both = sphere(ANGLE, (below_plane, above_plane))
    assert slope_along(both) == pytest.approx((math.sin(ANGLE) + math.sqrt(0.75)) / 2, rel=1e-3)


def test_a_target_that_is_not_met_changes_nothing():
    def nowhere(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = 5.0 + x[2, lane]

    assert slope_along(sphere(ANGLE, nowhere)) == 1.0


def time_to_cap(walkers=800, away=0.6):
    """z of the mean time from an angle of 0.6 to the cap, by steps of a fifth of its angle."""
    start = (math.sin(away), 0.0, math.cos(away))
    run = simulate(
        Problem(sphere(ANGLE, start=start), 1.0, "projected"),
        walkers=walkers,
        steps=10**7,
        dt=(0.2 * ANGLE) ** 2 / 2,
        seed=5,
        stop=Stop(),
    )
    times = run.events["time"]
    exact = theory.passage.cap_passage_time(3, 1.0, ANGLE, away, 1.0).value
    return (times.mean() - exact) / (times.std() / math.sqrt(walkers))


@pytest.mark.statistical
def test_the_time_to_a_small_cap_and_a_shift_as_in_space(monkeypatch):
    assert abs(time_to_cap()) < 3.5
    monkeypatch.setattr(step_length, "slope_along", lambda manifold: 1.0)
    assert time_to_cap() < -4.0


def share_of_cap(walkers=10_000, away=0.7):
    """z of the fraction of walkers that reach the small cap before the plane z = -1/2, from an angle of 0.7.

    The probability is linear in log tan(angle / 2), the harmonic function of the latitude.
    """
    start = (math.sin(away), 0.0, math.cos(away))
    run = simulate(
        Problem(sphere(ANGLE, (below_plane, above_plane), start), 1.0, "projected"),
        walkers=walkers,
        steps=10**7,
        dt=(0.3 * ANGLE) ** 2 / 2,
        seed=5,
        stop=Stop(),
    )
    caught, plane = (run.events["target"] == 0).mean(), math.acos(-0.5)
    near, here, far = (math.log(math.tan(angle / 2)) for angle in (ANGLE, away, plane))
    exact = (far - here) / (far - near)
    return (caught - exact) / math.sqrt(exact * (1 - exact) / walkers)


@pytest.mark.statistical
def test_each_of_two_targets_has_the_shift_of_its_own_slope(monkeypatch):
    assert abs(share_of_cap()) < 3.5
    monkeypatch.setattr(step_length, "scaled_target", lambda target, factor: target)
    assert share_of_cap() > 5.0


def test_distances_along_the_surface_are_left_alone():
    """Great-circle distance to the same cap: its slope is 1."""

    def arc(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = np.arctan2(np.sqrt(x[0, lane] ** 2 + x[1, lane] ** 2), x[2, lane]) - ANGLE

    assert slope_along(sphere(ANGLE, arc)) == pytest.approx(1.0, rel=1e-4)
