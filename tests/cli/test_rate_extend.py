"""`langevin rate --extend`: more temperatures with the bits of one run; more replicas with separate noise."""

from dataclasses import replace

import h5py
import numpy as np
import pytest

from langevin.ensemble.splitting import walked
from langevin.experiment.rate_plan import rate_plan
from langevin.kernels.streams import derived_seed
from langevin.potentials import double_well
from langevin.store import load
from langevin.types import Effort
from tests.rates import SIZE, Killed, call, content, stopped

HOT = ["rate", "--potential", "double-well", *SIZE, "--temperature", "0.3"]
BOTH = ["rate", "--potential", "double-well", *SIZE, "--temperature", "0.3,0.25"]
MORE = ["rate", "--potential", "double-well", "--walkers", "30", "-q", "--replicas", "20", "--temperature"]
NAMES = ("flux", "probability", "step", "time", "temperature")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hot():
    assert call(*HOT, "--seed", 3, "--out", "run.h5").exit_code == 0


def told(path):
    arrays, meta = content(path)
    return arrays, {name: value for name, value in meta.items() if name != "extended"}


def test_temperatures_behind_have_the_bits_of_one_run(here):
    hot()
    assert call(*BOTH, "--seed", 3, "--out", "one.h5").exit_code == 0
    done = call(*BOTH, "--extend", "run.h5")
    assert done.exit_code == 0, done.output
    assert told("run.h5") == told("one.h5")
    assert load("run.h5").state["identity"] == load("one.h5").state["identity"]
    assert load("run.h5").meta["extended"][0]["command"][-2:] == ["--out", "run.h5"]
    before = (here / "run.h5").read_bytes()
    again = call(*[word for word in BOTH if word != "-q"], "--extend", "run.h5")
    assert "nothing was added" in again.output
    assert (here / "run.h5").read_bytes() == before
    assert sorted(file.name for file in here.iterdir()) == ["one.h5", "run.h5"]


def test_replicas_are_added_under_noise_of_their_own(here):
    """Earlier replicas do not change; the others are a splitting with the same origin and a new seed."""
    hot()
    before = load("run.h5")
    old = {name: np.array(before.events[name]) for name in NAMES}
    done = call(*MORE, "0.3,0.25", "--extend", "run.h5", "--out", "more.h5", "--threads", 2)
    assert done.exit_code == 0, done.output
    after = load("more.h5")
    new = {name: np.array(after.events[name]) for name in NAMES}
    for name in NAMES:
        np.testing.assert_array_equal(new[name][:10], old[name])
        assert new[name].shape == (40,)
    effort = Effort(walkers=30, replicas=20)
    plan = rate_plan(double_well(), [0.3], seed=3, effort=effort)
    seed, origin = derived_seed(plan.tasks[0].seed, 2**48 + 10), before.meta["runs"][0]["origin"]
    task = replace(
        plan.tasks[0], seed=seed, effort=replace(effort, replicas=10), sets=replace(plan.tasks[0].sets, origin=origin)
    )  # fmt: skip
    np.testing.assert_array_equal(new["flux"][10:20], walked(task, 1, lambda now: None).fluxes)
    assert not np.isin(new["flux"][10:20], old["flux"]).any()
    assert after.meta["replicas"] == 20
    assert "mean time" in call("compare", "more.h5").output
    assert call(*MORE, "0.3,0.25,0.2", "--replicas", 30, "--extend", "more.h5").exit_code == 0
    assert load("more.h5").events["flux"].shape == (90,)


@pytest.mark.statistical
def test_added_replicas_measure_the_same(here):
    """Mean times of the first ten replicas and of forty more, within 4 of their errors."""
    hot()
    words = [*HOT[:3], "--walkers", "30", "-q", "--replicas", "50", "--temperature", "0.3"]
    assert call(*words, "--extend", "run.h5").exit_code == 0
    run = load("run.h5")
    rates = np.asarray(run.events["flux"]) * np.asarray(run.events["probability"])
    parts = rates[:10], rates[10:]
    error = sum(part.var(ddof=1) / part.size for part in parts) ** 0.5
    assert abs(parts[0].mean() - parts[1].mean()) < 4 * error


@pytest.mark.parametrize("end", [pytest.param(KeyboardInterrupt, marks=pytest.mark.slow), Killed])
def test_an_extension_that_is_stopped_goes_on(here, end, monkeypatch):
    monkeypatch.setattr("langevin.experiment.rate_walk.CHECKPOINT_SECONDS", 0.1)
    hot()
    words = [*MORE, "0.3,0.25", "--extend", "run.h5"]
    assert call(*words, "--out", "whole.h5").exit_code == 0
    before = (here / "run.h5").read_bytes()
    _, looks = stopped(0, *words, "--out", "other.h5")
    for share in (0.2, 0.45, 0.8):
        try:
            done, _ = stopped(int(share * looks), *words, end=end)
            assert done.exit_code in (130, 0)
            if done.exit_code == 0:
                break
        except Killed:
            pass
        assert (here / "run.h5").read_bytes() == before
    if (here / "run.h5").read_bytes() == before:
        done = call(*words)
        assert done.exit_code == 0, done.output
    assert told("run.h5") == told("whole.h5")


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (["--temperature", "0.25,0.3"], 4, "the setting temperature (it was [0.3])"),
        (["--temperature", "0.3,0.25", "--dt", "0.001"], 4, "the setting dt"),
        (["--temperature", "0.3,0.25", "--walkers", "40"], 4, "the setting walkers (it was 30)"),
        (["--temperature", "0.3,0.25", "-p", "barrier=2"], 4, "the setting dials"),
        (["--temperature", "0.3", "--replicas", "12"], 2, "at least 10 more"),
        (["--temperature", "0.3", "--seed", "4"], 2, "leave --seed out"),
    ],
)
def test_what_has_changed_is_named(here, words, code, reason):
    hot()
    before = (here / "run.h5").read_bytes()
    done = call("rate", "--potential", "double-well", *SIZE, *words, "--extend", "run.h5")
    assert done.exit_code == code, done.output
    assert reason in done.stderr
    assert (here / "run.h5").read_bytes() == before


def test_files_without_a_state_are_refused(here):
    hot()
    assert call("rate", "--extend", "run.h5").exit_code == 2
    assert call(*BOTH, "--extend", "run.h5", "--resume", "run.h5").exit_code == 2
    for change in ("{}", "\u00fc"):
        with h5py.File("run.h5", "r+") as file:
            del file["state/identity"]
            file["state"].create_dataset("identity", data=np.array([change.encode()]))
        done = call(*BOTH, "--extend", "run.h5")
        assert (done.exit_code, "damaged" in done.stderr) == (4, True)
    with h5py.File("run.h5", "r+") as file:
        del file["state"]
    done = call(*BOTH, "--extend", "run.h5")
    assert (done.exit_code, "it holds no state" in done.stderr) == (4, True)
