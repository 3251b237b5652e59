"""What a command tells of a file whose content does not fit together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from langevin.errors import InputFileError, LangevinError


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Tell whatever fails on the content of a file as one sentence about it; code of the reader's own still speaks.

    Raises:
        InputFileError: something failed that is no error of langevin's tree.
    """
    from langevin.cli.blame import own_failure

    try:
        yield
    except (LangevinError, MemoryError):
        raise
    except Exception as error:
        if own_failure(error) is not None:
            raise
        first = (str(error).splitlines() or [""])[0][:100]
        raise InputFileError(
            f"what {file} says does not fit together ({type(error).__name__}: {first}): restore it from a copy, or run "
            "again"
        ) from error
