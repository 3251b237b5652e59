"""Drift along a valley whose floor is straight and whose stiffness changes."""

from langevin.arguments import check_calls_of
from langevin.theory.drift.valley import (
    double_drift,
    flow_displacement,
    log_det_drift,
    mean_displacement,
    trace_drift,
)

__all__ = [
    "double_drift",
    "flow_displacement",
    "log_det_drift",
    "mean_displacement",
    "trace_drift",
]

check_calls_of(__name__)
