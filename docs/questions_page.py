"""Write docs/questions.md: `python -m docs.questions_page`."""

from __future__ import annotations

from pathlib import Path

from langevin import registry
from langevin.experiment.answering import questions

PAGE = Path(__file__).with_name("questions.md")
HEAD = """# Questions and theories

A question decides what a run measures, and how long it lasts. The landscape and the law of motion decide which
questions apply. The first of them in this table is asked; `--question NAME` asks another one, with a name in code
font. `langevin compare FILE` asks a recorded run the question for which it was made. A theory belongs to one question:
it predicts the numbers that this question measures. Each theory is one file in `langevin/theories/`, or in a folder of
your own that you name by `--plugins` ([plugins.md](plugins.md)). The [glossary](glossary.md) explains the terms. In
program output *law* can mean a stationary distribution.

"""


def text() -> str:
    """The page, from the records of questions, theories and laws of motion."""
    files = {one.name: file for file, one in registry.entries("questions").items()}
    parts = [HEAD + "| question (name) | what is measured | theories |\n|---|---|---|"]
    for question in sorted(questions().values(), key=lambda one: one.rank):
        theories = {n: t for n, t in registry.entries("theories").items() if t.question == question.name}
        names = ", ".join(f"`{name}`" for name in theories)
        parts.append(f"| {question.name} (`{files[question.name]}`) | {question.summary} | {names} |")
    parts += ["\n| theory | what it predicts |\n|---|---|"]
    parts += [
        f"| `{name}` | {_cell(theory.summary)} |" for name, theory in registry.entries("theories").items()
    ]
    parts += ["\n| law of motion | description |\n|---|---|"]
    parts += [f"| `{name}` | {law.summary} |" for name, law in registry.entries("dynamics").items()]
    return "\n".join(parts) + "\n"


def _cell(words: str) -> str:
    """Words that a column of a table can hold."""
    return words.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(text())
