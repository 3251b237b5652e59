"""docs/commands.md explains every column of the tables whose columns are fixed."""

import re

import pytest

from langevin.comparison import report
from langevin.experiment import rare_escape, step_error
from langevin.experiment import report as shown_report
from tests.project.documents import ROOT

PAGE = (ROOT / "docs/commands.md").read_text()


def explained(page):
    """The names in the first column of all tables of a page."""
    return {name for line in page.splitlines() if line.startswith("| `") for name in first_names(line)}


def first_names(line):
    """The names between backticks in the first cell of a line; a bar in a name is escaped."""
    cell = re.split(r"(?<!\\)\|", line)[1]
    return [name.replace("\\|", "|") for name in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("module", [report, rare_escape, shown_report, step_error])
def test_every_column_is_explained(module):
    assert set(module.HEADER) <= explained(PAGE)


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_a_page_whose_python_needs_an_extra_says_how_to_install_it(document):
    text = document.read_text()
    calls = re.findall(r"import .*(?:pandas|xarray)|to_xarray\(|to_dataframe\(", text)
    assert not calls or "pip install -e '.[analysis]'" in text, calls


def test_only_first_cells_explain():
    assert explained("| `max \\|z\\|`, `n` | largest `z` |\ntext `ratio`") == {"max |z|", "n"}
