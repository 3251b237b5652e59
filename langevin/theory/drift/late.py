"""A drift that begins late, because the steps of a walk have a memory.

With momentum beta a kick acts late by tau = dt beta / (1 - beta) on average. A walk that starts at rest on the
zero-loss set is behind its law of drift by two such times. First, the velocity along the set follows the pull with the
delay tau. Second, the normal variance V causes the pull, and V grows with a longer delay: the motion across is tau
y'' + y' + a y = noise, and V(t) is the integral of G^2 from 0 to t, with G the response to a kick, so that

    int (1 - V(t) / V(inf)) dt = int s G(s)^2 ds / int G^2 ds = tau + 1 / (2 a) .

Here 1 / (2 a) is the burn-in of a walk without memory. V only grows, so the drift is never ahead of its law.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from langevin.types import Curve, Prediction, Setting

#: The lag of a drift over the lag of a kick.
LAGS = 2.0


def late_drift(curve: Curve, setting: Setting) -> Curve:
    """The curve of a drift over time; its remainder contains the possible lag of a walk with this setting."""
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
