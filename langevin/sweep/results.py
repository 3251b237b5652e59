"""The results of all runs of a sweep, as one table over the axes of its grid."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from langevin.comparison.verdict import as_one_family
from langevin.errors import InputFileError, UsageError, of_extra
from langevin.store.decode import Findings, read_findings
from langevin.sweep.folder import check_folder, run_files
from langevin.sweep.rows import Row, rows_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

#: Largest number of cells and of axes of a dataset.
MOST_CELLS, MOST_AXES = 10_000_000, 32
MEASURED = {"value": math.nan, "error": math.nan, "n": 0, "mixed": False, "bound": False}
PREDICTED = {"predicted": math.nan, "remainder": math.nan, "in_range": False, "z": math.nan, "ratio": math.nan,
             "verdict": ""}  # fmt: skip


@dataclass(frozen=True)
class Sweep:
    """The results of the finished points of a sweep.

    Attributes:
        folder: of the sweep.
        rows: one for each measured number and theory.
        axes: names and ordered values of settings that vary, and of labels that vary inside the runs, such as
            `samples`.
        fixed: settings that are equal for all points.
    """

    folder: Path
    rows: tuple[Row, ...]
    axes: Mapping[str, tuple[float | str, ...]]
    fixed: Mapping[str, str]

    def place(self, row: Row) -> dict[str, float | str]:
        """Coordinates of a row along the axes; for an axis that it does not have, the first value."""
        found: dict[str, float | str] = {}
        for name, values in self.axes.items():
            value = row.at[name] if name in row.at else number(row.settings.get(name, ""))
            found[name] = value if value in values else str(value) if str(value) in values else values[0]
        return found

    def to_dataframe(self) -> pd.DataFrame:
        """A pandas table with one line for each row.

        Raises:
            UsageError: pandas is not installed.
        """
        with of_extra("analysis"):
            import pandas
        lines = [{**self.place(row), **_numbers(row)} for row in self.rows]
        return pandas.DataFrame(lines, columns=[*self.axes, *_COLUMNS])

    def to_xarray(self) -> xr.Dataset:
        """A dataset over the axes and `quantity`; predictions also over `theory`. nan and "" if there is no run.

        Raises:
            UsageError: xarray is not installed, the grid has too many cells, or two files have the same coordinates.
        """
        with of_extra("analysis"):
            import xarray
        arrays, coordinates = arrays_of(self)
        dims = list(coordinates)
        parts: Any = {name: (dims[: array.ndim], array) for name, array in arrays.items()}
        along = {name: list(values) for name, values in coordinates.items()}
        return xarray.Dataset(parts, along, dict(self.fixed))


def load_sweep(folder: str | Path) -> Sweep:
    """The results of the finished points in the folder of a sweep; the runs themselves stay in their files.

    Each file contains the verdicts of its own run. The verdicts of the sweep have a family-wise level of 5 % over all
    its points and theories, so that more points do not make a false `excluded` more likely.

        sweep = langevin.load_sweep("double-well-sweep")
        sweep.to_xarray().value.sel(quantity="mean escape time")

    Args:
        folder: of the sweep.

    Raises:
        InputFileError: the folder is not the folder of a sweep, or a file in it is damaged.
        UsageError: two files lie at one place.
    """
    folder = Path(folder)
    check_folder(folder)
    return sweep_of(folder, run_files(folder))


def sweep_of(folder: Path, files: Iterable[Path], known: Mapping[Path, Findings] | None = None) -> Sweep:
    """The results of these files of a folder; verdicts are judged as one family, over all points and theories.

    Args:
        folder: of the sweep.
        files: run files of its finished points.
        known: findings of some files that are already known; the others are read.

    Raises:
        InputFileError: a file is damaged.
        UsageError: two files lie at one place.
    """
    found = [(file, (known or {}).get(file) or read_findings(file)) for file in files]
    families = as_one_family([findings.theory for _, findings in found])
    rows = tuple(
        row for (file, findings), theory in zip(found, families) for row in rows_of(file, findings, theory)
    )
    settings = list({row.file: row.settings for row in rows}.values())
    names = dict.fromkeys(name for one in settings for name in one)
    values = {name: tuple(dict.fromkeys(one.get(name, "") for one in settings)) for name in names}
    inner = dict.fromkeys(name for row in rows for name in row.at)
    axes = {name: _ordered(number(one) for one in found) for name, found in values.items() if len(found) > 1}
    axes |= {name: _ordered(row.at[name] for row in rows if name in row.at) for name in inner}
    fixed = {name: found[0] for name, found in values.items() if len(found) == 1}
    sweep = Sweep(folder, rows, axes, fixed)
    _check_places(sweep)
    return sweep


def arrays_of(sweep: Sweep) -> tuple[dict[str, Any], dict[str, tuple[Any, ...]]]:
    """Arrays by name, and the values along their axes: the axes of the sweep, `quantity`, and for some also `theory`.

    Raises:
        UsageError: the arrays would have too many cells.
    """
    quantities = tuple(dict.fromkeys(row.quantity for row in sweep.rows))
    theories = tuple(dict.fromkeys(row.theory for row in sweep.rows if row.theory))
    coordinates = {**sweep.axes, "quantity": quantities, "theory": theories}
    shape = [len(values) for values in coordinates.values()]
    if len(shape) > MOST_AXES or math.prod(shape) > MOST_CELLS:
        raise UsageError(
            f"the dataset of {sweep.folder} has {len(shape)} axes and {math.prod(shape):.3g} cells",
            f"at most {MOST_AXES} and {MOST_CELLS}", "take to_dataframe(), which has a line for each run",
        )  # fmt: skip
    return _filled(sweep, coordinates), coordinates


def number(text: str) -> float | str:
    """A text as a finite number if it is one, otherwise unchanged."""
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) else text


_COLUMNS = ("quantity", "value", "error", "n", "mixed", "bound", "theory", *PREDICTED, "note", "file")


def _numbers(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _COLUMNS}


def _ordered(values: Iterable[float | str]) -> tuple[float | str, ...]:
    """Numbers in order, or texts if not all values are numbers."""
    found = list(dict.fromkeys(values))
    if all(isinstance(value, float | int) for value in found):
        return tuple(sorted(found))
    return tuple(dict.fromkeys(str(value) for value in found))


def _filled(sweep: Sweep, coordinates: Mapping[str, tuple[Any, ...]]) -> dict[str, Any]:
    """The arrays of the dataset; cells without a row are empty."""
    shape = tuple(len(values) for values in coordinates.values())
    kinds: dict[str, Any] = {**MEASURED, **PREDICTED}
    arrays = {
        name: np.full(
            shape[:-1] if name in MEASURED else shape, empty, object if isinstance(empty, str) else None
        )
        for name, empty in kinds.items()
    }
    order = {name: {value: at for at, value in enumerate(values)} for name, values in coordinates.items()}
    for row in sweep.rows:
        place = {**sweep.place(row), "quantity": row.quantity}
        at = tuple(order[name][value] for name, value in place.items())
        for name in MEASURED:
            arrays[name][at] = getattr(row, name)
        if row.theory:
            for name in PREDICTED:
                arrays[name][(*at, order["theory"][row.theory])] = getattr(row, name)
    return {name: array.astype(str) if array.dtype == object else array for name, array in arrays.items()}


def _check_places(sweep: Sweep) -> None:
    """Refuse two files with the same coordinates, for example if a landscape has changed in between."""
    known: dict[tuple[Any, ...], str] = {}
    for row in sweep.rows:
        place = (*sweep.place(row).items(), row.quantity, row.theory)
        if known.setdefault(place, row.file) != row.file:
            raise UsageError(
                f"{known[place]} and {row.file} in {sweep.folder} are the same point, for example one made with "
                "two kinds of functions or versions",
                "one file a point",
                "remove one of them",
            )


def check_any(sweep: Sweep) -> None:
    """Refuse a sweep without results.

    Raises:
        InputFileError: no point is finished.
    """
    if not sweep.rows:
        raise InputFileError(
            f"{sweep.folder} has no finished point with a number", "a sweep of which a point is finished",
            "continue it by the command that began it",
        )  # fmt: skip
