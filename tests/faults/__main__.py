"""python -m tests.faults: inject faults, print the table, and fail if a fault broke something."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import NoReturn

import click

from tests.faults.commands import COMMANDS, Command
from tests.faults.kinds import FAULTS, Fault
from tests.faults.scenes import Reference, Scene, furnish, references, unmount
from tests.faults.verdicts import complaints
from tests.faults.warm import warm

QUICK, FULL, PROCESSES, ATTEMPTS = 100, 900, 2, 4
PAGE = Path("results/reliability/faults.md")
PAGE_TEXT = """# Faults injected into every command that writes

`python -m tests.faults --full --write` writes this page: {total} faults fired, {held} times all held, {wrong} times
something broke.{missed}{again} Seed {seed}.

{rows}

A cell counts how often all held of how often the fault fired; `-` where the command cannot meet it, or did not. All
held where the exit code was right, what was said was one sentence, the result was whole, the one of before or absent,
an unfinished run was the beginning of the undisturbed one, and the same command, given again, ended with the
undisturbed result to the bit and left nothing behind. What each fault does stands in `tests/faults/kinds.py`. A signal
that arrives while Python itself starts, before the first line of langevin, ends Python in its own way; nothing is
written by then.
"""


@click.command()
@click.option("--full", is_flag=True, help=f"{FULL} injections for {QUICK}.")
@click.option("--count", type=int, help="So many injections.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of moments, places and sizes.")
@click.option("--fault", "only", multiple=True, help="Only faults of this name.")
@click.option("--command", "which", multiple=True, help="Only commands of this name.")
@click.option("--processes", type=int, default=PROCESSES, show_default=True, help="Injections at once.")
@click.option("--seconds", type=float, default=float("inf"), help="Begin no injection after so long.")
@click.option("--write", is_flag=True, help=f"Write the table to {PAGE}.")
@click.option(
    "--log",
    type=click.Path(path_type=Path),
    help="File of all injections, as lines of JSON: continue an existing one, and repeat the injections that failed.",
)
def main(full, count, seed, only, which, processes, seconds, write, log):
    """Inject faults into every command that writes."""
    faults = [fault for fault in FAULTS if not only or fault.name in only]
    commands = [command for command in COMMANDS if not which or command.name in which]
    records = campaign(count or (FULL if full else QUICK), seed, faults, commands, processes, seconds, log)
    text = table(records, seed)
    print(text)
    for record in records:
        if record["broke"]:
            print(f"broke: {json.dumps(record)}")
    if write:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(text)
    sys.exit(any(record["broke"] for record in records))


def campaign(
    count, seed, faults=FAULTS, commands=COMMANDS, processes=PROCESSES, seconds=float("inf"), log=None
):
    """Make `count` injections, spread evenly over faults and commands; returns a record of each.

    Args:
        count: number of injections.
        seed: the seed of all random choices.
        faults: which faults.
        commands: which commands.
        processes: how many injections at once.
        seconds: begin no injection after this time.
        log: file of records. Injections in it count as made, except failed ones.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background of a shell it is ignored
    end = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        warm(base / "compiled", any(command.product == "train.h5" for command in commands))
        known = references(commands, base / "undisturbed")
        plan = planned(count, seed, faults, commands)
        log = (log or base / "log.jsonl").absolute()
        todo = left_of(plan, seed, logged(log))
        pids = []
        for part in range(processes):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # JAX is imported, and has no threads yet
                pids.append(os.fork())
            if pids[-1] == 0:
                _carry_out(todo[part::processes], base, seed, known, log, end)
        for pid in pids:
            os.waitpid(pid, 0)
        made = logged(log)
        return [made[key] for key in (key_of(seed, one) for one in plan) if key in made]


def logged(log: Path) -> dict[tuple[int, str, str], dict]:
    """The last record of a log for each seed, fault and command, with `again` if it is not the first one."""
    found: dict[tuple[int, str, str], dict] = {}
    for line in log.read_text().splitlines() if log.exists() else []:
        record = json.loads(line)
        key = (record["seed"], record["fault"], record["command"])
        found[key] = {**record, "again": key in found}
    return found


def key_of(seed, one):
    """The key of the record of one injection of a plan."""
    number, fault, command = one
    return seed + number, fault.name, command.name


def left_of(plan, seed, made):
    """The injections of a plan that have not been made, or have failed."""
    keys = [key_of(seed, one) for one in plan]
    return [one for one, key in zip(plan, keys) if key not in made or made[key]["broke"]]


def _carry_out(plan, base, seed, known, log, end) -> NoReturn:
    """Inject one after the other, in a separate process that then ends."""
    try:
        with log.open("a") as file:
            for number, fault, command in plan:
                if time.monotonic() < end:
                    record = injected(base / str(number), seed + number, fault, command, known[command.name])
                    print(json.dumps(record), file=file, flush=True)
    except BaseException:
        traceback.print_exc()
    os._exit(0)


def planned(count, seed, faults, commands):
    """Numbered pairs of fault and command that fit, each the same number of times, in a random order."""
    pairs = [(fault, command) for fault in faults for command in commands if _meet(fault, command)]
    random.Random(seed).shuffle(pairs)
    return [(number, *pairs[number % len(pairs)]) for number in range(count)]


def _meet(fault: Fault, command: Command) -> bool:
    return fault.applies(Scene(Path(), command, Reference(Path()), random.Random()))


def injected(folder: Path, seed: int, fault: Fault, command: Command, reference: Reference) -> dict:
    """Inject until the fault fires; returns the outcome and its complaints."""
    began = time.monotonic()
    for attempt in range(ATTEMPTS):
        scene = Scene(folder / str(attempt), command, reference, random.Random(f"{seed} {attempt}"))
        furnish(scene.folder, command, reference)
        try:
            outcome = fault.inject(scene)
            broke = complaints(scene, fault, outcome) if scene.log else []
        finally:
            unmount(scene.out)
        if scene.log:
            break
    shutil.rmtree(folder, ignore_errors=True)
    return {
        "fault": fault.name,
        "command": command.name,
        "seed": seed,
        "fired": scene.log,
        "codes": [ended.code for ended in outcome],
        "broke": broke,
        "seconds": round(time.monotonic() - began, 2),
    }


def table(records, seed) -> str:
    """The table: for every fault and command, how many of the fired faults broke nothing."""
    fired = Counter((record["fault"], record["command"]) for record in records if record["fired"])
    broke = Counter((record["fault"], record["command"]) for record in records if record["broke"])
    names = [command.name for command in COMMANDS]
    rows = [["fault", *names], ["---"] * (len(names) + 1)]
    for fault in FAULTS:
        pairs = [(fault.name, name) for name in names]
        rows.append(
            [
                fault.name,
                *(f"{fired[one] - broke[one]} of {fired[one]}" if fired[one] else "-" for one in pairs),
            ]
        )
    total, wrong, again = sum(fired.values()), sum(broke.values()), sum(record["again"] for record in records)
    missed = len(records) - total
    return PAGE_TEXT.format(
        total=total,
        held=total - wrong,
        wrong=wrong,
        missed=f" {missed} more did not fire before the command had ended." if missed else "",
        again=f" {again} broke something at first, and were injected again after a mend." if again else "",
        seed=seed,
        rows="\n".join(f"| {' | '.join(row)} |" for row in rows),
    )


if __name__ == "__main__":
    main()
