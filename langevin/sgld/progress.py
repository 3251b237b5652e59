"""The progress of all networks of a run, which advance together: their states, their recorded frames, and decisions.

A recorded step decides which networks have diverged, end, or change their law.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import random
from numpy.typing import NDArray

from langevin.errors import NumericalError
from langevin.sgld.computation import data_in, in_half
from langevin.sgld.criteria import NEVER, fulfilled, holding, streak
from langevin.sgld.held import beginning
from langevin.sgld.held import changed as changed_held
from langevin.sgld.kept import KIND, marked_width, reached
from langevin.sgld.lanes import single, stack
from langevin.sgld.law import State, memory_of
from langevin.sgld.model import Data, Model, Weights, trained
from langevin.sgld.observation import kept_signs
from langevin.sgld.observers import STANDARD, memory_count
from langevin.sgld.plan import Plan, factors, observers
from langevin.sgld.plan import changed as changed_law
from langevin.sgld.records import MOMENTS, NUMBERS
from langevin.sgld.start import initial_weights, network_keys
from langevin.sgld.start_from import Start, arranged
from langevin.sgld.stretch import stops_of
from langevin.types import FloatArray, Status

Whole = NDArray[np.int64]


class Frame(NamedTuple):
    """The record of one recorded step: observables (chains,) each, and sketches (chains, sketch).

    It also has the weights (chains, parameters) if they are kept at this step; otherwise they are (chains, 0).
    """

    values: dict[str, FloatArray]
    states: FloatArray
    weights: NDArray[np.float32]


class Block(NamedTuple):
    """Networks that are advanced together: their rows in `Progress`, their keys, and their initial weights."""

    chains: range
    keys: Any
    initial: Weights


class Progress(NamedTuple):
    """The progress of a run. It is never changed: the next one replaces it, so an interruption finds a complete one.

    `at` is the step up to which the running networks are done; `status`, `end` (the step at which each stopped) and
    `changed` (the law changed, -1) are (chains,). Each criterion to stop at has held `since` a step, -1 if it does
    not hold, (chains, criteria). `memory` (chains, width) is that of observables. Weights were kept at the steps
    `marked` (chains, moments) of what `langevin.sgld.records.MOMENTS` names, -1 for not yet: the rows `marks` (chains,
    moments, parameters), whose last axis is empty if none are kept. Of the frames the first `draws` count.
    """

    at: int
    states: tuple[State, ...]
    status: Whole
    end: Whole
    since: Whole
    changed: Whole
    memory: FloatArray
    marked: Whole
    marks: NDArray[np.float32]
    frames: list[Frame]
    draws: int

    @property
    def running(self) -> NDArray[np.bool_]:
        """Which networks (chains,) have not stopped."""
        return self.end < 0


class Setup(NamedTuple):
    """The constant data of a run, or of a part of its networks, for which `first` is the number of the first network.

    `model` has outputs in the precision chosen for them, `whole` in the precision of the training. A call of compiled
    code has `stops` stops; weights are kept at the steps `keeps`; `levels` (chains,) are losses of arrival
    (`langevin.sgld.kept.reached`).
    """

    model: Model
    whole: Model
    plan: Plan
    data: tuple[Data, Data | None]
    signs: Any
    blocks: tuple[Block, ...]
    stops: int
    levels: FloatArray
    keeps: frozenset[int]
    first: int = 0


def begin(model: Model, plan: Plan, part: range | None = None) -> tuple[Setup, Progress]:
    """The networks at step 0.

    Networks of the same number in different settings share initial weights and noise, unless the protocol has `own`.

    Args:
        model: the network.
        plan: the plan of the run.
        part: the requested chains of the run; it must begin at the first chain of a block; by default all. Their
            blocks are numbered from 0.
    """
    whole, model = model, in_half(model, plan.computation.apply)
    dtype, lanes = plan.computation.dtype, plan.computation.lanes
    data = data_in(model.train, dtype), None if model.test is None else data_in(model.test, dtype)
    start = None if plan.start is None else arranged(model, plan.start)
    part, blocks, states = part or range(plan.total), [], []
    for first in part[::lanes]:
        chains = range(first, min(first + lanes, part.stop))
        keys, run_keys = zip(*(keys_of(plan, chain) for chain in chains))
        starts = [_first(model, dtype, start, chain % plan.chains, key) for chain, key in zip(chains, keys)]
        number, held = partial(np.asarray, dtype=dtype), beginning(plan.protocol.after_memorisation, dtype)
        laws = [jax.tree.map(number, plan.law_of(chain)) for chain in chains]
        states.append(
            stack(
                [
                    State(weights, memory_of(law, weights, key), np.int32(0), law, np.True_, held)
                    for weights, law, key in zip(starts, laws, run_keys)
                ]
            )
        )
        rows = range(chains.start - part.start, chains.stop - part.start)
        blocks.append(Block(rows, stacked_keys(run_keys), states[-1].weights))
    status, never = np.full(len(part), int(Status.FINISHED)), np.full(len(part), NEVER)
    parameters = sum(leaf.size for leaf in jax.tree.leaves(starts[0]))
    marked = np.full((len(part), len(MOMENTS)), NEVER)
    marks = np.zeros((*marked.shape, marked_width(plan, parameters)), KIND)
    since = np.full((len(part), len(plan.criteria)), NEVER)
    memory = np.zeros((len(part), memory_count(observers(model, plan)) * parameters), dtype)
    progress = Progress(0, tuple(states), status, never, since, never, memory, marked, marks, [], 0)
    count = sum(leaf.size for leaf in trained(model, starts[0]))
    theta = np.array([plan.law_of(chain).temperature for chain in part])
    setup = Setup(
        model, whole, plan, data, kept_signs(count, plan.recording.sketch), tuple(blocks), stops_of(states[0]),
        theta * min(count, model.train.targets.size), frozenset(plan.kept.tolist()), part.start,
    )  # fmt: skip
    return setup, progress


def keys_of(plan: Plan, chain: int) -> tuple[Any, Any]:
    """The key of a network of a run, and the key of its steps."""
    setting, network = divmod(chain, plan.chains)
    return network_keys(plan.seed, network, setting if plan.protocol.own else 0)


def stacked_keys(keys: Sequence[Any]) -> Any:
    """Keys as one array with a leading axis."""
    return random.wrap_key_data(jax.device_put(np.stack([random.key_data(key) for key in keys])))


def _first(model: Model, dtype: str, start: Start | None, chain: int, key: Any) -> Weights:
    """The initial weights of a network of a setting: drawn, or given."""
    if start is None:
        return initial_weights(key, model=model, dtype=dtype)
    return jax.tree.map(partial(jnp.asarray, dtype=dtype), start.of(chain))


def scales_of(plan: Plan, first: int, last: int, chunk: int) -> FloatArray:
    """Factors of the learning rate of the steps first, ..., last - 1, padded to (chunk,)."""
    scales = np.ones(chunk, plan.computation.dtype)
    scales[: last - first] = factors(plan, first, last)
    return scales


def changed_states(setup: Setup, now: Progress, chosen: NDArray[np.bool_]) -> tuple[State, ...]:
    """The states, in which the chosen networks have the law and the held values for the time after memorisation."""
    if not chosen.any():
        return now.states
    changed, changes = [], setup.plan.protocol.after_memorisation
    for block, state in zip(setup.blocks, now.states):
        here = chosen[np.asarray(block.chains)]
        new = {
            name: jnp.asarray(np.where(here, number, getattr(state.law, name)), setup.plan.computation.dtype)
            for name, number in changes.items()
            if name in NUMBERS
        }
        held = changed_held(setup.model, state, changes, here)
        changed.append(state._replace(law=changed_law(state.law, new), held=held))
    return tuple(changed)


def weights_of(setup: Setup, now: Progress) -> list[Weights]:
    """Weights of each network, in the order of the chains."""
    return [
        single(state.weights, lane)
        for block, state in zip(setup.blocks, now.states)
        for lane in range(len(block.chains))
    ]


class Sight(NamedTuple):
    """The data of all networks at a recorded step, also of those that have stopped.

    These are the observables (chains,), the sketches (chains, size), the memory of observables (chains, width), and a
    function that gives the weights as rows (chains, parameters).
    """

    values: dict[str, FloatArray]
    sketches: FloatArray
    memory: FloatArray
    rows: Callable[[], NDArray[np.float32]]


def decide(setup: Setup, now: Progress, sight: Sight) -> Progress:
    """The progress with this frame added, and with the status that it decides.

    A network with a number that is not finite has diverged; a criterion may stop a network, or change its law. A
    network that has stopped keeps the values of the last frame that it reached.

    Raises:
        NumericalError: the loss or an observable is not finite at the initial weights.
    """
    plan, values, sketches = setup.plan, sight.values, sight.sketches
    status, end = now.status.copy(), now.end.copy()
    finite: NDArray[np.bool_] = np.all(np.isfinite([*values.values()]), axis=0)
    if now.draws == 0:
        check_first(setup, values, finite)
    lost = now.running & ~finite
    status[lost], end[lost] = Status.DIVERGED, now.at
    moving = now.running & ~lost
    if now.draws and not moving.all():
        before = now.frames[now.draws - 1]
        values = {name: np.where(moving, value, before.values[name]) for name, value in values.items()}
        sketches = np.where(moving[:, None], sketches, before.states)
    nowhere = np.zeros(status.size)  # a regression has no accuracies, so they decide nothing
    test, train = (values.get(f"{part}_accuracy", nowhere) for part in ("test", "train"))
    held = holding(plan.criteria, values, status.size)
    since = np.where(moving[:, None], streak(now.since, now.at, held), now.since)
    arrived = moving & fulfilled(plan.criteria, now.at, since).any(axis=1)
    status[arrived], end[arrived] = Status.HIT, now.at
    learned = moving & (train >= 1) & (now.changed < 0) & bool(plan.protocol.after_memorisation)
    seen = reached(setup.levels, train, test, values["train_loss"])
    fresh = moving[:, None] & seen & (now.marked < 0) & (now.marks.shape[2] > 0)
    keeps = now.at in setup.keeps
    weights = sight.rows() if keeps or fresh.any() else np.empty((status.size, 0), KIND)
    marks = np.where(fresh[:, :, None], weights[:, None], now.marks) if fresh.any() else now.marks
    del now.frames[now.draws :]
    now.frames.append(Frame(values, sketches, weights if keeps else weights[:, :0]))
    return now._replace(
        marked=np.where(fresh, now.at, now.marked),
        marks=marks,
        states=changed_states(setup, now, learned),
        status=status,
        end=end,
        since=since,
        changed=np.where(learned, now.at, now.changed),
        memory=np.where(moving[:, None], sight.memory, now.memory),
        draws=now.draws + 1,
    )


def check_first(setup: Setup, values: dict[str, FloatArray], finite: NDArray[np.bool_]) -> None:
    """Refuse initial weights at which the loss or an observable is not finite.

    Raises:
        NumericalError: the loss or an observable is not finite.
    """
    if finite.all():
        return
    bad = [name for name, value in values.items() if not np.isfinite(value).all()]
    own = not set(bad) & set(STANDARD)
    what, remedy = (f"the observable {bad[0]}", "correct it") if own else ("the loss", "check its data")
    raise NumericalError(f"{what} of {setup.model.name} is not finite at its initial weights", remedy=remedy)
