"""A page for each command of the command line, from click: what it does, arguments, options, examples."""

import inspect

import click

from docs.site.markdown import contents, fenced, page, plain, table
from langevin.cli import COMMANDS, main

HEAD = """All options of all commands, as `langevin COMMAND --help` prints them. [Commands](../docs/commands.md) has
examples, the columns of the tables, and the exit codes."""


def pages():
    """The pages by path."""
    context = click.Context(main, info_name="langevin", **main.context_settings)
    rows = [[f"[langevin {name}]({name}.md)", said] for name, said in COMMANDS.items()]
    found = {f"commands/{name}.md": of(main.get_command(context, name), name, context) for name in COMMANDS}
    top = section("Options of all commands", main, context)
    return {
        "commands/index.md": page(
            "Command reference", HEAD, table(["command", "what it does"], rows), top, contents(COMMANDS)
        ),
        **found,
    }


def of(command, name, parent):
    """The page of one command."""
    context = click.Context(command, info_name=name, parent=parent)
    usage = command.collect_usage_pieces(context)
    return page(
        f"langevin {name}",
        fenced("text", " ".join(["langevin", name, *usage])),
        *described(command.help),
        section("Options", command, context),
    )


def described(text):
    """Paragraphs of a help text; those that click must not wrap as they stand."""
    for block in inspect.cleandoc(text).split("\n\n"):
        if not block.startswith("\b"):
            yield plain(block)
            continue
        title, _, lines = block.removeprefix("\b\n").partition("\n")
        yield f"## {title.removesuffix(':')}" if lines else title
        yield (
            fenced("sh" if title.startswith("Example") else "text", inspect.cleandoc(lines)) if lines else ""
        )


def section(title, command, context):
    """The table of the options."""
    records = [one.get_help_record(context) for one in command.get_params(context)]
    rows = [[f"`{names}`", plain(said)] for names, said in filter(None, records) if names]
    return f"## {title}\n\n" + table(["option", "meaning"], rows)
