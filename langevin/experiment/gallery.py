"""results/README.md from the run.json of every sim: picture, claim, number, verdict, command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import langevin
from langevin.errors import InputFileError
from langevin.experiment.sims import file_hash
from langevin.store.atomic import replace_file

HEAD = """# Results

Every page below was written by one command, and every verdict was computed from its numbers by the rules of the
sim. `langevin gallery` wrote this file from the `run.json` files, and refuses where a sim has changed since its run.
"""


def write_gallery(results: Path = Path("results"), sims: Path = Path("sims")) -> Path:
    """Write results/README.md; return its path.

    Raises:
        InputFileError: no results, one that cannot be read, or one whose sim or version has changed since.
    """
    records = read_results(results, sims)
    return replace_file(results / "README.md", gallery(records).encode())


def read_results(results: Path, sims: Path) -> list[dict[str, Any]]:
    """All records, sorted by the name of their sim; each with its folder."""
    records = []
    for path in sorted(results.glob("[!.]*/run.json")):
        try:
            record = json.loads(path.read_text()) | {"folder": path.parent.name}
        except ValueError as error:
            raise InputFileError(f"{path} is not JSON: {error}", remedy="run its sim again") from error
        reason = staleness(record, sims)
        if reason:
            raise InputFileError(
                f"{path} is stale, for {reason}", remedy=f"run `langevin run sims.{path.parent.name}` again"
            )
        records.append(record)
    if not records:
        raise InputFileError(f"there is no run.json in a folder of {results}", remedy="run a sim first")
    return records


def staleness(record: dict[str, Any], sims: Path) -> str:
    """Why a record no longer tells what its sim would say; empty if it does."""
    if record.get("quick") is not False:
        return "it is no full run of a sim"
    made_by = record.get("versions", {}).get("langevin")
    if made_by != langevin.__version__:
        return f"it was made by langevin {made_by}, and this is {langevin.__version__}"
    source = sims / f"{record.get('sim')}.py"
    if not source.is_file():
        return f"its sim {source} is gone"
    return "" if file_hash(source) == record.get("source") else f"{source} has changed since"


def gallery(records: Sequence[dict[str, Any]]) -> str:
    """The Markdown page: a table of all claims, then a section for each sim."""
    lines = [HEAD, "| claim | source | verdict | measured | sim |", "| --- | --- | --- | --- | --- |"]
    for record in records:
        sim = record["sim"]
        lines += [
            f"| {_cell(found['claim'])} | {_cell(found['source'])} | **{_cell(found['verdict'])}** | "
            f"{_cell(found['number'])} | [{sim}](#{sim}) |"
            for found in record["findings"]
        ]
    return "\n".join([*lines, "", *(section(record) for record in records)])


def section(record: dict[str, Any]) -> str:
    """One sim: its question, figure, findings, and the command that makes them."""
    folder = record["folder"]
    findings = [
        f"- *{found['claim']}* ({found['source']}): **{found['verdict']}**. {found['number']}."
        for found in record["findings"]
    ]
    return "\n".join([
        f"## {record['sim']}", "", record["question"], "", f"![{record['question']}]({folder}/figure.png)", "",
        *findings, "",
        f"`{record['command']}`, {record['wall_seconds']:g} s, seed {record['seed']}; numbers in "
        f"[table.csv]({folder}/table.csv) and [run.json]({folder}/run.json).", "",
    ])  # fmt: skip


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
