"""Good files, commands with their imports done, and a record of what a command imports, opens and starts."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.sgld import programs
from tests.sgld.conftest import MODEL

DECOY = "from pathlib import Path\nPath({here!r}, 'owned').write_text('')\ndef attack(**dials): pass\n"
LINE = ["line", "--learning-rate", "0.3", "--seed", "5"]
RATE = "--potential double-well --temperature 0.4,0.3 --walkers 20 --replicas 10 --threads 1".split()
#: Runs whose files are attacked.
RUNS = {
    "quadratic": "--potential quadratic --walkers 20 --frames 5 --horizon 1 --dt .005",
    "well": "--potential double-well --temperature 0.5 --walkers 20",
    "sphere": "--manifold sphere --dynamics projected --walkers 20 --frames 5 --horizon 0.1 --dt 0.002",
}
#: Runs that are stopped halfway.
WALK = [*RUNS["quadratic"].split(), "--threads", "1"]
STARTS = (
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "os.startfile",
    "socket.connect",
)


@pytest.fixture(autouse=True)
def no_program_is_kept(monkeypatch):
    """No file decides which programs of JAX are kept (tests/sgld/test_programs.py), so theirs are not watched."""
    monkeypatch.setattr(programs, "private_folder", lambda: None)


class Watch:
    """What Python opens, imports and starts while it is on; there is one audit hook, which cannot be removed."""

    def __init__(self):
        self.on, self.seen, self.home = False, [], None
        sys.addaudithook(self.see)

    def see(self, event, arguments):
        if self.on and event == "open" and isinstance(arguments[0], str | bytes):
            mode, flags = arguments[1] or "", arguments[2] or 0
            writes = any(letter in mode for letter in "wxa+") or flags & (os.O_WRONLY | os.O_RDWR)
            path = os.path.abspath(os.fsdecode(arguments[0]))
            bytecode = "__pycache__" in path and not path.startswith(self.home)  # of a module's first import
            beat = path.endswith(".claim") and not writes  # of a thread that keeps the claim of a run before
            if (path.startswith(self.home) and not beat) or (writes and not bytecode):
                self.seen.append(("write" if writes else "read", path))
        elif self.on and event in STARTS:
            self.seen.append((event, arguments))


WATCH = Watch()


@contextmanager
def watching(home):
    """The events recorded in the block."""
    WATCH.home, WATCH.seen, WATCH.on = str(home), [], True
    try:
        yield WATCH.seen
    finally:
        WATCH.on = False


def call(*words):
    """A command in this process."""
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with good files, a model and modules that record their import; every command has been used there."""
    import langevin.sgld.course

    folder = tmp_path_factory.mktemp("hostile")
    (folder / "line.py").write_text(MODEL)
    for name in ("payload", "helper"):
        (folder / f"{name}.py").write_text(DECOY.format(here=str(folder)))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", list(sys.path))
        for name, words in RUNS.items():
            assert call("simulate", *words.split(), "--seed", 1, "--out", f"{name}.h5", "-q").exit_code == 0
        assert call("train", *LINE, "--temperature", "1e-3", "--out", "network.h5", "-q").exit_code == 0
        kept_after_every_call(patch, langevin.sgld.course)
        assert call("rate", *RATE, "--seed", 5, "--out", "rates.h5", "-q").exit_code == 0
        kept_halfway(patch)
        kept_walk()
        for path in folder.glob("*.h5"):
            for command in ("info", "compare"):
                assert call(command, path).exit_code == 0
        assert call("train", *LINE, "--resume", "good.h5").exit_code == 0
        assert call("rate", *RATE, "--resume", "halfway.h5", "-q").exit_code == 0
        assert call("simulate", *WALK, "--resume", "walk.h5", "-q").exit_code == 0
        yield folder
    sys.modules.pop("line", None)


def kept_after_every_call(patch, training):
    """Make an unfinished run good.h5.partial, and a copy of its state and segment next to it."""
    import shutil

    taken = []

    def stop(folder):
        if not taken:
            taken.append(folder)
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as once:
        once.setattr("langevin.sgld.course.CHECKPOINT_SECONDS", 0.0)
        forward = _stopping(stop)
        once.setattr("langevin.sgld.travel.next_stops", forward)
        assert call("train", *LINE, "--out", "good.h5", "-q").exit_code == 130
    shutil.copytree("good.h5.partial", Path("kept"))


def kept_halfway(patch):
    """Make unfinished rates, stopped in the middle of the second temperature, and a copy of their record."""
    import shutil

    from langevin.ensemble import splitting_rounds

    climb, rounds = splitting_rounds.climb, []

    def until(course, crowd, key):
        rounds.append(course.problem.temperature)
        if rounds.count(0.3) > 3:
            raise KeyboardInterrupt
        return climb(course, crowd, key)

    with pytest.MonkeyPatch.context() as once:
        once.setattr(splitting_rounds, "climb", until)
        assert call("rate", *RATE, "--seed", 5, "--out", "halfway.h5", "-q").exit_code == 130
    shutil.copytree("halfway.h5.partial", Path("kept_rates"))


def kept_walk():
    """Make an unfinished run with a piece and a present state, and a copy of it."""
    import shutil

    from langevin import stopping
    from langevin.ensemble import advance, keeping

    chunks = []

    def stop():
        chunks.append(1)
        if len(chunks) > 10:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as once:
        once.setattr(advance, "CHUNK_SECONDS", 1e-6)
        once.setattr(stopping, "check", stop)
        once.setattr(keeping, "PIECE_BYTES", 500)
        assert call("simulate", *WALK, "--seed", 1, "--out", "walk.h5", "-q").exit_code == 130
    names = sorted(file.name for file in Path("walk.h5.partial/walk-00000").iterdir())
    assert names == ["00000.h5", "now.h5"]
    shutil.copytree("walk.h5.partial", Path("kept_walk"))


def _stopping(stop):
    from langevin.sgld.travel import next_stops

    def until(plan, at, pace, most):
        if at >= 15:
            stop(at)
        return next_stops(plan, at, pace, 1)  # one recorded step in each call

    return until
