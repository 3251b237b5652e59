"""Test the contracts of a network: its start, outputs, loss and gradient, and a few steps of a training."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from langevin.errors import LangevinError
from langevin.landscapes.contracts import Finding
from langevin.sgld.model import Model
from langevin.sgld.records import Law
from langevin.sgld.training import train
from langevin.sgld.weights import weights

#: Number of steps of the training that is repeated, and its learning rate, which is small for any network.
STEPS, RATE = 5, 1e-4
SEED = 1


def check_model(model: Model) -> list[Finding]:
    """Test the contracts of a network; the check ends at the first failure, since later tests would fail too."""
    found = []
    for name, look in (("dials", _dials), ("start", _start), ("outputs", _outputs), ("training", _training)):
        try:
            found.append(Finding(name, *look(model)))
        except LangevinError as error:
            found.append(Finding(name, False, str(error)))
        except Exception as error:
            first = str(error).strip().partition("\n")[0]
            found.append(Finding(name, False, f"it fails: {type(error).__name__}: {first}"))
        if not found[-1].passed:
            break
    return found


def _dials(model: Model) -> tuple[bool, str]:
    """Whether a run file can hold the dials, as JSON."""
    json.dumps(dict(model.dials))
    return True, f"{len(model.dials)}, which a run file can hold"


def _leaves(tree: Any) -> list[Any]:
    import jax

    return [np.asarray(leaf) for leaf in jax.tree.leaves(tree)]


def _start(model: Model) -> tuple[bool, str]:
    """Whether one key gives the same weights twice, and all are finite."""
    import jax

    once, again = (_leaves(model.init(jax.random.key(SEED))) for _ in range(2))
    if not all(np.array_equal(one, other) for one, other in zip(once, again, strict=True)):
        return False, "two calls of init with one key give different weights"
    if not all(np.isfinite(leaf).all() for leaf in once):
        return False, "weights that are not finite"
    return True, f"{sum(leaf.size for leaf in once)} finite weights, the same for the same key"


def _outputs(model: Model) -> tuple[bool, str]:
    """Whether outputs on both sets are finite, with one row for each sample."""
    import jax

    start = model.init(jax.random.key(SEED))
    for part, data in model.parts:
        outputs = np.asarray(model.apply(start, data.inputs))
        if outputs.ndim != 2 or len(outputs) != len(data.targets):
            return False, f"{part} set: shape {outputs.shape}, to be ({len(data.targets)}, outputs)"
        if not np.isfinite(outputs).all():
            return False, f"{part} set: outputs that are not finite"
    return True, "finite, one row for each sample"


def _training(model: Model) -> tuple[bool, str]:
    """Whether a short training stays finite, and gives the same weights twice with the same seed."""
    runs = [train(model, Law(RATE), steps=STEPS, chains=1, seed=SEED) for _ in range(2)]
    once, again = (_leaves(weights(run, model)) for run in runs)
    if not all(np.isfinite(leaf).all() for leaf in once):
        return False, f"weights that are not finite after {STEPS} steps of size {RATE:g}"
    same = all(np.array_equal(one, other) for one, other in zip(once, again, strict=True))
    return same, f"{STEPS} steps, {'the same' if same else 'other bits'} when they are repeated"
