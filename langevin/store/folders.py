"""Folders that appear whole or not at all, and never on top of what they do not know."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from langevin.errors import OutputError
from langevin.store.atomic import beside_name, flush_folder, output_errors

#: Of Linux's renameat2: names are meant from the working directory, and two of them change places.
_HERE, _EXCHANGE = -100, 2


def check_folder(folder: Path, names: Collection[str], force: bool = False) -> Path:
    """Make sure, before a long run, that a folder of these files can be written; folders above it are made.

    Raises:
        OutputError: it holds some of the files already and `force` is not given, or anything else, or the operating
            system refuses.
    """
    if folder.name in {"", ".."}:
        raise OutputError(f"{folder} has no name that a folder could take: give a new one")
    with output_errors(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with output_errors(folder):
        probe = beside_name(folder)
        probe.mkdir()
        probe.rmdir()
        if not os.path.lexists(folder):
            return folder
        if not folder.is_dir():
            raise OutputError(f"{folder} is a file: give the name of a folder")
        found = sorted(os.listdir(folder))
    others = [name for name in found if name not in names]
    if others:
        raise OutputError(f"{folder} holds other files, such as {others[0]}: choose a folder of its own")
    if found and not force:
        raise OutputError(
            f"{folder} holds an answer already: choose another folder, or pass --force to replace it"
        )
    return folder


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A hidden folder to fill inside the block, which then takes the name, and the place of a folder of this name.

    Raises:
        OutputError: the operating system refuses; what was there stays.
    """
    with output_errors(folder):
        folder = folder.resolve()
        beside = beside_name(folder)
        beside.mkdir()
        try:
            yield beside
            _flush(beside)
            _put(beside, folder)
            flush_folder(folder.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Bring the files of a folder to the disk."""
    for file in folder.iterdir():
        with file.open("rb+") as handle:
            os.fsync(handle.fileno())
    flush_folder(folder)


def _put(beside: Path, folder: Path) -> None:
    """Give the name; a folder that has it is left under the hidden one, where two names can change places.

    Elsewhere it is NAME.before for a moment: a kill in that moment leaves it there.
    """
    if not folder.exists():
        beside.rename(folder)
    elif not _exchange(beside, folder):
        before = folder.with_name(f"{folder.name}.before")
        folder.rename(before)
        beside.rename(folder)
        shutil.rmtree(before)


def _exchange(one: Path, other: Path) -> bool:
    """Let two names change places in one step; False where the system cannot."""
    try:
        swap = ctypes.CDLL(None).renameat2
    except (AttributeError, TypeError, OSError):
        return False
    return bool(swap(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)
