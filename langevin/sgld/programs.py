"""Programs of JAX that the points of a sweep share: each is compiled once, and not again for every point."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

#: JAX's own settings: a program is kept however small it is, and however soon it was compiled. XLA keeps nothing of its
#: own in the folder, whose name would then be in the hash of every program.
SETTINGS = {
    "jax_persistent_cache_min_compile_time_secs": 0.0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
    "jax_persistent_cache_enable_xla_caches": "none",
}
FOLDER = "jax_compilation_cache_dir"


@contextmanager
def folder_of_programs() -> Iterator[str]:
    """A folder for compiled programs, which goes with the block: one that a kill has cut is met by no other sweep."""
    with TemporaryDirectory(prefix="langevin-programs-", ignore_cleanup_errors=True) as folder:
        yield folder


def share_programs(folder: str) -> None:
    """Let JAX, which is not imported yet, keep its programs in a folder, unless this process has one of its own."""
    if FOLDER.upper() not in os.environ:
        os.environ.update({name.upper(): str(value) for name, value in _settings(folder).items()})


@contextmanager
def programs_shared() -> Iterator[None]:
    """Let JAX keep its programs in a folder inside the block, if it is imported, which a network's file has done."""
    if "jax" not in sys.modules or FOLDER.upper() in os.environ:
        yield
        return
    with folder_of_programs() as folder, programs_in(folder):
        yield


@contextmanager
def programs_in(folder: str) -> Iterator[None]:
    """Let JAX find its programs in this folder inside the block, and keep there what it compiles."""
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
