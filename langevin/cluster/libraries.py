"""Dask, if it is installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from langevin.errors import UsageError


def library(name: str) -> Any:
    """The module distributed or dask_jobqueue.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise UsageError(
            f"a cluster needs the package {(error.name or name).replace('_', '-')}, which is not installed",
            "the extra `cluster`",
            "pip install 'langevin-manifold[cluster]', or -e '.[cluster]' in a checkout",
        ) from error
