"""Every error langevin raises on purpose, with the exit code the command line gives it.

A message is one sentence of three parts, each of which is a field: what was wrong, the allowed range, the remedy.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class LangevinError(Exception):
    """Base class of all errors that langevin raises on purpose.

    Args:
        what: what is wrong, with the value that was given.
        allowed: the range, the kind or the rule; empty if there is none, for example if a walk diverges.
        remedy: what can be done; left out if it is only to stay within `allowed`.
        sentence: the whole message, if it is not made of the three parts.
    """

    exit_code = 1
    #: The allowed values in a message without a list of them.
    usual = ""

    def __init__(self, what: str, allowed: str = "", remedy: str = "", *, sentence: str = "") -> None:
        """Make the sentence `what: allowed; remedy` of the parts that are given."""
        usual = ": ".join(filter(None, [what, "; ".join(filter(None, [allowed, remedy]))]))
        super().__init__((sentence or usual).replace("\n", " "))
        self.what = what
        self.allowed = allowed or self.usual
        self.remedy = remedy or (f"keep to this: {allowed}" if allowed else "")


class UsageError(LangevinError, ValueError):
    """A value, a name or a combination that the call does not allow."""

    exit_code = 2


class NumericalError(LangevinError, ArithmeticError):
    """The computation itself failed: divergence, a projection that did not converge."""

    exit_code = 3


class NothingLeft(NumericalError, UsageError):
    """Every walker or network was lost, so that there is nothing to measure."""


class WorkersLost(NumericalError):
    """The workers of an executor have died, or cannot be reached; the kept part of the run can be continued."""


class InputFileError(LangevinError, OSError):
    """A file that was given to be read is missing, damaged or not ours."""

    exit_code = 4
    usual = "a file that langevin wrote, whole and unchanged"


class OutputError(LangevinError, OSError):
    """A result could not be written to the requested place."""

    exit_code = 5
    usual = "a name that is free, in a folder that may be written"


class BeingWritten(OutputError):
    """Another run writes that name at this moment."""


def unfit(subject: str, rule: str, got: str, remedy: str = "") -> UsageError:
    """Refusal of a value: `dt`, `must be above 0` and `-1` read "dt must be above 0, got -1"; `got` may be empty.

    Args:
        subject: name of the value.
        rule: the condition, as a verb with its object: `must be above 0`.
        got: the given value; may be empty.
        remedy: what the user can do; may be empty.
    """
    value = f", got {got}" if got else ""
    sentence = "; ".join(filter(None, [f"{subject} {rule}{value}", remedy]))
    return UsageError(f"{subject}{value}", f"{subject} {rule}", remedy, sentence=sentence)


@contextmanager
def of_extra(extra: str) -> Iterator[None]:
    """Import libraries of an extra of this distribution inside the block.

    Raises:
        UsageError: one is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        raise UsageError(
            f"{missing.name} is not installed",
            f"it is in the extra `{extra}`",
            f"pip install 'langevin-manifold[{extra}]'",
        ) from missing


@contextmanager
def foreign(what: str) -> Iterator[None]:
    """Run user-defined code inside the block; if it fails, the message begins with `what`.

    Raises:
        UsageError: it fails; the sentence ends with the first line of what it raised.
    """
    try:
        yield
    except LangevinError:
        raise
    except (Exception, SystemExit) as error:
        if isinstance(error, SystemExit) and type(error) is not SystemExit:
            raise  # a signal has arrived
        first = str(error).strip().partition("\n")[0]
        sentence_text = f"{what} fails: {type(error).__name__}: {first}"
        raise UsageError(
            sentence_text, "it must run", "correct it, or give another", sentence=sentence_text
        ) from error
