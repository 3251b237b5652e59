"""The page: the number of killed mutants of every package, and the list of survivors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.mutants.drawing import PACKAGES, package_of
from tests.mutants.equivalents import EQUIVALENT
from tests.mutants.order import BUDGET

PAGE = Path("results/reliability/mutants.md")
TEXT = """# Mistakes that the tests see

`python -m tests.mutants --write` writes this page: of {total} small changes of the code, one at a time, the tests of
the day see {killed}; {equal} change nothing that could be seen. Score {score:.1%}. Seed {seed}, {seconds:.0f} seconds
of one processor.

{rows}

The score is the share of killed mutants among those that are not equivalent. A mutant survives when all tests pass
that are known to run the changed function, or when {budget} are spent on them. Mutants are drawn from
all places of a package by a hash of the change, and every package has as many as it has a share of all places. Tests
were written for survivors of this draw, so another seed finds more of them.

## Survivors

{survivors}

## Equivalent

{equivalents}
"""
ROW = "| {} | {} | {} | {} | {} | {} |"


def score(records: list[dict[str, Any]]) -> float:
    """Fraction of killed mutants among those that are not equivalent; 1 if there are none."""
    real = [record for record in records if record["failed"] or record["identity"] not in EQUIVALENT]
    return sum(record["failed"] for record in real) / len(real) if real else 1.0


def table(records: list[dict[str, Any]], seed: int) -> str:
    """The page as text."""
    survived = [record for record in records if not record["failed"]]
    equal = [record for record in survived if record["identity"] in EQUIVALENT]
    rows = [
        ROW.format("package", "mutants", "killed", "equivalent", "survived", "score"),
        ROW.format(*["---"] * 6),
    ]
    for name in PACKAGES:
        own = [record for record in records if package_of(record["path"]) == name]
        if own:
            killed = sum(record["failed"] for record in own)
            same = sum(record in equal for record in own)
            rows.append(
                ROW.format(name, len(own), killed, same, len(own) - killed - same, f"{score(own):.0%}")
            )
    return TEXT.format(
        total=len(records),
        killed=sum(record["failed"] for record in records),
        equal=len(equal),
        score=score(records),
        seed=seed,
        seconds=sum(record["seconds"] for record in records),
        budget=f"{BUDGET:g} processor seconds",
        rows="\n".join(rows),
        survivors=_named([record for record in survived if record not in equal]),
        equivalents=_named(equal),
    )


def _named(records: list[dict[str, Any]]) -> str:
    lines = []
    for record in sorted(records, key=lambda record: (record["path"], record["line"])):
        before, after = (" ".join(record[name].split()) for name in ("before", "after"))
        why = EQUIVALENT.get(record["identity"])
        note = f": {why}" if why else "" if record["ran"] else " (no test runs it)"
        lines.append(
            f"- {record['identity']} {record['path']}:{record['line']} `{before}` to `{after}`{note}"
        )
    return "\n".join(lines) or "None."
