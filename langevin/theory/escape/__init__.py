"""Escape over barriers: exact times in one dimension, Eyring-Kramers in any, minima and saddles."""

from langevin.arguments import check_calls_of
from langevin.theory.escape.any_line import line_escape_curves, target_edge
from langevin.theory.escape.eyring_kramers import (
    capture_shares,
    eyring_kramers_rate,
    hop_rates,
    transition_time,
    well_shares,
)
from langevin.theory.escape.minima_and_saddles import CriticalPoint, CriticalPoints, critical_points
from langevin.theory.escape.one_dimension import (
    escape_curves,
    exact_escape_time,
    eyring_kramers_time,
    free_energy_time,
)
from langevin.theory.escape.plane import enclosing_box, plane_escape_curves

__all__ = [
    "CriticalPoint",
    "CriticalPoints",
    "capture_shares",
    "critical_points",
    "enclosing_box",
    "escape_curves",
    "exact_escape_time",
    "eyring_kramers_rate",
    "eyring_kramers_time",
    "free_energy_time",
    "hop_rates",
    "line_escape_curves",
    "plane_escape_curves",
    "target_edge",
    "transition_time",
    "well_shares",
]

check_calls_of(__name__)
