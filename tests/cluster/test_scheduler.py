"""One run over a real Dask scheduler and two workers on loopback has the bits of a run without them."""

import os
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from langevin import Watch
from langevin.cli import main
from langevin.cluster import PATIENCE, connected, workers_of
from langevin.errors import UsageError, WorkersLost
from langevin.workers import crew
from tests.engine import digest, run
from tests.faults.commands import run_digest
from tests.pools import scheduler


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with scheduler(tmp_path_factory.mktemp("scheduler")) as found:
        yield found


def test_over_a_cluster(address):
    with connected(address) as executor:
        assert workers_of(executor) == 2
        for law in ("soft", "first passage"):
            size = {"walkers": 200, "steps": 150}
            assert digest(run(law, **size, executor=executor, watch=Watch(tasks=3))) == digest(
                run(law, **size)
            )


#: Commands of one small run each; each uses the workers in another way.
COMMANDS = {
    "frames": "simulate --potential quadratic -p dim=2 --temperature 0.5 --walkers 100 --frames 50 --horizon 20",
    "samples": "simulate --manifold cube --dim 4 --samples 1:3 --walkers 100",
    "rate": "rate --potential double-well --temperature 0.15 --walkers 60 --replicas 10",
    "a training": "train models.parity -p width=10 -p samples=40 --steps 40 --seeds 2",
}
SLOW = "a training"


@pytest.mark.parametrize(
    "name", [name if name != SLOW else pytest.param(name, marks=pytest.mark.slow) for name in COMMANDS]
)
def test_a_command_gives_the_same_file_and_the_same_answer(name, address, tmp_path):
    said = []
    for place, more in (("here", []), ("there", ["--scheduler", address])):
        path = tmp_path / f"{place}.h5"
        words = [*COMMANDS[name].split(), "--seed", "3", "--quiet", "--out", str(path), *more]
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, done.output
        said.append((done.stdout, run_digest(path)))
    assert said[0] == said[1]


def test_a_command_without_its_scheduler_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("langevin.cluster.PATIENCE", 1)
    monkeypatch.chdir(tmp_path)
    words = "simulate --potential quadratic --scheduler tcp://127.0.0.1:1".split()
    assert CliRunner().invoke(main, words).exit_code == 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_command_that_is_interrupted_ends_at_once_and_goes_on_without_its_scheduler(address, tmp_path):
    """Ctrl-C during the windows; 15 s is for a busy machine."""
    words = "simulate --manifold canal --walkers 2000 --horizon 15 --seed 3 --quiet".split()
    whole, path = tmp_path / "whole.h5", tmp_path / "stopped.h5"
    line = [sys.executable, "-c", "from langevin.cli import main; main()", *words]
    subprocess.run([*line, "--out", str(whole)], check=True, stdout=subprocess.DEVNULL)
    process = subprocess.Popen(
        [*line, "--out", str(path), "--scheduler", address],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(path.with_name("stopped.h5.partial").glob("walk-*/now.h5")) and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    said = process.communicate()[1].strip()
    assert (process.returncode, said) == (130, "Error: interrupted")
    assert time.monotonic() - began < 15
    subprocess.run([*line, "--resume", str(path)], check=True, stdout=subprocess.DEVNULL)
    assert run_digest(path) == run_digest(whole)


def test_a_worker_that_is_killed_in_the_middle_of_a_task_changes_nothing(address, monkeypatch):
    """The test kills the pid that a worker reports while it has tasks: the other worker repeats them."""
    monkeypatch.setattr(crew, "TASK_SECONDS", 0.1)
    size = {"walkers": 500, "steps": 4000, "every": 40}
    killed = []
    with connected(address) as executor:
        client = executor._client
        pids = client.run(os.getpid)

        def kill(step, running):
            deadline = time.monotonic() + 20
            while (
                not killed and time.monotonic() < deadline
            ):  # until the tasks of the next window have arrived
                for worker in [worker for worker, tasks in client.processing().items() if tasks][:1]:
                    os.kill(pids[worker], signal.SIGKILL)
                    killed.append((step, worker))

        cut = run("gibbs", **size, executor=executor, watch=Watch(tasks=4, progress=kill))
        left = list(client.scheduler_info()["workers"])
    assert killed[0][0] < size["steps"]
    assert len(pids) == 2
    assert left == [worker for worker in pids if worker != killed[0][1]]
    whole = run("gibbs", **size)
    assert digest(cut) == digest(whole)
    assert cut.meta == whole.meta


def test_a_scheduler_without_workers_is_told(tmp_path):
    with (
        scheduler(tmp_path, workers=0) as address,
        pytest.warns(UserWarning, match="has no workers: the run waits"),
    ):
        with connected(address):
            pass


def test_an_address_where_nobody_answers_is_told_in_time(monkeypatch):
    assert PATIENCE <= 8, "ten seconds with all that comes before"
    monkeypatch.setattr("langevin.cluster.PATIENCE", 1)
    began = time.monotonic()
    with pytest.raises(WorkersLost, match=r"no scheduler answers at tcp://127\.0\.0\.1:1: ") as lost:
        connected("tcp://127.0.0.1:1").__enter__()
    assert lost.value.exit_code == 3
    assert time.monotonic() - began < 20, "one second, on a busy machine"


@pytest.mark.parametrize(
    "address", ["", "nonsense", "127.0.0.1:8786", "tcp://127.0.0.1", "file:///etc/x:1", "tcp://a:1/b"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(UsageError, match="the scheduler has an address as tcp://HOST:PORT"):
        connected(address).__enter__()
