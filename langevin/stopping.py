"""Ctrl-C and SIGTERM: raised on arrival, and noted, because a callback of a compiled library may swallow them.

If a handler raises an exception inside such a callback (of LLVM, or of the garbage collector), Python reports it to
`sys.unraisablehook` and drops it. So a command is `listening`, and the loops of walkers and networks call `check`
between chunks. An exception that the hook gets is raised again soon after, because a chunk may take seconds. Imports
are not interrupted, because a compiled module that is interrupted during its import prints a traceback.

Outside of `listening`, for example in a script, Python handles the signals, and `check` does nothing. No signal ends an
`uninterrupted` block early.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

#: Exit code of each signal, 128 and its number, and its description.
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
WORDS = {130: "interrupted", 143: "terminated"}
#: The file name of the frames of an import.
IMPORT = "<frozen importlib._bootstrap>"
#: Seconds after which an exception that was swallowed is raised again, and those that an import is given.
AGAIN, PATIENCE = 0.05, 2.0

#: Signals that have arrived, the moments when they did, the blocks in which they wait, and the handlers from before
#: `listening`.
_noted: list[int] = []
_moments: list[float] = []
_holding: list[object] = []
_before: dict[signal.Signals, Any] = {}


#: The function that `check` calls in this thread to learn whether to stop.
_stop_request: ContextVar[Callable[[], bool] | None] = ContextVar("asked", default=None)


class Terminated(SystemExit):
    """SIGTERM arrived; the stack unwinds and files are closed."""


@contextmanager
def listening() -> Iterator[None]:
    """Take SIGINT and SIGTERM inside the block, in the main thread; one that the caller's shell ignores stays ignored.

    A block inside another one changes nothing.
    """
    if _before or threading.current_thread() is not threading.main_thread():
        yield
        return
    hook = sys.unraisablehook
    _before.update({number: signal.getsignal(number) for number in CODES})
    for number, handler in _before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _on_signal)
    sys.unraisablehook = _on_swallowed
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in _before.items():
            signal.signal(number, handler)
        _before.clear()
        _noted.clear()
        _moments.clear()


@contextmanager
def held() -> Iterator[None]:
    """Let signals that are listened to wait for the end of the block, which raises what they raise.

    For waits of the main thread for others: what is raised while it takes one of their locks leaves it taken, and they
    wait without end. Their work can be cut short if `code` is not None.

    Raises:
        KeyboardInterrupt: Ctrl-C arrived.
        Terminated: SIGTERM arrived.
    """
    _holding.append(None)
    try:
        yield
    finally:
        _holding.pop()
    check()


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let SIGINT and SIGTERM wait for the end of the block; only the main thread can hold them back."""
    found = {number: signal.getsignal(number) for number in CODES}
    main = threading.current_thread() is threading.main_thread()
    before = {number: handler for number, handler in found.items() if main and callable(handler)}
    waiting: list[int] = []
    for name in before:
        signal.signal(name, lambda number, frame: waiting.append(number))
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    for number in waiting[:1]:
        before[signal.Signals(number)](number, None)


def print_stopped() -> int:
    """Print that the command was stopped, and return its exit code; further signals are ignored."""
    for number in CODES:
        signal.signal(number, signal.SIG_IGN)
    last = code() or CODES[signal.SIGINT]
    print(f"Error: {WORDS[last]}", file=sys.stderr)
    return last


def code() -> int | None:
    """Exit code of the signal that has arrived, None if none has."""
    return CODES[signal.Signals(_noted[0])] if _noted else None


def check() -> None:
    """Raise what a signal that has arrived raised, in case it was swallowed.

    Raises:
        KeyboardInterrupt: Ctrl-C arrived.
        Terminated: SIGTERM arrived, or the caller of this thread stops it (`stop_if`).
    """
    if _noted:
        _raise(_noted[0])
    must_stop = _stop_request.get()
    if must_stop is not None and must_stop():
        _raise(signal.SIGTERM)


@contextmanager
def stop_if(must_stop: Callable[[], bool]) -> Iterator[None]:
    """Let `check` stop the work in this block and thread if the function returns True: signals reach no thread."""
    token = _stop_request.set(must_stop)
    try:
        yield
    finally:
        _stop_request.reset(token)


def _on_signal(number: int, frame: FrameType | None) -> None:
    _noted.append(number)
    _moments.append(time.monotonic())
    if _holding:
        return
    if _is_importing(frame) and _moments[-1] - _moments[0] < PATIENCE and hasattr(signal, "setitimer"):
        _raise_later()
    else:
        _raise(number)


def _is_importing(frame: FrameType | None) -> bool:
    """Whether a module is being imported."""
    while frame is not None and frame.f_code.co_filename != IMPORT:
        frame = frame.f_back
    return frame is not None


def _raise(number: int) -> NoReturn:
    if number == signal.SIGTERM:
        raise Terminated(CODES[signal.SIGTERM])
    raise KeyboardInterrupt


def _on_swallowed(unraisable: UnraisableHookArgs) -> None:
    """Raise again after a moment what a signal raised; other exceptions are reported as usual."""
    if not isinstance(unraisable.exc_value, KeyboardInterrupt | Terminated):
        sys.__unraisablehook__(unraisable)
    elif hasattr(signal, "setitimer"):
        _raise_later()


def _raise_later() -> None:
    signal.signal(signal.SIGALRM, _again)
    signal.setitimer(signal.ITIMER_REAL, AGAIN)


def _again(number: int, frame: FrameType | None) -> None:
    if _noted:
        signal.raise_signal(_noted[0])
