"""Divide the networks of a run into parts and join them: for the workers of an executor, and in an extension.

A task advances the networks of one part (one block or a few) by some steps, and returns their weights and their
records at recorded steps. The bits are those of a run that is not divided.
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
from langevin.sgld.lanes import single, stack
from langevin.sgld.model import Model
from langevin.sgld.plan import Plan
from langevin.sgld.programs import programs_kept
from langevin.sgld.progress import Frame, Progress, Setup, begin
from langevin.sgld.record import ranks_of
from langevin.sgld.travel import FIRST_CALL, Found, onward
from langevin.workers import Flag, Leg, Windows, legs, opened, packed

#: Largest number of parts of a run.
TASKS = 32
#: Arrays of `Progress` that have a row for each network, and fields that a worker does not need.
EACH = ("status", "end", "since", "changed", "memory", "marked", "marks")
WHOLE = "initial weights"


@dataclass(frozen=True, eq=False)
class Training:
    """A network and its plan, with the setups that this process has made for parts of it."""

    model: Model
    plan: Plan
    setups: dict[range, Setup] = field(default_factory=dict)

    def setup(self, part: range) -> Setup:
        """The setup that advances the networks of these numbers."""
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
    """Advance networks to the last step as `onward` does, over the workers of an executor.

    Args:
        executor: an executor of tasks: threads, processes, a cluster.
        setup: the setup of the run.
        now: the progress at the beginning of the run, or the progress that was kept.
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
    for window in legs(executor, carry, calls, at, partial(_is_unfinished, plan), windows):
        at = [leg.at if leg else one for leg, one in zip(window, at)]
        ranks = [
            leg.found.ranks if leg and leg.found.ranks is not None else one for leg, one in zip(window, ranks)
        ]
        now = _joined(now, at, window)
        visits = [leg.found.visits if leg else [] for leg in window]
        yield Found(now, _together(visits, at) if seen else [], np.concatenate(ranks))


def hashes_of(training: Training) -> dict[str, str]:
    """Hashes of what decides the bits of a training, without its settings and without initial weights."""
    plan = training.plan
    with computing(plan.computation):
        fresh = begin(training.model, plan, range(min(plan.computation.lanes, plan.total)))
        return {name: value for name, value in content(*fresh).items() if name != WHOLE}


def carry(sent: Any, chains: range, seen: bool, flag: Flag, at: Progress, until: int) -> Leg:
    """The task of a worker: advance the networks `chains` up to the step `until`."""
    training: Training = opened(sent, hashes_of)
    now, visits, began = at._replace(frames=list(at.frames)), [], time.perf_counter()
    with computing(training.plan.computation), programs_kept(training.model, training.plan):
        setup = training.setup(chains)
        for found in onward(setup, now, until, seen):
            now = found.now
            visits += found.visits
            if flag.raised:
                break
        ended = not _is_unfinished(training.plan, now)
        ranks = ranks_of(setup, now, chains.start) if ended else None
        states = jax.tree.map(np.asarray, now.states)
    last = now._replace(states=states, frames=now.frames[now.draws - 1 : now.draws], draws=1)
    return Leg(
        last, Seen(now.frames[1 : now.draws], visits, ranks), now.at - at.at, time.perf_counter() - began
    )


def lasting(now: Progress) -> Frame:
    """The last frame of networks that have ended, which is used for later frames too.

    It always has their weights, also if a later step keeps none: `alike` then removes them.
    """
    return now.frames[now.draws - 1]._replace(weights=rows_of(state.weights for state in now.states))


def alike(parts: Sequence[Frame]) -> list[NDArray[np.float32]]:
    """The weights in frames of one step; those from `lasting` are removed if the other frames have none."""
    width = min(part.weights.shape[1] for part in parts)
    return [part.weights[:, :width] for part in parts]


def places(plan: Plan, chains: int) -> NDArray[np.int64]:
    """Numbers in the whole plan of the networks of a run with `chains` chains in each setting of the sweep."""
    settings = np.arange(len(plan.laws))[:, None]
    return np.asarray((settings * plan.chains + np.arange(chains)).ravel())


def joined(setup: Setup, then: Setup, old: Progress, new: Progress, chosen: NDArray[np.int64]) -> Progress:
    """The progress of all networks of an extension, from the earlier networks and the new ones.

    Args:
        setup: the setup of all networks.
        then: the setup of the earlier networks.
        old: the progress of the earlier networks.
        new: the progress of all networks, in which the rows of the earlier ones are not used.
        chosen: numbers of the earlier networks among all.
    """
    alone = _alone(setup, new)
    for place, state in zip(chosen.tolist(), _alone(then, old), strict=True):
        alone[place] = state
    states = tuple(stack([alone[chain] for chain in block.chains]) for block in setup.blocks)
    draws = max(old.draws, new.draws)

    def with_old_rows(mine: NDArray[Any], theirs: NDArray[Any]) -> NDArray[Any]:
        both = mine.copy()
        both[chosen] = theirs
        return both

    frames, mine_last, theirs_last = [], lasting(new), lasting(old)
    for draw in range(draws):
        mine = new.frames[draw] if draw < new.draws else mine_last
        theirs = old.frames[draw] if draw < old.draws else theirs_last
        values = {name: with_old_rows(mine.values[name], theirs.values[name]) for name in mine.values}
        frames.append(
            Frame(values, with_old_rows(mine.states, theirs.states), with_old_rows(*alike((mine, theirs))))
        )
    # Weights that are kept without a request may be too many for all networks together.
    dropped = ("marked", "marks") if new.marks.shape[2] < old.marks.shape[2] else ()
    arrays = {
        name: getattr(new, name) if name in dropped else with_old_rows(getattr(new, name), getattr(old, name))
        for name in EACH
    }
    return Progress(max(old.at, new.at), states, **arrays, frames=frames, draws=draws)


def _is_unfinished(plan: Plan, at: Progress) -> bool:
    """Whether there are networks that have not stopped before the last step."""
    return at.at < plan.steps and bool(at.running.any())


def _part(setup: Setup, now: Progress, blocks: slice) -> tuple[range, Progress]:
    """The numbers of the networks of some blocks, and the progress of these, with their last frame."""
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
    """The progress of the run after a window, joined from its parts; a network that has ended keeps its last frame."""
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
    """Recorded steps with the weights of all networks; a network that has ended has its last weights."""
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
    """The present weights of networks."""
    return [single(state.weights, lane) for state in part.states for lane in range(len(state.step))]


def _alone(setup: Setup, now: Progress) -> list[Any]:
    """The state of each network, in the order of the chains."""
    return [
        single(state, lane)
        for block, state in zip(setup.blocks, now.states)
        for lane in range(len(block.chains))
    ]
