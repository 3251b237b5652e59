"""A run is compared with the exponents 2 and 1 only if its motion is constant descent, or free diffusion."""

from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin import manifolds
from langevin.experiment.exponents import exponents
from langevin.measure.arrival import AFTER, BEFORE
from langevin.types import Trajectory

NETWORK = {
    "kind": "network", "law": "sgld", "temperature": 1e-3, "learning_rate": 0.1, "loss": "half-mse",
    "weight_decay": 0.0, "label_noise": 0.0, "sharpness": 1.0, "schedule": False, "batch": None,
    "after_memorisation": {}, "swept": [], "rank": 2, "residuals": 2, "parameters": 12, "arrival_loss": 1e-3,
}  # fmt: skip
FRAMES, CHAINS, FREE = 81, 60, 10


def network(fall=1.0, **meta):
    """Networks that move at constant speed for 40 steps, while the loss falls by a factor, and then diffuse."""
    generator = np.random.default_rng(0)
    times = np.arange(float(FRAMES))
    straight = np.minimum(times, 40)[:, None] * np.eye(FREE)[0]
    kicks = generator.normal(size=(CHAINS, FRAMES, FREE)) * (2e-3) ** 0.5
    walk = np.cumsum(np.where(times[:, None] > 40, kicks, 0), axis=1)
    states = straight + walk
    loss = np.where(times < 40, np.exp(np.log(fall) * times / 40), 5e-4) * np.ones((CHAINS, 1))
    return Trajectory(
        times=times,
        steps=np.arange(FRAMES),
        states=states,
        observables={
            "train_loss": loss,
            "displacement": np.linalg.norm(states, axis=2),
            "weight_norm": np.ones_like(loss),
        },
        events={
            "status": np.zeros(CHAINS, np.uint8),
            "step": np.full(CHAINS, FRAMES - 1),
            "time": np.full(CHAINS, 80.0),
        },
        meta={**NETWORK, **meta},
    )


def rows(run, landscape=None, lags=None):
    found, lines = exponents(run, landscape, lags)
    assert lines == []
    return found[0][1]


def test_where_the_premises_hold_the_laws_are_compared():
    before, after = rows(network(0.9), lags=(0.5, 30.5))
    assert before.verdict == "inconclusive"  # the remainder alone is above 10 % / 2.8
    assert before.predicted.remainder > 0.05  # a loss that falls by a tenth
    assert after.verdict in ("agrees", "inconclusive")
    assert after.z == after.z


@pytest.mark.parametrize(
    ("change", "window", "reason"),
    [
        ({"law": "optax.adamw", "temperature": 0.0}, BEFORE, "rescales the gradient"),
        ({"law": "optax.adamw", "temperature": 0.0}, AFTER, "no Langevin step"),
        ({"law": "gradient-descent", "temperature": 0.0}, AFTER, "no thermal noise"),
        ({"law": "label-noise", "label_noise": 1.0, "temperature": 0.0}, AFTER, "noise on the labels"),
        ({"law": "label-noise", "label_noise": 1.0, "temperature": 0.0}, BEFORE, "noise on the labels"),
        ({"law": "sgd", "batch": 4, "temperature": 0.0}, BEFORE, "batches kick"),
        ({"weight_decay": 0.1}, AFTER, "weight decay pulls"),
        ({"after_memorisation": {"temperature": 0.0}}, AFTER, "law changed"),
        ({"loss": "cross-entropy"}, AFTER, "zero on a set is not known"),
        ({"schedule": True}, BEFORE, "steps of many lengths"),
        ({"law": "heavy-ball"}, BEFORE, "heavy-ball has momentum"),
        ({"law": "underdamped"}, AFTER, "underdamped has momentum"),
        ({"law": "preconditioned"}, BEFORE, "preconditioned rescales the gradient"),
        ({"law": "preconditioned"}, AFTER, "preconditioned rescales the gradient"),
        ({"law": "mine", "temperature": 0.0}, BEFORE, "mine rescales the gradient"),
        ({"leaves": {"output": {"rate": 2.0, "decay": 1.0}}}, BEFORE, "differs from leaf to leaf"),
        ({"leaves": {"output": {"rate": 2.0, "decay": 1.0}}}, AFTER, "differs from leaf to leaf"),
        ({"temperature": 10.0}, BEFORE, "noise holds"),
    ],
)
def test_elsewhere_the_reason_stands_there(change, window, reason):
    row = rows(network(0.9, **change), lags=(0.5, 30.5))[(BEFORE, AFTER).index(window)]
    assert row.verdict == "out of range"
    assert reason in row.measured.note
    assert row.z != row.z


def test_a_batch_of_all_samples_is_no_minibatch():
    law = {"law": "sgd", "batch": 4, "temperature": 0.0}
    verdicts = [rows(network(0.9, train_samples=n, **law), lags=(0.5, 30.5))[0].verdict for n in (4, 5)]
    assert verdicts == ["agrees", "out of range"]


def test_a_gradient_that_does_not_stay_constant_is_seen_and_short_lags_help():
    falling = network(1e-2)
    row = rows(falling)[0]
    assert "the train loss goes from 1 to" in row.measured.note
    assert row.verdict == "out of range"
    assert rows(falling, lags=(0.5, 1.7))[0].verdict in ("out of range", "not mixed")
    assert rows(network(0.5), lags=(0.5, 6.5))[0].verdict in ("agrees", "inconclusive")


def walked(landscape, **settings):
    problem = langevin.Problem(landscape, 0.01, "projected", **settings)
    run = langevin.simulate(
        problem, langevin.integrators.projected(), walkers=20, steps=40, dt=0.01, seed=1, every=4
    )
    return rows(run, landscape)[1]


def test_walkers_are_compared_on_a_flat_set_only():
    canal = manifolds.canal()
    free = walked(canal)
    assert "not compared with theory" not in free.measured.note
    assert "the set is curved" in walked(manifolds.sphere()).measured.note
    run = replace(network(), meta={"kind": "toy", "landscape": "mine", "arrival": "start"})
    assert "not known" in rows(run, canal)[1].measured.note
    assert "landscape of this run is not known" in rows(run)[1].measured.note
