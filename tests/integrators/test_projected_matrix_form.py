"""Retractions in closed or matrix form are compared with Newton's steps of `shake` on the same equations.

The kernels run in plain Python unless `simulate` is called.
"""

from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import registry
from langevin.ensemble import advance
from langevin.integrators import projected
from langevin.landscapes.evaluate import evaluate
from langevin.manifolds import special_orthogonal, sphere, stiefel
from langevin.types import Status
from tests.engine import digest

REGISTERED = {name: registry.factory("manifolds", name)() for name in registry.names("manifolds")}
CLOSED = {name: made for name, made in REGISTERED.items() if made.retract} | {
    "circle of radius 3": sphere(2, radius=3.0),
    "many coordinates": sphere(40),
    "plane rotations": special_orthogonal(2),
    "rotations of R^6": special_orthogonal(6),
    "three columns": stiefel(5, 3),
    "one column": stiefel(3, 1),
}
LANES = 6
#: Newton's iteration stops when its step is below 1e-7 of the kick; the next step would be its square.
AGREEMENT = 1e-12


def step_of(landscape, noise="tangent"):
    """advance(x, normals, size, status): one step of `projected` with kicks of standard deviation `size`, in place.

    It returns the number of refused steps of each lane.
    """
    integrator = projected("shake", noise)
    step = integrator.build(landscape)

    def advance(x, normals, size, status):
        lanes = x.shape[1]
        work = np.full((integrator.work_rows(landscape), lanes), np.nan)
        memory = np.zeros((integrator.memory_rows(landscape), lanes))
        step(x, normals, normals, work, memory, status, size**2 / 2, 1.0, landscape.parameters)
        assert not memory[[0, 2]].any()
        return memory[1]

    return advance


def somewhere(landscape, lanes=LANES, seed=1):
    """Points in all parts of the surface, (dim, lanes), by the generic steps."""
    walk, generator = step_of(replace(landscape, retract=None)), np.random.default_rng(seed)
    x = np.ascontiguousarray(landscape.start(np.full((lanes, landscape.dim), 0.5), 1.0).T)
    for _ in range(8):
        walk(x, generator.standard_normal(x.shape), 0.3 / np.sqrt(landscape.dim), np.zeros(lanes, np.int64))
    return x


def moved(landscape, x, size, noise="tangent", seed=2):
    """The result of one step from x, and the status."""
    normals = np.random.default_rng(seed).standard_normal(x.shape)
    there, status = x.copy(), np.zeros(x.shape[1], np.int64)
    step_of(landscape, noise)(there, normals, size, status)
    return there, status


def disagreement(landscape, size, noise):
    """Largest distance between the closed step and Newton's, over |x|."""
    x = somewhere(landscape)
    closed, status = moved(landscape, x, size, noise)
    generic, there = moved(replace(landscape, retract=None), x, size, noise)
    assert not status.any()
    assert not there.any()
    assert (closed != x).any(axis=0).all()
    return np.abs(closed - generic).max() / np.abs(x).max()


def polar(x, move, scratch, status, parameters):
    """The nearest orthonormal columns, where full Gauss-Newton steps end: not along the normals at x."""
    _, columns = parameters
    for lane in range(x.shape[1]):
        left, _, right = np.linalg.svd((x + move)[:, lane].reshape(-1, columns), full_matrices=False)
        x[:, lane] = (left @ right).ravel()


@pytest.mark.parametrize("noise", ["tangent", "isotropic"])
@pytest.mark.parametrize("size", [1e-4, 0.03, 0.1])
@pytest.mark.parametrize("name", CLOSED)
def test_the_closed_step_ends_where_newton_ends(name, size, noise):
    """With tangent noise and with isotropic noise: the retraction removes the whole normal part of the kick."""
    assert disagreement(CLOSED[name], size, noise) < AGREEMENT


@pytest.mark.parametrize(("size", "angle"), [(3, 50.0), (3, 75.0), (4, 75.0)])
def test_a_turn_by_a_known_angle(size, angle):
    """From the identity, the antisymmetric move of sine a leads to the rotation by a, for all a below 80 degrees.

    At 75 degrees a linear iteration has the rate 1 - cos a = 0.74, and ends at round-off over 1 - 0.74.
    """
    landscape = special_orthogonal(size)
    plane, turn = np.zeros((size, size)), np.eye(size)
    sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    plane[0, 1], plane[1, 0] = -sine, sine
    turn[:2, :2] = [[cosine, -sine], [sine, cosine]]
    x, status = np.eye(size).reshape(-1, 1), np.zeros(1, np.int64)
    step_of(landscape)(x, plane.reshape(-1, 1), 1.0, status)
    assert not status.any()
    np.testing.assert_allclose(x[:, 0], turn.ravel(), rtol=0, atol=1e-14)


@pytest.mark.parametrize("noise", ["tangent", "isotropic"])
def test_another_projection_in_its_place_is_seen(noise):
    """The polar factor differs from shake by the cube of a tangent kick, by the square of an isotropic one."""
    wrong = replace(stiefel(5, 3), retract=polar)
    order = 3 if noise == "tangent" else 2
    assert disagreement(wrong, 0.03, noise) > 0.1 * 0.03**order
    assert disagreement(wrong, 0.03, noise) > 1e5 * AGREEMENT


@pytest.mark.parametrize("name", CLOSED)
def test_no_move_leads_nowhere(name):
    landscape = CLOSED[name]
    x = somewhere(landscape)
    np.testing.assert_allclose(moved(landscape, x, 1e-300)[0], x, rtol=0, atol=1e-14 * np.abs(x).max())


@pytest.mark.parametrize("name", CLOSED)
def test_a_walker_too_far_from_any_point_stays_and_is_counted(name):
    """Walkers in other lanes move; one that had stopped before keeps its status."""
    landscape = CLOSED[name]
    x = somewhere(landscape)
    normals = np.random.default_rng(3).standard_normal(x.shape)
    normals[:, :2] *= 1e3
    there, status = x.copy(), np.array([0, Status.HIT] + [0] * (LANES - 2))
    refused = step_of(landscape)(there, normals, 0.03, status)
    np.testing.assert_array_equal(status, [0, Status.HIT] + [0] * (LANES - 2))
    np.testing.assert_array_equal(refused, [1] + [0] * (LANES - 1))
    np.testing.assert_array_equal(there[:, :2], x[:, :2])
    assert (there[:, 2:] != x[:, 2:]).any(axis=0).all()


def test_not_a_number_is_refused_and_stays():
    for landscape in (sphere(3), special_orthogonal(3)):
        x = somewhere(landscape, lanes=2)
        there, status = x.copy(), np.zeros(2, np.int64)
        normals = np.random.default_rng(3).standard_normal(x.shape)
        normals[1, 0] = np.nan
        assert step_of(landscape)(there, normals, 0.03, status).tolist() == [1, 0]
        assert status.tolist() == [0, 0]
        np.testing.assert_array_equal(there[:, 0], x[:, 0])


def test_a_surface_between_walls_takes_the_generic_step():
    """Walls refuse steps, and the closed step does not check walls."""

    def northern(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = -x[2, lane]

    def never(x, move, scratch, status, parameters):
        raise AssertionError

    half = replace(sphere(3), walls=northern, retract=never)
    x = np.array([[1.0, 0.6], [0.0, 0.0], [0.0, 0.8]])
    normals = np.array([[0.0, 0.0], [0.0, 1.0], [-1.0, 1.0]])
    there = x.copy()
    integrator = projected()
    memory = np.zeros((integrator.memory_rows(half), 2))
    work = np.empty((integrator.work_rows(half), 2))
    step = integrator.build(half)
    step(there, normals, normals, work, memory, np.zeros(2, np.int64), 0.005, 1.0, half.parameters)
    np.testing.assert_array_equal(there[:, 0], x[:, 0])
    assert (there[:, 1] != x[:, 1]).any()


@pytest.mark.parametrize("landscape", [sphere(3), stiefel(4, 2)], ids=["sphere", "stiefel"])
def test_long_walks_stay_on_the_surface_and_their_bits_do_not_depend_on_the_cut(landscape, monkeypatch):
    """The next step corrects the round-off of a step: after 1000 steps the error is that of one step."""
    problem = langevin.Problem(landscape, 1.0, "projected")

    def run(**changes):
        arguments = {
            "walkers": 100,
            "steps": 1000,
            "dt": 1e-3,
            "seed": 4,
            "watch": langevin.Watch(threads=1),
        } | changes
        return langevin.simulate(problem, **arguments)

    whole = run()
    assert whole.counts["finished"] == 100
    r = evaluate(landscape, "residual", whole.states[:, -1])
    assert np.abs(r).max() < 20 * np.finfo(float).eps * np.sqrt(landscape.dials["stiffness"])
    assert digest(run(watch=langevin.Watch(threads=3))) == digest(whole)
    monkeypatch.setattr(advance, "lanes_for", lambda *sizes: 48)
    assert digest(run()) == digest(whole)
    np.testing.assert_array_equal(run(walkers=17).states, whole.states[:17])
