"""Which process wrote a temporary name, and whether this process still exists."""

from __future__ import annotations

import hashlib
import os
import socket
from functools import cache
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
#: Indices of the fields of /proc/PID/stat after the name of the program: the state, and the start time.
_STATE, _BEGAN = 0, 19


class Writer(NamedTuple):
    """A process: its number, its start time (in units of the kernel, or empty), and a mark of its machine."""

    process: int
    began: str
    machine: str


def this_process() -> Writer:
    """The calling process."""
    return Writer(os.getpid(), _stat(os.getpid())[1], machine())


def host() -> str:
    """Name of this machine, for messages."""
    return socket.gethostname()


@cache
def machine() -> str:
    """Eight digits that differ if process numbers have another meaning: other host, other container, or a restart."""
    facts = [host(), _read(_PROC / "sys/kernel/random/boot_id"), _namespace()]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:8]


def is_gone(writer: Writer) -> bool | None:
    """Whether a process has ended; None if this cannot be known, for example on another machine."""
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
    """State and start time of a process; empty if there is no such process, or no /proc."""
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
