"""Large meshes in three dimensions: iteration agrees with a direct solution, and a slab with its closed form."""

import numpy as np
import pytest
from scipy.integrate import quad

from langevin import theory
from langevin.errors import NumericalError, UsageError
from langevin.theory.fokker_planck import passage as fokker_planck_passage
from langevin.theory.fokker_planck.generators import generator, solver
from langevin.theory.fokker_planck.iterative import refined_solver


def wells(cells, spread=1.0):
    mesh = theory.fokker_planck.box_mesh((-2, -1, -1), (2, 1, 1), (cells, cells, cells))
    x, y, z = mesh.centres
    return mesh, spread * ((x**2 - 1) ** 2 + y**2 / 2 + z**2 * (1 + x / 4))


def test_iteration_finds_what_a_direct_solution_finds(monkeypatch):
    """In every cell: mean and variance of the passage over a barrier of two temperatures, and the committor."""
    mesh, energies = wells(12)
    origin, target = mesh.centres[0] < -0.8, mesh.centres[0] > 0.8
    settings = mesh, energies, 0.5

    def solutions():
        return [
            *theory.fokker_planck.passage_moments(*settings, target),
            theory.fokker_planck.committor(*settings, origin, target),
        ]

    direct = solutions()
    monkeypatch.setattr(fokker_planck_passage, "MOST_DIRECT", 100)
    for one, other in zip(direct, solutions()):
        np.testing.assert_allclose(other, one, rtol=1e-7, atol=1e-9)
        assert (other != one).any()  # by another method


def test_a_slab_in_closed_form(monkeypatch):
    """Free diffusion from a mirror at 0 to a wall at 1: (1 - x^2) / 2 at centres, and h^2 / 8 of the wall at a face."""
    mesh = theory.fokker_planck.box_mesh((0, 0, 0), (1, 0.1, 0.1), (60, 3, 3))
    monkeypatch.setattr(fokker_planck_passage, "MOST_DIRECT", 100)
    times = theory.fokker_planck.mean_passage_time(mesh, np.zeros(mesh.size), 1.0, walls=[(0, "upper")])
    x = mesh.centres[0]
    np.testing.assert_allclose(times, (1 - x**2) / 2 + mesh.spacing[0] ** 2 / 8, rtol=1e-7)


def test_the_time_out_of_a_cube_on_a_large_mesh():
    """Free walkers from the centre of [-1, 1]^3, with more cells than the limit of the direct solution.

    Flat walls on faces leave an error of order h^2: 0.086 h^2 of the mean and less of the variance, for all h.
    """
    cells = 36
    mesh = theory.fokker_planck.box_mesh((-1, -1, -1), (1, 1, 1), (cells, cells, cells))
    assert mesh.size > fokker_planck_passage.MOST_DIRECT
    walls = [(axis, side) for axis in range(3) for side in ("lower", "upper")]
    found = theory.fokker_planck.passage_moments(mesh, np.zeros(mesh.size), 1.0, walls=walls)
    allowed = 0.15 * mesh.spacing[0] ** 2
    closed = theory.passage.cube_exit_time, theory.passage.cube_exit_variance
    for moment, law in zip(found, closed):
        here = theory.fokker_planck.interpolate(mesh, moment, (0, 0, 0))
        assert abs(here - law(1.0, 3, 1.0).value) < allowed
        assert abs(here - law(1.0, 3, 1.05).value) > 2 * allowed  # 5 % more heat is detected


@pytest.mark.slow
def test_a_committor_on_a_large_mesh_does_not_see_what_is_beside_it():
    """With f(x) + g(y, z) the committor between slabs is that of the line, int exp(f / theta) / its whole."""
    mesh = theory.fokker_planck.box_mesh((-2, -1, -1), (2, 1, 1), (56, 34, 34))
    x, y, z = mesh.centres
    energies = (x**2 - 1) ** 2 + y**2 + 2 * z**2 * (1 + y)
    origin, target = x < -1.5, x > 1.5
    assert mesh.size - (origin | target).sum() > fokker_planck_passage.MOST_DIRECT
    found = theory.fokker_planck.committor(mesh, energies, 0.5, origin, target)

    def whole(upper):
        return quad(lambda u: np.exp((u**2 - 1) ** 2 / 0.5), -1.5, upper)[0]

    # slabs end at faces; the fitted flux of a cell takes f to be straight, and leaves 0.002
    for place in np.unique(x[~(origin | target)]):
        np.testing.assert_allclose(found[x == place], whole(place) / whole(1.5), atol=0.005)
    flat = theory.fokker_planck.committor(mesh, 0 * energies, 0.5, origin, target)
    assert abs(flat - found).max() > 0.05


def test_an_error_beyond_its_bound_is_told():
    mesh, energies = wells(6, spread=100.0)
    matrix, live = theory.fokker_planck.absorbing_generator(mesh, energies, 0.5, mesh.centres[0] > 0.8)
    with pytest.raises(NumericalError, match=r"not sure beyond|did not converge"):
        refined_solver(-matrix.T, energies[live] / 0.5)(np.ones(matrix.shape[0]))
    with pytest.raises(UsageError, match="spans"):
        refined_solver(-matrix.T, energies[live] / 0.05)


def test_direct_solutions_of_large_meshes_are_refused():
    mesh = theory.fokker_planck.box_mesh((0, 0, 0), (1, 1, 1), (36, 36, 36))
    with pytest.raises(UsageError, match="too many for a direct solution"):
        solver(theory.fokker_planck.mesh_generator(mesh, np.zeros(mesh.size), 1.0))


def test_a_solution_that_is_not_sure_to_five_digits_is_refused():
    """Heights that differ slightly from those of the matrix leave a residual that no further iteration reduces."""
    heights = 4 * np.cos(7 * np.linspace(0, 1, 41))
    matrix = (-generator(np.diff(heights), 1 / 40, 1.0).T).tocsr()[:40, :40]
    sure = refined_solver(matrix, heights[:40])(np.ones(40))
    assert matrix @ sure == pytest.approx(np.ones(40), abs=1e-8)
    with pytest.raises(NumericalError, match="not sure beyond"):
        refined_solver(matrix, heights[:40] + 3e-3 * np.cos(np.arange(40)))(np.ones(40))
