"""Commands as child processes: forked from this warm process, or in a new interpreter."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from langevin import stopping

#: Seconds after which a command counts as hanging; on a busy machine a command takes a minute.
PATIENCE = 300.0
PAUSE = 0.003


class Ended(NamedTuple):
    """The end of a command: its exit code (minus the signal that killed it, None if it hung) and its messages."""

    code: int | None
    said: str


class Child:
    """A running command."""

    def __init__(self, pid: int, log: Path) -> None:
        """Take a process that writes to the files `log`.out and `log`.err."""
        self.pid, self.log, self.code = pid, log, None

    def runs(self) -> bool:
        """Whether it has not ended yet."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code is None

    def wait_for(self, seconds: float) -> bool:
        """Wait for some time; returns whether it still runs."""
        end = time.monotonic() + seconds
        while self.runs() and time.monotonic() < end:
            time.sleep(min(PAUSE, seconds))
        return self.runs()

    def ended(self) -> Ended:
        """Wait for its end."""
        hangs = self.wait_for(PATIENCE)
        if hangs:
            os.kill(self.pid, signal.SIGKILL)
            self.wait_for(PATIENCE)
        return Ended(None if hangs else self.code, self.log.with_suffix(".err").read_text(errors="replace"))


def forked(words: Sequence[str], folder: Path, log: Path, arm: Callable[[], object] | None = None) -> Child:
    """Run a command in a fork of this process; when this returns, the fault is prepared and signals are handled."""
    ready, tell = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # JAX is imported here, and has no threads yet
        pid = os.fork()
    if pid == 0:
        try:
            _become(words, folder, log, arm, tell)
        except BaseException:
            traceback.print_exc()
        os._exit(70)
    os.close(tell)
    os.read(ready, 1)
    os.close(ready)
    return Child(pid, log)


def _become(
    words: Sequence[str], folder: Path, log: Path, arm: Callable[[], object] | None, tell: int
) -> None:
    """Run the command in this fork."""
    from langevin.__main__ import command

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(folder)
    for handle, suffix in ((1, ".out"), (2, ".err")):
        os.dup2(os.open(log.with_suffix(suffix), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), handle)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", buffering=1, closefd=False)
    sys.argv = ["langevin", *words]
    sys.unraisablehook = sys.__unraisablehook__
    with stopping.listening():
        if arm:
            arm()
        os.write(tell, b".")
        command()


def fresh(words: Sequence[str], folder: Path, log: Path, **environment: str) -> Child:
    """Run a command in a new interpreter; this returns before its first instruction."""
    root = str(Path(__file__).parents[2])
    with log.with_suffix(".out").open("w") as out, log.with_suffix(".err").open("w") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "langevin", *words],
            cwd=folder,
            stdout=out,
            stderr=err,
            env={**os.environ, "PYTHONPATH": root, **environment},
        )
    process.returncode = 0  # it is waited for by its number
    return Child(process.pid, log)
