"""Metropolis-adjusted Langevin motion in a body: its law is exactly exp(-U / theta) between the walls, at any step.

It is the step of `mala` for a density that is 0 beyond the walls: a step that would end there is rejected. For other
steps both ends are in the body, and the acceptance probability is that of `mala`.
"""

from __future__ import annotations

from dataclasses import replace

from langevin.integrators.mala import build_mala, mala
from langevin.steps.landscape_kernels import body_walls_of, slope_of
from langevin.types import Integrator, Kernel, Landscape


def mala_in_body() -> Integrator:
    """Return the step of MALA, for bodies with `walls` and a field or a loss; rejections count as `rejected`."""
    return replace(mala(), name="mala_in_body", dynamics="reflected", build=_build, law=None)


def _build(landscape: Landscape) -> Kernel:
    return build_mala(landscape, slope_of(landscape), body_walls_of(landscape))
