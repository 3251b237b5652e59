"""Sweeps over a real Dask scheduler and two workers on loopback have the bits of a sweep in this process."""

import os
import signal
import time
from contextlib import suppress
from functools import partial

import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.cli.sweep_point import Expected, Task, make_point
from langevin.cluster import cancelled, connected
from tests.pools import scheduler
from tests.sweeps import FOLDER, POINTS, call, digests, files, loop

HERE = POINTS[:-2]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with scheduler(tmp_path_factory.mktemp("scheduler")) as found:
        yield found


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_sweep_over_a_cluster_has_the_bits_of_one_made_here(here, address):
    assert call(*POINTS).exit_code == 0
    result = call(*HERE, "--scheduler", address, "--out", "there")
    assert result.exit_code == 0, result.output
    assert digests(here / "there") == digests(here / FOLDER)
    assert call("info", "there").stdout.count("2 finished") == 1


def test_points_that_fail_there_are_told_here(here, address):
    result = call(*HERE, "--dt", "0.001,0.9", "--scheduler", address)
    assert result.exit_code == 3
    assert "unstable" in result.stderr
    assert len(files(here / FOLDER)) == 2


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_changes_nothing(here, tmp_path_factory):
    words = ("simulate", "--potential", "quadratic", "--walkers", "500", "--temperature", "lin:1:2:8", "--horizon",
             "40", "--dt", "0.005", "--frames", "4", "--seed", "3")  # fmt: skip
    assert call(*words, "--jobs", "1", "--out", "here").exit_code == 0
    killed = []
    with scheduler(tmp_path_factory.mktemp("killed")) as address, connected(address) as executor:
        client = executor._client
        pids = client.run(os.getpid)

        def kill(*arguments):
            for worker in [worker for worker, tasks in client.processing().items() if tasks][:1]:
                if not killed:
                    os.kill(pids[worker], signal.SIGKILL)
                    killed.append(worker)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("langevin.sweep.pool.LOOK", 0.05)
            patch.setattr("langevin.cli.sweeping.keep_plan", kill_before(kill))
            result = call(*words, "--scheduler", address, "--out", "there")
    assert result.exit_code == 0, result.output
    assert killed
    assert digests(here / "there") == digests(here / "here")


def kill_before(kill):
    """Keep the plan, and let a thread kill a worker when it has tasks."""
    from threading import Thread

    from langevin.sweep.folder import keep_plan

    def strike():
        with suppress(Exception):  # the client may close before
            for _ in range(400):
                kill()
                time.sleep(0.05)

    def kept(folder, text):
        keep_plan(folder, text)
        Thread(target=strike, daemon=True).start()

    return kept


def test_a_worker_with_another_version_is_refused():
    settings = {"potential": "double-well", "walkers": "20", "temperature": "0.5", "seed": "1"}
    task = Task(
        ("simulate",),
        "x.h5",
        (),
        {},
        Expected("simulate", settings, {"software": "langevin 0.0.1", "subject": "0"}),
        ships=True,
    )
    made = make_point(task)
    assert (made.code, made.kept) == (4, False)
    assert "another software, subject than the machine of the sweep" in made.message


def appears(file, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not file.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return file.exists()


def test_a_task_that_is_cancelled_ends(tmp_path, address):
    with connected(address) as executor:
        future = executor._client.submit(partial(loop, tmp_path), pure=False)
        assert appears(tmp_path / "begun")
        future.cancel()
        assert appears(tmp_path / "stopped")


def test_outside_a_worker_nothing_is_cancelled():
    assert not cancelled()()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--slurm", "cores=4"), "takes cores=N,memory=8GB"),
        (("--slurm", "cores=4,memory=8GB,walltime=1:00:00,colour=red"), "takes cores=N"),
        (("--pbs", "cores=x,memory=8GB,walltime=1:00:00"), "takes a whole number from 1"),
        (("--pbs", "cores=1,memory=8GB,walltime=1:00:00", "--scheduler", "tcp://a:1"), "one place"),
        (("--scheduler", "nowhere"), "tcp://HOST:PORT"),
    ],
)
def test_places_that_cannot_be(here, words, said):
    result = CliRunner().invoke(main, [*HERE, *words])
    assert result.exit_code == 2
    assert said in result.stderr
