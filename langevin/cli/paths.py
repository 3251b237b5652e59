"""Names of files and folders. A name that the operating system would refuse after a run is refused before it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

#: Largest number of bytes of a part of a path, and of a whole path.
LONGEST_PART, LONGEST = 255, 4095


class PathName(click.ParamType[Path]):
    """A path whose parts are not too long. The path of a file has a name."""

    def __init__(self, folder: bool = False) -> None:
        """Set whether a folder is named, which `.` and `/` are."""
        self.folder = folder
        self.name = "folder" if folder else "file"
        self.allowed = f"the name of a {self.name}, of at most {LONGEST_PART} bytes"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Check the text. The disk is not read."""
        path, parts = Path(value), [len(os.fsencode(part)) for part in Path(value).parts]
        if not os.fspath(value) or "\0" in str(value) or not (self.folder or path.name.strip(".")):
            self.fail(f"{os.fspath(value)!r} names no {self.name}", param, ctx)
        if max(parts, default=0) > LONGEST_PART or sum(parts) + len(parts) > LONGEST:
            self.fail(f"{path.name[:20]!r}... is too long a name", param, ctx)
        return path


FILE = PathName()
FOLDER = PathName(folder=True)


def usual_file(name: str, force: bool) -> Path:
    """The file of a run without --out: NAME, or NAME-2, NAME-3 ... if NAME exists. A line shows the chosen name.

    Args:
        name: the default name.
        force: whether an existing file is replaced.
    """
    from langevin.store.atomic import free_name

    path = Path(name)
    if force or not os.path.lexists(path):
        return path
    free = free_name(path)
    click.echo(f"{path} exists already, so this goes to {free}", err=True)
    return free
