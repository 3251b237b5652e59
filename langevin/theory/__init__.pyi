"""Closed forms, quadratures and small numerical solutions that a correct simulation must agree with.

Every law comes as a `Prediction` (value, numerical remainder, in range or not) or, over a dial, as a `Curve`.
"""

from langevin.theory.body_passage import body_passage_curve as body_passage_curve
from langevin.theory.cap_passage import cap_passage_time as cap_passage_time
from langevin.theory.chamber_curves import (
    chamber_passage_curve as chamber_passage_curve,
)
from langevin.theory.chamber_curves import (
    chamber_passage_time as chamber_passage_time,
)
from langevin.theory.chamber_curves import (
    two_chambers_curve as two_chambers_curve,
)
from langevin.theory.cube import (
    capacity_bound as capacity_bound,
)
from langevin.theory.cube import (
    capacity_time as capacity_time,
)
from langevin.theory.cube import (
    entropy as entropy,
)
from langevin.theory.cube import (
    eyring_time as eyring_time,
)
from langevin.theory.cube import (
    volume_slope as volume_slope,
)
from langevin.theory.cube_finite_volume import reference_time as reference_time
from langevin.theory.cube_lattice import (
    lattice_slope as lattice_slope,
)
from langevin.theory.cube_lattice import (
    lattice_time as lattice_time,
)
from langevin.theory.cube_over_samples import (
    cube_curves as cube_curves,
)
from langevin.theory.cube_over_samples import (
    cube_slope_curves as cube_slope_curves,
)
from langevin.theory.displacement_curves import drift_curves as drift_curves
from langevin.theory.drift import (
    double_drift as double_drift,
)
from langevin.theory.drift import (
    flow_displacement as flow_displacement,
)
from langevin.theory.drift import (
    log_det_drift as log_det_drift,
)
from langevin.theory.drift import (
    mean_displacement as mean_displacement,
)
from langevin.theory.drift import (
    trace_drift as trace_drift,
)
from langevin.theory.escape import (
    escape_curves as escape_curves,
)
from langevin.theory.escape import (
    exact_escape_time as exact_escape_time,
)
from langevin.theory.escape import (
    eyring_kramers_time as eyring_kramers_time,
)
from langevin.theory.escape import (
    free_energy_time as free_energy_time,
)
from langevin.theory.eyring_kramers import (
    capture_shares as capture_shares,
)
from langevin.theory.eyring_kramers import (
    eyring_kramers_rate as eyring_kramers_rate,
)
from langevin.theory.eyring_kramers import (
    hop_rates as hop_rates,
)
from langevin.theory.eyring_kramers import (
    plane_escape_curves as plane_escape_curves,
)
from langevin.theory.eyring_kramers import (
    transition_time as transition_time,
)
from langevin.theory.eyring_kramers import (
    well_shares as well_shares,
)
from langevin.theory.fick_jacobs import (
    channel_curves as channel_curves,
)
from langevin.theory.fick_jacobs import (
    channel_passage_time as channel_passage_time,
)
from langevin.theory.fick_jacobs import (
    effective_diffusion as effective_diffusion,
)
from langevin.theory.fick_jacobs import (
    local_diffusion as local_diffusion,
)
from langevin.theory.first_passage import (
    ball_time as ball_time,
)
from langevin.theory.first_passage import (
    ball_variance as ball_variance,
)
from langevin.theory.first_passage import (
    cube_exit_time as cube_exit_time,
)
from langevin.theory.first_passage import (
    cube_exit_variance as cube_exit_variance,
)
from langevin.theory.first_passage import (
    interval_arrival as interval_arrival,
)
from langevin.theory.first_passage import (
    interval_quantile as interval_quantile,
)
from langevin.theory.first_passage import (
    interval_survival as interval_survival,
)
from langevin.theory.first_passage import (
    interval_time as interval_time,
)
from langevin.theory.first_passage import (
    interval_variance as interval_variance,
)
from langevin.theory.first_passage_laws import (
    ball_quantile as ball_quantile,
)
from langevin.theory.first_passage_laws import (
    ball_survival as ball_survival,
)
from langevin.theory.first_passage_laws import (
    cube_exit_quantile as cube_exit_quantile,
)
from langevin.theory.first_passage_laws import (
    cube_exit_survival as cube_exit_survival,
)
from langevin.theory.first_passage_regimes import (
    drift_exponent as drift_exponent,
)
from langevin.theory.first_passage_regimes import (
    drift_time as drift_time,
)
from langevin.theory.first_passage_regimes import (
    exit_steps as exit_steps,
)
from langevin.theory.first_passage_regimes import (
    overshoot_shift as overshoot_shift,
)
from langevin.theory.first_passage_regimes import (
    passage_dimension_curves as passage_dimension_curves,
)
from langevin.theory.first_passage_regimes import (
    passage_exponent_curve as passage_exponent_curve,
)
from langevin.theory.first_passage_regimes import (
    passage_length_curves as passage_length_curves,
)
from langevin.theory.first_passage_regimes import (
    passage_step_curves as passage_step_curves,
)
from langevin.theory.fokker_planck import evolve as evolve
from langevin.theory.fokker_planck_mesh import (
    mesh_generator as mesh_generator,
)
from langevin.theory.fokker_planck_mesh import (
    steady_state as steady_state,
)
from langevin.theory.fokker_planck_passage import (
    absorbing_generator as absorbing_generator,
)
from langevin.theory.fokker_planck_passage import (
    committor as committor,
)
from langevin.theory.fokker_planck_passage import (
    mean_passage_time as mean_passage_time,
)
from langevin.theory.fokker_planck_passage import (
    passage_moments as passage_moments,
)
from langevin.theory.fokker_planck_refinement import richardson as richardson
from langevin.theory.fokker_planck_spectrum import (
    relaxation_rates as relaxation_rates,
)
from langevin.theory.fokker_planck_spectrum import (
    spectral_gap as spectral_gap,
)
from langevin.theory.free_energies import (
    free_energy as free_energy,
)
from langevin.theory.free_energies import (
    harmonic_share as harmonic_share,
)
from langevin.theory.free_energies import (
    mesh_log_partition as mesh_log_partition,
)
from langevin.theory.free_energies import (
    wide_share as wide_share,
)
from langevin.theory.free_energies import (
    wide_share_curve as wide_share_curve,
)
from langevin.theory.gibbs import (
    canal_mean_cosine as canal_mean_cosine,
)
from langevin.theory.gibbs import (
    gibbs_density as gibbs_density,
)
from langevin.theory.gibbs import (
    log_partition_function as log_partition_function,
)
from langevin.theory.gibbs import (
    stationary_moment as stationary_moment,
)
from langevin.theory.gibbs import (
    stationary_moment_2d as stationary_moment_2d,
)
from langevin.theory.laws_of_uneven_noise import (
    uneven_laws as uneven_laws,
)
from langevin.theory.laws_of_uneven_noise import (
    uneven_variance as uneven_variance,
)
from langevin.theory.lazy_to_rich import (
    KernelMode as KernelMode,
)
from langevin.theory.lazy_to_rich import (
    kernel_alignment as kernel_alignment,
)
from langevin.theory.lazy_to_rich import (
    kernel_modes as kernel_modes,
)
from langevin.theory.lazy_to_rich import (
    lazy_curve as lazy_curve,
)
from langevin.theory.lazy_to_rich import (
    lazy_loss as lazy_loss,
)
from langevin.theory.lazy_to_rich import (
    mode_time as mode_time,
)
from langevin.theory.lazy_to_rich import (
    residual_powers as residual_powers,
)
from langevin.theory.lazy_to_rich import (
    tangent_kernel as tangent_kernel,
)
from langevin.theory.lazy_to_rich import (
    tangent_kernel_spread as tangent_kernel_spread,
)
from langevin.theory.learning_curve import (
    cube_gibbs_error as cube_gibbs_error,
)
from langevin.theory.learning_curve import (
    learning_curves as learning_curves,
)
from langevin.theory.learning_curve import (
    log_dichotomies as log_dichotomies,
)
from langevin.theory.learning_curve import (
    perceptron_gibbs_error as perceptron_gibbs_error,
)
from langevin.theory.learning_curve import (
    perceptron_log_volume as perceptron_log_volume,
)
from langevin.theory.learning_curve import (
    perceptron_overlap as perceptron_overlap,
)
from langevin.theory.learning_curve import (
    plane_gibbs_error as plane_gibbs_error,
)
from langevin.theory.learning_curve import (
    separable_chance as separable_chance,
)
from langevin.theory.learning_curve import (
    volume_ratio as volume_ratio,
)
from langevin.theory.line_escape import (
    line_escape_curves as line_escape_curves,
)
from langevin.theory.line_escape import (
    target_edge as target_edge,
)
from langevin.theory.line_relaxation import slowest_rate_on_line as slowest_rate_on_line
from langevin.theory.mesh import (
    Mesh as Mesh,
)
from langevin.theory.mesh import (
    box_mesh as box_mesh,
)
from langevin.theory.mesh import (
    interpolate as interpolate,
)
from langevin.theory.mesh import (
    region as region,
)
from langevin.theory.mesh_landscape import (
    energies_on as energies_on,
)
from langevin.theory.mesh_landscape import (
    inside_walls as inside_walls,
)
from langevin.theory.mesh_landscape import (
    target_on as target_on,
)
from langevin.theory.mesh_landscape import (
    targets_on as targets_on,
)
from langevin.theory.minima_and_saddles import (
    CriticalPoint as CriticalPoint,
)
from langevin.theory.minima_and_saddles import (
    CriticalPoints as CriticalPoints,
)
from langevin.theory.minima_and_saddles import (
    critical_points as critical_points,
)
from langevin.theory.outward import enclosing_box as enclosing_box
from langevin.theory.sampled import (
    sampled_free_energy as sampled_free_energy,
)
from langevin.theory.sampled import (
    sampled_log_partition as sampled_log_partition,
)
from langevin.theory.sampled import (
    sampled_log_volume as sampled_log_volume,
)
from langevin.theory.sampled_means import (
    confining_box as confining_box,
)
from langevin.theory.sampled_means import (
    sampled_moments as sampled_moments,
)
from langevin.theory.scaling import (
    grokking_curves as grokking_curves,
)
from langevin.theory.scaling import (
    grokking_steps as grokking_steps,
)
from langevin.theory.scaling import (
    heavy_ball_path as heavy_ball_path,
)
from langevin.theory.scaling import (
    mean_square_displacement as mean_square_displacement,
)
from langevin.theory.scaling import (
    path_length as path_length,
)
from langevin.theory.scaling import (
    settling_time as settling_time,
)
from langevin.theory.scaling import (
    small_target_exponent as small_target_exponent,
)
from langevin.theory.scaling import (
    small_target_time as small_target_time,
)
from langevin.theory.scaling import (
    sphere_displacement as sphere_displacement,
)
from langevin.theory.surface_change import (
    mean_change as mean_change,
)
from langevin.theory.surface_change import (
    usual_time as usual_time,
)
from langevin.theory.surface_curve import (
    SurfaceCurve as SurfaceCurve,
)
from langevin.theory.surface_curve import (
    arc_positions as arc_positions,
)
from langevin.theory.surface_curve import (
    trace_curve as trace_curve,
)
from langevin.theory.surface_displacement import (
    curve_drift as curve_drift,
)
from langevin.theory.surface_displacement import (
    curve_drift_curves as curve_drift_curves,
)
from langevin.theory.surface_drift import (
    effective_drift as effective_drift,
)
from langevin.theory.surface_drift import (
    log_density as log_density,
)
from langevin.theory.surface_drift import (
    log_det_normal_hessian as log_det_normal_hessian,
)
from langevin.theory.surface_drift import (
    normal_curvatures as normal_curvatures,
)
from langevin.theory.surface_drift import (
    tangential_gradient as tangential_gradient,
)
from langevin.theory.surface_drift import (
    tangents as tangents,
)
from langevin.theory.surface_drift import (
    trace_normal_hessian as trace_normal_hessian,
)
from langevin.theory.surface_generator import mean_rate as mean_rate
from langevin.theory.surface_geometry import (
    SurfaceShape as SurfaceShape,
)
from langevin.theory.surface_geometry import (
    surface_shape as surface_shape,
)
from langevin.theory.surface_laws import (
    EULER as EULER,
)
from langevin.theory.surface_laws import (
    SurfaceLaw as SurfaceLaw,
)
from langevin.theory.surface_laws import (
    law_of as law_of,
)
from langevin.theory.surface_laws import (
    noise_law as noise_law,
)
from langevin.theory.surface_laws import (
    projection_law as projection_law,
)
from langevin.theory.surface_laws import (
    rivals_of as rivals_of,
)
from langevin.theory.surface_memory import (
    slowest_surface_rate as slowest_surface_rate,
)
from langevin.theory.surface_memory import (
    surface_correlation as surface_correlation,
)
from langevin.theory.surface_quantities import quantities_of as quantities_of
from langevin.theory.surface_return import on_surface as on_surface
from langevin.theory.surface_spectrum import (
    surface_area as surface_area,
)
from langevin.theory.surface_spectrum import (
    surface_masses as surface_masses,
)
from langevin.theory.surface_spectrum import (
    surface_mean as surface_mean,
)
from langevin.theory.surface_spectrum import (
    surface_rates as surface_rates,
)
from langevin.theory.surface_spectrum import (
    triangle_generator as triangle_generator,
)
from langevin.theory.surface_stationary import (
    is_even as is_even,
)
from langevin.theory.surface_stationary import (
    looseness as looseness,
)
from langevin.theory.surface_stationary import (
    quarter_of as quarter_of,
)
from langevin.theory.surface_stationary import (
    quarters as quarters,
)
from langevin.theory.surface_stationary import (
    share_curves as share_curves,
)
from langevin.theory.surface_stationary import (
    stationary_density as stationary_density,
)
from langevin.theory.triangulation import (
    Triangles as Triangles,
)
from langevin.theory.triangulation import (
    Triangulation as Triangulation,
)
from langevin.theory.triangulation import (
    triangulate as triangulate,
)
from langevin.theory.volume import (
    canal_gap as canal_gap,
)
from langevin.theory.volume import (
    canal_gap_curve as canal_gap_curve,
)
from langevin.theory.volume import (
    chamber_resistance as chamber_resistance,
)
from langevin.theory.volume import (
    channel_resistance as channel_resistance,
)
from langevin.theory.volume import (
    disc_conductance as disc_conductance,
)
from langevin.theory.volume import (
    torus_constant as torus_constant,
)
from langevin.theory.volume import (
    two_chambers_rate as two_chambers_rate,
)
