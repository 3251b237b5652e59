"""`langevin train`: a model found from the working directory, a file, a figure, one sentence on failure."""

import json
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-c", "from langevin.cli import main; main()", "train"]
MODEL = """
import jax.numpy as jnp
import numpy as np
from langevin.sgld import Data, Model
DEFAULTS = {"steps": 30, "chains": 2}

def model(slope: float = 2.0) -> Model:
    inputs = np.linspace(-1, 1, 6)[:, None]
    data = Data(inputs, slope * inputs)
    return Model("line", lambda key: jnp.ones((1, 1)), lambda w, x: x @ w, "half-mse", data, data)
"""


def command(folder, *arguments):
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "line.py").write_text(MODEL)
    return tmp_path


def test_a_model_of_ones_own_is_trained_saved_and_drawn(folder):
    law = ["--learning-rate", "0.5", "--temperature", "1e-30"]
    done = command(folder, "line", *law, "-p", "slope=3", "--seed", "5", "--plot", "line.png", "--json")
    assert done.returncode == 0, done.stderr
    assert "temperature 1e-30, learning rate 0.5, noise sd per step 1e-15" in done.stderr
    assert done.stderr.count("warning: the noise of one step") == 1  # float32 loses it
    result = json.loads(done.stdout)
    assert [chain["status"] for chain in result["chains"]] == ["finished"] * 2
    assert result["statistics"]["train_loss"]["n"] == 2
    assert result["meta"]["seed"] == 5
    assert (folder / "line.png").stat().st_size > 10_000

    from langevin.store import load

    assert load(folder / "line.h5").meta["model"] == "line"


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["models.parity"], 2, "models/ lives in the repository, so run from its root, or name your own"),
        (["line.py"], 2, "not a dotted module name"),
        (["./line"], 2, "not a dotted module name"),
        (["line"], 2, "--learning-rate"),
        (["line", "-p", "slop=1"], 2, "slope"),
        (["line", "--learning-rate", "nan"], 2, "nan"),
        (["line", "--learning-rate", "0.1", "--temperature", "-1"], 2, "temperature"),
        (["line", "--learning-rate", "0.1", "--out", "missing/x.h5"], 5, "missing"),
        (["line", "--learning-rate", "0.1", "--plot", "x.txt"], 2, ".png, .pdf, .svg"),
        (["line", "--learning-rate", "1e9"], 3, "every network diverged"),
    ],
)
def test_a_mistake_is_one_sentence_and_an_exit_code(folder, arguments, code, message):
    done = command(folder, *arguments)
    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert ("mean +- s.e." in done.stdout) == (code == 3)  # the table of a training that ran
