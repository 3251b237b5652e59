"""The longest time that one call of a function of a theory may take.

A forecast of all runs is a formula over arrays and takes less than a millisecond. A fit makes some hundred such calls
on each task, so that a slow theory would seem to hang. Two clocks are read:

    processor time   of the thread that calls (`time.thread_time`), when the call returns
    waiting time     of the wall clock, by another thread, as long as the call has not returned

The second one is for a call that never returns: a loop without an end, or one that sleeps and uses no processor. A
compiled function that never gives back the lock of the interpreter is not seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread, get_ident
from typing import Any, TypeVar

from langevin.errors import UsageError
from langevin.types.delay import DelayTheory, WhetherTheory

Result = TypeVar("Result")
#: Longest call, in seconds: processor time, and time on the wall clock, which includes the work of other processes.
LONGEST, LONGEST_WAIT = 1.0, 10.0
#: Seconds between two readings of the wall clock.
BETWEEN_LOOKS = 0.1
#: By the number of a thread: the call that it makes now, in words, and when it began on the wall clock.
_calls: dict[int, tuple[str, float]] = {}


def asked(
    theory: DelayTheory | WhetherTheory, name: str, function: Callable[..., Result], *arguments: Any
) -> Result:
    """What a function of a theory gives.

    Raises:
        UsageError: it has taken more than `LONGEST` seconds of processor time.
    """
    said = f"`{name}` of {theory.formula!r}"
    _calls[get_ident()] = said, time.monotonic()
    began = time.thread_time()
    try:
        given = function(*arguments)
    finally:
        del _calls[get_ident()]
    if (took := time.thread_time() - began) > LONGEST:
        raise _too_long(f"{said} took {took:.2g} seconds of processor time in one call")
    return given


def within_limits(work: Callable[[], Result]) -> Result:
    """What `work` gives; it runs in a thread of its own, so that a call that does not return can be left.

    Such a call continues until the process ends: Python cannot stop a thread.

    Raises:
        UsageError: a call by `asked` has not returned after `LONGEST_WAIT` seconds.
    """
    outcome: Future[Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # a theory may call sys.exit
            outcome.set_exception(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    while not wait([outcome], BETWEEN_LOOKS).done:
        said, began = _calls.get(thread.ident or 0, ("", time.monotonic()))
        if time.monotonic() - began > LONGEST_WAIT:
            raise _too_long(f"{said} has not returned after {LONGEST_WAIT:g} seconds")
    return outcome.result()


def _too_long(sentence: str) -> UsageError:
    return UsageError(
        sentence,
        f"a call takes at most {LONGEST:g} s of processor time, and returns within {LONGEST_WAIT:g} s",
        "compute with arrays instead of loops, and before the first call what does not depend on constants",
    )
