"""The files that a command will write.

Their names are claimed before the work, and the content is kept after it even if a name is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.begun import FOUND, TOLD, provenance
from langevin.errors import OutputError
from langevin.stopping import uninterrupted
from langevin.store import claimed, discard, save
from langevin.store.atomic import free_name
from langevin.store.claims import check_claim
from langevin.sweep.rows import findings_of, told

if TYPE_CHECKING:
    from langevin.types import Comparison, Trajectory


def claim(*paths: str | Path | None) -> None:
    """Claim the names of the files that this command will write, until the command ends.

    Raises:
        OutputError: another run writes one of them, or the operating system refuses.
    """
    click.get_current_context().with_resource(claimed(*paths))


def keep(
    path: Path,
    run: Trajectory,
    force: bool,
    theory: Sequence[Comparison] = (),
    measured: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Write the finished run under its name, or, if that is refused, under a free name in the same folder.

    Signals are handled after the write. The parts that were kept during the run are removed at the end of the command,
    because the command may read them.

    Args:
        path: of the file.
        run: the run.
        force: whether an existing file is replaced.
        theory: comparisons made on the run.
        measured: numbers measured on it, as `langevin.sweep.rows.measured_entry` makes them.

    Raises:
        OutputError: the file has appeared in the meantime and `force` is not given, another run has taken its claim, or
            the operating system refuses; the sentence says where the run is.
    """
    with uninterrupted():
        try:
            check_claim(path)
            run = replace(run, meta={**run.meta, **provenance(), "measured": list(measured)})
            save(path, run, force=force, theory=theory)
        except OutputError as refused:
            free = free_name(path)
            try:
                save(free, run, theory=theory)
            except OutputError:
                raise refused from None
            raise OutputError(f"{refused}; this run was saved to {free}") from refused
        context = click.get_current_context()
        context.meta[TOLD], context.meta[FOUND] = told(measured), findings_of(run, theory)
        context.call_on_close(partial(discard, path))
