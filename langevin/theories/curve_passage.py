"""Mean time to a target on a closed curve, also in a field, and which of two targets is reached first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from langevin import theory
from langevin.landscapes.starts import usual_point
from langevin.theory.escape.along_curve import curve_edges, curve_passage_time, curve_share
from langevin.theory.surfaces.cached import curve_of
from langevin.theory.surfaces.fields import looseness_of_kicks, steepest_along
from langevin.theory.surfaces.fine_steps import coarse_along, coarse_in_field
from langevin.theory.surfaces.stationary import TIGHT
from langevin.types import Case, Curve, Prediction, Setting, Theory

WHERE = "closed curve; steps small compared with its bends and with the field"
TIME = "theta Laplace-Beltrami T - grad (theta Phi + U) . grad T = -1; Gardiner, Handbook of Stochastic Methods, 5.2.7"
SHARE = "Gardiner, Handbook of Stochastic Methods, section 5.2.8"


def _applies(case: Case) -> bool:
    """Motion along a closed curve with constant heat."""
    law = case.law
    if law is None or law.across or law.heat == 0 or law.uneven_power:
        return False
    if not case.watched or case.landscape.target is None:
        return False
    curve = curve_of(case.landscape)
    return curve is not None and curve.closed


def _curves(setting: Setting) -> Sequence[Curve]:
    case, landscape = setting.case, setting.case.landscape
    curve, start = curve_of(landscape), setting.start
    start = usual_point(landscape) if start is None and case.usual else start
    if curve is None or start is None or case.law is None:
        return []
    met = curve_edges(landscape, curve, start)
    if met is None:
        return []
    slow, (lower, first, upper, owners) = theory.surfaces.law_of(case.law, setting.dt), met
    problem = (landscape, curve, slow)
    doubt = _doubt(setting)
    time = partial(_answer, partial(curve_passage_time, *problem), (lower, first, upper), doubt)
    found = [Curve("backward equation on the curve", time, WHERE, TIME)]
    if owners[0] == owners[1]:
        return found
    ahead = partial(_answer, partial(curve_share, *problem), (lower, first, upper), doubt)
    for owner, predict in zip(owners, (partial(_rest, ahead), ahead), strict=True):
        name = f"splitting probability of target {owner}"
        found.append(Curve(name, predict, WHERE, SHARE, f"share of target {owner}"))
    return found


def _answer(
    predict: Callable[[float, tuple[float, float, float]], Prediction],
    ends: tuple[float, float, float],
    doubt: float,
    temperature: float,
) -> Prediction:
    """A prediction, whose remainder contains the relative error of the steps."""
    known = predict(temperature, ends)
    remainder = known.remainder + doubt * known.value
    return replace(known, remainder=remainder, in_range=known.in_range and doubt <= TIGHT)


def _doubt(setting: Setting) -> float:
    """Relative error of a time by the steps: their looseness, and half the square of the rise of U / theta along one.

    Against a slope of the field a walker arrives too soon by the second.
    """
    slope = steepest_along(setting.case.landscape)
    return looseness_of_kicks(setting) + slope**2 * setting.dt / setting.temperature


def _rest(ahead: Callable[[float], Prediction], temperature: float) -> Prediction:
    """The share of the target behind."""
    known = ahead(temperature)
    return replace(known, value=1.0 - known.value)


curve_passage = Theory(
    question="first passage",
    summary="Mean time to a target on a closed curve, also in a field, by quadrature over its length.",
    applies=_applies,
    curves=_curves,
    coarse=lambda setting: coarse_along(setting) or coarse_in_field(setting),
    in_field=True,
)
