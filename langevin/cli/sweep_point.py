"""Make one point of a sweep: run its command in this process, and keep the run file.

Hashes, by name, say on which content the bits of a point depend in addition to its settings. They are cheap enough for
each point of a sweep.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from socket import gethostname
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from langevin import stopping
from langevin.cli.begun import BEGUN, ENTRIES, FOUND, MEASURED_LINE, Begun
from langevin.cli.starts import parse_start
from langevin.cluster import cancelled
from langevin.errors import BeingWritten, InputFileError, LangevinError
from langevin.registry import own, plugin_distributions
from langevin.store.decode import Findings

#: Settings that may name code of the user, as module:name.
CODE = ("integrator", "dynamics", "question", "score", "law")
#: Settings that may name several pieces of code.
SEVERAL = ("observe", "theory")
#: A seed that no run has: states of any run may be read.
OF_NO_RUN = -1
LIBRARIES = {"simulate": ("numpy", "numba"), "rate": ("numpy", "numba"), "train": ("numpy", "jax", "jaxlib")}
#: Bytes of the largest run file that is sent back from another machine.
MOST_SHIPPED = 2**28
#: Why a point may have another landscape or network than the begin of the sweep.
WHY = "a file has changed since, or what it makes depends on chance or on the time"


def content_of(command: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Hashes of the landscape or the text of the network, of other code of the user, and versions.

    Args:
        command: name of the command.
        settings: texts by name.

    Raises:
        UsageError: an unknown landscape, network or dial.
        InputFileError: a run file to start from that cannot be read.
    """
    from langevin.provenance import versions
    from langevin.registry import add_plugins

    folders = settings["plugins"].split(os.pathsep) if "plugins" in settings else []
    for folder in folders:  # a worker has not imported them
        add_plugins(folder)
    content = {
        "software": ", ".join(f"{name} {number}" for name, number in versions(*LIBRARIES[command]).items())
    }
    content["subject"] = _network(settings) if command == "train" else _landscape(settings)
    for name, text in settings.items():
        if ":" in text and name in CODE:
            content[name] = _text(own(text))
    for option in SEVERAL:
        for text in settings.get(option, "").split(","):
            if ":" in text:
                content[f"{option} {text}"] = _text(own(text.strip()))
    if folders:
        content["plugins"] = _plugins(folders)
    if plugin_distributions():
        content["distributions"] = ", ".join(plugin_distributions())
    if "start" in settings:
        content["start"] = hashlib.sha256(parse_start(settings["start"], OF_NO_RUN).tobytes()).hexdigest()
    if "from" in settings:
        from langevin.cli.starts import file_of

        content["from"] = _file_hash(file_of(settings["from"]))
    return content


def _file_hash(file: Path) -> str:
    """Hash of the bytes of a file, counted once for each version of it.

    Raises:
        InputFileError: it cannot be read.
    """
    try:
        facts = file.stat()
        return _counted(file, (facts.st_mtime_ns, facts.st_size))
    except OSError as error:
        raise InputFileError(
            f"{file} cannot be read: {error.strerror or error}", remedy="check the name"
        ) from error


@lru_cache(maxsize=64)
def _counted(file: Path, version: tuple[int, int]) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _plugins(folders: Sequence[str]) -> str:
    """Hash of the texts of all files in folders of plugins, because their theories decide verdicts."""
    content = hashlib.sha256()
    for folder in folders:
        home = Path(os.path.expanduser(folder))
        for file in sorted(home.glob("*/*.py")):
            text = file.read_bytes()
            content.update(f"{file.relative_to(home)} {len(text)} ".encode() + text)
    return content.hexdigest()


def _landscape(settings: Mapping[str, str]) -> str:
    from langevin.cli.given import chosen_landscape
    from langevin.experiment.own_landscape import content_hash

    pairs = tuple(f"{name[2:]}={value}" for name, value in settings.items() if name.startswith("p."))
    of_field = tuple(f"{name[2:]}={value}" for name, value in settings.items() if name.startswith("f."))
    make, dials, _ = chosen_landscape(
        settings.get("manifold"), settings.get("potential"), pairs, None, settings.get("field"), of_field
    )
    if "dim" in settings:
        from langevin.cli.given import parse_dials

        dials |= parse_dials((f"dim={settings['dim']}",), make)
    return content_hash(make(**dials))


def _network(settings: Mapping[str, str]) -> str:
    """Hash of the text of the network's file and of the user's files that it imports."""
    from langevin.cli.given import parse_dials
    from langevin.sgld import load, preset

    make, _ = load(settings.get("model", ""))
    if "preset" in settings:
        preset(settings["model"], settings["preset"])
    parse_dials(
        tuple(f"{name[2:]}={value}" for name, value in settings.items() if name.startswith("p.")), make
    )
    return _text(make)


def _text(item: Any) -> str:
    from langevin.experiment.own_landscape import text_hash

    if hasattr(item, "curves"):  # the record of a theory, which is its functions
        return text_hash(item.curves, item.applies, item.coarse)
    return text_hash(getattr(item, "build", item))


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
    entries: dict[str, Any]
    expected: Expected
    ships: bool = False


class Made(NamedTuple):
    """The outcome of a point: `code` is 0, or the exit code of its error, whose sentence is `message`.

    `kept` is whether there is a file, and `content` its bytes if it is shipped; `taken` is whether another sweep
    makes it at this moment. `measured_line` shows what was measured, in one line. `found` is the content of the file,
    if it was written here.
    """

    code: int
    message: str
    kept: bool
    seconds: float
    measured_line: str = ""
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
    with TemporaryDirectory() as folder, stopping.stop_if(cancelled()):
        file = Path(folder) / Path(task.file).name
        made = _made(task, file)
        if not made.kept:
            return made
        if file.stat().st_size > MOST_SHIPPED:
            cause = f"its file has more than {MOST_SHIPPED} bytes, too many to come back from another machine"
            return made._replace(code=3, message=f"{cause}: record fewer frames", kept=False)
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
    code, message = (0, "") if error is None else (error.exit_code, str(error))
    taken = isinstance(error, BeingWritten)
    seconds = time.perf_counter() - began
    return Made(
        code, message, file.exists(), seconds, left.get(MEASURED_LINE, ""), taken, found=left.get(FOUND)
    )


def _run(task: Task, file: list[str]) -> tuple[LangevinError | None, dict[str, Any]]:
    """Run the command of a point. Return its error (None if it succeeded) and the results for the caller."""
    from langevin.cli import main

    context = None
    try:
        context = main.make_context("langevin", [*task.words, *task.how, *file])
        context.meta[BEGUN] = Begun(task.words, datetime.now(UTC))
        context.meta[ENTRIES] = task.entries
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
