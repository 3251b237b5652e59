"""Modules of kernels: written once for each content, named by its hash, and imported."""

from __future__ import annotations

import hashlib
import importlib
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from langevin.formulas.lines import Lines, text_of
from langevin.kernels.passed import cache_folder

HEAD = '''"""Kernels that langevin wrote of a formula."""

import math

import numpy as np
'''
#: Digits of the hash in a module's name.
DIGITS = 32


def module_of(kernels: Mapping[str, Any], lines: Lines, dim: int, parameters: Sequence[str]) -> ModuleType:
    """Import a module with a kernel for each array of names.

    Args:
        kernels: the array that each kernel fills, by the kernel's name: shape () for a value, (dim,) ...
        lines: the operations that these arrays need.
        dim: coordinates, whose names are x0, x1 ...
        parameters: names of the numbers that the kernels take.
    """
    text = HEAD + "".join(
        _kernel(name, np.asarray(values, object), lines, dim, parameters) for name, values in kernels.items()
    )
    name = f"formula_{hashlib.sha256(text.encode()).hexdigest()[:DIGITS]}"
    _write(folder() / f"{name}.py", text)
    importlib.invalidate_caches()
    return importlib.import_module(f"langevin.formulas.kept.{name}")


@cache
def folder() -> Path:
    """Where the modules lie: in the cache of this user, or in a folder of this process if that cannot be written."""
    place = cache_folder() / "langevin-formulas"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            return place
    except OSError:
        return Path(tempfile.mkdtemp(prefix="langevin-formulas-"))


def _write(path: Path, text: str) -> None:
    """Write a module unless it is there with this text; another process sees all of it or none."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, suffix=".tmp", delete=False, encoding="utf-8"
    ) as part:
        part.write(text)
    Path(part.name).replace(path)


def _kernel(name: str, values: Any, lines: Lines, dim: int, parameters: Sequence[str]) -> str:
    """The text of a kernel that fills an array (..., lanes)."""
    taken = [f"{', '.join(parameters)}{',' * (len(parameters) == 1)} = parameters"] if parameters else []
    read = [f"x{i} = x[{i}, lane]" for i in range(dim)]
    fill = [
        f"out[{', '.join([*map(str, place), 'lane'])}] = {text_of(values[place])}"
        for place in np.ndindex(values.shape)
    ]
    each = "".join(f"        {line}\n" for line in [*read, *lines.needed(values.ravel()), *fill])
    head = "".join(f"    {line}\n" for line in taken)
    return f"\n\ndef {name}(x, out, parameters):\n{head}    for lane in range(x.shape[1]):\n{each}"
