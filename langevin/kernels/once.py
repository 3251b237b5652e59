"""One process compiles, and the others wait for what it has compiled."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from langevin.kernels.passed import cache_folder


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Let no other process of this machine be in a block of this name.

    The lock is the operating system's, which releases it when a process ends. Where a folder has none, both
    processes work, and come to the same.
    """
    if sys.platform == "win32":  # each process then compiles for itself
        yield
        return
    import fcntl

    file = cache_folder() / "langevin-locks" / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = file.open("w")
    except OSError:
        yield
        return
    with lock:
        with suppress(OSError):
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
        with suppress(OSError):
            file.unlink()
