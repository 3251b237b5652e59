"""Which of several targets is nearest, and how far away it is."""

from __future__ import annotations

import numpy as np

from langevin.kernels.compile import jitable
from langevin.kernels.rounding import root
from langevin.types import Kernel, Landscape


def targets_of(landscape: Landscape) -> tuple[Kernel, ...]:
    """The targets of a landscape, in a tuple whatever their number."""
    target = landscape.target
    return () if target is None else target if isinstance(target, tuple) else (target,)


def watched_targets(landscape: Landscape) -> tuple[Kernel, ...]:
    """The targets as a walk watches them: where the diffusion D varies, the distance is over sqrt(D), in kicks.

    The mean overshoot of a target is the same number of kicks everywhere.
    """
    targets = targets_of(landscape)
    if landscape.diffusion is None or landscape.diffusion.value is None:
        return targets
    return tuple(_in_kicks(target, landscape.diffusion.value) for target in targets)


def _in_kicks(target: Kernel, diffusion: Kernel) -> Kernel:
    distance, factor = jitable(target), jitable(diffusion)

    def in_kicks(x, out, parameters):
        factors = np.empty(x.shape[1])
        distance(x, out, parameters)
        factor(x, factors, parameters)
        for lane in range(out.size):
            out[lane] /= root(factors[lane])

    return in_kicks


def nearest_target(targets: tuple[Kernel, ...]) -> Kernel:
    """Close `nearest(x, distance, which, spare, parameters)` over the distances to one or more targets.

    distance (lanes,) becomes the smallest signed distance, nan where one of them is, and which (lanes,) the place of
    its target in the tuple: it is left alone where there is but one; spare (lanes,) is scratch.
    """
    *others, last = targets
    measure = jitable(last)
    if not others:

        def only(x, distance, which, spare, parameters):
            measure(x, distance, parameters)

        return only
    nearest_other, place = jitable(nearest_target(tuple(others))), len(others)

    def nearest(x, distance, which, spare, parameters):
        nearest_other(x, distance, which, spare, parameters)
        measure(x, spare, parameters)
        for lane in range(distance.size):
            other = which[lane] if place > 1 else 0.0
            which[lane] = place if spare[lane] < distance[lane] else other
            kept = distance[lane] <= spare[lane] or distance[lane] != distance[lane]
            distance[lane] = distance[lane] if kept else spare[lane]

    return nearest
