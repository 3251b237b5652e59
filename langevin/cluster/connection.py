"""A Dask scheduler that is running somewhere, as an executor."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from langevin.cluster.libraries import library
from langevin.errors import NumericalError, unfit

#: Seconds in which a scheduler must answer.
PATIENCE = 8
#: Addresses of schedulers.
ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://[^/\s]+:\d{1,5}")


@contextmanager
def connected(address: str) -> Iterator[Executor]:
    """An executor whose tasks the workers of a scheduler carry out, for the block.

    Args:
        address: of the scheduler, as it prints it: tcp://HOST:PORT.

    Raises:
        UsageError: another form, or Dask is not installed.
        NumericalError: nobody answers there.
    """
    distributed = library("distributed")
    if not ADDRESS.fullmatch(address):
        raise unfit("the scheduler", "has an address as tcp://HOST:PORT", f"{address!r}")
    with client_of(distributed, address) as client:
        if not client.scheduler_info()["workers"]:
            warnings.warn(
                f"the scheduler at {address} has no workers: the run waits for some; start them by "
                f"`dask worker {address}`",
                stacklevel=3,
            )
        yield client.get_executor(pure=False)


@contextmanager
def client_of(distributed: Any, place: Any) -> Iterator[Any]:
    """A client of a scheduler, by its address or its cluster, for the block.

    Raises:
        NumericalError: nobody answers there.
    """
    # what is wrong is told in a sentence, by whoever waits for a task
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = distributed.Client(place, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        raise NumericalError(
            f"no scheduler answers at {place}",
            "a Dask scheduler that is running",
            "start one by `dask scheduler`, and give the address that it prints",
        ) from error
    try:
        yield client
    finally:
        client.close(timeout=PATIENCE)
