"""One sentence on a run that has not finished."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any, TypeGuard

from langevin.words import counted

if TYPE_CHECKING:
    from langevin.types import Trajectory

#: The array of a state without which no run is extended.
STATE_TEXT = "identity"
#: Why a file of before cannot be extended.
NO_STATE = "it holds no state, as files of before"
#: Most letters that are repeated of a reason in a file.
MOST_LETTERS = 400


def is_finished(trajectory: Trajectory) -> bool:
    """Whether a run has come to its end: a file of its final name, or one of a script's own, says so."""
    return trajectory.meta.get("complete", True) is not False and not trajectory.meta.get("unfinished", False)


def unfinished_line(trajectory: Trajectory) -> str | None:
    """How far a run has come, in one sentence; None of a finished one."""
    if is_finished(trajectory):
        return None
    if "so_far" in trajectory.meta:
        return f"unfinished, so far {_rates(trajectory.meta['so_far'])}"
    end = trajectory.meta.get("end_time")
    of = f" of {end:g}" if isinstance(end, Real) else ""
    time = f"{trajectory.times[-1]:.4g}" if len(trajectory.times) else "0"
    return f"unfinished, so far t = {time}{of}{_ensembles(trajectory)}"


def finished_line(trajectory: Trajectory) -> str:
    """That a run has finished, and whether it can be extended, where its file says so."""
    why = why_not_extended(trajectory)
    if not why:
        return "finished run, can be extended"
    return "finished run" if why == NO_STATE else f"finished run, cannot be extended, for {why}"


def why_not_extended(trajectory: Trajectory) -> str:
    """Why a finished run cannot be extended; empty if it can. A file may be anyone's."""
    if STATE_TEXT in trajectory.state:
        return ""
    said = trajectory.meta.get("not_extendable")
    if isinstance(said, str) and said.isprintable():
        return said[:MOST_LETTERS]
    return NO_STATE


def _ensembles(trajectory: Trajectory) -> str:
    """Which ensembles have ended of those asked for, where a run joins several."""
    import numpy as np

    from langevin.types import Status

    asked = trajectory.meta.get("samples_asked")
    if "samples" not in trajectory.events or not _are_counts(asked):
        return ""
    labels, walking = np.asarray(trajectory.events["samples"]), trajectory.events["status"] == Status.FINISHED
    done = np.setdiff1d(labels, labels[walking]).tolist()
    return f", samples {', '.join(map(str, done))} of {', '.join(map(str, asked))}"


def _rates(said: Any) -> str:
    """How many temperatures are finished, and how far the next one is; a file may be anyone's."""
    known = said if isinstance(said, dict) else {}
    if not _are_counts([known.get("temperatures"), known.get("of")]):
        return "0 temperatures"
    line = f"{known['temperatures']} of {known['of']} temperatures"
    theta, share = known.get("temperature"), known.get("probability")
    if not (_are_counts([known.get("round")]) and isinstance(theta, Real) and isinstance(share, Real)):
        return line
    return f"{line}, and of theta = {theta:g} {counted(known['round'], 'round')}, down to a probability of {share:.2g}"


def _are_counts(values: Any) -> TypeGuard[list[int]]:
    """Whether it is a list of whole numbers: a file may be anyone's."""
    return isinstance(values, list) and all(isinstance(value, int) for value in values)
