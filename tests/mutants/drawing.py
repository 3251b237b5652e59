"""The draw: the number of mutants of a package is proportional to its number of possible changes."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.changes import Mutant, mutants_of
from tests.mutants.equivalents import EXEMPT

#: Packages by name, with their folders of langevin.
PACKAGES = {
    "kernels": ("kernels",),
    "integrators": ("integrators", "steps"),
    "store": ("store",),
    "theory": ("theory",),
    "measure": ("measure",),
    "comparison": ("comparison",),
}


def drawn(root: Path, count: int, seed: int, only: tuple[str, ...] = ()) -> list[Mutant]:
    """`count` mutants, in the order of their draw; with `only`, of files under these paths."""
    places = {name: _places(root, name, only) for name in PACKAGES}
    parts = shares({name: len(found) for name, found in places.items()}, count)
    chosen = [
        mutant
        for name, found in places.items()
        for mutant in sorted(found, key=lambda mutant: mutant.drawn(seed))[: parts[name]]
    ]
    return sorted(chosen, key=lambda mutant: mutant.drawn(seed))


def package_of(path: str) -> str:
    """The package to which a file belongs."""
    folder = Path(path).parts[1]
    return next(name for name, folders in PACKAGES.items() if folder in folders)


def shares(sizes: dict[str, int], count: int) -> dict[str, int]:
    """Whole numbers proportional to sizes, with the sum `count`, or all if fewer; the largest remainders round up."""
    total = sum(sizes.values())
    exact = {name: min(1.0, count / max(total, 1)) * size for name, size in sizes.items()}
    parts = {name: int(share) for name, share in exact.items()}
    missing = min(count, total) - sum(parts.values())
    for name in sorted(exact, key=lambda name: parts[name] - exact[name])[:missing]:
        parts[name] += 1
    return parts


def _places(root: Path, package: str, only: tuple[str, ...]) -> list[Mutant]:
    found = []
    for folder in PACKAGES[package]:
        for path in sorted((root / "langevin" / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not only or any(name == part or name.startswith(f"{part.rstrip('/')}/") for part in only):
                exempt = {key.partition(":")[2] for key in EXEMPT if key.partition(":")[0] == name}
                found += mutants_of(root, path, frozenset(exempt))
    return found
