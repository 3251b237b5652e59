"""A training that may be interrupted: what was asked for, and its state beside its segments in PATH.partial."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langevin.errors import InputFileError

if TYPE_CHECKING:
    from langevin.types import Trajectory

STATE = "state.npz"


@dataclass(frozen=True)
class Job:
    """What a training was asked for: module, preset, dials as text, and settings by name (`langevin.sgld.plan`)."""

    model: str
    preset: str | None
    pairs: tuple[str, ...]
    settings: dict[str, Any]
    force: bool


def keeper(path: Path, job: Job) -> Callable[[Trajectory, dict[str, Any]], None]:
    """A function that keeps a run: its state first, then a segment of the frames that no segment has yet.

    Killed in between, the run resumes from a state that is ahead of the segments, which the next one mends.
    """
    from langevin.store import append_segment
    from langevin.store.atomic import output_errors, partial_folder, replace_file

    folder = partial_folder(path)
    segments, draws = _kept(path)

    def keep(trajectory: Trajectory, state: dict[str, Any]) -> None:
        nonlocal segments, draws
        with output_errors(folder):
            folder.mkdir(exist_ok=True)
        replace_file(folder / STATE, _as_bytes({**state, "job": json.dumps(asdict(job))}))
        fresh = _from_draw(trajectory, draws)
        if fresh.steps.size:
            append_segment(path, segments, fresh)
            segments, draws = segments + 1, len(trajectory.steps)

    return keep


def reopen(path: Path) -> tuple[Path, Job, dict[str, Any]]:
    """The file that an unfinished run is to become, what was asked for, and its state.

    Raises:
        InputFileError: no unfinished run there, or a damaged one.
    """
    import numpy as np

    from langevin.store.atomic import partial_folder

    path = path.with_suffix("") if path.suffix == ".partial" else path
    file = partial_folder(path) / STATE
    if not file.is_file():
        raise InputFileError(f"{path} has no unfinished training to resume: {file} is not there")
    try:
        with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
            state = {name: arrays[name] for name in arrays.files}
        found = json.loads(str(state.pop("job")))
        job = Job(**{**found, "pairs": tuple(found["pairs"])})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputFileError(f"{file} is damaged: begin the run again, with --force") from error
    return path, job, state


def _kept(path: Path) -> tuple[int, int]:
    """Number of segments of an unfinished run, and of the frames in them."""
    from langevin.store.atomic import partial_folder
    from langevin.store.segments import read_segments

    folder = partial_folder(path)
    segments = len(list(folder.glob("[0-9]*.h5")))
    return segments, len(read_segments(folder).steps) if segments else 0


def _from_draw(trajectory: Trajectory, first: int) -> Trajectory:
    """The frames from number `first` on."""
    return replace(
        trajectory,
        times=trajectory.times[first:],
        steps=trajectory.steps[first:],
        states=trajectory.states[:, first:],
        observables={name: values[:, first:] for name, values in trajectory.observables.items()},
    )


def _as_bytes(arrays: dict[str, Any]) -> bytes:
    import numpy as np

    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()
