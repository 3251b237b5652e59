"""How much computation a run file may cause by what it says of itself: so much, and then a sentence."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from langevin.errors import UsageError

#: Largest processor time, in seconds, for the answer on a landscape that only the file names, for the exponents of the
#: motion on it, and for each theory that is evaluated after these times have passed.
ANSWER, EXPONENTS, AFTERWARDS = 6.0, 2.0, 0.1


class TooLong(UsageError):
    """The allowance is spent."""


@contextmanager
def allowance(seconds: float, remedy: str) -> Iterator[None]:
    """Raise `TooLong` in the block, again and again, once it has taken `seconds` seconds of processor time.

    Where a process has no such clock, or in another thread than the main one, nothing is raised. `remedy` ends the
    sentence.
    """
    timed = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not timed:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong(
            f"it takes more than {seconds:g} s of computation, the most that a file may ask for: {remedy}"
        )

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, AFTERWARDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)
