"""Statistics of a run, each with its error: the same code for toy manifolds and for networks.

An estimator takes a `Trajectory` and returns a `Measurement`. It raises `UsageError` if the run does not contain what
it needs. It returns `mixed=False`, with the reason in `note`, if the data break its assumptions.
"""

from langevin.arguments import check_calls_of
from langevin.measure.arrival import arrival_frames
from langevin.measure.autocorrelation import (
    effective_sample_size,
    integrated_autocorrelation_time,
    relaxation_time,
    split_r_hat,
)
from langevin.measure.bootstrap import bootstrap_blocks, bootstrap_walkers, seed_of
from langevin.measure.density import area_rate, current_field, stationary_density
from langevin.measure.displacement import (
    drift_velocity,
    late_diffusion,
    mean_displacement,
    mean_path_length,
    mean_squared_displacement,
)
from langevin.measure.exits import exit_rate, residence_time
from langevin.measure.exponent import displacement_exponents, local_exponent
from langevin.measure.first_passage import mean_first_passage_time
from langevin.measure.interval import confidence_interval, critical_value, log_of
from langevin.measure.kramers_moyal import KramersMoyal, kramers_moyal_coefficients
from langevin.measure.moments import ensemble_mean, walker_correlation
from langevin.measure.occupancy import (
    capture_probabilities,
    found_and_kept,
    free_energy,
    occupation,
    wilson_interval,
)
from langevin.measure.phases import Phase, phases
from langevin.measure.waiting_law import (
    survival_curve,
    waiting_distribution,
    waiting_quantile,
    waiting_quantile_interval,
    waiting_variance,
)
from langevin.measure.waiting_times import arrival_rate, coefficient_of_variation, exponential_score
from langevin.measure.walkers import refuse_rates
from langevin.measure.windows import time_mean

__all__ = [
    "KramersMoyal",
    "Phase",
    "area_rate",
    "arrival_frames",
    "arrival_rate",
    "bootstrap_blocks",
    "bootstrap_walkers",
    "capture_probabilities",
    "coefficient_of_variation",
    "confidence_interval",
    "critical_value",
    "current_field",
    "displacement_exponents",
    "drift_velocity",
    "effective_sample_size",
    "ensemble_mean",
    "exit_rate",
    "exponential_score",
    "found_and_kept",
    "free_energy",
    "integrated_autocorrelation_time",
    "kramers_moyal_coefficients",
    "late_diffusion",
    "local_exponent",
    "log_of",
    "mean_displacement",
    "mean_first_passage_time",
    "mean_path_length",
    "mean_squared_displacement",
    "occupation",
    "phases",
    "relaxation_time",
    "residence_time",
    "seed_of",
    "split_r_hat",
    "stationary_density",
    "survival_curve",
    "time_mean",
    "waiting_distribution",
    "waiting_quantile",
    "waiting_quantile_interval",
    "waiting_variance",
    "walker_correlation",
    "wilson_interval",
]

check_calls_of(__name__, check=refuse_rates)
