"""Whose code has failed: a reader's own, which is told in a sentence, or langevin's, which leaves its traceback."""

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
#: Code that is no reader's: this package, Python's library, and what is installed.
OTHERS = tuple(
    str(Path(folder).resolve())
    for folder in (*langevin.__path__, *(sysconfig.get_path(name) for name in PATHS))
)
#: How Numba names a place, and begins what it has to say of a function; of callers first.
PLACE = re.compile(r'File "(.+?)", line (\d+)')
SAYING = re.compile(r"Failed in nopython mode pipeline \(step: .*\)\n\s*(.+)")


def own_failure(error: BaseException) -> str | None:
    """One sentence for an error in code of a reader's own: where, and what; None for any other error."""
    text = str(error)
    if type(error).__module__.startswith("numba."):
        place = next(_own(PLACE.findall(text)), None)
        said = SAYING.findall(text) or [text]
    else:
        frames = traceback.extract_tb(error.__traceback__)
        place = next(_own((frame.filename, frame.lineno) for frame in reversed(frames)), None)
        said = [text]
    if place is None:
        return None
    first = said[-1].strip().partition("\n")[0]
    return f"{place} fails: {type(error).__name__}: {first}"


def system_failure(error: OSError) -> InputFileError | OutputError | None:
    """The error for a refusal of the operating system that no part of langevin expected; None for another error."""
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
    """Whether code of a reader's own was running when it was raised, below the frame that caught it."""
    frames = traceback.extract_tb(error.__traceback__)
    return next(_own((frame.filename, frame.lineno) for frame in frames), None) is not None


def _own(places: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """Those places, of files and lines, that are a reader's."""
    for file, line in places:
        # compiled libraries name files that are not there
        if Path(file).is_file() and not str(Path(file).resolve()).startswith(OTHERS):
            yield f"{Path(file).name}, line {line},"
