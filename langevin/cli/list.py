"""`langevin list`: what landscapes and integrators there are, with their dials and facts."""

from __future__ import annotations

import json
from typing import Any

import click

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
    """Name, first line of help, dials with defaults, and plain facts at the defaults."""
    from langevin.registry import dials, factory
    from langevin.types import Integrator

    make = factory(kind, name)
    made = make()
    if isinstance(made, Integrator):
        facts = {"dynamics": made.dynamics, "weak order": made.weak_order, "reference": made.reference}
        facts |= {} if made.measure is None else {"measure": made.measure}
    else:
        facts = {fact: value for fact, value in made.facts.items() if isinstance(value, int | float)}
    return {
        "name": name,
        "summary": (make.__doc__ or "").strip().partition("\n")[0],
        "dials": {dial: parameter.default for dial, parameter in dials(make).items()},
        "facts": facts,
    }


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in values.items()) or "none"


def _shown(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)
