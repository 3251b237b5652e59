"""Numbers with sensible digits, and tables."""

import math

import pytest

from langevin.comparison import (
    comparison_record,
    comparison_table,
    format_measurement,
    format_percent,
    format_table,
    format_value,
)
from langevin.types import Comparison, Measurement, Prediction


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1.2345, 0.0123, "1.234 +- 0.012"),
        (12345, 678, "12340 +- 680"),
        (1.2e-5, 3e-7, "(1.200 +- 0.030)e-05"),
        (1e9, 2e6, "(1.0000 +- 0.0020)e+09"),
        (0.5, 0.0996, "0.50 +- 0.10"),
        (0.0, 0.02, "0.000 +- 0.020"),
        (5, 0.0, "5 +- 0"),
        (3, math.inf, "3 +- inf"),
        (math.nan, math.inf, "-"),
    ],
)
def test_format_value(value, error, text):
    assert format_value(value, error) == text


def test_a_measurement_is_written_as_its_value_and_error():
    assert format_measurement(Measurement(1.2345, 0.0123, 5, "mean")) == format_value(1.2345, 0.0123)


@pytest.mark.parametrize(
    ("share", "text"), [(0.0891, "8.9 %"), (0.55, "55 %"), (2.19, "219 %"), (math.inf, "-"), (math.nan, "-")]
)
def test_format_percent(share, text):
    assert format_percent(share) == text


def test_a_long_last_column_has_a_short_rule():
    _, rule, row = format_table(("entry", "value"), [("command", "x" * 900)]).splitlines()
    assert len(rule) < 120 < len(row)


def test_columns_align_numbers_to_the_right():
    table = format_table(("name", "count"), [("a", 7), ("long name", 1234.0), ("none", None)])
    assert table.splitlines() == [
        "name       count",
        "---------  -----",
        "a              7",
        "long name   1234",
        "none           -",
    ]


def test_an_empty_table_is_its_header():
    assert format_table(("a", "b"), []).splitlines() == ["a  b", "-  -"]


def test_text_from_a_file_cannot_command_the_terminal():
    assert "\x1b" not in format_table(("name",), [("\x1b[2J",)])
    bad = Measurement(1.0, 0.1, 9, "mean", True, "\x1b]0;title")
    row = Comparison("law", 0.0, bad, Prediction(1.0), 0.0, 1.0, "agrees")
    assert "\x1b" not in comparison_table([row])


def test_comparison_table_shows_error_n_verdict_and_each_note_once():
    row = Comparison(
        "law", 3.0, Measurement(1.0, 0.1, 9, "mean", True, "why"), Prediction(2.0), -9.9, 0.5, "excluded"
    )
    text = comparison_table([row, row])
    assert "1.00 +- 0.10" in text
    assert text.count("at 3: why") == 1
    assert text.count("excluded") == 2


def test_records_hold_null_where_a_number_is_not_finite():
    lower = Measurement(1.0, math.inf, 9, "lower bound", False)
    record = comparison_record(Comparison("law", 0.0, lower, Prediction(2.0), math.nan, 0.5, "not mixed"))
    assert record["z"] is None
    assert record["measured"]["error"] is None
    assert record["measured"]["interval"] == [None, None]
