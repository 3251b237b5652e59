"""The box around a loss: it contains the region of the walkers, and times in it are those in a given box."""

from dataclasses import replace

import numpy as np
import pytest

from langevin import potentials, theory
from langevin.errors import NumericalError, UsageError
from langevin.types import Facts


def distance(x, out, parameters):
    for lane in range(x.shape[1]):
        out[lane] = 0.5 - x[0, lane]


def test_a_box_lies_high_above_the_way_to_the_target():
    """For (x^2 - 1)^2 + 2 y^2 at theta = 0.1: all points with f <= 1.2 + 1 (the top of the straight path) are in it."""
    well = potentials.from_expression("(x**2 - 1)**2 + 2*y**2")
    box = theory.escape.enclosing_box(well, 0.1)
    assert box.lower[0] < -np.sqrt(1 + np.sqrt(2.2))
    assert box.upper[0] > np.sqrt(1 + np.sqrt(2.2))
    assert box.upper[1] > np.sqrt(1.1)
    assert max(np.abs([*box.lower, *box.upper])) < 3.0


def test_a_loss_that_does_not_confine_has_no_box():
    """Control: a slope that is unbounded on one side."""
    slope = potentials.from_expression("y**2 - x", start=[0.0, 0.0], target=distance)
    with pytest.raises(NumericalError, match="does not rise"):
        theory.escape.enclosing_box(slope, 0.1)
    with pytest.raises(UsageError, match="no box of its own"):
        theory.escape.enclosing_box(potentials.quadratic(2), 0.1)


def test_times_in_the_found_box_are_those_in_the_given_one():
    """Mueller-Brown at scale 0.05: the box of its facts, and the one found without them; within both remainders."""
    known = potentials.mueller_brown(0.05)
    box = theory.escape.enclosing_box(replace(known, facts=Facts()), 1.0)
    times = [
        theory.escape.plane_escape_curves(known, one.lower, one.upper)[0].predict(1.0)
        for one in (known.facts.box, box)
    ]
    assert all(time.in_range for time in times)
    assert abs(times[0].value - times[1].value) < 2 * (times[0].remainder + times[1].remainder)
