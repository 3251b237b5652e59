"""Statements about numbers: when they are established, refuted or left open, and how often by accident."""

import numpy as np
import pytest

from langevin.comparison import compare
from langevin.errors import UsageError
from langevin.experiment.claims import FAILS, HOLDS, ONLY_IF, UNDECIDED, WHERE, Narrowed, verdict_of
from langevin.experiment.statements import (
    LEVEL,
    above,
    below,
    between,
    certain,
    every,
    near,
    no,
    some,
    tails,
    told_by,
)  # fmt: skip
from langevin.types import Measurement, Positive, Prediction, Share, Waits

RUNS, WALKERS = 20_000, 8


def measured(value, error=0.1, n=1000, **more):
    return Measurement(value, error, n, "number", **more)


def sampled(truth, runs=RUNS, seed=1):
    """Means of a few normal numbers around a true value, with errors from the same numbers."""
    draws = np.random.default_rng(seed).normal(truth, 1.0, (runs, WALKERS))
    errors = draws.std(axis=1, ddof=1) / WALKERS**0.5
    return [measured(float(m), float(e), WALKERS) for m, e in zip(draws.mean(axis=1), errors, strict=True)]


def test_a_number_decides_a_bound_as_far_as_its_error_allows():
    for value, established, refuted in ((2.0, True, False), (1.1, False, False), (0.0, False, True)):
        one = above(measured(value), 1.0)
        assert (one.established, one.refuted) == (established, refuted)
        other = below(measured(value), 1.0)
        assert (other.established, other.refuted) == (refuted, established)


def test_at_the_edge_of_a_statement_accidents_come_at_their_level():
    """The true value is the bound: each side occurs in 1 % of 20 000 runs, within 4 standard errors."""
    ones = [above(one, 0.0) for one in sampled(0.0)]
    for share in (np.mean([one.established for one in ones]), np.mean([one.refuted for one in ones])):
        assert abs(share - LEVEL) < 4 * (LEVEL / RUNS) ** 0.5


def test_with_the_normal_law_for_students_accidents_come_more_often():
    """Control: a rule of 2.33 standard errors would fail three times as often with 8 walkers."""
    share = np.mean([one.value / one.error > 2.326 for one in sampled(0.0)])
    assert share > 2 * LEVEL


def test_several_true_statements_are_refuted_together_at_the_level_of_one():
    """Ten statements, each true with margin 0: with Bonferroni 1 % of their conjunctions fail, without it 8 %."""
    ones = [above(one, 0.0) for one in sampled(0.0)]
    tens = [ones[i : i + 10] for i in range(0, RUNS, 10)]
    refuted = np.mean([every("all", ten).refuted for ten in tens])
    assert refuted < LEVEL + 4 * (LEVEL / len(tens)) ** 0.5
    assert np.mean([any(one.refuted for one in ten) for ten in tens]) > 5 * LEVEL


def test_all_are_established_where_each_is_and_one_where_one_is():
    yes, open_, wrong = above(measured(2.0), 1.0), above(measured(1.1), 1.0), above(measured(0.0), 1.0)
    assert every("", [yes, yes]).established
    assert not every("", [yes, open_]).established
    assert every("", [yes, wrong]).refuted
    assert some("", [yes, wrong]).established
    assert some("", [wrong, wrong]).refuted
    assert not some("", [open_, wrong]).refuted
    for nothing in (every("", []), some("", [])):
        assert not nothing.established
        assert not nothing.refuted


def test_an_interval_takes_an_error_that_fits_into_it():
    assert between(measured(1.0, 0.01), 0.9, 1.1).established
    assert between(measured(1.2, 0.01), 0.9, 1.1).refuted
    wide = near(measured(1.0, 0.1), 1.0)
    assert not wide.established
    assert not wide.refuted
    with pytest.raises(UsageError):
        between(measured(1.0), 1.0, 1.0)
    with pytest.raises(UsageError):
        near(measured(1.0), 0.0)


def test_numbers_whose_assumptions_failed_say_nothing():
    for one in (measured(9.0, mixed=False), measured(np.nan), measured(9.0, np.inf), measured(9.0, n=1)):
        assert not above(one, 1.0).established
        assert not above(one, 10.0).refuted


@pytest.mark.parametrize(("n", "decided"), [(1, False), (2, False), (6, False), (7, True)])
def test_equal_values_are_not_certain(n, decided):
    """2^-7 is the first power below 1 %."""
    one = measured(1.0, 0.0, n)
    assert above(one, 0.9).established is decided
    assert below(one, 0.9).refuted is decided
    assert not above(one, 1.0).established


def test_exact_laws_decide_where_errors_mislead():
    """No success in 20 trials has the error 0, and shows only that the probability is below a fifth."""
    never = measured(0.0, 0.0, 20, law=Share(0, 20))
    assert below(never, 0.21).established  # .79^20 = .009
    assert not below(never, 0.2).established  # .8^20 = .0115
    assert not above(never, 0.0).established
    assert above(measured(0.05, 0.05, 20, law=Share(1, 20)), 0.0).established
    assert below(measured(1.0, 0.0, 20, law=Share(20, 20)), 1.0).refuted is False
    few = measured(1.0, 0.5, 4, law=Waits(4, 4.0))
    assert tails(few, 1.0)[0] == pytest.approx(0.433, abs=1e-3)  # chance of a Gamma(4) above 4: 71/3 e^-4
    lognormal = measured(2.0, 0.5, 10**6, law=Positive())
    assert tails(lognormal, 1.0)[0] == pytest.approx(0.00278, abs=2e-5)  # log 2 / .25 = 2.77 errors


def test_comparisons_are_told_to_a_part_of_the_theory():
    right = compare(measured(1.01, 0.001), Prediction(1.0, 0.001))
    assert right.verdict == "excluded"  # a percent off, and within the tolerance
    assert told_by([right]).established
    assert told_by([compare(measured(1.2, 0.001), Prediction(1.0))]).refuted
    blunt = told_by([compare(measured(1.0, 0.001), Prediction(1.0, 0.5))])
    assert not blunt.established
    outside = told_by([compare(measured(1.0, 0.001), Prediction(9.0, in_range=False))])
    assert not outside.refuted


YES, NO, OPEN = certain(True, "yes"), certain(False, "no"), above(measured(1.0), 1.0)


@pytest.mark.parametrize(
    ("claim", "narrowed", "word"),
    [
        (YES, None, HOLDS),
        (OPEN, None, UNDECIDED),
        (NO, None, FAILS),
        (NO, Narrowed("it is small", YES), WHERE),
        (NO, Narrowed("it is small", YES, YES), ONLY_IF),
        (NO, Narrowed("it is small", YES, OPEN), WHERE),
        (NO, Narrowed("it is small", NO, YES), FAILS),
        (NO, Narrowed("it is small", OPEN), UNDECIDED),
        (OPEN, Narrowed("it is small", YES, YES), UNDECIDED),
    ],
)
def test_the_word_follows_from_the_statements(claim, narrowed, word):
    found = verdict_of(claim, narrowed)
    assert found.word == word
    assert str(found) == (f"{word} it is small" if word in (WHERE, ONLY_IF) else word)
    assert no(claim).established == claim.refuted
