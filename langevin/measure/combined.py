"""Differences and ratios of two independent measurements, with the error of both; a number times a known one."""

from __future__ import annotations

import math
from dataclasses import replace

from langevin.types import Measurement, Positive


def difference(one: Measurement, other: Measurement, estimator: str) -> Measurement:
    """The one less the other; n is the smaller of both."""
    error = math.hypot(one.error, other.error)
    return Measurement(
        one.value - other.value, error, min(one.n, other.n), estimator, one.mixed and other.mixed
    )


def ratio(one: Measurement, other: Measurement, estimator: str) -> Measurement:
    """The one over the other, both above 0; its logarithm has the relative errors of both.

    A number that is not above 0 has no logarithm: `mixed` is then False.
    """
    if not (one.value > 0.0 and other.value > 0.0):
        return Measurement(
            math.nan, math.inf, min(one.n, other.n), estimator, False, "a number is not above 0"
        )
    value = one.value / other.value
    error = value * math.hypot(one.error / one.value, other.error / other.value)
    return Measurement(
        value, error, min(one.n, other.n), estimator, one.mixed and other.mixed, law=Positive()
    )


def scaled(measured: Measurement, factor: float, estimator: str = "") -> Measurement:
    """A number known exactly times the measured one, under another name if one is given; laws of counts are lost."""
    law = measured.law if isinstance(measured.law, Positive) and factor > 0.0 else None
    name = estimator or measured.estimator
    return replace(
        measured, value=factor * measured.value, error=abs(factor) * measured.error, estimator=name, law=law
    )
