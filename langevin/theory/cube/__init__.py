"""Kozyrev's cube: its first-passage time by closed forms, by finite volumes and on a lattice."""

from langevin.arguments import check_calls_of
from langevin.theory.cube.closed_forms import (
    capacity_bound,
    capacity_time,
    entropy,
    eyring_time,
    volume_slope,
)
from langevin.theory.cube.finite_volume import reference_time
from langevin.theory.cube.over_samples import cube_curves, cube_slope_curves, lattice_slope, lattice_time

__all__ = [
    "capacity_bound",
    "capacity_time",
    "cube_curves",
    "cube_slope_curves",
    "entropy",
    "eyring_time",
    "lattice_slope",
    "lattice_time",
    "reference_time",
    "volume_slope",
]

check_calls_of(__name__)
