"""Share compiled programs of JAX between the points of a sweep: each program is compiled once for all points."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

#: Settings of JAX: programs of any size and any time of compilation are kept. XLA keeps no other files in the folder,
#: because the name of the folder would then be in the hash of every program.
SETTINGS = {
    "jax_persistent_cache_min_compile_time_secs": 0.0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
    "jax_persistent_cache_enable_xla_caches": "none",
}
FOLDER = "jax_compilation_cache_dir"


@contextmanager
def folder_of_programs() -> Iterator[str]:
    """A folder for compiled programs, removed after the block, so no other sweep reads a program that a kill cut."""
    with TemporaryDirectory(prefix="langevin-programs-", ignore_cleanup_errors=True) as folder:
        yield folder


def share_programs(folder: str) -> None:
    """Before JAX is imported, let it keep its programs in a folder, unless the user has set a folder."""
    if FOLDER.upper() not in os.environ:
        os.environ.update({name.upper(): str(value) for name, value in _settings(folder).items()})


@contextmanager
def programs_shared() -> Iterator[None]:
    """Inside the block, let JAX keep its programs in a folder, if it is imported (by a network's file)."""
    if "jax" not in sys.modules or FOLDER.upper() in os.environ:
        yield
        return
    with folder_of_programs() as folder, programs_in(folder):
        yield


@contextmanager
def programs_in(folder: str) -> Iterator[None]:
    """Inside the block, let JAX read its programs from this folder and write new ones to it."""
    import jax
    from jax.experimental.compilation_cache import compilation_cache

    before = {name: getattr(jax.config, name) for name in (FOLDER, *SETTINGS)}
    try:
        for name, value in _settings(folder).items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()
        yield
    finally:
        for name, value in before.items():
            jax.config.update(name, value)
        compilation_cache.reset_cache()


def _settings(folder: str) -> dict[str, Any]:
    return {FOLDER: folder, **SETTINGS}
