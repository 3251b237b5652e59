"""Networks of equal laziness or equal features, and kernels that do not learn after the fit, change the verdicts."""

import numpy as np

from langevin.experiment.claims import FAILS, HOLDS, UNDECIDED, WHERE
from models import polynomial
from sims import lazy_to_rich as sim

RICH, LAZY, AS_RICH = (0.25, sim.EPS), (2.0, sim.EPS), (0.2500001, sim.EPS)
DATA = (0, 1, 2, 3)


def verdict(curves, lazy, floor):
    shown = {RICH: curves[RICH], LAZY: curves[lazy]}
    times = {case: (sim.fitted(curve, "train"), sim.fitted(curve, "test")) for case, curve in shown.items()}
    return sim.laziness_delays(times, floor).verdict


def test_laziness_that_is_left_out_is_noticed(monkeypatch):
    monkeypatch.setattr(sim, "FITS", 0.08)  # reached in fewer steps
    curves = sim.trained((RICH, LAZY, AS_RICH), DATA, 3000, 1)
    floor = np.array([sim.lazy_loss(polynomial.model(data_seed=i)) for i in DATA])
    assert verdict(curves, LAZY, floor).word == HOLDS
    assert verdict(curves, AS_RICH, floor).word != HOLDS  # the ratio of two equal networks is one
    assert verdict(curves, LAZY, floor / 100).word == FAILS  # a lazy limit that does generalise


def test_features_that_do_not_help_are_noticed(monkeypatch):
    """Features of equal strength, instead of features that grow, leave the delay as it is."""
    monkeypatch.setattr(sim, "FITS", 0.08)  # reached in fewer steps
    weak, strong, as_weak = (1.0, 0.1), (1.0, 0.4), (1.0, 0.1000001)
    curves = sim.trained((weak, strong, as_weak), DATA, 3000, 1)

    def word(other):
        shown = {weak: curves[weak], other: curves[other]}
        times = {
            case: (sim.fitted(curve, "train"), sim.fitted(curve, "test")) for case, curve in shown.items()
        }
        return sim.alignment_helps(times).verdict.word

    assert word(strong) == WHERE
    assert word(as_weak) not in (HOLDS, WHERE)


def test_a_delay_that_grows_with_the_alignment_is_noticed():
    """The measured times are broken here, and the physics in the slow test above."""
    spread = np.linspace(0.9, 1.1, 6)

    def word(train, test):
        times = {(1.0, eps): (a * spread, b * spread**2) for eps, a, b in zip((0.05, 0.2), train, test)}
        return sim.alignment_helps(times).verdict.word

    assert word((500, 100), (3500, 1400)) == WHERE  # as measured: a shorter delay, and a larger ratio
    assert word((500, 400), (3500, 1400)) == HOLDS
    assert word((500, 100), (1400, 3500)) == FAILS


def test_networks_that_stay_lazy_learn_no_features(monkeypatch):
    """With a larger scale of the output the weights hardly move, and outputs stay near the linearisation."""
    monkeypatch.setattr(sim, "FITS", 0.15)  # reached also by networks that hardly learn features
    lazy, lazier, data = (2.0, sim.EPS), (64.0, sim.EPS), DATA[:3]
    curves = sim.trained((lazy, lazier), data, 4000, 1)
    words = [
        sim.features_come_late(*sim.features(case[0], curve, data), sim.fitted(curve, "train")).verdict.word
        for case, curve in curves.items()
    ]
    assert words == [HOLDS, FAILS]


def test_a_kernel_that_learns_before_train_fits_is_noticed():
    steps, fits = np.array([0, 10, 100, 1000]), np.full(6, 100.0)
    spread = np.linspace(0.9, 1.1, 6)[:, None]
    away = spread * [0.0, 0.2, 0.3, 0.8]

    def word(losses):
        return sim.features_come_late(steps, np.array([spread * losses, away, away]), fits).verdict.word

    assert word([0.3, 0.25, 0.1, 0.003]) == HOLDS
    assert word([0.3, 0.1, 0.004, 0.003]) == FAILS
    fits = np.full(6, np.inf)  # no network has fitted: nothing comes after that
    assert word([0.3, 0.1, 0.004, 0.003]) == UNDECIDED


def test_networks_that_do_not_fit_in_time_leave_the_exponent_open():
    """With one finite ratio in each data seed there is no slope, and so no verdict; with two there is one."""
    none = sim.exponent({0.5: np.array([2.0, 3.0]), 1.0: np.array([np.inf, np.inf])}, "exponent")
    assert none.n == 0
    assert not none.mixed
    one = sim.exponent({0.5: np.array([2.0, 3.0]), 1.0: np.array([4.0, np.inf])}, "exponent")
    assert one.n == 1
    assert abs(one.value - 1.0) < 1e-12
