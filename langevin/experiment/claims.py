"""A source's claim and what a simulation says of it: the records that a sim returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langevin.comparison import comparison_record
from langevin.types import Comparison

HOLDS, FAILS, ONLY_IF = "holds", "fails", "holds only if"
#: Chance that a true theory is excluded by accident, in one family of comparisons of a sim: a gallery has tens of them.
LEVEL = 0.01


@dataclass(frozen=True)
class Claim:
    """A sentence of a source in its own terms, and the place where it stands."""

    words: str
    source: str


@dataclass(frozen=True)
class Finding:
    """A verdict on a claim: `holds`, `fails` or `holds only if ...`, and the number it was computed from."""

    claim: Claim
    verdict: str
    number: str


@dataclass(frozen=True)
class Answer:
    """What a sim leaves: findings, the table behind them, how to draw it, and what it was run with.

    `header` and `rows` become table.csv; `comparisons` are the measured numbers beside the theories', with
    their verdicts; `draw(path)` makes the figure; `text` is printed before the findings.
    """

    question: str
    findings: tuple[Finding, ...]
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    draw: Callable[[str], None]
    settings: Mapping[str, Any]
    comparisons: Sequence[Comparison] = ()
    text: str = ""


def judge(holds: bool, otherwise: bool = False, condition: str = "") -> str:
    """The verdict of numbers: it holds; or, where `otherwise` is true, only if `condition`; or it fails."""
    if holds:
        return HOLDS
    return f"{ONLY_IF} {condition}" if otherwise else FAILS


def answer_record(answer: Answer) -> dict[str, Any]:
    """The answer as plain values that JSON can hold, without its figure."""
    return {
        "question": answer.question,
        "findings": [
            {
                "claim": finding.claim.words,
                "source": finding.claim.source,
                "verdict": finding.verdict,
                "number": finding.number,
            }
            for finding in answer.findings
        ],
        "settings": dict(answer.settings),
        "comparisons": [comparison_record(row) for row in answer.comparisons],
    }


def answer_text(answer: Answer) -> str:
    """The answer for people: its own text, then a paragraph for each finding."""
    parts = [answer.text] if answer.text else []
    for finding in answer.findings:
        parts.append(
            f"Claim: {finding.claim.words}\n       ({finding.claim.source})\n"
            f"Measured: {finding.number}\nVerdict: {finding.verdict}"
        )
    return "\n\n".join([answer.question, *parts])
