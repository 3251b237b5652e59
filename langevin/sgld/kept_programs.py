"""Programs of JAX that are found again by the next training of the same kind, in a folder of this user alone.

JAX keeps a program under the hash of its operations, so it never takes one that is not the program wanted. It does not
check what it reads, nor write in one step. So it works in a folder of this block, and what lies there between trainings
is one archive for each kind of training: the SHA-256 of a zip file, and the zip file. An archive is complete or absent,
one that is damaged counts as absent, and the oldest ones go where all together become too many bytes.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np

from langevin.sgld.model import Model
from langevin.sgld.plan import Plan
from langevin.sgld.programs import FOLDER, folder_of_programs, programs_in

#: Bytes of the programs of one kind of training, and of all archives together: 16 MiB and 256 MiB.
MOST_OF_ONE, MOST_OF_ALL = 2**24, 2**28
#: Lines of /proc/cpuinfo that say for which processor a program is compiled.
FEATURES = ("model name", "flags", "Features", "CPU implementer", "CPU part")
DIGEST, SUFFIX = hashlib.sha256().digest_size, ".programs"
#: What JAX is set to belongs to the whole process, so one training at a time sets it.
_alone = threading.Lock()


@contextmanager
def programs_kept(model: Model, plan: Plan) -> Iterator[Callable[[], None]]:
    """Let JAX find the programs of earlier trainings of this kind inside the block, and keep new ones.

    The function that the block gets keeps what has been compiled so far; the end of the block does so too. Nothing
    is kept where JAX has a folder of its own, or none is to be used, or another training of this process is in such
    a block, or no folder can be made that belongs to this user alone.
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
    """The folder of the archives, next to Numba's kernels; None if it is not this user's, or others can write there.

    A program is code, so one that somebody else could have put there is not run.
    """
    try:
        usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "numba"
        place = Path(os.environ.get("NUMBA_CACHE_DIR") or usual) / "langevin-programs"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.lstat()
    except (OSError, RuntimeError):  # no home
        return None
    mine = not hasattr(os, "getuid") or (found.st_uid == os.getuid() and not found.st_mode & 0o022)
    return place if stat.S_ISDIR(found.st_mode) and mine and os.access(place, os.W_OK) else None


def kind_of(model: Model, plan: Plan) -> str:
    """A name for trainings whose programs are mostly the same, on processors of this kind."""
    import jax

    shapes = [[(np.shape(array), str(array.dtype)) for array in data] for _, data in model.parts]
    said = (model.name, dict(model.dials), shapes, plan.law.name, plan.law.batch, plan.computation)
    return hashlib.sha256(repr((said, jax.__version__, processor())).encode()).hexdigest()[:32]


@cache
def processor() -> tuple[str, ...]:
    """What this machine's processor is, and what it can do where the system says so."""
    lines: list[str] = []
    with suppress(OSError):
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").partition("\n\n")[0]
        lines = [line for line in first.splitlines() if line.startswith(FEATURES)]
    return platform.machine(), platform.processor(), *lines


def unpack(archive: Path, folder: Path) -> frozenset[str]:
    """Put the programs of an archive into a folder; their names. There are none in one that is absent or damaged."""
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
    """Keep the programs of a folder if there are others than those `taken`; what is kept now.

    New ones count first where all are too many bytes. Where the disk refuses nothing is kept.
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
        with NamedTemporaryFile(dir=archive.parent, suffix=".tmp", delete=False) as beside:
            beside.write(hashlib.sha256(content).digest() + content)
        Path(beside.name).replace(archive)
        _clear(archive.parent)
    except OSError:
        return taken
    return frozenset(sizes)


def _clear(place: Path) -> None:
    """Remove the archives that were not used for longest while all together are too many bytes."""
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
