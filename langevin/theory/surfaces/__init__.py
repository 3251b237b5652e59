"""Motion along any zero-loss set r(x) = 0: drift, stationary distribution and relaxation, from r and its Jacobian."""

from langevin.arguments import check_calls_of
from langevin.theory.surfaces.change import mean_change, usual_time
from langevin.theory.surfaces.curve import SurfaceCurve, arc_positions, trace_curve
from langevin.theory.surfaces.displacement_curves import curve_drift, curve_drift_curves, drift_curves
from langevin.theory.surfaces.drift import (
    effective_drift,
    log_density,
    log_det_normal_hessian,
    normal_curvatures,
    tangential_gradient,
    tangents,
    trace_normal_hessian,
)
from langevin.theory.surfaces.fields import box_means, curve_mean, fisher_cosine, fisher_spreads
from langevin.theory.surfaces.generator import mean_rate, quantities_of
from langevin.theory.surfaces.geometry import SurfaceShape, on_surface, surface_shape
from langevin.theory.surfaces.laws import EULER, SurfaceLaw, law_of, noise_law, projection_law, rivals_of
from langevin.theory.surfaces.memory import slowest_surface_rate, surface_correlation
from langevin.theory.surfaces.spectrum import (
    is_resolved,
    surface_area,
    surface_masses,
    surface_mean,
    surface_rates,
    triangle_generator,
)
from langevin.theory.surfaces.stationary import (
    is_even,
    looseness,
    quarter_of,
    quarters,
    share_curves,
    stationary_density,
    uneven_laws,
    uneven_variance,
)
from langevin.theory.surfaces.triangulation import Triangles, Triangulation, triangulate

__all__ = [
    "EULER",
    "SurfaceCurve",
    "SurfaceLaw",
    "SurfaceShape",
    "Triangles",
    "Triangulation",
    "arc_positions",
    "box_means",
    "curve_drift",
    "curve_drift_curves",
    "curve_mean",
    "drift_curves",
    "effective_drift",
    "fisher_cosine",
    "fisher_spreads",
    "is_even",
    "is_resolved",
    "law_of",
    "log_density",
    "log_det_normal_hessian",
    "looseness",
    "mean_change",
    "mean_rate",
    "noise_law",
    "normal_curvatures",
    "on_surface",
    "projection_law",
    "quantities_of",
    "quarter_of",
    "quarters",
    "rivals_of",
    "share_curves",
    "slowest_surface_rate",
    "stationary_density",
    "surface_area",
    "surface_correlation",
    "surface_masses",
    "surface_mean",
    "surface_rates",
    "surface_shape",
    "tangential_gradient",
    "tangents",
    "trace_curve",
    "trace_normal_hessian",
    "triangle_generator",
    "triangulate",
    "uneven_laws",
    "uneven_variance",
    "usual_time",
]

check_calls_of(__name__)
