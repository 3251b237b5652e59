"""`langevin list`: all entries that are found by name, with the dials and facts of landscapes and integrators."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.narrow import show
from langevin.cli.options import names_of
from langevin.cli.plugins import plugins_option
from langevin.errors import UsageError
from langevin.registry import KINDS

if TYPE_CHECKING:
    from langevin.types import Facts, Integrator, Landscape


@click.command("list")
@click.argument(
    "what", required=False, metavar="[KIND|NAME]", shell_complete=names_of(*KINDS, "models", "sims")
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@plugins_option
def list_(what: str | None, as_json: bool) -> None:
    """List the names that commands accept, built in or in a folder of plugins. Landscapes and integrators are shown
    with their dials, the defaults of the dials, and facts at the defaults.

    KIND is manifolds, potentials, integrators, dynamics, questions, theories, observables, delays (theories of the
    delay between memorising and generalising), models (networks) or sims. NAME is the name of one of them, or the
    dotted name of a module with a network of your own: it is shown alone, with its dials explained and a command that
    uses it.

    \b
    Examples:
      langevin list
      langevin list integrators
      langevin list cube
      langevin list parity
      langevin list manifolds --plugins FOLDER
    """  # noqa: D205, D301
    from langevin.registry import FOLDERS

    if what is not None and what not in (*KINDS, *FOLDERS):
        _show_one(what, as_json)
        return
    found = {kind: _described(kind) for kind in ([what] if what else (*KINDS, *FOLDERS))}
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one, entries in found.items():
        click.echo(click.style(one, bold=True))
        for entry in entries:
            home = f" ({entry['distribution']})" if "distribution" in entry else ""
            show(f"  {entry['name']}{home}: {entry['summary']}")
            if "dials" in entry:
                show(f"      dials: {_pairs(entry['dials'])}")
            if entry.get("facts"):
                show(f"      facts: {_pairs(entry['facts'])}")
        if not entries:
            click.echo("  none")


def _described(kind: str) -> list[dict[str, Any]]:
    """All entries of a kind. A warning names the entries of installed distributions that fail."""
    from langevin.registry import FOLDERS, content_names, names, offers

    of_distributions = offers(kind)
    known = {*content_names(kind), *of_distributions} if kind in FOLDERS else names(kind)
    found = []
    for name in sorted(known):
        try:
            found.append(describe(kind, name))
        except UsageError as error:
            if name not in of_distributions:
                raise
            warnings.warn(str(error), stacklevel=2)
    return found


def _show_one(name: str, as_json: bool) -> None:
    """Print all information about one name."""
    from langevin.cli.one_entry import OF_CONTENT, as_text, entry_details, found_as

    plain = name.replace("_", "-")
    shown_entries = {
        kind: OF_CONTENT[kind](name)
        if kind in OF_CONTENT
        else entry_details(kind, plain, describe(kind, plain))
        for kind in found_as(name)
    }
    if as_json:
        click.echo(json.dumps(shown_entries, indent=2))
    else:
        click.echo("\n\n".join(as_text(kind, one, _shown) for kind, one in shown_entries.items()))


def describe(kind: str, name: str) -> dict[str, Any]:
    """Name and summary. Landscapes and integrators also have dials with defaults, and facts at the defaults.

    An entry of an installed distribution also has the name and version of the distribution.

    Args:
        kind: of the entry.
        name: of the entry.
    """
    from langevin.registry import FOLDERS, offered, offers

    offer = offers(kind).get(name) if kind in FOLDERS else offered(kind, name)
    home = {} if offer is None else {"distribution": offer.distribution}
    return {"name": name, **home, **(_of_module(kind, name) if kind in FOLDERS else _of_entry(kind, name))}


def _of_module(kind: str, name: str) -> dict[str, Any]:
    """Summary of a network or a sim; only networks of distributions are imported."""
    from langevin.registry import content_names, content_text

    if name in content_names(kind):
        return {"summary": content_text(kind, name).partition("\n")[0]}
    from langevin.cli.one_entry import network

    return {"summary": network(name)["text"].partition("\n")[0]}


def _of_entry(kind: str, name: str) -> dict[str, Any]:
    """Summary of an entry, and what `FACTS` gives for its kind."""
    from langevin.registry import dials, entry, factory

    if kind not in FACTS:
        return {"summary": _summary(entry(kind, name))}
    make = factory(kind, name)
    made = make()
    usual = {dial: parameter.default for dial, parameter in dials(make).items()}
    # A dial whose default depends on other dials is None in the signature, and a number in the landscape.
    known = getattr(made, "dials", {})
    return {
        "summary": _summary(make),
        "dials": {dial: known.get(dial) if value is None else value for dial, value in usual.items()},
        "facts": FACTS[kind](made),
    }


def _summary(item: Any) -> str:
    """The summary of a record, or else the first line of a function's docstring."""
    summary = getattr(item, "summary", None) or (item.__doc__ if callable(item) else None)
    return (summary or "").strip().partition("\n")[0]


def _landscape_facts(landscape: Landscape) -> dict[str, Any]:
    return dict(numbers(landscape.facts))


def _integrator_facts(step: Integrator) -> dict[str, Any]:
    facts = {"dynamics": step.dynamics, "weak order": step.weak_order, "reference": step.reference}
    return facts if step.measure is None else facts | {"measure": step.measure}


#: Attributes that are shown of the objects of a factory, by kind.
FACTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "manifolds": _landscape_facts,
    "potentials": _landscape_facts,
    "integrators": _integrator_facts,
}


def numbers(facts: Facts) -> dict[str, float]:
    """The plain numbers among the facts by name, and the known means of moments, for soft motion at temperature 1."""
    names = ["volume", *(field.name for field in fields(facts))]
    found = {name: value for name in names if isinstance(value := getattr(facts, name), int | float)}
    for moment in facts.moments:
        known = {
            f"surface mean of {moment.name}": moment.surface,
            f"gibbs mean of {moment.name}": moment.gibbs,
            f"soft mean of {moment.name}": None if moment.soft is None else moment.soft(1.0),
            f"surface rate of {moment.name}": moment.surface_rate,
            f"gibbs rate of {moment.name}": moment.gibbs_rate,
        }
        found |= {name: value for name, value in known.items() if value is not None}
    return found


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in values.items()) or "none"


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)
