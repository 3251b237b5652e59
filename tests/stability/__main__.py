"""python -m tests.stability: run the sims with other seeds, and check that no verdict flips."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from langevin.experiment.sims import RECORD, SEED
from tests.stability.outcomes import Outcome, Run, keep, known, outcome_of, run_of, tidy
from tests.stability.page import ONCE, PAGE, page, rows_of

ROOT = Path(__file__).parents[2]
WRITING = threading.Lock()


@click.command()
@click.option("--full", type=int, default=5, show_default=True, help="Number of seeds of full runs.")
@click.option("--quick", type=int, default=10, show_default=True, help="Number of seeds of quick runs.")
@click.option("--only", multiple=True, help="Run this sim only.")
@click.option("--processes", type=int, default=2, show_default=True, help="Number of runs at once.")
@click.option("--write", is_flag=True, help=f"Run nothing: write {PAGE} from the outcomes that are kept.")
def main(full, quick, only, processes, write):
    """Run the sims with other seeds, print their verdicts, and fail if one flips."""
    names = [path.stem for path in sorted((ROOT / "sims").glob("[!_]*.py"))]
    wanted = [(name, True, seed) for seed in range(1, quick + 1) for name in names]
    wanted += [
        (name, False, seed)
        for seed in range(1, full + 1)
        for name in names
        if seed == SEED or name not in ONCE
    ]
    runs = [run_of(ROOT, *one) for one in wanted]
    found = known(ROOT)
    missing = [run for run in runs if run not in found and (not only or run.sim in only)]
    if not write:
        with ThreadPoolExecutor(processes) as pool:
            found |= {outcome.run: outcome for outcome in pool.map(outcome_now, missing)}
    outcomes = [found[run] for run in runs if run in found]
    text = page(outcomes)
    print(text)
    if write:
        tidy(ROOT, outcomes)
        (ROOT / PAGE).write_text(text)
    sys.exit(any(row.flips for row in rows_of(outcomes)))


def outcome_now(run: Run) -> Outcome:
    """Run a sim in a separate process, and keep its outcome.

    Raises:
        ClickException: the sim ends with an error; its output is in the message.
    """
    with tempfile.TemporaryDirectory() as folder:
        words = [*(["--quick"] if run.quick else []), "--seed", str(run.seed), "--out", f"{folder}/answer"]
        status, output, seconds = waited_for([sys.executable, "-m", f"sims.{run.sim}", *words])
        print(f"{run.sim} {' '.join(words[:-2])}: exit {status}, {seconds:.0f} CPU s", file=sys.stderr)
        if status:
            raise click.ClickException(f"{run.sim}, seed {run.seed}: {output}")
        record = json.loads((Path(folder) / "answer" / RECORD).read_text())
    outcome = outcome_of(run, record, round(seconds, 1))
    with WRITING:
        keep(ROOT, outcome)
    return outcome


def waited_for(command: Sequence[str]) -> tuple[int, str, float]:
    """Exit status, output and CPU seconds of a command, with those of its children."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        return process.returncode, output.read(), used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
