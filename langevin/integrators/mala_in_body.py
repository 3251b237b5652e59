"""Metropolis-adjusted Langevin motion in a body: the law exp(-U / theta) between its walls exactly, at any step size.

The step of `mala`, whose law is 0 beyond the walls: a step that would end there is not taken. So the rule that decides
weighs U and the two proposals as there, with the gradients at both ends, which lie in the body.
"""

from __future__ import annotations

from dataclasses import replace

from langevin.integrators.mala import build_mala, mala
from langevin.steps.landscape_kernels import body_walls_of, slope_of
from langevin.types import Integrator, Kernel, Landscape


def mala_in_body() -> Integrator:
    """Return the step, for bodies with `walls` and a field or a loss; the steps not taken are tallied as `rejected`."""
    return replace(mala(), name="mala_in_body", dynamics="reflected", build=_build, law=None)


def _build(landscape: Landscape) -> Kernel:
    return build_mala(landscape, slope_of(landscape), body_walls_of(landscape))
