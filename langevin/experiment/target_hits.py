"""A target looked at where walkers hit it: a small one may have escaped the look before the run."""

from __future__ import annotations

import time

import numpy as np

from langevin.kernels.targets import targets_of
from langevin.landscapes.target_contract import is_distance
from langevin.types import Landscape, Status, Trajectory

#: Hits that are looked at, and the time that it takes.
HITS, SECONDS = 8, 0.05


def doubt_of_hits(landscape: Landscape, trajectory: Trajectory) -> str:
    """Why the times to the targets are not to be trusted, by the places where they were hit; empty if they are."""
    hits = np.flatnonzero(np.asarray(trajectory.events["status"]) == Status.HIT)[:HITS]
    if not hits.size:
        return ""
    places = np.concatenate([trajectory.states[hits[:1], 0], trajectory.states[hits, -1]])
    points = np.ascontiguousarray(places[np.isfinite(places).all(axis=1)].T)
    deadline = time.thread_time() + SECONDS
    for target in targets_of(landscape):
        seen = is_distance(landscape, target, points, deadline)
        if not seen.passed:
            return f"the target is no signed distance where walkers hit it: {seen.detail}; {seen.remedy}"
    return ""
