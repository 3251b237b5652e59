"""Where walkers start, as it is typed: a point, or states of a run file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from langevin.errors import InputFileError, UsageError, unfit
from langevin.types import FloatArray

#: Behind the name of a run file: its walkers' last states, as without a word.
LAST = "last"
FORMS = "takes x1,x2,... or FILE, FILE:last or FILE:walker"


def parse_start(text: str, seed: int) -> FloatArray:
    """A state (dim,) for all walkers, or states (walkers, dim), one for each.

    Args:
        text: `x1,x2,...`, a point; `FILE` or `FILE:last`, the last state of each walker of a run file; `FILE:walker`,
            the last state of the walker of this number.
        seed: of the run that is to start.

    Raises:
        UsageError: none of these, a walker that the run does not have, or the seed of the run whose states are taken.
        InputFileError: no run file, one of a network or of rates, or a walker that was lost.
    """
    try:
        point = np.array([float(part) for part in text.split(",")])
    except ValueError:
        return _states(text, seed)
    if not np.isfinite(point).all():
        raise unfit("--start", "takes finite numbers", f"{text!r}")
    return point


def _states(text: str, seed: int) -> FloatArray:
    from langevin.cli.reading import check_packed
    from langevin.store import load

    name, colon, which = text.rpartition(":")
    known = colon and name and (which == LAST or (which.isascii() and which.isdigit()))
    file, which = (Path(name), which) if known else (Path(text), LAST)
    if not text or "\0" in text:
        raise unfit("--start", FORMS, f"{text!r}")
    run = load(file)
    check_packed(file, run, "give a file that langevin wrote")
    count, frames, _ = run.states.shape
    if run.meta.get("kind") != "toy" or not frames:
        raise InputFileError(f"{file} holds no states of a landscape: --start takes those of a toy's run")
    if run.meta.get("seed") == seed:
        raise UsageError(
            f"the run of {file} has the seed {seed} too, so the noise that brought its walkers there would come again",
            "another seed",
            "give another --seed, or none",
        )
    if which != LAST and int(which) >= count:
        raise UsageError(f"{file} has no walker {which}", f"walkers 0 to {count - 1}", "name one of them")
    states: FloatArray = np.array(run.states[:, -1], np.float64)
    chosen = states if which == LAST else states[int(which)]
    if not np.isfinite(chosen).all():
        lost = int(np.flatnonzero(~np.isfinite(states).all(axis=1))[0]) if which == LAST else int(which)
        raise InputFileError(f"walker {lost} of {file} was lost: name one that was not, as --start {file}:0")
    return chosen
