"""One ensemble over the workers of an executor has the bits of one without, also after stops and lost workers."""

import importlib
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

import langevin
from langevin import Watch
from langevin.ensemble import spread
from langevin.ensemble.spread import content_of, parts_of
from langevin.errors import UsageError, WorkersLost
from langevin.kernels import compile as compile_module
from langevin.store import Walks
from langevin.workers import Windows
from tests.engine import LAWS, digest, run
from tests.pools import processes

SIZE = {"walkers": 200, "steps": 150}
#: A run of each kind: frames of all walkers, walkers that stop, a memory and failures.
KINDS = ["soft", "first passage", "gibbs"]


@pytest.fixture(autouse=True)
def _short_windows(monkeypatch):
    """Set short windows, so that a short run has several of them on any machine."""
    monkeypatch.setattr(Windows, "learn", lambda self, steps, seconds: setattr(self, "steps", 40.0))
    monkeypatch.setattr(spread, "FIRST", 1.0)


@pytest.fixture(scope="module")
def pool():
    with processes() as executor:
        yield executor


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def alike(one, other):
    return digest(one) == digest(other) and one.meta == other.meta


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("every", [None, 7])
def test_over_threads(law, every, threads):
    whole = run(law, **SIZE, every=every)
    steps = []
    for tasks in (None, 3, 100):
        watch = Watch(tasks=tasks, progress=lambda step, running: steps.append(step))
        assert alike(run(law, **SIZE, every=every, executor=threads, watch=watch), whole)
    assert len(steps) > 6, "it was cut by steps, too"


@pytest.mark.parametrize("law", KINDS)
def test_over_processes(law, pool):
    whole = run(law, **SIZE, every=7)
    assert alike(run(law, **SIZE, every=7, executor=pool, watch=Watch(tasks=3)), whole)


def test_observables_are_those_of_all_walkers_at_once(pool):
    """A user-defined function, which is not sent to workers, and may use all walkers."""
    watch = Watch(
        observe={"rank": lambda states: states[:, 0].argsort().astype(float)}, labels={"samples": 3}
    )
    whole, cut = (run("soft", **SIZE, every=7, executor=executor, watch=watch) for executor in (None, pool))
    np.testing.assert_array_equal(whole.observables["rank"], cut.observables["rank"])
    assert alike(whole, cut)


def test_a_schedule_and_an_odd_range_of_walkers(pool):
    steps = langevin.StepSchedule(5e-3, slower)
    size = {"walkers": range(1000, 1100), "steps": 150, "dt": steps}
    assert alike(run("soft", **size, executor=pool, watch=Watch(tasks=2)), run("soft", **size))


def slower(steps):
    return (1.0 + steps) ** -0.3


def test_a_run_goes_on_from_its_trajectory(pool):
    half, watch = {**SIZE, "steps": 75}, Watch(tasks=2)
    first = run("surface", **half, executor=pool, watch=watch)
    rest = run("surface", steps=75, walkers=None, seed=None, start=first, executor=pool, watch=watch)
    np.testing.assert_array_equal(rest.states[:, -1], run("surface", **SIZE).states[:, -1])


def test_walkers_that_diverge_are_lost_at_the_same_step(threads, monkeypatch):
    """All walkers of a part diverge, or some of them; `sound` states are sent too, from which the step is found."""
    monkeypatch.setattr(Windows, "learn", lambda self, steps, seconds: setattr(self, "steps", 1000.0))
    well = langevin.Problem(langevin.potentials.quartic(), 0.3)
    start = np.where(np.arange(200) % 2, 0.1, 60.0)[:, None]
    for places in (start, np.full((200, 1), 60.0), np.sort(start, axis=0)):
        arguments = {"walkers": 200, "steps": 9000, "dt": 0.01, "seed": 1, "every": 2000}
        arguments["start"] = langevin.Start(places, first_step=0)
        whole = langevin.simulate(well, **arguments)
        cut = langevin.simulate(well, **arguments, executor=threads, watch=Watch(tasks=3))
        assert whole.counts["diverged"] >= 100
        assert digest(whole) == digest(cut)


@pytest.mark.parametrize("again", ["over threads", "alone"])
def test_a_run_that_was_stopped_goes_on_to_the_same_bits(again, threads, tmp_path, monkeypatch):
    """The run is kept in pieces by this process, stopped, and continued, with or without threads."""
    monkeypatch.setattr("langevin.ensemble.keeping.PIECE_BYTES", 2**14)
    monkeypatch.setattr(spread, "WINDOW_BYTES", 2**14)
    path, seen = tmp_path / "run.h5", []

    def stop(step, running):
        if step > 60:
            raise KeyboardInterrupt

    def kept(executor, tell):
        watch = Watch(tasks=3 if executor else None, progress=tell, journal=Walks(path).next())
        return run("soft", **SIZE, every=3, executor=executor, watch=watch)

    with pytest.raises(KeyboardInterrupt):
        kept(threads, stop)
    done = kept(threads if again == "over threads" else None, lambda step, running: seen.append(step))
    assert seen[0] > 60, "it did not begin again"
    assert digest(done) == digest(run("soft", **SIZE, every=3))


class Noted(ThreadPoolExecutor):
    """Threads that record the tasks, and receive them as other processes do."""

    def submit(self, task, /, *arguments, **named):
        self.noted = [*getattr(self, "noted", []), super().submit(task, *arguments, **named)]
        return self.noted[-1]


def test_what_is_raised_while_a_run_looks_on_cancels_what_has_not_begun():
    """This happens at once, although the caller that catches the exception still holds its frames."""

    def stop(step, running):
        raise KeyboardInterrupt

    with Noted(1) as executor:
        with pytest.raises(KeyboardInterrupt) as caught:
            run("soft", walkers=600, steps=10**6, executor=executor, watch=Watch(tasks=10, progress=stop))
        assert caught.tb is not None
        waiting = [future for future in executor.noted if not (future.done() or future.running())]
        assert waiting == []
        assert any(future.cancelled() for future in executor.noted)


def test_threads_of_a_worker_compile_a_kernel_once(monkeypatch):
    """Four threads of a worker need, at the same time, a kernel that this process has not compiled."""
    verified, compiled = compile_module._verified, []
    monkeypatch.setattr(compile_module, "_drivers", {})
    monkeypatch.setattr(
        compile_module, "_verified", lambda *given, **named: compiled.append(1) or verified(*given, **named)
    )
    whole = run("first passage", **SIZE)
    compile_module._drivers.clear()
    compiled.clear()
    with Noted(4) as executor:
        assert alike(run("first passage", **SIZE, executor=executor, watch=Watch(tasks=6)), whole)
    assert compiled == [1]


def test_a_run_whose_workers_are_lost_is_kept(threads, tmp_path):
    """The pool belongs to the caller, and cannot be restored: a message states this, and another pool continues."""
    path, killed, seen = tmp_path / "run.h5", [], []
    size = {"walkers": 100, "steps": 2000}

    def walk(executor, tell):
        watch = Watch(tasks=2, progress=tell, journal=Walks(path).next())
        return run("soft", **size, executor=executor, watch=watch)

    with processes(1) as executor:

        def kill(step, running):
            killed.append(step)
            for process in executor._processes.values():
                process.kill()

        with pytest.raises(WorkersLost, match="continue with a new executor") as lost:
            walk(executor, kill)
    assert lost.value.exit_code == 3
    assert digest(walk(threads, lambda step, running: seen.append(step))) == digest(run("soft", **size))
    assert seen[0] > killed[-1], "it did not begin again"


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A user-defined module that workers can import: `module(depth)` writes it again, and imports it."""
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "own_well.py"

    def write(depth):
        file.write_text(OWN.format(depth=depth))
        sys.modules.pop("own_well", None)
        importlib.invalidate_caches()
        return importlib.import_module("own_well")

    yield write
    sys.modules.pop("own_well", None)


OWN = """
import langevin

def value(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = {depth} * x[0, lane] ** 2

def gradient(x, out, parameters):
    for lane in range(x.shape[1]):
        out[0, lane] = 2.0 * {depth} * x[0, lane]

def well():
    return langevin.potentials.potential(value, gradient, dim=1)
"""


def walk_in(well, **more):
    return langevin.simulate(langevin.Problem(well, 0.5), walkers=100, steps=50, dt=0.01, seed=1, **more)


def test_a_landscape_of_the_readers_own_and_another_version_of_it(module):
    """A worker that imported the file before it was edited gives an error, and does not simulate the old version."""
    well = module(1.0).well()
    with processes(1) as executor:
        assert alike(walk_in(well), walk_in(well, executor=executor))
        with pytest.raises(
            UsageError, match="has another version of the kernels of own potential"
        ) as refused:
            walk_in(module(2.0).well(), executor=executor)
    assert refused.value.exit_code == 2
    assert "start the worker anew" in refused.value.remedy


def test_a_module_that_workers_do_not_find_is_named(module, monkeypatch):
    well = module(1.0).well()
    monkeypatch.setattr(
        sys, "path", [place for place in sys.path if "own" not in place and place != sys.path[0]]
    )
    with (
        processes(1) as executor,
        pytest.raises(UsageError, match="cannot make own potential: no module own_well here"),
    ):
        walk_in(well, executor=executor)


def test_a_landscape_that_stands_in_no_module_is_refused_before_anything_is_sent(pool):
    known = {"__name__": "__main__"}
    exec(OWN.format(depth=1.0), known)
    with pytest.raises(UsageError, match="is defined in __main__, which no other process can import"):
        walk_in(known["well"](), executor=pool)


def test_a_kernel_of_unknown_content_is_refused():
    with pytest.raises(UsageError, match="which cannot be compared between two processes"):
        content_of(langevin.potentials.quartic(), Watch())


@pytest.mark.parametrize("walkers", [1, 31, 32, 100, 128, 5000, 10_000, 10**6])
@pytest.mark.parametrize("tasks", [None, 1, 7, 1000])
@pytest.mark.parametrize("lanes", [32, 512])
def test_parts_are_all_walkers_in_whole_turns_and_few_lanes_are_empty(walkers, tasks, lanes, monkeypatch):
    """With a largest number of lanes of a block: a part of 1.2 blocks would leave 0.8 of one empty."""
    monkeypatch.setattr(spread, "lanes_of", lambda plan, count: min(lanes, -(-count // 16) * 16))
    parts = parts_of(SimpleNamespace(begin=SimpleNamespace(walkers=range(walkers))), tasks)
    rows = np.concatenate([np.arange(one.start, one.stop) for one in parts])
    np.testing.assert_array_equal(rows, np.arange(walkers))
    sizes = [one.stop - one.start for one in parts]
    assert all(size % 32 == 0 for size in sizes[:-1])
    assert len(parts) <= 2 * (tasks or 16)
    blocks = sum(-(-size // lanes) for size in sizes) if max(sizes) > lanes else 0
    assert blocks * lanes <= 1.3 * walkers + 512


def test_tasks_without_an_executor_and_odd_ones_are_refused():
    with pytest.raises(UsageError, match="tasks are those of an executor"):
        run("soft", watch=Watch(tasks=3))
    with ThreadPoolExecutor(1) as executor, pytest.raises(UsageError, match="tasks must be a whole number"):
        run("soft", executor=executor, watch=Watch(tasks=0))
    with pytest.raises(UsageError, match="executor must be a Executor"):
        run("soft", executor=3)
