"""docs/own_networks.md: every file of it makes a network that trains, and its commands run."""

import importlib
import re
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from langevin import load, sgld
from langevin.cli import main
from langevin.sgld.plan import with_settings
from tests.project.documents import FENCE, ROOT, langevin_calls
from tests.project.test_readme import parse

PAGE = (ROOT / "docs/own_networks.md").read_text()
FILES = {
    re.match(r"# file: (\w+)\.py\n", text).group(1): text
    for name, text in FENCE.findall(PAGE)
    if name == "python"
}
#: Packages that a file needs and that not every installation has.
NEEDS = {"with_linen": "flax.linen", "with_nnx": "flax.nnx", "with_equinox": "equinox", "convolution": "sklearn",
         "tokens": "optax"}  # fmt: skip
#: A loss that each training must reach after its steps, well below the loss at the start.
LOSSES = {"xor": 0.01, "convolution": 0.3, "tokens": 0.1, "with_equinox": 0.2, "with_linen": 0.2, "with_nnx": 0.2,
          "normalised": 0.2, "stream": 1e-3}  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in FILES:
        sys.modules.pop(name, None)


def written(folder, name):
    pytest.importorskip(NEEDS.get(name, "langevin"))
    (folder / f"{name}.py").write_text(FILES[name])
    return importlib.import_module(name)


@pytest.mark.parametrize("name", FILES)
def test_a_network_of_the_page_learns(name, here):
    module = written(here, name)
    run = sgld.execute(module.model(), with_settings(module.DEFAULTS, {"chains": 1, "seed": 1}))
    losses = np.asarray(run.observables["train_loss"])[0]
    assert losses[-1] < LOSSES[name] < losses[0]


def test_its_commands_run(here):
    written(here, "xor")
    written(here, "convolution")
    for call in langevin_calls("docs/own_networks.md"):
        parse(*call)
    done = CliRunner().invoke(main, ["train", "xor", "--seed", "1", "-q", "--steps", "50"])
    assert done.exit_code == 0, done.output
    assert "accuracy counts" in done.output
    layers = {"0.weight": np.ones((8, 2)), "0.bias": np.zeros(8), "2.weight": np.ones((1, 8))}
    np.savez("weights.npz", **layers)
    words = ["train", "xor", "--from", "weights.npz", "--seed", "1", "-q", "--steps", "5", "--out", "t.h5"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert load("t.h5").observables["weight_norm"][0, 0] == pytest.approx(24**0.5)


def test_every_section_of_the_table_is_there():
    for anchor in re.findall(r"\]\(#([\w-]+)\)", PAGE):
        assert any(re.sub(r"[^\w -]", "", line[3:]).lower().replace(" ", "-") == anchor
                   for line in PAGE.splitlines() if line.startswith("## ")), anchor  # fmt: skip
