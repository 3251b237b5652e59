"""The landscape of a recorded run, made again from the configuration in its file."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping
from typing import Any

from langevin.errors import LangevinError, UsageError
from langevin.experiment.own_landscape import MOST, wanted
from langevin.experiment.own_landscape import plain as plain_dials
from langevin.landscapes.in_field import factory_in_field, split_dials, split_name
from langevin.potentials import with_weight_decay
from langevin.registry import dials as dials_of
from langevin.registry import factory, file_names
from langevin.types import Landscape, Trajectory

DECAYED = " with weight decay"
#: Largest product of all whole numbers among the dials of a file.
MOST_TOGETHER = 2**14


def rebuilt(trajectory: Trajectory) -> Landscape:
    """The landscape that the run's meta names, if langevin has it with the same dials.

    Raises:
        UsageError: it is not, so theories of a landscape do not apply.
    """
    meta, dim, own_words = trajectory.meta, trajectory.states.shape[2], wanted(trajectory)
    if own_words:
        raise UsageError(
            "the landscape of this run is not one of langevin's own, so its theories are not known here",
            "the landscape of the run is needed",
            f"add {own_words}",
        )
    name, dials = str(meta.get("landscape")), meta.get("dials")
    plain, field = split_name(name.removesuffix(DECAYED))
    decays = name.endswith(DECAYED)
    home = next(
        (home for home in ("manifolds", "potentials") if plain.replace("_", "-") in file_names(home)), None
    )
    known = not field or field.replace("_", "-") in file_names("potentials")
    if home is None or not known or not isinstance(dials, Mapping):
        raise UsageError(
            f"{name!r} is none of langevin's own landscapes, so give the one it was run on",
            "the landscape of the run is needed",
            "add --manifold module:name or --potential module:name, from the folder of its file",
        )
    own, of_field = split_dials(
        {dial: value for dial, value in dials.items() if not decays or dial != "weight_decay"}
    )
    try:
        make = factory(home, plain)
        check_sizes(make, own, f"--{home[:-1]} {plain.replace('_', '-')}")
        if field:
            of = factory("potentials", field)
            check_sizes(of, of_field, f"--field {field.replace('_', '-')}")
            make = factory_in_field(make, of, of_field)
        landscape: Landscape = make(**own)
        if decays:
            landscape = with_weight_decay(landscape, dials["weight_decay"])
    except Exception as error:  # dials may be of any kind, in numbers of any size
        cause = error if isinstance(error, LangevinError) else f"{type(error).__name__}: {error}"
        raise UsageError(f"the {plain} of this file cannot be made again: {cause}") from error
    if landscape.dim != dim or plain_dials(landscape.dials) != plain_dials(dials):
        raise UsageError(
            f"the {name} of this file is not langevin's own, which has other dials, so its theories do not apply",
            "its dials must be those of this version",
            "run again with this version",
        )
    return landscape


def check_sizes(make: Callable[..., Any], own: Mapping[str, Any], selected: str) -> None:
    """Refuse dials of a file that make a large landscape; `selected` is how it is named on the command line.

    Args:
        make: factory of the landscape.
        own: dials of the landscape in the file.
        selected: option and name that select the landscape on the command line.

    Raises:
        UsageError: they differ, or a dial that counts is no whole number.
    """
    counting = {name for name, dial in dials_of(make).items() if "int" in str(dial.annotation)} - {"seed"}
    counts = {name: value for name, value in own.items() if name in counting and value is not None}
    if not all(type(value) is int for value in counts.values()):
        raise UsageError("a dial that counts is no whole number")
    lists = [len(value) for value in own.values() if isinstance(value, list | str | Mapping)]
    sizes = [abs(value) for value in counts.values()] + lists
    if max(sizes, default=0) > MOST or math.prod(max(size, 1) for size in sizes) > MOST_TOGETHER:
        raise UsageError(
            f"its dials ask for more than a file may ({MOST} each, {MOST_TOGETHER} multiplied): give it again, as "
            f"{again(selected, own)}"
        )


def again(selected: str, own: Mapping[str, Any]) -> str:
    """The options that give a landscape with its dials again.

    Args:
        selected: option and name that select the landscape on the command line.
        own: dials of the landscape.
    """
    of_set, of_field = split_dials(own)
    dials = [("-p", *one) for one in of_set.items()] + [("-f", *one) for one in of_field.items()]
    words = [word for option, name, value in dials for word in (option, f"{name}={value}")]
    text = " ".join([selected, shlex.join(words)])
    return text if len(text) < MOST else f"{selected} with its dials by -p, and those of its field by -f"
