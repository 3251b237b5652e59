"""Mean time to targets in a loss where the diffusion varies, and which of two is reached first: on a line."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from langevin.landscapes.starts import usual_point
from langevin.theory.escape.any_line import owners_of, target_edge
from langevin.theory.escape.varying_diffusion import mean_time_on_line, share_on_line
from langevin.theory.surfaces.fine_steps import coarse_for_time
from langevin.types import Case, Curve, Diffusion, Landscape, Prediction, Setting, Theory


def _applies(case: Case) -> bool:
    return (
        case.diffusion is not Diffusion.CONSTANT and case.landscape.dim == 1 and case.usual and case.watched
    )


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape, acts = setting.case.landscape, setting.case.diffusion
    start = float(usual_point(landscape)[0])
    edges = [edge for edge in (target_edge(landscape, start, side) for side in (-1, 1)) if edge is not None]
    if not edges or start in edges:
        return []
    where = (
        "any temperature at which the loss confines; one dimension, a target on one side"
        if len(edges) == 1
        else "any temperature; one dimension, targets on both sides"
    )
    time = Curve(
        "varying diffusion, quadrature",
        lambda theta: mean_time_on_line(landscape, acts, theta, start, *edges),
        where,
        "Gardiner, Handbook of Stochastic Methods, section 5.2.7",
    )
    return [time] if len(edges) == 1 else [time, *_shares(landscape, acts, start, edges)]


def _shares(landscape: Landscape, acts: Diffusion, start: float, edges: list[float]) -> list[Curve]:
    """The fraction of walkers that each of two targets catches."""
    return [
        Curve(
            f"splitting probability of target {owner}",
            partial(_share, landscape, acts, (start, edge, other)),
            "any temperature; one dimension",
            "Gardiner, Handbook of Stochastic Methods, section 5.2.8",
            f"share of target {owner}",
        )
        for owner, edge, other in zip(owners_of(landscape, *edges), edges, edges[::-1], strict=False)
    ]


def _share(
    landscape: Landscape, acts: Diffusion, places: tuple[float, float, float], theta: float
) -> Prediction:
    return share_on_line(landscape, acts, theta, *places)


varying_diffusion_times = Theory(
    question="first passage",
    summary="Mean time to targets on a line with a diffusion that varies, and shares of two targets, by quadrature.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_for_time,
)
