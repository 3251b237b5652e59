"""The landscape of a recorded run, made again from the configuration in its file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from langevin.dynamics import dynamics_of
from langevin.errors import LangevinError, UsageError
from langevin.experiment.ensembles import cube_at, seed_at
from langevin.experiment.own import plain as plain_dials
from langevin.experiment.own import wanted
from langevin.kernels.streams import start_uniforms
from langevin.potentials import with_weight_decay
from langevin.registry import factory, names
from langevin.types import FloatArray, Landscape, Trajectory

DECAYED = " with weight decay"
#: A file may be anyone's: no number in it makes a landscape much larger than its states.
MOST = 2000


def rebuilt(trajectory: Trajectory) -> Landscape:
    """The landscape that the run's meta names, if it is one of langevin's own and has the same dials.

    Raises:
        UsageError: it is not, so theories of a landscape do not apply.
    """
    meta, dim, own_words = trajectory.meta, trajectory.states.shape[2], wanted(trajectory)
    if own_words:
        raise UsageError(
            f"this run is of a landscape of its maker's own, so its theories need it: add {own_words}"
        )
    name, dials = str(meta.get("landscape")), meta.get("dials")
    plain = name.removesuffix(DECAYED)
    home = next(
        (home for home in ("manifolds", "potentials") if plain.replace("_", "-") in names(home)), None
    )
    if home is None or not isinstance(dials, Mapping):
        raise UsageError(
            f"{name!r} is none of langevin's own landscapes, so give the one it was run on: add "
            "--manifold module:name or --potential module:name, from the folder of its file"
        )
    own = {dial: value for dial, value in dials.items() if name == plain or dial != "weight_decay"}
    counts = [value for dial, value in own.items() if isinstance(value, int) and "seed" not in dial]
    try:
        if max(counts, default=0) > max(MOST, dim):
            raise UsageError(f"its dials ask for more than {MOST} coordinates, the states have {dim}")
        landscape: Landscape = factory(home, plain)(**own)
        if name != plain:
            landscape = with_weight_decay(landscape, dials["weight_decay"])
    except (LangevinError, TypeError, ValueError, KeyError) as error:
        raise UsageError(f"the {plain} of this file cannot be made again: {error}") from error
    if landscape.dim != dim or plain_dials(landscape.dials) != plain_dials(dials):
        raise UsageError(
            f"the {name} of this file is not langevin's own, which has other dials, so its theories do not apply"
        )
    return landscape


def starts_as_usual(landscape: Landscape, trajectory: Trajectory) -> bool:
    """Whether the walkers, the first ones of the seed, began where the landscape starts them.

    A run that joins ensembles of cubes has the first walkers of the seed of each, on the cube of each.
    """
    meta, first, corner = trajectory.meta, trajectory.states[:, 0], landscape.facts.corner
    heat = 0.0 if dynamics_of(meta["dynamics"]).cold else meta["temperature"]
    if corner is None or "samples" not in trajectory.events:
        return _usual(landscape, first, meta["seed"], heat)
    labels = np.asarray(trajectory.events["samples"])
    return all(
        0 <= k < corner.dim and _usual(cube_at(corner, k), first[labels == k], seed_at(meta["seed"], k), heat)
        for k in np.unique(labels).tolist()
    )


def _usual(landscape: Landscape, first: FloatArray, seed: int, heat: float) -> bool:
    uniforms = start_uniforms(seed, np.arange(len(first), dtype=np.uint64), landscape.dim)
    return bool(np.allclose(first, landscape.start(uniforms, heat)))
