"""Mean time to a target in a loss where the diffusion varies: on a line, by quadrature."""

from __future__ import annotations

from collections.abc import Sequence

from langevin.landscapes.starts import usual_point
from langevin.theory.escape.any_line import target_edge
from langevin.theory.escape.varying_diffusion import mean_time_on_line
from langevin.theory.surfaces.fine_steps import coarse_for_time
from langevin.types import Case, Curve, Diffusion, Setting, Theory


def _applies(case: Case) -> bool:
    return (
        case.diffusion is not Diffusion.CONSTANT and case.landscape.dim == 1 and case.usual and case.watched
    )


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape, acts = setting.case.landscape, setting.case.diffusion
    start = float(usual_point(landscape)[0])
    edges = [edge for edge in (target_edge(landscape, start, side) for side in (-1, 1)) if edge is not None]
    if len(edges) != 1:
        return []
    return [
        Curve(
            "varying diffusion, quadrature",
            lambda theta: mean_time_on_line(landscape, acts, theta, start, edges[0]),
            "any temperature at which the loss confines; one dimension, a target on one side",
            "Gardiner, Handbook of Stochastic Methods, section 5.2.7",
        )
    ]


varying_diffusion_times = Theory(
    question="first passage",
    summary="Mean time to a target on a line where the diffusion varies, by quadrature.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_for_time,
)
