"""Relaxation rates against cosines, dense matrices and the quadrature of escape times."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.potentials import double_well
from langevin.theory.escape.one_dimension import exact_escape_time
from langevin.theory.fokker_planck.cells import box_mesh, region, richardson
from langevin.theory.fokker_planck.generators import (
    evolve,
    mesh_generator,
    relaxation_rates,
    spectral_gap,
    steady_state,
)
from langevin.theory.fokker_planck.landscape_cells import energies_on


def test_a_flat_box_has_the_rates_of_cosines_at_order_two():
    def rates(cells):
        mesh = box_mesh((0, 0), (2, 1), (2 * cells, cells))
        return relaxation_rates(mesh, np.zeros(mesh.size), 0.5, 4)

    exact = 0.5 * math.pi**2 * np.array([0, 1 / 4, 1, 1])  # (theta pi^2)(j^2 / 4 + k^2)
    errors = [rates(cells) - exact for cells in (10, 20)]
    assert np.log2(errors[0][1:] / errors[1][1:]) == pytest.approx([2] * 3, abs=0.02)
    assert rates(20)[0] == 0
    assert errors[1] == pytest.approx(np.zeros(4), abs=0.003 * exact[-1])  # (k pi h)^2 / 12 of the value


def test_a_ring_has_every_rate_twice():
    mesh = box_mesh((0,), (2 * math.pi,), (200,), periodic=(True,))
    rates = relaxation_rates(mesh, np.zeros(200), 1.0, 5)
    assert rates == pytest.approx([0, 1, 1, 4, 4], rel=4e-4)
    walled = relaxation_rates(box_mesh((0,), (2 * math.pi,), (200,)), np.zeros(200), 1.0, 5)
    assert walled[1] == pytest.approx(1 / 4, rel=1e-3)


def test_a_parabola_has_whole_multiples_of_its_stiffness():
    for place, exact in ((1, 3.0), (2, 6.0)):

        def rate(cells, place=place):
            mesh = box_mesh((-4,), (4,), (cells,))
            return relaxation_rates(mesh, 1.5 * mesh.centres[0] ** 2, 0.4, 3)[place]

        prediction = richardson(rate, 100)
        assert abs(prediction.value - exact) < 0.05 * prediction.remainder  # the next order is h^4
        assert prediction.remainder < 0.01 * exact


@pytest.mark.parametrize("temperature", [0.1, 0.02])
def test_gap_is_the_rate_over_the_barrier(temperature):
    # Two wells: k_AB + k_BA = 2 k with k = 1 / T(well to well) = 1 / (2 T(well to saddle)), up to e^(-barrier / theta).
    def gap(cells, theta=temperature):
        mesh = box_mesh((-2,), (2,), (cells,))
        return spectral_gap(mesh, energies_on(mesh, double_well()), theta)

    exact = exact_escape_time(lambda x: (x * x - 1) ** 2, -1, 0, temperature).value
    prediction = richardson(gap, 300)
    assert prediction.value * exact == pytest.approx(1, rel=2e-4)  # measured 5e-5 and 3e-7, gap 3e-22
    whole = exact_escape_time(lambda x: (x * x - 1) ** 2, -1, 1, temperature).value
    assert prediction.value * whole > 1.9  # the classic lost factor two
    assert abs(gap(300, 1.05 * temperature) * exact - 1) > 0.3  # a temperature 5 % too high


def test_five_wells_on_a_ring_hop_as_a_chain():
    # Nearest-neighbour hops between n equal wells: 1 - cos(2 pi k / n), each twice, far below the rates inside a well.
    mesh = box_mesh((0,), (1,), (300,), periodic=(True,))
    energies = -0.5 * np.cos(10 * math.pi * mesh.centres[0])
    rates = relaxation_rates(mesh, energies, 0.05, 6)
    chain = 1 - np.cos(2 * math.pi * np.array([0, 1, 1, 2, 2]) / 5)
    # Corrections are of the size of the hops' rate over that inside a well, 1e-9 here.
    assert rates[:5] / rates[1] == pytest.approx(chain / chain[1], rel=1e-7)
    assert rates[5] > 1e6 * rates[4]
    deeper = energies - 0.01 * (abs(mesh.centres[0] - 0.2) < 0.1)
    assert abs(relaxation_rates(mesh, deeper, 0.05, 6)[2] / rates[1] - 1) > 0.01


def test_a_body_with_walls_against_the_dense_matrix():
    mesh = box_mesh(
        (0, 0), (2.5, 1), (25, 10), body=lambda x: (abs(x[0] - 1.25) > 0.25) | (abs(x[1] - 0.5) < 0.1)
    )
    energies = np.sin(3 * mesh.centres[0]) + mesh.centres[1]
    dense = np.sort(-np.linalg.eigvals(mesh_generator(mesh, energies, 0.6).toarray()).real)
    rates = relaxation_rates(mesh, energies, 0.6, 5)
    assert rates[1:] == pytest.approx(dense[1:5], rel=1e-9)
    # A channel that is closed at its last cell is another body.
    narrow = box_mesh(
        (0, 0), (2.5, 1), (25, 10), body=lambda x: (abs(x[0] - 1.25) > 0.25) | (abs(x[1] - 0.45) < 0.05)
    )
    energies = np.sin(3 * narrow.centres[0]) + narrow.centres[1]
    assert spectral_gap(narrow, energies, 0.6) < 0.7 * rates[1]


def test_the_last_memory_dies_at_the_gap():
    mesh = box_mesh((0, 0), (1, 1.5), (15, 20), body=lambda x: (x[0] < 0.4) | (x[1] < 0.6))
    energies = np.cos(4 * mesh.centres[0]) + mesh.centres[1]
    matrix, masses = mesh_generator(mesh, energies, 0.5), steady_state(mesh, energies, 0.5)
    start = region(mesh, lambda x: x[1] > 1.2) * masses
    start /= start.sum()
    gap, watch = spectral_gap(mesh, energies, 0.5), region(mesh, lambda x: x[0] > 0.5)
    times = np.array([2.0, 3.0]) / gap
    left = [watch @ (evolve(matrix, start, time, 2000) - masses) for time in times]
    # The next mode is three times faster: it adds about 1 % between these times.
    assert math.log(left[0] / left[1]) == pytest.approx(1.0, abs=0.02)


def test_three_dimensions():
    mesh = box_mesh((0, 0, 0), (1, 1, 2), (8, 8, 16))
    assert spectral_gap(mesh, np.zeros(mesh.size), 1.0) == pytest.approx(
        (32 * math.sin(math.pi / 32)) ** 2 / 4, rel=1e-9
    )  # (2 / h sin(pi h / (2 L)))^2, the cosine on a lattice of h = 1/8, L = 2


def test_bad_input_is_refused():
    mesh = box_mesh((0,), (1,), (10,))
    for count in (0, 9):
        with pytest.raises(UsageError, match="count"):
            relaxation_rates(mesh, np.zeros(10), 1.0, count)
    assert relaxation_rates(mesh, np.zeros(10), 1.0, 1).tolist() == [0.0]
