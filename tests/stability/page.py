"""The page of the verdicts under other seeds, from the outcomes of its runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from langevin.experiment.claims import UNDECIDED
from langevin.words import counted as counted_as
from tests.stability.outcomes import Outcome

PAGE = Path("results/stability.md")
#: Sims whose full run trains networks for more than an hour of processor time: one full run is kept. Their quick runs
#: draw half of these networks.
ONCE = ("grokking_times",)
#: Sims whose networks learn the same data at every seed, and sims in which all networks of a seed learn one data set.
SAME_DATA = ("digits_grokking", "lazy_kernel", "minibatch", "modular_paths", "ungrokking")
ONE_DATA_SET = (
    "digits_grokking", "minibatch", "modular_paths", "parity_label_noise", "parity_weight_decay", "ungrokking",
)  # fmt: skip
TEXT = """# Verdicts under other seeds

`python -m tests.stability` runs every sim with other seeds; with `--write` it writes this page. Up to {full} full
runs and {quick} runs with `--quick` are kept of a sim. Of {claims} claims {decided} are decided in full at every seed
that was run, and {quickly} with `--quick` at half of the seeds or more. {flips}
{spread}

Of {once} one full run is kept, because it trains networks for more than an hour of processor
time; its quick runs draw half of these networks.

A seed draws other initial weights, noise and walkers. It also draws other data, except in
{same_data}. All networks of a seed learn one data set in
{one_data_set}:
n counts networks there, and the error says nothing on other data.

A claim flips if two of its runs are decided, and not alike. `undecided` is no flip: that run has too few numbers.
{short_of_data}

| sim | claim | full runs | quick runs |
| --- | --- | --- | --- |
{rows}

## Cost

CPU seconds of one run, mean over the seeds where they were measured.{hours}

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
        """Whether two of its runs have different decided words."""
        return len({*self.full, *self.quick} - {UNDECIDED}) > 1

    @property
    def needs_data(self) -> bool:
        """Whether a full run is undecided although another run, in full or quick, is decided."""
        return UNDECIDED in self.full and {*self.full, *self.quick} != {UNDECIDED}


def rows_of(outcomes: Sequence[Outcome]) -> list[Row]:
    """One row for each claim, by sim, in the order of the outcomes."""
    words: dict[tuple[str, str], dict[bool, list[str]]] = {}
    for outcome in sorted(outcomes, key=lambda one: one.run.sim):
        for claim, word in outcome.words.items():
            kept = words.setdefault((outcome.run.sim, claim), {True: [], False: []})
            kept[outcome.run.quick].append(word)
    return [Row(*key, tuple(kept[False]), tuple(kept[True])) for key, kept in words.items()]


def page(outcomes: Sequence[Outcome]) -> str:
    """The text of the page."""
    rows = rows_of(outcomes)
    flips = [f"{row.sim}, {row.claim!r}" for row in rows if row.flips]
    full = max(len(row.full) for row in rows)
    sims = dict.fromkeys(row.sim for row in rows)
    costs = [mean_cost(outcomes, sim, False) for sim in sims]
    measured = [cost for cost in costs if cost is not None]
    return TEXT.format(
        full=full,
        quick=max(len(row.quick) for row in rows),
        claims=len(rows),
        decided=sum(UNDECIDED not in row.full for row in rows if row.full),
        quickly=sum(2 * row.quick.count(UNDECIDED) <= len(row.quick) for row in rows if row.quick),
        flips=f"{len(flips)} flip: " + "; ".join(flips) + "." if flips else "None flips.",
        short_of_data=short_of_data(rows),
        spread=spread_of([len(row.full) for row in rows]),
        same_data=listed(SAME_DATA),
        one_data_set=listed(ONE_DATA_SET),
        once=listed(ONCE),
        rows="\n".join(
            f"| {row.sim} | {row.claim.replace('|', chr(92) + '|')} | {counted(row.full)} | {counted(row.quick)} |"
            for row in rows
        ),
        hours=hours(full, measured, len(costs)),
        costs="\n".join(
            f"| {sim} | {shown(cost)} | {shown(mean_cost(outcomes, sim, True))} |"
            for sim, cost in zip(sims, costs, strict=True)
        ),
    )


def listed(sims: Sequence[str]) -> str:
    """Names of sims as code, with commas.

    Args:
        sims: their names.
    """
    return ", ".join(f"`{sim}`" for sim in sims)


def spread_of(runs: Sequence[int]) -> str:
    """A sentence on how many claims have how many full runs.

    Args:
        runs: number of full runs of each claim.
    """
    parts = [f"{number} of {counted_as(claims, 'claim')}" for number, claims in sorted(Counter(runs).items())]
    return f"Numbers of full runs: {', '.join(parts)}."


def short_of_data(rows: Sequence[Row]) -> str:
    """A sentence on the claims that some runs decide, and at least one full run does not."""
    found = [
        f"{row.sim}, {row.claim!r} (full: {counted(row.full)}; quick: {counted(row.quick)})"
        for row in rows
        if row.needs_data
    ]
    if not found:
        return "No full run is undecided on a claim that another run decides."
    claims = counted_as(len(found), "claim")
    return f"Full runs have too few numbers for {claims} that other runs decide: {', '.join(found)}."


def hours(seeds: int, measured: Sequence[float], sims: int) -> str:
    """A sentence on the CPU hours of all full runs; empty if none was measured."""
    if not measured:
        return ""
    left = (
        f", not counting {counted_as(sims - len(measured), 'sim')} without a measurement"
        if len(measured) < sims
        else ""
    )
    return f" All full runs of {seeds} seeds need {seeds * sum(measured) / 3600:.1f} CPU hours{left}."


def counted(words: Sequence[str]) -> str:
    """The count of each word; `-` without a run."""
    return ", ".join(f"{count} {word}" for word, count in Counter(words).most_common()) or "-"


def mean_cost(outcomes: Sequence[Outcome], sim: str, quick: bool) -> float | None:
    """Mean CPU seconds of the runs of a sim; None if none was measured."""
    runs = [one for one in outcomes if one.run.sim == sim and one.run.quick is quick]
    costs = [one.cpu_seconds for one in runs if one.cpu_seconds is not None]
    return sum(costs) / len(costs) if costs else None


def shown(seconds: float | None) -> str:
    """Whole seconds, or `-`."""
    return "-" if seconds is None else f"{seconds:.0f}"
