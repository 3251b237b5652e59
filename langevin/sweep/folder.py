"""The folder of a sweep: a run file for each point, named by its settings and by hashes of all that decides its bits.

    FOLDER/plan.toml                                 the last plan file
    FOLDER/potential=quadratic,temperature=0.2-1f0c93aa-77d0e1b2.h5      a finished point (also .partial/ and .claim)
    FOLDER/potential=quadratic,temperature=0.3-52aa0b1c-77d0e1b2.failed  the report of a failed point, as JSON

There is no index that could be wrong: the names of the files contain all information. The first eight digits are a hash
of the settings. The others are a hash of the content, such as the functions of a landscape and the versions of the
software.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from langevin.errors import InputFileError
from langevin.store.atomic import partial_folder, replace_file
from langevin.store.claims import claim_file
from langevin.sweep.plan import Settings

PLAN = "plan.toml"
#: Text for a reason that cannot be read.
NO_MESSAGE = "its file holds no reason"
#: Largest number of letters for settings in a name; digits of each hash; largest size of the report of a failure.
MOST_LETTERS, DIGITS, MOST_MESSAGE = 120, 8, 4000
#: Largest number of bytes that are read of a failure: JSON may need twelve for one letter.
MOST_READ = 12 * MOST_MESSAGE + 1000


class State(Enum):
    """The state of a point."""

    FINISHED = "finished"
    FAILED = "failed"
    BEGUN = "begun"
    MISSING = "missing"


@dataclass(frozen=True)
class Place:
    """The place of a point: its folder, the part of its name that depends on its settings, the hash of its content."""

    folder: Path
    stem: str
    content: str

    @property
    def file(self) -> Path:
        """The run file of the point."""
        return self.folder / f"{self.stem}-{self.content}.h5"

    @property
    def failure(self) -> Path:
        """The report file of a failure of the point."""
        return self.file.with_suffix(".failed")


def place_of(folder: Path, command: str, settings: Settings, content: Mapping[str, str]) -> Place:
    """The place of a point; it does not depend on the plan.

    Args:
        folder: folder of the sweep.
        command: command of the sweep.
        settings: all settings of the point, with the seed of the sweep.
        content: hashes of everything else that decides its bits.
    """
    shown = [f"{name.rpartition('.')[2]}={_short(value)}" for name, value in sorted(settings.items())]
    letters = re.sub(r"[^A-Za-z0-9.,=+_-]", "_", ",".join(shown))[:MOST_LETTERS]
    return Place(folder, f"{letters}-{_hash([command, settings])}", _hash(content))


def state_of(place: Place) -> State:
    """The state of a point, from the files in its folder."""
    if place.file.exists():
        return State.FINISHED
    if place.failure.exists():
        return State.FAILED
    begun = partial_folder(place.file).exists() or claim_file(place.file).exists()
    return State.BEGUN if begun else State.MISSING


def known_places(folder: Path) -> dict[str, Place]:
    """Places of the points with files in a folder, by the words of the settings in their names.

    If a point exists with several contents, a finished one is taken.
    """
    found: dict[str, Place] = {}
    endings = ("h5.partial", "h5.claim", "failed", "h5")
    for ending in endings:
        pattern = re.compile(rf"\.?(.*)-([0-9a-f]{{{DIGITS}}})\.{re.escape(ending)}")
        for match in filter(None, map(pattern.fullmatch, sorted(os.listdir(folder)))):
            found[match[1]] = Place(folder, match[1], match[2])
    return found


def changed_since(places: Iterable[Place]) -> list[Path]:
    """Finished points whose content differs from the present one: their functions or versions have changed."""
    found: list[Path] = []
    known: dict[Path, dict[str, list[Path]]] = {}
    for place in places:
        if place.folder not in known:
            known[place.folder] = _by_stem(place.folder)
        found += [file for file in known[place.folder].get(place.stem, []) if file.name != place.file.name]
    return found


def run_files(folder: Path) -> list[Path]:
    """All run files in the folder of a sweep, in the order of their names."""
    return [folder / name for name in _names(folder)]


def keep_failure(place: Place, message: str, code: int) -> None:
    """Write the report of a failed point.

    Args:
        place: of the point.
        message: the text of the error.
        code: exit code of the command.

    Raises:
        OutputError: the operating system refuses.
    """
    replace_file(place.failure, json.dumps({"message": message[:MOST_MESSAGE], "code": code}).encode())


def failure_of(place: Place) -> str:
    """The report of a failure in one line."""
    try:
        if not place.failure.is_file():  # reading something that is not a file may never end
            return NO_MESSAGE
        with place.failure.open("rb") as file:
            message = json.loads(file.read(MOST_READ))["message"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return NO_MESSAGE
    return "".join(letter if letter.isprintable() else "?" for letter in str(message))[:MOST_MESSAGE]


def keep_plan(folder: Path, text: str) -> None:
    """Write the plan file of a sweep, which replaces the one before.

    Args:
        folder: of the sweep.
        text: of the plan file.

    Raises:
        OutputError: the operating system refuses.
    """
    replace_file(folder / PLAN, text.encode())


def check_folder(folder: Path) -> None:
    """Check that a folder is the folder of a sweep.

    Raises:
        InputFileError: it is not.
    """
    if not (folder / PLAN).is_file():
        raise InputFileError(
            f"{folder} is no folder of a sweep: it has no {PLAN}",
            "a folder that a sweep made",
            "name another folder",
        )


def _by_stem(folder: Path) -> dict[str, list[Path]]:
    """The run files of a folder, by the words of the settings in their names."""
    found: dict[str, list[Path]] = {}
    for file in run_files(folder):
        found.setdefault(file.name[: -DIGITS - len("-.h5")], []).append(file)
    return found


def _names(folder: Path) -> list[str]:
    pattern = re.compile(rf".*-[0-9a-f]{{{DIGITS}}}-[0-9a-f]{{{DIGITS}}}\.h5")
    try:
        return sorted(name for name in os.listdir(folder) if pattern.fullmatch(name))
    except FileNotFoundError:
        return []


def _short(value: str) -> str:
    """A value in at most six digits, if it is a number."""
    try:
        return f"{float(value):.6g}" if not value.lstrip("-").isdigit() else value
    except ValueError:
        return value


def _hash(item: object) -> str:
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:DIGITS]
