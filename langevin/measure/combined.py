"""Differences, ratios and multiples of measurements, with combined errors; the error of the steps in an error."""

from __future__ import annotations

import math
from dataclasses import replace

from langevin.types import Measurement, Positive


def difference(one: Measurement, other: Measurement, estimator: str) -> Measurement:
    """`one` minus `other`; n is the smaller of both.

    Args:
        one: the first measurement.
        other: an independent measurement.
        estimator: name of the estimator.
    """
    error, step = math.hypot(one.error, other.error), math.hypot(one.step_error, other.step_error)
    return Measurement(
        one.value - other.value,
        error,
        min(one.n, other.n),
        estimator,
        one.mixed and other.mixed,
        step_error=step,
    )


def ratio(one: Measurement, other: Measurement, estimator: str) -> Measurement:
    """`one` over `other`, both above 0; the error of its logarithm combines the relative errors of both.

    If a number is not above 0 it has no logarithm, and `mixed` is False.

    Args:
        one: the numerator.
        other: an independent measurement, the denominator.
        estimator: name of the estimator.
    """
    if not (one.value > 0.0 and other.value > 0.0):
        return Measurement(
            math.nan, math.inf, min(one.n, other.n), estimator, False, "a number is not above 0"
        )
    value = one.value / other.value
    error = value * math.hypot(one.error / one.value, other.error / other.value)
    step = value * math.hypot(one.step_error / one.value, other.step_error / other.value)
    return Measurement(
        value,
        error,
        min(one.n, other.n),
        estimator,
        one.mixed and other.mixed,
        law=Positive(),
        step_error=step,
    )


def scaled(measured: Measurement, factor: float, estimator: str = "") -> Measurement:
    """An exactly known factor times a measurement, under the name `estimator` if given; laws of counts are dropped.

    Args:
        measured: the measurement.
        factor: without an error.
        estimator: name of the estimator; that of the measurement if empty.
    """
    law = measured.law if isinstance(measured.law, Positive) and factor > 0.0 else None
    name = estimator or measured.estimator
    return replace(
        measured,
        value=factor * measured.value,
        error=abs(factor) * measured.error,
        estimator=name,
        law=law,
        step_error=abs(factor) * measured.step_error,
    )


def with_step_error(measured: Measurement, share: float) -> Measurement:
    """The measurement with the error of the steps in its error, combined as independent errors are.

    Args:
        measured: a number with its scatter.
        share: error that the length of the steps causes, over the value; at least 0.
    """
    step = share * abs(measured.value)
    return replace(measured, error=math.hypot(measured.scatter, step), step_error=step)
