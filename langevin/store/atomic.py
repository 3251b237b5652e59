"""Files that appear completely or not at all, and never replace another file by accident."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from langevin.errors import OutputError
from langevin.store.writers import Writer, is_gone, this_process

DAY = 86_400.0
_EXISTS = "exists already: choose another name, or pass --force to replace it"
_CAUSES = {
    errno.EEXIST: "is taken by something else: choose another name",
    errno.ENOENT: "lies in a folder that does not exist: create the folder first",
    errno.ENOTDIR: "lies below something that is a file, not a folder: choose another path",
    errno.EISDIR: "is a folder: give the name of a file",
    errno.EACCES: "may not be written by you: choose a folder for which you have permission",
    errno.EPERM: "may not be written by you: choose a folder for which you have permission",
    errno.EROFS: "lies on a disk mounted for reading only: choose another folder",
    errno.ENOSPC: "does not fit on the disk: free some space or choose another disk",
    errno.EDQUOT: "exceeds your disk quota: free some space or choose another disk",
    errno.EFBIG: "exceeds the largest file allowed here: raise the limit or record less",
    errno.ENAMETOOLONG: "has too long a name: choose a shorter one",
}
_NO_LINKS = {errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EMLINK, errno.EXDEV}


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn an error of the operating system about `path` into an `OutputError` with its remedy."""
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        cause = _CAUSES.get(error.errno or 0, f"could not be written: {error.strerror or error}")
        raise OutputError(f"{path} {cause}") from error


def partial_folder(path: Path) -> Path:
    """Folder of the segments of the run that will become `path`."""
    return path.with_name(path.name + ".partial")


def check_writable(path: str | Path, force: bool = False, remedy: str = "") -> Path:
    """Check, before a long run, that its result can be written; no file remains.

    Args:
        path: The file that will be written later.
        force: Whether an existing file, or segments of an unfinished run, may be replaced.
        remedy: Further offer of the caller for an unfinished run, such as "resume it, ".

    Raises:
        OutputError: a file or an unfinished run exists and `force` is not given, or the folder is missing or not
            writable, or the path is a folder.
    """
    path = Path(path)
    check_place(path)
    if not force and os.path.lexists(path):
        raise OutputError(f"{path} {_EXISTS}")
    if not force and partial_folder(path).exists():
        raise OutputError(
            f"{partial_folder(path)} holds an unfinished run",
            remedy=f"{remedy}choose another name, or pass --force to discard it",
        )
    return path


def check_place(path: Path) -> Path:
    """Check that a file can be written or replaced there; no file remains.

    Raises:
        OutputError: the folder is missing or not writable, or the path is a folder.
    """
    with output_errors(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "folder")
        probe = write_temporary(path, b"")
        probe.unlink()
    return path


def replace_file(path: Path, content: bytes) -> Path:
    """Write `content` to `path`; after a crash at any moment the file has the old content or the new one.

    Args:
        path: of the file.
        content: its new content.

    Raises:
        OutputError: the operating system refuses.
    """
    with temporary_file(path, os.replace) as handle:
        _write(handle, content)
    return path


@contextmanager
def temporary_file(path: Path, name: Callable[[Path, Path], None]) -> Iterator[int]:
    """A new open file in the folder of `path`, to fill in the block; then `name(temporary, path)` names it in one step.

    It is on the disk before it is named. If the block raises, nothing remains; if the process is killed, only the
    hidden file `.NAME.*.tmp` remains.

    Args:
        path: final path of the file.
        name: gives the file `temporary` the name `path` in one step.

    Raises:
        OutputError: the operating system refuses, also inside the block.
    """
    with output_errors(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "folder")
        with _opened(path) as (temporary, handle):
            yield handle
            os.fsync(handle)
        try:
            name(temporary, path)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()
        flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Flush the names in a folder to the disk."""
    if os.name == "nt":  # Windows cannot open folders, and writes names itself
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_temporary(path: Path, content: bytes) -> Path:
    """Write a new file in the folder of `path`; it is removed if that fails. It need not be on the disk yet.

    Args:
        path: final path of the file.
        content: of the file.
    """
    with _opened(path) as (temporary, handle):
        _write(handle, content)
    return temporary


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Path, int]]:
    """A new hidden file in the folder of `path`, open inside the block; it is removed if the block raises."""
    temporary = temporary_name(path)
    handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        yield temporary, handle
    except BaseException:
        with suppress(FileNotFoundError):
            temporary.unlink()
        raise
    finally:
        os.close(handle)


def _write(handle: int, content: bytes) -> None:
    """Write all of the content: one system call may write only a part."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]


def temporary_name(path: Path) -> Path:
    """A unique hidden name in the folder of `path`; it contains the process that made it."""
    process, began, machine = this_process()
    return path.with_name(f".{path.name}.{machine}-{process}-{began}-{secrets.token_hex(4)}.tmp")


def free_name(path: Path) -> Path:
    """NAME-2, NAME-3 ... in the folder of a path: the first name that is free, also of an unfinished run."""
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    return next(name for name in names if not os.path.lexists(name) and not partial_folder(name).exists())


def clean(folder: Path, *names: str) -> None:
    """Remove incomplete output of killed processes in a folder: hidden files and folders `.NAME.*.tmp`.

    Only for these names; for every name if none is given. Output of another machine is removed if it has not changed
    for a day.

    Args:
        folder: the folder.
        names: names of the final files; all if none is given.
    """
    begins = tuple(f".{name}." for name in names) or (".",)
    with output_errors(folder), suppress(FileNotFoundError, NotADirectoryError):
        for entry in os.listdir(folder):
            left = folder / entry
            if not (entry.startswith(begins) and entry.endswith(".tmp") and _is_left(left)):
                continue
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def _is_left(temporary: Path) -> bool:
    """Whether the process that wrote a hidden name has ended."""
    machine, _, rest = "".join(temporary.suffixes[-2:-1]).removeprefix(".").partition("-")
    process, _, rest = rest.partition("-")
    gone = None
    if process.isdigit():
        gone = is_gone(Writer(int(process), rest.partition("-")[0], machine))
    if gone is None:
        with suppress(FileNotFoundError):
            return time.time() - temporary.lstat().st_mtime > DAY
    return bool(gone)


def name_new(temporary: Path, path: Path) -> None:
    """Rename; an existing `path` is refused, also if it appears during the call.

    Args:
        temporary: the hidden file.
        path: its new name.
    """
    if not rename_to_new(temporary, path):
        raise OutputError(f"{path} {_EXISTS}")


def rename_to_new(temporary: Path, path: Path) -> bool:
    """Rename in one step, unless `path` exists; return whether it was done.

    Args:
        temporary: the hidden file.
        path: its new name.
    """
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        try:  # no hard links here: an empty file reserves the name
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        os.replace(temporary, path)
        return True
    temporary.unlink(missing_ok=True)
    return True
