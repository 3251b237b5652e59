"""Tanh networks on their zero-loss sets."""

import numpy as np
import pytest

from langevin import manifolds
from langevin.errors import UsageError
from langevin.landscapes.evaluate import evaluate
from langevin.sgld import Computation, Law, train
from models import tanh


def test_the_line_has_the_loss_and_the_start_of_the_landscape():
    model = tanh.model(task="line", hidden=3, samples=4, stiffness=10.0)
    landscape = manifolds.tanh_network(3, 4, 10.0)

    def loss(flat):
        w, b, v = np.split(flat, 3)
        outputs = model.apply({"w": w, "b": b, "v": v}, model.train.inputs)
        return float(0.5 * ((outputs - model.train.targets) ** 2).sum(axis=1).mean())

    flat = np.random.default_rng(0).normal(size=9)
    assert loss(flat) == pytest.approx(evaluate(landscape, "value", flat), rel=1e-5)
    start = np.concatenate([np.asarray(model.init(None)[name]) for name in ("w", "b", "v")])
    np.testing.assert_allclose(start, landscape.start(np.full((1, 9), 0.5), 1.0)[0], rtol=1e-6)
    assert loss(start) < 1e-10


def test_the_teacher_starts_on_the_zero_loss_set():
    model = tanh.model(samples=5, hidden=12, descent=3000)
    law, double = Law(0.1, temperature=1e-12), Computation("float64")
    trajectory = train(model, law, steps=1, chains=2, computation=double)
    assert trajectory.meta["parameters"] == 12 * 11
    assert (trajectory.observables["train_loss"][:, 0] < 1e-12).all()
    assert trajectory.events["rank"].tolist() == [5, 5]


@pytest.mark.parametrize(
    "dials", [{"task": "curve"}, {"inputs": 2}, {"descent": -1}, {"task": "line", "samples": 99}]
)
def test_impossible_dials_are_refused(dials):
    with pytest.raises(UsageError):
        tanh.model(**dials)
