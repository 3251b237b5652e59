"""A run for other programs: as a dataset of xarray, and as a file of netCDF, CSV or NumPy."""

from __future__ import annotations

import csv
import importlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from langevin.errors import OutputError, of_extra, unfit
from langevin.store.atomic import output_errors, temporary_name
from langevin.types import Trajectory

if TYPE_CHECKING:
    import xarray as xr

#: Whole numbers that netCDF can hold.
LEAST, MOST = -(2**63), 2**63 - 1


def to_xarray(run: Trajectory) -> xr.Dataset:
    """A run as a dataset of xarray.

        langevin.to_xarray(langevin.load("cube.h5"))

    `states` has the dimensions chain, draw and coordinate, every observable chain and draw. `time` and `step` are
    coordinates along draw. `end_status`, `end_time` and the other events of a chain are along chain. The attributes are
    the entries of the run's meta: numbers and texts as they are, all others as JSON texts.

    Args:
        run: of walkers, networks or rates.

    Raises:
        UsageError: xarray is not installed.
    """
    with of_extra("analysis"):
        import xarray
    arrays: dict[str, Any] = {"states": (("chain", "draw", "coordinate"), np.asarray(run.states))}
    arrays |= {name: (("chain", "draw"), np.asarray(values)) for name, values in run.observables.items()}
    arrays |= {f"end_{name}": (("chain",), np.asarray(values)) for name, values in run.events.items()}
    along: dict[str, Any] = {"time": ("draw", run.times), "step": ("draw", run.steps)}
    return xarray.Dataset(arrays, along, attributes(run.meta))


def attributes(meta: Mapping[str, Any]) -> dict[str, str | int | float]:
    """Entries of a run's meta as plain values.

    Args:
        meta: of the run.
    """
    return {name: _attribute(value) for name, value in meta.items()}


def _attribute(value: Any) -> str | int | float:
    whole = isinstance(value, int) and not isinstance(value, bool) and LEAST <= value <= MOST
    return value if whole or isinstance(value, str | float) else json.dumps(value)


def export(run: Trajectory, path: str | Path, *, force: bool = False) -> Path:
    """Write a run for other programs; the suffix decides the format.

    `.nc` is netCDF-4, the dataset of `to_xarray`. `.csv` is a table with a line for each chain and draw, and with the
    events of the chain in every line; a run of rates has a line for each chain. `.npz` has the arrays `times`, `steps`,
    `states`, `observables/NAME`, `events/NAME` and `meta`, a JSON text.

    Args:
        run: of walkers, networks or rates.
        path: of the file; it is written completely or not at all.
        force: whether an existing file is replaced.

    Raises:
        UsageError: another suffix; for netCDF, xarray or h5netcdf is not installed.
        OutputError: the file exists and `force` is not given, or the operating system refuses.
    """
    path = Path(path)
    write = WRITERS.get(path.suffix.lower())
    if write is None:
        raise unfit("the file", f"must end in {', '.join(WRITERS)}", repr(path.name))
    if not force and os.path.lexists(path):
        raise OutputError(f"{path} exists already: choose another name, or pass --force to replace it")
    with output_errors(path):
        temporary = temporary_name(path)
        try:
            write(run, temporary)
            os.replace(temporary, path)
        finally:
            with suppress(FileNotFoundError):
                temporary.unlink()
    return path


def _netcdf(run: Trajectory, path: Path) -> None:
    dataset = to_xarray(run)
    with of_extra("analysis"):
        importlib.import_module("h5netcdf")
    dataset.to_netcdf(path, engine="h5netcdf")


def _numpy(run: Trajectory, path: Path) -> None:
    arrays: dict[str, Any] = {"times": run.times, "steps": run.steps, "states": np.asarray(run.states)}
    arrays |= {f"observables/{name}": np.asarray(values) for name, values in run.observables.items()}
    arrays |= {f"events/{name}": np.asarray(values) for name, values in run.events.items()}
    with path.open("wb") as file:
        np.savez(file, meta=np.array(json.dumps(dict(run.meta))), **arrays)


def _csv(run: Trajectory, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(_lines(run))


def _lines(run: Trajectory) -> Iterator[list[Any]]:
    """The header of a table, then its lines."""
    chains, draws, dim = run.states.shape
    events = {f"end_{name}": np.asarray(values).tolist() for name, values in run.events.items()}
    ends = list(zip(*events.values(), strict=True))
    if not draws:
        yield ["chain", *events]
        yield from ([chain, *ends[chain]] for chain in range(chains))
        return
    yield ["chain", "draw", "time", "step", *(f"state_{i}" for i in range(dim)), *run.observables, *events]
    times, steps = run.times.tolist(), run.steps.tolist()
    for chain in range(chains):
        states = np.asarray(run.states[chain]).tolist()
        seen = [np.asarray(values[chain]).tolist() for values in run.observables.values()]
        for draw in range(draws):
            numbers = [one[draw] for one in seen]
            yield [chain, draw, times[draw], steps[draw], *states[draw], *numbers, *ends[chain]]


WRITERS: dict[str, Callable[[Trajectory, Path], None]] = {".nc": _netcdf, ".csv": _csv, ".npz": _numpy}
