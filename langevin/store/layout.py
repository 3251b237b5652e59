"""Common properties of all arrays on disk: names, types, chunks, filters."""

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
#: Times and steps of the frames, in addition to the index of each dimension. Files of version 1 have them only in
#: `trajectory`.
FRAMES = ("time", "step")
COLUMNS = (
    *("theory", "point", "measured", "error", "n", "estimator", "mixed", "note"),
    *("predicted", "remainder", "in_range", "z", "ratio", "verdict"),
)
#: The group of the arrays from which a run is continued; the entry of /meta that names the JSON entries.
STATE, STRUCTURED = "state", "structured"
#: The group of the weights of networks that were kept during training.
WEIGHTS = "weights"
#: Prefix of the names of the dimensions of that group, which have a length but no numbers.
AXIS = "axis_of_"
#: The netCDF text for such a dimension, before its length.
BARE_DIMENSION = "This is a netCDF dimension but not a netCDF variable"
#: Columns that older files do not have: the measured quantity, if a question measures several; the smallest detectable
#: difference; and the distribution of the measured number.
LATER = ("quantity", "detectable", "law", "step_error")
#: The columns that contain text; all others contain numbers.
TEXTS = {"theory", "estimator", "note", "verdict", "quantity", "law"}
CHUNK_BYTES = 2**19
#: Largest size that is read at once when a file is opened: 128 MiB. Other data stay in the file until they are used.
MAX_BYTES = 2**27
#: A file above `MAX_BYTES` may declare at most this many times its size: numbers of a run are compressed less.
MOST_PACKED = 32
#: Largest number of bytes of text in /meta, of bytes of other texts, and of comparisons in /theory.
MOST_META, MOST_TEXT, MOST_ROWS = 2**22, 2**24, 10_000


def chunk_shape(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """The shape of the array, with its longest side halved until a chunk has at most half a MiB.

    Args:
        shape: of the array.
        itemsize: bytes of an item.
    """
    chunk = list(shape)
    while math.prod(chunk) * itemsize > CHUNK_BYTES:
        longest = chunk.index(max(chunk))
        chunk[longest] = -(-chunk[longest] // 2)
    return tuple(chunk)


def storage(shape: tuple[int, ...], dtype: np.dtype[Any]) -> dict[str, Any]:
    """Storage options of h5py for an array: chunks with checksums; none for an empty array.

    Whole numbers and texts are shuffled and gzipped. For the numbers of a walk, gzip would save an eighth of the size
    and take fifteen times as long as the disk.

    Args:
        shape: of the array.
        dtype: of its items.
    """
    if 0 in shape:
        return {}
    packed = {} if dtype.kind == "f" else {"shuffle": True, "compression": "gzip", "compression_opts": 1}
    return {"chunks": chunk_shape(shape, dtype.itemsize), "fletcher32": True, **packed}


def misfit(trajectory: Trajectory) -> str | None:
    """A text that names the first array without the shape or type of `Trajectory`; None if all are right."""
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
        values = array if hasattr(array, "dtype") else np.asarray(array)  # nothing is read from a file
        if values.shape != wanted:
            return f"{name} has the shape {values.shape} instead of {wanted}"
        if values.dtype.kind not in allowed:
            return f"{name} holds {values.dtype}, which does not suit it"
    return _misplaced(trajectory) or _untold(trajectory)


def _misplaced(trajectory: Trajectory) -> str | None:
    """What is wrong with the times and steps of the frames; None if nothing is."""
    if (np.diff(trajectory.steps) <= 0).any():
        return "the steps do not rise"
    return "times are no numbers" if np.isnan(trajectory.times).any() else None


def _untold(trajectory: Trajectory) -> str | None:
    """The entry of `tallies` that does not name counts of the walkers; None if there is none."""
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
