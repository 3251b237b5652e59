"""A record of kernels that have passed their trial, kept across processes: an empty file in Numba's cache for each.

The name of a file is the fingerprint of the kernels. Other content has another name, so no file becomes invalid.
If the folder cannot be written, only this process keeps the result of a trial.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numba
from numba.misc.appdirs import AppDirs

from langevin.kernels.fingerprint import Unhashable, fingerprint

#: Part of every name; raise it when a trial changes, so that kernels which passed the old trial are tried again.
GENERATION = 2
#: Names of trials passed in this process.
_known: set[str] = set()


def trial_name(*tried: Any) -> str | None:
    """A name for a trial of these objects; None if they cannot be hashed: they are then tried in every run."""
    try:
        return fingerprint(GENERATION, *tried)[0]
    except Unhashable:
        return None


def has_passed(name: str | None) -> bool:
    """Whether the trial of this name was passed, in this process or in an earlier one."""
    return name is not None and (name in _known or os.path.exists(_folder() / name))


def mark_passed(name: str | None) -> None:
    """Record that the trial of this name was passed."""
    if name is None:
        return
    _known.add(name)
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        (_folder() / name).touch()
    except OSError:
        return


def cache_folder() -> Path:
    """The folder in Numba's cache of this user for data that do not belong to a code file."""
    return Path(numba.config.CACHE_DIR or AppDirs(appname="numba", appauthor=False).user_cache_dir)


def _folder() -> Path:
    return cache_folder() / "langevin-trials"
