"""Every error langevin raises on purpose, with the exit code the command line gives it.

A message is one sentence: what was wrong, the allowed range, the remedy.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class LangevinError(Exception):
    """Root of the tree; catching it catches everything langevin raises on purpose."""

    exit_code = 1


class UsageError(LangevinError, ValueError):
    """A value, a name or a combination that the call does not allow."""

    exit_code = 2


class NumericalError(LangevinError, ArithmeticError):
    """The computation itself failed: divergence, a projection that did not converge."""

    exit_code = 3


class NothingLeft(NumericalError, UsageError):
    """Every walker or network was lost, so that there is nothing to measure."""


class InputFileError(LangevinError, OSError):
    """A file that was given to be read is missing, damaged or not ours."""

    exit_code = 4


class OutputError(LangevinError, OSError):
    """A result could not be written where it was asked for."""

    exit_code = 5


@contextmanager
def foreign(what: str) -> Iterator[None]:
    """Run code of a reader's own inside the block; `what` it is begins the sentence if it fails.

    Raises:
        UsageError: it fails; the sentence ends with the first line of what it raised.
    """
    try:
        yield
    except LangevinError:
        raise
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        raise UsageError(f"{what} fails: {type(error).__name__}: {first}") from error
