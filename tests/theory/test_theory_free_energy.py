"""Free energies and occupancies against Gaussian integrals, landscapes' facts and evolved densities."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.manifolds import canal
from langevin.potentials import quadratic, unequal_wells
from langevin.potentials.quadratic import matrix_of
from langevin.theory.fokker_planck.cells import box_mesh, interpolate, region, richardson
from langevin.theory.fokker_planck.generators import evolve, mesh_generator
from langevin.theory.fokker_planck.landscape_cells import energies_on
from langevin.theory.fokker_planck.passage import mean_passage_time
from langevin.theory.gibbs.free_energies import (
    free_energy,
    harmonic_share,
    mesh_log_partition,
    wide_share,
    wide_share_curve,
)


def test_partition_function_of_a_parabola_in_two_dimensions():
    # (2 pi theta)^(d/2) / sqrt(det K): the midpoint rule is exact to round-off for a Gaussian that ends in the box.
    landscape = quadratic(dim=2, stiffness=1.0, condition=3.0, seed=2)
    mesh = box_mesh((-5, -5), (5, 5), (60, 60))
    energies = energies_on(mesh, landscape)
    exact = math.log(2 * math.pi * 0.3) - 0.5 * math.log(np.linalg.det(matrix_of(landscape)))
    assert mesh_log_partition(mesh, energies, 0.3) == pytest.approx(exact, abs=1e-11)
    assert abs(mesh_log_partition(mesh, energies, 0.303) - exact) > 0.005


def test_free_energy_of_a_tail_at_order_two():
    # The share of x > 1 under a Gaussian of variance theta / k is erfc(sqrt(k / (2 theta))) / 2.
    temperature, stiffness = 0.4, 2.0
    exact = -temperature * math.log(math.erfc(math.sqrt(stiffness / (2 * temperature))) / 2)

    def tail(cells, theta=temperature):
        mesh = box_mesh((-5,), (5,), (cells,))
        energies = stiffness * mesh.centres[0] ** 2 / 2
        return free_energy(mesh, energies, theta, region(mesh, lambda x: x[0] > 1))

    errors = [tail(cells) - exact for cells in (100, 200, 400)]
    assert math.log2(errors[1] / errors[2]) == pytest.approx(2, abs=0.01)
    prediction = richardson(tail, 200)
    assert abs(prediction.value - exact) < 0.01 * prediction.remainder  # the next order is h^4
    assert abs(tail(400, 1.01 * temperature) - exact) > 10 * prediction.remainder
    mesh = box_mesh((-5,), (5,), (10,))
    assert free_energy(mesh, mesh.centres[0], 1.0, np.ones(10, bool)) == 0


@pytest.mark.parametrize("temperature", [0.05, 1.0, 20.0])
def test_unequal_wells_keep_the_walkers_by_width_at_every_temperature(temperature):
    landscape = unequal_wells(left=0.5, right=1.5)

    def share(cells):
        mesh = box_mesh((-2.5,), (7.5,), (cells,))
        right = region(mesh, lambda x: x[0] > 0)
        return wide_share(mesh, energies_on(mesh, landscape), temperature, right, ~right)

    (moment,) = landscape.facts.moments
    prediction, exact = richardson(share, 800), moment.soft(temperature)
    assert abs(prediction.value - exact) < prediction.remainder + 1e-9
    assert prediction.remainder < 1e-3
    # The law of volumes with the curvatures instead of their roots: nine to one.
    assert abs(prediction.value - 0.9) > 0.1


def test_flat_chambers_keep_by_volume_and_exchange_by_detailed_balance():
    def body(x):
        return (x[0] < 0.5) & (x[1] < 0.5) | (x[0] > 0.7) | (abs(x[1] - 0.25) < 0.1)

    mesh = box_mesh((0, 0), (1.7, 1), (34, 20), body=body)
    energies = np.zeros(mesh.size)
    narrow, wide = region(mesh, lambda x: x[0] < 0.5), region(mesh, lambda x: x[0] > 0.7)
    share = wide_share(mesh, energies, 1.0, wide, narrow)
    assert share == pytest.approx(1 / 1.25, rel=1e-12)
    assert share == pytest.approx(
        wide_share_curve(2.0).predict(2).value, rel=1e-12
    )  # sides 2 : 1 in the plane
    # Walkers start in the narrow chamber, and are counted after a long time.
    late = evolve(mesh_generator(mesh, energies, 1.0), narrow / narrow.sum(), 40.0, 400)
    assert late[wide].sum() / late[wide | narrow].sum() == pytest.approx(share, rel=1e-6)
    early = evolve(mesh_generator(mesh, energies, 1.0), narrow / narrow.sum(), 0.2, 400)
    assert early[wide].sum() / early[wide | narrow].sum() < 0.5 * share
    # Un-grokking over grokking: mean times out of each chamber's far corner are nearly as the volumes.
    out = interpolate(mesh, mean_passage_time(mesh, energies, 1.0, narrow), (1.65, 0.95))
    back = interpolate(mesh, mean_passage_time(mesh, energies, 1.0, wide), (0.05, 0.05))
    assert out > 2 * back


@pytest.mark.parametrize("transverse", [1, 2])
def test_canal_adds_odds_with_every_transverse_direction(transverse):
    # Sections at x = pi (flat) and x = 0 (stiff): odds sqrt(a(0) / a(pi)) = e^A a direction.
    landscape = canal(transverse=transverse, stiffness=4.0, amplitude=0.5)
    lower, upper = [-math.pi / 9] + [-4.0] * transverse, [2 * math.pi - math.pi / 9] + [4.0] * transverse
    mesh = box_mesh(lower, upper, [9 * 2] + [40] * transverse)
    flat, stiff = (region(mesh, lambda x, at=at: abs(x[0] - at) < 0.2) for at in (math.pi, 0))
    energies = energies_on(mesh, landscape)
    share = wide_share(mesh, energies, 0.3, flat, stiff)
    section = mesh.centres[0, [np.flatnonzero(flat)[0], np.flatnonzero(stiff)[0]]]
    profile = landscape.facts.profile.stiffness(section)
    predicted = wide_share_curve(math.sqrt(profile[1] / profile[0])).predict(transverse).value
    assert share == pytest.approx(predicted, abs=1e-9)
    assert abs(share - wide_share_curve(profile[1] / profile[0]).predict(transverse).value) > 0.05


def test_harmonic_share_errs_in_proportion_to_the_temperature():
    # Wells of depth 0 at -1 and 1 with curvatures 8 (1 -+ 0.3).
    mesh = box_mesh((-2.5,), (2.5,), (4000,))
    x = mesh.centres[0]
    energies = (x * x - 1) ** 2 * (1 + 0.3 * x)
    wide = region(mesh, lambda x: x[0] < 0)

    def error(temperature):
        law = harmonic_share([8 * 0.7], [8 * 1.3], 0.0, temperature, barrier=1.0)
        assert law.in_range
        exact = wide_share(mesh, energies, temperature, wide, ~wide)
        return math.log(exact / (1 - exact)) - math.log(law.value / (1 - law.value))

    errors = [error(temperature) for temperature in (0.04, 0.02, 0.01)]
    assert np.log2(np.divide(errors[:-1], errors[1:])) == pytest.approx([1, 1], abs=0.15)
    assert abs(errors[2]) < 0.03
    assert not harmonic_share([1], [2], 0.0, 1.0, barrier=4.9).in_range


def test_harmonic_share_knows_depth_and_dimension():
    share = harmonic_share([1.0, 4.0], [4.0, 9.0], depth=0.2, temperature=0.1, barrier=1.0).value
    assert share / (1 - share) == pytest.approx(3 * math.exp(2))
    assert harmonic_share([1.0], [1.0], depth=-900.0, temperature=1.0, barrier=1.0).value == 0
    assert harmonic_share([1.0], [1.0], depth=900.0, temperature=1.0, barrier=1.0).value == 1


def test_bad_input_is_refused():
    mesh = box_mesh((0,), (1,), (10,))
    low, zeros = region(mesh, lambda x: x[0] < 0.5), np.zeros(10)
    for call in (
        lambda: mesh_log_partition(mesh, zeros, 0.0),
        lambda: free_energy(mesh, zeros, 1.0, low & ~low),
        lambda: free_energy(mesh, zeros, 1.0, low[:3]),
        lambda: wide_share(mesh, zeros, 1.0, low, low),
        lambda: harmonic_share([1.0], [1.0, 2.0], 0.0, 1.0, 9.0),
        lambda: harmonic_share([1.0], [-1.0], 0.0, 1.0, 9.0),
        lambda: harmonic_share([1.0], [1.0], 0.0, 0.0, 9.0),
        lambda: wide_share_curve(0.0),
        lambda: wide_share_curve(2.0).predict(-1),
    ):
        with pytest.raises(UsageError):
            call()
