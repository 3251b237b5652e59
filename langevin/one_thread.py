"""Linear algebra on one thread.

BLAS keeps a thread spinning on every processor for vectors as short as 10 000. Iterative solvers, which hand it such
vectors thousands of times, become many times slower as soon as one processor is busy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Give the BLAS libraries of this process one thread each inside the block."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
