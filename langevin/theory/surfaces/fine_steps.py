"""Whether the steps of a run are fine enough for a theory of continuous time; if not, a sentence states the reason.

Every function takes the setting of a run. It returns an empty text if the steps are fine or if nothing is known about
them.
"""

from __future__ import annotations

import math

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.landscapes.curvature import stiffness_under
from langevin.landscapes.starts import usual_point
from langevin.theory.surfaces.geometry import surface_shape
from langevin.theory.surfaces.laws import EULER
from langevin.theory.surfaces.stationary import TIGHT
from langevin.types import Setting

#: Largest dt x curvature: for times in a loss with steps of weak order 1 and 2, and for stationary distributions that
#: are correct to second order in it.
TIMES, TIMES_SECOND, LAWS = 0.1, 0.6, 0.5
#: Largest standard deviation of a step over the width of the target.
WIDTH = 0.15


def coarse_for_law(setting: Setting) -> str:
    """Test of dt x the largest curvature, for the stationary distribution of motion down a loss.

    The steps widen a quadratic well of this curvature by `StepLaw.widening`. A step of unknown law is treated as
    Euler-Maruyama.
    """
    law, h = setting.case.law, _stiffness(setting)
    if law is not None and law.exact:
        return ""
    widening = EULER if law is None else law.widening
    if h < min(widening.limit, LAWS) and abs(float(widening(h)) - 1.0) <= TIGHT:
        return ""
    return _coarse_text(
        "dt x largest curvature", h, f"and the law of its steps is off by more than {TIGHT:.0%}"
    )


def coarse_for_time(setting: Setting) -> str:
    """Test of dt x the largest curvature, for times of motion down a loss, according to the weak order of the step."""
    h, law = _stiffness(setting), setting.case.law
    most = TIMES_SECOND if law is not None and law.order >= 2.0 else TIMES
    return "" if h <= most else _coarse_text("dt x largest curvature", h, f"above {most:g}")


def coarse_in_body(setting: Setting) -> str:
    """Test of the standard deviation of a step over the width of the target."""
    width = setting.case.landscape.facts.target_width
    step = math.sqrt(2.0 * setting.temperature * setting.dt) if _known(setting) else 0.0
    if width is None or step <= WIDTH * width:
        return ""
    return _coarse_text("a step over the target's width", step / width, f"above {WIDTH:g}")


def coarse_along(setting: Setting) -> str:
    """Test of the variance of a kick over the square of the length on which the surface changes, at the start.

    A step that the Metropolis rule may reject slows the motion by the root of this ratio.
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
    return "" if loose <= TIGHT else _coarse_text("looseness of a kick", loose, f"above {TIGHT:g}")


def coarse_in_field(setting: Setting) -> str:
    """Test of dt x the largest curvature of the field, for times of motion along a surface."""
    field = setting.case.landscape.field
    if field is None or not _known(setting):
        return ""
    h = setting.dt * math.fabs(field.stiffness(setting.temperature))
    return "" if h <= TIMES else _coarse_text("dt x largest curvature of the field", h, f"above {TIMES:g}")


def _stiffness(setting: Setting) -> float:
    """dt x the largest curvature; 0 if it is not known."""
    if not _known(setting):
        return 0.0
    case = setting.case
    found = setting.dt * stiffness_under(case.landscape, setting.temperature, case.diffusion)
    return found if math.isfinite(found) else 0.0


def _known(setting: Setting) -> bool:
    return math.isfinite(setting.dt) and math.isfinite(setting.temperature)


def _coarse_text(what: str, number: float, why: str) -> str:
    return f"{what} is {number:.2g}, {why}: use a smaller step"
