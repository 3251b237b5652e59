"""Closed forms, quadratures and small numerical solutions that a correct simulation must agree with.

Every law comes as a `Prediction` (value, numerical remainder, in range or not) or, over a dial, as a `Curve`.
"""

from langevin.theory.body_passage import body_passage_curve
from langevin.theory.chamber_curves import chamber_passage_curve, chamber_passage_time, two_chambers_curve
from langevin.theory.critical_points import CriticalPoint, CriticalPoints, critical_points
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
from langevin.theory.escape import (
    escape_curves,
    exact_escape_time,
    eyring_kramers_time,
    free_energy_time,
)
from langevin.theory.eyring_kramers import (
    capture_shares,
    eyring_kramers_rate,
    hop_rates,
    plane_escape_curves,
    transition_time,
    well_shares,
)
from langevin.theory.fick_jacobs import (
    channel_curves,
    channel_passage_time,
    effective_diffusion,
    local_diffusion,
)
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
from langevin.theory.first_passage_laws import (
    ball_quantile,
    ball_survival,
    cube_exit_quantile,
    cube_exit_survival,
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
from langevin.theory.lazy_to_rich import (
    KernelMode,
    kernel_alignment,
    kernel_modes,
    lazy_curve,
    lazy_loss,
    mode_time,
    residual_powers,
    tangent_kernel,
    tangent_kernel_spread,
)
from langevin.theory.learning_curve import (
    cube_gibbs_error,
    learning_curves,
    log_dichotomies,
    perceptron_gibbs_error,
    perceptron_log_volume,
    perceptron_overlap,
    plane_gibbs_error,
    separable_chance,
    volume_ratio,
)
from langevin.theory.line_escape import line_escape_curves, target_edge
from langevin.theory.mesh import Mesh, box_mesh, interpolate, region
from langevin.theory.mesh_landscape import energies_on, inside_walls, target_on, targets_on
from langevin.theory.sampled import sampled_free_energy, sampled_log_partition, sampled_log_volume
from langevin.theory.sampled_moments import confining_box, sampled_moments
from langevin.theory.scaling import (
    grokking_curves,
    grokking_steps,
    heavy_ball_path,
    mean_square_displacement,
    path_length,
    settling_time,
    small_target_exponent,
    small_target_time,
    sphere_displacement,
)
from langevin.theory.surface_change import mean_change, usual_time
from langevin.theory.surface_curve import (
    SurfaceCurve,
    arc_positions,
    trace_curve,
)
from langevin.theory.surface_displacement import (
    curve_drift,
    curve_drift_curves,
)
from langevin.theory.surface_drift import (
    effective_drift,
    log_density,
    log_det_normal_hessian,
    normal_curvatures,
    tangential_gradient,
    tangents,
    trace_normal_hessian,
)
from langevin.theory.surface_generator import mean_rate
from langevin.theory.surface_laws import (
    EULER,
    SurfaceLaw,
    law_of,
    noise_law,
    projection_law,
    rivals_of,
)
from langevin.theory.surface_quantities import quantities_of
from langevin.theory.surface_return import on_surface
from langevin.theory.surface_shape import SurfaceShape, surface_shape
from langevin.theory.surface_stationary import (
    is_even,
    looseness,
    quarter_of,
    quarters,
    share_curves,
    stationary_density,
)
from langevin.theory.uneven_laws import uneven_laws, uneven_variance
from langevin.theory.volume import (
    canal_gap,
    canal_gap_curve,
    chamber_resistance,
    channel_resistance,
    disc_conductance,
    torus_constant,
    two_chambers_rate,
)

# fmt: off
__all__ = [
    "EULER", "CriticalPoint", "CriticalPoints", "KernelMode", "Mesh", "SurfaceCurve", "SurfaceLaw",
    "SurfaceShape", "absorbing_generator", "arc_positions", "ball_quantile", "ball_survival", "ball_time",
    "ball_variance", "body_passage_curve", "box_mesh", "canal_gap", "canal_gap_curve", "canal_mean_cosine",
    "capacity_bound", "capacity_time", "capture_shares", "chamber_passage_curve", "chamber_passage_time",
    "chamber_resistance", "channel_curves", "channel_passage_time", "channel_resistance", "committor",
    "confining_box", "critical_points", "cube_curves", "cube_exit_quantile", "cube_exit_survival",
    "cube_exit_time", "cube_exit_variance", "cube_gibbs_error", "cube_slope_curves", "curve_drift",
    "curve_drift_curves", "disc_conductance", "double_drift", "drift_curves", "drift_exponent", "drift_time",
    "effective_diffusion", "effective_drift", "energies_on", "entropy", "escape_curves", "evolve",
    "exact_escape_time", "exit_steps", "eyring_kramers_rate", "eyring_kramers_time", "eyring_time",
    "flow_displacement", "free_energy", "free_energy_time", "gibbs_density", "grokking_curves",
    "grokking_steps", "harmonic_share", "heavy_ball_path", "hop_rates", "inside_walls", "interpolate",
    "interval_arrival", "interval_quantile", "interval_survival", "interval_time", "interval_variance",
    "is_even", "kernel_alignment", "kernel_modes", "lattice_slope", "lattice_time", "law_of", "lazy_curve",
    "lazy_loss", "learning_curves", "line_escape_curves", "local_diffusion", "log_density", "log_det_drift",
    "log_det_normal_hessian", "log_dichotomies", "log_partition_function", "looseness", "mean_change",
    "mean_displacement", "mean_passage_time", "mean_rate", "mean_square_displacement", "mesh_generator",
    "mesh_log_partition", "mode_time", "noise_law", "normal_curvatures", "on_surface", "overshoot_shift",
    "passage_dimension_curves", "passage_exponent_curve", "passage_length_curves", "passage_moments",
    "passage_step_curves", "path_length", "perceptron_gibbs_error", "perceptron_log_volume",
    "perceptron_overlap", "plane_escape_curves", "plane_gibbs_error", "projection_law", "quantities_of",
    "quarter_of", "quarters", "reference_time", "region", "relaxation_rates", "residual_powers", "richardson",
    "rivals_of", "sampled_free_energy", "sampled_log_partition", "sampled_log_volume", "sampled_moments",
    "separable_chance", "settling_time", "share_curves", "small_target_exponent", "small_target_time",
    "spectral_gap", "sphere_displacement", "stationary_density", "stationary_moment", "stationary_moment_2d",
    "steady_state", "surface_shape", "tangent_kernel", "tangent_kernel_spread", "tangential_gradient",
    "tangents", "target_edge", "target_on", "targets_on", "torus_constant", "trace_curve", "trace_drift",
    "trace_normal_hessian", "transition_time", "two_chambers_curve", "two_chambers_rate", "uneven_laws",
    "uneven_variance", "usual_time", "volume_ratio", "volume_slope", "well_shares", "wide_share",
    "wide_share_curve",
]
# fmt: on
