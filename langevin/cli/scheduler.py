"""The option `--scheduler`: a run over the workers of a Dask cluster that is running."""

from __future__ import annotations

from typing import Any

import click

#: Parts of a run for each worker of a cluster: so many that one which ends early does not wait long.
PARTS = 2

#: For every command that makes one long run.
scheduler_option = click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    help="Dask scheduler whose workers do the work; never changes a result.  [default: this process does it]",
)


def spread(address: str | None) -> dict[str, Any]:
    """The `executor` of a scheduler, until the command ends, and the `tasks` into which its work is cut; none without.

    Raises:
        UsageError: no address of a scheduler, or Dask is not installed.
        WorkersLost: no scheduler answers at the address.
    """
    if address is None:
        return {}
    from langevin.cluster import connected, workers_of

    executor = click.get_current_context().with_resource(connected(address))
    return {"executor": executor, "tasks": PARTS * workers_of(executor) or None}
