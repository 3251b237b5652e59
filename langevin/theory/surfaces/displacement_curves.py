"""Laws of drift, in a valley and along a closed curve, as curves of the mean displacement over time.

A drift begins late, because the steps of a walk have a memory. With momentum beta a kick acts late by tau = dt beta /
(1 - beta) on average. A walk that starts at rest on the zero-loss set is behind its law of drift by two such times.
First, the velocity along the set follows the pull with the delay tau. Second, the normal variance V causes the pull,
and V grows with a longer delay: the motion across is tau y'' + y' + a y = noise, and V(t) is the integral of G^2 from 0
to t, with G the response to a kick, so that

    int (1 - V(t) / V(inf)) dt = int s G(s)^2 ds / int G^2 ds = tau + 1 / (2 a) .

Here 1 / (2 a) is the burn-in of a walk without memory. V only grows, so the drift is never ahead of its law.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from langevin.errors import unfit
from langevin.theory.drift.valley import Profile, flow_displacement, mean_displacement
from langevin.theory.surfaces.curve import SurfaceCurve
from langevin.theory.surfaces.laws import SurfaceLaw, law_of, rivals_of
from langevin.theory.surfaces.stationary import TIGHT, looseness
from langevin.types import Curve, FloatArray, Prediction, Setting, StepLaw

#: Soft motion is stiff if the relaxation rate a is at least this many times theta (a'/a)^2.
STIFFNESS_RATIO = 20.0
#: Number of points over a period at which the drift is tested for zero.
PLACES = 64
#: Names of the drifts, by the name in `RIVALS`.
NAMES = {"gibbs": "log-det", "surface": "none", "det^-1": "double log-det"}
SOURCES = {
    "log-det": "Fatkullin, Kovacic and Vanden-Eijnden, Commun. Math. Sci. 8 (2010) 439",
    "none": "Brownian motion, surface measure",
    "double log-det": "one full Gauss-Newton step after each isotropic kick",
    "trace": "Damian, Ma and Lee, arXiv 2106.06530; Li, Wang and Arora, arXiv 2110.06914; eta sigma^2 = 2 theta",
}
OWN = "Li, Wang and Arora, arXiv 2110.06914; Katzenberger, Ann. Probab. 19 (1991) 1587"
#: Relative accuracy of positions on a traced curve, over its length.
RESOLUTION = 1e-6
#: The lag of a drift over the lag of a kick.
LAGS = 2.0


def is_stiff(rate: Profile, profile: Profile, period: float) -> bool:
    """Whether relaxation across the valley is 20 times faster than motion along it, at all points of a period.

    Args:
        rate: relative rate at which a changes by the motion along the valley, at positions (points,), 1 / time.
        profile: a, the stiffness across the valley at positions (points,), 1 / time.
        period: length of a period.
    """
    x = np.linspace(0, period, 400, endpoint=False)
    return bool(np.min(profile(x)) >= STIFFNESS_RATIO * np.max(np.abs(rate(x))))


def slow_share(share: Profile, period: float) -> float:
    """The largest value over a period of m theta (a'/a)^2 / a, by which a drift may be slower than at infinite a.

    To first order in theta (a'/a)^2 / a the force across the valley, -a' (|y|^2 - m theta / a) / 2, whose correlation
    decays at the rate 2 a, adds m theta (a'/a)^2 / (4 a) to the friction along it (Zwanzig, Nonequilibrium Statistical
    Mechanics, 2001, section 9.2). The slope of this number adds as much again. Measured in the canal: 2.9 times the
    quarter at a_0 = 100, 3.7 +- 0.7 times at 400.

    Args:
        share: m theta (a'/a)^2 / a at positions (points,).
        period: length of a period.
    """
    return float(np.max(share(np.linspace(0, period, 400, endpoint=False))))


def burn_in(drift: Profile, profile: Profile, start: float) -> float:
    """Distance that the drift covers in 1 / (2 a), the relaxation time across the valley.

    Args:
        drift: drift along the valley at positions (points,), length / time.
        profile: a, the stiffness across the valley at positions (points,), 1 / time.
        start: position of the start.
    """
    place = np.array([start])
    return abs(float(drift(place)[0])) / (2.0 * float(profile(place)[0]))


def valley_drift(
    profile: Profile, slope: Profile, transverse: int, temperature: float, step: StepLaw, dt: float
) -> Profile:
    """Drift -(m theta / 2) pull w(dt a) a^(exponent - 1) a' along a valley, -theta dPhi/dx of the law of a step.

    Args:
        profile: a, the stiffness across the valley at positions (points,), 1 / time.
        slope: a', its derivative at positions (points,).
        transverse: number m of directions across the valley.
        temperature: theta.
        step: law of the step.
        dt: time step.

    Raises:
        UsageError: on evaluation, the motion across the valley is unstable at this step.
    """

    def drift(x: FloatArray) -> FloatArray:
        a = profile(x)
        limit = step.widening.limit
        if step.across and np.max(dt * a) >= limit:
            raise unfit(
                "dt x stiffness", f"must stay below {limit:.4g}", f"{np.max(dt * a):.3g}", "take a smaller dt"
            )
        widened = step.widening(dt * a) if step.across else 1.0
        return -(transverse * temperature / 2) * step.pull * slope(x) * widened * a ** (step.exponent - 1)

    return drift


def drift_curves(
    profile: Profile,
    slope: Profile,
    transverse: int,
    temperature: float,
    dt: float,
    start: float,
    step: StepLaw,
    period: float = 2 * math.pi,
) -> list[Curve]:
    """Mean displacement along the floor over time, by the law of a step and by rival laws.

    Args:
        profile: stiffness a(x) > 0 of the given period, array to array.
        slope: its derivative a'(x).
        transverse: number m of stiff directions.
        temperature: theta; for label noise half of learning rate times label variance.
        dt: step; it strengthens the drift, if it does so in the law of the step.
        start: position along the floor at time 0, the same for all walkers.
        step: law of the motion. If the motion has a part across the valley, the law is in range only if the motion is
            stiff.
        period: of the profile.

    Raises:
        UsageError: on evaluation, the step is unstable.
    """
    lag = 0.0
    laws = {
        NAMES.get(name, name): valley_drift(profile, slope, transverse, temperature, law, dt)
        for name, law in rivals_of(step).items()
    }
    own = next(iter(laws.values()))
    if not step.across:
        in_range, validity = True, "time step small"
    elif step.heat == 0:
        in_range = is_stiff(lambda x: own(x) * slope(x) / profile(x), profile, period)
        validity = f"no heat along: stiffness a >= {STIFFNESS_RATIO:g} x rate at which it changes"
    else:
        in_range = is_stiff(
            lambda x: temperature * profile(x) ** (step.exponent - 2) * slope(x) ** 2, profile, period
        )
        validity = f"a >= {STIFFNESS_RATIO:g} theta a^{step.exponent:g} (a'/a)^2"
        lag = slow_share(
            lambda x: transverse * temperature * profile(x) ** (step.exponent - 3) * slope(x) ** 2, period
        )
    still = profile if step.across and step.heat == 0 else None
    return displacement_curves(laws, temperature * step.heat, start, period, in_range, validity, still, lag)


def displacement_curves(
    laws: Mapping[str, Profile],
    temperature: float,
    start: float,
    period: float,
    in_range: bool,
    validity: str,
    still: Profile | None = None,
    lag: float = 0.0,
) -> list[Curve]:
    """Mean displacement over time by each law of drift along a line of the given period.

    Args:
        laws: drift of each law, array to array.
        temperature: temperature of the thermal noise along the line; 0 if there is none.
        start: where all walkers start.
        period: of the drifts.
        in_range: whether the laws are in range.
        validity: their range of validity, in words.
        still: smallest stiffness across the set, if there is no thermal noise along the line (label noise). The
            remainder then contains the `burn_in` that follows from it.
        lag: share of the displacement in the remainder, because the motion across the set is not infinitely fast.
    """
    places = start + period * np.linspace(0.0, 1.0, PLACES)
    none = {name for name, law in laws.items() if not law(places).any()}

    def predict(name: str, time: float) -> Prediction:
        if name in none:
            return Prediction(0.0, in_range=in_range)
        if still is not None:
            answer = flow_displacement(laws[name], time, start)
            answer = Prediction(answer.value, answer.remainder + burn_in(laws[name], still, start))
        else:
            answer = mean_displacement(laws[name], temperature, time, start, period)
        return Prediction(answer.value, answer.remainder + lag * abs(answer.value), in_range)

    return [Curve(name, partial(predict, name), validity, SOURCES.get(name, OWN)) for name in laws]


def curve_drift(curve: SurfaceCurve, law: SurfaceLaw, temperature: float) -> Profile:
    """Drift -theta dPhi/ds over the distance s along a closed curve, array to array, periodic in its length.

    Args:
        curve: a closed curve.
        law: law of the motion.
        temperature: theta.

    Raises:
        UsageError: the curve is not closed, the temperature is not positive, or as the potential of the law.
    """
    from scipy.interpolate import CubicSpline

    if not (curve.closed and 0 < temperature < np.inf):
        raise unfit("curve_drift", "needs a closed curve and a temperature above 0", "")
    levels = law.potential(curve.curvatures)
    arcs = np.append(curve.arcs, curve.length)
    slope = CubicSpline(arcs, np.append(levels, levels[0]), bc_type="periodic").derivative()
    return lambda s: -temperature * slope(np.asarray(s) % curve.length)


def curve_drift_curves(
    curve: SurfaceCurve, temperature: float, dt: float, start: float, step: StepLaw
) -> list[Curve]:
    """Mean displacement along a closed curve over time, by the law of a step and by rival laws (`drift_curves`).

    Args:
        curve: a closed curve.
        temperature: theta; for label noise half of learning rate times label variance.
        dt: step.
        start: distance along the curve at which all walkers start.
        step: law of the motion.

    Raises:
        UsageError: as `curve_drift`, or the step is unstable.
    """
    laws = {
        NAMES.get(name, name): curve_drift(curve, law_of(law, dt), temperature)
        for name, law in rivals_of(step).items()
    }
    softest = curve.curvatures[:, 0]
    loose = looseness(curve, temperature * softest ** (step.exponent - 1)) if step.across else 0.0
    validity = f"looseness {loose:.2g} <= {TIGHT:g}" if step.across else "time step small"
    flows = step.across and step.heat == 0
    still = (lambda s: np.interp(s, curve.arcs, softest, period=curve.length)) if flows else None
    heat = temperature * step.heat
    found = displacement_curves(laws, heat, start, curve.length, loose <= TIGHT, validity, still)
    return [replace(law, predict=partial(_resolved, law, RESOLUTION * curve.length)) for law in found]


def late_drift(curve: Curve, setting: Setting) -> Curve:
    """The curve of a drift over time; its remainder contains the possible lag of a walk with this setting.

    Args:
        curve: the prediction over time.
        setting: of the run.
    """
    law = setting.case.law
    lag = LAGS * setting.dt * law.lag if law is not None else 0.0
    if lag == 0.0:
        return curve
    validity = f"{curve.validity}; a lag of {lag:.2g} in time is in the remainder"
    return replace(curve, predict=partial(_behind, curve, lag), validity=validity)


def _resolved(law: Curve, resolution: float, time: float) -> Prediction:
    """The prediction; its remainder is at least the error of positions on the curve."""
    answer = law.predict(time)
    return replace(answer, remainder=answer.remainder + resolution)


def _behind(curve: Curve, lag: float, time: float) -> Prediction:
    found = curve.predict(time)
    before = curve.predict(max(time - lag, 0.0))
    return replace(found, remainder=found.remainder + abs(found.value - before.value))
