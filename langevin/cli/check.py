"""`langevin check`: does a landscape keep its contracts? The first error of every user is a wrong gradient."""

from __future__ import annotations

import click

from langevin.cli.landscape import chosen_landscape
from langevin.cli.options import plugins_option


@click.command()
@click.option("--manifold", help="A zero-loss set, built in or your own as module:name.")
@click.option("--potential", help="A loss, built in or your own as module:name.")
@click.option("-p", "pairs", multiple=True, metavar="NAME=VALUE", help="A dial of the landscape; repeatable.")
@plugins_option
def check(manifold: str | None, potential: str | None, pairs: tuple[str, ...]) -> int:
    """Check a landscape: gradient against differences of the value, Jacobian against those of the residual,
    gradient against J^T r, shapes, starts, walls and a closed return. Exit code 3 if a check fails.

    \b
    Examples:
      langevin check --manifold canal
      langevin check --potential mywell:mywell
    """  # noqa: D205, D301
    from langevin.experiment.conformance import conformance

    make, dials, _ = chosen_landscape(manifold, potential, pairs, None)
    findings = conformance(make(**dials))
    for finding in findings:
        mark = click.style("ok  ", fg="green") if finding.passed else click.style("FAIL", fg="red")
        click.echo(f"{mark}  {finding.name}: {finding.detail}")
    failed = sum(not finding.passed for finding in findings)
    click.echo(f"{manifold or potential}: {len(findings) - failed} of {len(findings)} checks passed")
    return 3 if failed else 0
