"""Write the scores on docs/delays.md: `python -m docs.delays_page`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from langevin.comparison import format_table
from langevin.scorecard.named import named_theories
from langevin.scorecard.report import (
    TASK_LEGEND,
    Scorecard,
    scorecard,
    summary_text,
    task_text,
    theories_text,
)
from langevin.scorecard.table import read_runs

PAGE = Path(__file__).with_name("delays.md")
TABLE = PAGE.parent.parent / "results/grokking_times/table.csv"
#: The text between these comments is computed.
BEGIN, END = "<!-- scores -->", "<!-- end of scores -->"
NUMBER = re.compile(r"-?\d+\.?\d*(?:e-?\d+)?")


@cache
def kept(others: bool = False, baseline: str | None = None) -> Scorecard:
    """The scores of the kept table, by the settings of `scorecard`."""
    return scorecard(read_runs(TABLE), *named_theories(), others=others, baseline=baseline)


def text(card: Scorecard) -> str:
    """The computed part of the page."""
    theories, whether = named_theories()
    formulas = [[name, one.formula, one.source] for name, one in (theories | whether).items()]
    parts = [
        f"```text\n{format_table(['theory', 'formula', 'source'], formulas)}\n```",
        f"```text\n{summary_text(card)}\n```",
        "The same next to the slow clock alone, `langevin score --baseline slow-clock`:",
        f"```text\n{theories_text(kept(baseline='slow-clock'))}\n```",
        "With the constants fitted on the other tasks alone, next to a multiple of the time to memorise,\n"
        "`langevin score --leave-out --baseline constant-ratio`:",
        f"```text\n{theories_text(kept(others=True, baseline='constant-ratio'))}\n```",
    ]
    parts += ["The columns of the tables of one task:", f"```text\n{TASK_LEGEND}\n```"]
    parts += [f"### {task}\n\n```text\n{task_text(card, task)}\n```" for task in card.tasks]
    return "\n\n".join(parts)


def shown(page: str) -> str:
    """The computed part as a page has it."""
    return page[page.index(BEGIN) + len(BEGIN) : page.index(END)].strip()


def words_and_numbers(shown_text: str) -> tuple[list[str], list[float]]:
    """What a text says without its numbers and rules, and its numbers."""
    words = re.sub(r"[-\s]+", " ", NUMBER.sub(" ", shown_text)).split()
    return words, [float(number) for number in NUMBER.findall(shown_text)]


if __name__ == "__main__":
    page = PAGE.read_text()
    before, after = page[: page.index(BEGIN) + len(BEGIN)], page[page.index(END) :]
    PAGE.write_text(f"{before}\n\n{text(kept())}\n\n{after}")
