"""Networks of a run, joined with others that were trained later."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.sgld.lanes import single, stack
from langevin.sgld.plan import Plan
from langevin.sgld.progress import Frame, Progress, Setup
from langevin.sgld.spread import EACH, alike, lasting


def places(plan: Plan, chains: int) -> NDArray[np.int64]:
    """Numbers in the whole plan of the networks of a run that had so many chains in each setting of the sweep."""
    settings = np.arange(len(plan.laws))[:, None]
    return np.asarray((settings * plan.chains + np.arange(chains)).ravel())


def joined(setup: Setup, then: Setup, old: Progress, new: Progress, chosen: NDArray[np.int64]) -> Progress:
    """All networks where each of them is.

    Args:
        setup: of all.
        then: of the networks of before.
        old: how far these are.
        new: how far all are, of which those of before have no meaning.
        chosen: numbers of those of before among all.
    """
    alone = _alone(setup, new)
    for place, state in zip(chosen.tolist(), _alone(then, old), strict=True):
        alone[place] = state
    states = tuple(stack([alone[chain] for chain in block.chains]) for block in setup.blocks)
    draws = max(old.draws, new.draws)

    def beside(mine: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
        both = mine.copy()
        both[chosen] = theirs
        return both

    frames, mine_last, theirs_last = [], lasting(new), lasting(old)
    for draw in range(draws):
        mine = new.frames[draw] if draw < new.draws else mine_last
        theirs = old.frames[draw] if draw < old.draws else theirs_last
        values = {name: beside(mine.values[name], theirs.values[name]) for name in mine.values}
        frames.append(Frame(values, beside(mine.states, theirs.states), beside(*alike((mine, theirs)))))
    # Weights that are kept without being asked for may be too many of all networks.
    dropped = ("marked", "marks") if new.marks.shape[2] < old.marks.shape[2] else ()
    arrays = {
        name: getattr(new, name) if name in dropped else beside(getattr(new, name), getattr(old, name))
        for name in EACH
    }
    return Progress(max(old.at, new.at), states, **arrays, frames=frames, draws=draws)


def _alone(setup: Setup, now: Progress) -> list[Any]:
    """The state of each network, in the order of the chains."""
    return [
        single(state, lane)
        for block, state in zip(setup.blocks, now.states)
        for lane in range(len(block.chains))
    ]
