"""Keep a run while it is made: pieces of its frames, and the state from which it continues to the same bits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.ensemble.identity import lasting
from langevin.ensemble.positions import all_somewhere, nowhere
from langevin.ensemble.record import (
    IDENTITY,
    ROUND_OFF,
    Frames,
    Plan,
    Progress,
    Sound,
    clock,
    frames_so_far,
    run_so_far,
    steps_of,
)
from langevin.errors import InputFileError
from langevin.provenance import DAMAGED
from langevin.types import FloatArray, Journal, Status, Trajectory, Watch
from langevin.types.arrays import BLOCK_BYTES

#: Arrays by name from which a run continues to the same bits.
State = Mapping[str, NDArray[Any]]
#: Size in bytes above which frames are written and removed from memory (32 MiB).
PIECE_BYTES = 2**25


def cut(journal: Journal, plan: Plan, now: Progress, watch: Watch) -> None:
    """Write all frames but the last as a piece, if they take more than `PIECE_BYTES`."""
    frames = now.frames
    if frames.count < 2 or sum(part.nbytes for part in frames.recorded) <= PIECE_BYTES:
        return
    *others, last = frames.recorded
    whole = replace(frames, recorded=[*others, last[:, :-1]])
    journal.cut(frames.pieces, frames_so_far(plan, now, watch, whole))
    now.frames = Frames([last[:, -1:].copy()], frames.before + whole.count, frames.pieces + 1)


def write(journal: Journal, plan: Plan, now: Progress, watch: Watch) -> None:
    """Write the frames that no piece has, the present states of the walkers, and the state of the run."""
    present = run_so_far(plan, now, watch, complete=False)
    journal.write(now.frames.pieces, replace(present, state=state_of(now)))


def state_of(now: Progress) -> State:
    """The progress of a run as arrays by name."""
    frames, sound = now.frames, now.sound
    state = {
        "at": np.array([now.step, frames.pieces, frames.before, frames.count]),
        "states": now.states,
        "memory": now.memory,
        "status": now.status,
        "stop_step": now.stop_step,
        "which": now.which,
    }
    if sound is None or _walk_on(now.states, now.status):
        return state
    # a walker is lost, and its step of loss has not been searched yet
    return state | {
        "sound at": np.array([sound.step]), "sound states": sound.states, "sound memory": sound.memory
    }  # fmt: skip


def end_state(plan: Plan, now: Progress, watch: Watch) -> State:
    """Arrays that an extension of a finished run needs in addition to its last frame, with one row for each walker.

    They hold three whole numbers and the memory of a step for each walker, which is at most the size of some frames.
    """
    return {
        IDENTITY: np.array([lasting(plan, watch)]),
        "memory": now.memory,
        "status": now.status,
        "stop_step": now.stop_step,
        "which": now.which,
    }


def _walk_on(states: FloatArray, status: NDArray[np.int64]) -> bool:
    """Whether all walkers that have not ended have finite coordinates (see `ensemble.positions`)."""
    return all_somewhere(states[status == Status.FINISHED])


def finished(plan: Plan, run: Trajectory) -> Trajectory:
    """The complete run that was kept, after a check that it is one of this plan.

    Raises:
        InputFileError: the run has other walkers or coordinates, or ended before the last step.
    """
    count, frames, dim = run.states.shape
    whole = frames > 0 and (plan.integrator.variable_step or run.steps[-1] == plan.last)
    if (count, dim) != (len(plan.begin.walkers), plan.problem.landscape.dim) or not whole:
        raise InputFileError(DAMAGED)
    return run


def progress_of(plan: Plan, kept: Trajectory) -> Progress:
    """The progress of a run that was kept before its end.

    Raises:
        InputFileError: an array is missing, or has a shape or numbers that no run of this plan has.
    """
    try:
        return _progress_of(plan, kept)
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise InputFileError(DAMAGED) from error


def _progress_of(plan: Plan, kept: Trajectory) -> Progress:
    count, dim, rows = len(plan.begin.walkers), plan.problem.landscape.dim, plan.memory_rows
    step, pieces, before, recorded = _read(kept.state, "at", (4,), np.int64).tolist()
    states = _read(kept.state, "states", (count, dim), np.float64)
    status, stop_step, which = (
        _read(kept.state, name, (count,), np.int64) for name in ("status", "stop_step", "which")
    )
    past = plan.begin.step // plan.every if plan.every else 0
    due = 1 + (step // plan.every - past if plan.every else 0)
    # in an extension, walkers with individual clocks may walk again from their start, while others have stopped
    latest = plan.last if plan.integrator.variable_step else step
    frames = kept.states[:, before : before + recorded]
    if not (
        plan.begin.step <= step <= plan.last
        and min(pieces, before, recorded - 1) >= 0
        and before + recorded == due
        and frames.shape == (count, recorded, dim)
        and np.isin(status, list(Status)).all()
        and (stop_step <= latest).all()
        and (which < max(len(plan.targets), 1)).all()
    ):
        raise ValueError("no state of this run")
    _check_frames(plan, kept, due, states)
    memory = _read(kept.state, "memory", (count, rows), np.float64)
    if np.isnan(memory[(status == Status.FINISHED) & ~nowhere(states)]).any():
        raise ValueError("no memory of a step")
    sound = None
    if not _walk_on(states, status):
        sound = Sound(
            int(_read(kept.state, "sound at", (1,), np.int64)[0]),
            _read(kept.state, "sound states", (count, dim), np.float64),
            _read(kept.state, "sound memory", (count, rows), np.float64),
        )
        if not (plan.begin.step <= sound.step <= step and _walk_on(sound.states, status)):
            raise ValueError("no state of this run")
    return Progress(
        step=step,
        states=states,
        status=status,
        stop_step=stop_step,
        which=which,
        memory=memory,
        frames=Frames([np.array(frames)], before, pieces),
        sound=sound,
    )


def _check_frames(plan: Plan, kept: Trajectory, count: int, states: FloatArray) -> None:
    """Read the kept frames once before the run continues, so that a damaged file is reported now and not at the end.

    Raises:
        ValueError: steps or times are not those of the plan, or a frame has a coordinate that is not finite although
            the walker has finite coordinates now.
        InputFileError: a file is damaged.
    """
    steps = steps_of(plan, range(count))
    late = ~np.isclose(kept.times[:count], clock(plan, steps), rtol=ROUND_OFF, atol=0.0)
    if late.any() or not np.array_equal(kept.steps[:count], steps):
        raise ValueError("no times of this run")
    here, at_once = ~nowhere(states), max(1, BLOCK_BYTES // max(states.nbytes, 1))
    for first in range(0, count, at_once):
        if nowhere(np.asarray(kept.states[:, first : min(first + at_once, count)]))[here].any():
            raise ValueError("no places of this run")


def _read(state: State, name: str, shape: tuple[int, ...], kind: Any) -> NDArray[Any]:
    """An array of the state, which is read after a check of its shape and type; a ValueError if the check fails."""
    array = state[name]
    if array.shape != shape or array.dtype != np.dtype(kind):
        raise ValueError(f"{name} is of another run")
    return np.array(array)
