"""A run that stops and continues has the bits of a run that never stopped."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from langevin.errors import InputFileError
from langevin.sgld import Callbacks, Computation, Law, Leaf, Plan, Protocol, Recording, execute
from tests.tiny_network import network


def assert_same(one, other):
    for name in ("times", "steps", "states"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    for group in ("observables", "events"):
        assert getattr(one, group).keys() == getattr(other, group).keys()
        for name, values in getattr(one, group).items():
            assert np.array_equal(values, getattr(other, group)[name]), name


def kept_while_running(monkeypatch, run):
    """The run, and the arguments of `checkpoint` at every chunk."""
    monkeypatch.setattr("langevin.sgld.course.CHECKPOINT_SECONDS", 0.0)
    kept = []
    return run(
        callbacks=Callbacks(checkpoint=lambda trajectory, state: kept.append((trajectory, state)))
    ), kept


PLAN = Plan(Law(0.1), 90, chains=2, recording=Recording(20), computation=Computation(chunk=7))
PLANS = {
    "batches and noise": replace(PLAN, law=Law(0.1, temperature=1e-4, batch=4)),
    "a sweep in lanes, label noise": replace(
        PLAN,
        law=Law(0.1, name="label-noise"),
        protocol=Protocol(sweep={"label_noise": [0.1, 0.2]}),
        computation=Computation(chunk=7, lanes=4),
    ),
    "memory, a change, a stop": replace(
        PLAN,
        law=Law(0.1, weight_decay=0.01, name="optax.adam", decay="decoupled"),
        protocol=Protocol(after_memorisation={"weight_decay": 0.1}, stop={"generalised": 30}),
    ),
    "inertia in lanes": replace(
        PLAN,
        law=Law(0.05, name="underdamped", options={"friction": 3.0}, leaves={"in": Leaf(0.5)}, batch=4),
        protocol=Protocol(sweep={"temperature": [0.0, 1e-3]}),
        computation=Computation(chunk=7, lanes=4),
    ),
    "a heavy ball": replace(PLAN, law=Law(0.1, 1e-4, name="heavy-ball", leaves={"out": Leaf(decay=0.0)})),
    "a preconditioner that stays": replace(
        PLAN, law=Law(1e-3, 1e-4, name="preconditioned", options={"warm_up": 40.0})
    ),
    "a divergence": replace(
        PLAN,
        protocol=Protocol(sweep={"learning_rate": [0.1, 1e4]}),
        computation=Computation(chunk=7, unstable=True),
    ),
}


@pytest.mark.filterwarnings("ignore:lr x sharpness")
@pytest.mark.parametrize("name", PLANS)
def test_a_resumed_run_has_the_bits_of_one_that_never_stopped(name, monkeypatch):
    run = partial(execute, network(), PLANS[name])
    whole, kept = kept_while_running(monkeypatch, run)
    assert_same(run(), whole)
    for trajectory, state in (kept[0], kept[len(kept) // 2]):
        assert not trajectory.meta["complete"]
        assert len(trajectory.steps) <= len(whole.steps)
        through_a_file = {name: np.array(values.tolist(), values.dtype) for name, values in state.items()}
        assert_same(run(resume=through_a_file), whole)


def stopped_at_random(name, draw):
    """The end of a run that is stopped and continued in calls of random lengths, and the number of stops."""
    kept, stops = None, 0
    while True:
        plan = replace(
            PLANS[name], computation=replace(PLANS[name].computation, chunk=int(draw.integers(1, 30)))
        )
        calls, last = iter(range(10**9)), int(draw.integers(1, 8))

        def progress(done, calls=calls, last=last):
            if next(calls) == last:
                raise KeyboardInterrupt

        states = []
        callbacks = Callbacks(
            progress=progress, checkpoint=lambda run, state, states=states: states.append(state)
        )
        try:
            return execute(network(), plan, callbacks, kept), stops
        except KeyboardInterrupt:
            kept, stops = states[-1], stops + 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:lr x sharpness")
@pytest.mark.parametrize("name", PLANS)
def test_fifty_random_stops_leave_the_bits_alone(name):
    whole, draw, stops = execute(network(), PLANS[name]), np.random.default_rng(1), 0
    while stops < 50:
        run, more = stopped_at_random(name, draw)
        assert_same(run, whole)
        stops += more


def test_a_state_without_its_last_digits_is_noticed_by_these_tests(monkeypatch):
    run = partial(execute, network(), replace(PLAN, law=Law(0.1, temperature=1e-4), chains=1))
    whole, kept = kept_while_running(monkeypatch, run)
    state = {
        name: values.astype("f2").astype("f4") if name in ("leaf 0", "leaf 1") else values
        for name, values in kept[2][1].items()
    }
    assert not np.array_equal(run(resume=state).states, whole.states)


def test_the_state_of_another_run_and_a_damaged_one_are_refused(monkeypatch):
    plan = Plan(Law(0.1), steps=60, chains=1)
    run = partial(execute, network(), plan)
    _, kept = kept_while_running(monkeypatch, run)
    state = kept[0][1]
    with pytest.raises(InputFileError, match="another run"):
        execute(network(), replace(plan, seed=3), resume=state)
    with pytest.raises(InputFileError, match="damaged"):
        run(resume={name: values for name, values in state.items() if name != "leaf 0"})
    with pytest.raises(InputFileError, match="damaged"):
        run(resume=state | {"leaf 0": state["leaf 0"][:, :1]})
    for leaf in (2, 3):  # the step, which must not be before that of the run, and the present learning rate
        with pytest.raises(InputFileError, match="damaged"):
            run(resume=state | {f"leaf {leaf}": state[f"leaf {leaf}"] - 1})
