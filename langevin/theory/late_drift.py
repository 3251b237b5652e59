"""A drift that sets in late, since the steps of a walk remember.

With momentum beta a kick acts late by tau = dt beta / (1 - beta) on the average. A walk that starts at rest on the
zero-loss set lags behind its law of drift by two such times. The velocity along the set follows the pull late by tau.
The pull is that of the normal variance V, and that takes a longer time to set in: with tau y'' + y' + a y = noise,
V(t) is the integral of G^2 from 0 to t, G the response to a kick, so that

    int (1 - V(t) / V(inf)) dt = int s G(s)^2 ds / int G^2 ds = tau + 1 / (2 a),

of which 1 / (2 a) is the burn-in of a walk without memory. V only grows, so the drift is never ahead of its law.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from langevin.types import Curve, Prediction, Setting

#: The lag of a drift over that of a kick.
LAGS = 2.0


def late_drift(curve: Curve, setting: Setting) -> Curve:
    """The curve of a drift over time, whose remainder holds what a walk of this setting may lag behind it."""
    law = setting.case.law
    lag = LAGS * setting.dt * law.lag if law is not None else 0.0
    if lag == 0.0:
        return curve
    validity = f"{curve.validity}; a lag of {lag:.2g} in time is in the remainder"
    return replace(curve, predict=partial(_behind, curve, lag), validity=validity)


def _behind(curve: Curve, lag: float, time: float) -> Prediction:
    found = curve.predict(time)
    before = curve.predict(max(time - lag, 0.0))
    return replace(found, remainder=found.remainder + abs(found.value - before.value))
