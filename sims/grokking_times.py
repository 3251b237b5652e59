"""Which theory predicts how long a network takes from memorising to generalising?

The sim trains networks on seven tasks. A cell has three networks and a random draw of initial scale, learning rate,
decay or noise, data and width. A theory sees a training only up to memorisation (`langevin.types.Seen`). Its constants
are fitted on calibration cells, and it is scored on held-out cells. The split is a hash of the dials, and the ranges in
`_delay_tasks` were fixed before the first training. Finished cells are kept in a folder next to the answer, so that a
stopped run can continue. All cells take forty minutes on two processors. The quick run trains nothing: it scores half
of the kept cells, drawn by its seed. `langevin score` scores a user-defined theory.
"""

import csv
import os
from pathlib import Path

import numpy as np

from langevin.comparison import format_measured, format_measurement
from langevin.errors import UsageError
from langevin.experiment.claims import Answer, Claim, Finding, Narrowed, verdict_of
from langevin.experiment.statements import above, certain, every, no
from langevin.scorecard.cells import drawn
from langevin.scorecard.evaluate import Entry, added
from langevin.scorecard.figure import draw_scorecard
from langevin.scorecard.journal import all_rows
from langevin.scorecard.named import named_theories
from langevin.scorecard.report import scorecard, summary_text
from langevin.scorecard.rows import HAPPENED
from langevin.scorecard.table import LEAF, SEEN, runs_of
from langevin.types import Measurement
from sims._delay_tasks import KNOWN, NETWORKS, TASKS, train_cell

#: Cells of each task, and of each task of known delay.
CELLS, KNOWN_CELLS = 70, 40
#: Tasks that are trained by AdamW, and tasks with thermal or label noise, under which weights diffuse: the square of a
#: time is said of diffusion.
ADAMW, NOISY = ("modular-adamw",), ("modular-noise", "parity-noise")
#: Significant digits of the numbers in the table.
DIGITS = 4
#: Where finished cells of a full run are kept, and the table of the last full run.
JOURNAL, KEPT = "results/grokking_times.cells", Path("results/grokking_times/table.csv")
KHANH = "T. X. Khanh, T. Q. Hoa, L. D. Trung and P. T. Duc"
SEPARATION = Claim(
    "T_grok - T_mem = Theta(gamma_eff^-1 log(|theta_mem|^2 / |theta_post|^2))",
    f"{KHANH}, The Norm-Separation Delay Law of Grokking (2026), arXiv 2603.13331, abstract",
)
PASSAGE = Claim(
    "[under AdamW] a closed-form law T_grok - T_mem = (1 / 2 kappa_LL eta lambda) log(V_mem / V_star) [predicts the "
    "delay]",
    f"{KHANH}, First-Passage Prediction of Grokking Delay (2026), arXiv 2605.18845, abstract",
)
SQUARE = Claim(
    "the duration of grokking (in the SGD steps) will be the square of the duration of memorization",
    "S. V. Kozyrev, How to explain grokking (2024), section 2",
)


def answer(quick=False, seed=1):
    """Train all cells, score all theories; judge which of three published laws improve on their baseline."""
    rows = half_of_kept(seed) if quick else [shortened(row) for row in trained(seed)]
    runs = runs_of(rows)
    theories, whether = named_theories()
    card = scorecard(runs, theories, whether)
    return Answer(
        question=__doc__.splitlines()[0],
        findings=(
            separation(beside(runs, theories, "norm-rate", "slow-clock"), norm_falls(rows)),
            passage(beside(runs, theories, "norm-rate", "slow-clock")),
            square(beside(runs, theories, "square-law", "constant-ratio")),
        ),
        header=(columns := header(rows)),
        rows=[[written(row.get(name, "")) for name in columns] for row in rows],
        draw=lambda path: draw_scorecard(card, path),
        settings={"cells": len({row["cell"] for row in rows}), "networks": NETWORKS, "tasks": list(card.tasks)},
        text=summary_text(card),
    )  # fmt: skip


def half_of_kept(seed):
    """The rows of half of the cells of each task in the kept table, chosen by the seed.

    Raises:
        UsageError: there is no kept table here.
    """
    if not KEPT.exists():
        raise UsageError(
            f"{KEPT} is not here", "the table of a full run", "run without --quick, or in a checkout's root"
        )
    with KEPT.open(newline="") as handle:
        rows = [{name: number(text) for name, text in row.items()} for row in csv.DictReader(handle)]
    random, chosen = np.random.default_rng(seed), set()
    for task in dict.fromkeys(row["task"] for row in rows):
        names = list(dict.fromkeys(row["cell"] for row in rows if row["task"] == task))
        chosen |= set(random.choice(names, len(names) // 2, replace=False).tolist())
    return [row for row in rows if row["cell"] in chosen]


def number(text):
    """An entry of the table as a number if it is one, nan if it is empty."""
    try:
        return float(text or "nan")
    except ValueError:
        return text


def cells(seed):
    """All cells of all tasks; with seed 1 their names contain only the task."""
    of_tasks = [drawn(name, CELLS, task.dials, seed) for name, task in TASKS.items()]
    known = [drawn(name, KNOWN_CELLS, task.dials, seed) for name, task in KNOWN.items()]
    return [cell for some in (of_tasks, known) for same_number in zip(*some) for cell in same_number]


def trained(seed):
    """The rows of all cells, trained by a process for each processor."""
    from tqdm import tqdm

    from langevin.sweep.pool import processes

    jobs = os.cpu_count() or 1
    # One thread for each process: a step of these networks is too small for several threads.
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    rows, chosen = {}, cells(seed)
    folder = Path(JOURNAL if seed == 1 else f"{JOURNAL}-{seed}")
    with processes(jobs) as workers, tqdm(total=len(chosen), unit="cell") as bar:
        for cell, found in all_rows(folder, chosen, train_cell, workers(), jobs):
            rows[cell.name] = found
            bar.update()
    return [{"known": np.nan, "known_sd": np.nan} | row for cell in chosen for row in rows[cell.name]]


def shortened(row):
    """A row with its numbers at `DIGITS` digits, as in the table; whole numbers are not changed."""
    return {name: short(value) if isinstance(value, float) else value for name, value in row.items()}


def short(value):
    """A number with fewer digits."""
    return value if value.is_integer() or not np.isfinite(value) else float(f"{value:.{DIGITS}g}")


def written(value):
    """An entry of the table: empty if nothing was measured; whole numbers without a decimal point."""
    if not isinstance(value, float):
        return value
    return "" if np.isnan(value) else int(value) if value.is_integer() else value


def header(rows):
    """Names of the columns: of the cell, of what a theory may see, and of what happened."""
    leaves = sorted({name for row in rows for name in row if name.startswith(LEAF)})
    return ["cell", "split", "network", *SEEN, *leaves, *HAPPENED, "horizon"]


def norm_falls(rows):
    """For each task, whether the norm at generalising is below that at memorising (median over runs)."""
    ratios = {}
    for row in rows:
        ratios.setdefault(row["task"], []).append(row["generalised_norm"] / row["norm"])
    return {
        task: bool(np.nanmedian(values) < 1) for task, values in ratios.items() if np.isfinite(values).any()
    }


def beside(runs, theories, name, baseline):
    """The scores of a law and of its baseline, `slow-clock` or `constant-ratio`."""
    return scorecard(runs, {one: theories[one] for one in (name, baseline)}, {})


def separation(card, falls):
    """Finding on the norm-separation law, for tasks in which the norm falls and in which it grows."""
    known = spoken(card, "norm-rate")
    down, up = ([task for task in known if falls.get(task) is sign] for sign in (True, False))
    narrowed = Narrowed(
        "the norm falls from memorising to generalising",
        better(card, "norm-rate", down), no(better(card, "norm-rate", up)),
    )  # fmt: skip
    words = "; ".join(
        f"where the norm {way} {told(card, 'norm-rate', tasks)}"
        for way, tasks in (("falls", down), ("grows", up))
        if tasks
    )
    verdict = verdict_of(better(card, "norm-rate", known), narrowed)
    return Finding(SEPARATION, verdict, words or "no task with decay")


def passage(card):
    """Finding on the first-passage law with two constants, under AdamW."""
    tasks = [task for task in spoken(card, "norm-rate") if task in ADAMW]
    return Finding(PASSAGE, verdict_of(better(card, "norm-rate", tasks)), told(card, "norm-rate", tasks))


def square(card):
    """Finding on the square of the time to memorise, compared with a multiple of this time, where weights diffuse."""
    known = spoken(card, "square-law")
    noisy, other = ([task for task in known if (task in NOISY) is sign] for sign in (True, False))
    words = told(card, "square-law", noisy)
    if other:
        words += f"; without such noise, for which the law is not meant, {told(card, 'square-law', other)}"
    return Finding(SQUARE, verdict_of(better(card, "square-law", noisy)), words)


def spoken(card, name):
    """Tasks to which a law applies, without those of known delay."""
    return [
        task
        for task, scores in card.tasks.items()
        if isinstance(scores.entries[name], Entry) and task not in card.known
    ]


def told(card, name, tasks):
    """The gain of a law over its baselines, mean over tasks and for each task, as text."""
    baselines = " and ".join(dict.fromkeys(card.tasks[task].baseline for task in tasks))
    each = ", ".join(
        f"{task} {format_measured(entry.against)}, misses by a factor of {format_measurement(entry.own.factor)}"
        f"{', excluded' if entry.word == 'excluded' else ''}"
        for task in tasks
        for entry in [card.tasks[task].entries[name]]
    )
    return f"gain in log score over {baselines} {format_measured(gain(card, name, tasks))}: {each}"


def better(card, name, tasks):
    """The statement that a law improves on its baseline, in the mean over tasks.

    A law whose best constants are impossible is refuted. With possible ones it may come near its baseline.
    """
    impossible = [task for task in tasks if card.tasks[task].entries[name].word == "excluded"]
    possible = [certain(False, f"the constants are possible on {task}") for task in impossible]
    improves = above(gain(card, name, tasks), 0.0, "the log score is above that of the baseline")
    return every("the law improves on its baseline, with possible constants", [improves, *possible])


def gain(card, name, tasks):
    """Mean over tasks of the gain of a theory in its range of validity, with the error and n of independent parts."""
    gains = [card.tasks[task].entries[name].against for task in tasks]
    if not gains:
        return Measurement(np.nan, np.inf, 0, "gain")
    error, n = added([(one.error / len(gains), one.n) for one in gains])
    return Measurement(float(np.mean([one.value for one in gains])), error, n, "gain")


if __name__ == "__main__":
    from langevin.cli.run import as_script

    as_script(answer)
