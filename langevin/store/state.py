"""The state of a training that may go on: numbers and texts in one HDF5 file, read as mistrustfully as a run file.

    /state    NAME    (one to three axes)   numbers, which stay in the file until they are used
    /meta     attributes, each a JSON text: what the state is of, `state_version`, `schema_version`

It holds no Python objects. Whoever reads it asks for the shape of an array before its numbers (`StoredArray`), so that
the file decides no size.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
from numpy.typing import NDArray

from langevin.errors import InputFileError
from langevin.store.encode import write_array, write_meta
from langevin.store.stored import StoredArray
from langevin.store.trusted import check_size, datasets, open_run, read_meta, refusal

#: Changes with everything that an older reader would misread.
STATE_VERSION = 1
GROUP = "state"


def encode_state(arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> bytes:
    """Bytes of a state: arrays of numbers by name, and what they are of, in values that JSON can hold.

    Raises:
        UsageError: a name or a type that a file cannot hold.
    """
    with h5py.File(
        secrets.token_hex(8), "w", driver="core", backing_store=False, libver=("v110", "v110")
    ) as file:
        group = file.create_group(GROUP)
        for name, values in arrays.items():
            write_array(group, name, values, ())
        write_meta(file.create_group("meta"), {**meta, "state_version": STATE_VERSION})
        file.flush()
        content: bytes = file.id.get_file_image()
        return content


def open_state(path: Path) -> tuple[dict[str, StoredArray], dict[str, Any]]:
    """The arrays of a state by name, none of them read, and what they are of.

    Raises:
        InputFileError: missing, a link, damaged, no state, or one of another version.
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
        found = datasets(file, GROUP)
        check_size(path, list(found.values()))
        if any(data.dtype.kind not in "biuf" for data in found.values()):
            raise refusal(path, "its state holds something else than numbers")
        return {name: StoredArray.of(path, data) for name, data in found.items()}, meta
