"""Ctrl-C and SIGTERM that wait until a computation can be left."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

SIGNALS: tuple[int, ...] = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def deferred() -> Iterator[Callable[[], None]]:
    """Hold back the first SIGINT or SIGTERM; the function that is yielded lets it act, as does the end of the block.

    For JAX: left while it is imported or compiles, in threads of its own, it crashes when Python ends. A second signal
    acts at once. Only the main thread can hold signals back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None
        return
    found = {number: signal.getsignal(number) for number in SIGNALS}
    before = {number: handler for number, handler in found.items() if callable(handler)}
    waiting: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        waiting.append(number)
        if len(waiting) > 1:
            heed()
        click.echo("stopping at the next step; once more stops at once", err=True)

    def heed() -> None:
        if waiting:
            number = waiting.pop()
            waiting.clear()
            before[number](number, None)

    for number in before:
        signal.signal(number, note)
    try:
        yield heed
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    heed()
