"""`python -m langevin` and the command `langevin`: a process for one command, which ends with it."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import NoReturn

from langevin.cli import main

#: Objects made between two looks for garbage. What libraries make while they load lives on, and looking through it
#: after every few hundred, as Python does, is a tenth of the time of a small command.
BETWEEN_LOOKS = 50_000


def command() -> NoReturn:
    """Run `main`, flush what it printed, and end the process at once.

    An ordinary end takes Numba and LLVM apart piece by piece, a sixth of the time of a small command, and JAX may
    crash in it. Every file is closed by then. What is no exit but a fault of langevin's own ends with its traceback.
    """
    gc.set_threshold(BETWEEN_LOOKS)
    try:
        main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    for stream in (sys.stdout, sys.stderr):
        with suppress(BrokenPipeError, ValueError):  # the reader has gone, or the stream is closed
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    command()
