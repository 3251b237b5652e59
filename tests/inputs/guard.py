"""Allowed results of a bad input: a refusal in three fields, or acceptance; never a failure, a hang or a new file."""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

import click
from hypothesis import HealthCheck, settings

import langevin
from langevin.cli.refused import refusal_of
from langevin.errors import NumericalError

#: Seconds of processor time after which an input counts as one that hangs.
PATIENCE = 5
#: The folder of the tested code.
HOMES = tuple(str(Path(package.__file__).parent) for package in (langevin, click))


#: The same inputs in every run; no other limit of time than `PATIENCE`.
CAREFUL = settings(
    derandomize=True, database=None, deadline=None, print_blob=False, suppress_health_check=list(HealthCheck)
)


class Taken(BaseException):
    """A run has passed its checks."""


class Hangs(BaseException):
    """An input takes longer than `PATIENCE`."""


def taken(*arguments, **named):
    """Replaces the work after the checks."""
    raise Taken


@contextmanager
def patience(seconds=PATIENCE):
    def ring(number, frame):
        raise Hangs

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def fault(call, refusal=refusal_of):
    """The fault of the end of a call; None if it has none.

    Args:
        call: a function that tries one input.
        refusal: a function that gives the refusal in an exception; None if the user would get a traceback.
    """
    before = set(os.listdir())
    try:
        with patience():
            call()
    except (Taken, SystemExit):
        said = None
    except Hangs:
        said = f"takes more than {PATIENCE} s of processor time"
    except Exception as error:
        said = _unsaid(error, refusal(_without_tests(error)))
    else:
        said = None
    left = set(os.listdir()) - before
    return said or (f"leaves {sorted(left)}" if left else None)


def _without_tests(error):
    """The error with a traceback without the frames of the tests, which would count as user-defined code."""
    place = error.__traceback__
    while place is not None and not place.tb_frame.f_code.co_filename.startswith(HOMES):
        place = place.tb_next
    return error.with_traceback(place)


def _unsaid(error, refusal):
    if refusal is None:
        return f"fails with {type(error).__name__}: {error}"
    wanted = ("what", "remedy") if isinstance(refusal, NumericalError) else ("what", "allowed", "remedy")
    missing = [name for name in wanted if not getattr(refusal, name).strip()]
    if missing:
        return f"does not say {', '.join(missing)}: {refusal}"
    return f"says more than a sentence: {refusal}" if "\n" in str(refusal) else None
