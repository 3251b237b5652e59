"""Whether waiting times are exponential: a score test that allows censored walkers."""

from __future__ import annotations

import math

import numpy as np

from langevin.measure.walkers import Mask
from langevin.types import FloatArray


def shape_score(times: FloatArray, arrived: Mask) -> float:
    """Score test of the Weibull shape 1 with censoring: standard normal if the times are exponential.

    Score and observed information of log L = sum over arrivals of log(k r t^(k-1)) - sum over all of r t^k at k = 1,
    r = arrivals / total time, the rate r profiled out. Positive values mean more regular times, negative values more
    spread.
    """
    logs = np.log(times)
    arrivals = float(arrived.sum())
    rate = arrivals / float(times.sum())
    score = arrivals + float(logs[arrived].sum()) - rate * float((times * logs).sum())
    cross = float((times * logs).sum())
    information = arrivals + rate * float((times * logs**2).sum()) - (rate * cross) ** 2 / arrivals
    return score / math.sqrt(information)
