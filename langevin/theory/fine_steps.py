"""Whether the steps of a run are fine enough for a theory that knows of none: a sentence that says why not.

Every function takes the setting of a run, and gives an empty text where its steps are fine or nothing is known of them.
"""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.landscapes.starts import usual_point
from langevin.theory.surface_geometry import surface_shape
from langevin.theory.surface_laws import EULER
from langevin.theory.surface_stationary import TIGHT
from langevin.types import Setting

#: Largest dt x curvature for times in a loss by steps of the weak orders 1 and 2, and for laws in the long run that are
#: right to second order in it.
TIMES, TIMES_SECOND, LAWS = 0.1, 0.6, 0.5
#: Largest standard deviation of a step over the width of the target that it has to find.
WIDTH = 0.15


def coarse_for_law(setting: Setting) -> str:
    """By dt x the largest curvature met, for the law in the long run of motion down a loss.

    A quadratic well of that curvature is wider by `StepLaw.widening`; a step of unknown law counts as Euler-Maruyama's.
    """
    law, h = setting.case.law, _stiffness(setting)
    if law is not None and law.exact:
        return ""
    widening = EULER if law is None else law.widening
    if h < min(widening.limit, LAWS) and abs(float(widening(h)) - 1.0) <= TIGHT:
        return ""
    return _said("dt x largest curvature", h, f"and the law of its steps is off by more than {TIGHT:.0%}")


def coarse_for_time(setting: Setting) -> str:
    """By dt x the largest curvature met, for times of motion down a loss, by the weak order of the step."""
    h, law = _stiffness(setting), setting.case.law
    most = TIMES_SECOND if law is not None and law.order >= 2.0 else TIMES
    return "" if h <= most else _said("dt x largest curvature", h, f"above {most:g}")


def coarse_in_body(setting: Setting) -> str:
    """By the standard deviation of a step over the width of the target."""
    width = setting.case.landscape.facts.target_width
    step = math.sqrt(2.0 * setting.temperature * setting.dt) if _known(setting) else 0.0
    if width is None or step <= WIDTH * width:
        return ""
    return _said("a step over the target's width", step / width, f"above {WIDTH:g}")


def coarse_along(setting: Setting) -> str:
    """By the variance of a kick over the square of the length on which the surface changes, at the start.

    A step that Metropolis's rule may refuse slows the clock by the root of that.
    """
    landscape, law = setting.case.landscape, setting.case.law
    if law is None or law.across or not _known(setting):
        return ""
    try:
        shape = surface_shape(landscape, usual_point(landscape) if setting.start is None else setting.start)
    except (UsageError, NumericalError):
        return ""
    uneven = float(shape.curvatures.mean() ** law.uneven_power)
    variance = 2.0 * setting.temperature * setting.dt * uneven
    loose = variance * float(np.max(shape.bends**2 + shape.changes**2))
    if law.exact:
        loose = max(loose, math.sqrt(variance * float(np.max(shape.changes**2))))
    return "" if loose <= TIGHT else _said("looseness of a kick", loose, f"above {TIGHT:g}")


def _stiffness(setting: Setting) -> float:
    """dt x the largest curvature met, 0 where that is not known."""
    if not _known(setting):
        return 0.0
    found = setting.dt * setting.case.landscape.stiffness(setting.temperature)
    return found if math.isfinite(found) else 0.0


def _known(setting: Setting) -> bool:
    return math.isfinite(setting.dt) and math.isfinite(setting.temperature)


def _said(what: str, number: float, why: str) -> str:
    return f"{what} is {number:.2g}, {why}: use a smaller step"
