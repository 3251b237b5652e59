"""Without weight decay there is no sparsity, there are no clusters and no generalisation: the verdicts change."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED, WHERE
from langevin.sgld import Protocol
from models import parity
from sims import parity_grokking as sim

EPOCHS = 220


def verdicts(model):
    run, looks, _ = sim.watched(model, 8, EPOCHS, 5, 1)
    times = np.column_stack([run.events[f"{what}_step"] for what in ("memorised", "generalised")]) / sim.EPOCH
    there = sim.at_epochs(run, looks, np.where(times < 0, EPOCHS, times))
    return (
        sim.is_delayed(times).verdict.word,
        sim.clusters_emerge(there, looks).verdict.word,
        sim.weights_thin_out(there, looks).verdict.word,
    )


def test_without_decay_the_network_stays_as_it_memorised(monkeypatch):
    model = parity.model(width=200, data_seed=1)
    delayed, clusters, thinned = verdicts(model)
    assert delayed == thinned == HOLDS
    assert clusters == WHERE
    monkeypatch.setattr(sim, "LAW", replace(sim.LAW, weight_decay=0.0))
    assert set(verdicts(model)) == {FAILS}


def test_enough_samples_leave_no_delay_and_put_the_bends_at_the_events():
    """Networks with a thousand samples generalise when they memorise; all bends are then near this one epoch."""
    words = {}
    for samples in (300, 1000):
        model = parity.model(width=200, samples=samples, data_seed=1)
        run, looks, _ = sim.watched(model, 8, EPOCHS, 2, 1)
        times = np.column_stack([run.events[f"{what}_step"] for what in sim.EVENTS]) / sim.EPOCH
        findings, *_ = sim.at_the_events(run, looks, times)
        bends = next(one for one in findings if one.claim == sim.BENDS)
        words[samples] = [sim.is_delayed(times).verdict.word, bends.verdict.word]
    assert words == {300: [HOLDS, FAILS], 1000: [FAILS, HOLDS]}


def test_a_decay_that_is_strong_until_train_fits_is_no_sharp_fall_between_the_events(monkeypatch):
    """The spectral norm then falls before memorising, and hardly after it."""

    def word():
        run, looks, _ = sim.watched(parity.model(width=sim.WIDTH, data_seed=1), 8, 280, 2, 1)
        times = np.column_stack([run.events[f"{what}_step"] for what in sim.EVENTS]) / sim.EPOCH
        findings, *_ = sim.at_the_events(run, looks, times)
        return next(one.verdict.word for one in findings if one.claim == sim.FALLS)

    assert word() == WHERE
    usual, train = sim.LAW.weight_decay, sim.train
    later = Protocol(after_memorisation={"weight_decay": usual})
    monkeypatch.setattr(sim, "LAW", replace(sim.LAW, weight_decay=5 * usual))
    monkeypatch.setattr(sim, "train", lambda *args, **dials: train(*args, protocol=later, **dials))
    assert word() == FAILS


EVENTS = np.column_stack([np.full(10, 15.0), np.full(10, 150.0)])
EPOCHS_OF_CURVE = np.arange(0.0, 500.0)


def several(curve):
    """Norms (10, epochs) of networks that follow a curve, with a small spread."""
    return curve * (1 + 0.001 * np.arange(10)[:, None])


def word_of_bends(curve):
    """Verdict on the bends of this curve, of networks with `EVENTS`."""
    both = [find(several(curve), EPOCHS_OF_CURVE, EVENTS) for find in (sim.inflections, sim.corners)]
    return sim.norm_bends(EVENTS, *both).verdict.word


def with_inflections(first, second):
    """A curve whose decline per epoch is slowest and steepest at these epochs."""
    slow = 0.01 * (1 - np.exp(-(((EPOCHS_OF_CURVE - first) / 4) ** 2)))
    steep = 0.02 * np.exp(-(((EPOCHS_OF_CURVE - second) / 8) ** 2))
    return 9 - np.cumsum(slow + steep)


def with_corners(first, second):
    """A curve that falls steadily against ln(epoch), steeply between these epochs."""
    logs = np.log(np.maximum(EPOCHS_OF_CURVE, 1))
    begun, ended = (1 / (1 + np.exp(-(logs - np.log(corner)) / 0.1)) for corner in (first, second))
    return 3 - np.concatenate([[0], np.cumsum((0.05 + 0.3 * (begun - ended))[1:] * np.diff(logs))])


def test_bends_at_other_epochs_are_noticed():
    """The measured curve is broken here: no law of training puts the bends at all of these epochs."""
    assert word_of_bends(with_inflections(15, 150)) == HOLDS  # as the source says
    assert (
        word_of_bends(with_corners(16, 120)) == WHERE
    )  # nearly as measured: both inflections near memorising
    assert word_of_bends(with_corners(16, 40)) == FAILS
    assert word_of_bends(with_corners(50, 150)) == FAILS


def test_a_decline_that_goes_on_or_is_older_is_noticed():
    """The measured norms are broken here: networks that shrink as fast before memorising, or after generalising."""
    spread = 1 + 0.01 * np.arange(10)

    def word(first, last):
        looks = {"spectral norm": np.column_stack([2.5 * spread, first * spread, last * spread])}
        there = {"spectral norm": np.column_stack([2.2 * spread, 1.3 * spread])}
        return sim.norm_falls(there, looks, EVENTS, np.array([0.0, 1.0, 240.0])).verdict.word

    assert word(2.22, 1.29) == HOLDS
    assert word(2.4, 1.29) == WHERE  # as measured: before memorising it falls fast per epoch
    assert word(2.4, 0.8) == FAILS
    assert word(3.5, 1.29) == FAILS


def test_an_event_that_does_not_occur_is_no_time():
    """Networks without an event, whose time is -1, change no finding; one that has both decides nothing."""
    frames, run = EPOCHS_OF_CURVE, SimpleNamespace(steps=sim.EPOCH * EPOCHS_OF_CURVE)
    looks = {name: several(0.9 - 0.1 * frames / 500) for name in sim.LOOKS}
    looks["spectral norm"] = several(with_corners(16, 120))
    whole = sim.at_the_events(run, {name: rows[:6] for name, rows in looks.items()}, EVENTS[:6])
    times = EVENTS.copy()
    times[6:8], times[8:, 1] = -1, -1
    assert sim.at_the_events(run, looks, times) == whole
    times[1:] = -1
    findings, rows, bends = sim.at_the_events(run, looks, times)
    assert {one.verdict.word for one in findings} == {UNDECIDED}
    assert len(findings) == 4
    assert not rows
    assert not bends
