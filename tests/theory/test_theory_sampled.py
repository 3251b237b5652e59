"""Sampled partition functions, free energies, volumes and moments agree with closed forms and quadrature."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from langevin import manifolds, potentials
from langevin.errors import NumericalError, UsageError
from langevin.potentials.quadratic import matrix_of
from langevin.theory.gibbs import annealing
from langevin.theory.gibbs import sampling as sampled
from langevin.theory.gibbs.annealing import box_of, cooled
from langevin.theory.gibbs.sampling import (
    confining_box,
    sampled_free_energy,
    sampled_log_partition,
    sampled_log_volume,
    sampled_moments,
)

WELL = potentials.double_well()
BOX = ([-2.5], [2.5])


def boltzmann(x, theta=0.1):
    return math.exp(-((x * x - 1) ** 2) / theta)


def off(found, exact):
    """Distance from the exact value, in remainders."""
    return (found.value - exact) / found.remainder


def test_partition_function_of_a_double_well():
    exact = math.log(quad(boltzmann, -2.5, 2.5, points=[-1, 1])[0])
    found = sampled_log_partition(WELL, 0.1, *BOX)
    assert abs(off(found, exact)) < 4
    assert found.remainder < 0.03
    assert abs(off(found, exact + 0.2)) > 4


def test_partition_function_of_a_rotated_parabola_in_six_dimensions():
    landscape = potentials.quadratic(dim=6, stiffness=4.0, condition=10.0, seed=1)
    exact = 3 * math.log(2 * math.pi * 0.3) - 0.5 * np.linalg.slogdet(matrix_of(landscape))[1]
    found = sampled_log_partition(landscape, 0.3, [-5] * 6, [5] * 6)
    assert abs(off(found, exact)) < 4
    assert found.remainder < 0.1


def test_free_energy_of_a_pass_that_holds_a_share_of_e_to_minus_eleven():
    part = quad(boltzmann, -0.1, 0.1)[0]
    exact = -0.1 * math.log(part / quad(boltzmann, -2.5, 2.5, points=[-1, 1])[0])
    found = sampled_free_energy(WELL, 0.1, *BOX, lambda x: np.abs(x[0]) < 0.1)
    assert exact > 1.0
    assert abs(off(found, exact)) < 4
    assert found.remainder < 0.01


VOLUMES = {
    "sphere": (manifolds.sphere(3), 1.3, math.log(4 * math.pi), None),
    "torus": (manifolds.torus(), 3.5, math.log(8 * math.pi**2), None),
    "quartic torus": (manifolds.quartic_torus(), 3.5, math.log(8 * math.pi**2), None),
    # A circle of second vectors for each first one, sqrt(2) long: |dx|^2 + |dy|^2 counts their common turn twice.
    "frames": (manifolds.stiefel(rows=3), 1.3, math.log(8 * math.pi**2 * math.sqrt(2)), None),
    "half a sphere": (manifolds.sphere(3), 1.3, math.log(2 * math.pi), lambda x: x[2] > 0),
    "one period of a canal": (manifolds.canal(transverse=2), math.pi, math.log(2 * math.pi), None),
}


@pytest.mark.parametrize("name", VOLUMES)
def test_volumes_of_surfaces(name):
    """Within 4 remainders, which are some per cent; twice the volume is detected."""
    surface, half, exact, where = VOLUMES[name]
    found = sampled_log_volume(surface, [-half] * surface.dim, [half] * surface.dim, where)
    assert abs(off(found, exact)) < 4
    assert found.remainder < 0.12
    assert abs(off(found, exact + math.log(2))) > 4


def test_a_set_of_equations_without_a_closed_form():
    """Quadrics through the origin's directions: x = rho u solves all equations where c_a / u.Q_a u agree for all a.

    Independent: in the plane, with one equation, the set is an ellipse of which SciPy knows the length.
    """
    surface = manifolds.quadrics(dim=2, equations=1, spread=0.5)
    residual = np.empty((1, 1))

    def squared(angle):
        """|x|^2 along a direction: r = sqrt(k) (x.Q x - c) / (2 R) is linear in it."""
        values = []
        for scale in (1.0, 2.0):
            surface.residual(
                scale * np.array([[math.cos(angle)], [math.sin(angle)]]), residual, surface.parameters
            )
            values.append(residual[0, 0])
        slope = (values[1] - values[0]) / 3
        return 1 - values[0] / slope

    def length(angle, h=1e-5):
        slope = (math.sqrt(squared(angle + h)) - math.sqrt(squared(angle - h))) / (2 * h)
        return math.hypot(math.sqrt(squared(angle)), slope)

    exact = math.log(quad(length, 0, 2 * math.pi)[0])
    found = sampled_log_volume(surface, [-2, -2], [2, 2])
    assert abs(off(found, exact)) < 4
    assert found.remainder < 0.1


def test_gibbs_measure_of_a_valley_with_a_flat_side():
    """int kappa^(-1/2) dphi = 2 pi R I_0(A / 2) / sqrt(k); the surface measure is detected."""
    from scipy.special import iv

    surface = manifolds.valley(stiffness=400.0, amplitude=2.0)
    exact = math.log(2 * math.pi * iv(0, 1.0) / 20.0)
    found = sampled_log_volume(surface, [-1.4] * 2, [1.4] * 2, measure="gibbs")
    assert abs(off(found, exact)) < 4
    other = sampled_log_volume(surface, [-1.4] * 2, [1.4] * 2)
    assert abs(off(other, exact)) > 4


def test_volume_of_a_body():
    body = manifolds.chambers()
    found = sampled_log_volume(body, body.facts.box.lower, body.facts.box.upper)
    assert abs(off(found, math.log(1 + 4 + 0.5 * 0.2))) < 4


TEN = potentials.quadratic(dim=10)
TEN_BOX = ([-6.0] * 10, [6.0] * 10)
TEN_EXACT = 5 * math.log(math.pi)  # (2 pi theta)^(d / 2) at theta = 0.5 and stiffness 1


@pytest.mark.statistical
def test_the_mean_partition_function_has_no_bias():
    """Few members, many populations: a bias is of order 1 / members, its error of order of their root."""
    found = sampled_log_partition(TEN, 0.5, *TEN_BOX, walkers=200, replicas=30)
    assert abs(off(found, TEN_EXACT)) < 4
    assert found.remainder < 0.1


@pytest.mark.statistical
def test_populations_that_choose_their_own_steps_are_biased():
    """The same without a pilot: the result of populations with separate steps and moves is too large."""
    box, logs = box_of(TEN, *TEN_BOX, None), []
    for seed in range(30):
        *_, (last, _) = annealing.pilot(box, 200, 0.5, seed)
        logs.append(last.log_partition)
    assert off(sampled.log_mean_of(logs), TEN_EXACT) > 4


def test_moments_in_ten_dimensions():
    """A Gaussian of variance v = theta / k in each coordinate: E |x|^2 = d v, E x_1^4 = 3 v^2."""
    landscape = potentials.quadratic(dim=10, stiffness=2.0)
    low, high = confining_box(landscape, 0.5)
    functions = (lambda x: (x**2).sum(axis=0), lambda x: x[0] ** 4)
    square, fourth = sampled_moments(landscape, 0.5, functions, low, high)
    assert abs(off(square, 2.5)) < 4
    assert square.remainder < 0.05
    assert abs(off(fourth, 0.1875)) < 4
    assert abs(off(fourth, 0.25)) > 4


def test_the_box_of_a_narrow_slanted_well_grows_until_it_holds_it():
    """Condition 1000, rotated: on the axes the loss rises 60 theta long before it does along the floor."""
    landscape = potentials.quadratic(dim=2, stiffness=1000.0, condition=1000.0, seed=3)
    low, high = confining_box(landscape, 1.0)
    spread = np.sqrt(np.diag(landscape.facts.covariance(1.0)))
    assert (high > 2.5 * spread).all()
    assert (low < -2.5 * spread).all()
    assert (np.abs(low + high) < 0.1 * (high - low)).all()  # about the bottom of the well, as the well is


def test_without_moves_the_population_is_found_out(monkeypatch):
    """Broken on purpose: members never move, only a few of the first ones remain, and the spread shows it."""
    honest = sampled_log_partition(
        potentials.quadratic(dim=4, stiffness=400.0), 0.1, [-5] * 4, [5] * 4, walkers=500
    )
    monkeypatch.setattr(annealing, "MOVES", 0)
    frozen = sampled_log_partition(
        potentials.quadratic(dim=4, stiffness=400.0), 0.1, [-5] * 4, [5] * 4, walkers=500
    )
    assert frozen.remainder > 5 * honest.remainder


def test_moves_that_always_go_are_found_out(monkeypatch):
    """Metropolis without its test: the population spreads over the box, and Z is far too small."""
    exact = math.log(quad(boltzmann, -2.5, 2.5, points=[-1, 1])[0])
    box = box_of(WELL, *BOX, None)

    class Careless:
        def __init__(self, rng):
            self.rng = rng

        def exponential(self, size):
            return np.full(size, 1e9)

        def __getattr__(self, name):
            return getattr(self.rng, name)

    default = np.random.default_rng
    monkeypatch.setattr(annealing.np.random, "default_rng", lambda seed: Careless(default(seed)))
    *_, (last,) = cooled(box, 2000, 0.1, 0, 1)
    assert last.log_partition < exact - 0.5


def test_what_cannot_be_sampled_is_refused(monkeypatch):
    ring = manifolds.ring()
    for call, words in [
        (lambda: sampled_log_partition(WELL, 0.0, *BOX), "temperature"),
        (lambda: sampled_log_partition(WELL, 0.1, [1.0], [0.0]), "lower < upper"),
        (lambda: sampled_log_partition(WELL, 0.1, *BOX, walkers=10), "walkers"),
        (lambda: sampled_log_partition(WELL, 0.1, *BOX, replicas=1), "replicas"),
        (lambda: sampled_log_volume(ring, [-2, -2], [2, 2], measure="soft"), "measure"),
        (lambda: confining_box(potentials.periodic(), 1.0), "does not rise"),
    ]:
        with pytest.raises(UsageError, match=words):
            call()
    with pytest.raises(NumericalError, match="no part of ring"):
        sampled_log_volume(ring, [2.0, 2.0], [3.0, 3.0], replicas=2, walkers=200)
    monkeypatch.setattr(annealing, "MOST_DRAWS", 20)
    with pytest.raises(UsageError, match="fits it more closely"):
        sampled_log_partition(WELL, 0.1, *BOX, lambda x: np.abs(x[0]) < 1e-6, walkers=100)


def test_populations_are_the_same_for_the_same_seed():
    first, again = (sampled_log_partition(WELL, 0.1, *BOX, walkers=200, replicas=2, seed=3) for _ in range(2))
    assert first == again
    assert sampled.mean_of([1.0, 3.0]).remainder == pytest.approx(1.0)
