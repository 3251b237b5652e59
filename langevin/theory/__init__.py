"""Closed forms, quadratures and small numerical solutions that a correct simulation must agree with.

Every law comes as a `Prediction` (value, numerical remainder, in range or not) or, over a dial, as a `Curve`.
"""

from langevin.theory.cube import capacity_bound, capacity_time, entropy, eyring_time, volume_slope
from langevin.theory.cube_curves import cube_curves, cube_slope_curves
from langevin.theory.cube_finite_volume import reference_time
from langevin.theory.cube_lattice import lattice_slope, lattice_time
from langevin.theory.drift import (
    double_drift,
    flow_displacement,
    log_det_drift,
    mean_displacement,
    trace_drift,
)
from langevin.theory.drift_curves import drift_curves
from langevin.theory.escape import escape_curves, exact_escape_time, eyring_kramers_time
from langevin.theory.gibbs import (
    canal_mean_cosine,
    gibbs_density,
    log_partition_function,
    stationary_moment,
    stationary_moment_2d,
)

__all__ = [
    "canal_mean_cosine",
    "capacity_bound",
    "capacity_time",
    "cube_curves",
    "cube_slope_curves",
    "double_drift",
    "drift_curves",
    "entropy",
    "escape_curves",
    "exact_escape_time",
    "eyring_kramers_time",
    "eyring_time",
    "flow_displacement",
    "gibbs_density",
    "lattice_slope",
    "lattice_time",
    "log_det_drift",
    "log_partition_function",
    "mean_displacement",
    "reference_time",
    "stationary_moment",
    "stationary_moment_2d",
    "trace_drift",
    "volume_slope",
]
