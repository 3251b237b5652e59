"""The error that the length of the steps causes in a measured number, over the number: it is part of the printed error.

The bounds were measured on landscapes whose numbers are known (docs/default_steps.md), and are scaled with the step. A
bound counts as one standard error, because its distribution is not known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from langevin.ensemble.kick_length import kick_bias
from langevin.ensemble.splitting_result import Splitting
from langevin.errors import NumericalError
from langevin.experiment.late_times import way_to_target
from langevin.experiment.step_to_target import border
from langevin.landscapes.starts import usual_point
from langevin.landscapes.target_slope import slopes_along
from langevin.measure.combined import with_step_error
from langevin.theory.passage.regimes import overshoot_shift
from langevin.theory.surfaces.points import places_about
from langevin.types import Diffusion, FloatArray, Landscape, Setting

#: Times of motion down a loss with steps of weak order 2 and 1: error over (dt x curvature)^2 and over dt x curvature.
SECOND, FIRST = 0.028, 0.05
#: Times in a body: error over the ratio of a step's standard deviation to the width of the target.
BODY = 0.13
#: Motion along a surface: error over the estimate of `kick_bias`, 2.2 for the displacement on the torus.
ALONG = 3.0
#: Times to a target with a curved border: error over the square of a kick x the sum of the curvatures of the border,
#: at most 0.009 for balls in 2 to 6 dimensions with kicks of 0.5 to 4 radii.
ROUND = 0.009


@dataclass(frozen=True)
class StepError:
    """The error over the number, 0 if it is not known, and the sentence about it below the table."""

    share: float
    note: str


UNKNOWN = StepError(
    0.0,
    "the errors do not contain that of the steps, which is not known here: `langevin simulate --check-dt` measures it",
)


def error_of_time(setting: Setting) -> StepError:
    """That of a mean time to a target, whose overshoot is corrected, at the step of a setting."""
    case, landscape = setting.case, setting.case.landscape
    if case.inertia or case.diffusion is not Diffusion.CONSTANT or landscape.drive is not None:
        return UNKNOWN
    if landscape.is_body:
        return _in_body(setting)
    return _downhill(setting) if case.dynamics.descends(landscape) else _along_to_target(setting)


def with_steps(run: Splitting, error: StepError) -> Splitting:
    """A run of splitting with the error of the steps in those of its rate and mean time."""
    rate, time = (with_step_error(one, error.share) for one in (run.rate, run.mean_time))
    return replace(run, rate=rate, mean_time=time)


def _in_body(setting: Setting) -> StepError:
    """By the standard deviation of a step over the width of the target."""
    landscape = setting.case.landscape
    width = landscape.facts.target_width
    if width is None or landscape.gradient is not None:
        return UNKNOWN
    ratio = math.sqrt(2.0 * setting.temperature * setting.dt) / width
    return _stated(BODY * ratio, f"a step is {ratio:.2g} of the target's width")


def _downhill(setting: Setting) -> StepError:
    """By dt x the largest curvature, and by slope and curvature at the border of a target that is no well."""
    case, landscape, theta, dt = setting.case, setting.case.landscape, setting.temperature, setting.dt
    curved = dt * landscape.stiffness(theta)
    if case.law is None or not math.isfinite(curved):
        return UNKNOWN
    order = case.law.order
    share = SECOND * curved**2 if order >= 2.0 else FIRST * curved
    if landscape.facts.wells is None:
        share = math.hypot(share, _at_border(landscape, theta, dt))
    return _stated(share, f"dt x largest curvature is {curved:.2g}, weak order {order:g}")


def error_along(setting: Setting) -> StepError:
    """That of squared distances of a walk along a surface, by its curvature at the start."""
    landscape = setting.case.landscape
    start = usual_point(landscape) if setting.start is None else setting.start
    return _by_kicks(setting, np.asarray(start)[None])


def _along_to_target(setting: Setting) -> StepError:
    """That of a time: the mean of that of kicks over the surface, whose start may be flat, and that of the shift."""
    landscape = setting.case.landscape
    try:
        along = _by_kicks(setting, places_about(landscape))
    except NumericalError:
        along = error_along(setting)
    shift = _by_shift(setting)
    if along is UNKNOWN or shift <= along.share:
        return along
    return _stated(math.hypot(along.share, shift), "a target meets the surface at different angles")


def _by_shift(setting: Setting) -> float:
    """That of the correction of the overshoot, which is one for the whole border of a target, where its slope differs.

    Twice the standard deviation of the slope over its mean, times the shift over the way to the nearest target.
    """
    landscape = setting.case.landscape
    uneven = [float(np.std(found) / np.mean(found)) for found in slopes_along(landscape) if len(found) > 1]
    if not uneven:
        return 0.0
    start = usual_point(landscape) if setting.start is None else setting.start
    way = way_to_target(replace(setting, start=start))
    shift = overshoot_shift(setting.temperature, setting.dt)
    return 2.0 * max(uneven) * shift / way


def _by_kicks(setting: Setting, places: FloatArray) -> StepError:
    """By the square of a kick over that of the radius of mean curvature, at places (points, dim)."""
    case, landscape = setting.case, setting.case.landscape
    law = case.law
    if law is None or law.across or law.uneven_power or landscape.field is not None:
        return UNKNOWN
    kick = math.sqrt(2.0 * setting.temperature * setting.dt)
    bias = float(np.mean([kick_bias(landscape, place[None], kick) for place in places]))
    return _stated(ALONG * bias, f"the standard deviation of a kick is {kick:.2g}")


def _at_border(landscape: Landscape, theta: float, dt: float) -> float:
    """Half the square of the rise of the loss over theta along a step, and what the curvature of the border adds."""
    found = border(landscape, theta)
    if found is None:
        return 0.0
    square = 2.0 * theta * dt
    return math.hypot(0.5 * found.slope**2 * square / theta**2, ROUND * found.curvature**2 * square)


def _stated(share: float, why: str) -> StepError:
    return StepError(share, f"the errors contain that of the steps, {100 * share:.2g} % of the value ({why})")
