"""Run a sim, a module with `answer(quick, seed)`, and keep its answer in results/NAME."""

from __future__ import annotations

import ast
import csv
import hashlib
import inspect
import io
import json
import time
import tokenize
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from langevin.errors import OutputError, UsageError
from langevin.experiment.claims import Answer, answer_record
from langevin.provenance import versions
from langevin.registry import dotted, module_here
from langevin.store import claimed
from langevin.store.atomic import free_name
from langevin.store.claims import check_claim
from langevin.store.folders import check_folder, whole_folder

RESULTS = Path("results")
#: The files of an answer.
FILES = FIGURE, TABLE, RECORD = "figure.png", "table.csv", "run.json"
#: Default seed: a repeated full run gives the same digits.
SEED = 1
#: Digits that are kept: the last ones of a double change with the number of threads that a library sums in.
DIGITS = 10
Sim = Callable[..., Answer]


def find_sim(name: str) -> Sim:
    """The function `answer` of a sim, as `cube_grokking_time`, or of a module, as `sims.cube_grokking_time`.

    Raises:
        UsageError: no such module here, it fails on import, or it has no `answer`.
    """
    name = dotted("sims", name)
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(
            f"{name!r} is not the name of a sim",
            "it must be a dotted module name",
            "write sims.NAME, without .py",
        )
    module = module_here(name, "name one of `langevin list sims`, or a module of your own from here")
    answer = getattr(module, "answer", None)
    if not callable(answer):
        raise UsageError(f"{name} is not a sim", "it must have a function answer(quick, seed)", "write one")
    found: Sim = answer
    return found


def run_sim(
    sim: Sim, quick: bool = False, seed: int = SEED, folder: Path | None = None, force: bool = False,
    on_answer: Callable[[Answer], object] | None = None,
) -> tuple[Answer, Path | None]:  # fmt: skip
    """Run a sim; return its answer, and the folder where it is kept.

    A full run is kept in results/NAME, where it replaces the earlier answer, unless another folder is given. A quick
    run is kept only if a folder is given.

    Args:
        sim: the function `answer` of its module.
        quick: fewer walkers, larger errors.
        seed: of all randomness.
        folder: where the answer is kept.
        force: whether an answer in that folder may be replaced.
        on_answer: called with the answer before it is kept.

    Raises:
        OutputError: before the run, the folder holds an answer and `force` is not given, or holds other files, or
            another run writes there, or the operating system refuses; after it, the folder changed meanwhile.
    """
    force = force or folder is None
    place = folder if folder is not None or quick else RESULTS / sim_name(sim)
    if place is not None:
        check_folder(place, FILES, force)
    with claimed(place):
        began = time.perf_counter()
        answer = sim(quick=quick, seed=seed)
        spent = time.perf_counter() - began
        if on_answer:
            on_answer(answer)
        if place is not None:
            keep(place, sim, answer, quick, seed, spent, force)
    return answer, place


def keep(
    folder: Path, sim: Sim, answer: Answer, quick: bool, seed: int, seconds: float, force: bool = False
) -> None:
    """Write figure.png, table.csv and run.json, all of them or none.

    Args:
        folder: where the files are written.
        sim: the function `answer` of a module.
        answer: its result.
        quick: whether the run was quick.
        seed: of the run.
        seconds: duration of the run.
        force: whether an answer in the folder may be replaced.

    Raises:
        OutputError: they cannot be written there; the sentence names their place, if another place was free.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.header)
    writer.writerows(rounded(list(answer.rows)))
    record = {
        "sim": sim_name(sim),
        "command": f"langevin run sims.{sim_name(sim)}",
        **rounded(answer_record(answer)),
        "seed": seed,
        "quick": quick,
        "wall_seconds": round(seconds, 1),
        "versions": versions("numpy", "numba", "jax"),
        "source": source_hash(sim),
    }

    def write(place: Path) -> None:
        with whole_folder(place) as folder_in_work:
            answer.draw(str(folder_in_work / FIGURE))
            (folder_in_work / TABLE).write_text(text.getvalue())
            (folder_in_work / RECORD).write_text(json.dumps(record, indent=1) + "\n")

    try:
        check_claim(folder)
        check_folder(folder, FILES, force)
    except OutputError as refused:
        free = free_name(folder)
        write(free)
        raise OutputError(f"{refused}; this answer was kept in {free}") from refused
    write(folder)


def rounded(value: Any) -> Any:
    """Plain values with every float at `DIGITS` digits, which do not depend on the number of threads of a library."""
    if isinstance(value, Mapping):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def sim_name(sim: Sim) -> str:
    """Name of the sim: the name of its file."""
    return source_file(sim).stem


def source_file(sim: Sim) -> Path:
    """The file in which a sim is written."""
    return Path(inspect.getsourcefile(inspect.unwrap(sim)) or "")


def source_hash(sim: Sim) -> str:
    """Hash of the program of the sim's file, which contains its settings, and of its private parts."""
    return program_hash(source_file(sim))


def program_hash(path: Path) -> str:
    """First half of the SHA-256 of a Python file and of its private parts, as `program` gives their texts.

    A private part is a file with a leading underscore in the same folder, which the file or another part imports.
    """
    parts, texts = [path], []
    for part in parts:
        texts.append(program(part))
        parts += [one for one in private_parts(part) if one not in parts]
    return hashlib.sha256("\f".join(texts).encode()).hexdigest()[:32]


def private_parts(path: Path) -> list[Path]:
    """Files with a leading underscore in the folder of a file that it imports, in the order of their names."""
    home, found = path.parent.name, set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == home:
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{home}."):
            found.add(str(node.module).removeprefix(f"{home}."))
    files = [path.with_name(f"{name}.py") for name in sorted(found) if name.startswith("_")]
    return [file for file in files if file.is_file()]


def program(path: Path) -> str:
    """The text of a Python file without comments, docstrings and blank lines: they decide nothing.

    Text is cut out of lines, and not joined from tokens, which differ between versions of Python.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")  # as tokenize counts lines: `splitlines` also ends them at form feeds
    for (first, begin), (last, end) in reversed(list(remarks(text))):
        after = lines[last - 1][end:]
        lines[first - 1 : last] = [lines[first - 1][:begin] + after]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def remarks(text: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The begin and the end of comments and docstrings: line from 1, column from 0.

    A docstring is a statement that is a string: it begins a line, and nothing follows it there.
    """
    between = {tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.COMMENT}
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    fresh = True
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        ends = following is not None and following.type in {tokenize.NEWLINE, tokenize.COMMENT}
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and fresh and ends):
            yield token.start, token.end
        # A line that continues after NL is in brackets, and begins no statement.
        fresh = (fresh and token.type in between) or token.type in between - {tokenize.NL, tokenize.COMMENT}
