"""A model of one's own in an empty folder, and `langevin train` called there in this process."""

import sys

import pytest
from click.testing import CliRunner

MODEL = """
import os
from functools import cache
import jax.numpy as jnp
import numpy as np
from langevin.sgld import Data, Model, Preset

def interrupt(step, weights):
    if os.environ.get("INTERRUPT_AT") == str(step):
        raise KeyboardInterrupt

DEFAULTS = {"steps": 30, "chains": 2, "frames": range(0, 31, 5), "visit": interrupt}
PRESETS = {
    "learns": Preset("a line", {"steps": 30, "learning_rate": 0.3}, {"slope": 3.0}, {"train_loss": (0, 0.1)}),
}

@cache  # what JAX compiles is kept per model
def model(slope: float = 2.0) -> Model:
    inputs = np.linspace(-1, 1, 6)[:, None]
    data = Data(inputs, slope * inputs)
    table = {"embedding": lambda weights: weights} if slope == 7 else {}
    return Model("line", lambda key: jnp.ones((1, 1)), lambda w, x: x @ w, "half-mse", data, data, **table)
"""


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Call `langevin train ...` in a folder of its own that holds line.py; `line.folder` is that folder."""
    from langevin.cli import main

    folder = tmp_path_factory.mktemp("own")
    (folder / "line.py").write_text(MODEL)

    def call(*words, interrupt_at=None):
        environment = {"INTERRUPT_AT": None if interrupt_at is None else str(interrupt_at)}
        return CliRunner(env=environment).invoke(main, ["train", *map(str, words)])

    call.folder = folder
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", list(sys.path))
        yield call
    sys.modules.pop("line", None)
