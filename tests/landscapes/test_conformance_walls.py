"""The contracts of walls, for every landscape that has some; the kernels run as plain Python."""

import numpy as np
import pytest

from tests.landscapes.test_conformance import LANDSCAPES, WALLED, call, starts

BOUNCING = [name for name, landscape in LANDSCAPES.items() if getattr(landscape, "bounce", None)]


@pytest.mark.parametrize("name", WALLED)
def test_walkers_start_within_the_walls(name):
    landscape = LANDSCAPES[name]
    assert call(landscape, "walls", np.ascontiguousarray(starts(landscape, 200).T)).max() <= 0.0


@pytest.mark.parametrize("name", BOUNCING)
def test_bouncing_brings_every_way_inside_whoever_stands_beside(name):
    """From the starts and from ends of paths, with paths much longer than the body; other lanes have no effect."""
    landscape = LANDSCAPES[name]
    before = np.ascontiguousarray(starts(landscape, 17).T)
    for reach in (0.3, 0.3, 30.0, 1e-9):
        moved = before + np.random.default_rng(5).normal(0.0, reach, before.shape)
        ends, given = moved.copy(), before.copy()
        assert landscape.bounce(ends, given, landscape.parameters) is None
        np.testing.assert_array_equal(given, before)
        assert call(landscape, "walls", ends).max() <= 1e-12
        some = moved[:, 3:8].copy()
        landscape.bounce(some, before[:, 3:8].copy(), landscape.parameters)
        np.testing.assert_array_equal(some, ends[:, 3:8])
        before = ends


@pytest.mark.parametrize("name", BOUNCING)
def test_a_free_way_is_left_alone_to_the_bit(name):
    landscape = LANDSCAPES[name]
    origin = np.ascontiguousarray(starts(landscape, 200).T)
    before = origin + np.random.default_rng(7).normal(0.0, 0.3, origin.shape)
    landscape.bounce(before, origin, landscape.parameters)
    inside = call(landscape, "walls", before) < -1e-3
    assert inside.mean() > 0.5
    moved = before + np.random.default_rng(6).normal(0.0, 1e-5, before.shape)
    ends = moved.copy()
    landscape.bounce(ends, before, landscape.parameters)
    # a path through an opening may be divided in two parts, which changes the rounding
    assert np.abs(ends - moved)[:, inside].max() <= 1e-15
