"""Observables with several parts, and with a memory: names, numbers, and the same bits in every kind of run."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import jax.numpy as jnp
import numpy as np
import pytest

import langevin
from langevin.errors import NumericalError, UsageError
from langevin.observables.sharpness import sharpness
from langevin.sgld import (
    Callbacks,
    Computation,
    Law,
    Plan,
    Protocol,
    Recording,
    execute,
    extend,
    observable_parts,
    split,
    train,
)
from langevin.types import Observable
from langevin.workers import Windows
from tests.pools import processes
from tests.sgld.test_sgld_resume import assert_same, kept_while_running
from tests.tiny_network import network


def columns(weights):
    return jnp.linalg.norm(weights["in"], axis=0)


def layers(model, weights):
    assert model.name == "tanh"
    return {"in": jnp.linalg.norm(weights["in"]), "out": jnp.linalg.norm(weights["out"])}


def moved(model, weights, data, memory):
    """Distance of the output weights from those at the last recorded step, and the number of calls."""
    last, count = memory[: weights["out"].size], memory[-1]
    now = weights["out"].ravel()
    after = jnp.zeros_like(memory).at[: now.size].set(now).at[-1].set(count + 1)
    return jnp.stack([jnp.linalg.norm(now - last), count]), after


SEEN = {
    "columns": columns,
    "layers": layers,
    "moved": Observable("way of the output", moved, uses_memory=True),
    "again": Observable("the same", moved, uses_memory=True),
    "mean": lambda weights: jnp.mean(weights["out"]),
}
PLAN = Plan(
    Law(0.1, temperature=1e-4),
    90,
    chains=3,
    seed=4,
    protocol=Protocol(stop=["moved[0]<0.045 for 20", "train_loss<1e-9"]),
    recording=Recording(range(0, 91, 5), SEEN),
    computation=Computation(chunk=7),
)


@pytest.fixture(scope="module")
def run():
    shown = []
    callbacks = Callbacks(visit=lambda step, weights: shown.append(weights))
    found = execute(network(), replace(PLAN, protocol=Protocol()), callbacks)
    return found, shown


def test_each_part_is_an_observable_of_its_own(run):
    found, shown = run
    names = [f"columns[{place}]" for place in range(8)] + ["layers[in]", "layers[out]", "mean"]
    assert set(names) <= set(found.observables)
    assert all(values.shape == (3, 19) for values in found.observables.values())
    for draw, weights in enumerate(shown):
        for chain, one in enumerate(weights):
            sizes = np.linalg.norm(one["in"], axis=0)
            seen = [found.observables[f"columns[{place}]"][chain, draw] for place in range(8)]
            np.testing.assert_allclose(seen, sizes, rtol=1e-5)  # float32
            size = found.observables["layers[out]"][chain, draw]
            assert size == pytest.approx(np.linalg.norm(one["out"]), rel=1e-5)


def test_parts_are_put_together_in_their_order(run):
    many = {f"b[{place}]": np.full((2, 3), place) for place in (10, 9, 0)}
    names, numbers = observable_parts(replace(run[0], observables=many), "b")
    assert names == ["0", "9", "10"]
    assert numbers[1, 2].tolist() == [0, 9, 10]
    names, numbers = observable_parts(run[0], "layers")
    assert names == ["in", "out"]
    np.testing.assert_array_equal(numbers[:, :, 1], run[0].observables["layers[out]"])
    for name in ("mean", "width", ""):
        with pytest.raises(
            UsageError, match=rf"no observable '{name}' with parts: it has again, columns, layers, moved;"
        ):
            observable_parts(run[0], name)


def test_a_memory_is_that_of_the_recorded_step_before(run):
    found, shown = run
    for chain in range(3):
        outs = np.array([weights[chain]["out"].ravel() for weights in shown])
        ways = np.linalg.norm(np.diff(outs, axis=0, prepend=np.zeros((1, 8))), axis=1)
        np.testing.assert_allclose(found.observables["moved[0]"][chain], ways, rtol=1e-4, atol=1e-7)
        assert found.observables["moved[1]"][chain].tolist() == list(range(19))
        np.testing.assert_array_equal(found.observables["again[0]"], found.observables["moved[0]"])


def test_observables_of_parts_move_nothing(run):
    bare = execute(network(), replace(PLAN, protocol=Protocol(), recording=Recording(range(0, 91, 5))))
    np.testing.assert_array_equal(bare.states, run[0].states)


def test_a_file_and_the_settings_of_a_sweep_have_them(tmp_path):
    pytest.importorskip("xarray")
    plan = replace(PLAN, protocol=Protocol(sweep={"weight_decay": [0, 0.1]}))
    found = execute(network(), plan)
    langevin.save(tmp_path / "run.h5", found)
    import xarray

    with xarray.open_dataset(tmp_path / "run.h5", group="observables", engine="h5netcdf") as opened:
        np.testing.assert_array_equal(opened["layers[in]"], found.observables["layers[in]"])
        assert opened["columns[7]"].dims == ("chain", "draw")
    part = split(langevin.load(tmp_path / "run.h5"))[1]
    np.testing.assert_array_equal(part.observables["moved[0]"], found.observables["moved[0]"][3:])


def test_a_resumed_run_has_the_same_bits(monkeypatch):
    run = partial(execute, network(), PLAN)
    whole, kept = kept_while_running(monkeypatch, run)
    assert (whole.events["stopped_by"] == 0).any()
    assert (whole.events["stopped_by"] == -1).any() or len(set(whole.events["step"].tolist())) > 1
    for _, state in (kept[1], kept[len(kept) // 2]):
        through_a_file = {name: np.array(values.tolist(), values.dtype) for name, values in state.items()}
        assert_same(run(resume=through_a_file), whole)


def test_a_memory_that_is_lost_is_noticed_by_these_tests(monkeypatch):
    run = partial(execute, network(), replace(PLAN, protocol=Protocol()))
    whole, kept = kept_while_running(monkeypatch, run)
    state = kept[len(kept) // 2][1]
    again = run(resume=state | {"memory": np.zeros_like(state["memory"])})
    assert not np.array_equal(again.observables["moved[0]"], whole.observables["moved[0]"])


def test_a_streak_that_is_lost_is_noticed_by_these_tests(monkeypatch):
    run = partial(execute, network(), PLAN)
    whole, kept = kept_while_running(monkeypatch, run)
    begun = [state for _, state in kept if (state["since"] >= 0).any()]
    again = run(resume=begun[0] | {"since": np.full_like(begun[0]["since"], -1)})
    assert not np.array_equal(again.events["step"], whole.events["step"])


def test_an_extended_run_has_the_same_bits(tmp_path):
    short = replace(PLAN, steps=45, chains=2, recording=Recording(range(0, 46, 5), SEEN))
    langevin.save(tmp_path / "short.h5", execute(network(), short))
    longer = extend(langevin.load(tmp_path / "short.h5"), network(), PLAN)
    assert_same(longer, execute(network(), PLAN))


@pytest.mark.parametrize(
    "pool", [partial(ThreadPoolExecutor, 2), pytest.param(processes, marks=pytest.mark.slow)]
)
def test_over_an_executor_a_run_has_the_same_bits(pool, monkeypatch):
    monkeypatch.setattr(Windows, "learn", lambda self, steps, seconds: setattr(self, "steps", 20.0))
    observe = SENT | ({"sharpness": sharpness} if pool is processes else {})
    plan = replace(PLAN, recording=replace(PLAN.recording, observe=observe))
    with pool() as executor:
        cut = execute(network(), plan, executor=executor)
    assert_same(cut, execute(network(), plan))


@pytest.mark.slow
def test_networks_in_lanes_have_the_same_numbers_within_rounding():
    """In double precision sums in another order differ by a part in 10^16, and 90 steps do not amplify this."""
    plan = replace(PLAN, protocol=Protocol())
    alone, beside = (
        execute(network(), replace(plan, computation=Computation("float64", lanes=n))) for n in (1, 2)
    )
    for name, values in alone.observables.items():
        np.testing.assert_allclose(beside.observables[name], values, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.slow
def test_a_model_may_have_them():
    mine = replace(network(), observe={"layers": layers})
    run = execute(
        mine, replace(PLAN, steps=5, protocol=Protocol(stop="layers[in]>0"), recording=Recording([0, 5]))
    )
    assert {"layers[in]", "layers[out]"} <= set(run.observables)
    assert run.events["step"].tolist() == [0, 0, 0]
    assert run.meta["observed"] == []


def test_an_observable_that_is_no_number_at_the_start_is_named():
    recording = Recording(observe={"a": lambda w: jnp.array([1.0, jnp.log(-1.0)])})
    with pytest.raises(
        NumericalError, match=r"the observable a\[1\] of tanh is not finite at its initial weights: correct"
    ):
        train(network(), Law(0.1), steps=2, chains=1, recording=recording)


#: A lambda in a dictionary of a module has no name by which it could be sent.
SENT = {name: observer for name, observer in SEEN.items() if name != "mean"}


def fail(model, weights):
    raise RuntimeError("no")


@pytest.mark.parametrize(
    ("observe", "message"),
    [
        (
            {"a": lambda w: w["in"]},
            r"the observable a has the shape \(5, 8\) and .*: it must be one real number, an",
        ),
        ({"a": lambda w: {"b": w["out"]}}, r"the observable a has the shape \(8, 1\)"),
        ({"a": lambda w: jnp.sum(w["out"]) * 1j}, "the kind complex64"),
        (
            {"a": lambda w: {"b/c": jnp.sum(w["out"])}},
            r"'a\[b/c\]' cannot be the name of an observable or of a part",
        ),
        ({"a/b": lambda w: 1.0}, "'a/b' cannot be the name"),
        ({"step": lambda w: 1.0}, "'step' cannot be the name"),
        ({"a": lambda w: jnp.zeros(2), "a[1]": lambda w: 1.0}, r"the observable 'a\[1\]' is there already"),
        (
            {"a": lambda w: jnp.zeros(1001)},
            r"the observables have 1007 numbers .*at most 1000 numbers of a network",
        ),
        ({"a": lambda w: jnp.zeros(0)}, "the observable a has no parts: at least one number"),
        ({"a": lambda w: {"b": {"c": 1.0}}}, "the observable a has the shape dict and the kind of no array"),
        ({"a": fail}, "the observable a of tanh fails: RuntimeError: no"),
        (
            {"a": Observable("", lambda model, w, data, memory: (1.0, memory[:2]), uses_memory=True)},
            "the observable a gives another memory than it is given: one number for each weight",
        ),
    ],
)
def test_what_a_run_cannot_keep_is_refused_in_a_sentence(observe, message):
    with pytest.raises(UsageError, match=message):
        train(network(), Law(0.1), steps=2, chains=1, recording=Recording(observe=observe))


def test_more_numbers_than_memory_holds_are_refused_before_they_are_made():
    recording = Recording(range(1001), {"a": lambda w: jnp.zeros(900)})
    with pytest.raises(
        UsageError, match=r"906 numbers of 1000 networks at 1001 steps take 6.8 GiB: at most 2 GiB"
    ):
        train(network(), Law(0.1), steps=1000, chains=1000, recording=recording)
