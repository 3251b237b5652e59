"""What every array on disk has in common: names, types, chunks, filters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from langevin.types import Trajectory

SCHEMA_VERSION = 2
GROUPS = {
    "trajectory": ("chain", "draw", "dim"),
    "observables": ("chain", "draw"),
    "events": ("chain",),
    "theory": ("comparison",),
}
#: Beside the index of each dimension: where the frames lie in time. Files of version 1 have them in `trajectory` only.
FRAMES = ("time", "step")
COLUMNS = (
    *("theory", "point", "measured", "error", "n", "estimator", "mixed", "note"),
    *("predicted", "remainder", "in_range", "z", "ratio", "verdict"),
)
#: The group of the arrays from which a run goes on; the entry of /meta that names those which are JSON.
STATE, STRUCTURED = "state", "structured"
#: The group of the weights of networks that were kept on the way.
WEIGHTS = "weights"
#: Begins the names of the dimensions of that group, which have a length and no numbers.
AXIS = "axis_of_"
#: What netCDF calls such a dimension, before its length.
BARE_DIMENSION = "This is a netCDF dimension but not a netCDF variable"
#: Columns that files of before do not have: what was measured, where a question measures several quantities, the
#: smallest difference that was detectable, and the law of the measured number.
LATER = ("quantity", "detectable", "law")
#: The columns that hold text; all others hold numbers.
TEXTS = {"theory", "estimator", "note", "verdict", "quantity", "law"}
CHUNK_BYTES = 2**19
#: Most that is read of a file at once, when it is opened: 128 MiB. More stays in the file until it is used.
MAX_BYTES = 2**27
#: A file that declares more than `MAX_BYTES` declares at most so many times its own size: numbers of a run shrink less.
MOST_PACKED = 32
#: Most bytes of text in /meta, bytes of all other texts, and comparisons in /theory.
MOST_META, MOST_TEXT, MOST_ROWS = 2**22, 2**24, 10_000


def chunk_shape(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """The whole array, its longest side halved until a chunk holds at most half a MiB."""
    chunk = list(shape)
    while math.prod(chunk) * itemsize > CHUNK_BYTES:
        longest = chunk.index(max(chunk))
        chunk[longest] = -(-chunk[longest] // 2)
    return tuple(chunk)


def storage(shape: tuple[int, ...], dtype: np.dtype[Any]) -> dict[str, Any]:
    """How h5py is to store an array: chunked, with checksums (an empty one plainly).

    Whole numbers and texts are shuffled and gzipped. Gzip saves an eighth of the numbers of a walk, and takes fifteen
    times as long as the disk.
    """
    if 0 in shape:
        return {}
    packed = {} if dtype.kind == "f" else {"shuffle": True, "compression": "gzip", "compression_opts": 1}
    return {"chunks": chunk_shape(shape, dtype.itemsize), "fletcher32": True, **packed}


def misfit(trajectory: Trajectory) -> str | None:
    """Say which array does not have the shape or type that `Trajectory` promises, if one does not."""
    shape = np.shape(trajectory.states)
    if len(shape) != 3:
        return f"states has {len(shape)} axes instead of (chain, draw, dim)"
    if "status" not in trajectory.events:
        return "the events lack `status`"
    chains, draws, _ = shape
    expected: list[tuple[str, Any, tuple[int, ...], str]] = [
        ("states", trajectory.states, shape, "f"),
        ("times", trajectory.times, (draws,), "f"),
        ("steps", trajectory.steps, (draws,), "i"),
    ]
    expected += [(name, array, (chains, draws), "biuf") for name, array in trajectory.observables.items()]
    kinds = {"status": "iu", "step": "iu", "time": "iuf", "target": "biu"}
    expected += [
        (name, array, (chains,), kinds.get(name, "biufU")) for name, array in trajectory.events.items()
    ]
    for name, array, wanted, allowed in expected:
        values = array if hasattr(array, "dtype") else np.asarray(array)  # of one in a file nothing is read
        if values.shape != wanted:
            return f"{name} has the shape {values.shape} instead of {wanted}"
        if values.dtype.kind not in allowed:
            return f"{name} holds {values.dtype}, which does not suit it"
    return _misplaced(trajectory) or _untold(trajectory)


def _misplaced(trajectory: Trajectory) -> str | None:
    """Say what is wrong with the frames' places in time, if something is."""
    if (np.diff(trajectory.steps) <= 0).any():
        return "the steps do not rise"
    return "times are no numbers" if np.isnan(trajectory.times).any() else None


def _untold(trajectory: Trajectory) -> str | None:
    """Say what of `tallies` names no counts of the walkers, if something does."""
    tallies = trajectory.meta.get("tallies", ())
    if not isinstance(tallies, list | tuple):
        return "`tallies` in its meta is no list of names"
    for name in tallies:
        if not isinstance(name, str) or name not in trajectory.events:
            return f"`tallies` in its meta names {str(name)[:40]!r}, which is no event"
        counts = trajectory.events[name]
        if (counts if hasattr(counts, "dtype") else np.asarray(counts)).dtype.kind not in "iu":
            return f"`tallies` in its meta names {name[:40]!r}, which holds no counts"
    return None
