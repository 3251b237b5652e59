"""The cube's curves over the number of samples, and the allowed imports of the floor."""

import math
import subprocess
import sys

import pytest

from langevin.errors import UsageError
from langevin.theory.cube import (
    cube_curves,
    cube_slope_curves,
    eyring_time,
    lattice_slope,
    reference_time,
)


def test_curves_count_samples_down_from_the_dimension():
    curves = {curve.name: curve for curve in cube_curves(6, 2.0, 0.25, 0.5)}
    assert list(curves) == ["finite volume", "Eyring", "capacity law"]
    assert curves["finite volume"].predict(3) == reference_time(3, 2.0, 0.25, 0.5)
    assert curves["Eyring"].predict(1) == eyring_time(5, 2.0, 0.25, 0.5)
    assert curves["finite volume"].predict(6).value == 0
    times = [curves["finite volume"].predict(samples).value for samples in range(7)]
    assert times == sorted(times, reverse=True)  # more samples, earlier grokking


def test_slopes_are_of_log_time_from_k_to_k_plus_one():
    curves = {curve.name: curve for curve in cube_slope_curves(5, 0.25)}
    assert list(curves) == ["lattice law (slope)", "volume law (slope)"]
    assert curves["lattice law (slope)"].predict(2) == lattice_slope(3, 0.25)
    assert curves["volume law (slope)"].predict(2).value == pytest.approx(math.log(4))
    assert not curves["volume law (slope)"].predict(4).in_range


def test_samples_from_none_to_all():
    eyring = next(curve for curve in cube_curves(6, 2.0, 0.25, 0.5) if curve.name == "Eyring")
    assert eyring.predict(0) == eyring_time(6, 2.0, 0.25, 0.5)
    assert eyring.predict(6) == eyring_time(0, 2.0, 0.25, 0.5)


@pytest.mark.parametrize("samples", [-1, 7, 1.5, math.nan])
def test_impossible_samples_are_refused(samples):
    with pytest.raises(UsageError, match="0 to 6"):
        cube_curves(6, 1.0, 0.25, 1.0)[0].predict(samples)


def test_import_is_light_and_stays_on_its_floor():
    code = (
        "import sys; from langevin.theory import cube, learning, passage, scaling;"
        "print([n for n in sys.modules if n.split('.')[0] in ('numba', 'jax', 'scipy', 'matplotlib', 'h5py')"
        " or n.startswith(('langevin.measure', 'langevin.simulate', 'langevin.kernels'))])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
