"""A line for each point of a sweep of trainings, and the numbers for one network or two."""

from pathlib import Path

import numpy as np
import pytest

from langevin.cli.keeping import _grokked, numbers_table
from langevin.cli.swept import GENERALISED, MEMORISED, table
from langevin.experiment.network_run import _shown
from langevin.sweep.results import Sweep
from langevin.sweep.rows import DELAY, PHASE, SHARE, Row
from langevin.types import Measurement, Status
from langevin.words import format_mean, too_few
from tests.synthetic import record

STEPS = 10.0 * np.arange(101)


def row(file, quantity, value, error=1.0, n=5, **more):
    return Row(file, {"rate": file}, {}, quantity, value, error, n, True, more.pop("note", ""), **more)


def point(file, **more):
    numbers = {MEMORISED: 100.0, GENERALISED: 300.0, DELAY: 200.0, SHARE: 1.0, "train loss": 0.5}
    return [row(file, name, value, **more) for name, value in numbers.items()]


def swept(*rows):
    rates = tuple(dict.fromkeys(float(one.file) for one in rows))
    return Sweep(Path("folder"), rows, {"rate": rates}, {})


def trained(memorised, generalised, status=Status.FINISHED):
    """A run of networks with accuracy 1 on the training and on the test set from these steps on, never for -1."""
    accuracies = {
        f"{part}_accuracy": np.array([(STEPS >= step) & (step >= 0) for step in first], float)
        for part, first in (("train", memorised), ("test", generalised))
    }
    events = {"memorised_step": np.array(memorised), "generalised_step": np.array(generalised)}
    states = np.zeros((len(memorised), len(STEPS), 1))
    return record(states, 1e-5 * STEPS, observables=accuracies, events=events, status=status)


def found(run):
    """(value, error, n, bound) by quantity."""
    return {
        one["quantity"]: (one["value"], one["error"], one["n"], one["bound"]) for one in _grokked(run, {})
    }


def test_each_point_has_a_line_with_its_delay_and_its_share():
    text = table(
        swept(*point("1"), row("1", PHASE, 2.0, note="grokking, 4 of 5 networks"), *point("2"))
    ).split("\n")
    assert text[0].split() == "rate memorised generalised delay share phase of most n".split()
    assert text[2].split("  ")[-1] == "5"
    assert " ".join(text[2].split()) == "1 100.0 +- 1.0 300.0 +- 1.0 200.0 +- 1.0 1 grokking, 4 of 5 5"
    assert len(text) == 5  # two points, what delay means
    assert "no useful error" not in "".join(text)


def test_networks_that_never_came_so_far_give_a_bound_and_a_point_without_memorised_networks_no_delay():
    late = [
        row("1", MEMORISED, 1000.0, bound=True),
        row("1", GENERALISED, 1000.0, bound=True),
        row("1", SHARE, 0.0),
    ]
    assert " ".join(table(swept(*late)).split("\n")[2].split()) == "1 > 1000 > 1000 - 0 - 5"


def test_a_sweep_in_which_a_point_is_a_regression_keeps_a_line_for_each_number():
    assert "quantity" in table(swept(*point("1"), row("2", "train loss", 0.1))).split("\n")[0]


def test_two_networks_have_no_useful_error_and_the_remedy_is_said():
    text = table(swept(*point("1", n=2)))
    assert "+-" not in text
    assert "2 networks: no useful error; use `langevin train --seeds 5`" in text
    number = {"quantity": "trace", "at": {}, "value": 3.0, "error": 38.0, "n": 2, "note": ""}
    assert "3 " in numbers_table([number], networks=True)
    assert "2 networks: no useful error; use `langevin train --seeds 5`" in numbers_table(
        [number], networks=True
    )
    assert "3 +- 38" in numbers_table([number])  # walkers of a toy
    assert "3 +- 38" in numbers_table([number | {"n": 3}], networks=True)


@pytest.mark.parametrize(("n", "shown"), [(1, "3.142"), (2, "3.142"), (3, "3.14 +- 0.50")])
def test_a_mean_of_three_has_an_error(n, shown):
    assert format_mean(3.14159, 0.5, n) == shown
    assert bool(too_few([n])) == (n < 3)


def test_a_median_without_an_error_is_shown_alone():
    assert _shown(Measurement(92.0, np.inf, 5, "median")) == "92"


def test_counts_are_said_together():
    assert too_few([2, 1, 7, 0, 2]) == [
        "1 network and 2 networks: no useful error; use `langevin train --seeds 5`"
    ]
    assert too_few([0, 3]) == []


def test_the_delay_is_that_of_pairs():
    """Memorised at 100 to 500, generalised 200 later: the error contains the gaps of 10, not the spread of steps."""
    memorised = [100, 200, 300, 400, 500]
    numbers = found(trained(memorised, [step + 200 for step in memorised]))
    assert numbers[DELAY] == pytest.approx((200.0, 20.0, 5, False))
    assert numbers[SHARE][0] == 1
    assert numbers[SHARE][1] > 0  # five of five are not certainty
    spread = found(trained(memorised, [300, 300, 600, 600, 900]))
    assert spread[DELAY][1] > 40  # another delay in each network is seen


def test_a_network_that_never_generalised_makes_the_delay_a_bound_and_others_do_not_count():
    numbers = found(trained([100, 100, -1], [300, -1, -1]))
    assert numbers[DELAY] == (550.0, None, 2, True)  # 200, and 900 to the end of the run
    assert numbers[SHARE][0] == pytest.approx(1 / 3)
    assert DELAY not in found(trained([-1], [-1]))
    assert DELAY not in found(trained([10], [20], status=Status.DIVERGED))
