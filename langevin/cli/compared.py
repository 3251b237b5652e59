"""What `langevin compare` prints of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langevin.words import counted

if TYPE_CHECKING:
    from langevin.experiment import Report
    from langevin.types import Comparison, Measurement

#: What is said of a comparison, and of several.
SAME = ("comparison stored with the run says the same", "comparisons stored with the run say the same")


def as_text(
    report: Report | None, lines: list[str], exponents: list[tuple[str, list[Comparison]]],
    passages: list[tuple[dict[str, Any], Measurement]], stored: list[Comparison],
) -> str:  # fmt: skip
    """The tables that the run has something for."""
    from langevin.comparison import comparison_table

    parts = [] if report is None else [_printable(report.text)]
    if lines:
        parts.append(_printable("\n".join(f"Remark: {line}" for line in lines)))
    if passages:
        parts.append("Mean first-passage time\n" + _passage_table(passages))
    for name, rows in exponents:
        title = "Exponent of the squared displacement" + (f", {_printable(name)}" if name else "")
        parts.append(f"{title}\n{_exponent_table(rows)}")
    if stored:
        parts.append(
            _stored(report, stored) or "Comparisons stored with the run\n" + comparison_table(stored)
        )
    return "\n\n".join(parts)


def _printable(text: str) -> str:
    """The text without characters that a terminal might obey rather than show: names in it come from a file."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in text)


def _stored(report: Report | None, stored: list[Comparison]) -> str:
    """A line, if the comparisons stored with the run say what the answer says again."""
    from langevin.comparison import comparison_record

    again = [] if report is None else [comparison_record(row) for row in report.comparisons]
    same = all(comparison_record(row) in again for row in stored)
    return f"The {counted(len(stored), *SAME)}." if same else ""


def _exponent_table(exponents: list[Comparison]) -> str:
    from langevin.comparison import format_percent, format_prediction, format_table, format_value

    header = ("theory", "exponent", "95 % interval", "n", "predicted", "z", "verdict", "detectable")
    rows = [
        (
            row.theory,
            format_value(row.measured.value, row.measured.error),
            _interval(row.measured),
            row.measured.n,
            format_prediction(row.predicted),
            row.z,
            row.verdict,
            format_percent(row.detectable),
        )
        for row in exponents
    ]
    windows = [f"  {row.measured.estimator}" for row in exponents if row.measured.n]
    notes = [f"  {row.theory}: {_printable(row.measured.note)}" for row in exponents if row.measured.note]
    return "\n".join([format_table(header, rows), *windows, *notes])


def _passage_table(passages: list[tuple[dict[str, Any], Measurement]]) -> str:
    from langevin.comparison import format_table, format_value

    header = ("samples", "mean time", "95 % interval", "n", "estimator", "note")
    rows = [
        (
            str(label.get("samples", "-")),
            format_value(time.value, time.error),
            _interval(time),
            time.n,
            time.estimator + ("" if time.mixed else " (not mixed)"),
            time.note,
        )
        for label, time in passages
    ]
    return format_table(header, rows)


def _interval(measurement: Measurement) -> str:
    import math

    from langevin.measure import confidence_interval

    if not (measurement.n > 1 and math.isfinite(measurement.error)):
        return "-"
    low, high = confidence_interval(measurement)
    return f"{low:.4g} to {high:.4g}"
