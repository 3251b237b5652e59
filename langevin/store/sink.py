"""An HDF5 file that is written through Python, so that the HDF5 library never calls the operating system.

On a full disk the library leaves rows of zeros, and crashes the interpreter at its end. So it writes into a `Sink`,
which never fails: the first error is recorded, later writes are dropped, and the file gets no name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from langevin import stopping
from langevin.store.atomic import name_new, temporary_file


class Sink:
    """An open file for the h5py driver `fileobj`, which uses files written in Python; `wrong` is the first error."""

    def __init__(self, handle: int) -> None:
        """Begin at the start of the empty file with this file descriptor."""
        self.handle, self.place, self.size = handle, 0, 0
        self.wrong: BaseException | None = None

    def write(self, content: bytes) -> int:
        """Write at the current position and move to the end of the written content."""
        self._safely(lambda: self._write(memoryview(content)))
        self.place += len(content)
        self.size = max(self.size, self.place)
        return len(content)

    def read(self, length: int) -> bytes:
        """The bytes from the current position on; h5py recognises a file by this method."""
        buffer = bytearray(length)
        self.readinto(buffer)
        return bytes(buffer)

    def readinto(self, buffer: bytearray) -> int:
        """Read from the current position what was written before; zeros if nothing was written."""
        buffer[:] = bytes(len(buffer))
        self._safely(lambda: self._read(buffer))
        self.place += len(buffer)
        return len(buffer)

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position.

        Args:
            place: number of bytes.
            whence: os.SEEK_SET, os.SEEK_CUR or os.SEEK_END: from the start, the position or the end.
        """
        self.place = place + {os.SEEK_SET: 0, os.SEEK_CUR: self.place, os.SEEK_END: self.size}[whence]
        return self.place

    def tell(self) -> int:
        """The current position."""
        return self.place

    def truncate(self, size: int) -> int:
        """Set the length of the file."""
        self._safely(lambda: os.ftruncate(self.handle, size))
        self.size = size
        return size

    def flush(self) -> None:
        """Do nothing: the whole file is flushed to the disk before it is named."""

    def _write(self, rest: memoryview) -> None:
        os.lseek(self.handle, self.place, os.SEEK_SET)
        while rest:  # one system call may write only a part
            rest = rest[os.write(self.handle, rest) :]

    def _read(self, buffer: bytearray) -> None:
        os.lseek(self.handle, self.place, os.SEEK_SET)
        content = os.read(self.handle, len(buffer))
        buffer[: len(content)] = content

    def _safely(self, act: Callable[[], object]) -> None:
        """Call `act`, unless an error occurred before. Ctrl-C counts as an error, because the library would lose it."""
        try:
            if self.wrong is None:
                act()
        except BaseException as error:
            self.wrong = error


@contextmanager
def new_file(path: Path, force: bool = False) -> Iterator[h5py.File]:
    """An HDF5 file to fill inside the block; afterwards it is named, complete and on the disk, or it never appears.

    The memory is limited to the content of one call and the cache of a chunk. Signals wait for the end of the block: a
    signal that arrives while the library calls the sink would be lost, with a traceback.

    Args:
        path: of the file.
        force: whether an existing file is replaced.

    Raises:
        OutputError: the file exists and `force` is not given, or the operating system refuses; no file remains.
    """
    with stopping.held(), temporary_file(path, os.replace if force else name_new) as handle:
        sink = Sink(handle)
        # The format of version 1.10 also has checksums for its metadata, and every current reader supports it.
        with h5py.File(sink, "w", libver=("v110", "v110"), track_order=True) as file:
            yield file
        if sink.wrong is not None:
            raise sink.wrong
