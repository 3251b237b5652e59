"""Probability currents: 0 in equilibrium, and those of a rotation if there is one."""

import numpy as np
import pytest

from benchmarks.coverage import CURRENT, bump, normal
from benchmarks.known_processes import FROM, rotating, x, y
from langevin import Problem, Watch, manifolds, measure, simulate
from langevin.errors import UsageError
from langevin.types import Status

CELLS = (np.linspace(-2, 2, 5), np.linspace(-2, 2, 5))


def run(omega, walkers=50, draws=2000, seed=0):
    return rotating(np.random.default_rng(seed), walkers, draws, omega)


def both(states):
    return states[:, 0] + states[:, 1]


@pytest.mark.statistical
@pytest.mark.parametrize("omega", [0.0, 1.0, -1.0])
def test_area_rate(omega):
    """Within 4 standard errors of exp(-s) sin(omega s) / s; the opposite sense is excluded."""
    measured = measure.area_rate(run(omega), x, y, **FROM)
    assert measured.mixed
    assert abs(measured.value - omega * CURRENT) < 4 * measured.error
    assert omega == 0 or abs(measured.value + omega * CURRENT) > 4 * measured.error
    turned = measure.area_rate(run(omega), y, x, **FROM)
    assert turned.value == pytest.approx(-measured.value, rel=1e-9)


@pytest.mark.statistical
def test_correlated_observables_have_no_current_and_half_the_product_would():
    """Control: <x dy> alone, not antisymmetric, is not zero in equilibrium."""
    free = run(0.0)
    measured = measure.area_rate(free, x, both, **FROM)
    assert abs(measured.value) < 4 * measured.error
    place, other = free.states[:, :, 0], free.states.sum(axis=2)
    assert abs((place[:, :-1] * np.diff(other, axis=1)).mean() / 0.2) > 40 * measured.error


@pytest.mark.statistical
@pytest.mark.parametrize("omega", [0.0, 1.0])
def test_field_of_a_rotation(omega):
    """Chi-square of 32 components, each against exact Gaussian integrals, within 4 standard deviations of 32."""
    field = measure.current_field(run(omega), x, y, CELLS, **FROM)
    assert field.shape == (4, 4, 2)
    mass = [normal(high) - normal(low) for low, high in zip(CELLS[0], CELLS[0][1:])]
    first = [bump(low) - bump(high) for low, high in zip(CELLS[0], CELLS[0][1:])]
    exact = np.empty((4, 4, 2))
    exact[:, :, 0] = -omega * CURRENT * np.outer(mass, first)
    exact[:, :, 1] = omega * CURRENT * np.outer(first, mass)
    values = np.vectorize(lambda measured: measured.value)(field)
    errors = np.vectorize(lambda measured: measured.error)(field)
    assert abs((((values - exact) / errors) ** 2).sum() - 32) < 4 * np.sqrt(64)
    assert omega == 0 or ((values / errors) ** 2).sum() > 200


@pytest.mark.statistical
def test_velocity_counted_to_the_start_alone_is_caught():
    """Control: the drift then appears as a current in equilibrium."""
    free = run(0.0)
    start = free.states[:, :-1]
    here = ((start >= 0) & (start < 1)).all(axis=2)
    naive = (np.diff(free.states[:, :, 0], axis=1) * here).mean() / 0.2
    measured = measure.current_field(free, x, y, ([0, 1], [0, 1]), **FROM)[0, 0, 0]
    assert abs(measured.value) < 4 * measured.error
    assert abs(naive) > 4 * measured.error


def test_few_blocks_strangers_and_misuse():
    short = measure.area_rate(run(1.0, 1, 100), x, y, **FROM)
    assert not short.mixed
    assert "blocks" in short.note
    apart = run(0.0, 8, 200)
    apart.states[:, :, 0] += 10 * np.arange(8)[:, None]
    assert "not stationary" in measure.area_rate(apart, x, y, **FROM).note
    far = measure.current_field(run(1.0, 5, 100), x, y, ([8, 9], [8, 9]), **FROM)[0, 0, 0]
    assert not far.mixed
    assert "never visited" in far.note
    for edges in (([0, 1],), ([0, 1], [1, 0])):
        with pytest.raises(UsageError, match="edges"):
            measure.current_field(run(1.0, 5, 100), x, y, edges, **FROM)
    apart.events["status"][0], apart.events["step"][0] = Status.HIT, 1
    assert "stopped" in measure.area_rate(apart, x, y, **FROM).note


def bent(x, out, parameters):
    """Two residuals, x + y^2 and y, both zero at the origin alone."""
    for i in range(x.shape[1]):
        out[0, i] = x[0, i] + x[1, i] ** 2
        out[1, i] = x[1, i]


def bent_jacobian(x, out, parameters):
    for i in range(x.shape[1]):
        out[0, 0, i], out[0, 1, i] = 1.0, 2.0 * x[1, i]
        out[1, 0, i], out[1, 1, i] = 0.0, 1.0


@pytest.mark.parametrize(("dynamics", "driven"), [("soft", False), ("label-noise", True)])
def test_heat_drives_no_current_and_label_noise_does(dynamics, driven):
    """Label noise has the covariance J^T J; (J^T J)^-1 grad f = J^-1 r = (x - y^2, y) is not a gradient: it rotates."""
    place = manifolds.constraint(bent, bent_jacobian, 2, 2, start=[0.0, 0.0], stiffness=10.0)
    walk = simulate(
        Problem(place, 0.1, dynamics),
        walkers=200,
        steps=10_000,
        dt=0.01,
        every=10,
        seed=1,
        watch=Watch(threads=1),
    )
    measured = measure.area_rate(
        walk, lambda states: states[:, 0], lambda states: states[:, 1] ** 2, first_time=20.0
    )
    assert measured.mixed, measured.note
    assert (abs(measured.value) > 20 * measured.error) == driven
    assert driven or abs(measured.value) < 4 * measured.error
