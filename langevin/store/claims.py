"""Claims on names: a small file `.NAME.claim` in the same folder, from the start of a run to its end.

If two runs write the same name, one result overwrites the other. Locks of the file system cannot prevent this, because
network disks have none. So a run makes a claim, a file that only one process can make, and removes it at its end. The
claim contains the process and the host that made it, and the time. The next run takes over the claim of a killed run:

on the same machine   if the process has ended, or its number belongs to a process with another start time;
on another machine    if the claim was not touched for `SILENCE` seconds; its owner touches it every `BEAT` seconds.
                      Both times come from the disk, so that the clocks of the hosts do not matter.

A process that was suspended for longer may lose its claim. It checks the claim before it writes, and refuses.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from langevin.errors import BeingWritten, OutputError
from langevin.store.atomic import clean, output_errors, partial_folder, rename_to_new, write_temporary
from langevin.store.writers import Writer, host, is_gone, this_process

BEAT, SILENCE = 30.0, 600.0
#: Attempts to take a claim whose owner has ended; each time another process may be faster.
ATTEMPTS = 5


@dataclass(frozen=True)
class Claim:
    """Contents of a claim: host, process, time (UTC), and marks that distinguish both from others of the same name."""

    host: str
    process: int
    since: str
    began: str
    machine: str
    token: str


#: Claims of this process, by absolute path.
_held: dict[Path, tuple[Claim, threading.Event]] = {}
#: Claims of runs that are written in pieces.
_in_pieces: set[Path] = set()


@contextmanager
def claimed(*paths: str | Path | None) -> Iterator[None]:
    """Hold the claims of these names inside the block; None is ignored.

    Incomplete output of killed processes with these names is removed.

    Args:
        paths: The names to claim.

    Raises:
        OutputError: another run writes one of the names, or the operating system refuses.
    """
    with ExitStack() as held:
        for path in dict.fromkeys(Path(path) for path in paths if path is not None):
            hold(path)
            held.callback(release, path)
            clean(path.parent, path.name, claim_file(path).name)
            clean(partial_folder(path))
        yield


def claim_for_pieces(path: Path) -> None:
    """Claim a name for a run that is written in pieces, until `done` or the end of the process; once for each process.

    Raises:
        OutputError: another run writes this name.
    """
    if holds(path):
        check_claim(path)
        return
    hold(path)
    _in_pieces.add(path.absolute())
    atexit.register(done, path)


def done(path: Path) -> None:
    """Release the claim of `claim_for_pieces`."""
    if path.absolute() in _in_pieces:
        _in_pieces.discard(path.absolute())
        release(path)


def hold(path: Path) -> None:
    """Claim a name, until `release` or the end of this process.

    Raises:
        BeingWritten: another run writes this name, possibly a run of this process.
        OutputError: the operating system refuses.
    """
    with output_errors(path):
        if not path.name:  # for example the working directory
            raise IsADirectoryError(errno.EISDIR, "folder")
    file = claim_file(path)
    for _ in range(ATTEMPTS):
        claim = _own_claim()
        if _made(path, file, claim):
            stop = threading.Event()
            _held[path.absolute()] = claim, stop
            threading.Thread(target=_beat, args=(file, claim, stop), daemon=True).start()
            return
        found = _read(file)
        if not _is_stale(file, found):
            break
        _remove(file, found)
    raise BeingWritten(
        f"{path} is being written by {_owner(found)}: wait for its end, or choose another name"
    )


def release(path: Path) -> None:
    """Release a claim of this process; nothing happens if there is none."""
    claim, stop = _held.pop(path.absolute(), (None, None))
    if claim is None or stop is None:
        return
    stop.set()
    with suppress(OSError):
        if _read(claim_file(path)) == claim:
            claim_file(path).unlink()


def holds(path: Path) -> bool:
    """Whether this process has claimed a name."""
    held = _held.get(path.absolute())
    return held is not None and held[0].process == os.getpid()


def check_claim(path: Path) -> None:
    """Check, before something is written, that this process still has its claim on the name.

    Raises:
        OutputError: another run has taken the claim in the meantime.
    """
    if holds(path):
        found = _read(claim_file(path))
        if found is not None and found != _held[path.absolute()][0]:
            raise OutputError(f"{path} was taken over by {_owner(found)}, while this process did not run")


def claim_file(path: Path) -> Path:
    """Path of the claim file of a name."""
    return path.with_name(f".{path.name}.claim")


def _own_claim() -> Claim:
    process, began, machine = this_process()
    return Claim(host(), process, datetime.now(UTC).isoformat(timespec="seconds"), began, machine,
                 secrets.token_hex(8))  # fmt: skip


def _made(path: Path, file: Path, claim: Claim) -> bool:
    """Make the claim file completely, unless there is one; return whether it was made."""
    with output_errors(path):
        temporary = write_temporary(file, json.dumps(asdict(claim)).encode())
        try:
            return rename_to_new(temporary, file)
        finally:
            temporary.unlink(missing_ok=True)


def _read(file: Path) -> Claim | None:
    """The contents of a claim; None if there is none or it is incomplete."""
    try:
        found = json.loads(file.read_bytes())
        claim = Claim(**found)
    except (OSError, ValueError, TypeError):
        return None
    whole = all(type(found[field.name]).__name__ == field.type for field in fields(Claim))
    return claim if whole else None


def _is_stale(file: Path, found: Claim | None) -> bool:
    """Whether the owner of a claim has ended, by the rule in the module docstring."""
    gone = is_gone(Writer(found.process, found.began, found.machine)) if found else None
    return _silence(file) > SILENCE if gone is None else gone


def _silence(file: Path) -> float:
    """Seconds since a claim was last touched, by the clock of the disk; infinite if there is no claim."""
    probe = write_temporary(file, b"")
    try:
        return probe.stat().st_mtime - file.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
    finally:
        probe.unlink(missing_ok=True)


def _remove(file: Path, stale: Claim | None) -> None:
    """Remove a stale claim. It is renamed first; if it is a new claim of another process, it is put back."""
    aside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with suppress(FileNotFoundError):
        os.rename(file, aside)
        if _read(aside) != stale:
            rename_to_new(aside, file)
        aside.unlink(missing_ok=True)


def _beat(file: Path, claim: Claim, stop: threading.Event) -> None:
    """Touch the claim while this process runs."""
    while not stop.wait(BEAT):
        with suppress(OSError):
            if _read(file) == claim:
                os.utime(file)


def _owner(claim: Claim | None) -> str:
    if claim is None:
        return "another run, whose claim cannot be read"
    return f"process {claim.process} on {claim.host} since {claim.since}"
