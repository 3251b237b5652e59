"""A block that Ctrl-C and SIGTERM cannot cut in two."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let SIGINT and SIGTERM wait for the end of the block; only the main thread can hold them back."""
    found = {number: signal.getsignal(number) for number in SIGNALS}
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
