"""Text within the width of a terminal: a wide table wraps its last column or is stacked, lines break between words."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from itertools import takewhile

import click

#: The line under the header of a table (`langevin.comparison.format_table`): its dashes are the columns.
RULE = re.compile(r"-+(?:  -+)+")
#: Least width that texts are fitted to, and least width of a last column that is wrapped.
LEAST, LEAST_COLUMN = 20, 24
#: A blank at which no line is broken.
FIXED = "\u00a0"


def show(text: str) -> None:
    """Print a text. On a terminal it fits the width; elsewhere it is unchanged.

    Args:
        text: lines and tables.
    """
    click.echo(fitted(text, shutil.get_terminal_size().columns) if sys.stdout.isatty() else text)


def fitted(text: str, width: int) -> str:
    """The text with lines of at most the width, as far as its words allow.

    Args:
        text: lines and tables.
        width: number of columns.
    """
    lines, width = text.split("\n"), max(width, LEAST)
    found: list[str] = []
    while lines:
        count = _rows(lines)
        shown = _table(lines[:count], width) if count else _wrapped(lines[0], width, _indent(lines[0]) + 2)
        lines = lines[max(count, 1) :]
        apart = len(shown) > count > 0 and bool(lines) and lines[0] != ""
        found += [*shown, ""] if apart else shown
    return "\n".join(found)


def _rows(lines: list[str]) -> int:
    """Number of lines of the table that begins here, including header and rule; 0 if there is none."""
    if len(lines) < 2 or not RULE.fullmatch(lines[1]):
        return 0
    gaps = [gap.start() for gap in re.finditer("  ", lines[1])]

    def is_row(line: str) -> bool:
        return bool(line.strip()) and all(not line[gap : gap + 2].strip() for gap in gaps)

    return 2 + len([*takewhile(is_row, lines[2:])])


def _table(lines: list[str], width: int) -> list[str]:
    """The unchanged table if it fits; else the table with its last column wrapped, or a block of lines for each row."""
    if max(map(len, lines)) <= width:
        return lines
    places = [part.start() for part in re.finditer("-+", lines[1])]
    last = places[-1]
    if width - last >= LEAST_COLUMN:
        rule = lines[1][:width]
        return [
            part for line in lines for part in ([rule] if line is lines[1] else _wrapped(line, width, last))
        ]
    header, *rows = [
        [line[begin:end].strip() for begin, end in zip(places, [*places[1:], None], strict=True)]
        for line in [lines[0], *lines[2:]]
    ]
    names = max(map(len, header)) + 2
    return [part for row in rows for part in [*_stacked(header, row, names, width), ""]][:-1]


def _stacked(header: list[str], row: list[str], names: int, width: int) -> list[str]:
    """A line for each cell of a row that is not empty: the name of its column, and the cell."""
    cells = [(name, cell) for name, cell in zip(header, row, strict=True) if cell]
    return [part for name, cell in cells for part in _wrapped(name.ljust(names) + cell, width, names)]


def _wrapped(line: str, width: int, indent: int) -> list[str]:
    """A line broken between words, never within a number and its error; further lines are indented.

    The first `indent` letters stay as they are if they end in a blank: they are columns of a table.
    """
    if len(line) <= width:
        return [line]
    fixed = indent if line[indent - 1 : indent].isspace() and indent < width else _indent(line)
    text = line[fixed:].replace(" +- ", f"{FIXED}+-{FIXED}")
    parts = textwrap.wrap(
        text, width, initial_indent=" " * fixed, subsequent_indent=" " * indent, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    return [part.replace(FIXED, " ") for part in [line[:fixed] + parts[0][fixed:], *parts[1:]]]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
