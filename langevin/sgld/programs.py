"""Compiled programs of JAX are shared between the points of a sweep, and kept for the next training of the same kind.

JAX keeps a program under the hash of its operations, so it never takes a wrong program. But it does not check the bytes
that it reads, and does not write a file in one step. So it works in a temporary folder for each training. Between
trainings there is one archive for each kind of training, in a private folder of this user: the SHA-256 of a zip file,
and the zip file. An archive is complete or absent, a damaged one counts as absent, and the oldest ones are removed when
all together are too large.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any

import numpy as np

from langevin.sgld.model import Model
from langevin.sgld.plan import Plan

#: Settings of JAX: programs of any size and any time of compilation are kept. XLA keeps no other files in the folder,
#: because the name of the folder would then be in the hash of every program.
SETTINGS = {
    "jax_persistent_cache_min_compile_time_secs": 0.0,
    "jax_persistent_cache_min_entry_size_bytes": -1,
    "jax_persistent_cache_enable_xla_caches": "none",
}
FOLDER = "jax_compilation_cache_dir"
#: Bytes of the programs of one kind of training, and of all archives together: 16 MiB and 256 MiB.
MOST_OF_ONE, MOST_OF_ALL = 2**24, 2**28
#: Lines of /proc/cpuinfo that determine for which processor a program is compiled.
FEATURES = ("model name", "flags", "Features", "CPU implementer", "CPU part")
DIGEST, SUFFIX = hashlib.sha256().digest_size, ".programs"
#: The settings of JAX are shared by the whole process, so only one training at a time changes them.
_alone = threading.Lock()


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


@contextmanager
def programs_kept(model: Model, plan: Plan) -> Iterator[Callable[[], None]]:
    """Inside the block, let JAX find the programs of earlier trainings of this kind, and keep new programs.

    The block receives a function that keeps the programs compiled so far; the end of the block keeps them too. Nothing
    is kept if the user has given JAX a folder for programs, if no folder may be used, if another training of this
    process is in such a block, or if no folder can be made that only this user can write.
    """
    import jax

    own = FOLDER.upper() in os.environ or getattr(jax.config, FOLDER)
    place = None if own or not jax.config.jax_enable_compilation_cache else private_folder()
    if place is None or not _alone.acquire(blocking=False):
        yield lambda: None
        return
    try:
        with folder_of_programs() as folder, warnings.catch_warnings():
            # JAX continues without a program that it cannot write, for instance on a full disk, and warns.
            warnings.filterwarnings("ignore", "Error (reading|writing) persistent compilation cache")
            archive = place / f"{kind_of(model, plan)}{SUFFIX}"
            taken = unpack(archive, Path(folder))

            def keep() -> None:
                nonlocal taken
                taken = pack(archive, Path(folder), taken)

            with programs_in(folder):
                try:
                    yield keep
                finally:
                    keep()
    finally:
        _alone.release()


def private_folder() -> Path | None:
    """The folder of the archives, next to Numba's kernels; None if another user owns it or can write there.

    A program is code, so a program that another user could have written is not run.
    """
    try:
        usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "numba"
        place = Path(os.environ.get("NUMBA_CACHE_DIR") or usual) / "langevin-programs"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.lstat()
    except (OSError, RuntimeError):  # there is no home folder
        return None
    mine = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
    return place if stat.S_ISDIR(found.st_mode) and mine and os.access(place, os.W_OK) else None


def kind_of(model: Model, plan: Plan) -> str:
    """A name for trainings whose programs are mostly the same, on processors of this kind."""
    import jax

    shapes = [[(np.shape(array), str(array.dtype)) for array in data] for _, data in model.parts]
    settings = (model.name, dict(model.dials), shapes, plan.law.name, plan.law.batch, plan.computation)
    return hashlib.sha256(repr((settings, jax.__version__, processor())).encode()).hexdigest()[:32]


@cache
def processor() -> tuple[str, ...]:
    """The kind of this machine's processor, and its features if the system lists them."""
    lines: list[str] = []
    with suppress(OSError):
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0]
        lines = [line for line in first.splitlines() if line.startswith(FEATURES)]
    return platform.machine(), platform.processor(), *lines


def unpack(archive: Path, folder: Path) -> frozenset[str]:
    """Put the programs of an archive into a folder and return their names; none if it is absent or damaged."""
    try:
        content = archive.read_bytes()
        if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
            return frozenset()
        with zipfile.ZipFile(BytesIO(content[DIGEST:])) as programs:
            names = programs.namelist()
            for name in names:
                (folder / Path(name).name).write_bytes(programs.read(name))
        os.utime(archive)
    except (OSError, zipfile.BadZipFile):
        return frozenset()
    return frozenset(names)


def pack(archive: Path, folder: Path, taken: frozenset[str]) -> frozenset[str]:
    """Keep the programs of a folder if there are others than those `taken`; returns the names of the kept ones.

    If all together are too large, new programs come first. If the disk is full or not writable, nothing is kept.
    """
    try:
        sizes = {one.name: one.stat().st_size for one in folder.iterdir() if one.is_file()}
        fresh = set(sizes) - taken
        chosen = sizes if sum(sizes.values()) <= MOST_OF_ONE else {name: sizes[name] for name in fresh}
        if not fresh or sum(chosen.values()) > MOST_OF_ONE:
            return taken
        whole = BytesIO()
        with zipfile.ZipFile(whole, "w") as programs:
            for name in sorted(chosen):
                programs.write(folder / name, name)
        content = whole.getvalue()
        with NamedTemporaryFile(dir=archive.parent, suffix=".tmp", delete=False) as temporary:
            temporary.write(hashlib.sha256(content).digest() + content)
        Path(temporary.name).replace(archive)
        _clear(archive.parent)
    except OSError:
        return taken
    return frozenset(sizes)


def _clear(place: Path) -> None:
    """Remove the archives that were unused for the longest time until all together are small enough."""
    found: list[tuple[float, int, Path]] = []
    for one in place.iterdir():
        with suppress(OSError):
            found.append((one.stat().st_mtime, one.stat().st_size, one))
    spent = sum(size for _, size, _ in found)
    for _, size, one in sorted(found, key=lambda entry: entry[0]):
        if spent <= MOST_OF_ALL:
            return
        with suppress(OSError):
            one.unlink()
        spent -= size
