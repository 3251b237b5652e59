"""The Fokker-Planck solver: its steady state, its mass, its order, and the exact Ornstein-Uhlenbeck law."""

import numpy as np
import pytest
from scipy.sparse import diags_array, eye_array

from langevin.errors import UsageError
from langevin.theory.fokker_planck.generators import bernoulli, evolve, generator, solver

RNG = np.random.default_rng(4)


def ornstein_uhlenbeck(cells, steps, time, temperature=0.5, stiffness=2.0, start=1.0):
    """Mean and variance at `time` from a point mass on a centre."""
    spacing = 8.0 / cells
    centres = spacing * (np.arange(cells) - (cells - 1) / 2)
    start_cell = round(start / spacing + (cells - 1) / 2)
    assert centres[start_cell] == pytest.approx(start)
    mass = np.zeros(cells)
    mass[start_cell] = 1
    rises = np.diff(stiffness * centres**2 / 2)
    mass = evolve(generator(rises, spacing, temperature), mass, time, steps)
    mean = mass @ centres
    return mean, mass @ centres**2 - mean**2


@pytest.mark.parametrize("periodic", [False, True])
def test_gibbs_is_exactly_stationary_on_a_rough_mesh(periodic):
    energies = 3 * RNG.standard_normal(40)
    rises = np.diff(energies, append=energies[:1]) if periodic else np.diff(energies)
    matrix = generator(rises, 0.3, 0.7, periodic)
    gibbs = np.exp(-energies / 0.7)
    gibbs /= gibbs.sum()
    scale = abs(matrix).max()
    assert abs(matrix @ gibbs).max() < 1e-14 * scale
    # A centred drift, h f' at the faces, is not stationary on this mesh.
    centred = matrix.toarray() * 0
    rate = 0.7 / 0.3**2
    for i in range(39):
        right, left = rate * (1 - rises[i] / 1.4), rate * (1 + rises[i] / 1.4)
        centred[[i + 1, i], i] += (right, -right)
        centred[[i, i + 1], i + 1] += (left, -left)
    assert abs(centred @ gibbs).max() > 1e-3 * scale


def test_mass_is_kept_to_round_off():
    rises = RNG.standard_normal(300)
    mass = np.zeros(301)
    mass[17] = 1
    later = evolve(generator(rises, 0.05, 1.0), mass, 3.0, 400)
    assert abs(later.sum() - 1) < 1e-12
    ring = evolve(generator(rises, 0.05, 1.0, periodic=True), mass[:300], 3.0, 400)
    assert abs(ring.sum() - 1) < 1e-12


def test_ornstein_uhlenbeck_mean_and_variance_at_order_two():
    time, decay = 0.3, np.exp(-2.0 * 0.3)
    exact = np.array([decay, 0.25 * (1 - decay**2)])
    # Refined by three, so that a centre stays on the start.
    errors = [
        np.array(ornstein_uhlenbeck(cells, steps, time)) - exact
        for cells, steps in ((68, 20), (204, 60), (612, 180))
    ]
    orders = np.log(abs(errors[1] / errors[2])) / np.log(3)
    assert orders == pytest.approx([2, 2], abs=0.15)
    assert abs(errors[2] / exact).max() < 1e-3
    wrong = np.array(ornstein_uhlenbeck(612, 180, time, temperature=0.25))
    assert abs(wrong[1] - exact[1]) > 0.1 * exact[1]


def test_a_tilted_ring_turns_at_the_drift():
    # Flux of a constant force F on a ring is F per length: the tilt is what `rises` add up to.
    cells, spacing, force = 50, 0.1, 1.3
    matrix = generator(np.full(cells, -force * spacing), spacing, 1.0, periodic=True).toarray()
    uniform = np.full(cells, 1 / (cells * spacing))
    assert abs(matrix @ uniform).max() < 1e-12
    flux = spacing * (matrix[1, 0] - matrix[0, 1]) * uniform[0]
    assert flux == pytest.approx(force / (cells * spacing), rel=1e-12)


def test_bernoulli_is_safe_everywhere():
    u = np.array([-800.0, -1e-9, 0.0, 1e-9, 1.0, 800.0])
    expected = [800.0, 1 + 5e-10, 1.0, 1 - 5e-10, 1 / (np.e - 1), 0.0]
    assert bernoulli(u) == pytest.approx(expected, rel=1e-12, abs=1e-300)


def test_the_fewest_steps_are_four_implicit_half_steps():
    """Of du/dt = -u: 1 / (1 + dt / 2) each; a third step is that of the trapezoidal rule."""
    decay = -eye_array(2, format="csc")
    start = np.array([1.0, 3.0])
    two, three = (evolve(decay, start, 0.6, steps) for steps in (2, 3))
    assert two == pytest.approx(start / 1.15**4, rel=1e-14)
    assert three == pytest.approx(start / 1.1**4 * 0.9 / 1.1, rel=1e-14)
    assert evolve(decay, start, 0.0, 2) == pytest.approx(start, rel=1e-15)


@pytest.mark.parametrize(("steps", "time"), [(1, 1.0), (2, -1e-300)])
def test_fewer_steps_or_a_time_before_the_start_are_refused(steps, time):
    with pytest.raises(UsageError, match="steps >= 2 and time >= 0"):
        evolve(eye_array(2, format="csc"), np.ones(2), time, steps)


@pytest.mark.parametrize(("spacing", "temperature"), [(0.0, 1.0), (1.0, 0.0), (-1.0, 1.0), (1.0, -1.0)])
def test_a_mesh_needs_a_width_and_a_temperature(spacing, temperature):
    with pytest.raises(UsageError, match="must be positive"):
        generator(np.zeros(3), spacing, temperature)


def test_many_cells_are_solved_directly_in_two_dimensions_only():
    """Five entries in a row mean a mesh in the plane, seven a mesh in space, where 40 000 cells fill the memory."""

    def mesh(cells, entries):
        offsets = range(-(entries // 2), entries // 2 + 1)
        return diags_array([1.0 if k else 10.0 for k in offsets], offsets=list(offsets), shape=(cells, cells))

    for cells, entries in ((40_000, 7), (40_001, 5)):
        matrix = mesh(cells, entries).tocsc()
        assert solver(matrix)(matrix @ np.ones(cells)) == pytest.approx(np.ones(cells), rel=1e-12)
    with pytest.raises(UsageError, match="40001 cells in three dimensions"):
        solver(mesh(40_001, 7).tocsc())


def test_bad_input_is_refused():
    with pytest.raises(UsageError):
        generator(np.zeros(3), 0.1, 0.0)
    with pytest.raises(UsageError):
        evolve(generator(np.zeros(3), 0.1, 1.0), np.ones(4), 1.0, 1)
