"""Learning theories of networks: tangent kernels, learning curves, collapse under weight decay."""

from langevin.arguments import check_calls_of
from langevin.theory.learning.lazy_to_rich import (
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
from langevin.theory.learning.learning_curve import (
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

__all__ = [
    "KernelMode",
    "cube_gibbs_error",
    "kernel_alignment",
    "kernel_modes",
    "lazy_curve",
    "lazy_loss",
    "learning_curves",
    "log_dichotomies",
    "mode_time",
    "perceptron_gibbs_error",
    "perceptron_log_volume",
    "perceptron_overlap",
    "plane_gibbs_error",
    "residual_powers",
    "separable_chance",
    "tangent_kernel",
    "tangent_kernel_spread",
    "volume_ratio",
]

check_calls_of(__name__)
