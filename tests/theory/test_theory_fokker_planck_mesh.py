"""Generator and steady state in one to three dimensions, and the relaxation to it."""

import math

import numpy as np
import pytest
from scipy.linalg import expm

from langevin.errors import UsageError
from langevin.potentials import quadratic
from langevin.potentials.quadratic import matrix_of
from langevin.theory.fokker_planck.cells import box_mesh
from langevin.theory.fokker_planck.generators import evolve, generator, hops, mesh_generator, steady_state
from langevin.theory.fokker_planck.landscape_cells import energies_on

MESHES = {
    1: ((0.0,), (2.0,), (40,), (True,)),
    2: ((0.0, 0.0), (2.0, 1.0), (12, 9), (False, True)),
    3: ((0.0, 0.0, 0.0), (2.0, 1.0, 1.0), (7, 6, 5), (False, False, False)),
}


def rough(dim):
    """A mesh with cells left out, and a random potential on it."""
    lower, upper, cells, periodic = MESHES[dim]
    mesh = box_mesh(
        lower, upper, cells, periodic, body=lambda x: ~((x[0] > 1.2) & (x[-1] < 0.3)) | (dim == 1)
    )
    return mesh, 3 * np.random.default_rng(dim).standard_normal(mesh.size)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_gibbs_is_exactly_stationary_and_in_detailed_balance(dim):
    mesh, energies = rough(dim)
    matrix, masses = mesh_generator(mesh, energies, 0.7), steady_state(mesh, energies, 0.7)
    scale = abs(matrix).max()
    assert masses.sum() == pytest.approx(1, abs=1e-14)
    assert abs(matrix.sum(axis=0)).max() < 1e-13 * scale
    assert abs(matrix @ masses).max() < 1e-14 * scale
    flows = (matrix * masses).tocsc()
    assert abs(flows - flows.T).max() < 1e-14 * scale
    # The law of another temperature is not stationary.
    assert abs(matrix @ steady_state(mesh, energies, 0.8)).max() > 1e-4 * scale


def test_forces_sampled_at_faces_are_not_exactly_gibbs():
    # Chang-Cooper with f' at the face instead of the difference of potentials, on a well of quartic walls.
    mesh = box_mesh((-2,), (2,), (40,))
    (h,), (x,) = mesh.spacing, mesh.centres
    energies = (x**2 - 1) ** 2
    faces = (x[1:] + x[:-1]) / 2
    sampled = generator(4 * faces * (faces**2 - 1) * h, h, 0.3)
    exact = mesh_generator(mesh, energies, 0.3)
    masses, scale = steady_state(mesh, energies, 0.3), abs(exact).max()
    assert abs(exact @ masses).max() < 1e-14 * scale
    assert abs(sampled @ masses).max() > 1e-5 * scale


def test_on_a_line_it_is_the_generator_of_the_line():
    mesh, energies = rough(1)
    line = generator(np.diff(energies, append=energies[:1]), mesh.spacing[0], 0.7, periodic=True)
    assert abs(mesh_generator(mesh, energies, 0.7) - line).max() < 1e-12 * abs(line).max()


@pytest.mark.parametrize("dim", [2, 3])
def test_mass_is_kept_to_round_off(dim):
    mesh, energies = rough(dim)
    matrix = mesh_generator(mesh, energies, 0.7)
    mass = np.zeros(mesh.size)
    mass[3] = 1
    assert abs(evolve(matrix, mass, 2.0, 300).sum() - 1) < 1e-12
    # An error of one part in a thousand of one rate is detected.
    leaking = matrix.copy()
    leaking[3, 3] *= 1.001
    assert abs(evolve(leaking, mass, 2.0, 300).sum() - 1) > 1e-6


def test_moments_of_a_rotated_parabola_at_order_two():
    # Ornstein-Uhlenbeck: mean e^(-Kt) x, covariance theta K^-1 (1 - e^(-2Kt)), from a centre that refining by 3 keeps.
    landscape, temperature, time = quadratic(dim=2, stiffness=1.0, condition=4.0, seed=1), 0.3, 0.25
    matrix, start = matrix_of(landscape), np.array([1.0, 1.0])
    covariance = temperature * np.linalg.inv(matrix) @ (np.eye(2) - expm(-2 * time * matrix))
    exact = np.concatenate([expm(-time * matrix) @ start, covariance.ravel()[[0, 1, 3]]])
    assert abs(covariance[0, 1]) > 0.02  # a parabola that is at an angle to the mesh

    def moments(cells, steps, theta=temperature):
        mesh = box_mesh((-4, -4), (4, 4), (cells, cells))
        x, y = mesh.centres
        mass = np.zeros(mesh.size)
        mass[np.argmin((x - 1) ** 2 + (y - 1) ** 2)] = 1
        mass = evolve(mesh_generator(mesh, energies_on(mesh, landscape), theta), mass, time, steps)
        x, y = x - mass @ x, y - mass @ y
        mean = mass @ mesh.centres.T
        return np.array([*mean, mass @ x**2, mass @ (x * y), mass @ y**2])

    errors = [abs(moments(cells, steps) - exact) for cells, steps in ((20, 8), (60, 24), (180, 72))]
    assert np.log(errors[1] / errors[2]) / np.log(3) == pytest.approx([2] * 5, abs=0.2)
    assert errors[2].max() < 2e-3
    assert abs(moments(180, 72, theta=0.33) - exact)[2] > 5 * errors[2][2]  # a temperature a tenth too high


def test_a_bad_potential_is_refused():
    mesh = box_mesh((0,), (1,), (5,))
    for energies, temperature in (
        (np.zeros(5), 0.0),
        (np.zeros(5), math.nan),
        (np.zeros(4), 1.0),
        (np.full(5, np.inf), 1.0),
    ):
        with pytest.raises(UsageError):
            hops(mesh, energies, temperature)
        with pytest.raises(UsageError):
            steady_state(mesh, energies, temperature)
