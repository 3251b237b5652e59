"""The Gibbs distribution exp(-f / theta): moments, partition functions and free energies."""

from langevin.arguments import check_calls_of
from langevin.theory.gibbs.free_energies import (
    free_energy,
    harmonic_share,
    mesh_log_partition,
    wide_share,
    wide_share_curve,
)
from langevin.theory.gibbs.quadratures import (
    canal_mean_cosine,
    gibbs_density,
    log_partition_function,
    stationary_moment,
    stationary_moment_2d,
)
from langevin.theory.gibbs.sampling import (
    confining_box,
    sampled_free_energy,
    sampled_log_partition,
    sampled_log_volume,
    sampled_moments,
)

__all__ = [
    "canal_mean_cosine",
    "confining_box",
    "free_energy",
    "gibbs_density",
    "harmonic_share",
    "log_partition_function",
    "mesh_log_partition",
    "sampled_free_energy",
    "sampled_log_partition",
    "sampled_log_volume",
    "sampled_moments",
    "stationary_moment",
    "stationary_moment_2d",
    "wide_share",
    "wide_share_curve",
]

check_calls_of(__name__)
