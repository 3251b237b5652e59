"""`langevin list`: what landscapes there are, with their dials and facts."""

from __future__ import annotations

import json
from typing import Any

import click

KINDS = ("manifolds", "potentials")


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS), required=False)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_(kind: str | None, as_json: bool) -> None:
    """List the built-in landscapes: dials with their defaults, and facts at the defaults.

    \b
    Examples:
      langevin list
      langevin list manifolds
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

    make = factory(kind, name)
    facts = {fact: value for fact, value in make().facts.items() if isinstance(value, int | float)}
    return {
        "name": name,
        "summary": (make.__doc__ or "").strip().partition("\n")[0],
        "dials": {dial: parameter.default for dial, parameter in dials(make).items()},
        "facts": facts,
    }


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {value:.6g}" for name, value in values.items())
