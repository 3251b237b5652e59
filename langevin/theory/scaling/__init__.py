"""Distance and number of steps: the scaling of diffusion, t, compared with that of straight motion, t^2."""

from langevin.arguments import check_calls_of
from langevin.theory.scaling.distance_and_steps import (
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

__all__ = [
    "grokking_curves",
    "grokking_steps",
    "heavy_ball_path",
    "mean_square_displacement",
    "path_length",
    "settling_time",
    "small_target_exponent",
    "small_target_time",
    "sphere_displacement",
]

check_calls_of(__name__)
