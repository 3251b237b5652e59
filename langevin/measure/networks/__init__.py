"""Measurements on a network at given weights: curvature, kernel, representation, and the times of grokking.

from langevin.measure import networks

Functions take a `langevin.sgld.Model` and weights, as its `init` returns them. They work in double precision for
weights of any precision. Importing this package imports JAX; `langevin.measure` does not import it.
"""

from langevin.arguments import check_calls_of
from langevin.measure.networks.clusters import neighbour_share, silhouette
from langevin.measure.networks.curvature import (
    gauss_newton_trace,
    hessian_products,
    hessian_trace,
    hutchinson_trace,
    log_det,
    top_eigenvalues,
)
from langevin.measure.networks.grokking import (
    accuracy_times,
    arrival_times,
    generalisation_times,
    grokking_waits,
    mean_time,
    median_time,
    memorisation_times,
)
from langevin.measure.networks.kernels import (
    kernel_alignment,
    kernel_change,
    kernel_modes,
    mode_amplitudes,
    representation_alignment,
    tangent_kernel,
)
from langevin.measure.networks.known_coefficients import crossing, separate_powers
from langevin.measure.networks.label_noise import TraceDrift, label_noise_slope, trace_drift
from langevin.measure.networks.learning_coefficient import local_learning_coefficient
from langevin.measure.networks.point import Performance, performance
from langevin.measure.networks.representations import (
    fourier_power,
    frequency_plane,
    neuron_frequencies,
    principal_components,
    t_sne,
    top_share,
)
from langevin.measure.networks.spectra import (
    fraction_below,
    hoyer_sparsity,
    participation,
    spectral_norms,
    weight_density,
)

__all__ = [
    "Performance",
    "TraceDrift",
    "accuracy_times",
    "arrival_times",
    "crossing",
    "fourier_power",
    "fraction_below",
    "frequency_plane",
    "gauss_newton_trace",
    "generalisation_times",
    "grokking_waits",
    "hessian_products",
    "hessian_trace",
    "hoyer_sparsity",
    "hutchinson_trace",
    "kernel_alignment",
    "kernel_change",
    "kernel_modes",
    "label_noise_slope",
    "local_learning_coefficient",
    "log_det",
    "mean_time",
    "median_time",
    "memorisation_times",
    "mode_amplitudes",
    "neighbour_share",
    "neuron_frequencies",
    "participation",
    "performance",
    "principal_components",
    "representation_alignment",
    "separate_powers",
    "silhouette",
    "spectral_norms",
    "t_sne",
    "tangent_kernel",
    "top_eigenvalues",
    "top_share",
    "trace_drift",
    "weight_density",
]

check_calls_of(__name__)
