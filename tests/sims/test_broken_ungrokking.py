"""Networks that lose generalisation as often as they find it, and networks that slow down with width, are detected."""

import numpy as np
import pytest

from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, UNDECIDED
from langevin.measure.networks.grokking import Arrivals
from langevin.types import Measurement, Trajectory
from sims import ungrokking as sim

NETWORKS, FRAMES = 10, 400


def jumps(finding, losing):
    """Two-state networks that find and lose it with these probabilities at each frame."""
    generator = np.random.default_rng(1)
    inside = np.zeros((NETWORKS, FRAMES), dtype=bool)
    for frame in range(1, FRAMES):
        chance = np.where(inside[:, frame - 1], 1 - losing, finding)
        inside[:, frame] = generator.random(NETWORKS) < chance
    steps = np.arange(FRAMES) * sim.EVERY
    accuracy = {"test_accuracy": np.where(inside, 1.0, 0.1)}
    return sim.crossings(Trajectory(steps.astype(float), steps, inside[..., None], accuracy, {}, {}))


def test_the_rates_are_those_put_in():
    crossed = jumps(0.05, 0.02)
    for (_, low, high), chance in zip(crossed.rates, (0.05, 0.02), strict=True):
        assert low < chance / sim.EVERY < high


HEATS = (2e-5, 5e-5, 1e-4, 2e-4)
#: Chances of losing it at each frame; the chance of finding it is 0.05.
KEPT, LOST, SOONER = (0.0, 0.0, 0.0, 0.0), (0.0, 0.001, 0.1, 0.2), (0.0, 0.05, 0.2, 0.2)


def kept(chances):
    return {heat: jumps(0.05, losing) for heat, losing in zip(HEATS, chances, strict=True)}


@pytest.mark.parametrize(("chances", "word"), [(KEPT, HOLDS), (LOST, ONLY_IF), ((0.1,) * 4, FAILS)])
def test_networks_that_lose_it_are_told_from_those_that_keep_it(chances, word):
    assert sim.is_kept(kept(chances)).verdict.word == word


def test_the_boundary_is_between_the_temperatures_where_the_rates_cross():
    late, soon = (sim.boundary(kept(chances)) for chances in (LOST, SOONER))
    assert HEATS[1] < late.value < HEATS[2]
    assert HEATS[0] < soon.value < HEATS[1]
    assert late.error > (HEATS[2] - HEATS[1]) / 12**0.5
    assert not sim.boundary(kept(KEPT)).mixed


def test_flicker_about_the_criterion_is_no_loss():
    accuracy = np.tile([0.1, 0.96, 0.9, 0.97, 0.9, 0.98], (2, 1))
    steps = np.arange(6) * sim.EVERY
    crossed = sim.crossings(
        Trajectory(steps.astype(float), steps, accuracy[..., None], {"test_accuracy": accuracy}, {}, {})
    )
    assert crossed.total[:2] == (2, 0)


@pytest.mark.parametrize(
    ("times", "spread", "word"), [((100, 50), 0.1, HOLDS), ((50, 100), 0.1, FAILS), ((100, 50), 0.9, FAILS)]
)
def test_slower_or_less_sure_when_wider_is_noticed(times, spread, word):
    arrivals = {
        width: Arrivals(time + np.arange(10.0), np.zeros(10, bool), np.ones(10), "")
        for width, time in zip((64, 128), times, strict=True)
    }
    spreads = {64: Measurement(0.5, 0.05, 20, ""), 128: Measurement(spread, 0.02, 20, "")}
    assert sim.is_surer_when_wider(arrivals, spreads).verdict.word == word


def test_equal_times_are_earlier_in_half_of_the_pairs():
    late = Arrivals(np.arange(10.0), np.zeros(10, bool), np.ones(10), "")
    assert sim.earlier(late, late).value == pytest.approx(0.5)
    assert sim.earlier(late, late).error > 0.1


#: Few narrow networks, which grok early, at a temperature far below the boundary and at one far above it.
FEW = sim.Setting((2e-5, 2.5e-4), 10, 64, 4000, (64, 96), 12)


def test_another_source_of_noise_leaves_no_temperature_at_which_networks_stay(monkeypatch):
    def kept():
        hot = sim.at_temperatures(FEW, sim.network(FEW.width), 1)
        return sim.is_kept({heat: sim.crossings(one) for heat, one in hot.items()}).verdict.word

    assert kept() == ONLY_IF
    right, more = sim.Protocol, FEW.heats[-1]

    def hotter(sweep):
        return right(sweep={name: [value + more for value in values] for name, values in sweep.items()})

    monkeypatch.setattr(sim, "Protocol", hotter)
    assert kept() == FAILS


def test_a_narrow_network_in_the_place_of_a_wide_one_groks_earlier():
    """Their times do not also vary less, so that the broken claim does not hold either."""
    late = {width: sim.until_grokked(FEW, sim.network(width), 1) for width in FEW.widths}

    def surer(runs):
        times = {width: sim.accuracy_times(one, "test", level=sim.KNOWN) for width, one in runs.items()}
        spreads = {width: sim.variation(runs[width], found) for width, found in times.items()}
        return sim.is_surer_when_wider(times, spreads).verdict.word

    assert surer(late) == FAILS
    assert surer(dict(zip(FEW.widths, reversed(late.values()), strict=True))) == UNDECIDED
