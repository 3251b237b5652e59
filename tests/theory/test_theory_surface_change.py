"""Change of a mean along a surface without heat: the same in any unit of length."""

import numpy as np
import pytest

from langevin import manifolds, theory

LABELS = theory.surfaces.noise_law(1.0, 0.0)


@pytest.mark.parametrize("size", [1e-4, 1e3])
def test_motion_without_heat_has_no_unit_of_length(size):
    def change(radius):
        place = manifolds.ellipsoid(3, radius=radius)
        point = theory.surfaces.on_surface(place, radius * np.array([[0.9, 0.5, 0.6]]))[0]
        given = place, point, LABELS, 0.3, lambda states: states[:, 0] / radius
        return theory.surfaces.mean_change(*given).predict(5 * theory.surfaces.usual_time(*given)).value

    assert change(size) == pytest.approx(change(1.0), rel=1e-8)
