"""The commands of the page of sweeps have the described results."""

import re
import tomllib

import pytest

from langevin.sweep.plan import points_of
from langevin.sweep.plan_file import plan_from
from tests.project.documents import ROOT, blocks
from tests.project.played import check

PAGE = (ROOT / "docs/sweeps.md").read_text()
NETWORK = PAGE.index("## 2.")


@pytest.mark.slow
def test_every_block_runs_and_prints_what_is_shown(tmp_path):
    (tmp_path / "models").symlink_to(ROOT / "models")
    check(PAGE, NETWORK, tmp_path)
    for figure in ("rates.png", "parity.png"):
        assert (tmp_path / figure).stat().st_size > 10_000


def test_the_plan_is_one():
    (text,) = blocks("docs/sweeps.md", "toml")
    assert len(points_of(plan_from(tomllib.loads(text)))) == 3 * 2 * 2 + 1


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#:]+)\)", PAGE)
    assert links
    assert all((ROOT / "docs" / link).exists() for link in links)
