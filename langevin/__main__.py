"""`python -m langevin` and the command `langevin`: a process for one command, which ends with it."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

from langevin import stopping

#: Threshold of the garbage collector, in objects. Libraries make many objects while they load, and none of them is
#: garbage. Python's own threshold of some hundred costs a tenth of the time of a small command.
BETWEEN_LOOKS = 50_000


def command() -> NoReturn:
    """Run `main`, flush what it printed, and end the process at once.

    An ordinary end takes Numba and LLVM apart piece by piece, a sixth of the time of a small command, and JAX may
    crash in it. Every file is closed by then. What is no exit but a fault of langevin's own ends with its traceback.
    """
    try:
        with stopping.listening():  # before the first import that takes long
            _run()
    except (KeyboardInterrupt, SystemExit) as end:  # a signal that arrives while it begins to listen
        os._exit(flushed(code_of(end)))


def _run() -> NoReturn:
    gc.set_threshold(BETWEEN_LOOKS)
    try:
        from langevin.cli import main

        main()
    except (KeyboardInterrupt, SystemExit) as end:
        # inside this block the frames of a stopped command stay in memory: freeing unfinished objects of LLVM may crash
        os._exit(flushed(code_of(end)))
    os._exit(flushed(0))


def code_of(end: KeyboardInterrupt | SystemExit) -> int:
    """Exit code of a command that ended with this; the reason is printed if `main` has not printed it."""
    if isinstance(end, KeyboardInterrupt | stopping.Terminated):
        return stopping.print_stopped()
    return end.code if isinstance(end.code, int) else 0 if end.code is None else 1


def flushed(code: int) -> int:
    """The exit code after the output is written; that of an output error if it cannot be written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (BrokenPipeError, ValueError):  # the reader has gone, or the stream is closed
            continue
        except OSError as error:
            from langevin.errors import OutputError

            code = code or OutputError.exit_code
            with suppress(OSError, ValueError):
                print(f"Error: what was printed could not be written: {error.strerror}", file=sys.stderr)
    return code


if __name__ == "__main__":
    command()
