"""Make one point of a sweep: run its command in this process, and keep the run file."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from langevin import stopping
from langevin.cli.begun import BEGUN, FOUND, SAID, TOLD, Begun
from langevin.cli.content import content_of
from langevin.cluster import cancelled
from langevin.errors import BeingWritten, InputFileError, LangevinError
from langevin.store.decode import Findings

#: Bytes of the largest run file that is sent back from another machine.
MOST_SHIPPED = 2**28
#: Why a point may have another landscape or network than the begin of the sweep.
WHY = "a file has changed since, or what it makes depends on chance or on the time"


class Expected(NamedTuple):
    """The inputs that decide the bits of a point: its command, its settings, and their content when the sweep began."""

    command: str
    settings: dict[str, str]
    content: dict[str, str]


class Task(NamedTuple):
    """A point: the words of its command, its file, the words on how it is made, the description in its file.

    The process that makes it must find the `expected` content (`content_of`). A point that `ships` is made on another
    machine, which cannot read the folder and sends the file back as bytes.
    """

    words: tuple[str, ...]
    file: str
    how: tuple[str, ...]
    said: dict[str, Any]
    expected: Expected
    ships: bool = False


class Made(NamedTuple):
    """The outcome of a point: `code` is 0, or the exit code of its error, whose sentence is `said`.

    `kept` is whether there is a file, and `content` its bytes where it is shipped; `taken` is whether another sweep
    makes it at this moment. `told` is what was measured, in one line. `found` is the content of the file, if it was
    written here.
    """

    code: int
    said: str
    kept: bool
    seconds: float
    told: str = ""
    taken: bool = False
    content: bytes | None = None
    found: Findings | None = None


def make_point(task: Task) -> Made:
    """Make a point, or continue a point that was begun. The caller must hide its output.

    Raises:
        KeyboardInterrupt, Terminated: a signal arrived.
    """
    try:
        changed = _changed(task.expected)
    except (Exception, SystemExit) as error:
        refusal = _refusal(error)
        return Made(refusal.exit_code, str(refusal), False, 0.0)
    if changed:
        where = f"the worker on {gethostname()} has another {changed} than the machine of the sweep"
        return Made(
            4,
            where if task.ships else f"its {changed} is another than when the sweep began: {WHY}",
            False,
            0.0,
        )
    if not task.ships:
        return _made(task, Path(task.file))
    with TemporaryDirectory() as folder, stopping.asking(cancelled()):
        file = Path(folder) / Path(task.file).name
        made = _made(task, file)
        if not made.kept:
            return made
        if file.stat().st_size > MOST_SHIPPED:
            said = f"its file has more than {MOST_SHIPPED} bytes, too many to come back from another machine"
            return made._replace(code=3, said=f"{said}: record fewer frames", kept=False)
        return made._replace(content=file.read_bytes())


def _changed(expected: Expected) -> str:
    """The differences between the content here and at the begin of the sweep; empty if there are none."""
    here = content_of(expected.command, expected.settings)
    return ", ".join(name for name, value in expected.content.items() if here.get(name) != value)


def _made(task: Task, file: Path) -> Made:
    from langevin.store.atomic import partial_folder

    began = time.perf_counter()
    if file.exists():
        return Made(0, "", True, 0.0)
    if not partial_folder(file).exists():
        error, left = _run(task, ["--out", str(file)])
    else:
        error, left = _run(task, ["--resume", str(file)])
        if isinstance(error, InputFileError):  # nothing of it can be continued
            error, left = _run(task, ["--out", str(file), "--force"])
    code, said = (0, "") if error is None else (error.exit_code, str(error))
    taken = isinstance(error, BeingWritten)
    seconds = time.perf_counter() - began
    return Made(code, said, file.exists(), seconds, left.get(TOLD, ""), taken, found=left.get(FOUND))


def _run(task: Task, file: list[str]) -> tuple[LangevinError | None, dict[str, Any]]:
    """Run the command of a point. Return its error (None if it succeeded) and the results for the caller."""
    from langevin.cli import main

    context = None
    try:
        context = main.make_context("langevin", [*task.words, *task.how, *file])
        context.meta[BEGUN] = Begun(task.words, datetime.now(UTC))
        context.meta[SAID] = task.said
        with context:
            main.invoke(context)
        return None, context.meta
    except (Exception, SystemExit) as error:
        return _refusal(error), context.meta if context else {}


def _refusal(error: Exception | SystemExit) -> LangevinError:
    """The outcome of a point, as an error of the package.

    Raises:
        Terminated: it is this, which a signal raised.
    """
    from langevin.cli.refused import refusal_of

    if isinstance(error, stopping.Terminated):
        raise error
    if isinstance(error, SystemExit):  # user-defined code may raise it
        return LangevinError(f"its code requested the end of the process, with {error.code!r}")
    first = str(error).strip().partition("\n")[0]
    return refusal_of(error) or LangevinError(f"{type(error).__name__}: {first}")
