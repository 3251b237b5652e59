"""A user-defined model in an empty folder, and `langevin train` called there in this process."""

import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from langevin.sgld import execute, extend
from langevin.sgld.travel import next_stops

MODEL = """
from functools import cache
import jax.numpy as jnp
import numpy as np
from langevin.sgld import Data, Law, Model, Plan, Preset, Recording

DEFAULTS = Plan(Law(0.3), steps=30, chains=2, recording=Recording(range(0, 31, 5)))
PRESETS = {
    "learns": Preset("a line", Plan(Law(0.3), steps=30), {"slope": 3.0}, {"train_loss": (0, 0.1)}),
}

@cache  # what JAX compiles is kept per model
def model(slope: float = 2.0) -> Model:
    inputs = np.linspace(-1, 1, 6)[:, None]
    data = Data(inputs, slope * inputs)
    table = {"embedding": lambda weights: weights} if slope == 7 else {}
    return Model("line", lambda key: jnp.ones((1, 1)), lambda w, x: x @ w, "half-mse", data, data, **table)
"""


def one_stop(plan, at, pace, most):
    """One recorded step in each call, so a run can be stopped at each of them; the bits are the same."""
    return next_stops(plan, at, pace, 1)


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    """Call `langevin train ...` in a new folder that contains line.py; `line.folder` is this folder."""
    from langevin.cli import main

    folder = tmp_path_factory.mktemp("own")
    (folder / "line.py").write_text(MODEL)
    (folder / "bare.py").write_text("from line import model")

    def call(*words, interrupt_at=None):
        def interrupt(step, weights):
            if step == interrupt_at:
                raise KeyboardInterrupt

        def watched(callbacks):
            return callbacks if interrupt_at is None else replace(callbacks, visit=interrupt)

        def interrupted(model, plan, callbacks, *rest):
            return execute(model, plan, watched(callbacks), *rest)

        def extended(run, model, plan, callbacks, *rest):
            return extend(run, model, plan, watched(callbacks), *rest)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("langevin.sgld.execute", interrupted)
            patch.setattr("langevin.sgld.extend", extended)
            patch.setattr("langevin.sgld.travel.next_stops", one_stop)
            return CliRunner().invoke(main, ["train", *map(str, words)])

    call.folder = folder
    call.compare = lambda *words: CliRunner().invoke(main, ["compare", *map(str, words)])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "path", list(sys.path))
        yield call
    for name in ("line", "bare"):
        sys.modules.pop(name, None)
