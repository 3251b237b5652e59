"""All blocks of the tutorial, run in their order in one folder, print the shown outputs."""

import configparser
import re

from tests.project.documents import ROOT
from tests.project.played import blocks, check, missing

TUTORIAL = (ROOT / "docs/tutorial.md").read_text()
#: After this text, numbers come from JAX.
NETWORK = TUTORIAL.index("## 3.")


def test_every_block_of_the_tutorial_runs_and_prints_what_is_shown(tmp_path):
    check(TUTORIAL, NETWORK, tmp_path)
    for figure in ("cube.png", "tiny.png"):
        assert (tmp_path / figure).stat().st_size > 10_000


def test_an_output_that_is_another_is_noticed():
    printed = "toy: 1.5 +- 0.1, agrees\n\nnetwork: never\n"
    assert not missing(printed, printed)
    assert not missing("...\nnetwork: never", printed)
    assert missing("toy: 1.5 +- 0.1, agrees", printed)
    assert missing("network: never\n...\ntoy: 1.5 +- 0.1, agrees", printed)
    assert missing("toy: 1.6 +- 0.1, agrees\n...", printed)


def test_a_measured_number_of_a_network_may_differ_by_its_error_and_nothing_else():
    printed = "loss / law = 1.064 +- 0.014, excluded (n = 5)\nsteps  1137 +- 1.4e+02   5 of 5"
    first, second = printed.splitlines()
    assert not missing(printed, printed, rough=True)
    assert not missing(f"{first}\nsteps  900 +- 90   5 of 5", printed, rough=True)
    assert not missing(f"loss / law = 1.124 +- 0.014, excluded (n = 5)\n{second}", printed, rough=True)
    for wrong in (
        "1.164 +- 0.014, excluded (n = 5)",
        "1.064 +- 0.014, agrees (n = 5)",
        "1.064 +- 0.014, excluded (n = 6)",
    ):
        assert missing(f"loss / law = {wrong}\n{second}", printed, rough=True)
    assert missing(first, printed, rough=True)


def test_what_the_blocks_import_is_installed_by_the_extra_that_the_page_names():
    (extra,) = set(re.findall(r"pip install -e '\.\[(\w+)\]'", TUTORIAL))
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    required = config["options"]["install_requires"] + config["options.extras_require"][extra]
    blocks_text = "".join(text for _, text, _, _ in blocks(TUTORIAL, NETWORK))
    imported = set(re.findall(r"^(?:import|from) (\w+)", blocks_text, re.MULTILINE))
    own = {"langevin", *re.findall(r"^# (\w+)\.py$", blocks_text, re.MULTILINE)}
    assert "equinox" in imported
    assert imported - own <= set(re.findall(r"^\w+", required, re.MULTILINE))


def test_links_of_the_tutorial_exist():
    links = re.findall(r"\]\(([^)#:]+)\)", TUTORIAL)
    assert len(links) > 3
    assert all((ROOT / "docs" / link).exists() for link in links)
