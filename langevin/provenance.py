"""What a result was made with, for its file, and what has changed since, for a run that continues."""

from __future__ import annotations

import json
import platform
from functools import cache
from importlib.metadata import version
from typing import Any

import langevin
from langevin.errors import InputFileError

#: Letters of an entry of a file that a sentence repeats.
MOST_SHOWN = 200
DAMAGED = "the state of this run is damaged, so begin it again"


def versions(*packages: str) -> dict[str, str]:
    """Versions of langevin, Python and the packages named, without importing them."""
    made_with = {"langevin": langevin.__version__, "python": platform.python_version()}
    return made_with | {package: _version(package) for package in packages}


@cache
def _version(package: str) -> str:
    return version(package)


def check_unchanged(kept: str, here: str) -> None:
    """Refuse to continue a run of another identity.

    Raises:
        InputFileError: something that decides its bits has changed, or the one that was kept is no identity.
    """
    check_none(changes(kept, here))


def check_none(differing: list[str]) -> None:
    """Refuse to continue if something that decides the bits of a run differs.

    Raises:
        InputFileError: something does.
    """
    if differing:
        raise InputFileError(
            f"what was kept is of another run, which differs in {', '.join(differing)}",
            "the settings, functions and versions of the run that continues",
            "give those again, or begin another run",
        )


def settings_of(identity: str) -> dict[str, Any]:
    """The settings in an identity; a file may have any content.

    Raises:
        InputFileError: it is none.
    """
    try:
        settings = json.loads(identity)["settings"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputFileError(DAMAGED) from error
    if not isinstance(settings, dict):
        raise InputFileError(DAMAGED)
    return settings


def changes(kept: str, here: str) -> list[str]:
    """What differs between two identities, in words; empty if nothing does.

    An identity is a JSON text of all that decides the bits of a run: its `settings`, and hashes of its `content`.

    Raises:
        InputFileError: the one that was kept is none.
    """
    try:
        before, now = json.loads(kept), json.loads(here)
        parts = [(before[part], now[part]) for part in ("settings", "content")]
        names = [[name for name in old | new if old.get(name) != new.get(name)] for old, new in parts]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InputFileError(f"{DAMAGED}: the file does not name its run") from error
    found = [f"the setting {name} (it was {_shown(repr(before['settings'].get(name)))})" for name in names[0]]
    found += [
        f"the {name}" + (f" (it was {_shown(before['content'].get(name))})" if name == "software" else "")
        for name in names[1]
    ]
    return found


def _shown(entry: Any) -> str:
    """An entry of a file, cut to a length that a sentence can hold."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(entry))
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]} ..."
