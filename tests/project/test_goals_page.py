"""results/benchmarks/goals.md is computed from the tables next to it, and a missed bound is shown as missed."""

from benchmarks import goals
from tests.project.documents import ROOT

FOLDER = ROOT / "results/benchmarks"


def test_the_page_is_that_of_the_kept_tables():
    assert (FOLDER / "goals.md").read_text() == goals.page(FOLDER)


def test_a_ratio_above_its_bound_is_not_met():
    assert goals.met("2.80 (2.38 to 3.07)", "2.0") == "no"
    assert goals.met("1.88 (1.87 to 1.91)", "<= 2.5") == "yes"


def test_a_number_below_its_least_value_is_not_met():
    rows = "| quantity | measured | limit |\n| --- | --- | --- |\n| threads | {} | >= 1.85 |\n| exponent | 0.9 | 1 |\n"
    for measured, word in (("1.74 (1.7 to 1.8) on 2 cores", "no"), ("1.87", "yes")):
        *_, line = goals.scaled(rows.format(measured)).splitlines()
        assert line.split("|")[-2].strip() == word
