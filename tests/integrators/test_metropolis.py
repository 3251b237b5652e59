"""Metropolis walks on surfaces have the exact law at coarse steps, and each of their rules is needed for it.

Walkers are independent and only last states are used, so errors are those of independent numbers. Steps have the
standard deviation `size` in space, dt = size^2 / 2 at temperature 1.
"""

import sys
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numba.extending import register_jitable

import langevin
from langevin.ensemble import advance
from langevin.ensemble.checks import StepSizeWarning
from langevin.errors import UsageError
from langevin.integrators import metropolis, projected_to
from langevin.kernels import rounding
from langevin.manifolds import ellipsoid, quadrics, quartic_torus, special_orthogonal, sphere
from tests.engine import digest, normals
from tests.landscapes.walks import deviation, log_det, moment, on

pytestmark = pytest.mark.statistical
RULES = sys.modules["langevin.integrators.metropolis"]


def walk(landscape, integrator, size, *, walkers=20_000, steps=120, **more):
    """A run with steps of standard deviation `size`; it checks that every state is on the surface."""
    problem = langevin.Problem(landscape, 1.0, "projected")
    run = langevin.simulate(
        problem, integrator, walkers=walkers, steps=steps, dt=size**2 / 2, **{"seed": 3} | more
    )
    assert run.counts["finished"] == walkers
    few = run.states[:500, -1]
    r, J = on(landscape, few)
    assert (np.linalg.norm(r, axis=1) <= 1e-10 * np.linalg.norm(J, axis=(1, 2))).all()
    return run


def axial_square(run):
    """rho^2 at the end, on a torus."""
    return (run.states[:, -1, :2] ** 2).sum(axis=1)


#: The torus with Newton's steps, which can turn a normal over; its own return cannot.
TORUS = replace(quartic_torus(), retract=None)


@cache
def torus_walk(size=1.2):
    """A run on a tube of radius 1 with steps of 1.2: every rule except the walls is used."""
    return walk(TORUS, metropolis(), size)


def test_a_torus_at_a_step_larger_than_its_tube():
    """Within 4 standard errors of 0.2 %; the Gibbs law of the same set is far outside."""
    square = moment(quartic_torus(), "rho^2")
    assert deviation(axial_square(torus_walk()), square.surface) < 4
    assert deviation(axial_square(torus_walk()), square.gibbs) > 20


@pytest.mark.slow
def test_the_closed_return_to_the_torus_has_the_same_law():
    run = walk(quartic_torus(), metropolis(), 1.2)
    assert deviation(axial_square(run), moment(quartic_torus(), "rho^2").surface) < 4


def test_without_the_reverse_check_the_law_is_wrong(monkeypatch):
    monkeypatch.setattr(RULES, "note_no_return", believe)
    run = walk(TORUS, metropolis(), 1.2)
    assert run.tallies["reverse_failed"] == 0
    assert deviation(axial_square(run), moment(quartic_torus(), "rho^2").surface) > 8


@register_jitable
def believe(back, x, kick, cause):
    for lane in range(cause.size):
        cause[lane] = 0.0 if cause[lane] > 0.0 else cause[lane]


@pytest.mark.slow
def test_the_gibbs_law_of_a_torus():
    run = walk(TORUS, metropolis("gibbs"), 1.2)
    assert deviation(axial_square(run), moment(quartic_torus(), "rho^2").gibbs) < 4


@pytest.mark.parametrize(("dim", "aspect", "size"), [(2, 3.0, 0.6), (5, 3.0, 0.3), (3, 1.0, 1.0)])
def test_the_gibbs_law_of_ellipsoids(dim, aspect, size):
    """E x_i^2 = a_i^2 / n, within 4 standard errors each; a sphere is one of them, with E x^4 = 3 / (n (n + 2))."""
    landscape = ellipsoid(dim, aspect=aspect)
    ends = walk(landscape, metropolis("gibbs"), size, walkers=10_000, steps=200).states[:, -1]
    for end, square in zip(ends.T, landscape.facts.moments, strict=True):
        assert deviation(end**2, square.gibbs) < 4
    if aspect == 1.0:
        assert deviation(ends[:, 0] ** 4, 3 / (dim * (dim + 2))) < 4
    else:
        assert deviation(ends[:, 0] ** 2, moment(landscape, "x_1^2").surface) > 8


@pytest.mark.slow
def test_plain_projection_is_biased_at_that_step():
    landscape = ellipsoid(2)
    problem = langevin.Problem(landscape, 1.0, "projected")
    with pytest.warns(StepSizeWarning, match="coarse"):
        run = langevin.simulate(
            problem, projected_to("gibbs"), walkers=10_000, steps=200, dt=0.6**2 / 2, seed=3
        )
    ends = run.states[run.events["status"] == 0, -1]
    assert deviation(ends[:, 0] ** 2, moment(landscape, "x_1^2").gibbs) > 8


@pytest.mark.slow
def test_the_surface_law_of_an_ellipse():
    """On this ellipse the plain projected step loses nearly all its walkers."""
    landscape = ellipsoid(2)
    ends = walk(landscape, metropolis(), 0.6, steps=300).states[:, -1]
    assert deviation(ends[:, 0] ** 2, moment(landscape, "x_1^2").surface) < 4
    assert deviation(ends[:, 0] ** 2, moment(landscape, "x_1^2").gibbs) > 8


@pytest.mark.slow
def test_rotations_of_space():
    landscape = special_orthogonal(3)
    run = walk(landscape, metropolis(), 0.5, walkers=10_000, steps=80)
    rotations = run.states[:, -1].reshape(-1, 3, 3)
    assert (np.linalg.det(rotations) > 0).all(), "never a reflection"
    traces = np.trace(rotations, axis1=1, axis2=2)
    assert deviation(traces**2, moment(landscape, "(tr X)^2").surface) < 4
    assert deviation(traces**4, moment(landscape, "(tr X)^4").surface) < 4
    assert deviation(traces**2, 1.1) > 4


def circulation(landscape, states):
    """det(grad r_1, grad r_2, grad h, grad g) for quadrics in four dimensions, h = x_1 x_2, g = x_1 x_4.

    It is the divergence of g F for a field F without divergence along the surface, hence has the mean 0 under
    delta(r_1) delta(r_2) dx, which is the Gibbs law, whatever r, h and g.
    """
    _, J = on(landscape, states)
    rows = np.zeros((len(states), 4, 4))
    rows[:, :2] = J
    rows[:, 2, 0], rows[:, 2, 1] = states[:, 1], states[:, 0]
    rows[:, 3, 0], rows[:, 3, 3] = states[:, 3], states[:, 0]
    return np.linalg.det(rows)


@pytest.mark.parametrize("measure", [pytest.param("surface", marks=pytest.mark.slow), "gibbs"])
def test_two_quadrics_in_four_dimensions(measure):
    """With two equations, so that the law has a determinant of a 2 x 2 matrix; the other law is excluded."""
    landscape = quadrics(4, 2, spread=0.6, seed=1)
    ends = walk(landscape, metropolis(measure), 0.4, walkers=12_000, steps=120).states[:, -1]
    gibbs = circulation(landscape, ends)
    surface = gibbs * np.exp(-log_det(landscape, ends))
    right, wrong = (gibbs, surface) if measure == "gibbs" else (surface, gibbs)
    assert deviation(right, 0.0) < 4
    assert deviation(wrong, 0.0) > 8


def test_every_step_that_is_not_taken_has_one_cause(uncompiled):
    run = walk(TORUS, metropolis(), 1.2, walkers=50, steps=40, every=1)
    stays = (run.states[:, 1:] == run.states[:, :-1]).all(axis=2).sum(axis=1)
    np.testing.assert_array_equal(sum(run.events[name] for name in run.tallies), stays)
    counts = run.tallies
    assert counts.pop("beyond_walls") == 0
    assert min(counts.values()) > 10


def test_the_same_bits_however_the_work_is_cut(uncompiled, monkeypatch):
    few = {"walkers": 100, "steps": 20}
    whole = digest(walk(quartic_torus(), metropolis(), 1.2, **few, watch=langevin.Watch(threads=1)))
    monkeypatch.setattr(advance, "lanes_for", lambda *sizes: 48)
    monkeypatch.setattr(advance, "_chunk_end", lambda plan, now, *rest: min(now.step + 7, plan.last))
    assert digest(walk(quartic_torus(), metropolis(), 1.2, **few, watch=langevin.Watch(threads=2))) == whole


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_steps_as_plain_python_takes_them(monkeypatch):
    """The same noise in the kernel without compilation gives equal bits, and the same causes."""
    monkeypatch.setattr(rounding, "EXACT", True)
    landscape, integrator, walkers, steps = quartic_torus(), metropolis(), 48, 20
    run = walk(landscape, integrator, 1.2, walkers=walkers, steps=steps)
    numbers = landscape.dim + integrator.extra_noise
    drawn = normals(np.arange(walkers), numbers * steps, seed=3).reshape(steps, numbers, walkers)
    x = np.ascontiguousarray(run.states[:, 0].T)
    work = np.empty((integrator.work_rows(landscape), walkers))
    memory, status = np.zeros((integrator.memory_rows(landscape), walkers)), np.zeros(walkers, np.int64)
    step = integrator.build(landscape)
    for noise in drawn:
        step(x, noise, noise, work, memory, status, 1.2**2 / 2, 1.0, landscape.parameters)
    np.testing.assert_array_equal(x.T, run.states[:, -1])
    for row, name in zip(memory, integrator.tallies):
        np.testing.assert_array_equal(row, run.events[name])


def test_measures_are_named():
    with pytest.raises(UsageError, match="measure must be surface or gibbs, got 'det'"):
        metropolis("det")
    with pytest.raises(UsageError, match="samples the gibbs measure"):
        langevin.simulate(
            langevin.Problem(sphere(), 1.0, "projected", "surface"), metropolis("gibbs"),
            walkers=1, steps=1, dt=0.1,
        )  # fmt: skip
