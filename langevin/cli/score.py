"""`langevin score`: theories of the delay between memorising and generalising, on trainings that no theory has seen."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

import click

from langevin.cli.narrow import show
from langevin.cli.options import names_of
from langevin.cli.paths import FILE
from langevin.cli.plugins import plugins_option

#: The table of the last full run, in a folder of results.
KEPT = Path("results/grokking_times/table.csv")


@click.command()
@click.option("--table", type=FILE, help="Table of trainings, as `langevin run sims.grokking_times` makes it.  "
              f"[default: {KEPT}, or the one that comes with langevin]")  # fmt: skip
@click.option("--theory", "own", multiple=True, metavar="FILE.py|MODULE:NAME",
              help="A theory of your own, scored next to the others; repeatable.")  # fmt: skip
@click.option(
    "--task", metavar="NAME", help="Show all theories on this task, as parity, with their constants."
)
@click.option("--leave-out", is_flag=True,
              help="Fit the constants on the other tasks, not on calibration cells of the same task.")  # fmt: skip
@click.option("--baseline", metavar="NAME", shell_complete=names_of("delays"),
              help="Compare with this theory, as slow-clock.  [default: the best baseline of a task]")  # fmt: skip
@click.option("--plot", type=FILE, help="Also draw the figure (png, pdf, svg) to this file.")
@click.option("--json", "as_json", is_flag=True, help="Print all scores as JSON.")
@plugins_option
def score(
    table: Path | None, own: tuple[str, ...], task: str | None, leave_out: bool, baseline: str | None,
    plot: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Score theories of the delay between memorising and generalising.

    Each theory predicts the number of steps from what is known when a network has memorised. Its constants are fitted
    on calibration cells, and it is scored on held-out cells.

    \b
    Examples:
      langevin score
      langevin score --task parity
      langevin score --baseline slow-clock
      langevin score --theory mine.py --plot score.png
    """  # noqa: D301
    import json

    from langevin.cli.run_and_show import check_figure
    from langevin.errors import UsageError
    from langevin.registry import content_home
    from langevin.scorecard.figure import draw_scorecard
    from langevin.scorecard.named import named_theories
    from langevin.scorecard.plain import card_record
    from langevin.scorecard.report import TASK_LEGEND, scorecard, summary_text, task_text
    from langevin.scorecard.table import read_runs

    if plot:
        check_figure(plot, "--plot")
    runs = read_runs(table or (KEPT if KEPT.exists() else content_home() / KEPT))
    with redirect_stdout(sys.stderr):  # the output of a theory must not appear between the scores
        card = scorecard(runs, *named_theories(own), others=leave_out, baseline=baseline)
    if task is not None and task not in card.tasks:
        raise UsageError(f"there is no task {task!r} in the table", f"one of {', '.join(card.tasks)}")
    if plot:
        draw_scorecard(card, plot)
    if as_json:
        click.echo(json.dumps(card_record(card), indent=1, allow_nan=False))
    else:
        show(f"{task_text(card, task)}\n\n{TASK_LEGEND}" if task else summary_text(card))
        if plot:
            click.echo(f"\nfigure to {plot}")
