"""Weight decay: lambda |x|^2 / 2 is added to the loss of any landscape, as a prior to a likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable

from langevin.errors import UsageError, unfit
from langevin.kernels.compile import jitable
from langevin.types import Facts, Kernel, Landscape


def with_weight_decay(landscape: Landscape, decay: float) -> Landscape:
    """Landscape with the loss f + lambda |x|^2 / 2, for soft motion.

    Zero-loss sets of networks are not compact. Without decay (or a box) a walk on them has no stationary distribution.
    For example, on w_1 w_2 = 1, E |w|^2 = 2 K_1(lambda / theta) / K_0(lambda / theta) in the stiff limit, with the
    modified Bessel functions of the second kind: the Gibbs distribution du / u of the set times exp(-lambda
    (u^2 + u^-2) / 2 theta).

    Args:
        landscape: any landscape with a value and a gradient.
        decay: lambda, at least 0.

    Raises:
        UsageError: the decay is out of range, or the landscape has no loss, or is one of several parts.
    """
    if not 0.0 <= decay < math.inf:
        raise unfit("weight decay", "must be finite and at least 0", f"{decay}")
    for part, what in (
        (landscape.field, "a field"),
        (landscape.diffusion, "a diffusion that varies"),
        (landscape.drive, "a force that varies in time"),
    ):
        if part is not None:
            raise UsageError(
                f"{landscape.name} has {what}, with which weight decay cannot be combined",
                "it can be added to a loss or a surface only",
                "add the decay, lambda |x|^2 / 2, to the loss or to the field, and leave weight decay out",
            )
    if landscape.value is None or landscape.gradient is None:
        raise UsageError(
            f"{landscape.name} has no loss to add weight decay to",
            "weight decay needs a loss",
            "leave weight decay out",
        )
    return Landscape(
        name=f"{landscape.name} with weight decay",
        dim=landscape.dim,
        parameters=(float(decay), landscape.parameters),
        value=_value(landscape.value),
        gradient=_gradient(landscape.gradient),
        start=landscape.start,
        stiffness=lambda temperature: landscape.stiffness(temperature) + decay,
        dials={**landscape.dials, "weight_decay": decay},
        facts=Facts(slowest_rate=_slowest_rate(landscape, decay)),
    )


def _slowest_rate(landscape: Landscape, decay: float) -> Callable[[float], float] | None:
    """The slowest rate with decay: the known rate plus the decay; without a known rate, the decay on a surface."""
    known = landscape.facts.slowest_rate
    if known is not None:
        return lambda temperature: known(temperature) + decay
    return (lambda temperature: decay) if decay > 0 and landscape.is_surface else None


def _value(inner: Kernel) -> Kernel:
    loss = jitable(inner)

    def value(x, out, parameters):
        decay, own = parameters
        loss(x, out, own)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                out[lane] += 0.5 * decay * x[i, lane] * x[i, lane]

    return value


def _gradient(inner: Kernel) -> Kernel:
    slope = jitable(inner)

    def gradient(x, out, parameters):
        decay, own = parameters
        slope(x, out, own)
        for i in range(x.shape[0]):
            for lane in range(x.shape[1]):
                out[i, lane] += decay * x[i, lane]

    return gradient
