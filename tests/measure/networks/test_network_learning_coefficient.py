"""Local learning coefficient on models where it is known, and what spoils it."""

import math
from functools import partial

import numpy as np
import pytest

from langevin.errors import NumericalError, UsageError
from langevin.measure import networks
from tests.measure.networks.small import network, regression

SCALE = 100.0  # inverse temperature


def measure(known, localisation, **numbers):
    return networks.local_learning_coefficient(
        known.model, known.weights, inverse_temperature=SCALE, localisation=localisation, **numbers
    )


measure_regular = partial(
    measure, networks.separate_powers(1, 6), 10.0, learning_rate=0.1, draws=400, every=10, burn_in=100
)


def regular_law(rate, dim=6, decay=0.1):
    """dim modes of curvature 1 and decay gamma theta: price of locality, and of the step of Euler-Maruyama."""
    return dim / 2 / (1 + decay) / (1 - rate * (1 + decay) / 2)


def test_two_lines_that_cross_tend_to_their_coefficient_as_slowly_as_a_logarithm():
    known = networks.crossing()
    for power in (20, 80, 280):
        gap = known.coefficient - known.expected(10.0**power / 4, 1.0)
        assert gap == pytest.approx(1 / (power * math.log(10)), rel=0.01)


@pytest.mark.statistical
def test_a_regular_minimum_has_half_its_number_of_weights():
    coarse, fine = measure_regular()
    assert abs(coarse.value - regular_law(0.1)) < 4 * coarse.error
    assert abs(fine.value - regular_law(0.05)) < 4 * fine.error
    assert fine.mixed
    assert fine.n == 5
    assert fine.error < 0.05
    # d / 2 itself, once the known price of locality is paid back, with 3 % for the shorter step
    assert abs(1.1 * fine.value - 3) < 4 * 1.1 * fine.error + 0.03 * 3


@pytest.mark.statistical
def test_a_dropped_factor_two_in_the_noise_is_caught(monkeypatch):
    monkeypatch.setattr("langevin.sgld.law.noise_sd", lambda rate, theta: (rate * theta) ** 0.5)
    _, fine = measure_regular()
    assert fine.value + 10 * fine.error < regular_law(0.05)


@pytest.mark.statistical
@pytest.mark.parametrize("exponent", [2, 3])
def test_a_singular_minimum_has_less(exponent):
    known = networks.separate_powers(exponent, 3)
    _, fine = measure(known, 0.1, learning_rate=0.5, draws=400, every=50, burn_in=500)
    assert known.coefficient == 1.5 / exponent
    assert known.expected(SCALE, 0.1) == pytest.approx(known.coefficient, rel=0.01)
    assert abs(fine.value - known.expected(SCALE, 0.1)) < 4 * fine.error
    assert fine.mixed
    assert abs(fine.value - 1.5) > 10 * fine.error  # the regular value is excluded


@pytest.mark.statistical
def test_at_a_crossing_the_finite_temperature_law_is_met_and_the_limit_is_not():
    known = networks.crossing()
    _, fine = measure(known, 1.0, learning_rate=0.2, draws=400, every=100, burn_in=1000)
    assert abs(fine.value - known.expected(SCALE, 1.0)) < 4 * fine.error
    assert abs(fine.value - known.coefficient) > 10 * fine.error
    assert fine.mixed


def test_the_law_of_the_crossing_is_its_integral():
    """The mean of n beta L is -d log Z / d log(n beta); Z after the integral over y, by quadrature in log x."""

    def log_z(scale):
        x = np.exp(np.linspace(-40, 5, 200_001))
        return math.log(np.trapezoid(np.exp(-(x**2) / 2) * x / np.sqrt(1 + scale * x**2), np.log(x)))

    step = 1e-3
    slope = (log_z(SCALE * math.exp(step)) - log_z(SCALE * math.exp(-step))) / (2 * step)
    assert networks.crossing().expected(SCALE, 1.0) == pytest.approx(-slope, rel=1e-5)
    assert networks.crossing().expected(1e300, 1e-3) == pytest.approx(0.5, abs=2e-3)
    with pytest.raises(UsageError, match="localisation must be above 0"):
        networks.crossing().expected(SCALE, 0.0)


def test_separate_powers_have_their_coefficient_at_every_temperature():
    for exponent in (1, 2, 5):
        known = networks.separate_powers(exponent, 4)
        for scale in (1.0, 1e4):
            assert known.expected(scale, 0.0) == pytest.approx(2 / exponent, rel=1e-8)
    assert networks.separate_powers(1, 6).expected(SCALE, 10.0) == pytest.approx(3 / 1.1, rel=1e-8)
    with pytest.raises(UsageError, match="at least 1"):
        networks.separate_powers(0)


def test_a_step_that_decides_the_answer_is_not_mixed():
    coarse, fine = measure_regular(learning_rate=0.8)
    assert not coarse.mixed
    assert not fine.mixed
    assert "two steps disagree" in fine.note


def test_a_walk_that_still_drifts_is_not_mixed():
    _, fine = measure_regular(learning_rate=0.002, draws=100, every=1, burn_in=0)
    assert not fine.mixed
    assert "drifts" in fine.note


def test_a_point_that_is_no_minimum_is_not_mixed():
    known = networks.separate_powers(1, 6)
    _, fine = measure(known._replace(weights=np.full(6, 3.0)), 0.0, learning_rate=0.1, burn_in=200)
    assert fine.value < 0
    assert not fine.mixed
    assert "no minimum" in fine.note


def test_a_point_a_little_off_the_minimum_is_not_mixed_though_all_looks_well():
    """Six modes of curvature 1 in which w* is off by 0.05: the mean is too small by 3 / 4 without localisation."""
    known = networks.separate_powers(1, 6)._replace(weights=np.full(6, 0.05))
    _, fine = measure(known, 1.0, learning_rate=0.1, draws=400, every=10, burn_in=100)
    assert abs(fine.value - (3 - 0.75)) < 4 * fine.error + 0.03 * 3  # 3 % for the step
    assert not fine.mixed
    assert "lower by 0.75 near the weights" in fine.note


def test_a_point_without_a_gradient_that_is_no_minimum_is_not_mixed():
    """L = (w^2 - 1)^2 / 2 at its maximum: a walk without noise stays there, one with noise does not."""
    model = network(lambda w, _inputs: w[None] ** 2, np.zeros((1, 1)), np.ones((1, 1)))
    _, fine = networks.local_learning_coefficient(
        model, np.zeros(1), inverse_temperature=20.0, localisation=80.0, learning_rate=0.05, draws=100
    )
    assert not fine.mixed
    assert "no minimum" in fine.note


def test_a_singular_model_that_has_not_spread_is_not_mixed():
    """Along the lines of zero loss a walk of 400 time units meets localisation after a million."""
    known = networks.crossing()
    _, fine = networks.local_learning_coefficient(
        known.model, known.weights, inverse_temperature=1e6, localisation=1.0, learning_rate=0.2, draws=100
    )
    assert fine.value + 4 * fine.error < known.expected(1e6, 1.0)
    assert not fine.mixed
    assert "|w - w*|^2 has not settled" in fine.note


def test_one_chain_has_no_error_and_divergence_is_named():
    _, fine = measure_regular(chains=1, draws=10)
    assert (fine.error, fine.mixed) == (math.inf, False)
    with pytest.raises(NumericalError, match="every chain diverges"):
        measure_regular(learning_rate=5.0, draws=100)


@pytest.mark.statistical
def test_a_regression_at_the_usual_temperature_and_the_heat_of_batches():
    """6 samples at the least-squares weights: n beta = 6 / log 6; curvatures of X^T X / N, without decay."""
    model = regression()
    inputs, targets = model.train
    weights = {"w": np.linalg.lstsq(inputs, targets)[0]}
    walk = partial(
        networks.local_learning_coefficient, model, weights, learning_rate=0.2, localisation=0.0, burn_in=500
    )
    curvature = np.linalg.eigvalsh(inputs.T @ inputs / 6)
    for rate, measured in zip((0.2, 0.1), walk()):
        law = np.sum(0.5 / (1 - rate * curvature / 2))
        assert abs(measured.value - law) < 4 * measured.error
    # Residuals of size 1 in batches of one make noise that 1 / (n beta) = 0.001 does not drown.
    _, batches = walk(batch=1, inverse_temperature=1000.0, draws=100)
    assert batches.value > 1.5 * law
    assert not batches.mixed


def test_the_same_seed_gives_the_same_numbers():
    short = partial(measure_regular, draws=5, every=2, burn_in=0, chains=2)
    assert short(seed=2**40) == short(seed=2**40)
    assert short(seed=2**40) != short(seed=0)


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"learning_rate": 0.0}, "above 0"),
        ({"learning_rate": math.nan}, "finite"),
        ({"draws": 3}, "at least 4"),
        ({"chains": 0}, "at least 1"),
        ({"burn_in": -1}, "at least 0"),
        ({"batch": 2}, "between 1 and 1"),
        ({"seed": -1}, "2\\^64 - 1"),
    ],
)
def test_numbers_out_of_range_are_refused(numbers, message):
    with pytest.raises(UsageError, match=message):
        measure_regular(**numbers)
    known = networks.separate_powers()
    common = {"learning_rate": 0.1, "localisation": 1.0}
    for bad in ({}, {"inverse_temperature": -1.0}, {"inverse_temperature": 1.0, "localisation": -1.0}):
        with pytest.raises(UsageError):
            networks.local_learning_coefficient(known.model, known.weights, **common | bad)


@pytest.mark.statistical
@pytest.mark.parametrize(("localisation", "mixed"), [(1.0, True), (100.0, False)])
def test_a_localisation_that_holds_the_weights_is_told(localisation, mixed):
    """A mode of curvature 1 loses the share gamma theta / (1 + gamma theta), and so says - d log lambda/d log gamma."""
    known = networks.separate_powers(1, 2)
    _, fine = measure(known, localisation, learning_rate=0.1, draws=400, every=10, burn_in=100)
    share = localisation / SCALE / (1 + localisation / SCALE)
    assert fine.value == pytest.approx(1 - share, abs=4 * fine.error + 0.05)
    assert fine.mixed == mixed
    assert ("the localisation holds the weights" in fine.note) != mixed
    told = "more localisation takes" in fine.note
    assert told == (not mixed)
    if told:
        assert float(fine.note.split("takes ")[1].split("%")[0]) == pytest.approx(10 * share, rel=0.3)
