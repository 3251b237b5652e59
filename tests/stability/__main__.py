"""python -m tests.stability: run the sims with other seeds, and see that no verdict flips."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from langevin.experiment.sims import file_hash
from tests.stability.page import PAGE, page, rows_of

ROOT = Path(__file__).parents[2]
PROCESSES = 2


@click.command()
@click.option("--full", type=int, default=5, show_default=True, help="So many seeds of full runs.")
@click.option("--quick", type=int, default=10, show_default=True, help="So many seeds of quick runs.")
@click.option("--only", multiple=True, help="Only this sim.")
@click.option("--processes", type=int, default=PROCESSES, show_default=True, help="Runs at once.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=ROOT / ".stability",
    help="Folder of answers, to go on from.",
)
@click.option("--write", is_flag=True, help=f"Write the page to {PAGE}.")
def main(full, quick, only, processes, work, write):
    """Run the sims with other seeds, print their verdicts, and fail where one flips."""
    names = [path.stem for path in sorted((ROOT / "sims").glob("[!_]*.py")) if not only or path.stem in only]
    quickly = [(name, True, seed) for seed in range(1, quick + 1) for name in names]
    fully = [(name, False, seed) for seed in range(1, full + 1) for name in names]
    with ThreadPoolExecutor(processes) as pool:
        records = list(pool.map(lambda one: answered(work, *one), [*quickly, *fully]))
    records = sorted(records, key=lambda record: record["sim"])
    text = page(records, processes)
    print(text)
    if write:
        (ROOT / PAGE).write_text(text)
    sys.exit(any(row.flips for row in rows_of(records)))


def answered(work: Path, name: str, quick: bool, seed: int) -> dict[str, Any]:
    """The record of an answer, made now unless it is there and its sim has not changed since."""
    folder = work / ("quick" if quick else "full") / str(seed) / name
    record = folder / "run.json"
    source = ROOT / "sims" / f"{name}.py"
    if not record.exists() or json.loads(record.read_text())["source"] != file_hash(source):
        folder.parent.mkdir(parents=True, exist_ok=True)
        run(["--quick"] if quick else [], name, seed, folder)
    return json.loads(record.read_text())


def run(words: Sequence[str], name: str, seed: int, folder: Path) -> None:
    """Run a sim in a process of its own.

    Raises:
        ClickException: it ends with an error; its output is in the message.
    """
    command = [
        sys.executable,
        "-m",
        f"sims.{name}",
        *words,
        "--seed",
        str(seed),
        "--out",
        str(folder),
        "--force",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(f"{name} {' '.join(words)} seed {seed}: exit {done.returncode}", file=sys.stderr)
    if done.returncode:
        raise click.ClickException(f"{name}, seed {seed}: {done.stderr}")


if __name__ == "__main__":
    main()
