"""The landscape of a run file that a reader gives again, because a file holds no functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from langevin.types import Landscape, Trajectory


def own_landscape_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that name a user-defined landscape and its dials."""
    for option in (
        click.option(
            "-p",
            "pairs",
            multiple=True,
            metavar="NAME=VALUE",
            help="A dial of it, where the file does not say; repeatable.",
        ),
        click.option("--potential", metavar="MODULE:NAME", help="Your own loss, in which the run was."),
        click.option(
            "--manifold", metavar="MODULE:NAME", help="Your own zero-loss set, on which the run was."
        ),
    ):
        command = option(command)
    return command


def given_landscape(
    manifold: str | None, potential: str | None, pairs: tuple[str, ...], trajectory: Trajectory
) -> tuple[Landscape | None, list[str]]:
    """The user-defined landscape, if it was named, and the reasons to doubt that it is the one of the run."""
    if manifold is None and potential is None and not pairs:
        return None, []
    from langevin.cli.dials import chosen_landscape
    from langevin.experiment.own import given_again

    make, dials, _ = chosen_landscape(manifold, potential, pairs, None)
    return given_again(make, dials, trajectory)
