"""A training that may be interrupted: its state and its segments in PATH.partial, and how it continues.

Nothing in a state chooses what runs. The user types model, dials and settings again, and the state is compared with
them. The state contains the first command as text.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langevin.cli.begun import continue_command, readable, refuse_finished, target
from langevin.errors import InputFileError, OutputError
from langevin.stopping import uninterrupted

if TYPE_CHECKING:
    from langevin.types import Trajectory

STATE = "state.h5"
#: Options whose names differ from their settings; in other options only dashes replace underscores.
NAMES = {
    "name": "law", "sweep": "set", "options": "option", "leaf_rates": "leaf-rate", "leaf_decays": "leaf-decay",
    "start": "from",
}  # fmt: skip


@dataclass(frozen=True)
class Job:
    """The request for a training: module, preset, dials as text, and settings by name (`langevin.sgld.plan`).

    `more` are words of the command that are no settings.
    """

    model: str
    preset: str | None
    pairs: tuple[str, ...]
    settings: dict[str, Any]
    force: bool
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unfinished:
    """An unfinished run: its final file, its seed, the words of its command, and its arrays, which are not read."""

    path: Path
    seed: int
    words: tuple[str, ...]
    state: Mapping[str, Any]


def words_of(job: Job) -> list[str]:
    """The words of the command for a job, without the file."""
    words = ["langevin", "train", job.model]
    for pair in job.pairs:
        words += ["-p", pair]
    if job.preset:
        words += ["--preset", job.preset]
    for name, value in job.settings.items():
        option = f"--{NAMES.get(name, name).replace('_', '-')}"
        if isinstance(value, list):
            words += [word for one in value for word in (option, str(one))]
        elif isinstance(value, dict):
            for key, numbers in value.items():
                several = numbers if isinstance(numbers, list) else [numbers]
                words += [option, f"{key}={','.join(map(_spelled, several))}"]
        else:
            words += [option] if value is True else [option, str(value)]
    return [*words, *job.more, *(["--force"] if job.force else [])]


def _spelled(value: object) -> str:
    """A value of a pair as it is typed."""
    return value if isinstance(value, str) else repr(value)


def keeper(path: Path, job: Job) -> Callable[[Trajectory, dict[str, Any]], None]:
    """A function that keeps a run: its state first, then a segment of the frames that no segment has yet.

    If the run is killed in between, its state is ahead of the segments. The next segment repairs this.

    Args:
        path: final file of the run.
        job: the request for the training.
    """
    from langevin.store import append_segment
    from langevin.store.atomic import output_errors, partial_folder
    from langevin.store.files import count_segments
    from langevin.store.journal import write_state_file

    folder = partial_folder(path)
    segments, draws = count_segments(folder)
    entries = {"seed": job.settings["seed"], "words": words_of(job)}

    def keep(trajectory: Trajectory, state: dict[str, Any]) -> None:
        nonlocal segments, draws
        arrays = {name: values for name, values in state.items() if name != "identity"}
        with (
            uninterrupted()
        ):  # after a signal between a segment and its count, the segment would be written twice
            with output_errors(folder):
                folder.mkdir(exist_ok=True)
            write_state_file(folder / STATE, arrays, {**entries, "identity": str(state["identity"])})
            fresh = _from_draw(trajectory, draws)
            if fresh.steps.size:
                append_segment(path, segments, fresh)
                segments, draws = segments + 1, len(trajectory.steps)

    return keep


def is_there(path: Path) -> bool:
    """Whether an unfinished training is to become this file."""
    from langevin.store.atomic import partial_folder

    return (partial_folder(path) / STATE).is_file()


def reopen(path: Path) -> Unfinished:
    """The unfinished run of a file. Its arrays are not read.

    Raises:
        InputFileError: no unfinished run there, or a damaged one.
    """
    import numpy as np

    from langevin.store.atomic import partial_folder
    from langevin.store.journal import open_state

    path = target(path)
    file = partial_folder(path) / STATE
    if not file.is_file():
        refuse_finished(path)
        older = file.with_suffix(".npz").is_file()
        why = "its state is of an older version" if older else f"{file} is not there"
        raise InputFileError(f"{path} has no unfinished training to resume: {why}; begin the run again")
    arrays, entries = open_state(file)
    if "kind" in entries:
        raise InputFileError(f"{file} is of another kind of run: continue it with the command that wrote it")
    seed, identity = entries.get("seed"), entries.get("identity")
    if type(seed) is not int or not 0 <= seed < 2**64 or not isinstance(identity, str):
        raise InputFileError(f"{file} is damaged: begin the run again, with --force")
    return Unfinished(path, seed, readable(entries.get("words")), {**arrays, "identity": np.array(identity)})


def check_free(path: Path, force: bool) -> None:
    """Make sure, before a run continues, that its file can be written at its end.

    Args:
        path: final file of the run.
        force: whether an existing file is replaced.

    Raises:
        OutputError: it exists and `force` is not given, or its folder does not let it.
    """
    from langevin.store.atomic import check_place

    check_place(path)
    if not force and os.path.lexists(path):
        raise OutputError(f"{path} exists already: move it away, or pass --force to replace it")


@contextmanager
def explains_first_command(found: Unfinished | None) -> Iterator[None]:
    """Add to a refusal to continue the command that began the run."""
    try:
        yield
    except InputFileError as error:
        if found is None or not found.words:
            raise
        raise InputFileError(
            f"{error}; according to the file, the run continues as `{continue_command(found.words, found.path)}`"
        ) from error


def _from_draw(trajectory: Trajectory, first: int) -> Trajectory:
    """The frames from number `first` on."""
    return replace(
        trajectory,
        times=trajectory.times[first:],
        steps=trajectory.steps[first:],
        states=trajectory.states[:, first:],
        observables={name: values[:, first:] for name, values in trajectory.observables.items()},
    )
