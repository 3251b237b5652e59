"""The tests that are run for a mutant, the most likely to fail first."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

from tests.mutants.changes import Mutant

#: Processor seconds of tests that a mutant may survive.
BUDGET = 40.0
#: Seconds that are added to the time of a test when it is compared with the number of functions that it runs.
LEAST = 0.1
#: Number of tests of the first batch, which is collected alone, because it kills most mutants.
FIRST = 12


def batches(root: Path, mutant: Mutant, record: dict[str, Any]) -> list[dict[str, float]]:
    """Tests with their seconds: those that run the changed definition, then others of their files, up to the budget."""
    known = {name: line for name, line in record.items() if line["passed"] and _file(root, name).exists()}
    direct = reaching(root, mutant, known)
    files = {name.partition("::")[0] for name in direct}
    beside = [name for name in known if name.partition("::")[0] in files and name not in direct]

    def rank(name: str) -> tuple[int, int, float]:
        line = known[name]
        return name not in direct, apart(name, mutant.path), len(line["ran"]) * (LEAST + line["seconds"])

    chosen, total = {}, 0.0
    for name in sorted([*direct, *beside], key=rank):
        if total < BUDGET:
            chosen[name] = known[name]["seconds"]
            total += LEAST + chosen[name]
    names = list(chosen)
    parts = names[:FIRST], names[FIRST:]
    return [{name: chosen[name] for name in part} for part in parts if part]


def reaching(root: Path, mutant: Mutant, known: dict[str, Any]) -> set[str]:
    """Tests that run the changed definition; for a constant or a record, tests that run its module or an importer."""
    exact = {name for name, line in known.items() if f"{mutant.path}:{mutant.owner}" in line["ran"]}
    named = {name for name in known if apart(name, mutant.path) == 0}
    if exact:
        return exact | named
    modules = {mutant.path, *importers(root, mutant.path)}
    return named | {
        name for name, line in known.items() if any(ran.partition(":")[0] in modules for ran in line["ran"])
    }


def apart(test: str, path: str) -> int:
    """Distance of a test from a file by their names: 0 if the test is named after it, 1 if their folders are equal."""
    file = Path(test.partition("::")[0])
    module = Path(path)
    if module.stem in file.stem:
        return 0
    return 1 if set(file.parts[1:-1]) & set(module.parts[1:-1]) else 2


@cache
def importers(root: Path, path: str) -> frozenset[str]:
    """Files of langevin that import a file."""
    name = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return frozenset(file for file, names in _imports(root).items() if name in names)


@cache
def _imports(root: Path) -> dict[str, frozenset[str]]:
    found = {}
    for file in (root / "langevin").rglob("*.py"):
        nodes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.ImportFrom)]
        names = {f"{node.module}{dot}" for node in nodes for dot in ("", *(f".{a.name}" for a in node.names))}
        found[file.relative_to(root).as_posix()] = frozenset(names)
    return found


def _file(root: Path, test: str) -> Path:
    return root / test.partition("::")[0]
