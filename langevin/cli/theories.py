"""The option `--theory`, by which a command compares a user-defined theory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from langevin.experiment.own_theory import OwnTheory

theory_option = click.option(
    "--theory",
    "theories",
    multiple=True,
    metavar="MODULE:NAME",
    help="User-defined theory to compare in addition to the others: docs/own_theories.md; repeatable.",
)


def theories_named(names: tuple[str, ...]) -> tuple[OwnTheory, ...]:
    """The theories that the option names, each once.

    Raises:
        UsageError: one of them is not there, or is no theory.
    """
    if not names:
        return ()
    from langevin.experiment.own_theory import theory_named

    return tuple(theory_named(name) for name in dict.fromkeys(names))
