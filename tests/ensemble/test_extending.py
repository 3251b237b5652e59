"""A run that is extended has the bits of one run of the full size."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import integrators, manifolds, potentials
from langevin.ensemble import keeping
from langevin.errors import InputFileError, UsageError
from langevin.types import Problem, Start, Status, StepSchedule, Stop, Watch
from tests.ensemble.test_frames import Memory

QUADRATIC = Problem(potentials.quadratic(dim=3), 1.0)
WELL = Problem(potentials.double_well(), 1.0)
CUBE = Problem(manifolds.cube(4, 2), 1.0, "reflected")


def decaying(steps):
    return (1.0 + steps) ** -0.6


def half_time(states):
    return states[:, 0] ** 2


#: Problem, step and other settings, for runs of 20 walkers with 37 steps and of 33 walkers with 100 steps.
KINDS = {
    "frames": (QUADRATIC, None, {"every": 10}),
    "frames at its end": (QUADRATIC, None, {"every": 37}),
    "observables": (QUADRATIC, None, {"every": 7, "watch": Watch({"square": half_time}, {"samples": 3})}),
    "the noise before": (QUADRATIC, integrators.leimkuhler_matthews(), {"every": 10}),
    "a velocity": (QUADRATIC, integrators.underdamped(), {"every": 10}),
    "a schedule": (QUADRATIC, None, {"every": 10, "dt": StepSchedule(0.01, decaying)}),
    "a target": (WELL, None, {"stop": Stop()}),
    "a bridge": (WELL, None, {"stop": Stop("bridge")}),
    "refused steps": (WELL, integrators.mala(), {"dt": 0.2, "every": 9}),
    "label noise": (
        Problem(manifolds.canal(), 1e-3, "label-noise"), integrators.heavy_ball(0.5), {"dt": 1e-4, "every": 9},
    ),
    "a surface": (Problem(manifolds.sphere(dim=3), 1.0, "projected"), None, {"dt": 2e-3, "every": 10}),
    "a body": (CUBE, None, {"dt": 1e-3, "every": 10}),
    "a body with a target": (CUBE, None, {"dt": 1e-3, "stop": Stop()}),
    "a start": (QUADRATIC, None, {"every": 10, "start": Start([1.0, 2.0, 3.0], first_step=5)}),
    "gradient flow": (replace(QUADRATIC, temperature=0.0), None, {"every": 10}),
}  # fmt: skip


def walk(problem, integrator=None, **changes):
    return langevin.simulate(
        problem, integrator, **{"walkers": 20, "steps": 37, "dt": 0.01, "seed": 3} | changes
    )


def extended(run, problem, integrator=None, **changes):
    settings = {"steps": 100, "dt": 0.01} | changes
    settings.pop("every", None)
    return langevin.extend(run, problem, integrator, **settings)


def assert_the_same(found, whole):
    np.testing.assert_array_equal(found.times, whole.times)
    np.testing.assert_array_equal(found.steps, whole.steps)
    np.testing.assert_array_equal(found.states, whole.states)
    for name in ("observables", "events", "state"):
        mine, theirs = getattr(found, name), getattr(whole, name)
        assert list(mine) == list(theirs)
        for key in theirs:
            np.testing.assert_array_equal(mine[key], theirs[key], err_msg=key)
    assert found.meta == whole.meta


@pytest.mark.parametrize("name", KINDS)
def test_the_bits_are_those_of_one_run(name, tmp_path):
    """More time; then, in a second extension from a file, more time and more walkers."""
    problem, step, changes = KINDS[name]
    part = walk(problem, step, **changes)
    assert_the_same(extended(part, problem, step, **changes), walk(problem, step, steps=100, **changes))
    langevin.save(tmp_path / "run.h5", part)
    once = extended(langevin.load(tmp_path / "run.h5"), problem, step, steps=61, walkers=27, **changes)
    langevin.save(tmp_path / "more.h5", once)
    twice = extended(langevin.load(tmp_path / "more.h5"), problem, step, walkers=range(33), **changes)
    assert_the_same(twice, walk(problem, step, steps=100, walkers=33, **changes))


@pytest.mark.parametrize("name", ["frames", "a velocity", "a target", "refused steps"])
def test_an_extension_is_cut_over_workers(name):
    """A run over workers has the same state at its end, and can be extended over workers."""
    problem, step, changes = KINDS[name]
    with ThreadPoolExecutor(2) as executor:
        part = walk(problem, step, executor=executor, **changes)
        assert_the_same(part, walk(problem, step, **changes))
        longer = extended(part, problem, step, walkers=33, executor=executor, **changes)
    assert_the_same(longer, walk(problem, step, steps=100, walkers=33, **changes))


def test_walkers_with_clocks_of_their_own_are_censored_later():
    """Some walkers were censored and some had arrived; added walkers begin at their start."""
    step, ends = integrators.variable_step(), {"steps": 2**52, "dt": 1e-3, "walkers": 60}
    part = walk(CUBE, step, **ends, stop=Stop(horizon=0.1))
    assert {Status.HIT, Status.CENSORED} <= set(part.events["status"].tolist())
    longer = {**ends, "stop": Stop(horizon=0.4)}
    assert_the_same(langevin.extend(part, CUBE, step, **longer), walk(CUBE, step, **longer))
    more = {**longer, "walkers": 80}
    assert_the_same(langevin.extend(part, CUBE, step, **more), walk(CUBE, step, **more))
    with pytest.raises(UsageError, match="ask for a later end"):
        langevin.extend(part, CUBE, step, **{**ends, "stop": Stop(horizon=0.05)})


def test_arrivals_after_the_horizon_have_arrived_by_the_later_one():
    """The last step may end after the horizon: walkers that arrived in it were censored, and have now arrived."""
    part = walk(WELL, walkers=3000, steps=600, stop=Stop(horizon=2.995))
    raw = part.state["status"]
    assert ((raw == Status.HIT) & (part.events["status"] == Status.CENSORED)).any()
    whole = walk(WELL, walkers=3000, steps=600, stop=Stop())
    assert_the_same(extended(part, WELL, steps=600, stop=Stop()), whole)


def test_other_noise_is_not_taken_for_the_same():
    """Control: another seed gives other bits."""
    part, whole = walk(QUADRATIC), walk(QUADRATIC, steps=100, seed=4)
    assert (extended(part, QUADRATIC).states[:, -1] != whole.states[:, -1]).all()


def test_a_run_that_went_on_is_extended():
    first = walk(WELL, walkers=60, steps=100, stop=Stop())
    part = langevin.simulate(WELL, steps=50, dt=0.01, start=first, stop=Stop())
    whole = langevin.simulate(WELL, steps=200, dt=0.01, start=first, stop=Stop())
    assert_the_same(langevin.extend(part, WELL, steps=200, dt=0.01, start=first, stop=Stop()), whole)


def test_large_frames_are_put_aside_and_not_held(monkeypatch):
    """The journal has them as its first piece; only later frames are in memory."""
    whole = walk(QUADRATIC, steps=100, every=5)
    part = walk(QUADRATIC, steps=40, every=5)
    monkeypatch.setattr(keeping, "PIECE_BYTES", 10 * whole.states[:, 0].nbytes)
    monkeypatch.setattr("langevin.ensemble.extending.PIECE_BYTES", 3 * whole.states[:, 0].nbytes)
    journal = Memory(due=False)
    last = extended(part, QUADRATIC, watch=Watch(journal=journal))
    parts = [*journal.pieces, last]
    assert len(parts) > 1
    np.testing.assert_array_equal(np.concatenate([each.states for each in parts], axis=1), whole.states)
    np.testing.assert_array_equal(np.concatenate([each.steps for each in parts]), whole.steps)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dt": 0.005}, r"the setting dt \(it was 0.01\)"),
        ({"problem": Problem(potentials.quadratic(dim=3), 0.5)}, "the setting temperature"),
        ({"problem": Problem(potentials.quadratic(dim=3, stiffness=2.0), 1.0)}, "the setting dials"),
        ({"integrator": integrators.heun()}, "the setting integrator"),
        ({"start": [1.0, 0.0, 0.0]}, "the starts"),
        ({"watch": Watch({"square": half_time})}, "the observables"),
        ({"dt": StepSchedule(0.01, decaying)}, "the schedule"),
    ],
)
def test_what_has_changed_is_named(changes, reason):
    run = walk(QUADRATIC)
    problem = changes.pop("problem", QUADRATIC)
    with pytest.raises(InputFileError, match=f"is of another run.*{reason}"):
        extended(run, problem, **changes)


def test_an_observable_whose_content_cannot_be_hashed_may_be_watched_and_is_not_extended():
    loop: list = []
    loop.append(loop)
    for held in (loop, {1: 2, "a": 3}, (step for step in loop)):
        run = walk(QUADRATIC, watch=Watch({"square": lambda states, held=held: states[:, 0] ** 2}))
        assert run.observables["square"].shape == (20, 2)
    other = Watch({"square": lambda states: states[:, 0] ** len(loop)})
    with pytest.raises(InputFileError, match="the observables"):
        extended(walk(QUADRATIC, watch=other), QUADRATIC, watch=other)


def test_a_memory_of_no_numbers_is_refused():
    run = walk(QUADRATIC, integrators.underdamped())
    state = {**run.state, "memory": np.full_like(run.state["memory"], np.nan)}
    with pytest.raises(InputFileError, match="damaged"):
        extended(replace(run, state=state), QUADRATIC, integrators.underdamped())


def test_numbers_of_numpy_are_numbers():
    problem = Problem(potentials.quadratic(dim=2), np.float32(0.5))
    run = walk(problem, dt=np.float32(0.01), seed=np.uint64(3), walkers=np.int64(20))
    whole = walk(problem, dt=np.float32(0.01), seed=3, steps=100)
    np.testing.assert_array_equal(extended(run, problem, dt=np.float32(0.01)).states, whole.states)


def test_less_than_the_run_has_is_refused():
    run = walk(QUADRATIC)
    with pytest.raises(UsageError, match="37 steps already"):
        extended(run, QUADRATIC, steps=30)
    for walkers in (10, range(1, 40)):
        with pytest.raises(UsageError, match="walkers 0 to 19 already"):
            extended(run, QUADRATIC, walkers=walkers)
    with pytest.raises(UsageError, match="holds no state"):
        extended(replace(run, state={}), QUADRATIC)
    joined = langevin.ensemble.record.concatenate([run, walk(QUADRATIC, seed=4)])
    with pytest.raises(UsageError, match="joins 2 ensembles"):
        extended(joined, QUADRATIC)


@pytest.mark.parametrize("name", ["memory", "status", "stop_step", "which"])
@pytest.mark.parametrize("how", ["missing", "shape", "numbers", "type"])
def test_a_damaged_state_is_refused(name, how):
    run = walk(WELL, integrators.mala(), dt=0.2)
    state = dict(run.state)
    values = state.pop(name)
    wrong = {"shape": values[1:], "numbers": np.full_like(values, 10**6), "type": values.astype(np.float32)}
    if how != "missing":
        state[name] = wrong[how]
    if (name, how) == ("memory", "numbers"):  # any numbers may be a memory
        return
    with pytest.raises(InputFileError, match="damaged"):
        extended(replace(run, state=state), WELL, integrators.mala(), dt=0.2)


@pytest.mark.parametrize("every", [3, 5, 7])
@pytest.mark.parametrize("more", [30, 40])
def test_a_run_whose_walkers_have_all_arrived_gets_more_of_them(every, more):
    """Its frames end with the last arrival, also if its end is a multiple of the distance between frames."""
    cube = Problem(manifolds.cube(dim=3, samples=1), 1.0, "reflected")
    settings = {"dt": 5e-3, "stop": Stop(), "every": every}
    run = walk(cube, walkers=30, steps=2100, **settings)
    assert (run.events["status"] == Status.HIT).all()
    assert len(run.steps) < 1 + 2100 // every
    whole = walk(cube, walkers=more, steps=3000, **settings)
    longer = extended(run, cube, walkers=more, **{**settings, "steps": 3000})
    np.testing.assert_array_equal(longer.states, whole.states)
    np.testing.assert_array_equal(longer.steps, whole.steps)
    np.testing.assert_array_equal(longer.events["step"], whole.events["step"])
