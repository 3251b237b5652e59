"""The line that a point of a sweep prints on a terminal."""

from langevin.sweep.rows import measured_entry, measured_line


def number(value, **at):
    record = {"value": value, "error": 0.1, "n": 9, "mixed": True, "note": ""}
    return measured_entry("mean time", record, at)


def test_numbers_of_one_run_are_told_with_their_places():
    assert measured_line([number(1.0)]) == "mean time 1 +- 0.1"
    rates = [number(3.0, temperature=0.1), number(9.0, temperature=0.05), number(27.0, temperature=0.04)]
    assert (
        measured_line(rates)
        == "mean time at temperature 0.1 3 +- 0.1, mean time at temperature 0.05 9 +- 0.1, 1 more"
    )
