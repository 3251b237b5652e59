"""Settings of a command. Several values of a setting make a sweep: a run for each combination, in a folder.

Settings have names, which plan files also use, and words that spell them on the command line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.options import COUNT, Count, FiniteFloat
from langevin.cli.paths import FILE
from langevin.cli.sweep_settings import place_options
from langevin.sweep.plan import canonical

if TYPE_CHECKING:
    from langevin.sweep.plan import Plan

#: Places of the plan of a sweep, and of the options on how it is made, in a context of click.
SWEEP = "langevin.sweep"
#: Options that make a sweep even for one run.
ONLY_SWEEPS = ("jobs", "task", "dry-run", "retry-failed", "slurm", "pbs", "lsf")
#: Options whose lists belong to one run, by command. Lists of other options make several runs.
ONE_RUN = {
    "simulate": {"samples", "schedule", "start", "plugins", "theory"},
    "rate": {"temperature", "start", "plugins"},
    "train": {"set", "schedule", "from", "weights", "plugins", "observe", "stop"},
}

#: Options with pairs NAME=VALUE, whose settings are called OPTION.NAME.
PAIRED = ("p", "i", "f", "set", "option", "leaf-rate", "leaf-decay", "after-memorisation", "stop")
#: Options whose values are in one setting, and the sign between them. `stop` also has pairs.
JOINED = {"plugins": os.pathsep, "observe": ",", "theory": ",", "stop": ";"}
#: Options on how a run is made, written and shown, which do not change its numbers.
HOW = frozenset({
    "out", "force", "plot", "json", "quiet", "threads", "resume", "extend", "figure", "jobs", "task", "dry-run",
    "retry-failed", "config", "scheduler", "slurm", "pbs", "lsf", "help",
})  # fmt: skip


class SweepableCommand(click.Command):
    """A command that makes a sweep if an option has several values, and takes settings from a plan file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words; for a sweep the words of its first point, so that a wrong value is refused as in one run."""
        if ctx.resilient_parsing or not _may_sweep(args):
            return super().parse_args(ctx, args)
        typed = settings_of(self, ctx, args)
        how = {name: value for name, value in typed.items() if name in HOW}
        settings = {name: _text(value) for name, value in typed.items() if name not in HOW}
        plan = _plan(self, how.get("config"), settings)
        only_sweeps = [name for name in how if name in ONLY_SWEEPS]
        if not (plan.grid or plan.zipped or plan.points) and not only_sweeps:
            if "config" not in how:
                return super().parse_args(ctx, args)
            own = {name: _text(value) for name, value in how.items() if name != "config"}
            return super().parse_args(ctx, words_of(self, {**plan.fixed, **own}))
        from langevin.sweep.plan import points_of

        if "resume" in how or "extend" in how:
            raise click.UsageError(
                "a sweep continues by its own command: leave --resume and --extend out", ctx
            )
        ctx.meta[SWEEP] = plan, how
        return super().parse_args(ctx, words_of(self, points_of(plan)[0].settings))

    def invoke(self, ctx: click.Context) -> Any:
        """Make the run, or the sweep."""
        if SWEEP not in ctx.meta:
            return super().invoke(ctx)
        from langevin.cli.sweeping import make_sweep

        return make_sweep(*ctx.meta.pop(SWEEP))


def sweep_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of a command that makes several runs; they are read where its words are parsed."""
    jobs = "Number of runs of a sweep at once.  [default: one for each processor]"
    task = "Only every Nth run of a sweep, from the Ith on."
    listed = "List the runs of a sweep and their cost."
    again = "Repeat the failed runs of a sweep."
    file = "Settings from a plan file; those typed replace them."
    for option in (
        click.option("--config", type=FILE, expose_value=False, help=file),
        click.option("--retry-failed", is_flag=True, expose_value=False, help=again),
        click.option("--dry-run", is_flag=True, expose_value=False, help=listed),
        click.option("--task", metavar="I/N", expose_value=False, help=task),
        click.option("--jobs", type=COUNT, expose_value=False, help=jobs),
    ):
        command = option(command)
    return place_options(command)


def long_name(option: click.Parameter) -> str:
    """The name of the settings of an option: its first long one without dashes, or its only one."""
    names = [name for name in option.opts if name.startswith("--")] or option.opts
    return names[0].lstrip("-")


def settings_of(command: click.Command, ctx: click.Context, args: Sequence[str]) -> dict[str, Any]:
    """The typed settings of a command by their names: texts, and True for switches.

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


def words_of(command: click.Command, settings: Mapping[str, str]) -> list[str]:
    """The words of settings, as they are typed after the name of the command. A switch that is false has none.

    Args:
        command: the command.
        settings: texts by name.
    """
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

    Args:
        command: the command.
        names: of settings.

    Raises:
        UsageError: there is one; the sentence lists the settings of the command.
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


def _may_sweep(args: list[str]) -> bool:
    """Whether the words contain more than one run; for nearly every command they do not."""
    marks = ("--config", *(f"--{name}" for name in ONLY_SWEEPS))
    return any("," in word or ":" in word or word.startswith(marks) for word in args)


def _plan(command: click.Command, config: str | None, settings: dict[str, str]) -> Plan:
    """The plan of a file, if there is one. Typed settings replace settings of the file."""
    from dataclasses import replace

    from langevin.errors import UsageError
    from langevin.sweep.plan import Axis, Plan, axes_of, points_of

    plan = Plan(command.name or "")
    if config is not None:
        from pathlib import Path

        from langevin.sweep.plan_file import read_plan

        plan = read_plan(FILE.convert(Path(config), None, None))[0]
        if plan.command != command.name:
            raise UsageError(
                f"{config} is a plan of `langevin {plan.command}`, not of `langevin {command.name}`",
                "a plan of this command",
                f"type `langevin {plan.command} --config {config}`, or `langevin sweep {config}`",
            )
        check_known(command, [*plan.fixed, *axes_of(points_of(plan))])
    axes = {name: _values(command, name, text, settings) for name, text in settings.items()}
    fixed = {name: values[0] for name, values in axes.items() if len(values) == 1}
    grid = tuple(Axis(name, values) for name, values in axes.items() if len(values) > 1)
    kept = {name: value for name, value in plan.fixed.items() if name not in axes}
    return replace(
        plan, fixed={**kept, **fixed}, grid=(*(axis for axis in plan.grid if axis.name not in axes), *grid),
        zipped=tuple(axis for axis in plan.zipped if axis.name not in axes),
        points=tuple({key: text for key, text in point.items() if key not in axes} for point in plan.points),
    )  # fmt: skip


def _values(command: click.Command, name: str, text: str, settings: dict[str, str]) -> tuple[str, ...]:
    """The values of a setting that was typed: one, unless it is a number or a name and has several."""
    from langevin.sweep.plan import names_of, values_of

    option, _, key = name.partition(".")
    whole = (
        option in ONE_RUN[command.name or ""] and name != f"stop.{key}"
    )  # a criterion NAME=A,B makes several
    if whole or not set(text) & set(",:"):
        return (text,)
    if option in ("p", "f"):
        return (text,) if _is_list(option, key, settings) else values_of(f"-{option} {key}", text)
    if key:
        return values_of(f"--{option} {key}", text)
    kind = next(one.type for one in command.params if long_name(one) == option)
    numbers = isinstance(kind, Count | FiniteFloat)
    return values_of(f"--{option}", text) if numbers else names_of(f"--{option}", text)


def _is_list(option: str, dial: str, settings: dict[str, str]) -> bool:
    """Whether the value of a dial of -p or -f is a list: the values between commas then belong together."""
    import inspect

    from langevin.cli.given import is_list
    from langevin.registry import factory

    named = {"p": (("manifolds", "manifold"), ("potentials", "potential")), "f": (("potentials", "field"),)}
    for package, name in named[option]:
        if name in settings and "," not in settings[name]:
            parameters = inspect.signature(factory(package, settings[name]), eval_str=True).parameters
            return dial in parameters and is_list(parameters[dial])
    if "model" in settings:
        from langevin.sgld import load

        parameters = inspect.signature(load(settings["model"])[0], eval_str=True).parameters
        return dial in parameters and is_list(parameters[dial])
    return False


def _text(value: str | bool) -> str:
    return "true" if value is True else str(value)


def _criteria(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """The values of --stop: pairs NAME=NUMBER if all have this form, or else criteria of one setting."""
    each = [one.strip() for text in texts for one in text.split(JOINED["stop"])]
    pairs = [one for one in each if "=" in one and not set(one.partition("=")[0]) & set("<>")]
    return (pairs, []) if len(pairs) == len(each) else ([], each)
