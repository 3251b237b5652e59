"""`langevin config`: the plan of a finished run, which a user may change and run again."""

from __future__ import annotations

from pathlib import Path

import click

from langevin.cli.paths import FILE


@click.command()
@click.argument("file", type=FILE)
def config(file: Path) -> None:
    """Print the plan of the run in FILE: its command, settings and seed, as TOML.

    Nothing is run. Read the plan, then run it with `langevin sweep`, or run its command with `--config`.

    \b
    Examples:
      langevin config double-well.h5 > plan.toml
      langevin simulate --config plan.toml --temperature 0.4
    """  # noqa: D301
    from langevin.cli import main
    from langevin.cli.begun import readable
    from langevin.cli.settings import HOW, ONE_RUN, settings_of
    from langevin.errors import InputFileError
    from langevin.store import load
    from langevin.sweep.plan import Plan
    from langevin.sweep.plan_file import plan_text

    run = load(file)
    words = _without_plugins(readable(run.meta.get("command")))
    if words[:1] != ("langevin",) or len(words) < 2 or words[1] not in ONE_RUN:
        raise InputFileError(
            f"{file} does not contain the command that made it", "a run that `langevin simulate`, rate or train made",
            "write its plan by hand: `langevin sweep --template`",
        )  # fmt: skip
    context = click.get_current_context()
    command = main.get_command(context, words[1])
    assert command is not None
    try:
        typed = settings_of(command, context, words[2:])
    except click.UsageError as error:
        raise InputFileError(f"this version cannot read the command in {file}: {error.message}") from error
    settings = {
        name: "true" if value is True else str(value) for name, value in typed.items() if name not in HOW
    }
    settings.setdefault("seed", str(run.meta.get("seed", 0)))
    click.echo(plan_text(Plan(words[1], settings)), nl=False)


def _without_plugins(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a command, with folders of plugins, given before its name, after it."""
    before: tuple[str, ...] = ()
    while words[1:2] == ("--plugins",):
        before, words = (*before, *words[1:3]), (*words[:1], *words[3:])
    return (*words[:2], *before, *words[2:])
