"""Write docs/questions.md: `python -m docs.questions_page`."""

from __future__ import annotations

from pathlib import Path

from langevin import registry
from langevin.experiment.choice import questions

PAGE = Path(__file__).with_name("questions.md")
HEAD = """# Questions and theories

A question says what a run is for: how long to walk, what to measure. Of the questions that apply to a landscape and a
law of motion, the first of this table is asked; `--question NAME` asks another one. `langevin compare FILE` asks a
recorded run the question that it was made for. A theory belongs to one question, and stands in one file of
`langevin/theories/`; yours can stand in a folder that you name by `--plugins`.

"""


def text() -> str:
    """The page, from the records of questions, theories and laws of motion."""
    files = {one.name: file for file, one in registry.entries("questions").items()}
    parts = [HEAD + "| question | measures | theories |\n|---|---|---|"]
    for question in sorted(questions().values(), key=lambda one: one.rank):
        theories = {n: t for n, t in registry.entries("theories").items() if t.question == question.name}
        names = ", ".join(f"`{name}`" for name in theories)
        parts.append(f"| {question.name} (`{files[question.name]}`) | {question.summary} | {names} |")
    parts += ["\n| theory | says |\n|---|---|"]
    parts += [
        f"| `{name}` | {_cell(theory.summary)} |" for name, theory in registry.entries("theories").items()
    ]
    parts += ["\n| law of motion | is |\n|---|---|"]
    parts += [f"| `{name}` | {law.summary} |" for name, law in registry.entries("dynamics").items()]
    return "\n".join(parts) + "\n"


def _cell(words: str) -> str:
    """Words that a column of a table can hold."""
    return words.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(text())
