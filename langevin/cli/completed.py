"""What a shell completes behind an option or in the place of an argument: names that the registry knows."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import click

from langevin.errors import LangevinError


def names_of(*kinds: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """The completion by names of kinds: built in, of folders of plugins and of distributions; nothing is imported.

    Args:
        kinds: folders of the registry, `models` or `sims`.
    """

    def complete(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
        with warnings.catch_warnings():  # a shell shows them in the middle of the line
            warnings.simplefilter("ignore")
            try:
                found = {name for kind in kinds for name in _known(kind)}
            except LangevinError:  # the command itself will say it
                return []
        return sorted(name for name in found if name.startswith(begun))

    return complete


def _known(kind: str) -> list[str]:
    from langevin.registry import FOLDERS, content_names, names, offers

    return [*content_names(kind), *offers(kind)] if kind in FOLDERS else names(kind)
