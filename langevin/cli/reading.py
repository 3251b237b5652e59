"""Open a run file for a command, show the progress of its run, and report a file with inconsistent content."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from langevin.errors import InputFileError, LangevinError
from langevin.words import counted

if TYPE_CHECKING:
    from langevin.types import Comparison, Trajectory

NUMBER = (int, float)
#: Kinds of entries that measures rely on and theories do not check (`langevin.experiment.recorded_question`).
KINDS: dict[str, Any] = {
    "kind": str, "swept": list, "arrival": (str, type(None)), "arrival_loss": NUMBER, "end_time": NUMBER,
    "right": (str, type(None)), "clock": str, "complete": bool,
}  # fmt: skip
#: Largest number of settings of a sweep, and of ensembles of a run.
MOST_GROUPS = 1000
#: Largest number of frames, of walkers, and largest product of both, of a run that is measured without --any-size.
MOST_FRAMES, MOST_WALKERS, MOST_NUMBERS = 2**20, 2**22, 2**25
#: Events whose values are measured separately.
GROUPED = ("samples", "setting")

#: An array of the state that an extension needs.
STATE_TEXT = "identity"
#: Why a file of an older version cannot be extended.
NO_STATE = "it holds no state, as files of before"
#: Largest number of shown letters of a reason in a file.
MOST_LETTERS = 400


def opened(file: Path, any_size: bool) -> tuple[Trajectory, list[Comparison]]:
    """The run of a file, and the comparisons stored with it; numbers that unpack to many times its size if `any_size`.

    Args:
        file: the file.
        any_size: whether a run of any size is accepted.

    Raises:
        InputFileError: as `langevin.store.load`, or the status of a walker is unknown.
    """
    import numpy as np

    from langevin.store.files import load_compared
    from langevin.types import Status

    trajectory, theory = load_compared(file)
    if not any_size:
        check_packed(file, trajectory, "add --any-size if you know where it is from")
    wrong = unfit(trajectory)
    if not np.isin(np.asarray(trajectory.events["status"]), list(Status)).all():
        wrong = f"a status is none of {min(Status)} to {max(Status)}"
    if wrong:
        raise InputFileError(
            f"{file} is no run file of langevin's, for {wrong}: restore it from a copy or run again"
        )
    return trajectory, theory


def check_packed(file: Path, trajectory: Trajectory, remedy: str) -> None:
    """Refuse numbers that unpack to far more bytes than the file has: all of them are read, which takes time.

    Args:
        file: the file.
        trajectory: its run.
        remedy: advice in the error.
    """
    from langevin.store.atomic import partial_folder
    from langevin.store.layout import MAX_BYTES, MOST_PACKED

    files = [file] if file.is_file() else list(partial_folder(file).glob("*.h5"))
    room = sum(one.stat().st_size for one in files)
    unpacked = sum(array.nbytes for array in (trajectory.states, *trajectory.observables.values()))
    if unpacked > max(2 * MAX_BYTES, MOST_PACKED * room):
        raise InputFileError(
            f"{file} unpacks to {unpacked / 2**20:.0f} MiB, more than {MOST_PACKED} times its size",
            "256 MiB, or numbers that take more room",
            remedy,
        )


def unfit(trajectory: Trajectory) -> str | None:
    """Name an entry of the meta whose kind the measures do not support, if there is one. Entries may be absent."""
    import numpy as np

    from langevin.sgld.plan import LISTED

    meta = trajectory.meta
    for name, kinds in KINDS.items():
        if name in meta and not isinstance(meta[name], kinds):
            return f"the entry {name} of its meta is a {type(meta[name]).__name__}"
    swept = meta.get("swept")
    if not swept:
        return None
    if not all(isinstance(name, str) and name in trajectory.events for name in swept):
        return "it does not hold the numbers of its sweep"
    settings = trajectory.events.get("setting", np.zeros(1))
    if settings.dtype.kind not in "iu" or not 0 <= np.min(settings) <= np.max(settings) < MOST_GROUPS:
        return f"its networks are not those of at most {MOST_GROUPS} settings"
    if any(isinstance(meta.get(name), list) and len(meta[name]) <= np.max(settings) for name in LISTED):
        return "it does not contain the law of every setting"
    return None


@contextmanager
def readable(file: Path) -> Iterator[None]:
    """Turn any error about the content of a file into one sentence; errors of user-defined code stay as they are.

    Raises:
        InputFileError: an error of another class than langevin's errors occurred.
    """
    from langevin.arguments.own_failure import own_failure

    try:
        yield
    except (LangevinError, MemoryError):
        raise
    except Exception as error:
        if own_failure(error) is not None:
            raise
        first = (str(error).splitlines() or [""])[0][:100]
        raise InputFileError(
            f"the entries of {file} contradict one another ({type(error).__name__}: {first}): restore it from a "
            "copy, or run again"
        ) from error


def check_counts(file: Path, trajectory: Trajectory) -> None:
    """Refuse a run whose measures need much memory.

    Args:
        file: the file.
        trajectory: its run.

    Raises:
        InputFileError: it has too many frames, walkers, both multiplied, or groups of walkers.
    """
    import numpy as np

    walkers, frames, _ = trajectory.states.shape
    found = f"{counted(walkers, 'walker')} x {counted(frames, 'frame')}"
    large = frames > MOST_FRAMES or walkers > MOST_WALKERS or walkers * frames > MOST_NUMBERS
    for name in (name for name in GROUPED if name in trajectory.events and not large):
        groups = len(np.unique(np.asarray(trajectory.events[name])))
        large, found = groups > MOST_GROUPS, f"{counted(groups, 'value')} of {name}"
    if large:
        raise InputFileError(
            f"{file} has {found}, of which the measures may need more than 1 GiB of memory or 10 s: add --any-size if "
            "you know where it is from"
        )


def is_finished(trajectory: Trajectory) -> bool:
    """Whether a run has ended: it is in a file of its final name, or in the file of a script."""
    return trajectory.meta.get("complete", True) is not False and not trajectory.meta.get("unfinished", False)


def unfinished_line(trajectory: Trajectory) -> str | None:
    """The progress of a run, in one sentence; None for a finished run."""
    if is_finished(trajectory):
        return None
    if "so_far" in trajectory.meta:
        return f"unfinished, so far {_rates(trajectory.meta['so_far'])}"
    end = trajectory.meta.get("end_time")
    of = f" of {end:g}" if isinstance(end, Real) else ""
    time = f"{trajectory.times[-1]:.4g}" if len(trajectory.times) else "0"
    return f"unfinished, so far t = {time}{of}{_ensembles(trajectory)}"


def finished_line(trajectory: Trajectory) -> str:
    """A line: the run has finished, and whether it can be extended, if its file contains this."""
    why = why_not_extended(trajectory)
    if not why:
        return "finished run, can be extended"
    return "finished run" if why == NO_STATE else f"finished run, cannot be extended, for {why}"


def why_not_extended(trajectory: Trajectory) -> str:
    """Why a finished run cannot be extended; empty if it can. A file may have any content."""
    if STATE_TEXT in trajectory.state:
        return ""
    found = trajectory.meta.get("not_extendable")
    if isinstance(found, str) and found.isprintable():
        return found[:MOST_LETTERS]
    return NO_STATE


def _ensembles(trajectory: Trajectory) -> str:
    """Which of the requested ensembles have ended, if a run joins several."""
    import numpy as np

    from langevin.types import Status

    requested = trajectory.meta.get("samples_asked")
    if "samples" not in trajectory.events or not _are_counts(requested):
        return ""
    labels, walking = np.asarray(trajectory.events["samples"]), trajectory.events["status"] == Status.FINISHED
    done = np.setdiff1d(labels, labels[walking]).tolist()
    return f", samples {', '.join(map(str, done))} of {', '.join(map(str, requested))}"


def _rates(found: Any) -> str:
    """The number of finished temperatures, and the progress of the next one. A file may have any content."""
    known = found if isinstance(found, dict) else {}
    if not _are_counts([known.get("temperatures"), known.get("of")]):
        return "0 temperatures"
    line = f"{known['temperatures']} of {known['of']} temperatures"
    theta, share = known.get("temperature"), known.get("probability")
    if not (_are_counts([known.get("round")]) and isinstance(theta, Real) and isinstance(share, Real)):
        return line
    return f"{line}, and of theta = {theta:g} {counted(known['round'], 'round')}, down to a probability of {share:.2g}"


def _are_counts(values: Any) -> TypeGuard[list[int]]:
    """Whether it is a list of whole numbers. A file may have any content."""
    return isinstance(values, list) and all(isinstance(value, int) for value in values)
