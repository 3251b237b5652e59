"""Cells that are finished, a file each, so that a stopped sweep can continue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pathlib import Path

from langevin.scorecard.cells import Cell
from langevin.scorecard.rows import Row
from langevin.store.atomic import replace_file

#: Cells that wait in each process at most, so that little is lost when a sweep is stopped.
WAITING = 2


def finished(folder: Path, cell: Cell) -> list[Row] | None:
    """The rows of a cell; None if it is not finished, or if its dials have changed since.

    Args:
        folder: of the finished cells.
        cell: the cell.
    """
    try:
        kept = json.loads((folder / f"{cell.name}.json").read_text())
    except (OSError, ValueError):
        return None
    rows: list[Row] = kept["rows"]
    return rows if kept["dials"] == dict(cell.dials) else None


def keep(folder: Path, cell: Cell, rows: Sequence[Row]) -> None:
    """Write the file of a cell; it appears as a whole.

    Args:
        folder: of the finished cells.
        cell: the cell.
        rows: one for each network of the cell.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"dials": dict(cell.dials), "rows": list(rows)}, indent=0)
    replace_file(folder / f"{cell.name}.json", f"{text}\n".encode())


def all_rows(
    folder: Path, cells: Sequence[Cell], make: Callable[[Cell], list[Row]], workers: Executor, jobs: int
) -> Iterator[tuple[Cell, list[Row]]]:
    """The rows of all cells, first of the finished cells. The rows of another cell are kept as soon as it is done.

    Args:
        folder: of the finished cells.
        cells: in any order.
        make: trains a cell in a worker; a function of a module.
        workers: processes that train.
        jobs: number of processes.
    """
    missing = []
    for cell in cells:
        rows = finished(folder, cell)
        if rows is None:
            missing.append(cell)
        else:
            yield cell, rows
    waiting: dict[Future[list[Row]], Cell] = {}
    while True:
        while missing and len(waiting) < WAITING * jobs:
            begun = missing.pop(0)
            waiting[workers.submit(make, begun)] = begun
        if not waiting:
            return
        for done in wait(waiting, return_when=FIRST_COMPLETED).done:
            cell = waiting.pop(done)
            rows = done.result()
            keep(folder, cell, rows)
            yield cell, rows
