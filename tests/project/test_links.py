"""Links between the documents lead to files and headings that exist."""

import re

import pytest

from tests.project.documents import FENCE, ROOT

PAGES = sorted(
    [path.relative_to(ROOT) for path in ROOT.glob("*.md")]
    + [
        path.relative_to(ROOT)
        for folder in ("docs", "results/benchmarks")
        for path in ROOT.glob(f"{folder}/**/*.md")
    ]
)
LINK = re.compile(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)")


def anchors(text):
    """Anchors that the headings of a page get on GitHub."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).lower().replace(" ", "-") for heading in headings}


def broken(page, text):
    """Links of a page without a target."""
    lost = []
    for file, anchor in LINK.findall(FENCE.sub("", text)):
        target = page.parent / file if file else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            lost.append(f"{file}#{anchor}")
    return lost


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_files_and_headings(page):
    assert not broken(ROOT / page, (ROOT / page).read_text())


def test_a_link_that_leads_nowhere_is_found():
    page = ROOT / "docs/glossary.md"
    assert broken(page, "[a](nowhere.md) [b](tutorial.md#4-nothing) [c](#setting)") == [
        "nowhere.md#",
        "tutorial.md#4-nothing",
    ]
