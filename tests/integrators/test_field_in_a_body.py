"""A field in a body: gravity in a box, and the exact step between walls without a mirror."""

import math

import numpy as np
import pytest

from langevin import Problem, Start, integrators, manifolds, potentials, simulate
from langevin.errors import UsageError
from langevin.landscapes.starts import all_at
from langevin.types import Landscape

pytestmark = pytest.mark.statistical
WALKERS, FORCE = 10_000, 3.0


def mean_in_box(rate):
    """Mean of the density exp(rate x) on [0, 1], by direct integration."""
    return 1.0 / (1.0 - math.exp(-rate)) - 1.0 / rate


def drawn_in_box(rate, count, seed=5):
    """Numbers of that density, by its inverse distribution function."""
    uniforms = np.random.default_rng(seed).uniform(size=count)
    return np.log1p(uniforms * math.expm1(rate)) / rate


def heights(force, theta, integrator=None, steps=1000, dt=4e-4, drawn=FORCE):
    """Mean height at the end of a walk in a box under a force; its starts have the law of the force `drawn`."""
    box = manifolds.with_field(manifolds.cube(dim=2), potentials.linear(2, force))
    start = np.random.default_rng(6).uniform(size=(WALKERS, 2))
    start[:, 1] = drawn_in_box(drawn / theta, WALKERS)
    run = simulate(
        Problem(box, theta, "reflected"), integrator, walkers=WALKERS, steps=steps, dt=dt, seed=4,
        start=Start(start, first_step=0),
    )  # fmt: skip
    last = run.states[:, -1, 1]
    return last.mean(), last.std() / math.sqrt(WALKERS)


@pytest.mark.parametrize("theta", [0.4, 1.0, 4.0])
def test_gravity_in_a_box_keeps_its_law(theta):
    """4 standard errors; the shift by a step, F dt / 2 or less, is a third of one."""
    measured, error = heights(FORCE, theta)
    assert error < 3e-3
    assert abs(measured - mean_in_box(FORCE / theta)) < 4.0 * error


@pytest.mark.parametrize("theta", [0.4, 1.0])
def test_half_of_the_force_is_caught(theta):
    measured, error = heights(0.5 * FORCE, theta)
    assert abs(measured - mean_in_box(FORCE / theta)) > 8.0 * error


def ball(x, out, parameters):
    """|x|^2 - 1 below 0."""
    for lane in range(x.shape[1]):
        out[lane] = -1.0
    for i in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[lane] += x[i, lane] * x[i, lane]


def in_ball(force):
    body = Landscape("ball", 3, (), all_at(np.zeros(3)), lambda temperature: 0.0, walls=ball)
    return manifolds.with_field(body, potentials.linear(3, force))


def mean_in_ball(rate):
    """Mean of z under exp(rate z) in the unit ball: disks of area pi (1 - z^2), by quadrature."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    density = weights * (1.0 - nodes**2) * np.exp(rate * nodes)
    return float((density * nodes).sum() / density.sum())


def means_in_ball(force, theta, dt, integrator=None):
    run = simulate(
        Problem(in_ball(force), theta, "reflected"), integrator, walkers=WALKERS, steps=int(3.0 / dt / theta),
        dt=dt, seed=2,
    )  # fmt: skip
    last = run.states[:, -1, 2]
    return last.mean(), last.std() / math.sqrt(WALKERS), run


@pytest.mark.parametrize("theta", [0.5, 2.0])
def test_the_exact_step_keeps_the_law_in_a_ball_at_a_coarse_step(theta):
    """A kick is a third of the radius; 4 standard errors."""
    measured, error, run = means_in_ball(FORCE, theta, 0.05 / theta)
    assert abs(measured - mean_in_ball(FORCE / theta)) < 4.0 * error
    assert run.meta["integrator"] == "mala_in_body"
    assert 0 < run.tallies["rejected"]


def always_taken():
    """The exact step with a rule that tests only the walls."""
    from dataclasses import replace

    from langevin.integrators.mala import build_mala
    from langevin.steps.landscape_kernels import body_walls_of, slope_of

    def level(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = 0.0

    def build(landscape):
        flat = replace(landscape, value=level)
        return build_mala(flat, slope_of(landscape), body_walls_of(landscape))

    return replace(integrators.mala_in_body(), name="blind to the height", build=build)


def test_a_rule_that_does_not_weigh_the_field_is_caught():
    measured, error, _ = means_in_ball(FORCE, 0.5, 0.1, always_taken())
    assert abs(measured - mean_in_ball(FORCE / 0.5)) > 8.0 * error


@pytest.mark.parametrize("name", ["rejecting", "variable_step"])
def test_steps_of_free_diffusion_refuse_a_field_and_name_one_that_takes_it(name):
    body = (
        in_ball(1.0) if name == "rejecting" else manifolds.with_field(manifolds.cube(2), potentials.linear(2))
    )
    with pytest.raises(UsageError, match=r"use (mala-in-body|reflected)"):
        getattr(integrators, name)().build(body)


def test_the_exact_step_refuses_a_body_without_a_force():
    with pytest.raises(UsageError, match="use rejecting"):
        integrators.mala_in_body().build(manifolds.channel())
