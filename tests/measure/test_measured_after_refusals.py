"""If too many steps were refused, or a walker never moved, measurements are not mixed, and a note gives the reason."""

from dataclasses import replace

import numpy as np
import pytest

from langevin.measure import (
    displacement_exponents,
    ensemble_mean,
    mean_displacement,
    occupation,
    relaxation_time,
    time_mean,
)
from langevin.measure.walkers import rejected_share
from tests.synthetic import brownian

WALKERS, FRAMES = 20, 401


def counted(refused, rejected):
    """A run with these numbers of steps refused for lack of a retraction, or rejected by a rule, for each walker."""
    run = brownian(WALKERS, FRAMES)
    events = {
        "not_projected": np.asarray(refused),
        "rejected": np.asarray(rejected),
        "wrong_branch": np.full(WALKERS, 99),
    }
    meta = {"tallies": list(events), "refusals": ["not_projected"], "rejections": ["rejected"]}
    return replace(run, events={**run.events, **events}, meta={**run.meta, **meta}), run.events["step"]


def first(states):
    return states[:, 0]


def measured(run):
    return ensemble_mean(run, first)


@pytest.mark.parametrize(
    ("refused", "rejected", "said"),
    [
        (0.005, 0.0, ""),
        (0.0, 0.5, ""),
        (0.02, 0.0, "0.02 of all steps were refused, above 0.01"),
        (0.0, 0.995, "only 0.005 of all steps were taken, below 0.01"),
        (0.006, 0.985, "only 0.009 of all steps were taken, below 0.01"),
    ],
)
def test_the_share_of_steps_decides(refused, rejected, said):
    """Accepted jumps do not count as refusals."""
    steps = np.full(WALKERS, 1000)
    run, _ = counted(refused * steps, rejected * steps)
    run = replace(run, events={**run.events, "step": steps})
    found = measured(run)
    assert found.mixed == (not said)
    assert found.note == (f"{said}: use a smaller step" if said else "")


def test_the_share_that_a_rule_rejected():
    """It is the fraction of all steps; it is 0 for a run without such a rule, and for a run without a step."""
    steps = np.arange(1, WALKERS + 1)
    run, _ = counted(np.zeros(WALKERS), np.where(steps <= 4, steps, 0))
    moved = replace(run, events={**run.events, "step": steps})
    assert rejected_share(moved) == 10 / 210
    assert rejected_share(replace(moved, meta={**run.meta, "rejections": []})) == 0.0
    assert rejected_share(replace(run, events={**run.events, "step": 0 * steps})) == 0.0


def test_a_walker_that_never_moved_is_enough():
    steps = np.full(WALKERS, 10_000)
    run, _ = counted(np.where(np.arange(WALKERS) == 3, 0, 1), np.where(np.arange(WALKERS) == 3, steps, 0))
    found = measured(replace(run, events={**run.events, "step": steps}))
    assert not found.mixed
    assert found.note.startswith("1 of 20 walkers never moved")


@pytest.mark.parametrize(
    "measure",
    [
        measured,
        lambda run: mean_displacement(run),
        lambda run: time_mean(run, first, 0.0),
        lambda run: relaxation_time(run, first, lags=(0.01, 0.1), first_time=0.0),
        lambda run: occupation(run, lambda states: states[:, 0] > 0.0, first_time=0.0),
        lambda run: list(displacement_exponents(run).values())[-1],
    ],
)
def test_every_measure_looks(measure):
    run, steps = counted(np.zeros(WALKERS), np.zeros(WALKERS))
    stuck, _ = counted(0.02 * steps, np.zeros(WALKERS))
    before, after = measure(run), measure(stuck)
    assert not after.mixed
    assert "of all steps were refused" in after.note
    assert "of all steps were refused" not in before.note
    np.testing.assert_equal((after.value, after.error, after.n), (before.value, before.error, before.n))
