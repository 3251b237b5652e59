"""The option `--plugins`. It has its own module, because the overview of the commands imports nothing else."""

from __future__ import annotations

import click

#: Place of the named folders, in order, in a context of click.
NAMED = "langevin.plugins"


def _add_plugins(ctx: click.Context, param: click.Parameter, folders: tuple[str, ...]) -> None:
    if folders:
        from langevin.registry import add_plugins

        for folder in folders:
            add_plugins(folder)
        ctx.meta[NAMED] = tuple(dict.fromkeys((*ctx.meta.get(NAMED, ()), *folders)))


#: For every command that finds something by its name; before or after the command's other options.
plugins_option = click.option(
    "--plugins",
    multiple=True,
    is_eager=True,
    expose_value=False,
    callback=_add_plugins,
    metavar="FOLDER",
    help="Folder with manifolds/, potentials/ ... of your own, found by name; repeatable.",
)


def words_of_plugins() -> tuple[str, ...]:
    """The words that name the folders of this command again; empty if a test calls a function alone."""
    context = click.get_current_context(silent=True)
    folders = () if context is None else context.meta.get(NAMED, ())
    return tuple(word for folder in folders for word in ("--plugins", folder))
