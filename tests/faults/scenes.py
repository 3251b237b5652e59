"""One injection: a folder with the files before the command, and the undisturbed results for comparison."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.children import Child, forked, fresh
from tests.faults.commands import OTHER, SEED, Command, begins


@dataclass
class Reference:
    """Undisturbed results of a command by seed, their folder, and the time of one in seconds.

    `short` is the digest of the shorter run that a command extends.
    """

    folder: Path
    short: str | None = None
    digests: dict[int, str | None] = field(default_factory=dict)
    seconds: float = 0.0
    size: int = 0


@dataclass
class Scene:
    """A folder in which a command runs with a fault; `log` collects the proof that the fault fired."""

    folder: Path
    command: Command
    reference: Reference
    rng: random.Random
    log: list[str] = field(default_factory=list)

    @property
    def out(self) -> Path:
        """The folder that the command writes to."""
        return self.folder / "out"

    @property
    def product(self) -> Path:
        """The name that the command writes."""
        return self.out / self.command.product

    @property
    def flag(self) -> Path:
        """A file that shows that a prepared fault fired inside the child."""
        return self.folder / "fired"

    def start(self, arm=None, seed: int = SEED, log: str = "one") -> Child:
        """Run the command in a fork."""
        return forked(self.command.words(seed), self.folder, self.folder / log, arm)

    def start_fresh(self, seed: int = SEED, log: str = "one", **environment: str) -> Child:
        """Run the command in a new interpreter."""
        return fresh(self.command.words(seed), self.folder, self.folder / log, **environment)

    def moment(self, most: float = 1.0) -> float:
        """A random moment during the command, in seconds after its start."""
        return self.rng.uniform(0.0, most) * self.reference.seconds

    def digest(self) -> str | None:
        """Digest of the present result."""
        return self.command.digest(self.product)

    def unlike_before(self) -> str:
        """The fault of the present unfinished run, empty if it has none."""
        if not self.command.product.endswith(".h5"):
            return ""
        return begins(self.product, self.reference.folder / "out" / self.command.product)


def furnish(folder: Path, command: Command, reference: Reference) -> None:
    """Put the files that the command needs into a new folder."""
    (folder / "out").mkdir(parents=True)
    (folder / "models").symlink_to(Path(__file__).parents[2] / "models")
    if command.old:
        _copy(reference.folder / "old" / command.product, folder / "out" / command.product)
    if command.extends:
        _copy(reference.folder / "short" / command.product, folder / "out" / command.product)
    if command.resumes:
        name = f"{command.product}.partial"
        _copy(reference.folder / "unfinished" / name, folder / "out" / name)


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy(source, target)


def mounted(folder: Path, size: int) -> bool:
    """Mount a small disk in memory over a folder, with its content; False if that is not allowed."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return False
    kept = folder.with_name("kept")
    shutil.copytree(folder, kept)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
    )
    if done.returncode == 0:
        try:
            shutil.copytree(kept, folder, dirs_exist_ok=True)
        except OSError:
            unmount(folder)
            return False
    return done.returncode == 0


def remount(folder: Path, option: str) -> bool:
    """Change a disk in memory; False if it is in use."""
    words = ["mount", "-o", f"remount,{option}", folder]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def unmount(folder: Path) -> None:
    """Remove the disk."""
    subprocess.run(["umount", "-l", folder], capture_output=True, check=False)


def references(commands, base: Path) -> dict[str, Reference]:
    """Run every command undisturbed, for both seeds; a run that two commands share is made once."""
    found: dict[str, Reference] = {}
    made: dict[str, Reference] = {}
    for command in commands:
        if command.product not in made:
            made[command.product] = _undisturbed(command, base / command.product)
        found[command.name] = made[command.product]
    return found


def _undisturbed(command: Command, folder: Path) -> Reference:
    """Results of both seeds, and, for a run that can continue, a run that was stopped halfway."""
    import time

    from tests.faults.commands import COMMANDS

    plain = next(one for one in COMMANDS if one.product == command.product)
    reference = Reference(folder)
    for seed in (OTHER, SEED):
        shutil.rmtree(folder / "out", ignore_errors=True)
        (folder / "out").mkdir(parents=True)
        if not (folder / "models").exists():
            (folder / "models").symlink_to(Path(__file__).parents[2] / "models")
        began = time.monotonic()
        ended = forked(plain.words(seed), folder, folder / "one").ended()
        reference.seconds = time.monotonic() - began
        if ended.code != 0:
            raise RuntimeError(f"{plain.name} fails undisturbed, with {ended.code}: {ended.said}")
        reference.digests[seed] = plain.digest(folder / "out" / plain.product)
        if seed == OTHER:
            shutil.copytree(folder / "out", folder / "old")
    product = folder / "out" / plain.product
    files = [product] if product.is_file() else list(product.iterdir())
    reference.size = sum(file.stat().st_size for file in files)
    for one in COMMANDS:
        if one.short is not None and one.product == plain.product:
            _make_short(one, folder, reference)
    if any(one.resumes and one.product == plain.product for one in COMMANDS):
        _stop_halfway(plain, folder)
    return reference


def _make_short(command: Command, folder: Path, reference: Reference) -> None:
    """Make the run that a command extends, in `short`."""
    aside = folder / "aside"
    (aside / "out").mkdir(parents=True)
    assert command.short is not None
    ended = forked(command.short(SEED), aside, folder / "short-log").ended()
    if ended.code != 0:
        raise RuntimeError(f"what {command.name} extends fails undisturbed, with {ended.code}: {ended.said}")
    reference.short = command.digest(aside / "out" / command.product)
    (aside / "out").rename(folder / "short")


def _stop_halfway(command: Command, folder: Path) -> None:
    """Make an unfinished run in `unfinished`, stopped when the second segment of a training, or a rate, exists."""
    aside = folder / "halfway"
    furnish(aside, command, Reference(folder))
    child = forked(command.words(SEED), aside, folder / "halfway-log")
    partial = aside / "out" / f"{command.product}.partial"
    while child.wait_for(0.001) and not command.halfway(partial):
        pass
    os.kill(child.pid, signal.SIGTERM)
    ended = child.ended()
    if ended.code != 143:
        raise RuntimeError(f"{command.name} could not be stopped halfway: {ended}")
    (aside / "out").rename(folder / "unfinished")
