"""The state of a training to be continued: numbers and texts in one HDF5 file, read with the checks of a run file.

    /state    NAME    (one to three axes)   numbers that stay in the file until they are used
    /meta     attributes: origin of the state, `state_version`, `schema_version`

It contains no Python objects. The reader checks the shape of an array before it reads the numbers (`StoredArray`), so
the file does not decide any size.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from langevin.errors import InputFileError
from langevin.store.encode import write_meta, write_state
from langevin.store.layout import AXIS, STATE
from langevin.store.sink import new_file
from langevin.store.stored import StoredArray
from langevin.store.trusted import check_size, datasets, open_run, read_meta, refusal

#: Increased with every change that an older reader would misread.
STATE_VERSION = 1


def write_state_file(path: Path, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
    """Write a state, which replaces the one before: arrays of numbers by name, and their origin, as plain values.

    Raises:
        OutputError: the operating system refuses.
        UsageError: a file cannot contain a name or a type.
    """
    with new_file(path, force=True) as file:
        write_state(file, arrays)
        write_meta(file.create_group("meta"), {**meta, "state_version": STATE_VERSION})


def open_state(path: Path) -> tuple[dict[str, StoredArray], dict[str, Any]]:
    """The arrays of a state by name, not read yet, and their origin.

    Raises:
        InputFileError: the file is missing, a link, damaged, not a state, or a state of another version.
    """
    if path.is_symlink() or path.parent.is_symlink():
        raise refusal(path, "it is a link to elsewhere")
    with open_run(path) as file:
        meta = read_meta(file)
        version = meta.get("state_version")
        if version != STATE_VERSION:
            raise InputFileError(
                f"{path} has state version {json.dumps(version)[:20]}, but only {STATE_VERSION} can go on: begin the "
                "run again, with --force"
            )
        found = datasets(file, STATE)
        check_size(path, list(found.values()))
        if any(data.dtype.kind not in "biuf" for data in found.values()):
            raise refusal(path, "its state holds something else than numbers")
        arrays = {name: data for name, data in found.items() if not name.startswith(AXIS)}
        return {name: StoredArray.of(path, data) for name, data in arrays.items()}, meta
