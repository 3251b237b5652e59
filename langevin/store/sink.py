"""An HDF5 file that is written without the HDF5 library meeting the operating system.

A library that meets a full disk leaves rows of zeros, and crashes the interpreter at its end. So it writes into a
`Sink`, which never fails: what goes wrong first is remembered, the rest is dropped, and the file gets no name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

from langevin import stopping
from langevin.store.atomic import beside_file, name_new


class Sink:
    """An open file as h5py takes files written in Python (its driver `fileobj`); `wrong` is what went wrong first."""

    def __init__(self, handle: int) -> None:
        """Begin at the start of the empty file that the system knows by this number."""
        self.handle, self.place, self.size = handle, 0, 0
        self.wrong: BaseException | None = None

    def write(self, content: bytes) -> int:
        """Write at the present place and go on behind it."""
        self._safely(lambda: self._write(memoryview(content)))
        self.place += len(content)
        self.size = max(self.size, self.place)
        return len(content)

    def read(self, length: int) -> bytes:
        """The bytes from the present place on; h5py knows a file by this method."""
        buffer = bytearray(length)
        self.readinto(buffer)
        return bytes(buffer)

    def readinto(self, buffer: bytearray) -> int:
        """Read from the present place what was written before; zeros where nothing was."""
        buffer[:] = bytes(len(buffer))
        self._safely(lambda: self._read(buffer))
        self.place += len(buffer)
        return len(buffer)

    def seek(self, place: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        self.place = place + {os.SEEK_SET: 0, os.SEEK_CUR: self.place, os.SEEK_END: self.size}[whence]
        return self.place

    def tell(self) -> int:
        """The present place."""
        return self.place

    def truncate(self, size: int) -> int:
        """Give the file a length."""
        self._safely(lambda: os.ftruncate(self.handle, size))
        self.size = size
        return size

    def flush(self) -> None:
        """Nothing: the whole file is flushed to the disk before it takes its name."""

    def _write(self, rest: memoryview) -> None:
        os.lseek(self.handle, self.place, os.SEEK_SET)
        while rest:  # one call of the system may take a part
            rest = rest[os.write(self.handle, rest) :]

    def _read(self, buffer: bytearray) -> None:
        os.lseek(self.handle, self.place, os.SEEK_SET)
        content = os.read(self.handle, len(buffer))
        buffer[: len(content)] = content

    def _safely(self, act: Callable[[], object]) -> None:
        """Do it, unless something went wrong before; Ctrl-C in a script counts too, which the library would lose."""
        try:
            if self.wrong is None:
                act()
        except BaseException as error:
            self.wrong = error


@contextmanager
def new_file(path: Path, force: bool = False) -> Iterator[h5py.File]:
    """An HDF5 file to fill inside the block; it takes its name afterwards, whole and on the disk, or never.

    Memory is bounded by what one call writes, and the cache of a chunk. Signals wait for the end of the block: one that
    arrives while the library calls the sink would be lost in it, with a traceback.

    Raises:
        OutputError: it exists and `force` is not given, or the operating system refuses; nothing is left behind.
    """
    with stopping.held(), beside_file(path, os.replace if force else name_new) as handle:
        sink = Sink(handle)
        # The format of version 1.10 has checksums on its metadata as well, and every present reader knows it.
        with h5py.File(sink, "w", libver=("v110", "v110"), track_order=True) as file:
            yield file
        if sink.wrong is not None:
            raise sink.wrong
