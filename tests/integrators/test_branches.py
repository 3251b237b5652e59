"""Chords that are examined further: chords steep to a tangent plane, and chords with a middle far from the surface."""

import numpy as np
import pytest

from langevin.steps.branches import _suspect

LENGTHS = (1e-3, 1.0, 50.0)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("size", [0.1, 7.0])
def test_a_chord_is_steep_from_a_sine_of_0_38_on(length, size):
    """To the plane z = 0, for an equation with a gradient of any size, up and down; two marked lanes stay marked."""
    sines = np.array([0.0, 0.37, 0.39, -0.37, -0.39, 1.0])
    way = length * np.stack([np.sqrt(1 - sines**2), np.zeros(6), sines])
    slopes = np.zeros((1, 3, 6))
    slopes[0, 2] = size
    chord, suspect = np.empty(6), np.zeros(6)
    suspect[0] = 1.0
    _suspect(slopes, way, np.zeros((1, 6)), np.empty(6), np.empty(6), chord, suspect)
    assert suspect.tolist() == [1, 0, 1, 0, 1, 1]
    np.testing.assert_allclose(chord, length**2, rtol=1e-12)


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("size", [0.1, 7.0])
def test_a_middle_is_aside_from_six_hundredths_of_the_chord_on(length, size):
    """A residual over its gradient is a distance, to first order."""
    distances = np.array([0.0, 0.05, 0.07, -0.05, -0.07])
    slopes, way = np.zeros((1, 3, 5)), np.zeros((3, 5))
    slopes[0, 1], way[0], suspect = size, length, np.zeros(5)
    suspect[0] = 1.0
    residuals = size * length * distances[None]
    _suspect(slopes, way, residuals, np.empty(5), np.empty(5), np.empty(5), suspect)
    assert suspect.tolist() == [1, 0, 1, 0, 1]
