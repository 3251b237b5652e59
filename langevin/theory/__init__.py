"""Closed forms, quadratures and small numerical solutions with which a correct simulation must agree.

Every law returns a `Prediction` (value, numerical remainder, in range or not) or, over a dial, a `Curve`.

Each name is imported when it is first used (PEP 562); type checkers read `__init__.pyi`.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

from langevin.doors import door

# fmt: off
#: Module of each public name.
_HOME = {
    "body_passage": ("body_passage_curve",),
    "cap_passage": ("cap_passage_time",),
    "chamber_curves": ("chamber_passage_curve", "chamber_passage_time", "two_chambers_curve"),
    "minima_and_saddles": ("CriticalPoint", "CriticalPoints", "critical_points"),
    "cube": ("capacity_bound", "capacity_time", "entropy", "eyring_time", "volume_slope"),
    "cube_over_samples": ("cube_curves", "cube_slope_curves"),
    "cube_finite_volume": ("reference_time",),
    "cube_lattice": ("lattice_slope", "lattice_time"),
    "drift": ("double_drift", "flow_displacement", "log_det_drift", "mean_displacement", "trace_drift"),
    "displacement_curves": ("drift_curves",),
    "outward": ("enclosing_box",),
    "escape": ("escape_curves", "exact_escape_time", "eyring_kramers_time", "free_energy_time"),
    "eyring_kramers": (
        "capture_shares", "eyring_kramers_rate", "hop_rates", "plane_escape_curves", "transition_time",
        "well_shares",
    ),
    "fick_jacobs": ("channel_curves", "channel_passage_time", "effective_diffusion", "local_diffusion"),
    "first_passage": (
        "ball_time", "ball_variance", "cube_exit_time", "cube_exit_variance", "interval_arrival",
        "interval_quantile", "interval_survival", "interval_time", "interval_variance",
    ),
    "first_passage_laws": ("ball_quantile", "ball_survival", "cube_exit_quantile", "cube_exit_survival"),
    "first_passage_regimes": (
        "drift_exponent", "drift_time", "exit_steps", "overshoot_shift", "passage_dimension_curves",
        "passage_exponent_curve", "passage_length_curves", "passage_step_curves",
    ),
    "fokker_planck": ("evolve",),
    "fokker_planck_mesh": ("mesh_generator", "steady_state"),
    "fokker_planck_passage": ("absorbing_generator", "committor", "mean_passage_time", "passage_moments"),
    "fokker_planck_refinement": ("richardson",),
    "fokker_planck_spectrum": ("relaxation_rates", "spectral_gap"),
    "free_energies": ("free_energy", "harmonic_share", "mesh_log_partition", "wide_share", "wide_share_curve"),
    "gibbs": (
        "canal_mean_cosine", "gibbs_density", "log_partition_function", "stationary_moment",
        "stationary_moment_2d",
    ),
    "lazy_to_rich": (
        "KernelMode", "kernel_alignment", "kernel_modes", "lazy_curve", "lazy_loss", "mode_time",
        "residual_powers", "tangent_kernel", "tangent_kernel_spread",
    ),
    "learning_curve": (
        "cube_gibbs_error", "learning_curves", "log_dichotomies", "perceptron_gibbs_error",
        "perceptron_log_volume", "perceptron_overlap", "plane_gibbs_error", "separable_chance",
        "volume_ratio",
    ),
    "line_escape": ("line_escape_curves", "target_edge"),
    "line_relaxation": ("slowest_rate_on_line",),
    "mesh": ("Mesh", "box_mesh", "interpolate", "region"),
    "mesh_landscape": ("energies_on", "inside_walls", "target_on", "targets_on"),
    "sampled": ("sampled_free_energy", "sampled_log_partition", "sampled_log_volume"),
    "sampled_means": ("confining_box", "sampled_moments"),
    "scaling": (
        "grokking_curves", "grokking_steps", "heavy_ball_path", "mean_square_displacement", "path_length",
        "settling_time", "small_target_exponent", "small_target_time", "sphere_displacement",
    ),
    "surface_change": ("mean_change", "usual_time"),
    "surface_curve": ("SurfaceCurve", "arc_positions", "trace_curve"),
    "surface_displacement": ("curve_drift", "curve_drift_curves"),
    "surface_drift": (
        "effective_drift", "log_density", "log_det_normal_hessian", "normal_curvatures",
        "tangential_gradient", "tangents", "trace_normal_hessian",
    ),
    "surface_generator": ("mean_rate",),
    "surface_laws": ("EULER", "SurfaceLaw", "law_of", "noise_law", "projection_law", "rivals_of"),
    "surface_memory": ("slowest_surface_rate", "surface_correlation"),
    "surface_quantities": ("quantities_of",),
    "surface_return": ("on_surface",),
    "surface_spectrum": (
        "surface_area", "surface_masses", "surface_mean", "surface_rates", "triangle_generator",
    ),
    "surface_geometry": ("SurfaceShape", "surface_shape"),
    "surface_stationary": (
        "is_even", "looseness", "quarter_of", "quarters", "share_curves", "stationary_density",
    ),
    "triangulation": ("Triangles", "Triangulation", "triangulate"),
    "laws_of_uneven_noise": ("uneven_laws", "uneven_variance"),
    "volume": (
        "canal_gap", "canal_gap_curve", "chamber_resistance", "channel_resistance", "disc_conductance",
        "torus_constant", "two_chambers_rate",
    ),
}
# fmt: on
_MODULE = {name: module for module, names in _HOME.items() for name in names}

__all__ = sorted(_MODULE)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _MODULE:
        raise AttributeError(f"module 'langevin.theory' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"langevin.theory.{_MODULE[name]}"), name)
    globals()[name] = door(value, __name__) if inspect.isfunction(value) else value
    return globals()[name]


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
