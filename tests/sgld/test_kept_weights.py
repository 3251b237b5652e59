"""Weights kept during a training are those of their steps, for every way of running it, and can be read again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import jax
import numpy as np
import pytest
from click.testing import CliRunner

import langevin
from langevin.cli import main
from langevin.errors import UsageError
from langevin.sgld import Callbacks, Law, Plan, Protocol, Recording, execute, extend, split
from tests.tiny_network import network

LAW = Law(0.3)
EVERY = Recording([0, 60, 95], weights=30)


def rows(tree):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


@pytest.fixture(scope="module")
def watched():
    """A run and its weights at all recorded steps."""
    seen = {}
    recording = Recording(range(0, 121, 5), weights=30)
    callbacks = Callbacks(visit=lambda step, weights: seen.__setitem__(step, weights))
    return execute(network(), Plan(LAW, 120, 4, 3, recording=recording), callbacks), seen


def test_they_are_those_of_their_steps(watched, tmp_path):
    run, seen = watched
    langevin.save(tmp_path / "run.h5", run)
    for one in (run, langevin.load(tmp_path / "run.h5")):
        assert one.weights["steps"].tolist() == [0, 30, 60, 90, 120]
        for chain in range(4):
            for step in (0, 30, 120):
                found = langevin.weights(one, network(), chain, step)
                assert jax.tree.structure(found) == jax.tree.structure(seen[step][chain])
                np.testing.assert_array_equal(rows(found), rows(seen[step][chain]))
            bare = langevin.weights(one, chain=chain, step=30)
            assert set(bare) == {"in", "out"}
            np.testing.assert_array_equal(bare["out"], seen[30][chain]["out"])


def test_the_step_of_memorisation_is_kept_by_default(watched):
    run, seen = watched
    small = execute(network(), Plan(LAW, 120, 4, 3, recording=Recording(range(0, 121, 5))))
    steps = small.events["memorised_step"]
    assert (steps > 0).all()
    assert set(small.weights) >= {"memorised", "arrived"}
    for chain, step in enumerate(steps.tolist()):
        found = langevin.weights(small, network(), chain, "memorised")
        np.testing.assert_array_equal(rows(found), rows(seen[step][chain]))


def test_arrival_is_that_of_the_rank_at_the_end():
    """The loss of arrival follows from the rank, known at the end: weights of another step are not returned."""
    hot = Law(0.3, temperature=1e-3)
    seen = {}
    callbacks = Callbacks(visit=lambda step, weights: seen.__setitem__(step, weights))
    run = execute(network(), Plan(hot, 200, 3, 1, recording=Recording(range(0, 201, 5))), callbacks)
    steps = run.events["arrival_step"]
    assert (steps > 0).all()
    for chain, step in enumerate(steps.tolist()):
        if not np.isnan(run.weights["arrived"][chain]).any():
            found = langevin.weights(run, network(), chain, "arrived")
            np.testing.assert_array_equal(rows(found), rows(seen[step][chain]))


def test_a_network_that_never_came_so_far_has_none():
    run = execute(network(), Plan(Law(1e-4), 10, 2, 3, recording=Recording([0, 5, 10], weights="frames")))
    with pytest.raises(UsageError, match=r"must be one at which weights were kept: 0, 5, 10, end"):
        langevin.weights(run, network(), 0, "memorised")
    with pytest.raises(UsageError, match="weights were kept"):
        langevin.weights(run, network(), 0, 7)


@pytest.mark.parametrize("sweep", [{}, {"temperature": [1e-6, 1e-3]}])
def test_resumed_extended_and_spread_runs_keep_the_same(sweep):
    plan = Plan(Law(0.3, temperature=1e-5), 90, 3, 1, Protocol(sweep=sweep), EVERY)
    plan = replace(plan, recording=replace(EVERY, frames=[0, 60, 90]))
    whole = execute(network(), plan)
    assert set(whole.weights) >= {"steps", "stepwise", "memorised"}
    states = []

    def stop(step, weights):
        if step == 60 and not states:
            raise KeyboardInterrupt

    callbacks = Callbacks(visit=stop, checkpoint=lambda run, state: states.append(state))
    with pytest.raises(KeyboardInterrupt):
        execute(network(), plan, callbacks)
    resumed = execute(network(), plan, resume=states[-1])
    short = execute(network(), replace(plan, steps=60, recording=replace(EVERY, frames=[0, 60])))
    longer = extend(short, network(), plan)
    few = execute(network(), replace(plan, chains=2))
    wider = extend(few, network(), plan)
    with ThreadPoolExecutor(2) as executor:
        spread = execute(network(), plan, executor=executor)
    for other in (resumed, longer, wider, spread):
        assert set(other.weights) == set(whole.weights)
        for name, values in whole.weights.items():
            np.testing.assert_array_equal(np.asarray(other.weights[name]), values)
    if sweep:
        parts = split(whole)
        np.testing.assert_array_equal(
            parts[1].weights["stepwise"], whole.weights["stepwise"][whole.events["setting"] == 1]
        )
        np.testing.assert_array_equal(parts[1].weights["steps"], whole.weights["steps"])


def test_too_many_are_refused_and_not_kept_unasked(monkeypatch):
    monkeypatch.setattr("langevin.sgld.kept.UNASKED_BYTES", 100)
    plan = Plan(LAW, 60, 2, 3, recording=Recording([0, 60]))
    assert not execute(network(), plan).weights
    monkeypatch.setattr("langevin.sgld.kept.MOST_BYTES", 1000)
    with pytest.raises(UsageError, match="of kept weights"):
        execute(network(), replace(plan, recording=Recording([0, 60], weights=1)))


@pytest.mark.parametrize("rule", ["all", 0, 91])
def test_rules_that_are_none_are_refused(rule):
    with pytest.raises(UsageError, match="weights"):
        execute(network(), Plan(LAW, 90, recording=Recording([0, 90], weights=rule)))


def test_the_command_keeps_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("train", "models.parity", "-p", "n=6", "-p", "width=8", "-p", "samples=32", "--seeds", "2",
             "--seed", "1", "--frames", "4", "-q")  # fmt: skip
    done = CliRunner().invoke(main, (*words, "--steps", "40", "--out", "a.h5", "--weights", "every:10"))
    assert done.exit_code == 0, done.output
    assert langevin.load("a.h5").weights["steps"].tolist() == [0, 10, 20, 30, 40]
    longer = CliRunner().invoke(main, (*words, "--steps", "60", "--extend", "a.h5", "--weights", "every:10"))
    assert longer.exit_code == 0, longer.output
    assert langevin.load("a.h5").weights["stepwise"].shape[1] == 7
    bad = CliRunner().invoke(main, (*words, "--steps", "40", "--out", "b.h5", "--weights", "often"))
    assert bad.exit_code == 2
    assert "final, frames and every:N" in bad.output


def stopping(steps, chains):
    """Networks that stop at different steps, most of which keep no weights."""
    recorded = sorted({*range(0, steps + 1, 7), steps})
    protocol = Protocol(stop=["train_loss<0.02"])
    return Plan(LAW, steps, chains, 3, protocol, Recording(recorded, weights=35))


def test_networks_that_stop_early_keep_where_they_stand():
    whole = execute(network(), stopping(300, 4))
    assert len(set(whole.events["step"].tolist())) > 1
    with ThreadPoolExecutor(2) as pool:
        spread = execute(network(), stopping(300, 4), executor=pool)
    grown = extend(execute(network(), stopping(300, 2)), network(), stopping(300, 4))
    for other in (spread, grown):
        assert set(other.weights) == set(whole.weights)
        for name, kept in whole.weights.items():
            np.testing.assert_array_equal(other.weights[name], kept)
    stopped = int(whole.events["step"].argmin())
    np.testing.assert_array_equal(
        whole.weights["stepwise"][stopped, -1], rows(langevin.weights(whole, network(), stopped))
    )


def test_an_extension_drops_what_is_too_much_unasked(monkeypatch):
    recording = Recording(range(0, 61, 5))
    few = execute(network(), Plan(LAW, 60, 2, 3, recording=recording))
    assert few.weights
    monkeypatch.setattr("langevin.sgld.kept.UNASKED_BYTES", 3 * 3 * 4 * few.meta["parameters"])
    plan = Plan(LAW, 60, 4, 3, recording=recording)
    more = extend(few, network(), plan)
    assert not more.weights
    np.testing.assert_array_equal(more.states, execute(network(), plan).states)
