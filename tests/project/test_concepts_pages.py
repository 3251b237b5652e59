"""The blocks of docs/concepts.md and docs/choosing.md, run in an empty folder, print the shown outputs."""

import re

import pytest

from tests.project.documents import ROOT
from tests.project.played import check


@pytest.mark.slow
@pytest.mark.parametrize("name", ["concepts", "choosing"])
def test_the_page_prints_what_it_shows(name, tmp_path):
    """Walkers have the same bits on every processor, so no number may differ."""
    page = (ROOT / f"docs/{name}.md").read_text()
    check(page, len(page), tmp_path)


def test_the_pages_show_the_figures_that_are_drawn():
    text = (ROOT / "docs/concepts.md").read_text()
    for name in ("measures", "retractions"):
        assert f"]({name}.png)" in text
        assert (ROOT / f"docs/{name}.png").stat().st_size > 10_000


def test_the_measured_biases_are_those_of_the_table_of_costs():
    page = (ROOT / "docs/choosing.md").read_text()
    costs = (ROOT / "results/benchmarks/cost.md").read_text()
    biases = re.findall(r"[+-]\d\.\d\d \+- \d\.\d\d %", page)
    assert len(biases) == 6
    assert re.findall(r"[+-]\d\.\d\d \+- \d\.\d\d %", costs) == biases
