"""The lumped finite volumes against full grids, exact values and walk on spheres."""

import itertools
import math

import numpy as np
import pytest
from scipy.sparse import diags_array, eye_array, kron
from scipy.sparse.linalg import spsolve

from langevin.theory.cube.closed_forms import capacity_time
from langevin.theory.cube.finite_volume import (
    base_mesh,
    cell_widths,
    lumped_system,
    mesh_time,
    reference_time,
    sorted_cells,
    unit_time,
)


def full_grid_time(free, inside, outside, fraction):
    """The same cells without lumping: a tensor grid of (inside + outside)^free unknowns."""
    widths = cell_widths(inside, outside, fraction)
    cells = len(widths)
    between = 2 / (widths[1:] + widths[:-1])
    line = diags_array([between, between], offsets=[1, -1])
    line = (diags_array(np.asarray(line.sum(axis=1)).ravel()) - line).tocsr()
    volumes = np.ones(1)
    for _ in range(free):
        volumes = np.kron(volumes, widths)
    matrix = 0
    for axis in range(free):
        factors = [diags_array(widths)] * free
        factors[axis] = line
        term = eye_array(1)
        for factor in factors:
            term = kron(term, factor)
        matrix = matrix + term
    index = np.array(np.unravel_index(np.arange(cells**free), (cells,) * free))
    target = (index < inside).all(axis=0)
    matrix = matrix.tocsr()
    # The target's centres are replaced by its faces: those conductances are over half an outer cell.
    faces = np.asarray(-matrix[~target][:, target].sum(axis=1)).ravel()
    stretched = (widths[inside - 1] + widths[inside]) / 2 / (widths[inside] / 2)
    system = matrix[~target][:, ~target] + diags_array(faces * (stretched - 1))
    return float(volumes[~target] @ spsolve(system.tocsc(), volumes[~target]))


def walk_on_spheres(free, fraction, walkers, seed, shell=1e-6):
    """Mean and standard error by Brownian exit from spheres, which is exact except for the absorbing shell.

    Unfolded by its mirrors the box is a torus, whose nearest copy of the target is the one at the
    origin; a sphere of radius R takes R^2 / (2 n theta) on average.
    """
    rng = np.random.default_rng(seed)
    x, times, live = rng.random((walkers, free)), np.zeros(walkers), np.arange(walkers)
    while live.size:
        radius = np.sqrt((np.maximum(np.abs(x) - fraction, 0) ** 2).sum(axis=1))
        out = radius > shell
        x, radius, live = x[out], radius[out], live[out]
        times[live] += radius**2 / (2 * free)
        direction = rng.standard_normal(x.shape)
        direction *= (radius / np.sqrt((direction**2).sum(axis=1)))[:, None]
        x = (x + direction + 1) % 2 - 1
    return times.mean(), times.std() / math.sqrt(walkers)


@pytest.mark.parametrize(("free", "cells"), [(1, 5), (2, 6), (3, 5), (5, 4)])
def test_rows_are_all_sorted_tuples_in_rank_order(free, cells):
    rows = sorted_cells(free, cells)
    expected = sorted(itertools.combinations_with_replacement(range(cells), free), key=lambda row: row[::-1])
    assert rows.tolist() == [list(row) for row in expected]
    ranks = [sum(math.comb(cell + slot, slot + 1) for slot, cell in enumerate(row)) for row in rows.tolist()]
    assert ranks == list(range(len(rows)))


@pytest.mark.parametrize(("free", "inside", "outside", "fraction"), [(2, 3, 5, 0.4), (3, 2, 3, 0.25)])
def test_lumping_changes_nothing(free, inside, outside, fraction):
    full = full_grid_time(free, inside, outside, fraction)
    assert mesh_time(free, inside, outside, fraction) == pytest.approx(full, rel=1e-9)
    # The identity would notice an absorbing face put at the centre of the target's cell: 5 % and more.
    assert full_grid_time(free, inside, outside + 1, fraction) != pytest.approx(full, rel=1e-3)


def test_cells_grow_evenly_from_the_target():
    equal = cell_widths(3, 7, 0.3)
    assert equal == pytest.approx([0.1] * 10)
    grown = cell_widths(4, 12, 0.01)
    assert grown[:4] == pytest.approx([0.0025] * 4)
    assert grown.sum() == pytest.approx(1, rel=1e-14)
    ratios = grown[5:] / grown[4:-1]
    assert ratios == pytest.approx([ratios[0]] * 11, rel=1e-9)
    # Twice as many cells halve every one: the extrapolation takes one map.
    finer = cell_widths(8, 24, 0.01)
    assert finer[::2] + finer[1::2] == pytest.approx(grown, rel=1e-9)


@pytest.mark.parametrize(("free", "fraction"), [(2, 0.005), (2, 0.02), (2, 0.1), (3, 0.01)])
def test_a_small_target_has_the_time_of_its_capacity(free, fraction):
    """The law is known to 1.2 eps^2 or 0.6 eps^2; an error of half a per cent is far outside both."""
    found, law = reference_time(free, 1.0, fraction, 1e-6), capacity_time(free, 1.0, fraction, 1e-6)
    assert abs(found.value - law.value) <= found.remainder + law.remainder
    assert found.remainder < 0.005 * found.value


#: Least and largest targets, and those between.
FRACTIONS = (0.005, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9)


def finer(monkeypatch, free, fraction, unknowns):
    """The same extrapolation from meshes with more unknowns."""
    for name, number in (("MOST_UNKNOWNS", unknowns), ("MOST_CELLS", 400), ("ENOUGH_CELLS", 400)):
        monkeypatch.setattr(f"langevin.theory.cube.finite_volume.{name}", number)
    return unit_time.__wrapped__(free, fraction)


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_remainder_is_a_bound_in_the_plane(fraction, monkeypatch):
    found, better = unit_time(2, fraction), finer(monkeypatch, 2, fraction, 8_000)
    assert abs(found.value - better.value) <= found.remainder
    assert better.remainder < 0.6 * found.remainder


@pytest.mark.slow
@pytest.mark.parametrize("fraction", FRACTIONS)
@pytest.mark.parametrize("free", [3, 4, 5, 6, 7, 8])
def test_remainder_is_a_bound_in_every_dimension(free, fraction, monkeypatch):
    """Four times as many unknowns. No mesh fits six dimensions or more with a target of .5 %: no time is given."""
    found = unit_time(free, fraction)
    if free >= 6 and fraction <= 0.02 and math.isnan(found.value):
        assert not found.in_range
        return
    better = finer(monkeypatch, free, fraction, 400_000)
    assert abs(found.value - better.value) <= found.remainder + better.remainder


def test_system_is_symmetric_and_holds_the_whole_volume():
    matrix, volumes = lumped_system(4, 2, 5, 0.3)
    assert abs(matrix - matrix.T).max() == 0
    assert volumes.sum() == pytest.approx(1 - 0.3**4, rel=1e-13)


def test_one_coordinate_converges_to_the_closed_form_at_order_two():
    exact = reference_time(1, 1.0, 0.3, 1.0).value
    errors = [mesh_time(1, 3 * r, 7 * r, 0.3) - exact for r in (1, 2, 4)]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    assert orders == pytest.approx([2, 2], abs=0.01)


def test_error_goes_as_h_to_four_thirds_at_reentrant_edges():
    limit = unit_time(2, 0.25).value
    errors = [mesh_time(2, r, 3 * r, 0.25) - limit for r in (8, 16, 32)]
    order = np.log2(errors[1] / errors[2])
    assert order == pytest.approx(4 / 3, abs=0.1)  # the next term, h^2, shows at this level
    assert abs(order - 2) > 0.5  # a smooth solution's order, and its extrapolation, would be wrong


@pytest.mark.parametrize(("free", "finest"), [(2, 40), (3, 20), (4, 11)])
def test_remainder_holds_against_finer_meshes(free, finest):
    # One mesh more and one term more, h^(8/3), on finer meshes than the prediction's.
    factors = np.array([finest // 4, finest // 2, 3 * finest // 4, finest])
    times = np.array([mesh_time(free, r, 3 * r, 0.25) for r in factors])
    powers = np.column_stack([1.0 / factors**exponent for exponent in (0, 4 / 3, 2, 8 / 3)])
    better = np.linalg.solve(powers, times)[0]
    prediction = unit_time(free, 0.25)
    assert abs(prediction.value - better) <= prediction.remainder
    assert abs(times[-1] - better) > 3 * prediction.remainder  # no mesh alone would pass


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("free", "fraction", "walkers"),
    [(2, 0.5, 40_000), (3, 0.15, 10_000), (5, 0.25, 10_000), (8, 0.5, 8_000)],
)
def test_walk_on_spheres_agrees(free, fraction, walkers):
    mean, error = walk_on_spheres(free, fraction, walkers, seed=11)
    prediction = unit_time(free, fraction)
    assert abs(prediction.value - mean) < 4 * error + prediction.remainder
    wider = unit_time(free, 1.1 * fraction)
    assert abs(wider.value - mean) > 4 * error + wider.remainder  # a target a tenth too wide is excluded


@pytest.mark.slow
@pytest.mark.statistical
@pytest.mark.parametrize(("free", "walkers"), [(7, 40_000), (8, 20_000)])
def test_walk_on_spheres_agrees_in_high_dimension(free, walkers):
    mean, error = walk_on_spheres(free, 0.25, walkers, seed=12)
    prediction = unit_time(free, 0.25)
    assert abs(prediction.value - mean) < 4 * error + prediction.remainder


def test_remainder_at_a_quarter_is_about_one_per_cent_at_most():
    for free in range(1, 9):
        prediction = reference_time(free, 1.0, 0.25, 1.0)
        assert prediction.in_range
        assert prediction.remainder <= 0.0125 * prediction.value


def test_base_mesh_has_equal_cells_where_it_can():
    assert base_mesh(8, 0.25)[:2] == (1, 3)
    assert base_mesh(3, 0.3)[:2] == (3, 7)
    assert base_mesh(8, 0.05)[2] >= 3


def test_units_and_ends():
    assert reference_time(4, 2.0, 0.25, 0.5).value == pytest.approx(8 * unit_time(4, 0.25).value, rel=1e-14)
    assert reference_time(0, 1.0, 0.25, 1.0).value == 0
    for beyond in (reference_time(9, 1.0, 0.25, 1.0), reference_time(8, 1.0, 0.005, 1.0)):
        assert math.isnan(beyond.value)
        assert not beyond.in_range
