"""`langevin list`: what landscapes and integrators there are, with their dials and facts."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from langevin.types import Facts

KINDS = ("manifolds", "potentials", "integrators")


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(kind: str | None, as_json: bool) -> None:
    """List the built-in landscapes and integrators: dials with their defaults, and facts at the defaults.

    \b
    Examples:
      langevin list
      langevin list integrators
    """  # noqa: D301
    from langevin.registry import names

    found = {one: [describe(one, name) for name in names(one)] for one in ([kind] if kind else KINDS)}
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one, entries in found.items():
        click.echo(click.style(one, bold=True))
        for entry in entries:
            click.echo(f"  {entry['name']}: {entry['summary']}")
            click.echo(f"      dials: {_pairs(entry['dials'])}")
            if entry["facts"]:
                click.echo(f"      facts: {_pairs(entry['facts'])}")


def describe(kind: str, name: str) -> dict[str, Any]:
    """Name, first line of help, dials with defaults, and facts at the defaults: numbers, and means of functions."""
    from langevin.registry import dials, factory
    from langevin.types import Integrator

    make = factory(kind, name)
    made = make()
    if isinstance(made, Integrator):
        facts = {"dynamics": made.dynamics, "weak order": made.weak_order, "reference": made.reference}
        facts |= {} if made.measure is None else {"measure": made.measure}
    else:
        facts = dict(numbers(made.facts))
    return {
        "name": name,
        "summary": (make.__doc__ or "").strip().partition("\n")[0],
        "dials": {dial: parameter.default for dial, parameter in dials(make).items()},
        "facts": facts,
    }


def numbers(facts: Facts) -> dict[str, float]:
    """The plain numbers among the facts by name, and what is known of every moment; soft motion at temperature 1."""
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
