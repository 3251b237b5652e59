"""The test of stationarity for all means over time: how often it refuses stationary runs, and what it detects.

Seeds are fixed. The bounds are for a probability of 1 % (5 of 100), or for a power of 90 %, with a tolerance of three
standard deviations.
"""

import math

import numpy as np
import pytest

from benchmarks.known_processes import FROM, frames
from langevin import measure
from langevin.measure.moments import correlation_time
from langevin.measure.stationarity import SHORTEST, depending_on_start, drifting, resting_on_few, unsettled
from langevin.measure.windows import time_weights
from langevin.types import Status
from tests.synthetic import record

pytestmark = pytest.mark.statistical
RUNS = 100


def memory(walkers, draws, gap, start=None):
    """Series of dX = -X dt + sqrt(2) dW (walkers, draws), in equilibrium or from a start."""

    def make(generator):
        keep, kick = math.exp(-gap), math.sqrt(1 - math.exp(-2 * gap))
        values = generator.standard_normal((draws, walkers))
        values[0] = values[0] if start is None else start
        for frame in range(1, draws):
            values[frame] = keep * values[frame - 1] + kick * values[frame]
        return values.T.copy()

    return make


def wells(walkers, draws, cross, right):
    """Points -1 and 1 with noise; a walker crosses with probability `cross` at a frame; `right` of them begin at 1."""

    def make(generator):
        jumps = generator.random((walkers, draws)) < cross
        side = np.where(generator.random((walkers, 1)) < right, 1, -1)
        return side * (-1) ** np.cumsum(jumps, axis=1) + 0.15 * generator.standard_normal((walkers, draws))

    return make


def drift(make, rise):
    return lambda generator: (values := make(generator)) + np.linspace(0, rise, values.shape[1])


def refusals(make, test=unsettled, runs=RUNS):
    """The number of runs that a test refuses."""
    generator, count = np.random.default_rng(7), 0
    for _ in range(runs):
        values = make(generator)
        count += bool(test(values, 1.0, correlation_time(values - values.mean())))
    return count


@pytest.mark.parametrize(
    "make",
    [
        memory(100, 50, 50.0),  # independent values
        memory(1000, 40, 0.125),  # five relaxation times, which split R-hat always refuses
        memory(1, 2000, 0.2),
        memory(4, 500, 0.2),
        memory(20, 400, 0.2),
        wells(100, 100, 0.05, 0.5),  # ten times of relaxation
        lambda generator: memory(40, 200, 0.2)(generator) ** 2,
        lambda generator: 1.0 * (memory(100, 200, 0.2)(generator) > 2.5),
    ],
)
def test_what_is_stationary_is_seldom_refused(make):
    assert refusals(make) <= 5


@pytest.mark.parametrize(
    ("make", "test", "least"),
    [
        (memory(200, 400, 0.2, start=3.0), drifting, 90),  # shifts the mean by 3.4 of its errors
        (drift(memory(200, 400, 0.2), 0.25), drifting, 90),
        (drift(memory(20, 400, 0.2), 1.0), drifting, 90),
        (wells(200, 100, 0.005, 0.0), unsettled, 99),  # a quarter of the walkers has left the first well
        (wells(200, 100, 2e-4, 0.0), unsettled, 82),  # four have left it; if none has (2 %) nothing shows
        (wells(200, 100, 1e-4, 0.5), depending_on_start, 99),  # in equilibrium, and stuck
        (memory(200, 50, 0.04), depending_on_start, 99),  # in equilibrium, for two relaxation times
        (wells(2, 500, 0.0, 0.5), depending_on_start, 33),  # apart in half of the runs
    ],
)
def test_what_is_not_stationary_is_found(make, test, least):
    assert refusals(make, test) >= least


def test_what_the_rule_can_not_see():
    """It cannot detect walkers that never leave the first well, or a shift by a third of an error of the mean."""
    assert refusals(wells(200, 100, 0.0, 0.0)) <= 5
    assert refusals(memory(200, 400, 0.2, start=0.3)) <= 10


def test_each_test_says_what_it_found():
    generator = np.random.default_rng(0)
    noise = generator.standard_normal((100, 80))
    assert "the mean changes" in drifting(noise + np.linspace(0, 1, 80), 1.0, 0.5)
    assert "depend on their starts" in depending_on_start(
        noise + generator.standard_normal((100, 1)), 1.0, 0.5
    )
    assert f"{SHORTEST:g} are needed" in depending_on_start(noise, 1.0, 40.0)
    lonely = noise.copy()
    lonely[0, 60:] += 100
    assert "rests on 1 walkers" in resting_on_few(lonely, 1.0, 0.5)
    assert not unsettled(noise, 1.0, 0.5)


def test_where_zero_lies_does_not_matter():
    """A millionth of the largest value is a change, and not round-off."""
    generator = np.random.default_rng(0)
    noise = 1e6 + generator.standard_normal((100, 80))
    assert "the mean changes" in drifting(noise + np.linspace(0, 1, 80), 1.0, 0.5)
    assert "depend on their starts" in depending_on_start(
        noise + generator.standard_normal((100, 1)), 1.0, 0.5
    )
    noise[0, 60:] += 100
    assert "rests on 1 walkers" in resting_on_few(noise, 1.0, 0.5)


def test_constants_and_round_off_are_stationary():
    for values in (np.ones((50, 20)), 1 + np.linspace(0, 1e-12, 20) + np.zeros((50, 1))):
        assert not unsettled(values, 1.0, 0.5)
        assert not unsettled(values[:1], 1.0, 0.5)


def test_the_parts_of_the_window_are_of_time_not_of_frames():
    """A change in the middle of the time, at frame 90 of 100: the halves of the frames would show a tenth of it."""
    times = np.concatenate([np.linspace(0, 1, 90, endpoint=False), np.linspace(1, 2, 10)])
    values = np.random.default_rng(0).standard_normal((50, 100)) + (times >= 1)
    found = drifting(values, time_weights(times, slice(None)), 0.5)
    assert "the first to the last 0.5" in found
    assert float(found.split("changes by ")[1].split(" +-")[0]) == pytest.approx(1.0, abs=0.3)


def test_every_mean_over_time_asks_the_rule():
    """A quarter of the walkers has left the left well: no mean, share, density or current is mixed."""
    states = wells(200, 100, 0.005, 0.0)(np.random.default_rng(1))
    plane = np.stack([states, memory(200, 100, 1.0)(np.random.default_rng(2))], axis=2)
    run = frames(plane)
    run.meta["temperature"] = 1.0

    def right(at):
        return at[:, 0] > 0

    def place(at):
        return at[:, 0]

    for found in (
        measure.time_mean(run, place, 0.0),
        measure.occupation(run, right, **FROM),
        measure.free_energy(run, right, **FROM),
        measure.stationary_density(run, place, [-2, 0], **FROM)[0],
        measure.area_rate(run, place, lambda at: at[:, 1], **FROM),
        measure.integrated_autocorrelation_time(run, place, **FROM),
    ):
        assert not found.mixed
        assert "not stationary" in found.note


def test_a_rate_is_judged_by_what_leaves_not_by_who_is_left():
    """All leave a well at one rate: their number falls, but the rate is mixed; a growing rate is not mixed."""
    generator = np.random.default_rng(3)

    def left(chances):
        stays = np.cumsum(generator.random((400, 200)) < chances, axis=1) == 0
        return frames(stays[:, :, None].astype(float))

    def inside(at):
        return at[:, 0] > 0.5

    steady = measure.exit_rate(left(0.01), inside, **FROM)
    assert steady.mixed, steady.note
    assert not measure.occupation(left(0.01), inside, **FROM).mixed
    rising = measure.exit_rate(left(np.linspace(0.002, 0.018, 200)), inside, **FROM)
    assert not rising.mixed
    assert "not stationary" in rising.note


def test_a_mean_over_stopped_walkers_is_not_mixed():
    run = record(np.random.default_rng(0).standard_normal((50, 40, 1)), np.arange(40.0))
    run.events["status"][0], run.events["step"][0] = Status.HIT, 1
    found = measure.time_mean(run, lambda at: at[:, 0], 0.0)
    assert not found.mixed
    assert "stopped" in found.note
