"""The networks of a run taken apart, and joined: over the workers of an executor, and with others trained later.

A task carries the networks of one part, one block or a few, through some steps, and brings back their weights and what
was seen of them at recorded steps. The bits are those of a run that is not taken apart.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from langevin.sgld.computation import computing
from langevin.sgld.content import content
from langevin.sgld.kept import rows_of
from langevin.sgld.kept_programs import programs_kept
from langevin.sgld.lanes import single, stack
from langevin.sgld.model import Model
from langevin.sgld.plan import Plan
from langevin.sgld.progress import Frame, Progress, Setup, begin
from langevin.sgld.record import ranks_of
from langevin.sgld.travel import FIRST_CALL, Found, onward
from langevin.workers import Flag, Leg, Windows, legs, opened, packed

#: Most parts of a run.
TASKS = 32
#: Arrays of `Progress` that have a row for each network, and what depends on networks that no worker has.
EACH = ("status", "end", "since", "changed", "memory", "marked", "marks")
WHOLE = "initial weights"


@dataclass(frozen=True, eq=False)
class Training:
    """A network and its plan, and what a process has made ready to advance parts of it."""

    model: Model
    plan: Plan
    setups: dict[range, Setup] = field(default_factory=dict)

    def setup(self, part: range) -> Setup:
        """What networks of these numbers are advanced with."""
        if part not in self.setups:
            self.setups[part] = begin(self.model, self.plan, part)[0]
        return self.setups[part]


class Seen(NamedTuple):
    """The results of a task: frames, weights at recorded steps if requested, and ranks of networks at their end."""

    frames: list[Frame]
    visits: list[tuple[int, list[Any]]]
    ranks: NDArray[np.int64] | None


def onward_over(
    executor: Executor, setup: Setup, now: Progress, known: Mapping[str, str], seen: bool
) -> Generator[Found]:
    """As `onward` to the last step, over the workers of an executor.

    Args:
        executor: anything that takes tasks: threads, processes, a cluster.
        setup: of the run.
        now: at its beginning, or where it was kept.
        known: the hashes of `content`.
        seen: whether the weights at recorded steps are requested.

    Raises:
        UsageError: the network cannot be sent, or a worker has another version of it.
        WorkersLost: the workers have died.
    """
    plan = setup.plan
    hashes = {name: value for name, value in known.items() if name != WHOLE}
    sent = packed(executor, Training(setup.whole, plan), setup.whole.name, lambda: hashes)
    cuts = np.linspace(0, len(setup.blocks), min(TASKS, len(setup.blocks)) + 1).round().astype(int).tolist()
    parts = [_part(setup, now, slice(begin, end)) for begin, end in pairwise(cuts)]
    calls = [(sent, chains, seen) for chains, _ in parts]
    at, ranks = [one for _, one in parts], [np.full(len(chains), -1) for chains, _ in parts]
    windows = Windows([now.at], last=plan.steps, steps=FIRST_CALL, most=np.inf)
    for window in legs(executor, carry, calls, at, partial(_goes_on, plan), windows):
        at = [leg.at if leg else one for leg, one in zip(window, at)]
        ranks = [
            leg.found.ranks if leg and leg.found.ranks is not None else one for leg, one in zip(window, ranks)
        ]
        now = _joined(now, at, window)
        visits = [leg.found.visits if leg else [] for leg in window]
        yield Found(now, _together(visits, at) if seen else [], np.concatenate(ranks))


def hashes_of(training: Training) -> dict[str, str]:
    """What decides the bits of a training but its settings, all networks' initial weights left out."""
    plan = training.plan
    with computing(plan.computation):
        fresh = begin(training.model, plan, range(min(plan.computation.lanes, plan.total)))
        return {name: value for name, value in content(*fresh).items() if name != WHOLE}


def carry(sent: Any, chains: range, seen: bool, flag: Flag, at: Progress, until: int) -> Leg:
    """The task: advance the networks of some numbers up to the step `until`."""
    training: Training = opened(sent, hashes_of)
    now, visits, began = at._replace(frames=list(at.frames)), [], time.perf_counter()
    with computing(training.plan.computation), programs_kept(training.model, training.plan):
        setup = training.setup(chains)
        for found in onward(setup, now, until, seen):
            now = found.now
            visits += found.visits
            if flag.raised:
                break
        ended = not _goes_on(training.plan, now)
        ranks = ranks_of(setup, now, chains.start) if ended else None
        states = jax.tree.map(np.asarray, now.states)
    last = now._replace(states=states, frames=now.frames[now.draws - 1 : now.draws], draws=1)
    return Leg(
        last, Seen(now.frames[1 : now.draws], visits, ranks), now.at - at.at, time.perf_counter() - began
    )


def lasting(now: Progress) -> Frame:
    """The last frame of networks that have ended, instead of a later one.

    It has their weights, whether or not a later step keeps them: `alike` says how many columns count.
    """
    return now.frames[now.draws - 1]._replace(weights=rows_of(state.weights for state in now.states))


def alike(parts: Sequence[Frame]) -> list[NDArray[np.float32]]:
    """The weights in frames of one step: none of those in `lasting` if the others show that the step keeps none."""
    width = min(part.weights.shape[1] for part in parts)
    return [part.weights[:, :width] for part in parts]


def places(plan: Plan, chains: int) -> NDArray[np.int64]:
    """Numbers in the whole plan of the networks of a run with `chains` chains in each setting of the sweep."""
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
    # Weights that are kept without a request may be too many for all networks together.
    dropped = ("marked", "marks") if new.marks.shape[2] < old.marks.shape[2] else ()
    arrays = {
        name: getattr(new, name) if name in dropped else beside(getattr(new, name), getattr(old, name))
        for name in EACH
    }
    return Progress(max(old.at, new.at), states, **arrays, frames=frames, draws=draws)


def _goes_on(plan: Plan, at: Progress) -> bool:
    """Whether networks are on the way."""
    return at.at < plan.steps and bool(at.running.any())


def _part(setup: Setup, now: Progress, blocks: slice) -> tuple[range, Progress]:
    """The numbers of the networks of some blocks, and where these are, with their last frame."""
    own = setup.blocks[blocks]
    chains = range(own[0].chains.start, own[-1].chains.stop)
    rows, last = slice(chains.start, chains.stop), now.frames[now.draws - 1]
    frame = Frame(
        {name: value[rows] for name, value in last.values.items()}, last.states[rows], last.weights[rows]
    )
    arrays = {name: getattr(now, name)[rows] for name in EACH}
    states = jax.tree.map(np.asarray, now.states[blocks])
    return chains, now._replace(states=states, frames=[frame], draws=1, **arrays)


def _joined(now: Progress, at: Sequence[Progress], window: Sequence[Leg | None]) -> Progress:
    """The run after a window in which its parts have come so far; a network that has ended keeps its last frame."""
    seen: list[list[Frame]] = [leg.found.frames if leg else [] for leg in window]
    count = max(map(len, seen))
    filled = [
        [*frames, *([lasting(one)] * (count - len(frames)) if len(frames) < count else [])]
        for frames, one in zip(seen, at)
    ]
    frames = [_frame(parts) for parts in zip(*filled)]
    return Progress(
        at=max(leg.at.at for leg in window if leg),
        states=tuple(state for one in at for state in one.states),
        frames=[*now.frames[: now.draws], *frames],
        draws=now.draws + count,
        **{name: np.concatenate([getattr(one, name) for one in at]) for name in EACH},
    )


def _frame(parts: Sequence[Frame]) -> Frame:
    """One recorded step of all networks."""
    values = {name: np.concatenate([part.values[name] for part in parts]) for name in parts[0].values}
    states = np.concatenate([part.states for part in parts])
    return Frame(values, states, np.concatenate(alike(parts)))


def _together(
    visits: Sequence[list[tuple[int, list[Any]]]], at: Sequence[Progress]
) -> list[tuple[int, list[Any]]]:
    """Recorded steps with the weights of all networks; those of one that has ended stay."""
    longest = max(visits, key=len)
    return [
        (
            step,
            [
                weights
                for seen, one in zip(visits, at)
                for weights in (seen[i][1] if i < len(seen) else _still(one))
            ],
        )
        for i, (step, _) in enumerate(longest)
    ]


def _still(part: Progress) -> list[Any]:
    """The weights of networks where they are."""
    return [single(state.weights, lane) for state in part.states for lane in range(len(state.step))]


def _alone(setup: Setup, now: Progress) -> list[Any]:
    """The state of each network, in the order of the chains."""
    return [
        single(state, lane)
        for block, state in zip(setup.blocks, now.states)
        for lane in range(len(block.chains))
    ]
