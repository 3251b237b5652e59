"""The parts of an observable of a run, put together again."""

from __future__ import annotations

import numpy as np

from langevin.errors import UsageError
from langevin.types import FloatArray, Trajectory


def observable_parts(run: Trajectory, name: str) -> tuple[list[str], FloatArray]:
    """Names of the parts of an observable, and their numbers (chains, draws, parts).

        frequencies, shares = langevin.sgld.observable_parts(run, "embedding_spectrum")

    Parts that are called by numbers stand in the order of these, others in that of the run.

    Args:
        run: a training, live or loaded.
        name: of the observable, without a part.

    Raises:
        UsageError: the run has no observable with parts of this name.
    """
    found = {
        one.removeprefix(f"{name}[").removesuffix("]"): one
        for one in run.observables
        if one.startswith(f"{name}[") and one.endswith("]")
    }
    if not found:
        several = sorted({one.partition("[")[0] for one in run.observables if one.endswith("]")})
        raise UsageError(
            f"the run has no observable {name!r} with parts",
            f"it has {', '.join(several) or 'none with parts'}",
            "name one of these, or take `run.observables` for one without parts",
        )
    names = sorted(found, key=int) if all(map(str.isdecimal, found)) else [*found]
    return names, np.stack([np.asarray(run.observables[found[one]]) for one in names], axis=2)
