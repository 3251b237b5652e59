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
from langevin.theory.first_passage import (
    ball_time,
    ball_variance,
    cube_exit_time,
    cube_exit_variance,
    interval_arrival,
    interval_quantile,
    interval_survival,
    interval_time,
    interval_variance,
)
from langevin.theory.first_passage_regimes import (
    drift_exponent,
    drift_time,
    exit_steps,
    overshoot_shift,
    passage_dimension_curves,
    passage_exponent_curve,
    passage_length_curves,
    passage_step_curves,
)
from langevin.theory.fokker_planck import evolve
from langevin.theory.fokker_planck_mesh import mesh_generator, steady_state
from langevin.theory.fokker_planck_passage import (
    absorbing_generator,
    committor,
    mean_passage_time,
    passage_moments,
)
from langevin.theory.fokker_planck_refinement import richardson
from langevin.theory.fokker_planck_spectrum import relaxation_rates, spectral_gap
from langevin.theory.free_energy import (
    free_energy,
    harmonic_share,
    mesh_log_partition,
    wide_share,
    wide_share_curve,
)
from langevin.theory.gibbs import (
    canal_mean_cosine,
    gibbs_density,
    log_partition_function,
    stationary_moment,
    stationary_moment_2d,
)
from langevin.theory.mesh import Mesh, box_mesh, interpolate, region
from langevin.theory.mesh_landscape import energies_on, inside_walls, target_on, targets_on

__all__ = [
    "Mesh",
    "absorbing_generator",
    "ball_time",
    "ball_variance",
    "box_mesh",
    "canal_mean_cosine",
    "capacity_bound",
    "capacity_time",
    "committor",
    "cube_curves",
    "cube_exit_time",
    "cube_exit_variance",
    "cube_slope_curves",
    "double_drift",
    "drift_curves",
    "drift_exponent",
    "drift_time",
    "energies_on",
    "entropy",
    "escape_curves",
    "evolve",
    "exact_escape_time",
    "exit_steps",
    "eyring_kramers_time",
    "eyring_time",
    "flow_displacement",
    "free_energy",
    "gibbs_density",
    "harmonic_share",
    "inside_walls",
    "interpolate",
    "interval_arrival",
    "interval_quantile",
    "interval_survival",
    "interval_time",
    "interval_variance",
    "lattice_slope",
    "lattice_time",
    "log_det_drift",
    "log_partition_function",
    "mean_displacement",
    "mean_passage_time",
    "mesh_generator",
    "mesh_log_partition",
    "overshoot_shift",
    "passage_dimension_curves",
    "passage_exponent_curve",
    "passage_length_curves",
    "passage_moments",
    "passage_step_curves",
    "reference_time",
    "region",
    "relaxation_rates",
    "richardson",
    "spectral_gap",
    "stationary_moment",
    "stationary_moment_2d",
    "steady_state",
    "target_on",
    "targets_on",
    "trace_drift",
    "volume_slope",
    "wide_share",
    "wide_share_curve",
]
