"""Drift along a valley whose floor is straight and whose stiffness changes."""

from langevin.doors import open_doors
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

open_doors(__name__)
