"""User-defined theories, and the landscape of a run file (the file contains no functions), given by options."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.options import field_options

if TYPE_CHECKING:
    from langevin.experiment.own_theory import OwnTheory
    from langevin.types import Landscape, Trajectory

theory_option = click.option(
    "--theory",
    "theories",
    multiple=True,
    metavar="MODULE:NAME",
    help="User-defined theory to compare in addition to the others: docs/own_theories.md; repeatable.",
)


def own_landscape_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that name a user-defined landscape, its field, and their dials: the arguments of `given_landscape`."""
    for option in (
        field_options,
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
    trajectory: Trajectory,
    manifold: str | None = None,
    potential: str | None = None,
    pairs: tuple[str, ...] = (),
    field: str | None = None,
    field_pairs: tuple[str, ...] = (),
) -> tuple[Landscape | None, list[str]]:
    """The user-defined landscape, if it was named, and the reasons to doubt that it is the landscape of the run.

    Args:
        trajectory: the run.
        manifold: the option --manifold.
        potential: the option --potential.
        pairs: dials of the landscape, as NAME=VALUE.
        field: the option --field.
        field_pairs: dials of the field, as NAME=VALUE.
    """
    if not (manifold or potential or pairs or field or field_pairs):
        return None, []
    from langevin.cli.dials import chosen_landscape
    from langevin.experiment.own_landscape import given_again

    make, dials, _ = chosen_landscape(manifold, potential, pairs, None, field, field_pairs)
    return given_again(make, dials, trajectory)


def theories_named(names: tuple[str, ...]) -> tuple[OwnTheory, ...]:
    """The theories that the option names, without repetitions.

    Raises:
        UsageError: one of them does not exist, or is no theory.
    """
    if not names:
        return ()
    from langevin.experiment.own_theory import theory_named

    return tuple(theory_named(name) for name in dict.fromkeys(names))
