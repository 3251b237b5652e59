"""Texts fit a terminal: no line is too long, no number is broken, nothing is lost, and other outputs do not change."""

import pytest

from langevin.cli import narrow
from langevin.comparison import format_table

HEADER = ("theory", "point", "measured", "n", "predicted", "verdict", "range of validity")
ROWS = [
    ("finite volume", 0.25, "2.653 +- 0.040", 5000, "2.5964 +- 0.0022", "agrees", "up to 8 free coordinates"),
    (
        "Eyring",
        0.5,
        "(8.22 +- 0.83)e-04",
        20,
        "-",
        "out of range",
        "any: its source claims no range at all, " * 3,
    ),
]
TABLE = format_table(HEADER, ROWS)
TEXT = f"A title\n\n{TABLE}\ndetectable: the smallest difference that is seen\n\nSources\n  one: two"
NUMBERS = ["2.653 +- 0.040", "2.5964 +- 0.0022", "(8.22 +- 0.83)e-04", "5000", "0.25"]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_every_line_fits_and_every_number_is_whole(width):
    found = narrow.fitted(TEXT, width)
    assert max(map(len, found.splitlines())) <= width
    for number in NUMBERS:
        assert number in found
    for word in TEXT.split():
        assert set(word) == {"-"} or word in found, "no word is lost or broken"


def test_a_text_that_fits_is_not_changed():
    assert narrow.fitted(TEXT, max(map(len, TEXT.splitlines()))) == TEXT


def test_a_last_column_of_text_is_wrapped_under_its_header():
    table = format_table(
        ("name", "text"), [("one", "several words that are too long for the line"), ("two", "short")]
    )
    assert narrow.fitted(table, 34).splitlines() == [
        "name  text",
        "----  ----------------------------",
        "one   several words that are too",
        "      long for the line",
        "two   short",
    ]


def test_a_table_with_too_many_columns_is_shown_row_by_row():
    table = format_table(
        ("k", "time T", "theory"), [("4", "2.653 +- 0.040", "2.5964 +- 0.0022"), ("5", "1.0", "")]
    )
    assert narrow.fitted(f"{table}\nnote", 30).splitlines() == [
        "k       4",
        "time T  2.653 +- 0.040",
        "theory  2.5964 +- 0.0022",
        "",
        "k       5",
        "time T  1.0",
        "",
        "note",
    ]


def test_only_a_terminal_has_a_width(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    narrow.show(TEXT)
    assert capsys.readouterr().out == f"{TEXT}\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    narrow.show(TEXT)
    assert capsys.readouterr().out == f"{narrow.fitted(TEXT, 40)}\n"
