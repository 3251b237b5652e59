"""Option types, options that several commands share, and their shell completion."""

from __future__ import annotations

import math
import secrets
import warnings
from collections.abc import Callable
from typing import Any

import click

from langevin.cli.paths import FILE
from langevin.errors import LangevinError, unfit

#: The largest count: the largest exact whole number of a double.
MOST = 2**53 - 1


class FiniteFloat(click.ParamType[float]):
    """A finite number: nan and inf are refused, which click's own float lets through."""

    name = "number"
    allowed = "a finite number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse and check."""
        try:
            number = float(value)
        except ValueError:
            self.fail(f"{value!r} is not a number", param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


class PositiveFloat(FiniteFloat):
    """A finite number above 0."""

    allowed = "a finite number above 0"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse and check."""
        number = super().convert(value, param, ctx)
        if number <= 0.0:
            self.fail(f"{value} must be above 0", param, ctx)
        return number


class NotNegativeFloat(FiniteFloat):
    """A finite number of at least 0."""

    allowed = "a finite number of at least 0"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Parse and check."""
        number = super().convert(value, param, ctx)
        if number < 0.0:
            self.fail(f"{value} must be at least 0", param, ctx)
        return number


class Count(click.ParamType[int]):
    """A whole number of at least `least` and at most `most`; 1e6 and 10_000 are accepted."""

    name = "count"

    def __init__(self, least: int = 1, most: int = MOST) -> None:
        """Set the range that is accepted."""
        self.least, self.most = least, most
        self.allowed = f"a whole number from {_power(least)} to {_power(most)}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Parse and check."""
        number = _whole(value)
        if number is None:
            self.fail(f"{value!r} is not a whole number", param, ctx)
        if number < self.least:
            self.fail(f"{value} must be at least {_power(self.least)}", param, ctx)
        if number > self.most:
            self.fail(f"{value} must be at most {_power(self.most)}", param, ctx)
        return number


def _power(number: int) -> str:
    """A large number as a power of 2, or as one less than a power of 2."""
    if abs(number) < 2**32:
        return str(number)
    sign, size = "-" if number < 0 else "", abs(number)
    return (
        f"{sign}2^{size.bit_length() - 1}" if size & (size - 1) == 0 else f"{sign}2^{size.bit_length()} - 1"
    )


def _whole(value: Any) -> int | None:
    """The whole number of a text, from its digits if possible: a float has only 53 bits."""
    try:
        return int(value)
    except ValueError:
        pass
    try:
        number = float(value)
    except ValueError:
        return None
    return int(number) if math.isfinite(number) and number == int(number) else None


class KeptWeights(click.ParamType[str]):
    """`final`, `frames` or `every:N`; `kept_rule` gives the setting of a training."""

    name = "weights"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check."""
        first, colon, count = str(value).partition(":")
        if (first, colon) == ("every", ":"):
            COUNT.convert(count, param, ctx)
        elif value not in ("final", "frames"):
            self.fail(f"{value!r} is none of final, frames and every:N", param, ctx)
        return str(value)


def kept_rule(text: str) -> str | int:
    """The rule for kept weights (`langevin.sgld.Recording`) that the option spells."""
    count = text.partition(":")[2]
    return COUNT.convert(count, None, None) if count else text


WEIGHTS = KeptWeights()
FINITE = FiniteFloat()
POSITIVE = PositiveFloat()
NOT_NEGATIVE = NotNegativeFloat()
COUNT = Count()
SEED = Count(least=0, most=2**64 - 1)


def number_of(name: str, text: Any, kind: Count) -> int:
    """The whole number of a text: an option, or a part of an option.

    Args:
        name: of the option, for the error.
        text: the text.
        kind: the allowed numbers.

    Raises:
        UsageError: it is no allowed number; the sentence contains the name.
    """
    try:
        return kind.convert(text, None, None)
    except click.BadParameter as error:
        raise unfit(name, f"takes {kind.allowed}", f"{text!r}") from error


def draw_seed(seed: int | None) -> int:
    """The seed given, or a fresh one of 63 bits."""
    return secrets.randbits(63) if seed is None else seed


def parse_schedule(text: str) -> Callable[[Any], Any]:
    """`polynomial:SCALE,POWER` as factors (1 + k / SCALE)^-POWER of dt for an array of step numbers k.

    These are the decreasing steps a (b + k)^-gamma of Welling and Teh (2011) with b = SCALE, gamma = POWER and
    dt = a b^-gamma. Their sum diverges, and the sum of their squares converges, for 1/2 < gamma <= 1.

    Raises:
        UsageError: another name, or numbers that are not above 0.
    """
    kind, _, numbers = text.partition(":")
    try:
        scale, power = (POSITIVE.convert(number, None, None) for number in numbers.split(","))
    except (ValueError, click.BadParameter):
        scale = power = 0.0
    if kind != "polynomial" or not scale:
        raise unfit(
            "--schedule",
            "takes polynomial:SCALE,POWER with both above 0, as in polynomial:1000,0.6",
            f"{text!r}",
        )
    return lambda steps: (1.0 + steps / scale) ** -power


def field_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that name the field in which walkers move on a surface or in a body, and its dials."""
    named = "Potential whose force acts on a manifold's walkers: linear, quadratic ..., or your own as module:name."
    dial = "A dial of the field; repeatable."
    for option in (
        click.option(
            "-f",
            "field_pairs",
            multiple=True,
            metavar="NAME=VALUE",
            shell_complete=dials_of(field="potentials"),
            help=dial,
        ),
        click.option("--field", shell_complete=names_of("potentials"), help=named),
    ):
        command = option(command)
    return command


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of every command that makes a run: seed, file, figure, and how it reports."""
    for option in reversed(
        [
            click.option(
                "--seed", type=SEED, help="Seed of all randomness, printed and stored.  [default: drawn]"
            ),
            click.option(
                "--out", "-o", type=FILE, help="File to write.  [default: NAME.h5, or NAME-2.h5 ...]"
            ),
            click.option("--force", is_flag=True, help="Overwrite an existing file."),
            click.option("--plot", type=FILE, help="Also draw the figure (png, pdf, svg) to this file."),
            click.option("--json", "as_json", is_flag=True, help="Print results as JSON on stdout."),
            click.option("--quiet", "-q", is_flag=True, help="No narration and no progress bar."),
        ]
    ):
        command = option(command)
    return command


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
            except LangevinError:  # the command itself will report it
                return []
        return sorted(name for name in found if name.startswith(begun))

    return complete


def dial_option(text: str, **options: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option `-p NAME=VALUE`, a dial of the entry that another option or argument names.

    Args:
        text: the help text of the option.
        options: as `dials_of` takes them.
    """
    return click.option(
        "-p", "pairs", multiple=True, metavar="NAME=VALUE", shell_complete=dials_of(**options), help=text
    )


def dials_of(**options: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """The completion by dials of the entry that another option or argument names, as `NAME=`; nothing is imported.

    Args:
        options: names of the options that may name it, each with the folder of the registry, `models` or `sims`.
    """

    def complete(context: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
        from langevin.registry import FOLDERS, content_dials, dial_names

        given = [(kind, _typed(context, option)) for option, kind in options.items()]
        try:
            found = [
                f"{dial}="
                for kind, name in given
                if name
                for dial in (content_dials if kind in FOLDERS else dial_names)(kind, name)
            ]
        except LangevinError:  # the command itself will report it
            return []
        return [dial for dial in found if dial.startswith(begun)]

    return complete


def _typed(context: click.Context, name: str) -> Any:
    """The value of an option or argument; click assigns no argument while the last option lacks its value."""
    arguments = [one.name for one in context.command.params if isinstance(one, click.Argument)]
    if name not in arguments:
        return context.params.get(name)
    return dict(zip(arguments, context.args, strict=False)).get(name)


def _known(kind: str) -> list[str]:
    from langevin.registry import FOLDERS, content_names, names, offers

    return [*content_names(kind), *offers(kind)] if kind in FOLDERS else names(kind)
