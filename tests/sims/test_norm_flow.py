"""The flow of the norm on the zero-loss set of a network with a hinge loss."""

import csv
from types import SimpleNamespace

import numpy as np
import pytest

from langevin.scorecard.cells import drawn
from langevin.sgld import Recording, train
from sims import _delay_tasks, _norm_flow
from sims._norm_flow import flow_time, pressed
from tests.project.documents import ROOT

#: One unit of ReLU sees a bias and one input; the sample is at 0, so that the input's weight is free to decay.
FREE = np.exp(0.5)
TRAIN = SimpleNamespace(inputs=np.array([[0.0]]), targets=np.array([[1.0]]))
#: At -1 the output is v max(b - w, 0): right as soon as w is below b.
TEST = SimpleNamespace(inputs=np.array([[-1.0]]), targets=np.array([[1.0]]))


def unit(bias, output):
    return {"hidden": np.array([[FREE]]), "hidden bias": np.array([bias]), "output": np.array([[output]])}


def test_what_the_sample_does_not_hold_decays_and_what_it_holds_slides():
    """v b = 1 holds, and v = b = 1 is its point of smallest norm: w = e^(1/2) falls to b at s = 1/2."""
    assert flow_time(unit(1.0, 1.0), TRAIN, TEST) == pytest.approx(0.5, abs=_norm_flow.STEP)


def test_the_flow_slides_along_the_set():
    """From v = 2, b = 1/2 the bias rises along v b = 1 by d(b^2)/ds = 2 v^2 (1 - b^4) / (1 + v^4); w falls to b."""
    bias, free, time, step = 0.5, FREE, 0.0, 1e-4
    while free > bias:
        # -(v, b) less its part along the normal (b, v) of v b = 1
        output = 1 / bias
        bias += step * (-bias + output * 2 * bias * output / (bias**2 + output**2))
        free -= step * free
        time += step
    assert flow_time(unit(0.5, 2.0), TRAIN, TEST) == pytest.approx(time, abs=1.5 * _norm_flow.STEP)


def test_without_the_constraint_the_signs_never_change(monkeypatch):
    """Broken on purpose: all weights decay alike, no margin is held, and the network does not generalise."""
    monkeypatch.setattr(_norm_flow, "CORRECTIONS", 0)
    assert flow_time(unit(1.0, 1.0), TRAIN, TEST) == np.inf


def test_no_force_pulls_and_no_margin_is_missed():
    random = np.random.default_rng(0)
    paths = random.normal(size=(40, 60))
    kernel, missing = paths @ paths.T, random.normal(size=40)
    force, held = pressed(kernel, missing, np.zeros(40, bool))
    slack = kernel @ force - missing
    assert (force >= 0).all()
    assert slack.min() > -1e-6
    assert np.abs(force * slack).max() < 1e-6
    assert 0 < held.sum() < 40


def kept():
    """Time of the flow, 1 / (lr wd), delay and whether held out of delayed runs of parity in the kept table."""
    with (ROOT / "results/grokking_times/table.csv").open(newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["task"] == "parity"]
    assert all(row["norm_flow"] != "" for row in rows if row["memorised_step"])
    delayed = [row for row in rows if row["outcome"] == "delayed"]
    read = [
        [
            float(row["norm_flow"]),
            1 / (float(row["learning_rate"]) * float(row["weight_decay"])),
            float(row["generalised_by"]) - float(row["memorised_by"]),
        ]
        for row in delayed
    ]
    return np.array(read).T


def test_the_flow_times_the_slow_clock_is_the_delay_of_parity():
    """Without a constant, half of the networks are within a quarter. Times of other networks predict nothing."""
    flow, clock, delay = kept()
    errors = np.abs(np.log10(np.maximum(flow, 0.01) * clock / delay))
    assert np.median(errors) < np.log10(1.25)
    dealt = np.random.default_rng(0).permutation(flow)
    assert np.median(np.abs(np.log10(np.maximum(dealt, 0.01) * clock / delay))) > 2 * np.median(errors)


def test_the_flow_of_a_network_is_that_of_the_kept_table():
    """The first cell is trained again up to memorisation; another processor may round differently."""
    (cell,) = drawn("parity", 1, _delay_tasks.TASKS["parity"].dials)
    with (ROOT / "results/grokking_times/table.csv").open(newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["cell"] == cell.name]
    case = _delay_tasks.parity(cell.dials, cell.seed)
    last = max(int(row["memorised_step"]) for row in rows)
    frames = [step for step in _delay_tasks.recorded(int(case.steps)) if step <= last]
    run = train(
        case.model, case.law, steps=last, chains=len(rows), seed=cell.seed,
        recording=Recording(frames=frames, weights="frames", sketch=1),
    )  # fmt: skip
    for network, row in enumerate(rows):
        seen = {"memorised_step": float(row["memorised_step"])}
        found = _delay_tasks.parity_added(run, case, network, seen)["norm_flow"]
        assert found == pytest.approx(float(row["norm_flow"]), abs=2 * _norm_flow.STEP)
    assert _delay_tasks.parity_added(run, case, 0, {"memorised_step": np.nan}) == {}
