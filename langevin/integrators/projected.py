"""Projected diffusion on a surface r(x) = 0: a Gaussian kick, then a retraction.

The retraction determines which law is simulated. With y = x + sqrt(2 theta dt) xi off the surface, a projection
that moves y along the surface by kappa times half the second fundamental term gives a drift
-kappa theta grad(1/2 log det J J^T) and so the invariant density det(J J^T)^(-kappa/2) with respect to the
surface measure:

    nearest       nearest point of the surface               kappa = 0
    shake         along the normals at the start, J(x)^T      kappa = 0
    midpoint      along the normals at (x + y) / 2            kappa = 1   (`steps.midpoint`)
    flow          Gauss-Newton flow dy/ds = -J^+ r            kappa = 1   (as gradient flow: Katzenberger 1991;
                  to 1e-4 of the kick, `steps.flow`)
    gauss-newton  full Gauss-Newton steps y - J(y)^+ r(y)     kappa = 2

(nearest and shake as in Ciccotti, Lelievre and Vanden-Eijnden 2008; kappa derived to second order in
the kick.) If the noise is first projected on the tangent space, it has no normal part, and every projection gives
kappa = 0. In a field U the kick also has the drift -dt grad U, and every density has the factor exp(-U / theta). The
normal part of this drift is of order dt, so it changes the displacement along the surface, which is quadratic in the
kick, only by a term of order dt^(3/2) and mean 0.
The weak order is 1; it is 1/2 at walls, because a step that ends beyond them is rejected. A step may land on another
branch of the surface, or pass a singular point: it is accepted and counted. Such steps are detected by
`steps.branches`, or for shake by normals that turn over (normal_vectors.turned_over). A step whose projection does
not converge is rejected and counted; a walker that is refused 1000 times in a row has failed.
"""

from __future__ import annotations

from langevin.errors import unfit
from langevin.kernels.compile import inlined, jitable
from langevin.kernels.driver import copy_rows
from langevin.kernels.loop_arrays import flat
from langevin.kernels.rounding import root
from langevin.kernels.views import views_of
from langevin.steps.branches import branch_rows, jumps_of
from langevin.steps.flow import flow
from langevin.steps.landscape_kernels import constraint_of, no_push, push_of, walls_or_none
from langevin.steps.midpoint import midpoint
from langevin.steps.nearest import nearest
from langevin.steps.newton_retraction import gauss_newton, refusal_rows, refuse_failed, shake
from langevin.steps.normal_vectors import keep_tangent, turned_over, workspace
from langevin.types import Integrator, Kernel, Landscape, Rows, StepLaw

#: The retractions by name.
RETRACTIONS = {
    "nearest": nearest,
    "shake": shake,
    "midpoint": midpoint,
    "flow": flow,
    "gauss-newton": gauss_newton,
}
PROJECTIONS = tuple(RETRACTIONS)
NOISES = ("isotropic", "tangent")
#: Tallies: rejected steps, beyond the walls or without a retraction to the surface, and steps to another branch.
TALLIES = ("rejected", "not_projected", "wrong_branch")
#: kappa of isotropic noise with each projection; for tangent noise kappa is always 0.
PULLS = {"nearest": 0, "shake": 0, "midpoint": 1, "flow": 1, "gauss-newton": 2}
#: The invariant measure for each kappa.
MEASURES = ("surface", "gibbs", "det^-1")
#: The pair of projection and noise for a target measure.
ALGORITHMS = {"surface": ("shake", "tangent"), "gibbs": ("midpoint", "isotropic")}


def implied_measure(projection: str, noise: str) -> str:
    """The invariant measure of a projection with a noise: `surface`, `gibbs` or `det^-1`.

    Args:
        projection: `nearest`, `shake`, `flow` or `gauss-newton`.
        noise: `isotropic` or `tangent`.
    """
    return MEASURES[_pull(projection, noise)]


def _pull(projection: str, noise: str) -> int:
    """kappa of a projection with a noise."""
    if projection not in PROJECTIONS:
        raise unfit("projection", f"must be one of {', '.join(PROJECTIONS)}", f"{projection!r}")
    if noise not in NOISES:
        raise unfit("noise", f"must be one of {', '.join(NOISES)}", f"{noise!r}")
    return 0 if noise == "tangent" else PULLS[projection]


def projected(projection: str = "shake", noise: str = "tangent") -> Integrator:
    """Return the step `kick, then retraction`, for every manifold with a residual and a Jacobian.

    Args:
        projection: the retraction, one of `PROJECTIONS`.
        noise: `isotropic`, or `tangent` for kicks in the tangent space.
    """
    pull = _pull(projection, noise)
    return Integrator(
        name=f"projected ({projection}, {noise} noise)",
        dynamics="projected",
        weak_order=1.0,
        build=lambda landscape: _build(landscape, projection, noise == "tangent"),
        rows=lambda landscape: _rows(landscape, projection),
        memory=lambda landscape: refusal_rows(TALLIES),
        counts_only=True,
        tallies=TALLIES,
        rejections=("rejected",),
        refusals=("not_projected",),
        can_fail=True,
        measure=MEASURES[pull],
        law=StepLaw(across=False, pull=float(pull)),
        reference="Ciccotti, Lelievre and Vanden-Eijnden 2008; Katzenberger 1991",
    )


def projected_to(measure: str) -> Integrator:
    """Return the projected step whose invariant law is `surface` or `gibbs`."""
    if measure not in ALGORITHMS:
        raise unfit("measure", "must be surface or gibbs", f"{measure!r}")
    return projected(*ALGORITHMS[measure])


def _rows(landscape: Landscape, projection: str) -> Rows:
    if projection == "shake" and _retraction_of(landscape):
        return _orthographic_rows(landscape)
    scratch = RETRACTIONS[projection].rows(landscape).count
    branch = branch_rows(landscape).count if projection != "shake" else 0
    dim = landscape.dim
    return workspace(
        landscape,
        scratch,
        current=(landscape.codim, dim),
        displaced=dim,
        before=dim,
        outside=(),
        jumps=(),
        branch=branch,
    )  # `before` is also scratch of the field


def _build(landscape: Landscape, projection: str, tangent: bool) -> Kernel:
    retraction = _retraction_of(landscape) if projection == "shake" else None
    if retraction:
        return _orthographic_step(landscape, retraction, TALLIES)
    _, jacobian = constraint_of(landscape)
    views, kept = views_of(_rows(landscape, projection)), views_of(refusal_rows(TALLIES))
    walls = walls_or_none(landscape)
    project = jitable(RETRACTIONS[projection].build(landscape))
    jumped = jitable(jumps_of(landscape) if projection != "shake" else _turned)
    push, forced = jitable(push_of(landscape) or no_push), landscape.field is not None

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        dim, lanes = x.shape
        kick = root(2.0 * temperature * dt)
        normals, matrix, weights, scratch, current, displaced, before, outside, jumps, branch = views(work)
        counts, in_a_row, place = kept(memory)
        jacobian(x, normals, parameters)
        for i in range(dim):
            for lane in range(lanes):
                displaced[i, lane] = kick * noise[i, lane]
        if forced:
            push(x, displaced, before, dt, parameters)
        if tangent:
            keep_tangent(displaced, normals, matrix, weights)
        for i in range(dim):
            for lane in range(lanes):
                displaced[i, lane] += x[i, lane]
        copy_rows(before, x)
        project(x, displaced, normals, current, matrix, weights, scratch, status, parameters)
        jumped(before, x, normals, current, matrix, weights, branch, jumps, parameters)
        walls(x, outside, parameters)
        refused = 0
        for lane in range(lanes):
            running, free = status[lane] == 0, outside[lane] <= 0.0
            counts[0, lane] += running and not free
            counts[2, lane] += running and free and jumps[lane] > 0.0
            outside[lane] = 0.0 if running and free else 1.0
            refused += not (running and free)
        if refused > 0:
            for i in range(dim):
                for lane in range(lanes):
                    x[i, lane] = x[i, lane] if outside[lane] == 0.0 else before[i, lane]
            refuse_failed(x, status, counts[1], in_a_row, place)

    return step


def _turned(before, x, normals, current, matrix, weights, branch, jumps, parameters):
    """Detect jumps of steps along the normals at the start, by the pivots that the retraction has left in `matrix`."""
    for lane in range(jumps.size):
        jumps[lane] = 1.0 if turned_over(matrix, lane) else 0.0


def _retraction_of(landscape: Landscape) -> Kernel | None:
    """The landscape's closed-form retraction along the normals; None for a part of a surface between walls."""
    if landscape.walls is not None:
        return None
    return landscape.retract


def _orthographic_rows(landscape: Landscape) -> Rows:
    """The scratch rows of `_orthographic_step`."""
    slopes = 0 if landscape.field is None else landscape.dim
    return Rows(move=landscape.dim, scratch=landscape.retract_rows, slopes=slopes)


def _orthographic_step(landscape: Landscape, retraction: Kernel, tallies: tuple[str, ...]) -> Kernel:
    """The step `kick, then shake` in closed or matrix form; steps that fail are tallied as `not_projected`.

    The retraction along the normals at x does not depend on the normal part of the kick: shake moves isotropic and
    tangent noise to the same point, the orthographic retraction of the tangent part (Absil and Malick 2012).
    """
    views, retract = views_of(_orthographic_rows(landscape)), inlined(retraction)
    push, forced = jitable(push_of(landscape) or no_push), landscape.field is not None
    kept, failures = views_of(refusal_rows(tallies)), tallies.index("not_projected")

    def step(x, noise, previous, work, memory, status, dt, temperature, parameters):
        move, scratch, slopes = views(work)
        counts, in_a_row, place = kept(memory)
        kick = root(2.0 * temperature * dt)
        moves, normals = flat(move), flat(noise)
        for index in range(moves.size):
            moves[index] = kick * normals[index]
        if forced:
            push(x, move, slopes, dt, parameters)
        retract(x, move, scratch, status, parameters)
        refuse_failed(x, status, counts[failures], in_a_row, place)

    return step
