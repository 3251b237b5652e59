"""Statistics of a run, each with its error: the same code for toy manifolds and for networks.

An estimator takes a `Trajectory` and returns a `Measurement`. It raises `UsageError` when the run cannot
serve it, and answers `mixed=False`, with the reason in `note`, when the data break its assumptions.
"""

from langevin.measure.arrival import arrival_frames
from langevin.measure.displacement import mean_squared_displacement
from langevin.measure.drift import drift_velocity, mean_displacement
from langevin.measure.exponent import displacement_exponents, local_exponent
from langevin.measure.first_passage import mean_first_passage_time
from langevin.measure.interval import confidence_interval, critical_value, log_of
from langevin.measure.moments import ensemble_mean, time_mean

__all__ = [
    "arrival_frames",
    "confidence_interval",
    "critical_value",
    "displacement_exponents",
    "drift_velocity",
    "ensemble_mean",
    "local_exponent",
    "log_of",
    "mean_displacement",
    "mean_first_passage_time",
    "mean_squared_displacement",
    "time_mean",
]
