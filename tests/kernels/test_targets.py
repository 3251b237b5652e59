"""The nearest of several targets: its distance and its number."""

import numpy as np
import pytest

from langevin.kernels.targets import nearest_target

#: Distances of six lanes to three targets; if two are equal the first counts, and nan is not a distance.
DISTANCES = np.array(
    [
        [0.1, 0.9, 0.9, 0.5, -0.2, np.nan],
        [0.8, 0.2, 0.8, 0.5, -0.1, 0.3],
        [0.7, 0.7, 0.3, 0.9, -0.3, 0.1],
    ]
)


def target(row):
    def measure(x, out, parameters):
        for lane in range(x.shape[1]):
            out[lane] = DISTANCES[row, lane]

    return measure


def nearest(count):
    """(distances, numbers of the targets) in plain Python."""
    x, distance, which, spare = np.zeros((1, 6)), np.empty(6), np.full(6, 7.0), np.empty(6)
    nearest_target(tuple(target(row) for row in range(count)))(x, distance, which, spare, ())
    return distance, which


@pytest.mark.parametrize(("count", "places"), [(2, [0, 1, 1, 0, 0]), (3, [0, 1, 2, 0, 2])])
def test_the_nearest_of_several_is_named_by_its_place(count, places):
    distance, which = nearest(count)
    np.testing.assert_array_equal(distance, DISTANCES[:count].min(axis=0))
    assert which[:5].tolist() == places


def test_one_target_has_no_place():
    distance, which = nearest(1)
    np.testing.assert_array_equal(distance, DISTANCES[0])
    assert (which == 7.0).all()
