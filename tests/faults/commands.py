"""The commands that write, in sizes of half a second, and functions that read, compare and continue their results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from langevin.errors import InputFileError
from langevin.experiment.sims import FILES
from langevin.store import check_data, load

#: Seeds of the run, and of the older result, or of the second writer.
SEED, OTHER = 1, 2


@dataclass(frozen=True)
class Command:
    """A command by name: its words for a seed, the name that it writes, and the files before it.

    `old`: a result of the other seed is there, which the words replace. `resumes`: an unfinished run is there.
    `shares`: two commands at once share the work. `short` are the words of the finished run of this seed that the
    command extends. `halfway` tests the folder of an unfinished run: whether it has reached the middle. `digest` gives
    the digest of the relevant numbers of a result, None if there is no result.
    """

    name: str
    words: Callable[[int], list[str]]
    product: str
    digest: Callable[[Path], str | None]
    old: bool = False
    resumes: bool = False
    threads: bool = True
    shares: bool = False
    short: Callable[[int], list[str]] | None = None
    halfway: Callable[[Path], bool] = lambda partial: (partial / "00001.h5").exists()

    @property
    def extends(self) -> bool:
        """Whether it extends a finished run."""
        return self.short is not None


def run_digest(path: Path) -> str | None:
    """Digest of all numbers of a run file."""
    if not path.exists():
        return None
    run = load(path)
    check_data(run)
    arrays = {"states": run.states, "times": run.times, "steps": run.steps, **run.observables, **run.events}
    parts = [name.encode() + np.asarray(arrays[name]).tobytes() for name in sorted(arrays)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def answer_digest(path: Path) -> str | None:
    """Digest of the answer of a sim, without the time that it took."""
    if not path.exists():
        return None
    contents = {name: (path / name).read_bytes() for name in FILES}
    record = json.loads(contents["run.json"])
    del record["wall_seconds"]
    parts = [contents["figure.png"], contents["table.csv"], json.dumps(record).encode()]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def folder_digest(path: Path) -> str | None:
    """Digest of the points of a sweep; None if points are missing."""
    files = sorted(path.glob("*.h5"))
    digests = [f"{file.name} {run_digest(file)}" for file in files]
    return hashlib.sha256("".join(digests).encode()).hexdigest() if len(files) == len(POINTS) else None


def begins(path: Path, whole: Path) -> str:
    """Why the unfinished run at a path is not the beginning of a whole one; empty if it is, or if none exists."""
    folder = path.with_name(f"{path.name}.partial")
    if path.exists() or not (list(folder.glob("[0-9]*.h5")) or list(folder.glob("walk-*/now.h5"))):
        return ""
    try:
        part, run = load(path), load(whole)
    except InputFileError as error:
        return f"the unfinished run cannot be read: {error}"
    if run.meta.get("kind") == "rate":
        ends = [(np.asarray(values), np.asarray(run.events[name])) for name, values in part.events.items()]
        alike = all(np.array_equal(values, whole[: len(values)]) for values, whole in ends)
        return "" if alike else "the unfinished rates are not the beginning of the undisturbed ones"
    common, here, there = np.intersect1d(part.steps, run.steps, return_indices=True)
    alike = np.array_equal(np.asarray(part.states)[:, here], np.asarray(run.states)[:, there])
    return "" if common.size and alike else "the unfinished run is not the beginning of the undisturbed one"


def has_rates(partial: Path) -> bool:
    """Whether the rates of a temperature are in the folder of an unfinished run."""
    segment = partial / "00000.h5"
    return segment.exists() and len(load(partial).events["flux"]) > 0


def has_walk(partial: Path) -> bool:
    """Whether a walk is in the folder of an unfinished run."""
    return any(partial.glob("walk-*/now.h5"))


def _simulate(seed: int) -> list[str]:
    return ["simulate", "--potential", "quadratic", "-p", "dim=2", "--temperature", "0.5", "--walkers", "64", "--dt",
            "1e-3", "--horizon", "20", "--frames", "20", "--threads", "2", "--seed", str(seed), "-o", "out/run.h5",
            "-q"]  # fmt: skip


def _shorter(seed: int) -> list[str]:
    """Half of the time, with frames at the same distance."""
    words = _simulate(seed)
    for option in ("--horizon", "--frames"):
        words[words.index(option) + 1] = "10"
    return words


def _longer(seed: int) -> list[str]:
    """The seed is that of the file."""
    words = _go_on(seed)
    return [*words[: words.index("--resume")], "--extend", "out/run.h5"]


POINTS = ("0.4", "0.5", "0.6")


def _sweep(seed: int) -> list[str]:
    return ["simulate", "--potential", "quadratic", "-p", "dim=2", "--temperature", ",".join(POINTS), "--walkers", "64",
            "--dt", "1e-3", "--horizon", "8", "--frames", "8", "--threads", "2", "--jobs", "1", "--seed", str(seed),
            "-o", "out/wells", "-q", "--retry-failed"]  # fmt: skip


TRAINING = ("train", "models.parity", "-p", "n=6", "-p", "width=8", "-p", "samples=32", "--steps", "60", "--chains",
            "2", "-q")  # fmt: skip


RATES = ("rate", "--potential", "double-well", "--temperature", "0.2,0.15", "--walkers", "40", "--replicas", "10",
         "--threads", "2", "-q")  # fmt: skip


def _rate(seed: int) -> list[str]:
    return [*RATES, "--seed", str(seed), "--out", "out/rate.h5"]


def _rate_on(seed: int) -> list[str]:
    """The seed is that of the state."""
    return [*RATES, "--resume", "out/rate.h5"]


def _train(seed: int) -> list[str]:
    return [*TRAINING, "--seed", str(seed), "--out", "out/train.h5"]


def _resume(seed: int) -> list[str]:
    """The seed is that of the state."""
    return [*TRAINING, "--resume", "out/train.h5"]


def _go_on(seed: int) -> list[str]:
    """The seed is that of the state."""
    words = _simulate(seed)
    place = words.index("--seed")
    return [*words[:place], *words[place + 2 :], "--resume", "out/run.h5"]


def _run(seed: int) -> list[str]:
    return ["run", "tests.faults.tiny_sim", "--seed", str(seed), "--out", "out/answer"]


def forced(words: Callable[[int], list[str]]) -> Callable[[int], list[str]]:
    """The words with --force."""
    return lambda seed: [*words(seed), "--force"]


COMMANDS = (
    Command("simulate", _simulate, "run.h5", run_digest, halfway=has_walk),
    Command("simulate --force", forced(_simulate), "run.h5", run_digest, old=True),
    Command("simulate --resume", _go_on, "run.h5", run_digest, resumes=True, halfway=has_walk),
    Command(
        "simulate --extend", _longer, "run.h5", run_digest, short=_shorter, halfway=has_walk,
    ),
    Command("rate", _rate, "rate.h5", run_digest, halfway=has_rates),
    Command("rate --resume", _rate_on, "rate.h5", run_digest, resumes=True, halfway=has_rates),
    Command("train", _train, "train.h5", run_digest, threads=False),
    Command(
        "train --resume", _resume, "train.h5", run_digest, resumes=True, threads=False,
    ),
    Command("simulate a,b,c", _sweep, "wells", folder_digest, shares=True),
    Command("run", _run, "answer", answer_digest),
    Command("run --force", forced(_run), "answer", answer_digest, old=True),
)  # fmt: skip


def anew(command: Command) -> list[str]:
    """The words that begin again and replace all existing files."""
    words = {
        "run.h5": forced(_simulate),
        "rate.h5": forced(_rate),
        "train.h5": forced(_train),
        "answer": forced(_run),
        "wells": _sweep,
    }
    return words[command.product](SEED)


def again(command: Command, folder: Path) -> list[str]:
    """The words of a user after the fault: the same words again, or --resume for a run with a state."""
    product = folder / "out" / command.product
    if command.extends and product.exists():
        return command.words(SEED)
    resume = {"run.h5": _go_on, "train.h5": _resume, "rate.h5": _rate_on}.get(command.product)
    kept = product.with_name(f"{command.product}.partial")
    begun = (kept / "state.h5").exists() or has_walk(kept)
    if resume is not None and begun and not product.exists():
        return resume(SEED)
    return anew(command)
