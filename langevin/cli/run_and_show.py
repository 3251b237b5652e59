"""Run a question and show its answer: progress, text or JSON, file, figure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langevin.cli.begun import first_command, shows_how_to_continue
from langevin.cli.extended import (
    Extended,
    check_more,
    check_target,
    explains_stopped_extension,
    keep_and_show,
)
from langevin.cli.keeping import claim, toy_measured
from langevin.cli.unfinished import check_free
from langevin.errors import UsageError, unfit
from langevin.experiment import Settings, run
from langevin.experiment.report import check_survivors
from langevin.store import Walks, check_writable, discard
from langevin.store.atomic import check_place

#: Most values of --samples; each value is a separate ensemble.
MOST_ENSEMBLES = 1000


def run_and_show(
    make: Callable[..., Any], dials: dict[str, Any], path: Path, resumed: bool, extended: Extended | None = None, *,
    samples: str | None, force: bool, plot: Path | None, as_json: bool, quiet: bool, **options: Any,
) -> None:  # fmt: skip
    """Run, save, print; the file is checked before the work, and PATH.partial is written during the work."""
    numbers = None if samples is None else parse_samples(samples)
    claim(path, plot)
    if extended is not None:
        check_target(path, extended.file, force)
        check_more(extended, options["walkers"], options["precision"])
        options["earlier"] = extended.run
    elif resumed:
        check_free(path, force)
    else:
        check_writable(path, force, "resume it by --resume, ")
    figure = None if plot is None else check_figure(plot, "--plot")
    if not resumed and extended is None:
        discard(path)
    walks = Walks(path, {"command": list(first_command())})
    with (
        progress_bar(quiet) as progress,
        shows_how_to_continue(path, quiet),
        explains_stopped_extension(path, extended),
    ):
        report = run(make, dials, Settings(progress=progress, journal=walks.next, **options), numbers)
    keep_and_show(
        report, toy_measured(report), path, extended, seed=options["seed"], force=force, figure=figure,
        as_json=as_json, quiet=quiet,
    )  # fmt: skip
    check_survivors(report.trajectory)


def parse_samples(text: str) -> list[int]:
    """Whole numbers as `sweep.plan.values_of` reads them: `N`, `a:b[:step]` (b excluded), `a,b,c`, `lin:a:b:n`.

    Raises:
        UsageError: anything else, an empty range, or too many.
    """
    from langevin.sweep.plan import values_of

    try:
        numbers = [int(value) for value in values_of("--samples", text, MOST_ENSEMBLES)]
    except ValueError as error:
        if isinstance(error, UsageError):
            raise
        numbers = []
    if not numbers or min(numbers) < 0:
        raise unfit("--samples", "takes N, a:b[:step] or a,b,c of whole numbers from 0 up", f"{text!r}")
    return numbers


def check_figure(path: Path, option: str) -> Path:
    """The figure's path, refused before the run if nothing can be drawn there; `option` names it."""
    if path.suffix.lower() not in {".png", ".pdf", ".svg"}:
        raise unfit(option, "draws .png, .pdf or .svg", f"{str(path)!r}")
    return check_place(path)


@contextmanager
def progress_bar(quiet: bool, by: Callable[[Any], Any] | None = None) -> Iterator[Any]:
    """A bar on a terminal that shows the run, its progress and the results so far; None without a terminal.

    Args:
        quiet: whether there is none.
        by: from a bar of tqdm to the function that is called; by default the function for stages of ensembles.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    from langevin.experiment.stage import stages_on_bar

    with tqdm(total=1, bar_format="{desc}", leave=False) as bar:
        yield (by or stages_on_bar)(bar)
