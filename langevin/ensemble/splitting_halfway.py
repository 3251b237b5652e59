"""Convert a splitting after a whole round to plain arrays and back, so that it can continue to the same bits.

Stored arrays are read only if their shapes are those of the splitting that continues. Their numbers must be possible
for a splitting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble.splitting_rounds import Ascent, histories_of, rows_above
from langevin.ensemble.splitting_task import Task
from langevin.types import FloatArray

#: Largest number of steps, walks and rounds: up to it, a double holds all whole numbers.
MOST = 2**53
#: Every finite number of a splitting is below this; otherwise its record could not be read again.
LARGEST = 1e300
FLOAT, WHOLE = np.dtype(np.float64), np.dtype(np.int64)


@dataclass(frozen=True)
class Halfway:
    """The limit of the origin, the result of roaming (see `Exits` and `Roamers`), and the ascent of the paths."""

    threshold: float
    flux: FloatArray
    drift: float
    walked: int
    failed: int
    ascent: Ascent


def pack(now: Halfway) -> dict[str, NDArray[Any]]:
    """Arrays by name; of the paths only the rows that still count: above the level, in replicas that are not done."""
    ascent = now.ascent
    rows, lengths = rows_above(ascent.histories, least_heights(ascent))
    return {
        "numbers": np.array([now.threshold, now.drift]),
        "counts": np.array([now.walked, now.failed, ascent.label, ascent.walked, ascent.failed], np.int64),
        "flux": now.flux,
        "summits": ascent.summits,
        "lengths": lengths,
        "rows": rows,
        "log_weight": ascent.log_weight,
        "iterations": ascent.iterations,
        "level": ascent.level,
        "probability": ascent.probability,
    }


def unpack(task: Task, arrays: Mapping[str, Any]) -> Halfway:
    """The state that `pack` converted.

    Args:
        task: the task of the splitting that continues.
        arrays: the result of `pack`, in memory or in a file.

    Raises:
        ValueError, KeyError: an array is missing, or has another shape or numbers that no splitting has.
    """
    replicas, walkers, landscape = task.effort.replicas, task.effort.walkers, task.problem.landscape
    each, width = (replicas,), 1 + landscape.dim + task.integrator.memory_rows(landscape)
    threshold, drift = _read(arrays["numbers"], (2,), FLOAT).tolist()
    roamed, lost, label, walked, failed = _read(arrays["counts"], (5,), WHOLE).tolist()
    lengths = _read(arrays["lengths"], (replicas * walkers,), WHOLE)
    _demand((lengths >= 0).all() and (lengths <= MOST).all())
    rows = _read(arrays["rows"], (sum(lengths.tolist()), width), FLOAT)
    ascent = Ascent(
        summits=_read(arrays["summits"], (replicas, walkers), FLOAT),
        histories=histories_of(rows, lengths),
        log_weight=_read(arrays["log_weight"], each, FLOAT),
        iterations=_read(arrays["iterations"], each, WHOLE),
        level=_read(arrays["level"], each, FLOAT),
        probability=_read(arrays["probability"], each, FLOAT),
        label=label,
        walked=walked,
        failed=failed,
    )
    flux = _read(arrays["flux"], each, FLOAT)
    _demand((np.abs([threshold, drift]) < LARGEST).all() and ((flux > 0.0) & (flux < LARGEST)).all())
    _demand(all(0 <= count <= MOST for count in (roamed, lost, label, walked, failed)))
    _check_ascent(ascent)
    return Halfway(threshold, flux, drift, roamed, lost, ascent)


def _check_ascent(ascent: Ascent) -> None:
    """Raise ValueError unless the numbers are possible: heights of a path rise from above the level to its summit.

    Only finite summits are checked: a path that has reached the target has an infinite height.
    """
    going, rows = ascent.going, ascent.histories.rows
    done = ascent.probability[~going]
    _demand(((done >= 0.0) & (done <= 1.0)).all())
    _demand((np.isfinite(ascent.log_weight) & (ascent.log_weight <= 0.0)).all())
    _demand(((ascent.iterations >= 0) & (ascent.iterations <= ascent.label)).all())
    _demand((ascent.summits > -np.inf).all() and not np.isnan(ascent.level).any())
    _demand((rows[:, 0] > -np.inf).all() and np.isfinite(rows[:, 1:]).all())
    begin, end = ascent.histories.begin, ascent.histories.end
    least, on_the_way = least_heights(ascent), np.repeat(going, ascent.summits.shape[1])
    _demand(((end > begin) == on_the_way).all())
    first, last = rows[begin[on_the_way], 0], rows[end[on_the_way] - 1, 0]
    _demand((first > least[on_the_way]).all() and (last == ascent.summits.ravel()[on_the_way]).all())
    inner = np.ones(rows.shape[0], bool)
    inner[begin[on_the_way]] = False
    _demand((rows[1:, 0] > rows[:-1, 0])[inner[1:]].all())


def least_heights(ascent: Ascent) -> FloatArray:
    """Height (all paths,) above which the rows of a path are still needed."""
    return np.repeat(np.where(ascent.going, ascent.level, np.inf), ascent.summits.shape[1])


def _demand(holds: Any) -> None:
    if not holds:
        raise ValueError("numbers that no splitting has")


def _read(array: Any, shape: tuple[int, ...], kind: np.dtype[Any]) -> NDArray[Any]:
    """The numbers of an array in memory or in a file, read only if it has this shape and type; else a ValueError."""
    if array.shape != shape or array.dtype != kind:
        raise ValueError(f"{array.dtype} {array.shape} instead of {kind} {shape}")
    return np.array(array)
