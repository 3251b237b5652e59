"""Noise that is put on the weights in the place of the labels, and a law of the slope for another strength of noise."""

from functools import cache

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF
from langevin.sgld import Callbacks, Law, Recording
from models import tanh
from sims import network_flatness as sim

FRAMES = np.array([0, 100, 300, 600, 1000])


@cache
def paths(law):
    """Networks under one kind of noise in the place of label noise; under all other laws they stand still."""
    noise = {"label-noise": {"label_noise": sim.STRONG}, "sgld": {"temperature": sim.HEAT}}[law]
    law = Law(sim.RATE, **noise, name=law)
    model, weights = tanh.model(descent=4000), []
    sim.train(
        model, law, steps=1000, chains=5, seed=2, recording=Recording(FRAMES.tolist()),
        callbacks=Callbacks(visit=lambda _, now: weights.append(now)),
    )  # fmt: skip
    trace = np.array([[sim.gauss_newton_trace(model, w).value for w in now] for now in weights]).T
    still = {"trace": np.tile(trace[:, :1], len(FRAMES))}
    moving = {"steps": FRAMES, "weights": weights, "trace": trace, "model": model}
    return {name: still for name in sim.LAWS} | {sim.NOISY: moving}


def test_noise_on_the_weights_in_the_place_of_noise_on_the_labels_is_noticed():
    assert sim.drifts_to_flat(paths("label-noise")).verdict.word.startswith(ONLY_IF)
    assert sim.drifts_to_flat(paths("sgld")).verdict.word == FAILS


def test_a_slope_for_another_strength_of_the_noise_is_noticed():
    path = paths("label-noise")[sim.NOISY]
    right, wrong = sim.slope_row(path, sim.STRONG), sim.slope_row(path, sim.WEAK)
    assert sim.slope_is_known([right, right]).verdict.word == HOLDS
    assert sim.slope_is_known([wrong, wrong]).verdict.word == FAILS
