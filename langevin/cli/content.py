"""Hashes, by name, of the content that decides the bits of a point in addition to its settings.

They are cheap enough for each point of a sweep.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from langevin.cli.starts import parse_start
from langevin.errors import InputFileError
from langevin.registry import own, plugin_distributions

#: Settings that may name code of the user, as module:name.
CODE = ("integrator", "dynamics", "question", "score", "law")
#: Settings that may name several pieces of code.
SEVERAL = ("observe", "theory")
#: A seed that no run has: states of any run may be read.
OF_NO_RUN = -1
LIBRARIES = {"simulate": ("numpy", "numba"), "rate": ("numpy", "numba"), "train": ("numpy", "jax", "jaxlib")}


def content_of(command: str, settings: Mapping[str, str]) -> dict[str, str]:
    """Hashes of the landscape or the text of the network, of other code of the user, and versions.

    Args:
        command: name of the command.
        settings: texts by name.

    Raises:
        UsageError: an unknown landscape, network or dial.
        InputFileError: a run file to start from that cannot be read.
    """
    from langevin.provenance import versions
    from langevin.registry import add_plugins

    folders = settings["plugins"].split(os.pathsep) if "plugins" in settings else []
    for folder in folders:  # a worker has not imported them
        add_plugins(folder)
    content = {
        "software": ", ".join(f"{name} {number}" for name, number in versions(*LIBRARIES[command]).items())
    }
    content["subject"] = _network(settings) if command == "train" else _landscape(settings)
    for name, text in settings.items():
        if ":" in text and name in CODE:
            content[name] = _text(own(text))
    for option in SEVERAL:
        for text in settings.get(option, "").split(","):
            if ":" in text:
                content[f"{option} {text}"] = _text(own(text.strip()))
    if folders:
        content["plugins"] = _plugins(folders)
    if plugin_distributions():
        content["distributions"] = ", ".join(plugin_distributions())
    if "start" in settings:
        content["start"] = hashlib.sha256(parse_start(settings["start"], OF_NO_RUN).tobytes()).hexdigest()
    if "from" in settings:
        from langevin.cli.starts import file_of

        content["from"] = _file_hash(file_of(settings["from"]))
    return content


def _file_hash(file: Path) -> str:
    """Hash of the bytes of a file, counted once for each version of it.

    Raises:
        InputFileError: it cannot be read.
    """
    try:
        facts = file.stat()
        return _counted(file, (facts.st_mtime_ns, facts.st_size))
    except OSError as error:
        raise InputFileError(
            f"{file} cannot be read: {error.strerror or error}", remedy="check the name"
        ) from error


@lru_cache(maxsize=64)
def _counted(file: Path, version: tuple[int, int]) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _plugins(folders: Sequence[str]) -> str:
    """Hash of the texts of all files in folders of plugins, because their theories decide verdicts."""
    content = hashlib.sha256()
    for folder in folders:
        home = Path(os.path.expanduser(folder))
        for file in sorted(home.glob("*/*.py")):
            text = file.read_bytes()
            content.update(f"{file.relative_to(home)} {len(text)} ".encode() + text)
    return content.hexdigest()


def _landscape(settings: Mapping[str, str]) -> str:
    from langevin.cli.given import chosen_landscape
    from langevin.experiment.own_landscape import content_hash

    pairs = tuple(f"{name[2:]}={value}" for name, value in settings.items() if name.startswith("p."))
    of_field = tuple(f"{name[2:]}={value}" for name, value in settings.items() if name.startswith("f."))
    make, dials, _ = chosen_landscape(
        settings.get("manifold"), settings.get("potential"), pairs, None, settings.get("field"), of_field
    )
    if "dim" in settings:
        from langevin.cli.given import parse_dials

        dials |= parse_dials((f"dim={settings['dim']}",), make)
    return content_hash(make(**dials))


def _network(settings: Mapping[str, str]) -> str:
    """Hash of the text of the network's file and of the user's files that it imports."""
    from langevin.cli.given import parse_dials
    from langevin.sgld import load, preset

    make, _ = load(settings.get("model", ""))
    if "preset" in settings:
        preset(settings["model"], settings["preset"])
    parse_dials(
        tuple(f"{name[2:]}={value}" for name, value in settings.items() if name.startswith("p.")), make
    )
    return _text(make)


def _text(item: Any) -> str:
    from langevin.experiment.own_landscape import text_hash

    if hasattr(item, "curves"):  # the record of a theory, which is its functions
        return text_hash(item.curves, item.applies, item.coarse)
    return text_hash(getattr(item, "build", item))
