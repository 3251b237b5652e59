"""Presets: bands around medians over networks."""

import math

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.sgld import Law, Plan, Preset, judge
from langevin.types import Status
from tests.synthetic import record

PLAN = Plan(Law(0.1), steps=1)
RUN = record(
    np.zeros((3, 2, 1)),
    np.array([0.0, 1]),
    observables={"test_accuracy": np.array([[0, 0.5], [0, 1], [0, 0.8]])},
    events={
        "status": np.array([Status.FINISHED, Status.FINISHED, Status.DIVERGED]),
        "memorised_step": np.array([10, 20, 30]),
        "generalised_step": np.array([40, -1, 90]),
    },
)


def judged(name, low=0.0, high=1.0):
    return judge(Preset("none", PLAN, bands={name: (low, high)}), RUN)[name]


def test_medians_count_never_and_diverged_as_infinite():
    assert judged("memorised_step").median == 20
    assert judged("generalised_step").median == math.inf
    assert judged("test_accuracy").median == 1
    assert judged("generalised_step", 0, math.inf).inside


def test_a_level_is_reached_at_a_recorded_step():
    assert judged("test_accuracy >= 0.5").median == RUN.steps[1]
    assert judged("test_accuracy >= 0.9").median == math.inf
    assert judged("test_accuracy <= 0").median == 0


def test_a_ratio_is_taken_network_by_network():
    run = record(
        RUN.states, RUN.times, observables=RUN.observables, events=RUN.events | {"status": np.zeros(3, int)}
    )
    preset = Preset("none", PLAN, bands={"generalised_step / memorised_step": (3.5, 5)})
    (found,) = judge(preset, run).values()
    assert found.median == 4
    assert found.inside


def test_a_median_outside_its_band_is_said_and_a_band_of_nothing_refused():
    assert not judged("memorised_step", 21, 30).inside
    assert judged("memorised_step", 20, 30).inside
    with pytest.raises(UsageError, match="no 'loss'"):
        judged("loss")
