"""Refusals before the first step, by messages that name the option, the value and the range or the remedy."""

import math
import os
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import Problem, StepSchedule, Stop, Watch
from langevin.dynamics import dynamics_of
from langevin.ensemble import checks
from langevin.ensemble.checks import StepSizeWarning
from langevin.ensemble.step_length import target_margin
from langevin.errors import UsageError
from langevin.integrators import (
    euler_maruyama,
    heavy_ball,
    label_noise,
    leimkuhler_matthews,
    projected,
    projected_to,
    variable_step,
)
from langevin.manifolds import canal, chambers, channel, cube, ring
from langevin.potentials import double_well, quadratic

pytestmark = pytest.mark.usefixtures("uncompiled")
NOT_NUMBERS = [math.nan, "3", None, True, [1], 1j]
NOT_TIMES = [0, -1, 0.0, -1e-300, math.inf, -math.inf, *NOT_NUMBERS]
NOT_COUNTS = [0, -1, 1.5, 10.0, math.inf, 2**53, *NOT_NUMBERS]


def refused(*words, problem=None, integrator=None, **changes):
    """The message of the refusal, after a check that it is one sentence with these words."""
    problem = problem or Problem(quadratic(), 1.0)
    if "start" in changes:
        changes["start"] = langevin.Start(changes["start"], first_step=0)
    settings = {"walkers": 4, "steps": 8, "dt": 0.01, "seed": 1} | changes
    with pytest.raises(UsageError) as caught:
        langevin.simulate(problem, integrator, **settings)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert str(word) in message


@pytest.mark.parametrize("bad", NOT_TIMES)
def test_dt_and_temperature_are_positive_numbers(bad):
    refused("dt must be finite and above 0", repr(bad), dt=bad)
    refused("dt must be finite and above 0", repr(bad), dt=StepSchedule(bad, np.ones_like))
    if isinstance(bad, bool) or bad != 0:
        refused("temperature must be finite and above 0", repr(bad), problem=Problem(quadratic(), bad))


@pytest.mark.parametrize("bad", NOT_COUNTS)
@pytest.mark.parametrize("option", ["walkers", "steps", "every"])
def test_counts_are_whole_and_positive(option, bad):
    if (option, bad) != ("every", None):
        refused(f"{option} must be a whole number of at least 1", repr(bad), **{option: bad})


@pytest.mark.parametrize("bad", [-1, 2**64, 1.5, 2.0, *NOT_NUMBERS])
def test_a_seed_has_64_bits(bad):
    if bad is not None:
        refused("seed must be a whole number from 0 to 2^64 - 1", repr(bad), seed=bad)


@pytest.mark.parametrize("bad", [range(0), range(5, 5), range(-1, 4), range(0, 8, 2), range(4, 0, -1)])
def test_walkers_have_numbers_in_steps_of_one(bad):
    refused("walkers must be a count, or a range in steps of 1", repr(bad), walkers=bad)


@pytest.mark.parametrize(
    "bad", [2**32 + 1, range(2**32, 2**32 + 1), range(2**32 - 3, 2**32 + 1), range(2**70)]
)
def test_walkers_beyond_the_counter_would_repeat_noise(bad):
    refused("walkers must be", "2^32", "counter", walkers=bad)


@pytest.mark.parametrize("bad", [0, -1, 1.5, *NOT_NUMBERS])
def test_threads_are_whole_and_positive(bad):
    if bad is not None:
        refused("threads must be a whole number of at least 1", repr(bad), watch=Watch(threads=bad))


@pytest.mark.parametrize("good", [np.int64(4), np.uint32(4)])
def test_numbers_of_numpy_are_numbers(good):
    plain = langevin.simulate(Problem(quadratic(), 1.0), walkers=4, steps=4, dt=0.5, seed=4)
    same = langevin.simulate(
        Problem(quadratic(), np.float32(1)),
        walkers=good,
        steps=good,
        dt=np.float32(0.5),
        seed=good,
        watch=Watch(threads=good),
    )
    np.testing.assert_array_equal(same.states, plain.states)
    assert type(same.meta["seed"]) is int


@pytest.mark.parametrize(
    "bad", ["x", ["a"], [[1, 2], [3]], [1.0, 2.0], math.nan, [math.inf], [[1.0], [2.0]], []]
)
def test_starts_have_the_landscapes_shape(bad):
    refused("start must be", "(1,)", start=bad)


def test_a_start_of_the_right_shape_that_is_not_finite_is_called_that():
    refused("got infinite coordinates or some that are not a number", start=[math.nan])


def test_a_start_beyond_all_places_is_refused():
    refused("the coordinates of every start must be below 1e+150 in size, got 1e+200", start=[-1e200])


@pytest.mark.parametrize("bad", [0, -1, math.nan, "1", None, True])
def test_a_horizon_is_a_time(bad):
    refused(
        "horizon must be a time above 0",
        repr(bad),
        problem=Problem(double_well(), 0.1),
        stop=Stop(horizon=bad),
    )


@pytest.mark.parametrize("bad", ["siegmund", None, 1])
def test_corrections_are_named(bad):
    refused(
        "correction must be shift, bridge or none",
        repr(bad),
        problem=Problem(double_well(), 0.1),
        stop=Stop(bad),
    )


def test_a_stop_needs_a_target():
    refused("quadratic has no target", "run without stop", stop=Stop())


def test_the_shift_needs_gaussian_steps():
    problem = Problem(double_well(), 0.1)
    refused(
        "shift", "leimkuhler_matthews", "use none",
        problem=problem, integrator=leimkuhler_matthews(), stop=Stop(),
    )  # fmt: skip


def test_a_step_too_coarse_for_the_target_is_refused_with_one_that_is_not():
    """The remedy in the message works."""
    problem = Problem(cube(dim=2), 1.0, "reflected")
    refused(
        "dt = 0.1 is too coarse for the target",
        "0.25",
        "use dt <= 0.002",
        problem=problem,
        dt=0.1,
        stop=Stop(),
    )
    assert target_margin(problem, langevin.integrators.reflected(), Stop(), 0.002) > 0
    assert target_margin(problem, langevin.integrators.reflected(), Stop("none"), 0.1) == 0


def test_an_unstable_step_is_refused_with_one_that_is_not():
    refused(
        "dt = 0.02 is unstable", "0.02 x 100 = 2", "use dt <= 0.002", problem=Problem(ring(), 1.0), dt=0.02
    )
    checks.check_step(ring(), 1.0, 0.002, dynamics_of("soft"))


def test_a_coarse_step_is_warned_of():
    with pytest.warns(StepSizeWarning, match=r"dt = 0.6 is coarse.*curvature = 0.6.*dt <= 0.5"):
        checks.check_step(quadratic(), 1.0, 0.6, dynamics_of("soft"))
    checks.check_step(quadratic(), 1.0, 0.5, dynamics_of("soft"))
    checks.check_step(ring(), 1.0, 1e3, dynamics_of("projected"))


@pytest.mark.parametrize("bad", ["hard", None, "Soft", 1])
def test_laws_of_motion_are_named(bad):
    refused("law of motion", repr(bad), problem=Problem(quadratic(), 1.0, bad))
    with pytest.raises(UsageError, match="law of motion"):
        checks.check_law(Problem(quadratic(), 1.0, bad), euler_maruyama())


@pytest.mark.parametrize(
    ("words", "problem", "integrator"),
    [
        (
            ["euler_maruyama", "soft", "reflected", "choose"],
            Problem(cube(), 1.0, "reflected"),
            euler_maruyama(),
        ),
        (["surface", "gibbs", "drop one"], Problem(ring(), 1.0, "projected", "gibbs"), projected("shake")),
        (["measure is for projected", "'surface'", "soft"], Problem(ring(), 1.0, "soft", "surface"), None),
        (["measure must be surface or gibbs", "'flat'"], Problem(ring(), 1.0, "projected", "flat"), None),
        (["cube", "no loss gradient", "reflected"], Problem(cube(), 1.0), None),
        (["double_well", "no walls", "soft"], Problem(double_well(), 1.0, "reflected"), None),
        (["cube", "no residual", "reflected"], Problem(cube(), 1.0, "projected"), None),
        (["quadratic", "no residual", "soft"], Problem(quadratic(), 1.0, "projected"), None),
    ],
)
def test_an_integrator_must_serve_the_law_and_the_landscape(words, problem, integrator):
    refused(*words, problem=problem, integrator=integrator, dt=1e-3)


def test_variable_steps_need_a_target_and_no_frames():
    body = Problem(cube(dim=2), 1.0, "reflected")
    refused(
        "variable_step", "leave `every` out", problem=body, integrator=variable_step(), every=2, stop=Stop()
    )
    refused("variable_step", "need a target", "give stop", problem=body, integrator=variable_step())
    blind = Problem(replace(cube(dim=2), target=None, name="box"), 1.0, "reflected")
    with pytest.raises(UsageError, match="box has no target"):
        variable_step().build(blind.landscape)


@pytest.mark.parametrize("projection", ["orthogonal", None, "Shake"])
def test_projections_and_noises_are_named(projection):
    with pytest.raises(
        UsageError, match=r"projection must be one of nearest, shake, midpoint, flow, gauss-newton, got"
    ):
        projected(projection)
    with pytest.raises(UsageError, match=r"noise must be one of isotropic, tangent, got"):
        projected("shake", projection)
    with pytest.raises(UsageError, match=r"measure must be surface or gibbs, got"):
        projected_to(projection)


def test_too_much_memory_is_refused_before_it_is_taken():
    refused(
        "GiB", "raise `every`", walkers=2**20, steps=10**6, every=1, problem=Problem(canal(), 1.0), dt=1e-4
    )
    refused("GiB", walkers=2**31)


def test_threads_default_to_the_processors_of_this_process():
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert checks.thread_count(None) == allowed
    assert checks.thread_count(3) == 3


@pytest.mark.parametrize(
    ("body", "outside"),
    [(cube(2), [0.5, 1.1]), (cube(2), [-0.1, 0.5]), (chambers(), [50.0, 0.0]), (channel(), [0.0, 50.0])],
)
def test_a_walk_in_a_body_starts_inside(body, outside):
    """Mirrors would move it inside without a message; one walker of many suffices for a refusal."""
    problem = Problem(body, 1.0, "reflected")
    refused("lies outside the body", outside, problem=problem, start=outside)
    inside = body.start(np.full((4, 2), 0.5), 1.0)
    refused("lies outside the body", outside, problem=problem, start=np.vstack([inside[:3], outside]))
    langevin.simulate(
        problem, walkers=4, steps=1, dt=1e-6, seed=1, start=langevin.Start(inside, first_step=0)
    )


@pytest.mark.parametrize("integrator", [label_noise(), heavy_ball()])
def test_steps_that_see_no_walls_are_refused_where_there_are_some(integrator):
    walled = replace(ring(), walls=cube(2).target)
    refused(
        "has walls, which this motion does not check",
        problem=Problem(walled, 1.0, "label-noise"),
        integrator=integrator,
        dt=1e-3,
    )
