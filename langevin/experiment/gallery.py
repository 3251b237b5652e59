"""The pages of the results, from the run.json of every sim: a table of verdicts, and a page for each sim.

`claims.toml` in the folder of the results has three tables. `short` gives short words to claims that are long. Claims
of one source with the same short words are one sentence that several sims judge; this sentence gets a separate line.
If their verdicts differ, `together` has to give their common meaning. `decides`, with a table for each sim, gives the
words of a finding after which its deciding number follows; by default this is the first number with an error, of the
finding or else of its verdict.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import langevin
from langevin.errors import InputFileError
from langevin.experiment.claims import UNDECIDED, WHERE
from langevin.experiment.sims import program_hash
from langevin.store.atomic import replace_file

HEAD = """# Results

Each line is one claim: the sentence of a paper in short, the verdict of the sim that tests it, the
measured number that decides, and the page of the sim. That page has the whole sentence, the
condition, what each number means, and the figure.

| verdict | meaning |
|---|---|
| holds | the numbers establish the claim, at a significance of 1 % |
| holds where | the numbers refute the claim in general, and establish it under a condition |
| holds only if | the same, and they refute the claim if the condition is not met |
| fails | the numbers refute the claim |
| undecided | there is too little data for a verdict |

If several sims or numbers test one claim, its line has the joint verdict in bold, and the lines
`same sentence` below it have the single verdicts. If these differ, a sentence below the table
explains them, and the joint verdict is undecided if one of them is. `langevin gallery` writes this
page; it refuses if a sim has changed since its run. `python -m tests.stability` computes the
verdicts under other seeds.
"""
#: Words for claims.
CLAIMS = "claims.toml"
MOST_WORDS, WIDTH = 15, 100
#: The name of a source, before the place: up to a year or a site in brackets.
NAMED = re.compile(r"^.*?\((?:\d{4}|[\w-]+\.\w+)\)")
#: A number with its error in the words of a finding.
NUMBER = re.compile(r"\(?-?\d[\d.]*(?:e[+-]?\d+)? \+- \d[\d.]*(?:\)?e[+-]?\d+)?")
#: A count, in a finding that has no such number.
COUNT = re.compile(r"\d+ of \d+")


@dataclass(frozen=True)
class Line:
    """A claim in the table."""

    source: str
    short: str
    word: str
    number: str
    sim: str


@dataclass(frozen=True)
class Words:
    """The tables of claims.toml: claim to short words, sim to claim to words, short words to a sentence."""

    short: Mapping[str, str]
    decides: Mapping[str, Mapping[str, str]]
    together: Mapping[str, str]


def write_gallery(
    results: Path = Path("results"), sims: Path = Path("sims"), without_stale: bool = False
) -> Path:
    """Write results/README.md and results/SIM.md; return the path of the first.

    Args:
        results: folder of the answers.
        sims: folder of the sims that made them.
        without_stale: leave out answers whose sim has changed since, and name them, instead of refusing.

    Raises:
        InputFileError: no results, one that cannot be read, one whose sim or version has changed since, or a long claim
            without short words, or different verdicts on a sentence without their common meaning.
    """
    records, stale = read_results(results, sims, without_stale)
    words = read_words(results / CLAIMS)
    lines = lines_of(records, words)
    for record in records:
        replace_file(results / f"{record['sim']}.md", section(record).encode())
    return replace_file(results / "README.md", table(lines, words.together, stale).encode())


def read_words(path: Path) -> Words:
    """The tables of claims.toml, empty without a file.

    Raises:
        InputFileError: the file has no such tables.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputFileError(f"{path} is not TOML: {error}", remedy="correct it") from error
    names = ("short", "decides", "together")
    short, decides, meanings = (found.get(name, {}) for name in names)
    known = set(found) <= set(names) and isinstance(decides, dict)
    if not (known and all(map(_gives_words, (short, meanings, *decides.values())))):
        raise InputFileError(
            f"{path} does not give words to claims",
            remedy='write "CLAIM" = "SHORT" below a line [short]',
        )
    return Words(short, decides, meanings)


def _gives_words(table: Any) -> bool:
    return isinstance(table, dict) and all(isinstance(value, str) for value in table.values())


def read_results(
    results: Path, sims: Path, without_stale: bool = False
) -> tuple[list[dict[str, Any]], list[str]]:
    """All records, sorted by the name of their sim, each with its folder; and the names of stale ones left out.

    Args:
        results: folder of the results.
        sims: folder of the sims.
        without_stale: whether stale records are left out; else they are refused.

    Raises:
        InputFileError: there are none, or one cannot be read or is stale.
    """
    records: list[dict[str, Any]] = []
    stale: list[str] = []
    for path in sorted(results.glob("[!.]*/run.json")):
        try:
            record = json.loads(path.read_text()) | {"folder": path.parent.name}
        except ValueError as error:
            raise InputFileError(f"{path} is not JSON: {error}", remedy="run its sim again") from error
        reason = staleness(record, sims)
        if reason and without_stale:
            stale.append(path.parent.name)
            continue
        if reason:
            raise InputFileError(
                f"{path} is stale, for {reason}", remedy=f"run `langevin run sims.{path.parent.name}` again"
            )
        records.append(record)
    if not records:
        raise InputFileError(f"there is no run.json in a folder of {results}", remedy="run a sim first")
    return records, stale


def staleness(record: dict[str, Any], sims: Path) -> str:
    """Why a record no longer agrees with its sim; empty if it agrees.

    Args:
        record: content of a run.json.
        sims: folder of the sims.
    """
    if record.get("quick") is not False:
        return "it is no full run of a sim"
    made_by = record.get("versions", {}).get("langevin")
    if made_by != langevin.__version__:
        return f"it was made by langevin {made_by}, and this is {langevin.__version__}"
    source = sims / f"{record.get('sim')}.py"
    if not source.is_file():
        return f"its sim {source} is gone"
    return "" if program_hash(source) == record.get("source") else f"{source} has changed since"


def lines_of(records: Sequence[dict[str, Any]], words: Words) -> list[Line]:
    """A line for each claim; claims of one source with one sentence share a line.

    Args:
        records: contents of run.json files.
        words: of claims.toml.

    Raises:
        InputFileError: a long claim has no short words, or a finding does not contain the words before its number.
    """
    found = []
    for record in records:
        for one in record["findings"]:
            short = words.short.get(one["claim"], one["claim"])
            if len(short.split()) > MOST_WORDS:
                raise InputFileError(
                    f"the claim {short!r} of {record['sim']} has more than {MOST_WORDS} words",
                    remedy=f"give it short words in {CLAIMS}",
                )
            named = NAMED.match(one["source"])
            source = named.group() if named else one["source"]
            before = words.decides.get(record["sim"], {}).get(one["claim"], "")
            number = number_after(before, f"{one['number']}; {one['verdict']}", record["sim"])
            found.append(Line(source, short, one["word"], number, record["sim"]))
    places = {(line.source, line.short): place for place, line in reversed(list(enumerate(found)))}
    return sorted(found, key=lambda line: (line.source, places[line.source, line.short]))


def number_after(before: str, text: str, sim: str) -> str:
    """The first number with an error after some words of a finding, or else the first count; empty without either.

    Args:
        before: the words.
        text: of the finding.
        sim: its name.

    Raises:
        InputFileError: the text does not contain the words.
    """
    if before not in text:
        raise InputFileError(
            f"the finding of {sim} does not contain {before!r}", remedy=f"correct [decides] in {CLAIMS}"
        )
    begin = text.index(before) + len(before)
    number = NUMBER.search(text, begin) or COUNT.search(text, begin)
    return number.group() if number else ""


def table(lines: Sequence[Line], meanings: Mapping[str, str], stale: Sequence[str] = ()) -> str:
    """The table of verdicts, a part for each source, and which answers are missing.

    Args:
        lines: of the claims.
        meanings: short words of a sentence to the common meaning of its verdicts.
        stale: names of sims whose records were left out.

    Raises:
        InputFileError: different verdicts on a sentence without their common meaning.
    """
    parts = [HEAD]
    if stale:
        parts.append(f"Not shown, because the sim has changed since its last full run: {', '.join(stale)}.\n")
    for source in dict.fromkeys(line.source for line in lines):
        own = [line for line in lines if line.source == source]
        parts.append(f"## {source}\n\n| claim | verdict | measured | sim |\n|---|---|---|---|")
        notes = []
        for short in dict.fromkeys(line.short for line in own):
            same = [line for line in own if line.short == short]
            if len(same) > 1:
                parts.append(f"| {_cell(short)} | **{together(same)}** | {len(same)} verdicts | |")
            if len({line.word for line in same}) > 1:
                notes.append(_note(short, meanings))
            parts += [_row(line, "same sentence" if len(same) > 1 else short) for line in same]
        parts += ["", *notes, ""] if notes else [""]
    sims = sorted({line.sim for line in lines})
    return "\n".join([*parts, *(f"[{sim}]: {sim}.md" for sim in sims), ""])


def together(lines: Sequence[Line]) -> str:
    """One word for a sentence that several sims judge: their common word, else `undecided` or `holds where`."""
    words = {line.word for line in lines}
    if len(words) == 1:
        return words.pop()
    return str(UNDECIDED if UNDECIDED in words else WHERE)


def _note(short: str, meanings: Mapping[str, str]) -> str:
    if short not in meanings:
        raise InputFileError(
            f"the verdicts on {short!r} differ",
            remedy=f"write their common meaning below [together] in {CLAIMS}",
        )
    return f"- *{short}*: {meanings[short]}"


def _row(line: Line, short: str) -> str:
    row = f"| {_cell(short)} | {line.word} | {line.number} | [{line.sim}] |"
    if len(row) > WIDTH:
        raise InputFileError(
            f"the line of the claim {short!r} of {line.sim} has {len(row)} characters, more than {WIDTH}",
            remedy=f"give it shorter words in {CLAIMS}",
        )
    return row


def section(record: dict[str, Any]) -> str:
    """The page of a sim: its question, figure, findings, and the command that makes them."""
    folder = record["folder"]
    findings = [
        f"- *{found['claim']}* ({found['source']}): **{found['verdict']}**. {found['number']}."
        for found in record["findings"]
    ]
    return "\n".join([
        f"# {record['sim']}", "", record["question"], "", f"![{record['question']}]({folder}/figure.png)", "",
        *findings, "",
        f"`{record['command']}`, {record['wall_seconds']:g} s, seed {record['seed']}; numbers in "
        f"[table.csv]({folder}/table.csv) and [run.json]({folder}/run.json). [All results](README.md).", "",
    ])  # fmt: skip


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
