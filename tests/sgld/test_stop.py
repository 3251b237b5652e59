"""Criteria that end a network: any observable, compared with a level, for a number of steps; at recorded steps only."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

import langevin
from langevin.errors import UsageError
from langevin.sgld import Computation, Criterion, Law, Protocol, Recording, split, train
from langevin.sgld.criteria import criteria_of, spelled
from langevin.types import Status
from tests.tiny_network import network

LAW = Law(0.05)
FRAMES = tuple(range(0, 201, 10))
FREE = {"law": LAW, "steps": 200, "chains": 3, "seed": 2}


def sizes(weights):
    return {"in": jnp.linalg.norm(weights["in"]), "out": jnp.linalg.norm(weights["out"])}


def trained(*stop, **changed):
    recording = Recording(FRAMES, {"sizes": sizes})
    return train(network(), **{**FREE, "recording": recording, "protocol": Protocol(stop=stop)} | changed)


@pytest.fixture(scope="module")
def free():
    return trained()


def expected(free, name, holds, lasting):
    """The first recorded step (chains,) at which it has held long enough, -1 for never, from a run without a stop."""
    ends = []
    for row in free.observables[name]:
        since, end = None, -1
        for step, held in zip(free.steps.tolist(), holds(row).tolist()):
            since = (step if since is None else since) if held else None
            if since is not None and step - since >= lasting:
                end = step
                break
        ends.append(end)
    return ends


@pytest.mark.parametrize(
    ("text", "name", "holds", "lasting"),
    [
        ("test_loss<0.12 for 35", "test_loss", lambda values: values < 0.12, 35),
        ("displacement > 0.9", "displacement", lambda values: values > 0.9, 0),
        ("sizes[out]>=1.1 for 20", "sizes[out]", lambda values: values >= 1.1, 20),
        ("train_loss<=0.1", "train_loss", lambda values: values <= 0.1, 0),
    ],
)
def test_a_criterion_ends_a_network_where_the_free_run_says(free, text, name, holds, lasting):
    wanted = expected(free, name, holds, lasting)
    assert max(wanted) > 0  # at least one network is ended
    run = trained(text)
    ended = run.events["status"] == Status.HIT
    assert np.where(ended, run.events["step"], -1).tolist() == wanted
    assert run.events["stopped_by"].tolist() == [0 if step >= 0 else -1 for step in wanted]
    for chain, step in enumerate(wanted):
        before = run.steps <= (step if step >= 0 else 200)
        seen, whole = (one.observables[name][chain, : len(run.steps)] for one in (run, free))
        np.testing.assert_array_equal(seen[before], whole[before])


def test_a_streak_that_breaks_begins_again():
    """The norm of a network at a high temperature crosses the level many times."""
    hot = {"law": Law(0.05, temperature=2e-2), "steps": 600}
    recording = Recording(range(0, 601, 5))
    free = trained(recording=recording, **hot)
    level = float(np.median(free.observables["train_loss"][:, 40:]))
    wanted = expected(free, "train_loss", lambda values: values < level, 25)
    once = expected(free, "train_loss", lambda values: values < level, 0)
    run = trained(f"train_loss<{level!r} for 25", recording=recording, **hot)
    assert run.events["step"].tolist() == [600 if step < 0 else step for step in wanted]
    assert any(late > early + 25 for late, early in zip(wanted, once))  # a streak broke


def test_any_of_several_ends_a_network_and_the_event_says_which():
    run = trained("test_loss<0.12 for 60", Criterion("displacement", ">", 0.9), "generalised=50")
    alone = [trained(one) for one in ("test_loss<0.12 for 60", "displacement>0.9", "generalised=50")]
    ends = np.array([np.where(one.events["stopped_by"] == 0, one.events["step"], 10**9) for one in alone])
    assert run.events["step"].tolist() == ends.min(axis=0).tolist()
    assert run.events["stopped_by"].tolist() == ends.argmin(axis=0).tolist()
    assert run.meta["stop"] == ["test_loss<0.12 for 60", "displacement>0.9", "test_accuracy>=1 for 50"]


def test_the_forms_with_names_of_their_own_stay():
    named, spelt = (
        trained(protocol=Protocol(stop=stop))
        for stop in ({"generalised": 50, "train_loss": 0.05}, ["test_accuracy>=1 for 50", "train_loss<=0.05"])
    )
    assert named.meta["stop"] == {"generalised": 50, "train_loss": 0.05}
    for name in ("step", "status", "stopped_by"):
        np.testing.assert_array_equal(named.events[name], spelt.events[name])
    assert (named.events["status"] == Status.HIT).any()


def test_calls_of_other_lengths_change_nothing():
    short, long = (
        trained("test_loss<0.12 for 35", computation=Computation(chunk=chunk)) for chunk in (7, 1000)
    )
    assert short.events["step"].tolist() == long.events["step"].tolist()


def test_a_run_without_criteria_has_no_such_event(free):
    assert "stopped_by" not in free.events


def test_it_lives_in_a_file_and_in_the_settings_of_a_sweep(tmp_path):
    protocol = Protocol(stop=["displacement>0.9"], sweep={"weight_decay": [0, 0.1]})
    run = trained(protocol=protocol)
    langevin.save(tmp_path / "run.h5", run)
    loaded = langevin.load(tmp_path / "run.h5")
    assert json.loads(json.dumps(loaded.meta["stop"])) == ["displacement>0.9"]
    for setting, part in enumerate(split(loaded)):
        np.testing.assert_array_equal(part.events["stopped_by"], run.events["stopped_by"][3 * setting :][:3])


@pytest.mark.parametrize(
    ("stop", "message"),
    [
        ("test_loss", r"'test_loss' is not a criterion to stop at: NAME<NUMBER or NAME>NUMBER"),
        ("test_loss<", "is not a criterion to stop at"),
        ("test_loss<0.1 for", "is not a criterion to stop at"),
        ("test_loss<0.1 for 3 4", "is not a criterion to stop at"),
        ("<0.1", "is not a criterion to stop at"),
        ("test_loss<low", r"'low' in the criterion 'test_loss<low' is not a number"),
        ("test_loss<0.1 for long", "'long' in the criterion"),
        ("test_loss<nan", r"the level of the criterion test_loss<nan is nan: it must be finite"),
        ("test_loss<1 for -3", r"is to last -3.0 steps: a finite number of steps, at least 0"),
        ("test_loss<1 for inf", "is to last inf steps"),
        (
            "loss<1",
            r"no observable 'loss' to stop at: its observables are .*train_loss.* sizes\[PART\]; name one",
        ),
        (
            "sizes<1",
            r"sizes has 2 parts, and a criterion .* one number: one part of it; name it, as sizes\[in\]",
        ),
        ("sizes[no]<1", r"no observable 'sizes\[no\]'"),
        ("generalized=3", "there is no criterion 'generalized' to stop at: generalised=NUMBER"),
        ("generalised=-1", "stop at generalised is -1.0: it must be finite and at least 0"),
        (Criterion("train_loss", "=", 1), "the criterion train_loss=1 compares by '=': one of < > <= >="),
    ],
)
def test_what_is_no_criterion_is_refused_in_a_sentence(stop, message):
    with pytest.raises(UsageError, match=message):
        trained(stop)


def test_a_text_comes_back_from_its_criterion():
    for text in ("a<0.1", "a b[c d]>=1e-09 for 300", "x>-2.5"):
        (criterion,) = criteria_of([text])
        assert spelled(criterion) == text
        assert criteria_of(text) == (criterion,)
