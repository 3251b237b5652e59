"""Typed starts of walkers or networks: a point, states or weights of a run file, arrays of an npz file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from langevin.errors import InputFileError, UsageError, unfit
from langevin.types import FloatArray

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from langevin.sgld import Model, Start

#: After the name of a run file: its walkers' last states, which is also the default.
LAST = "last"
START_FORMS = "takes x1,x2,... or FILE, FILE:last or FILE:walker"
FROM_FORMS = (
    "takes FILE, FILE:STEP, FILE:STEP:NETWORK or FILE.npz; "
    "STEP is a number, memorised, generalised, arrived or end"
)
#: Steps that have a name.
NAMED = ("memorised", "generalised", "arrived", "end")
#: Largest unpacked size of an npz file in bytes: 2 GiB.
MOST_BYTES = 2**31


def parse_start(text: str, seed: int) -> FloatArray:
    """A state (dim,) for all walkers, or states (walkers, dim), one for each.

    Args:
        text: `x1,x2,...`, a point; `FILE` or `FILE:last`, the last state of each walker of a run file; `FILE:walker`,
            the last state of the walker of this number.
        seed: of the run that is to start.

    Raises:
        UsageError: none of these, a walker that the run does not have, or the seed of the run whose states are taken.
        InputFileError: no run file, one of a network or of rates, or a walker that was lost.
    """
    try:
        point = np.array([float(part) for part in text.split(",")])
    except ValueError:
        return _states(text, seed)
    if not np.isfinite(point).all():
        raise unfit("--start", "takes finite numbers", f"{text!r}")
    return point


def parse_from(text: str, network: Model, seed: int | None) -> Start:
    """Weights to start from: of each network of a run file, of one of its networks, or of an npz file.

    Args:
        text: `FILE`, the weights of each network at its end; `FILE:STEP`, at a step at which they were kept;
            `FILE:STEP:NETWORK`, the weights of one network, for all networks; `FILE.npz`, arrays by name, for all.
        network: that is to be trained.
        seed: of the run that is to start; None if nothing is run.

    Raises:
        UsageError: none of these, weights that are not of this network, or the seed of the run that they are of.
        InputFileError: no run file of networks, or a damaged file.
    """
    from langevin.sgld import Start
    from langevin.sgld.start_from import from_arrays

    file = file_of(text)
    if file.suffix == ".npz":
        return Start((from_arrays(network, read_arrays(file)),), f"arrays of {file.name}")
    file, step, chain = parts_of(text)
    return _from_run(file, step, chain, network, seed)


def file_of(text: str) -> Path:
    """The file that is named.

    Raises:
        UsageError: no file is named.
    """
    if not text or "\0" in text:
        raise unfit("--from", FROM_FORMS, f"{text!r}")
    return Path(text) if text.endswith(".npz") else parts_of(text)[0]


def parts_of(text: str) -> tuple[Path, int | str, int | None]:
    """File, step and network of `FILE`, `FILE:STEP` or `FILE:STEP:NETWORK`.

    Raises:
        UsageError: there is such a file, and no such step.
    """
    head, _, last = text.rpartition(":")
    before, _, middle = head.rpartition(":")
    if before and _is_step(middle) and _is_number(last):
        return Path(before), _step(middle), int(last)
    if head and _is_step(last):
        return Path(head), _step(last), None
    file = next((Path(one) for one in (head, before) if one and Path(one).is_file()), None)
    if file is not None and not Path(text).exists():
        raise unfit(f"--from {file}", FROM_FORMS, repr(text))
    return Path(text), "end", None


def read_arrays(file: Path) -> dict[str, NDArray[np.generic]]:
    """The arrays of an npz file by name. No code in it is called.

    Raises:
        InputFileError: it cannot be read, holds objects, or unpacks to more than 2 GiB.
    """
    import zipfile

    try:
        with zipfile.ZipFile(file) as archive:
            size = sum(one.file_size for one in archive.infolist())
        if size > MOST_BYTES:
            raise InputFileError(f"{file} unpacks to {size / 2**30:.1f} GiB", "at most 2 GiB of weights")
        with np.load(file, allow_pickle=False) as archive:
            names = archive.files
            found = {name: np.asarray(archive[name]) for name in names}
    except InputFileError:
        raise
    except OSError as error:
        raise InputFileError(
            f"{file} cannot be read: {error.strerror or error}", remedy="check the name"
        ) from error
    except Exception as error:  # a damaged archive raises almost any type
        first = (str(error).splitlines() or [type(error).__name__])[0][:100]
        raise InputFileError(
            f"{file} holds no plain arrays ({first})",
            "an npz file of arrays of numbers",
            "save it by numpy.savez",
        ) from error
    if len(found) < len(names):
        raise InputFileError(f"{file} holds two arrays of one name", "each name once", "save it again")
    if not found:
        raise InputFileError(f"{file} holds no arrays", "arrays by the names of the leaves", "save it again")
    return found


def _states(text: str, seed: int) -> FloatArray:
    from langevin.cli.reading import check_packed
    from langevin.store import load

    name, colon, which = text.rpartition(":")
    known = colon and name and (which == LAST or (which.isascii() and which.isdigit()))
    file, which = (Path(name), which) if known else (Path(text), LAST)
    if not text or "\0" in text:
        raise unfit("--start", START_FORMS, f"{text!r}")
    run = load(file)
    check_packed(file, run, "give a file that langevin wrote")
    count, frames, _ = run.states.shape
    if run.meta.get("kind") != "toy" or not frames:
        raise InputFileError(f"{file} holds no states of a landscape: --start takes those of a toy's run")
    if run.meta.get("seed") == seed:
        raise UsageError(
            f"the run of {file} has the seed {seed} too, so the noise that brought its walkers there would come again",
            "the seed must be new",
            "give another --seed, or leave it out",
        )
    if which != LAST and int(which) >= count:
        raise UsageError(f"{file} has no walker {which}", f"walkers 0 to {count - 1}", "name one of them")
    states: FloatArray = np.array(run.states[:, -1], np.float64)
    chosen = states if which == LAST else states[int(which)]
    if not np.isfinite(chosen).all():
        lost = int(np.flatnonzero(~np.isfinite(states).all(axis=1))[0]) if which == LAST else int(which)
        raise InputFileError(f"walker {lost} of {file} was lost: name one that was not, as --start {file}:0")
    return chosen


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20


def _is_step(text: str) -> bool:
    return text in NAMED or _is_number(text)


def _step(text: str) -> int | str:
    return text if text in NAMED else int(text)


def _from_run(file: Path, step: int | str, chain: int | None, network: Model, seed: int | None) -> Start:
    from langevin.sgld import Start
    from langevin.sgld.start_from import in_containers
    from langevin.sgld.weights import weights
    from langevin.store import load

    run = load(file)
    if run.meta.get("kind") != "network":
        raise InputFileError(
            f"{file} is of no network: --from takes a run of `langevin train`, or an npz file"
        )
    if seed is not None and run.meta.get("seed") == seed:
        raise UsageError(
            f"the run of {file} has the seed {seed} too, so noise and batches that brought its networks there would "
            "come again",
            "the seed must be new",
            "give another --seed, or leave it out",
        )
    count = len(run.events["status"])
    chosen = range(count) if chain is None else [chain]
    # Name, dials and data may differ from the run: only the shapes must fit, and they are checked later.
    found = tuple(in_containers(network, weights(run, None, one, step)) for one in chosen)
    which = f"each of {count} networks" if chain is None else f"network {chain}"
    return Start(found, f"{which} of {file.name} at {step if step in NAMED else f'step {step}'}")
