"""First passage of free diffusion: intervals, balls, cubes, caps, channels and chambers."""

from langevin.arguments import check_calls_of
from langevin.theory.passage.bodies import body_passage_curve
from langevin.theory.passage.chamber_curves import (
    chamber_passage_curve,
    chamber_passage_time,
    two_chambers_curve,
)
from langevin.theory.passage.chambers import (
    canal_gap,
    canal_gap_curve,
    chamber_resistance,
    channel_resistance,
    disc_conductance,
    torus_constant,
    two_chambers_rate,
)
from langevin.theory.passage.channels import (
    channel_curves,
    channel_passage_time,
    effective_diffusion,
    local_diffusion,
)
from langevin.theory.passage.closed_forms import (
    ball_time,
    ball_variance,
    cap_passage_time,
    cube_exit_time,
    cube_exit_variance,
    interval_arrival,
    interval_quantile,
    interval_survival,
    interval_time,
    interval_variance,
)
from langevin.theory.passage.distributions import (
    ball_quantile,
    ball_survival,
    cube_exit_quantile,
    cube_exit_survival,
)
from langevin.theory.passage.regimes import (
    drift_exponent,
    drift_time,
    exit_steps,
    overshoot_shift,
    passage_dimension_curves,
    passage_exponent_curve,
    passage_length_curves,
    passage_step_curves,
)

__all__ = [
    "ball_quantile",
    "ball_survival",
    "ball_time",
    "ball_variance",
    "body_passage_curve",
    "canal_gap",
    "canal_gap_curve",
    "cap_passage_time",
    "chamber_passage_curve",
    "chamber_passage_time",
    "chamber_resistance",
    "channel_curves",
    "channel_passage_time",
    "channel_resistance",
    "cube_exit_quantile",
    "cube_exit_survival",
    "cube_exit_time",
    "cube_exit_variance",
    "disc_conductance",
    "drift_exponent",
    "drift_time",
    "effective_diffusion",
    "exit_steps",
    "interval_arrival",
    "interval_quantile",
    "interval_survival",
    "interval_time",
    "interval_variance",
    "local_diffusion",
    "overshoot_shift",
    "passage_dimension_curves",
    "passage_exponent_curve",
    "passage_length_curves",
    "passage_step_curves",
    "torus_constant",
    "two_chambers_curve",
    "two_chambers_rate",
]

check_calls_of(__name__)
