"""Theories that break the rules of `langevin.types.delay` are refused by a message, or have no effect on others."""

import numpy as np
import pytest

from langevin.delays.slow_clock import slow_clock
from langevin.errors import UsageError
from langevin.scorecard.evaluate import evaluate
from langevin.scorecard.score import evaluate_whether
from langevin.scorecard.table import runs_of
from langevin.types import Constant, DelayTheory, Forecast, WhetherTheory
from tests.trainings import made_up


def theory(predict, **more):
    return DelayTheory("a formula", "a test", predict=predict, **more)


def scores_of(broken):
    return evaluate(runs_of(made_up()), {"broken": broken, "slow-clock": slow_clock}, "made-up")


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (theory(lambda seen, _: None), "gives NoneType"),
        (theory(lambda seen, _: seen.norm * 1j), "an array of"),
        (theory(lambda seen, _: seen.norm[1:]), "an array of"),
        (theory(lambda seen, _: seen.norm, applies=lambda seen: [True, False]), "`applies` of"),
        (theory(lambda seen, _: Forecast(seen.norm, -seen.norm)), "not above 0"),
        (theory(lambda seen, _: Forecast(seen.norm, 0 * seen.norm)), "not above 0"),
        (theory(lambda seen, _: Forecast(seen.norm, np.nan * seen.norm)), "not above 0"),
        (theory(lambda seen, _: Forecast(seen.norm, np.inf * seen.norm)), "or infinite"),
    ],
)
def test_what_is_no_forecast_is_refused(broken, sentence):
    with pytest.raises(UsageError, match=sentence):
        scores_of(broken)


def test_no_forecast_needs_no_standard_deviation():
    half = theory(
        lambda seen, _: Forecast(np.where(seen.norm > 12, 3, np.nan), np.where(seen.norm > 12, 1, np.nan))
    )
    assert np.isfinite(scores_of(half).entries["broken"].against.value)


def test_a_theory_cannot_change_what_others_see():
    def spoil_numbers(seen, _):
        seen.learning_rate[:] = 1
        return seen.norm

    def spoil_leaves(seen, _):
        seen.norms.clear()
        return seen.norm

    with pytest.raises(ValueError, match="read-only"):
        scores_of(theory(spoil_numbers))
    with pytest.raises(AttributeError, match="clear"):
        scores_of(theory(spoil_leaves))


def test_a_theory_cannot_change_its_constants():
    def spoil(seen, constants):
        said = np.full(len(seen.norm), constants[0])
        constants[0] = 7
        return said

    honest = theory(
        lambda seen, constants: np.full(len(seen.norm), constants[0]), constants=(Constant("c", 3.0),)
    )
    spoilt = theory(spoil, constants=honest.constants)
    told, found = (scores_of(one).entries["broken"].fitted.constants for one in (honest, spoilt))
    assert np.array_equal(told, found)


def counting():
    """A function whose result changes at each call."""
    calls = []

    def predict(seen, constants):
        calls.append(0)
        return constants[0] + np.log10(seen.norm) + 0.3 * np.sin(len(calls))

    return predict


@pytest.mark.parametrize(
    "predict",
    [counting(), lambda seen, it: it[0] + np.random.default_rng().normal(size=len(seen.norm))],
    ids=["counts its calls", "draws random numbers"],
)
def test_a_theory_gives_the_same_numbers_again(predict):
    with pytest.raises(UsageError, match="gives other numbers when it is called again"):
        scores_of(theory(predict, constants=(Constant("c", 3.0),)))


def undecided():
    """Runs that do not generalise if their norm is small."""
    return runs_of([row | ({"outcome": "plateau"} if row["norm"] < 12 else {}) for row in made_up()])


def test_whether_theories_speak_of_their_range():
    known = WhetherTheory("f", "s", predict=lambda seen, _: 1.0 * (seen.norm > 12))
    some = WhetherTheory("f", "s", predict=known.predict, applies=lambda seen: seen.norm > 9)
    nowhere = WhetherTheory("f", "s", predict=known.predict, applies=lambda seen: seen.norm > 99)
    found = evaluate_whether(undecided(), {"known": known, "some": some, "nowhere": nowhere}, "made-up")
    assert set(found) == {"known", "some"}
    assert found["known"].right.value == found["some"].right.value == 1
    assert 0 < found["some"].no < found["known"].no


def test_what_is_no_probability_is_refused():
    wrong = WhetherTheory("f", "s", predict=lambda seen, _: [0.5, 0.5])
    with pytest.raises(UsageError, match="probabilities"):
        evaluate_whether(undecided(), {"wrong": wrong}, "made-up")
