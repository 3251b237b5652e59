"""The normals of a walker's kicks are drawn again: a walk without forces is their sum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from langevin import Problem, Start, Stop, integrators, simulate
from langevin.experiment.kicks import _flat, kicks_of
from langevin.potentials import double_well, quadratic

THETA, DT = 0.3, 0.01
KICK = np.sqrt(2.0 * THETA * DT)


def free(dim=3, **asked):
    settings = {
        "walkers": 40,
        "steps": 30,
        "dt": DT,
        "seed": 7,
        "every": 7,
        "start": Start(np.ones(dim), first_step=0),
    }
    return simulate(Problem(_flat(dim), THETA), integrators.euler_maruyama(), **{**settings, **asked})


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"every": None},
        {"walkers": range(90, 130)},
        {"start": Start(np.ones(3), first_step=14)},
    ],
)
def test_a_free_walk_is_its_kicks(asked):
    run = free(**asked)
    np.testing.assert_allclose(run.states - 1.0, KICK * kicks_of(run), atol=1e-12)  # sums of 30 doubles


def test_kicks_of_another_seed_do_not_explain_it():
    run = free()
    other = kicks_of(replace(run, meta={**run.meta, "seed": 8}))
    assert np.abs(run.states - 1.0 - KICK * other).max() > KICK


def test_the_kicks_of_a_well_explain_most_of_a_short_way():
    run = simulate(Problem(quadratic(2), THETA), walkers=500, steps=8, dt=0.01, seed=1)
    way = (run.states[:, -1] - run.states[:, 0])[:, 0]
    assert np.corrcoef(way, kicks_of(run)[:, -1, 0])[0, 1] > 0.9


def test_runs_that_do_not_tell_their_kicks():
    stopped = simulate(Problem(double_well(), 1.0), walkers=8, steps=200, dt=0.01, seed=1, stop=Stop())
    ensembles = replace(free(), events={**free().events, "samples": np.zeros(40, np.int64)})
    signs = simulate(
        Problem(_flat(2), THETA), integrators.euler_maruyama("two-point"), walkers=8, steps=4, dt=DT, seed=1
    )
    long = replace(free(), meta={**free().meta, "numbers": 10**9})
    uneven = replace(free(), steps=np.array([0, 7, 13, 21, 28, 30]))
    assert [kicks_of(run) for run in (stopped, ensembles, signs, long, uneven)] == [None] * 5


@pytest.mark.parametrize(
    "lie",
    [
        {"numbers": 10**9}, {"numbers": "3"}, {"numbers": True}, {"first_walker": -1}, {"first_walker": 2**60},
        {"seed": -1}, {"seed": 1.5}, {"step": "normal"}, {"first_walker": None},
    ],
)  # fmt: skip
def test_a_file_that_lies_about_its_noise_tells_no_kicks(lie):
    run = free()
    assert kicks_of(replace(run, meta={**run.meta, **lie})) is None
