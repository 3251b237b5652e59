"""`langevin check`: does a landscape or a step keep its contracts? Every user's first error is a wrong gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from langevin.cli.given import chosen_landscape, parse_dials
from langevin.cli.options import dial_option, dials_of, field_options, names_of
from langevin.cli.plugins import plugins_option
from langevin.errors import UsageError
from langevin.registry import factory

if TYPE_CHECKING:
    from langevin.landscapes.contracts import Finding


@click.command()
@click.option(
    "--manifold",
    shell_complete=names_of("manifolds"),
    help="A zero-loss set, built in or your own as module:name.",
)
@click.option(
    "--potential", shell_complete=names_of("potentials"), help="A loss, built in or your own as module:name."
)
@dial_option("A dial of the landscape; repeatable.", manifold="manifolds", potential="potentials")
@field_options
@click.option(
    "--integrator",
    shell_complete=names_of("integrators"),
    help="A step, built in or your own as module:name; tried on the landscape if given.",
)
@click.option(
    "-i",
    "integrator_pairs",
    multiple=True,
    metavar="NAME=VALUE",
    shell_complete=dials_of(integrator="integrators"),
    help="A dial of the integrator; repeatable.",
)
@plugins_option
def check(
    manifold: str | None, potential: str | None, pairs: tuple[str, ...], field: str | None,
    field_pairs: tuple[str, ...], integrator: str | None, integrator_pairs: tuple[str, ...],
) -> int:  # fmt: skip
    """Check a landscape: gradient against differences of the value, Jacobian against those of the residual, gradient
    against J^T r, shapes, starts, walls and `retract`. Or check an integrator: its rows, compiled steps against plain
    Python, and its weak order if the exact answer is known. Exit code 3 if a check fails.

    \b
    Examples:
      langevin check --manifold canal
      langevin check --potential mywell:mywell
      langevin check --manifold sphere --field myfield:myfield
      langevin check --integrator mystep:mystep -i friction=2 --manifold canal
    """  # noqa: D205, D301
    if integrator is None and integrator_pairs:
        raise UsageError(
            "-i sets a dial of the integrator that --integrator names",
            "-i goes with --integrator",
            "name one",
        )
    if integrator is None:
        findings = _landscape((manifold, potential, pairs, None, field, field_pairs))
    else:
        findings = _step(integrator, integrator_pairs, (manifold, potential, pairs, None, field, field_pairs))
    for finding in findings:
        mark = click.style("ok  ", fg="green") if finding.passed else click.style("FAIL", fg="red")
        click.echo(f"{mark}  {finding.name}: {finding.detail}")
    failed = sum(not finding.passed for finding in findings)
    subject = _subject(integrator, manifold or potential, field)
    click.echo(f"{subject}: {len(findings) - failed} of {len(findings)} checks passed")
    return 3 if failed else 0


def _subject(integrator: str | None, landscape: str | None, field: str | None) -> str:
    """What was checked, by the names that were typed."""
    place = f"{landscape} in the field {field}" if field else landscape
    return " on ".join(name for name in (integrator, place) if name)


#: Arguments of `chosen_landscape`.
Named = tuple[str | None, str | None, tuple[str, ...], None, str | None, tuple[str, ...]]


def _landscape(named: Named) -> list[Finding]:
    from langevin.experiment.conformance import conformance

    make, dials, _ = chosen_landscape(*named)
    return conformance(make(**dials))


def _step(name: str, dials: tuple[str, ...], named: Named) -> list[Finding]:
    from langevin.experiment.step_check import check_integrator

    make = factory("integrators", name)
    integrator = make(**parse_dials(dials, make, "-i"))
    if not any(named):
        return check_integrator(integrator)
    landscape, of_landscape, _ = chosen_landscape(*named)
    return check_integrator(integrator, landscape(**of_landscape))
