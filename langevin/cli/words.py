"""Settings of a command by their names, and the words that say them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from langevin.sweep.plan import canonical

#: Options with pairs NAME=VALUE, whose settings are called OPTION.NAME.
PAIRED = ("p", "i", "f", "set", "option", "leaf-rate", "leaf-decay", "after-memorisation", "stop")
#: Options whose values stand in one setting, and the sign between them. `stop` also has pairs.
JOINED = {"plugins": os.pathsep, "observe": ",", "theory": ",", "stop": ";"}
#: Options that say how a run is made, written and shown, and do not change its numbers.
HOW = frozenset({
    "out", "force", "plot", "json", "quiet", "threads", "resume", "extend", "figure", "jobs", "task", "dry-run",
    "retry-failed", "config", "scheduler", "slurm", "pbs", "lsf", "help",
})  # fmt: skip


def long_name(option: click.Parameter) -> str:
    """The name of the settings of an option: its first long one without dashes, or its only one."""
    names = [name for name in option.opts if name.startswith("--")] or option.opts
    return names[0].lstrip("-")


def settings_of(command: click.Command, ctx: click.Context, args: Sequence[str]) -> dict[str, Any]:
    """What is typed for a command, by names of settings: texts, and True for switches.

    Raises:
        click.UsageError: an option that the command does not have, or one without its value.
    """
    typed, rest, _ = command.make_parser(ctx).parse_args(list(args))
    if rest:
        ctx.fail(f"Got unexpected extra argument ({' '.join(rest)})")
    settings: dict[str, Any] = {}
    for option in command.params:
        value = typed.get(option.name or "")
        name = long_name(option)
        if isinstance(value, list) and name == "stop":
            value, criteria = _criteria(value)
            settings |= {name: JOINED[name].join(criteria)} if criteria else {}
        if isinstance(value, list) and name in PAIRED:
            for pair in value:
                key, equals, text = pair.partition("=")
                if not equals:
                    ctx.fail(f"Option {option.opts[0]!r} takes NAME=VALUE, got {pair!r}")
                settings[canonical(f"{name}.{key}")] = text.strip()
        elif isinstance(value, list):
            settings[name] = JOINED[name].join(value)
        elif isinstance(value, str | bool):
            settings[name] = value
    return settings


def _criteria(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """What is typed for --stop, as pairs NAME=NUMBER where all have this form, or else as criteria of one setting."""
    each = [one.strip() for text in texts for one in text.split(JOINED["stop"])]
    pairs = [one for one in each if "=" in one and not set(one.partition("=")[0]) & set("<>")]
    return (pairs, []) if len(pairs) == len(each) else ([], each)


def words_of(command: click.Command, settings: Mapping[str, str]) -> list[str]:
    """The words of settings, as they would be typed behind the command's name; a switch that is false has none."""
    switches = {long_name(option) for option in command.params if getattr(option, "is_flag", False)}
    words = [settings["model"]] if "model" in settings else []
    for name, value in settings.items():
        option, _, key = name.partition(".")
        dashes = "-" if len(option) == 1 else "--"
        if name == "model":
            continue
        if key:
            words += [f"{dashes}{option}", f"{key}={value}"]
        elif name in switches and value in ("true", "false"):
            words += [f"{dashes}{option}"] * (value == "true")
        else:
            values = value.split(JOINED[option]) if option in JOINED else [value]
            words += [word for one in values for word in (f"{dashes}{option}", one)]
    return words


def check_known(command: click.Command, names: Iterable[str]) -> None:
    """Refuse settings that a command does not have.

    Raises:
        UsageError: there is one; the sentence says which it has.
    """
    from langevin.errors import UsageError

    known = {long_name(option) for option in command.params} - HOW
    for name in names:
        option, dot, key = name.partition(".")
        both = option in PAIRED and option in JOINED
        if option not in known or (not both and bool(dot and key) != (option in PAIRED)):
            shown = sorted(f"{one}.NAME" if one in PAIRED else one for one in known)
            raise UsageError(
                f"{command.name} has no setting {name!r}", f"it has {', '.join(shown)}", "name one of them"
            )
