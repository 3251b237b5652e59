"""A splitting over the workers of an executor has the bits of a splitting without one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import langevin
from langevin.ensemble.splitting import walked
from langevin.ensemble.splitting_halfway import pack, unpack
from langevin.ensemble.splitting_task import task_of
from langevin.errors import NumericalError
from langevin.types import Effort, Sets
from langevin.workers import Windows
from tests import engine
from tests.pools import processes

OPTIONS = {"dt": 4e-3, "walkers": 60, "kill": 5, "replicas": 10, "origin": -1.9, "seed": 5}
PROBLEM = langevin.Problem(langevin.potentials.double_well(), 0.15)


@pytest.fixture(autouse=True)
def _short_windows(monkeypatch):
    """Set windows of twenty rounds, so that a splitting of some hundred rounds has several."""
    monkeypatch.setattr(Windows, "learn", lambda self, steps, seconds: setattr(self, "steps", 20.0))


@pytest.fixture(scope="module")
def whole():
    return engine.split(PROBLEM, **OPTIONS, threads=1)


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def alike(one, other):
    for name in ("probabilities", "fluxes", "iterations"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    return one.rate == other.rate and one.walked == other.walked and one.meta == other.meta


@pytest.mark.parametrize("tasks", [None, 1, 3, 100])
def test_over_threads(tasks, whole, threads):
    rounds = []
    cut = engine.split(
        PROBLEM, **OPTIONS, tasks=tasks, executor=threads, progress=lambda *at: rounds.append(at)
    )
    assert alike(cut, whole)
    assert [label for label, _ in rounds[1:4]] == [4, 24, 44], "the windows after the first climb"
    assert rounds[-1] == (whole.iterations.max(), 0)


def test_over_processes(whole):
    with processes() as executor:
        assert alike(engine.split(PROBLEM, **OPTIONS, tasks=3, executor=executor), whole)


def test_an_origin_that_is_chosen_and_another_number_of_threads(threads):
    options = {name: value for name, value in OPTIONS.items() if name != "origin"} | {"walkers": 40}
    cut = engine.split(PROBLEM, **options, tasks=4, threads=2, executor=threads)
    assert alike(cut, engine.split(PROBLEM, **options, threads=1))


@pytest.mark.parametrize("again", [True, False])
def test_it_goes_on_from_any_window(again, threads):
    """With or without an executor, from the state after a window, as a file keeps it."""
    effort = Effort(walkers=60, kill=5, replicas=10)
    task = task_of(PROBLEM, dt=4e-3, sets=Sets(origin=-1.9), effort=effort, correction="shift", seed=5)
    told = []
    whole = walked(task, 1, told.append, executor=threads, tasks=3)
    for halfway in (told[0], told[2], told[-1]):
        begun = unpack(task, pack(halfway))
        rest = walked(
            task, 1, lambda now: None, begun, executor=threads if again else None, tasks=4 if again else None
        )
        np.testing.assert_array_equal(rest.probabilities, whole.probabilities)
        np.testing.assert_array_equal(rest.iterations, whole.iterations)
        assert rest.walked == whole.walked


def test_what_a_task_finds_wrong_comes_through(threads):
    with pytest.raises(NumericalError, match="no way to the target was found down to a probability"):
        engine.split(PROBLEM, **OPTIONS, least=0.1, executor=threads)
