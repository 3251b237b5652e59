"""Diffusion on a surface r(x) = 0 with a diffusion coefficient theta D(x) that varies in space.

The step is a tangent kick of variance 2 theta D dt, then the retraction along the normals at the start (shake). The law
depends on the point at which D is taken, so this has to be chosen (densities with respect to the surface measure):

    ito            D at the start of the step            generator theta D Lap                         p ~ 1 / D
    stratonovich   mean of sqrt(D) at start and end      theta (D Lap + grad D . grad / 2)             p ~ 1 / sqrt(D)
    klimontovich   D at the end                          theta (D Lap + grad D . grad) = theta div D grad   uniform

The end is the end of a step with D at the start (Haenggi and Thomas 1982; Huetter and Oettinger 1998 for
klimontovich). Weak order 1. A step that would land on another branch of the surface, or whose retraction does not
converge, is rejected and counted; a walker whose retraction does not converge 1000 times in a row has failed.
"""

from __future__ import annotations

import numpy as np

from langevin.errors import unfit
from langevin.kernels.compile import jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.rounding import root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import open_constraint_of, refuse_field
from langevin.steps.newton_retraction import refusal_rows, refuse_failed, shake
from langevin.steps.normal_vectors import keep_tangent, turned_over, workspace
from langevin.types import Integrator, Kernel, Landscape, Rows, StepLaw

TALLIES = ("wrong_branch", "not_projected")
#: For each convention the weight of the end of a step, and the invariant measure.
CONVENTIONS = {"ito": (0.0, "1/D"), "stratonovich": (0.5, "1/sqrt(D)"), "klimontovich": (1.0, "surface")}


def tangential(convention: str = "ito", diffusion: Kernel | None = None, power: float = 1.0) -> Integrator:
    """Return the step with varying noise along the surface, for manifolds with a residual.

    Each choice of arguments is compiled separately.

    Args:
        convention: `ito`, `stratonovich` or `klimontovich`.
        diffusion: kernel `diffusion(x, out, parameters)` of D > 0, out (lanes,), with the landscape's parameters; a
            step is refused if D at its start is negative or not a number.
        power: the exponent in D = a^power if no kernel is given, with the mean stiffness a = tr(J J^T) / codim.

    Raises:
        UsageError: the convention is unknown, the diffusion is not a function, or the power is not finite.
    """
    if convention not in CONVENTIONS:
        raise unfit("convention", f"must be one of {', '.join(CONVENTIONS)}", f"{convention!r}")
    if not (diffusion is None or callable(diffusion)) or not np.isfinite(power):
        raise unfit("tangential", "needs a kernel or a finite power", f"{diffusion!r} and {power!r}")
    weight, measure = CONVENTIONS[convention]
    return Integrator(
        name=f"tangential ({convention})",
        dynamics="projected",
        weak_order=1.0,
        build=lambda landscape: _build(landscape, weight, diffusion, float(power)),
        rows=_rows,
        memory=lambda landscape: refusal_rows(TALLIES),
        counts_only=True,
        tallies=TALLIES,
        refusals=TALLIES,
        can_fail=True,
        gaussian_steps=False,
        measure=measure,
        law=_law(float(power), 1.0 - weight) if diffusion is None else None,
        reference="Ito 1944; Stratonovich 1966; Haenggi and Thomas 1982",
    )


def _law(power: float, uneven_weight: float) -> StepLaw:
    return StepLaw(across=False, pull=0.0, uneven_power=power, uneven_weight=uneven_weight)


def _rows(landscape: Landscape) -> Rows:
    dim, scratch = landscape.dim, shake.rows(landscape).count
    return workspace(
        landscape,
        scratch,
        current=(landscape.codim, dim),
        kick=dim,
        displaced=dim,
        before=dim,
        spread=(),
        ahead=(),
    )


def stiffness_power(jacobian: Kernel, codim: int, power: float) -> Kernel:
    """The kernel of (tr(J J^T) / codim)^power; it allocates its scratch.

    Args:
        jacobian: kernel of the Jacobian J.
        codim: number of equations.
        power: the exponent.
    """

    def diffusion(x, out, parameters):
        slopes = np.empty((codim, x.shape[0], x.shape[1]))
        jacobian(x, slopes, parameters)
        for lane in range(x.shape[1]):
            out[lane] = 0.0
        for a in range(codim):
            for i in range(x.shape[0]):
                for lane in range(x.shape[1]):
                    out[lane] += slopes[a, i, lane] * slopes[a, i, lane]
        for lane in range(x.shape[1]):
            out[lane] = (out[lane] / codim) ** power

    return diffusion


def _build(landscape: Landscape, weight: float, diffusion: Kernel | None, power: float) -> Kernel:
    refuse_field(landscape, "uneven noise")
    _, jacobian = open_constraint_of(landscape)
    views, kept = views_of(_rows(landscape)), views_of(refusal_rows(TALLIES))
    project = jitable(shake.build(landscape))
    measure = jitable(diffusion or stiffness_power(jacobian, landscape.codim, power))

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim, lanes = x.shape
        normals, matrix, weights, scratch, current, kick, displaced, before, spread, ahead = views(work)
        counts, in_a_row, place = kept(memory)
        jacobian(x, normals, parameters)
        scale = root(2.0 * temperature * dt)
        for i in range(dim):
            for lane in range(lanes):
                kick[i, lane] = scale * noise[i, lane]
        keep_tangent(kick, normals, matrix, weights)
        measure(x, spread, parameters)
        for lane in range(lanes):
            spread[lane] = root(spread[lane])
        if weight > 0.0:
            for i in range(dim):
                for lane in range(lanes):
                    displaced[i, lane] = x[i, lane] + spread[lane] * kick[i, lane]
            measure(displaced, ahead, parameters)
            for lane in range(lanes):
                spread[lane] += weight * (root(ahead[lane]) - spread[lane])
        for i in range(dim):
            for lane in range(lanes):
                displaced[i, lane] = x[i, lane] + spread[lane] * kick[i, lane]
        copy_rows(before, x)
        project(x, displaced, normals, current, matrix, weights, scratch, status, parameters)
        for lane in range(lanes):
            over = turned_over(matrix, lane)
            counts[0, lane] += (status[lane] == 0) & over
            ahead[lane] = 1.0 if over or status[lane] != 0 else 0.0
        for i in range(dim):
            for lane in range(lanes):
                x[i, lane] = before[i, lane] if ahead[lane] > 0.0 else x[i, lane]
        refuse_failed(x, status, counts[1], in_a_row, place)

    return step
