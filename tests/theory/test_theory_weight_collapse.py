"""The weight decay at which all weights collapse: closed forms, and descent on either side of the threshold."""

from itertools import product

import numpy as np
import pytest

from langevin.errors import UsageError
from langevin.theory.learning.weight_collapse import collapse_decay, hill_heights


def cube(n):
    """All inputs of n signs, and the product of the first two."""
    inputs = np.array(list(product((-1.0, 1.0), repeat=n)))
    return inputs, inputs[:, 0] * inputs[:, 1]


@pytest.mark.parametrize("n", [2, 5])
def test_the_parity_of_two_signs_has_its_closed_form(n):
    """(1/4) relu(2 c) with c = 1/sqrt(2); signs that do not matter change nothing. The last stride is 3e-4."""
    found = collapse_decay(*cube(n))
    assert found.value == pytest.approx(8**-0.5, abs=1e-4)
    assert found.remainder < 1e-4


def test_a_quarter_of_the_inputs_has_the_hill_of_its_share():
    """With shares p of the four sign patterns the units of one have sqrt(2) p, where the bias does not help."""
    inputs, labels = cube(2)
    counts = np.array([4, 3, 3, 2])
    starts = np.column_stack([inputs, np.zeros(4)])
    found = hill_heights(np.repeat(inputs, counts, axis=0), np.repeat(labels, counts), starts)
    np.testing.assert_allclose(found, 2**0.5 * counts / 12, rtol=0.02)
    assert (np.diff(found)[[0, 2]] < -0.05).all()


def test_no_direction_on_a_fine_grid_is_better():
    generator = np.random.default_rng(3)
    inputs, labels = generator.standard_normal((12, 1)), generator.choice([-1.0, 1.0], 12)
    angles = np.linspace(0, 2 * np.pi, 20_001)
    units = np.column_stack([np.cos(angles), np.sin(angles)])
    on_grid = np.abs(np.maximum(units @ np.column_stack([inputs, np.ones(12)]).T, 0) @ labels / 12).max()
    assert collapse_decay(inputs, labels).value == pytest.approx(on_grid, abs=1e-3)


@pytest.mark.parametrize(("over", "dies"), [(0.8, False), (1.2, True)])
def test_descent_dies_above_the_threshold_and_lives_below(over, dies):
    """At 1.2 times the threshold |x| falls by exp(-0.2 x 0.35 x 200) < 1e-6."""
    inputs, labels = cube(3)
    decay = over * 8**-0.5
    generator = np.random.default_rng(0)
    units, outputs = generator.standard_normal((30, 4)), generator.standard_normal(30)
    samples = np.column_stack([inputs, np.ones(8)])
    for _ in range(4000):
        hidden = np.maximum(samples @ units.T, 0)
        slope = np.where(labels * (hidden @ outputs) < 1, labels, 0.0) / 8
        pull = ((hidden > 0) * slope[:, None]).T @ samples * outputs[:, None]
        units, outputs = (
            units + 0.05 * (pull - decay * units),
            outputs + 0.05 * (slope @ hidden - decay * outputs),
        )
    assert (np.linalg.norm(units) < 1e-3) == dies


@pytest.mark.parametrize(
    ("inputs", "labels", "starts", "message"),
    [
        (np.ones((3, 2)), np.ones(2), np.ones((1, 3)), "must be"),
        (np.ones((3, 2)), np.ones(3), np.ones((1, 2)), "must be"),
        (np.ones((3, 2)), np.zeros(3), np.ones((1, 3)), "1 or -1"),
        (np.full((3, 2), np.nan), np.ones(3), np.ones((1, 3)), "finite"),
        (np.ones((3, 2)), np.ones(3), np.zeros((1, 3)), "zero"),
    ],
)
def test_impossible_samples_are_refused(inputs, labels, starts, message):
    with pytest.raises(UsageError, match=message):
        hill_heights(inputs, labels, starts)
