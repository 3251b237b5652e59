"""`langevin check`: does a landscape keep its contracts? The first error of every user is a wrong gradient."""

from __future__ import annotations

import click

from langevin.cli.options import parse_dials


@click.command()
@click.option("--manifold", help="A zero-loss set, built in or your own as module:name.")
@click.option("--potential", help="A loss, built in or your own as module:name.")
@click.option("-p", "pairs", multiple=True, metavar="NAME=VALUE", help="A dial of the landscape; repeatable.")
def check(manifold: str | None, potential: str | None, pairs: tuple[str, ...]) -> int:
    """Check a landscape: gradient against differences of the value, Jacobian against those of the residual,
    gradient against J^T r, shapes, starts, walls and a closed return. Exit code 3 if a check fails.

    \b
    Examples:
      langevin check --manifold canal
      langevin check --potential mywell:mywell
    """  # noqa: D205, D301
    from langevin.errors import UsageError
    from langevin.experiment.conformance import conformance
    from langevin.registry import factory

    if (manifold is None) == (potential is None):
        raise UsageError(
            "give one landscape, --manifold NAME or --potential NAME; `langevin list` shows them"
        )
    package, name = ("manifolds", manifold) if manifold is not None else ("potentials", potential or "")
    make = factory(package, name)
    findings = conformance(make(**parse_dials(pairs, make)))
    for finding in findings:
        mark = click.style("ok  ", fg="green") if finding.passed else click.style("FAIL", fg="red")
        click.echo(f"{mark}  {finding.name}: {finding.detail}")
    failed = sum(not finding.passed for finding in findings)
    click.echo(f"{name}: {len(findings) - failed} of {len(findings)} checks passed")
    return 3 if failed else 0
