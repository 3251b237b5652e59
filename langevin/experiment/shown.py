"""How an answer shows itself: as text, as a figure, in a notebook, and as tables of other libraries."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langevin.comparison import format_percent, format_prediction
from langevin.errors import of_extra
from langevin.types import Comparison, Trajectory
from langevin.words import format_value

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

HEADER = ("quantity", "at", "measured", "n", "theory", "predicted", "z", "verdict", "detectable")
#: Columns of the table of pandas.
COLUMNS = (
    "quantity", "at", "measured", "error", "n", "mixed", "theory", "predicted", "remainder", "in_range", "ratio", "z",
    "verdict", "detectable",
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """A figure as the bytes of a PNG, which a notebook shows."""

    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        """Its size; a notebook shows the figure itself."""
        return f"<Picture of {len(self.png)} bytes: plot(path) writes a file>"


class Shown:
    """Views of an answer with `title`, `text`, `comparisons`, `trajectory` and `draw(path)`."""

    title: str
    text: str
    comparisons: tuple[Comparison, ...]
    trajectory: Trajectory
    draw: Callable[[str], None]

    def __str__(self) -> str:
        """The text that the command line prints."""
        return self.text

    def __repr__(self) -> str:
        """The title and the number of comparisons."""
        return (
            f"<{type(self).__name__}: {self.title}; {len(self.comparisons)} comparisons; print() shows them>"
        )

    def plot(self, path: str | Path | None = None) -> Picture | None:
        """Draw the figure: into a file (.png, .pdf, .svg), or without a path as a picture that a notebook shows.

        Args:
            path: of the file.

        Raises:
            OutputError: the file cannot be written.
        """
        if path is not None:
            self.draw(str(path))
            return None
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "figure.png"
            self.draw(str(file))
            return Picture(file.read_bytes())

    def to_dataframe(self) -> pd.DataFrame:
        """A table of pandas: one line for each theory at each point, with the columns `COLUMNS`.

        Raises:
            UsageError: pandas is not installed.
        """
        with of_extra("analysis"):
            import pandas
        return pandas.DataFrame([_entries(row) for row in self.comparisons], columns=list(COLUMNS))

    def to_xarray(self) -> xr.Dataset:
        """The run as a dataset of xarray, as `langevin.to_xarray` makes it, with the title of the answer.

        Raises:
            UsageError: xarray is not installed.
        """
        from langevin.store.exported import to_xarray

        return to_xarray(self.trajectory).assign_attrs(title=self.title)

    def _repr_html_(self) -> str:
        """Title, table and figure, for a notebook."""
        picture = self.plot()
        assert picture is not None
        figure = base64.b64encode(picture.png).decode()
        table = _html([HEADER, *(_cells(row) for row in self.comparisons)]) if self.comparisons else ""
        return (
            f"<h4>{escape(self.title)}</h4>{table}"
            f'<img src="data:image/png;base64,{figure}" style="max-width: 640px" alt="{escape(self.title)}">'
            f"<details><summary>as text</summary><pre>{escape(self.text)}</pre></details>"
        )


def _entries(row: Comparison) -> dict[str, Any]:
    measured, predicted = row.measured, row.predicted
    values = (
        row.quantity or measured.estimator, row.point, measured.value, measured.error, measured.n, measured.mixed,
        row.theory, predicted.value, predicted.remainder, predicted.in_range, row.ratio, row.z, row.verdict,
        row.detectable,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _cells(row: Comparison) -> tuple[str, ...]:
    measured = row.measured
    return (
        row.quantity or measured.estimator, f"{row.point:g}", format_value(measured.value, measured.error),
        f"{measured.n}", row.theory, format_prediction(row.predicted), f"{row.z:.2f}" if row.z == row.z else "-",
        row.verdict, format_percent(row.detectable),
    )  # fmt: skip


def _html(rows: Sequence[Sequence[str]]) -> str:
    """A table whose first row is its header."""
    lines = [
        "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)
        for row, tag in zip(rows, ["th", *["td"] * (len(rows) - 1)], strict=True)
    ]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
