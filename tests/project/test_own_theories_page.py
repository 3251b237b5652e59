"""The blocks of docs/own_theories.md, run in an empty folder, give its theories the shown verdicts."""

from tests.project.documents import ROOT
from tests.project.played import check


def test_the_page_prints_what_it_shows(tmp_path):
    """Landscape runs have the same bits on every processor, so no number may differ."""
    page = (ROOT / "docs/own_theories.md").read_text()
    check(page, len(page), tmp_path)
    assert (tmp_path / "mine.png").stat().st_size > 0
