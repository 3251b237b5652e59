"""First passage on a mesh against quadrature, closed forms and lumped finite volumes."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from langevin.errors import NumericalError, UsageError
from langevin.manifolds import cube
from langevin.potentials import double_well
from langevin.theory.cube.finite_volume import unit_time
from langevin.theory.escape.one_dimension import exact_escape_time
from langevin.theory.fokker_planck.cells import box_mesh, interpolate, region, richardson
from langevin.theory.fokker_planck.generators import mesh_generator
from langevin.theory.fokker_planck.landscape_cells import energies_on, target_on
from langevin.theory.fokker_planck.passage import (
    absorbing_generator,
    committor,
    mean_passage_time,
    passage_moments,
)

TEMPERATURE = 0.3


def tilted(x):
    return (x * x - 1) ** 2 + 0.3 * x


def escape(cells, temperature=TEMPERATURE, sampled=False):
    """Mean time from -1 to 0.5 in a tilted double well, by absorbing cells and by an absorbing wall."""
    times = []
    for upper in (2.5, 0.5):
        mesh = box_mesh((-2.5,), (upper,), (cells * round(2 * (upper + 2.5)),))
        energies = tilted(mesh.centres[0])
        target, walls = (region(mesh, lambda x: x[0] > 0.5), ()) if upper > 1 else (None, [(0, "upper")])
        times.append(
            interpolate(mesh, mean_passage_time(mesh, energies, temperature, target, walls), (-1.0,))
        )
    return np.array(times)


def test_mean_time_in_a_potential_at_order_two():
    exact = exact_escape_time(tilted, -1, 0.5, TEMPERATURE, lower=-2.5).value
    errors = [escape(cells) - exact for cells in (10, 20, 40)]
    assert np.log2(errors[1] / errors[2]) == pytest.approx([2, 2], abs=0.05)
    assert abs(errors[2]).max() < 0.02 * exact
    assert abs(escape(40, 1.03 * TEMPERATURE) - exact).min() > 2 * abs(errors[2]).max()


def test_a_target_at_the_centre_would_be_of_order_one():
    # The cells of the target removed as unknowns T = 0 at their centres: what the faces avoid.
    def times(cells):
        mesh = box_mesh((0,), (1.25,), (cells,))
        target = region(mesh, lambda x: x[0] > 1)
        live = ~target
        matrix = -mesh_generator(mesh, np.zeros(mesh.size), 1.0).T.toarray()[np.ix_(live, live)]
        centre = np.linalg.solve(matrix, np.ones(live.sum()))[0]
        return np.array([mean_passage_time(mesh, np.zeros(mesh.size), 1.0, target)[0], centre])

    errors = [times(cells) - (1 - (0.625 / cells) ** 2) / 2 for cells in (20, 40, 80)]
    orders = np.log2(abs(errors[1] / errors[2]))
    assert orders == pytest.approx([2, 1], abs=0.05)


def test_variance_of_the_time_to_a_wall():
    def variance(cells, temperature=0.5):
        mesh = box_mesh((0,), (2,), (cells,))
        moments = passage_moments(mesh, np.zeros(cells), temperature, walls=[(0, "upper")])
        return interpolate(mesh, moments[1], (0.0,))

    prediction = richardson(variance, 40)
    exact, mean = 2**4 / (6 * 0.5**2), 2**2 / (2 * 0.5)
    assert abs(prediction.value - exact) < 0.1 * prediction.remainder  # what is left is of order h^4
    assert prediction.remainder < 2e-3 * exact
    assert abs(prediction.value - mean**2) > 0.3 * exact  # that of an exponential law
    assert abs(variance(400, temperature=0.51) - exact) > prediction.remainder


def test_the_corner_of_a_square_against_lumped_cells_at_order_four_thirds():
    # The lumped solver is another program; the re-entrant corner decides the order of both.
    landscape = cube(dim=2, samples=0, fraction=0.25)

    def time(cells):
        mesh = box_mesh((0, 0), (1, 1), (cells, cells))
        return mean_passage_time(mesh, energies_on(mesh, landscape), 1.0, target_on(mesh, landscape)).mean()

    limit = unit_time(2, 0.25)
    prediction = richardson(time, 64, order=4 / 3)
    assert abs(prediction.value - limit.value) < prediction.remainder + limit.remainder
    assert prediction.value == pytest.approx(limit.value, rel=1e-3)
    errors = [time(cells) - limit.value for cells in (32, 64, 128)]
    assert math.log2(errors[1] / errors[2]) == pytest.approx(4 / 3, abs=0.1)
    wrong_order = richardson(time, 64, order=2)
    assert abs(wrong_order.value - limit.value) > 3 * abs(prediction.value - limit.value)


@pytest.mark.parametrize("temperature", [0.15, 1.0])
def test_committor_on_a_line_is_the_ratio_of_integrals(temperature):
    def weight(x):
        return math.exp(tilted(x) / temperature)

    exact = quad(weight, -1, 0.25)[0] / quad(weight, -1, 1)[0]

    def probability(cells, theta=temperature):
        mesh = box_mesh((-1.5,), (1.5,), (cells,))
        sets = region(mesh, lambda x: x[0] < -1), region(mesh, lambda x: x[0] > 1)
        return interpolate(mesh, committor(mesh, tilted(mesh.centres[0]), theta, *sets), (0.25,))

    errors = [probability(cells) - exact for cells in (60, 120, 240)]
    assert math.log2(errors[1] / errors[2]) == pytest.approx(2, abs=0.05)
    assert abs(errors[2]) < 2e-4
    assert abs(probability(240, 1.1 * temperature) - exact) > 2 * abs(errors[2])


def test_committor_in_two_chambers():
    def body(x):
        return (abs(x[0] - 1.25) > 0.25) | (abs(x[1] - 0.5) < 0.1)

    mesh = box_mesh((0, 0), (2.5, 1), (50, 20), body=body)
    energies = 0.3 * np.cos(2 * math.pi * (mesh.centres[0] - 1.25) / 2.5)  # even about the middle
    left, right = region(mesh, lambda x: x[0] < 0.1), region(mesh, lambda x: x[0] > 2.4)
    q = committor(mesh, energies, 0.5, left, right)
    assert interpolate(mesh, q, (1.25, 0.5)) == pytest.approx(0.5, abs=1e-10)
    assert q + committor(mesh, energies, 0.5, right, left) == pytest.approx(np.ones(mesh.size), abs=1e-10)
    # The channel is the bottleneck: nearly all of the change happens in it.
    assert interpolate(mesh, q, (1.5, 0.5)) - interpolate(mesh, q, (1.0, 0.5)) > 0.4
    uneven = committor(mesh, energies + 0.2 * mesh.centres[0], 0.5, left, right)
    assert abs(interpolate(mesh, uneven, (1.25, 0.5)) - 0.5) > 0.005


def test_survivors_leave_at_the_rates_of_arrival():
    mesh = box_mesh((0, 0), (1, 1), (10, 10))
    matrix, live = absorbing_generator(mesh, mesh.centres[0], 0.7, walls=[(0, "lower"), (1, "upper")])
    assert live.all()
    leaving = -np.asarray(matrix.sum(axis=0)).ravel()
    at_wall = (mesh.centres[0] < 0.1) | (mesh.centres[1] > 0.9)
    assert (leaving[at_wall] > 1).all()
    assert abs(leaving[~at_wall]).max() < 1e-12 * leaving.max()


def test_times_beyond_round_off_are_refused():
    mesh = box_mesh((-2,), (2,), (400,))
    target = region(mesh, lambda x: x[0] > 0)
    energies = energies_on(mesh, double_well())
    with pytest.raises(NumericalError, match="spectral_gap"):
        mean_passage_time(mesh, energies, 0.025, target)
    time = interpolate(mesh, mean_passage_time(mesh, energies, 0.05, target), (-1.0,))
    assert time == pytest.approx(exact_escape_time(lambda x: (x * x - 1) ** 2, -1, 0, 0.05).value, rel=3e-3)


def test_targets_that_make_no_sense_are_refused():
    mesh = box_mesh((0,), (1,), (10,))
    zeros, nowhere, low = np.zeros(10), np.zeros(10, bool), region(mesh, lambda x: x[0] < 0.3)
    for target in (None, nowhere, ~nowhere, nowhere[:5]):
        with pytest.raises(UsageError):
            mean_passage_time(mesh, zeros, 1.0, target)
    with pytest.raises(UsageError):
        mean_passage_time(mesh, zeros, 1.0, walls=[(1, "upper")])
    for sets in ((low, low), (nowhere, low), (low, nowhere), (low, low[:4])):
        with pytest.raises(UsageError):
            committor(mesh, zeros, 1.0, *sets)
