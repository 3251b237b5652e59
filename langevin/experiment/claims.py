"""A source's claim and its test by a simulation: the records that a sim returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from langevin.comparison import comparison_record
from langevin.experiment.statements import Statement
from langevin.types import Comparison

#: Chance that a true theory is excluded by accident, in one family of comparisons of a sim: a gallery has tens of sims.
LEVEL = 0.01


class Word(StrEnum):
    """The verdict of the numbers on a claim.

    `holds where` names a condition under which it holds. `holds only if`: the sim varied the condition, and the
    claim fails if the condition does not hold. A condition on a number then states the measured boundary. Other
    conditions have no values in between. `undecided`: the numbers are too few, and support neither side.
    """

    HOLDS = "holds"
    WHERE = "holds where"
    ONLY_IF = "holds only if"
    FAILS = "fails"
    UNDECIDED = "undecided"


HOLDS, WHERE, ONLY_IF, FAILS, UNDECIDED = Word


@dataclass(frozen=True)
class Verdict:
    """The word, the condition of `holds where` and `holds only if`, and the statements that decided it."""

    word: Word
    condition: str = ""
    statements: tuple[Statement, ...] = ()

    def __str__(self) -> str:
        """The word with its condition."""
        return f"{self.word} {self.condition}".strip()


@dataclass(frozen=True)
class Claim:
    """A sentence of a source in its own terms, and its place."""

    words: str
    source: str


@dataclass(frozen=True)
class Finding:
    """A verdict on a claim, and the number that decides it."""

    claim: Claim
    verdict: Verdict
    number: str


@dataclass(frozen=True)
class Answer:
    """The result of a sim: findings, the table that supports them, how to draw it, and the arguments of the run.

    `header` and `rows` become table.csv; `comparisons` are the measured and the predicted numbers, with
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


@dataclass(frozen=True)
class Narrowed:
    """A claim under a condition: the condition in words, and the statement that it holds there.

    `beyond` is the statement that it fails if the condition does not hold. Only with it the verdict may be `holds only
    if`, so it is given if the sim varies the condition, and if the words of the condition state its measured boundary
    with an error, or the condition has no values in between (isotropic noise, or label noise).
    """

    condition: str
    statement: Statement
    beyond: Statement | None = None


def verdict_of(claim: Statement, narrowed: Narrowed | None = None) -> Verdict:
    """The verdict of statements about numbers, each at the level of `statements.LEVEL`.

    The claim holds if its statement is established. If its statement is refuted, the claim under the condition decides.
    If that claim is established, the claim holds only if (or where) the condition holds. If it is refuted, or if there
    is none, the claim fails. In all other cases the verdict is undecided.

    Args:
        claim: the statement of the claim.
        narrowed: the claim under a condition; None if there is none.
    """
    if claim.established:
        return Verdict(HOLDS, statements=(claim,))
    if not claim.refuted:
        return Verdict(UNDECIDED, statements=(claim,))
    if narrowed is None:
        return Verdict(FAILS, statements=(claim,))
    beyond = () if narrowed.beyond is None else (narrowed.beyond,)
    statements = (claim, narrowed.statement, *beyond)
    if narrowed.statement.refuted:
        return Verdict(FAILS, statements=statements)
    if not narrowed.statement.established:
        return Verdict(UNDECIDED, statements=statements)
    necessary = narrowed.beyond is not None and narrowed.beyond.established
    return Verdict(ONLY_IF if necessary else WHERE, narrowed.condition, statements)


def answer_record(answer: Answer) -> dict[str, Any]:
    """The answer as plain values that JSON can hold, without its figure."""
    return {
        "question": answer.question,
        "findings": [
            {
                "claim": finding.claim.words,
                "source": finding.claim.source,
                "verdict": str(finding.verdict),
                "word": str(finding.verdict.word),
                "statements": [
                    {"words": one.words, "support": one.support, "against": one.against}
                    for one in finding.verdict.statements
                ],
                "number": finding.number,
            }
            for finding in answer.findings
        ],
        "settings": dict(answer.settings),
        "comparisons": [comparison_record(row) for row in answer.comparisons],
    }


def answer_text(answer: Answer) -> str:
    """The answer as a text: its text, then a paragraph for each finding."""
    parts = [answer.text] if answer.text else []
    for finding in answer.findings:
        parts.append(
            f"Claim: {finding.claim.words}\n       ({finding.claim.source})\n"
            f"Measured: {finding.number}\nVerdict: {finding.verdict}"
        )
    return "\n\n".join([answer.question, *parts])
