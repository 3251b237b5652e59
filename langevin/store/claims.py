"""Who is about to write a name: a small file `.NAME.claim` beside it, from the start of a run to its end.

Two runs that write one name would lose one result, and locks of the file system cannot tell them apart, for network
disks have none. So a run makes its claim, a file that only one process can make, and removes it when it ends. It says
which process on which host made it, and when. A run that was killed leaves its claim behind, which the next run takes:

on the same machine   if the process is gone, or its number belongs to a process that began at another moment;
on another machine    if nobody has touched the claim for `SILENCE` seconds; its owner does so every `BEAT` seconds.
                      Both moments are the disk's, so that the clocks of the hosts do not matter.

A process that was suspended for longer may so lose its claim. It finds out before it writes, and refuses.
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
from langevin.store.atomic import clean, output_errors, partial_folder, rename_to_new, write_beside
from langevin.store.writers import Writer, host, is_gone, this_process

BEAT, SILENCE = 30.0, 600.0
#: Attempts to take a claim whose owner is gone; another process may be faster each time.
ATTEMPTS = 5


@dataclass(frozen=True)
class Claim:
    """What a claim says: host, process, since when (UTC), and what tells both from others of the same name."""

    host: str
    process: int
    since: str
    began: str
    machine: str
    token: str


#: Claims of this process, by the absolute path that they are for.
_held: dict[Path, tuple[Claim, threading.Event]] = {}
#: Those of them that a run written in pieces made.
_in_pieces: set[Path] = set()


@contextmanager
def claimed(*paths: str | Path | None) -> Iterator[None]:
    """Hold the claims of these names inside the block; None is no name.

    What killed processes left half written beside them is removed.

    Raises:
        OutputError: another run writes one of them, or the operating system refuses.
    """
    with ExitStack() as held:
        for path in dict.fromkeys(Path(path) for path in paths if path is not None):
            hold(path)
            held.callback(release, path)
            clean(path.parent, path.name, claim_file(path).name)
            clean(partial_folder(path))
        yield


def claim_for_pieces(path: Path) -> None:
    """Claim a name for a run that is written in pieces, unless this process has: until `done`, or its end.

    Raises:
        OutputError: another run writes it.
    """
    if holds(path):
        check_claim(path)
        return
    hold(path)
    _in_pieces.add(path.absolute())
    atexit.register(done, path)


def done(path: Path) -> None:
    """Give back what `claim_for_pieces` claimed."""
    if path.absolute() in _in_pieces:
        _in_pieces.discard(path.absolute())
        release(path)


def hold(path: Path) -> None:
    """Claim a name, until `release` or the end of this process.

    Raises:
        BeingWritten: another run, of this process too, writes it.
        OutputError: the operating system refuses.
    """
    with output_errors(path):
        if not path.name:  # such as the working directory
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
    """Give a claim of this process back; nothing happens where there is none."""
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
    """Make sure, before something is written, that a name claimed by this process still is.

    Raises:
        OutputError: another run has taken the claim since.
    """
    if holds(path):
        found = _read(claim_file(path))
        if found is not None and found != _held[path.absolute()][0]:
            raise OutputError(f"{path} was taken over by {_owner(found)}, while this process did not run")


def claim_file(path: Path) -> Path:
    """Where the claim of a name stands."""
    return path.with_name(f".{path.name}.claim")


def _own_claim() -> Claim:
    process, began, machine = this_process()
    return Claim(host(), process, datetime.now(UTC).isoformat(timespec="seconds"), began, machine,
                 secrets.token_hex(8))  # fmt: skip


def _made(path: Path, file: Path, claim: Claim) -> bool:
    """Make the claim, whole, unless there is one."""
    with output_errors(path):
        beside = write_beside(file, json.dumps(asdict(claim)).encode())
        try:
            return rename_to_new(beside, file)
        finally:
            beside.unlink(missing_ok=True)


def _read(file: Path) -> Claim | None:
    """What a claim says; None where there is none, or no whole one."""
    try:
        found = json.loads(file.read_bytes())
        claim = Claim(**found)
    except (OSError, ValueError, TypeError):
        return None
    whole = all(type(found[field.name]).__name__ == field.type for field in fields(Claim))
    return claim if whole else None


def _is_stale(file: Path, found: Claim | None) -> bool:
    """Whether the owner of a claim is gone, by the rule above."""
    gone = is_gone(Writer(found.process, found.began, found.machine)) if found else None
    return _silence(file) > SILENCE if gone is None else gone


def _silence(file: Path) -> float:
    """Seconds since a claim was last touched, by the clock of the disk; infinite if it is gone."""
    probe = write_beside(file, b"")
    try:
        return probe.stat().st_mtime - file.stat().st_mtime
    except FileNotFoundError:
        return float("inf")
    finally:
        probe.unlink(missing_ok=True)


def _remove(file: Path, stale: Claim | None) -> None:
    """Remove a stale claim. Renamed first: a fresh one, which another process made meanwhile, is put back."""
    aside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with suppress(FileNotFoundError):
        os.rename(file, aside)
        if _read(aside) != stale:
            rename_to_new(aside, file)
        aside.unlink(missing_ok=True)


def _beat(file: Path, claim: Claim, stop: threading.Event) -> None:
    """Touch the claim while this process lives."""
    while not stop.wait(BEAT):
        with suppress(OSError):
            if _read(file) == claim:
                os.utime(file)


def _owner(claim: Claim | None) -> str:
    if claim is None:
        return "another run, whose claim cannot be read"
    return f"process {claim.process} on {claim.host} since {claim.since}"
