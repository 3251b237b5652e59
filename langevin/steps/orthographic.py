"""The step `kick, then shake` in closed or matrix form, where the landscape knows one.

The retraction along the normals at x does not see the normal part of the kick: shake takes isotropic and tangent noise
to the same point, the orthographic retraction of the tangent part (Absil and Malick 2012).
"""

from __future__ import annotations

from langevin.kernels.compile import inlined, jitable
from langevin.kernels.loop_arrays import flat
from langevin.kernels.rounding import root
from langevin.kernels.views import views_of
from langevin.steps.landscape_kernels import no_push, push_of
from langevin.steps.refusals import refusal_rows, refuse_failed
from langevin.types import Kernel, Landscape, Rows


def retraction_of(landscape: Landscape) -> Kernel | None:
    """The landscape's own return along the normals; none for a part of a surface between walls."""
    if landscape.walls is not None:
        return None
    return landscape.retract


def orthographic_rows(landscape: Landscape) -> Rows:
    """Scratch of `orthographic_step`."""
    slopes = 0 if landscape.field is None else landscape.dim
    return Rows(move=landscape.dim, scratch=landscape.retract_rows, slopes=slopes)


def orthographic_step(landscape: Landscape, retraction: Kernel, tallies: tuple[str, ...]) -> Kernel:
    """Return the step that kicks and then retracts; steps that fail are tallied as `not_projected`."""
    views, retract = views_of(orthographic_rows(landscape)), inlined(retraction)
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
