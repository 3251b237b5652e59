"""python -m tests.mutants: draw mutants, run the tests against each, and list those that no test detects."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from tests.mutants.changes import Mutant
from tests.mutants.cover import recorded
from tests.mutants.drawing import drawn
from tests.mutants.equivalents import EQUIVALENT
from tests.mutants.order import BUDGET, batches
from tests.mutants.page import PAGE, score, table

ROOT = Path(__file__).parents[2]
#: The score below which the command fails.
ENOUGH = 0.85
#: Exit codes of pytest when it records which functions tests run: all passed, some failed, all were known.
NOTED = {0, 1, 5}
LEFT_OUT = (".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "*.egg-info", "build", "dist")

Ask = Callable[[dict[str, Any]], dict[str, Any]]


@click.command()
@click.option("--count", type=int, default=300, show_default=True, help="So many mutants.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the draw.")
@click.option("--only", multiple=True, help="Only of this file or folder.")
@click.option(
    "--tests", multiple=True, default=["tests"], show_default=True, help="Only tests of this folder."
)
@click.option(
    "--work", type=click.Path(path_type=Path), help="Folder of copy, record and log, to continue from."
)
@click.option("--again", is_flag=True, help="Try those once more that survived before.")
@click.option("--write", is_flag=True, help=f"Write the page to {PAGE}.")
def main(count, seed, only, tests, work, again, write):
    """Change the code in small places, and see that a test fails."""
    with tempfile.TemporaryDirectory() as folder:
        done = campaign(ROOT, drawn(ROOT, count, seed, only), work or Path(folder), tests, again)
    text = table(done, seed)
    print(text)
    if write:
        (ROOT / PAGE).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / PAGE).write_text(text)
    sys.exit(score(done) < ENOUGH)


def campaign(
    root: Path, mutants: list[Mutant], work: Path, tests: Sequence[str], again: bool = False
) -> list[dict[str, Any]]:
    """Run the mutants that are not in the log; returns the records of all, in their order.

    Args:
        root: the tree, of which a copy is changed.
        mutants: the mutants to run.
        work: folder of the copy, the record of the tests, the log and what is compiled.
        tests: folders of tests.
        again: run also those that survived before.
    """
    work.mkdir(parents=True, exist_ok=True)
    log = work / "mutants.jsonl"
    known = _logged(log)
    todo = [one for one in mutants if not _same(known.get(one.identity), one, again)]
    if todo:
        with log.open("a") as file:
            for answer in answers(root, todo, work.resolve(), tests):
                print(json.dumps(answer), file=file, flush=True)
    known = _logged(log)
    return [{**known[mutant.identity], **told(mutant)} for mutant in mutants]


def answers(root: Path, mutants: list[Mutant], work: Path, tests: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run mutants in a copy of the tree; returns a record of each."""
    tree, record = work / "tree", work / "tests.jsonl"
    copied(root, tree)
    environment = {
        **os.environ,
        "PYTHONPATH": str(tree),
        "PYTHONDONTWRITEBYTECODE": "",
        "NUMBA_CACHE_DIR": str(work / "kernels"),
        "JAX_COMPILATION_CACHE_DIR": str(work / "networks"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", "tests.mutants.cover", str(record), *tests]
    noted = subprocess.run(command, cwd=tree, env=environment, check=False, stdout=subprocess.DEVNULL)
    if noted.returncode not in NOTED:
        raise click.ClickException("pytest cannot run the tests without a change")
    proven: set[str] = set()
    with warm(tree, environment) as ask:
        for number, mutant in enumerate(mutants, 1):
            answer = answer_to(ask, tree, mutant, recorded(record), proven)
            fate = "killed by" if answer["failed"] else "SURVIVES"
            print(
                f"{number}/{len(mutants)} {mutant.path}:{mutant.line} {fate} {answer['test']}",
                file=sys.stderr,
            )
            yield {**told(mutant), **answer}


def answer_to(ask: Ask, tree: Path, mutant: Mutant, ran: dict[str, Any], proven: set[str]) -> dict[str, Any]:
    """Run the tests against a mutant; a test that fails must have passed without the change, or it is left out."""
    known = dict(ran)
    while True:
        parts = batches(tree, mutant, known)
        with changed(tree, mutant):
            answer = ask({"batches": parts, "budget": BUDGET})
        if not answer["failed"]:
            return answer
        blamed = answer["test"] or next(iter(parts[0]))
        if blamed not in proven:
            control = ask({"batches": [{blamed: ran[blamed]["seconds"]}], "budget": BUDGET})
            if control["failed"]:
                del known[blamed]
                continue
            proven.add(blamed)
        return answer


def told(mutant: Mutant) -> dict[str, Any]:
    """The entries of a record that describe a mutant."""
    return {name: getattr(mutant, name) for name in ("identity", "path", "line", "owner", "before", "after")}


def copied(root: Path, tree: Path) -> None:
    """Copy the tree with its file times, so that compiled code of an earlier copy stays valid."""
    shutil.copytree(root, tree, ignore=shutil.ignore_patterns(*LEFT_OUT), dirs_exist_ok=True)
    for path in tree.rglob("*"):
        gone = path.is_file() and not (root / path.relative_to(tree)).exists()
        if gone and "__pycache__" not in path.parts:
            path.unlink()


@contextmanager
def changed(tree: Path, mutant: Mutant) -> Iterator[None]:
    """Put a mutant into the copy during the block, and afterwards the original with its file time."""
    path = tree / mutant.path
    text, times = path.read_bytes(), path.stat()
    path.write_bytes(mutant.source(text))
    try:
        yield
    finally:
        path.write_bytes(text)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@contextmanager
def warm(tree: Path, environment: dict[str, str]) -> Iterator[Ask]:
    """A process with its imports done, which runs jobs."""
    command = [sys.executable, "-m", "tests.mutants.worker"]
    with subprocess.Popen(
        command, cwd=tree, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as worker:

        def ask(job: dict[str, Any]) -> dict[str, Any]:
            print(json.dumps(job), file=worker.stdin, flush=True)
            return json.loads(worker.stdout.readline())

        yield ask
        worker.stdin.close()


def _same(record: dict[str, Any] | None, mutant: Mutant, again: bool) -> bool:
    """Whether a record is of this mutant, and need not be made again."""
    return (
        record is not None
        and record["after"] == mutant.after
        and (record["failed"] or not again or mutant.identity in EQUIVALENT)
    )


def _logged(log: Path) -> dict[str, Any]:
    lines = log.read_text().splitlines() if log.exists() else []
    return {line["identity"]: line for line in map(json.loads, lines)}


if __name__ == "__main__":
    main()
