"""How fast the trace falls under label noise between two values, and its powers of learning rate and noise."""

import math

import numpy as np

from langevin.measure.seeds import mean_over
from langevin.types import Measurement

#: Gauss-Newton traces between which the drift is measured: below its peak, which ends the time of memorising, and above
#: the trace at which networks generalise.
HIGH, LOW = 120.0, 80.0


def drift(run):
    """Fall of the log trace a step (networks,) while the trace falls from HIGH to LOW: a fitted line.

    It is not a number for a network whose trace does not pass through both.
    """
    found = []
    for row in run.observables["trace"]:
        after = np.arange(len(row)) >= row.argmax()
        first, last = (int((after & (row <= level)).argmax()) for level in (HIGH, LOW))
        passed = row.max() > HIGH and last > first + 1
        part = slice(first, last + 1)
        found.append(-np.polyfit(run.steps[part], np.log(row[part]), 1)[0] if passed else math.nan)
    return np.array(found)


def series_of(drifts, base, short, strong):
    """Drifts by dials, in three series: over sigma, over the learning rate up to `short`, and at the noise `strong`.

    Args:
        drifts: drifts (networks,) by (learning rate, sigma).
        base: learning rate of the first series, sigma of the second.
        short: largest learning rate of the second series.
        strong: sigma of the third series, over the learning rate.
    """
    chosen = {
        f"$\\sigma$ varied, lr {base[0]:g}": lambda rate, sigma: rate == base[0],
        f"lr varied, $\\sigma$ = {base[1]:g}": lambda rate, sigma: sigma == base[1] and rate <= short,
        f"lr varied, $\\sigma$ = {strong:g}": lambda rate, sigma: sigma == strong,
    }
    return {label: {dial: one for dial, one in drifts.items() if of(*dial)} for label, of in chosen.items()}


def power(drifts, over):
    """Slope of the log drift over the log of a dial, fitted to each network; mean over networks.

    It is known only if the trace of every network passes through HIGH and LOW at every value of the dial.

    Args:
        drifts: drifts (networks,) by (learning rate, sigma).
        over: place of the dial that is varied.
    """
    name = f"power of {('the learning rate', 'sigma')[over]}"
    rates = np.array(list(drifts.values()))
    if not np.isfinite(rates).all():
        return Measurement(math.nan, math.inf, 0, name, False, "a network does not pass through both traces")
    return mean_over(np.polyfit(np.log([dial[over] for dial in drifts]), np.log(rates), 1)[0], name)
