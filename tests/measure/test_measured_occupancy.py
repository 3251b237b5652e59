"""Shares, rates, ends and retention of a telegraph process with known probabilities to enter and leave."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.known_processes import (
    AGAIN,
    FRO,
    FROM,
    GAP,
    TO,
    caught,
    frames,
    inside,
    rotating,
    telegraph,
    x,
)
from langevin import measure
from langevin.errors import UsageError
from langevin.types import Status
from tests.synthetic import arrivals, brownian, record


def run(walkers=40, draws=800, seed=0, **kwargs):
    return telegraph(np.random.default_rng(seed), walkers, draws, **kwargs)


def within(measured, truth):
    return abs(measured.value - truth) < 4 * measured.error


@pytest.mark.parametrize(("crossings", "enough"), [(19, False), (20, True)])
def test_twenty_crossings_are_enough(crossings, enough):
    sides = np.repeat(np.arange(crossings + 1) % 2, 40).astype(float)
    run = record(sides[None, :, None], np.arange(sides.size))
    found = measure.occupation(run, lambda states: states[:, 0] > 0.5, first_time=0.0)
    assert (found.mixed, "20 are needed" in found.note) == (enough, not enough)


@pytest.mark.statistical
def test_share_rate_and_residence():
    """Within 4 standard errors; twice the value is excluded."""
    for measured, exact in [
        (measure.occupation(run(), inside, **FROM), AGAIN),
        (measure.exit_rate(run(), inside, **FROM), FRO / GAP),
        (measure.exit_rate(run(), lambda states: ~inside(states), **FROM), TO / GAP),
        (measure.residence_time(run(), inside, **FROM), GAP / FRO),
    ]:
        assert measured.mixed, measured.note
        assert within(measured, exact)
        assert not within(measured, 2 * exact)


def test_a_region_never_left_has_no_error():
    always = frames(np.ones((5, 50, 1)))
    share, rate = measure.occupation(always, inside, **FROM), measure.exit_rate(always, inside, **FROM)
    assert (share.value, share.error, share.mixed) == (1.0, math.inf, False)
    assert (rate.value, rate.error, rate.mixed) == (0.0, math.inf, False)


def test_walkers_that_stay_apart_are_not_mixed():
    never = np.repeat(np.arange(10.0)[:, None, None] > 4, 100, axis=1).astype(float)
    never[0, 50:] = 1
    measured = measure.occupation(frames(never), inside, **FROM)
    assert not measured.mixed
    assert "crossings" in measured.note


def test_dense_jumps_are_said_to_be_missed():
    quick = frames((np.random.default_rng(0).random((20, 400, 1)) < 0.5).astype(float))
    measured = measure.exit_rate(quick, inside, **FROM)
    assert not measured.mixed
    assert "record more often" in measured.note


@pytest.mark.statistical
def test_a_gap_between_regions_takes_the_recrossings_away():
    """Rates of dX = -X dt + sqrt(2) dW at frames 0.005 and 0.02 apart.

    From x < -1 to x > 1 the frames miss excursions of the size 0.58 sqrt(2 gap), which is a shift of the
    regions by 0.06 and 0.12: less than a fifth of the rate. Control: the count over one border doubles.
    """
    dense = rotating(np.random.default_rng(3), 100, 8000, gap=0.005)
    thin = replace(dense, states=dense.states[:, ::4], times=dense.times[::4], steps=dense.steps[::4])

    def low(states):
        return states[:, 0] < -1

    def high(states):
        return states[:, 0] > 1

    core = [measure.exit_rate(each, low, elsewhere=high, **FROM).value for each in (dense, thin)]
    border = [measure.exit_rate(each, lambda states: x(states) < 0, **FROM).value for each in (dense, thin)]
    assert core[0] < 1.2 * core[1]
    assert border[0] == pytest.approx(2 * border[1], rel=0.1)


def test_a_walker_in_the_gap_counts_to_the_region_it_left():
    path = np.array([0, 0, 0.5, 0, 0.5, 1, 1, 0.5, 1.0, 0])[None, :, None]
    measured = measure.exit_rate(
        frames(path), lambda s: s[:, 0] == 0, elsewhere=lambda s: s[:, 0] == 1, first_time=0.0
    )
    assert measured.value == pytest.approx(1 / (5 * GAP))
    assert (measured.n, measured.mixed) == (1, False)


def test_capture_and_its_interval():
    shares = measure.capture_probabilities(caught(np.random.default_rng(0), 1000))
    assert list(shares) == ["target 0", "target 1", "none"]
    assert sum(share.value for share in shares.values()) == pytest.approx(1)
    assert within(shares["target 1"], 0.2)
    assert not within(shares["target 1"], 0.3)
    assert shares["none"].error > 0
    unlabelled = measure.capture_probabilities(arrivals([1.0, 2.0, 9.0], cutoff=5.0))
    assert unlabelled["target 0"].value == pytest.approx(2 / 3)
    assert not unlabelled["none"].mixed
    assert "under way" in unlabelled["none"].note
    with pytest.raises(UsageError, match="without a target"):
        measure.capture_probabilities(brownian(3, 5))


@pytest.mark.statistical
@pytest.mark.parametrize(("n", "p"), [(20, 0.05), (50, 0.5), (200, 0.01)])
def test_the_wilson_interval_covers(n, p):
    """4000 samples: within 4 % of the nominal 95 %, discrete as it is; Wald's does not at small n p."""
    counts = np.random.default_rng(1).binomial(n, p, 4000)
    bounds = {count: measure.wilson_interval(count, n) for count in set(counts)}
    covered = np.mean([bounds[count][0] < p < bounds[count][1] for count in counts])
    assert abs(covered - 0.95) < 0.04
    if n * p < 5:
        wald = 1.96 * np.sqrt(counts / n * (1 - counts / n) / n)
        assert np.mean(np.abs(counts / n - p) < wald) < 0.91


def test_wilson_by_hand():
    assert measure.wilson_interval(0, 4, 2.0) == pytest.approx((0.0, 0.5))
    for count, n in [(-1, 3), (4, 3), (0, 0)]:
        with pytest.raises(UsageError):
            measure.wilson_interval(count, n)


@pytest.mark.statistical
def test_found_and_kept_are_two_numbers():
    start = run(4000, 41, start=0.0)
    found, kept = measure.found_and_kept(start, inside, after=2.0, **FROM)
    assert within(found, 1 - (1 - TO) ** 40)
    assert within(kept, AGAIN + (1 - AGAIN) * (1 - TO - FRO) ** 10)
    assert not within(kept, found.value)
    assert kept.n < found.n == 4000
    assert "too late" in kept.note


def test_nobody_found_is_a_share_of_zero_and_nothing_to_keep():
    found, kept = measure.found_and_kept(frames(np.zeros((9, 20, 1))), inside, after=1.0, **FROM)
    assert (found.value, found.n, found.mixed) == (0.0, 9, True)
    assert math.isnan(kept.value)
    assert (kept.n, kept.mixed) == (0, False)


def test_a_region_may_be_an_observable():
    whole = run()
    named = replace(
        whole, observables={"grokked": whole.states[:, :, 0], "loss": 0.3 + whole.states[:, :, 0]}
    )
    assert measure.occupation(named, "grokked", **FROM) == measure.occupation(whole, inside, **FROM)
    for name in ("loss", "nothing"):
        with pytest.raises(UsageError):
            measure.occupation(named, name, **FROM)


@pytest.mark.statistical
def test_counting_late_arrivals_as_kept_is_caught():
    """Control: the fraction of arrived walkers that are inside at the end is another, larger one."""
    start = run(4000, 41, start=0.0)
    members = inside(start.states.reshape(-1, 1)).reshape(4000, 41)
    naive = members[members.any(axis=1), -1].mean()
    _, kept = measure.found_and_kept(start, inside, after=6.0, **FROM)
    exact = AGAIN + (1 - AGAIN) * (1 - TO - FRO) ** 30
    assert within(kept, exact)
    assert abs(naive - exact) > 4 * kept.error


def test_misuse_is_refused():
    good = run(5, 50)
    for estimate in (measure.occupation, measure.exit_rate, measure.residence_time):
        for region in (x, lambda states: np.array([True])):
            with pytest.raises(UsageError, match="boolean"):
                estimate(good, region, **FROM)
        with pytest.raises(UsageError):
            estimate(good, inside, first_time=1e9)
    with pytest.raises(UsageError, match="overlap"):
        measure.exit_rate(good, inside, elsewhere=inside, **FROM)
    with pytest.raises(UsageError, match="no walker is in"):
        measure.exit_rate(good, lambda s: s[:, 0] > 5, **FROM)
    with pytest.raises(UsageError, match="no walker leaves"):
        measure.residence_time(frames(np.ones((5, 50, 1))), inside, **FROM)
    for after in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(UsageError):
            measure.found_and_kept(good, inside, after=after, **FROM)
    good.events["status"][0], good.events["step"][0] = Status.HIT, 1
    assert "stopped" in measure.exit_rate(good, inside, **FROM).note
    with pytest.raises(UsageError, match="by force"):
        measure.found_and_kept(good, inside, after=1.0, **FROM)
