"""Which process wrote a name beside a result, and whether it is still there."""

from __future__ import annotations

import hashlib
import os
import socket
from functools import cache
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
#: Of the fields of /proc/PID/stat behind the name of the program: the state, and the moment of the start.
_STATE, _BEGAN = 0, 19


class Writer(NamedTuple):
    """A process: its number, the moment it began (as the kernel counts, or empty), and a mark of its machine."""

    process: int
    began: str
    machine: str


def this_process() -> Writer:
    """The process that calls."""
    return Writer(os.getpid(), _stat(os.getpid())[1], machine())


def host() -> str:
    """Name of this machine, for people."""
    return socket.gethostname()


@cache
def machine() -> str:
    """Eight digits that differ where process numbers mean something else: another host, container or start-up."""
    facts = [host(), _read(_PROC / "sys/kernel/random/boot_id"), _namespace()]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:8]


def is_gone(writer: Writer) -> bool | None:
    """Whether a process has ended; None where that cannot be known, as of another machine."""
    if writer.machine != machine() or os.name == "nt":
        return None
    if _PROC.is_dir():
        state, began = _stat(writer.process)
        return not state or state in "ZX" or bool(writer.began and began != writer.began)
    try:
        os.kill(writer.process, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def _stat(process: int) -> tuple[str, str]:
    """State of a process and the moment it began; empty where there is none, or no /proc."""
    fields = _read(_PROC / str(process) / "stat").rpartition(")")[2].split()
    return (fields[_STATE], fields[_BEGAN]) if len(fields) > _BEGAN else ("", "")


def _namespace() -> str:
    try:
        return os.readlink(_PROC / "self/ns/pid")
    except OSError:
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
