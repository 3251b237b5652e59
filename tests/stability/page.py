"""The page of the verdicts under other seeds, from the records of the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langevin.experiment.claims import UNDECIDED

PAGE = Path("results/stability.md")
TEXT = """# Verdicts under other seeds

`python -m tests.stability --write` runs every sim with other seeds, {full} in full and {quick} with `--quick`, and
writes this page. Of {claims} claims {decided} are decided in full at every seed, and {quickly} with `--quick` at half
of the seeds or more. {flips}

A claim flips if two of its runs are decided, and not alike. `undecided` is no flip: that run has too few numbers.

| sim | claim | {full} full runs | {quick} quick runs |
| --- | --- | --- | --- |
{rows}

## Cost

Seconds of one run, mean over seeds, {processes} at once on this machine; all full runs together take {hours:.1f} hours.

| sim | full | quick |
| --- | --- | --- |
{costs}
"""


@dataclass(frozen=True)
class Row:
    """A claim of a sim, and the words of its verdicts: in full and quick, one for each seed."""

    sim: str
    claim: str
    full: tuple[str, ...]
    quick: tuple[str, ...]

    @property
    def flips(self) -> bool:
        """Whether two of its runs are decided, and not alike."""
        return len({*self.full, *self.quick} - {UNDECIDED}) > 1


def rows_of(records: Sequence[dict[str, Any]]) -> list[Row]:
    """One row a claim, in the order of the records."""
    words: dict[tuple[str, str], dict[bool, list[str]]] = {}
    for record in records:
        for found in record["findings"]:
            kept = words.setdefault((record["sim"], found["claim"]), {True: [], False: []})
            kept[record["quick"]].append(found["word"])
    return [Row(*key, tuple(kept[False]), tuple(kept[True])) for key, kept in words.items()]


def page(records: Sequence[dict[str, Any]], processes: int) -> str:
    """The text of the page."""
    rows = rows_of(records)
    flips = [row for row in rows if row.flips]
    return TEXT.format(
        full=max(len(row.full) for row in rows),
        quick=max(len(row.quick) for row in rows),
        claims=len(rows),
        decided=sum(UNDECIDED not in row.full for row in rows if row.full),
        quickly=sum(2 * row.quick.count(UNDECIDED) <= len(row.quick) for row in rows if row.quick),
        flips=f"{len(flips)} flip: " + "; ".join(f"{row.sim}, {row.claim!r}" for row in flips) + "."
        if flips
        else "None flips.",
        rows="\n".join(
            f"| {row.sim} | {row.claim.replace('|', chr(92) + '|')} | {counted(row.full)} | {counted(row.quick)} |"
            for row in rows
        ),
        processes=processes,
        hours=sum(record["wall_seconds"] for record in records if not record["quick"]) / processes / 3600,
        costs="\n".join(
            f"| {sim} | {mean_time(records, sim, False)} | {mean_time(records, sim, True)} |"
            for sim in dict.fromkeys(row.sim for row in rows)
        ),
    )


def counted(words: Sequence[str]) -> str:
    """How often each word came; `-` without a run."""
    return ", ".join(f"{count} {word}" for word, count in Counter(words).most_common()) or "-"


def mean_time(records: Sequence[dict[str, Any]], sim: str, quick: bool) -> str:
    """Mean seconds of the runs of a sim; `-` without a run."""
    times = [one["wall_seconds"] for one in records if one["sim"] == sim and one["quick"] is quick]
    return f"{sum(times) / len(times):.0f}" if times else "-"
