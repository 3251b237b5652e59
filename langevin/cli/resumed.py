"""Go on with a toy run that was stopped: what its folder says of the command, and what it may not choose."""

from __future__ import annotations

from pathlib import Path

from langevin.cli.begun import readable, to_resume
from langevin.errors import InputFileError, UsageError

WORDS = ("langevin", "simulate", "...")


def target(path: Path) -> Path:
    """The file that a run is to become, by its own name or by that of its folder."""
    return path.with_suffix("") if path.suffix == ".partial" else path


def seed_to_resume(resume: Path, out: Path | None, named: bool, seed: int | None) -> int:
    """The seed of the run that goes on: the one that was typed, or that of its folder.

    Args:
        resume: file that the run is to become.
        out: the option --out.
        named: whether a landscape was named.
        seed: the option --seed.

    Raises:
        InputFileError: no unfinished run there, or a damaged one.
        UsageError: the command was not given again.
    """
    from langevin.store.atomic import partial_folder
    from langevin.store.walks import read_walk, walk_folders

    path = target(resume)
    walks = walk_folders(partial_folder(path))
    if not walks:
        raise InputFileError(
            f"{path} has no unfinished run to resume: {partial_folder(path)} holds none",
            "the name of a run that was stopped",
            "begin it again",
        )
    meta = read_walk(walks[0], lazily=True)[0].meta
    if not named:
        words = readable(meta.get("command")) or WORDS
        raise UsageError(
            "--resume has no landscape",
            "nothing in a file chooses what runs, so the run's command is given again",
            f"by the word of the file it is `{to_resume(words, path)}`",
        )
    if out is not None and out != path:
        raise UsageError(f"--resume goes on in {path}, not in {out}", "one file", "leave --out out")
    found = meta.get("seed") if seed is None else seed
    if type(found) is not int or not 0 <= found < 2**64:
        raise InputFileError(f"{walks[0]} is damaged: begin the run again, with --force")
    return found
