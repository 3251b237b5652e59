"""A training that is extended has the bits of one training of the full size."""

from dataclasses import replace

import numpy as np
import pytest

from langevin.errors import InputFileError, UsageError
from langevin.sgld import Callbacks, Computation, Law, Leaf, Plan, Protocol, Recording, execute, extend
from langevin.sgld.extending import extended_plan
from langevin.store import load, save
from tests.sgld.test_sgld_resume import assert_same, kept_while_running
from tests.tiny_network import network

PLAN = Plan(Law(0.1), 60, chains=2, recording=Recording(range(0, 61, 10)), computation=Computation(chunk=7))
PLANS = {
    "batches and noise": replace(PLAN, law=Law(0.1, temperature=1e-4, batch=4)),
    "a sweep, label noise": replace(
        PLAN, law=Law(0.1, name="label-noise"), protocol=Protocol(sweep={"label_noise": [0.1, 0.2]})
    ),
    "memory, a change, a stop": replace(
        PLAN,
        law=Law(0.1, weight_decay=0.01, name="optax.adam", decay="decoupled"),
        protocol=Protocol(after_memorisation={"weight_decay": 0.1}, stop={"train_loss": 0.03}),
    ),
    "inertia": replace(
        PLAN, law=Law(0.05, 1e-3, name="underdamped", options={"friction": 3.0}, leaves={"in": Leaf(0.5)})
    ),
    "a heavy ball": replace(PLAN, law=Law(0.1, 1e-4, name="heavy-ball", leaves={"out": Leaf(decay=0.0)})),
    "a preconditioner that stays": replace(
        PLAN, law=Law(1e-3, 1e-4, name="preconditioned", options={"warm_up": 70.0})
    ),
    "a schedule": replace(PLAN, protocol=Protocol(schedule=lambda steps: (1.0 + steps / 50.0) ** -0.6)),
    "a divergence": replace(
        PLAN,
        protocol=Protocol(sweep={"learning_rate": [0.1, 1e4]}),
        computation=Computation(chunk=7, unstable=True),
    ),
    "full lanes": replace(PLAN, chains=4, computation=Computation(chunk=7, lanes=2)),
}


NIGHTLY = (
    "a sweep, label noise", "a schedule", "a divergence", "full lanes", "a heavy ball", "a preconditioner that stays"
)  # fmt: skip


def more(plan, steps=90, chains=None):
    """The plan with more steps and chains, recorded at the same distance."""
    recording = replace(plan.recording, frames=range(0, steps + 1, 10))
    return replace(plan, steps=steps, chains=chains or plan.chains, recording=recording)


def assert_equal(found, whole):
    assert_same(found, whole)
    assert found.meta == whole.meta
    assert found.state.keys() == whole.state.keys()
    for name, values in whole.state.items():
        np.testing.assert_array_equal(found.state[name], values)


@pytest.mark.filterwarnings("ignore:lr x sharpness")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in NIGHTLY)) for name in PLANS]
)
def test_the_bits_are_those_of_one_run(name, tmp_path):
    """More steps; more networks; both, from the file of an extended run."""
    plan = PLANS[name]
    run = execute(network(), plan)
    assert_equal(extend(run, network(), more(plan)), execute(network(), more(plan)))
    wide = more(plan, 60, plan.chains + 2)
    save(tmp_path / "run.h5", run)
    wider = extend(load(tmp_path / "run.h5"), network(), wide)
    assert_equal(wider, execute(network(), wide))
    both = more(plan, 90, plan.chains + 4)
    save(tmp_path / "wider.h5", wider)
    assert_equal(extend(load(tmp_path / "wider.h5"), network(), both), execute(network(), both))


def test_another_seed_is_another_run():
    """Control: another seed gives other bits."""
    other = execute(network(), more(replace(PLAN, seed=7)))
    assert (
        extend(execute(network(), PLAN), network(), more(PLAN)).states[:, -1] != other.states[:, -1]
    ).any()


def test_frames_that_are_counted_are_those_of_before_and_behind_them_those_of_the_plan():
    """One run with these recorded steps has the same bits."""
    plan = replace(PLAN, recording=Recording(12))
    longer = replace(plan, steps=100)
    found = extend(execute(network(), plan), network(), longer)
    chosen = extended_plan(execute(network(), plan), longer)
    assert set(plan.recorded) <= set(found.steps)
    assert set(found.steps[found.steps > 60]) == {step for step in longer.recorded.tolist() if step > 60}
    assert_equal(found, execute(network(), chosen))


def test_an_extension_that_is_stopped_goes_on(monkeypatch):
    run = execute(network(), PLAN)
    plan = more(PLAN, 90, 3)
    whole, kept = kept_while_running(monkeypatch, lambda callbacks: extend(run, network(), plan, callbacks))
    assert kept
    for _, state in (kept[0], kept[-1]):
        assert_equal(extend(run, network(), plan, resume=state), whole)


def test_the_weights_at_the_end_are_visited():
    """Also if only networks are added."""
    seen = []
    run = execute(network(), PLAN)
    extend(
        run,
        network(),
        more(PLAN, 60, 3),
        Callbacks(visit=lambda step, weights: seen.append((step, len(weights)))),
    )
    assert seen == [(60, 3)]


def test_a_large_end_is_kept_only_if_that_is_asked_for(monkeypatch):
    monkeypatch.setattr("langevin.sgld.snapshot.KEPT_BYTES", 100)
    run = execute(network(), PLAN)
    assert not run.state
    assert "it is kept only if that is requested" in run.meta["not_extendable"]
    with pytest.raises(UsageError, match="keep_state"):
        extend(run, network(), more(PLAN))
    kept = replace(PLAN, recording=replace(PLAN.recording, keep_state=True))
    assert_same(extend(execute(network(), kept), network(), more(kept)), execute(network(), more(PLAN)))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"law": Law(0.2)}, "the setting learning_rate"),
        ({"law": Law(0.1, batch=4)}, "the setting batch"),
        ({"seed": 3}, "the setting seed"),
        ({"protocol": Protocol(stop={"train_loss": 0.1})}, "the setting stop"),
    ],
)
def test_what_has_changed_is_named(changes, reason):
    run = execute(network(), PLAN)
    with pytest.raises(InputFileError, match=reason):
        extend(run, network(), replace(more(PLAN), **changes))


def test_less_than_the_run_has_is_refused():
    run = execute(network(), PLAN)
    for changes in ({"steps": 50}, {"chains": 1}):
        with pytest.raises(UsageError, match="2 networks of 60 steps already"):
            extend(run, network(), replace(PLAN, **changes, recording=Recording(5)))
    with pytest.raises(UsageError, match="did not record step 7"):
        extend(run, network(), replace(PLAN, steps=90, recording=Recording([7])))
    with pytest.raises(UsageError, match="holds no state"):
        extend(replace(run, state={}), network(), more(PLAN))


@pytest.mark.parametrize("name", ["at", "status", "end", "leaf 0", "recorded", "identity"])
@pytest.mark.parametrize("how", ["missing", "shape", "numbers", "type"])
def test_a_damaged_state_is_refused(name, how):
    run = execute(network(), PLAN)
    state = dict(run.state)
    values = state.pop(name)
    if how == "numbers" and name in ("leaf 0", "identity"):  # any numbers may be weights
        return
    wrong = {"shape": values[1:], "type": np.zeros(values.shape, np.complex64)}
    wrong["numbers"] = None if name == "identity" else np.full_like(values, 10**6)
    if how != "missing":
        state[name] = wrong[how]
    with pytest.raises((InputFileError, UsageError), match=r"damaged|holds no state"):
        extend(replace(run, state=state), network(), more(PLAN))


@pytest.mark.filterwarnings("ignore:lr x sharpness")
def test_a_run_that_ends_on_the_way_to_a_recorded_step_is_extended():
    """All networks diverge before the next recorded step; one more network may be requested, or more steps."""

    def plan(steps, chains):
        frames = Recording(tuple(range(0, steps + 1, 6)))
        law = Law(30.0, name="sgd", batch=4)
        return Plan(law, steps, chains, 11, recording=frames, computation=Computation(unstable=True))

    whole = execute(network(), plan(60, 3))
    assert whole.events["status"].tolist() == [3, 3, 3]
    assert set(whole.events["step"].tolist()) & set(range(0, 61, 6))
    for steps, chains in ((30, 2), (30, 3), (60, 2)):
        grown = extend(execute(network(), plan(steps, chains)), network(), plan(60, 3))
        np.testing.assert_array_equal(grown.states, whole.states)
        np.testing.assert_array_equal(grown.events["step"], whole.events["step"])
