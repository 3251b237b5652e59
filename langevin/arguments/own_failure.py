"""Which code has failed: user-defined code is reported in one sentence, langevin's code leaves its traceback."""

from __future__ import annotations

import errno
import re
import sysconfig
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import langevin
from langevin.errors import InputFileError, OutputError

PATHS = ("stdlib", "purelib", "platlib")
#: Code that is not user-defined: this package, Python's library, and installed packages.
OTHERS = tuple(
    str(Path(folder).resolve())
    for folder in (*langevin.__path__, *(sysconfig.get_path(name) for name in PATHS))
)
#: How Numba names a place in the code at the beginning of a message; callers come first.
PLACE = re.compile(r'File "(.+?)", line (\d+)')
SAYING = re.compile(r"Failed in nopython mode pipeline \(step: .*\)\n\s*(.+)")


def own_failure(error: BaseException) -> str | None:
    """One sentence for an error in user-defined code: place and cause; None for any other error."""
    text = str(error)
    if type(error).__module__.startswith("numba."):
        place = next(_own(PLACE.findall(text)), None)
        texts = SAYING.findall(text) or [text]
    else:
        frames = traceback.extract_tb(error.__traceback__)
        place = next(_own((frame.filename, frame.lineno) for frame in reversed(frames)), None)
        texts = [text]
    if place is None:
        return None
    first = texts[-1].strip().partition("\n")[0]
    return f"{place} fails: {type(error).__name__}: {first}"


def system_failure(error: OSError) -> InputFileError | OutputError | None:
    """The error for an unexpected refusal of the operating system; None for another error."""
    if error.errno is None:
        return None
    what = f"{error.filename}: " if error.filename else ""
    if error.errno == errno.EIO:
        return InputFileError(
            f"{what}the disk cannot be read ({error.strerror})", remedy="check it, or use a copy"
        )
    return OutputError(
        f"{what}the system refuses ({error.strerror})", remedy="free space or choose another place"
    )


def is_own(error: BaseException) -> bool:
    """Whether user-defined code was running when the error was raised, below the frame that caught it."""
    frames = traceback.extract_tb(error.__traceback__)
    return next(_own((frame.filename, frame.lineno) for frame in frames), None) is not None


def _own(places: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """The places (files and lines) that are in user-defined code."""
    for file, line in places:
        # compiled libraries name files that do not exist here
        if Path(file).is_file() and not str(Path(file).resolve()).startswith(OTHERS):
            yield f"{Path(file).name}, line {line},"
