"""Folders that appear completely or not at all, and never replace unknown files."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from langevin.errors import OutputError
from langevin.store.atomic import flush_folder, output_errors, temporary_name

#: Arguments of renameat2 of Linux: names are relative to the working directory, and two names are exchanged.
_HERE, _EXCHANGE = -100, 2


def check_folder(folder: Path, names: Collection[str], force: bool = False) -> Path:
    """Check, before a long run, that a folder with these files can be written; parent folders are made.

    Args:
        folder: the folder.
        names: of the files.
        force: whether existing files are replaced.

    Raises:
        OutputError: the folder already contains some of the files and `force` is not given, or it contains other files,
            or the operating system refuses.
    """
    if folder.name in {"", ".."}:
        raise OutputError(f"{folder} has no name that a folder could take: give a new one")
    with output_errors(folder.parent):
        folder.parent.mkdir(parents=True, exist_ok=True)
    with output_errors(folder):
        probe = temporary_name(folder)
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
    """A hidden folder to fill inside the block; then it gets the name and replaces a folder of this name.

    Raises:
        OutputError: the operating system refuses; the old folder remains.
    """
    with output_errors(folder):
        folder = folder.resolve()
        temporary = temporary_name(folder)
        temporary.mkdir()
        try:
            yield temporary
            _flush(temporary)
            _put(temporary, folder)
            flush_folder(folder.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _flush(folder: Path) -> None:
    """Flush the files of a folder to the disk."""
    for file in folder.iterdir():
        with file.open("rb+") as handle:
            os.fsync(handle.fileno())
    flush_folder(folder)


def _put(temporary: Path, folder: Path) -> None:
    """Give the name; if two names can be exchanged, an old folder gets the hidden name.

    On other systems the old folder is NAME.before for a moment; if the process is killed in this moment, it remains
    there.
    """
    if not folder.exists():
        temporary.rename(folder)
    elif not _exchange(temporary, folder):
        before = folder.with_name(f"{folder.name}.before")
        folder.rename(before)
        temporary.rename(folder)
        shutil.rmtree(before)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False if the system cannot do this."""
    try:
        swap = ctypes.CDLL(None).renameat2
    except (AttributeError, TypeError, OSError):
        return False
    return bool(swap(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)
