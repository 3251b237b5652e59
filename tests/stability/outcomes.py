"""The outcome of a run of a sim: the word of each verdict. Outcomes are kept, so that a stop costs one run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from langevin.experiment.sims import RECORD, RESULTS, SEED, program_hash

#: One outcome in each line.
KEPT = RESULTS / "stability.jsonl"


@dataclass(frozen=True)
class Run:
    """The identity of a run: a sim, its form, the seed, and the hash of the sim's file."""

    sim: str
    quick: bool
    seed: int
    source: str


@dataclass(frozen=True)
class Outcome:
    """The word of the verdict by its claim, and CPU seconds, None if they were not measured."""

    run: Run
    words: Mapping[str, str]
    cpu_seconds: float | None


def run_of(root: Path, sim: str, quick: bool, seed: int) -> Run:
    """A run of a sim with its present file."""
    return Run(sim, quick, seed, program_hash(root / "sims" / f"{sim}.py"))


def outcome_of(run: Run, record: Mapping[str, Any], cpu_seconds: float | None) -> Outcome:
    """The outcome in the record of an answer."""
    words = {found["claim"]: found["word"] for found in record["findings"]}
    return Outcome(run, words, cpu_seconds)


def known(root: Path) -> dict[Run, Outcome]:
    """Outcomes that need no run: kept outcomes, and the outcomes of kept answers."""
    lines = (root / KEPT).read_text().splitlines() if (root / KEPT).exists() else []
    records = [json.loads(line) for line in lines]
    kept = [Outcome(Run(**one["run"]), one["words"], one["cpu_seconds"]) for one in records]
    return {outcome.run: outcome for outcome in [*answers(root), *kept]}


def answers(root: Path) -> list[Outcome]:
    """Outcomes of the full runs that the repository keeps."""
    records = [json.loads(path.read_text()) for path in sorted((root / RESULTS).glob(f"*/{RECORD}"))]
    runs = [Run(one["sim"], False, one["seed"], one["source"]) for one in records if one["seed"] == SEED]
    return [outcome_of(run, one, None) for run, one in zip(runs, records, strict=True)]


def keep(root: Path, outcome: Outcome) -> None:
    """Add an outcome to the file."""
    with (root / KEPT).open("a") as file:
        file.write(json.dumps(asdict(outcome)) + "\n")


def tidy(root: Path, outcomes: Sequence[Outcome]) -> None:
    """Keep only these outcomes in the file, in order; kept answers are in other files, old sims are removed."""
    ordered = sorted(outcomes, key=lambda one: (one.run.sim, one.run.quick, one.run.seed))
    lines = [json.dumps(asdict(one)) + "\n" for one in ordered if one.cpu_seconds is not None]
    (root / KEPT).write_text("".join(lines))
