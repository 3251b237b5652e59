"""What options give: a landscape by its name or from a module, with its dials, and user-defined theories.

The landscape of a run file is given by options, because the file contains no functions.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin

import click

from langevin.cli.options import FINITE, Count, FiniteFloat, field_options
from langevin.errors import UsageError, unfit
from langevin.registry import factory

if TYPE_CHECKING:
    from langevin.experiment.own_theory import OwnTheory
    from langevin.types import Landscape, Trajectory

COUNT_ANY = Count(least=-(2**63), most=2**64 - 1)
#: Containers for the values of a dial that is annotated as a list.
LISTS: dict[Any, Callable[..., Any]] = {list: list, tuple: tuple, Sequence: tuple}

#: Letters of a landscape's name in the name of a file: the name of a formula may be long.
LONGEST_NAME = 60
theory_option = click.option(
    "--theory",
    "theories",
    multiple=True,
    metavar="MODULE:NAME",
    help="User-defined theory to compare in addition to the others: docs/own_theories.md; repeatable.",
)


def chosen_landscape(
    manifold: str | None,
    potential: str | None,
    pairs: tuple[str, ...],
    dim: int | None,
    field: str | None = None,
    field_pairs: tuple[str, ...] = (),
) -> tuple[Callable[..., Any], dict[str, Any], str]:
    """(factory, dials, name for files) of the named landscape, in the named field.

    Args:
        manifold: the option --manifold.
        potential: the option --potential.
        pairs: dials of the landscape, as NAME=VALUE.
        dim: the option --dim.
        field: the option --field.
        field_pairs: dials of the field, as NAME=VALUE.

    Raises:
        UsageError: none or two were named, a dial it does not have, or a field of a potential.
    """
    if (manifold is None) == (potential is None):
        raise UsageError(
            f"{'no landscape is' if manifold is None else 'two landscapes are'} named",
            "give one landscape, --manifold NAME or --potential NAME",
            "`langevin list` shows their names",
        )
    package, name = ("manifolds", manifold) if manifold is not None else ("potentials", potential or "")
    make = factory(package, name)
    dials = parse_dials(pairs, make)
    if dim is not None:
        dials |= parse_dials((f"dim={dim}",), make)
    make = _in_field(make, potential, field, field_pairs)
    return make, dials, re.sub(r"[^\w.-]+", "_", name)[:LONGEST_NAME].strip("_")


def _in_field(
    make: Callable[..., Any], potential: str | None, field: str | None, pairs: tuple[str, ...]
) -> Callable[..., Any]:
    """The factory, or a factory of its landscape in a field."""
    if field is None:
        if pairs:
            raise UsageError(
                "-f sets a dial of the field that --field names", "-f goes with --field", "name one"
            )
        return make
    if potential is not None:
        raise UsageError(
            "--field acts on a surface or in a body, and --potential is a loss with a force of its own",
            "--field with --manifold",
            "drop --field, or name a --manifold",
        )
    from langevin.landscapes.in_field import factory_in_field

    of_field = factory("potentials", field)
    return factory_in_field(make, of_field, parse_dials(pairs, of_field, "-f"))


def parse_dials(pairs: tuple[str, ...], factory: Callable[..., Any], option: str = "-p") -> dict[str, Any]:
    """Turn `name=value` pairs of an option into keyword arguments of a factory, typed by its signature.

    Args:
        pairs: NAME=VALUE each.
        factory: with the dials as arguments.
        option: name of the option, for the error.

    Raises:
        UsageError: an unknown name (the allowed ones are listed), a value of the wrong type.
    """
    parameters = inspect.signature(factory, eval_str=True).parameters
    found: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise unfit(f"{option}", "takes name=value", f"{pair!r}")
        if name not in parameters:
            near = get_close_matches(name, list(parameters), n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UsageError(f"unknown dial {name!r}", allowed=f"{hint}the dials are {', '.join(parameters)}")
        found[name] = _typed(name, text.strip(), parameters[name])
    return found


def _typed(name: str, text: str, parameter: inspect.Parameter) -> Any:
    """The value of a dial's text. The text of a list has commas between its values."""
    kind, many = _kind_of(parameter.annotation)
    if many is None:
        return _one(name, text, kind)
    return many(_one(name, part.strip(), kind) for part in text.split(","))


def is_list(parameter: inspect.Parameter) -> bool:
    """Whether the value of a dial is a list."""
    return _kind_of(parameter.annotation)[1] is not None


def _kind_of(annotation: Any) -> tuple[Any, Callable[..., Any] | None]:
    """(type of one value, container of several values or None) of a dial, which may also be absent."""
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    if get_origin(annotation) in (UnionType, Union) and len(kinds) == 1:
        return _kind_of(kinds[0])
    holder = LISTS.get(get_origin(annotation))
    return (annotation, None) if holder is None else (kinds[0], holder)


def _one(name: str, text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() in {"true", "yes", "1", "false", "no", "0"}:
            return text.lower() in {"true", "yes", "1"}
        raise unfit(f"dial {name}", "takes true or false", f"{text!r}")
    numbers: dict[Any, Count | FiniteFloat] = {int: COUNT_ANY, float: FINITE}
    convert = numbers.get(kind)
    if convert is None:
        return text
    try:
        return convert.convert(text, None, None)
    except click.BadParameter as error:
        raise unfit(f"dial {name}", f"takes {convert.allowed}", f"{text!r}") from error


def own_landscape_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options that name a user-defined landscape, its field, and their dials: the arguments of `given_landscape`."""
    for option in (
        field_options,
        click.option(
            "-p",
            "pairs",
            multiple=True,
            metavar="NAME=VALUE",
            help="A dial of the landscape, if the file does not contain it; repeatable.",
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
