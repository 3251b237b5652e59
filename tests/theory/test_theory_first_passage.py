"""First passage out of interval, ball and cube, against finite volumes, integrals of the law and a classical series."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfcinv

from langevin.errors import UsageError
from langevin.theory.fokker_planck.cells import box_mesh, interpolate
from langevin.theory.fokker_planck.generators import evolve
from langevin.theory.fokker_planck.passage import absorbing_generator, passage_moments
from langevin.theory.passage.closed_forms import (
    SWITCH,
    ball_time,
    ball_variance,
    cube_exit_time,
    cube_exit_variance,
    interval_arrival,
    interval_quantile,
    interval_survival,
    interval_time,
    interval_variance,
)

LENGTH, TEMPERATURE = 1.5, 0.4


def mesh_survival(time, cells, start, temperature=TEMPERATURE):
    """Fraction of walkers that remain on [0, L] at a time, from the backward equation of the killed walk."""
    mesh = box_mesh((0,), (LENGTH,), (cells,))
    matrix, _ = absorbing_generator(mesh, np.zeros(cells), temperature, walls=[(0, "upper")])
    return interpolate(mesh, evolve(matrix.T, np.ones(cells), time, 2 * cells), (start,))


@pytest.mark.parametrize("start", [0.0, 0.6, 1.2])
@pytest.mark.parametrize("time", [0.3, 1.5, 6.0])
def test_survival_against_finite_volumes_at_order_two(start, time):
    exact = float(interval_survival(np.array([time]), LENGTH, TEMPERATURE, start)[0])
    # Starts on faces of both meshes: 0.6 and 1.2 are 2/5 and 4/5 of the length.
    coarse, fine = (mesh_survival(time, cells, start) - exact for cells in (100, 200))
    assert abs((4 * fine - coarse) / 3) < 2e-7
    assert abs(fine) < 5e-4
    assert abs(coarse) > 1e-7 or exact > 0.999
    if exact < 0.999:
        assert abs(mesh_survival(time, 200, start, 1.02 * TEMPERATURE) - exact) > 2 * abs(fine)


@pytest.mark.parametrize("start", [0.0, 0.7, 1.45])
def test_images_and_modes_are_one_law(start):
    # Just before and after the change from one series to the other, and at both far ends.
    switch = SWITCH * LENGTH**2 / TEMPERATURE
    times = switch * np.array([1 - 1e-13, 1 + 1e-13])
    survival = interval_survival(times, LENGTH, TEMPERATURE, start)
    arrival = interval_arrival(times, LENGTH, TEMPERATURE, start)
    assert survival[0] == pytest.approx(survival[1], abs=2e-13)
    assert survival + arrival == pytest.approx([1, 1], abs=1e-15)
    ends = np.array([0.0, 1e5])
    assert interval_arrival(ends, LENGTH, TEMPERATURE, start).tolist() == [0, 1]
    # Far from certain to far from likely, with relative accuracy: half a line's, 2 x that for two walls.
    early = np.array([(LENGTH - start) ** 2 / (4 * TEMPERATURE) / 100])
    walls = 2 if start == 0 else 1
    assert interval_arrival(early, LENGTH, TEMPERATURE, start)[0] == pytest.approx(
        walls * math.erfc(10), rel=1e-12
    )


@pytest.mark.parametrize("start", [0.0, 0.7])
def test_moments_are_integrals_of_the_survival(start):
    def survival(time):
        return float(interval_survival(np.array([time]), LENGTH, TEMPERATURE, start)[0])

    mean = quad(survival, 0, 80, points=[1, 4, 20], epsabs=1e-11)[0]
    square = quad(lambda time: 2 * time * survival(time), 0, 80, points=[1, 4, 20], epsabs=1e-11)[0]
    assert interval_time(LENGTH, TEMPERATURE, start).value == pytest.approx(mean, rel=1e-9)
    assert interval_variance(LENGTH, TEMPERATURE, start).value == pytest.approx(square - mean**2, rel=1e-8)


@pytest.mark.parametrize("probability", [1e-9, 0.05, 0.5, 0.95, 1 - 1e-9])
@pytest.mark.parametrize("start", [0.0, 1.0])
def test_quantiles_invert_the_law(probability, start):
    time = np.array([interval_quantile(probability, LENGTH, TEMPERATURE, start).value])
    if probability > 0.5:
        left = interval_survival(time, LENGTH, TEMPERATURE, start)[0]
        assert left == pytest.approx(1 - probability, rel=1e-9)
    else:
        assert interval_arrival(time, LENGTH, TEMPERATURE, start)[0] == pytest.approx(probability, rel=1e-9)


def test_the_median_of_finite_volumes_and_not_of_an_exponential():
    median = interval_quantile(0.5, LENGTH, TEMPERATURE).value
    assert mesh_survival(median, 200, 0.0) == pytest.approx(0.5, abs=5e-5)
    assert mesh_survival(math.log(2) * interval_time(LENGTH, TEMPERATURE).value, 200, 0.0) > 0.53


@pytest.mark.parametrize("dim", [1, 2, 3, 10])
@pytest.mark.parametrize("start", [0.0, 0.9])
def test_ball_against_its_radial_diffusion(dim, start):
    # The distance from the centre diffuses in the potential -(d - 1) theta log r.
    def moments(cells):
        mesh = box_mesh((0,), (LENGTH,), (cells,))
        energies = -(dim - 1) * TEMPERATURE * np.log(mesh.centres[0])
        both = passage_moments(mesh, energies, TEMPERATURE, walls=[(0, "upper")])
        return np.array([interpolate(mesh, moment, (start,)) for moment in both])

    law = [
        ball_time(LENGTH, dim, TEMPERATURE, start).value,
        ball_variance(LENGTH, dim, TEMPERATURE, start).value,
    ]
    exact = np.array(law)
    errors = [abs(moments(cells) - exact) / exact for cells in (100, 200)]
    assert errors[1].max() < 2e-3
    seen = errors[1] > 1e-9  # on a line the mean has no error but round-off
    assert seen.any()
    assert errors[0][seen] / errors[1][seen] == pytest.approx(
        4, abs=0.5
    )  # order 2; the centre adds h^2 log h
    other = [
        ball_time(LENGTH, dim + 1, TEMPERATURE, start).value,
        ball_variance(LENGTH, dim + 1, TEMPERATURE, start).value,
    ]
    assert (abs(other / exact - 1) > 10 * errors[1]).all()


def test_square_against_the_series_of_saint_venant():
    # Torsion of a square bar: Laplacian u = -1 on [-1, 1]^2 has u(0) = (1/2)(1 - (32/pi^3) sum ...).
    odd = 2 * np.arange(20) + 1
    series = ((-1.0) ** np.arange(20) / odd**3 / np.cosh(odd * math.pi / 2)).sum()
    centre = (1 - 32 / math.pi**3 * series) / 2
    prediction = cube_exit_time(LENGTH, 2, TEMPERATURE)
    assert prediction.value == pytest.approx(centre * LENGTH**2 / TEMPERATURE, rel=1e-12)
    assert prediction.remainder < 1e-10 * prediction.value


def test_one_direction_is_the_interval():
    assert cube_exit_time(LENGTH, 1, TEMPERATURE).value == pytest.approx(
        interval_time(LENGTH, TEMPERATURE).value, rel=1e-12
    )
    assert cube_exit_variance(LENGTH, 1, TEMPERATURE).value == pytest.approx(
        interval_variance(LENGTH, TEMPERATURE).value, rel=1e-12
    )


@pytest.mark.parametrize(("dim", "meshes"), [(2, (40, 80)), (3, (12, 24))])
def test_cube_against_finite_volumes(dim, meshes):
    # An orthant with mirrors at 0 is the cube; the centre is a corner of the mesh, on faces.
    def moments(cells):
        mesh = box_mesh([0.0] * dim, [LENGTH] * dim, [cells] * dim)
        walls = [(axis, "upper") for axis in range(dim)]
        both = passage_moments(mesh, np.zeros(mesh.size), TEMPERATURE, walls=walls)
        return np.array([interpolate(mesh, moment, [0.0] * dim) for moment in both])

    exact = np.array(
        [cube_exit_time(LENGTH, dim, TEMPERATURE).value, cube_exit_variance(LENGTH, dim, TEMPERATURE).value]
    )
    coarse, fine = (moments(cells) for cells in meshes)
    limit = (4 * fine - coarse) / 3
    assert limit == pytest.approx(exact, rel=2e-3 if dim == 3 else 2e-5)  # what is left is of order h^4
    assert abs(fine / exact - 1).max() < 0.02
    assert (
        abs(ball_time(LENGTH, dim, TEMPERATURE).value / exact[0] - 1) > 0.1
    )  # the ball inside is left earlier


def test_cube_in_many_dimensions_takes_the_shortest_of_many_times():
    # The quantile at 1/d sets the scale of the least of d times; both ends of the integral are far away.
    for dim in (10, 1000, 100_000):
        prediction = cube_exit_time(1.0, dim, 1.0)
        assert prediction.remainder < 1e-9 * prediction.value

        def survival(time, dim=dim):
            return math.exp(dim * math.log1p(-interval_arrival(np.array([time]), 1.0, 1.0)[0]))

        direct = quad(survival, 0, 0.2, epsabs=1e-13)[0] + quad(survival, 0.2, 2, epsabs=1e-13)[0]
        assert prediction.value == pytest.approx(direct, rel=1e-9)
        assert 0.8 < prediction.value / interval_quantile(1 / dim, 1.0, 1.0).value < 1.2


def test_bad_input_is_refused():
    for call in (
        lambda: interval_time(0.0, 1.0),
        lambda: interval_time(1.0, math.inf),
        lambda: interval_variance(1.0, 1.0, 1.5),
        lambda: interval_survival(np.array([-1.0]), 1.0, 1.0),
        lambda: interval_arrival(np.array([math.nan]), 1.0, 1.0),
        lambda: interval_quantile(1.0, 1.0, 1.0),
        lambda: interval_quantile(0.5, 1.0, 1.0, 1.0),
        lambda: ball_time(1.0, 0, 1.0),
        lambda: ball_variance(1.0, 2.5, 1.0),
        lambda: cube_exit_time(1.0, 0, 1.0),
    ):
        with pytest.raises(UsageError):
            call()


@pytest.mark.parametrize("probability", [1e-3, 0.2])
def test_close_to_the_target_the_early_quantiles_are_those_of_a_half_line(probability):
    """P(arrived by t) = erfc(gap / sqrt(4 theta t)), if the mirror is far away."""
    gap, theta = 1e-3, 0.7
    found = interval_quantile(probability, 2.0, theta, 2.0 - gap).value
    assert found == pytest.approx(gap**2 / (4 * theta * erfcinv(probability) ** 2), rel=1e-9)
