"""Every error langevin raises on purpose, with the exit code the command line gives it.

A message is one sentence: what was wrong, the allowed range, the remedy.
"""


class LangevinError(Exception):
    """Root of the tree; catching it catches everything langevin raises on purpose."""

    exit_code = 1


class UsageError(LangevinError, ValueError):
    """A value, a name or a combination that the call does not allow."""

    exit_code = 2


class NumericalError(LangevinError, ArithmeticError):
    """The computation itself failed: divergence, a projection that did not converge."""

    exit_code = 3


class InputFileError(LangevinError, OSError):
    """A file that was given to be read is missing, damaged or not ours."""

    exit_code = 4


class OutputError(LangevinError, OSError):
    """A result could not be written where it was asked for."""

    exit_code = 5
