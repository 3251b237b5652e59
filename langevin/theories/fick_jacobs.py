"""Arrival through a channel of changing width: the Fick-Jacobs equation, plain and corrected."""

from __future__ import annotations

from collections.abc import Sequence

from langevin import theory
from langevin.theory.surfaces.fine_steps import coarse_in_body
from langevin.types import Case, Curve, Setting, Theory


def _curves(setting: Setting) -> Sequence[Curve]:
    landscape = setting.case.landscape
    channel = landscape.facts.channel
    assert channel is not None
    return theory.passage.channel_curves(
        channel.half_width, channel.slope, landscape.dim - 1, channel.target_place
    )


def _applies(case: Case) -> bool:
    return case.usual and case.landscape.facts.channel is not None


fick_jacobs = Theory(
    question="first passage",
    summary="Time through a channel whose width changes, by effective one-dimensional diffusion.",
    applies=_applies,
    curves=_curves,
    coarse=coarse_in_body,
)
