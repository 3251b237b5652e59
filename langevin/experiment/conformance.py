"""The contracts of a landscape, tried at random points near its start. Each run tries them too, in less time."""

from __future__ import annotations

import numpy as np

from langevin.landscapes.contracts import Finding, findings
from langevin.landscapes.starts import cloud_about
from langevin.types import Landscape

LANES = 5
#: Size of a step, and of the examined places, over the size of the starts.
STEP, SPREAD = 0.1, 2.0


def conformance(landscape: Landscape, seed: int = 0) -> list[Finding]:
    """Try every contract that the landscape's kernels make, at temperature 1; they run as plain Python.

    Args:
        landscape: to try.
        seed: of the random points.
    """
    uniforms = np.random.default_rng(seed).uniform(0.05, 0.95, (LANES, landscape.dim))
    states = landscape.start(uniforms.copy(), 1.0)
    fine = states.shape == uniforms.shape and bool(np.isfinite(states).all())
    seen = f"{'finite ' if fine else ''}states of shape {states.shape}"
    start = Finding("start", fine, seen if fine else f"{seen}, to be finite and of shape {uniforms.shape}")
    if not fine:
        return [start]
    size = float(np.abs(states).max()) or 1.0
    cloud = cloud_about(landscape, states, 1.0, STEP * size, SPREAD * size, not landscape.is_surface, seed)
    return [start, *findings(landscape, cloud, seed=seed)]
