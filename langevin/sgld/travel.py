"""Advance the networks of a run by calls of compiled code, between which Python can interrupt them."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from langevin.sgld.kept import rows_of
from langevin.sgld.lanes import single
from langevin.sgld.law import State
from langevin.sgld.model import Weights
from langevin.sgld.observation import in_numbers, memory_in
from langevin.sgld.plan import Plan, observers
from langevin.sgld.progress import Block, Progress, Setup, Sight, decide, scales_of
from langevin.sgld.stretch import Passed, stretch
from langevin.stopping import check as check_stop
from langevin.types import FloatArray, Status

#: Recorded steps with the weights of all networks, if these are requested.
Visits = list[tuple[int, list[Any]]]
#: Time in seconds that one compiled call should take, since Ctrl-C waits for its end; steps of the first call.
CALL_SECONDS, FIRST_CALL = 0.25, 10


class Seen(NamedTuple):
    """Records of a call for the networks `chains` that it advanced, with the leading axes (stops, chains)."""

    chains: NDArray[np.int64]
    values: dict[str, FloatArray]
    sketches: FloatArray
    memory: FloatArray | None
    steps: NDArray[np.int64]
    finite: NDArray[np.bool_]


class Found(NamedTuple):
    """Progress of networks, weights at the recorded steps of the last call, if requested, and ranks at the end."""

    now: Progress
    visits: Visits
    ranks: NDArray[np.int64] | None = None


def first_frame(setup: Setup, now: Progress) -> Progress:
    """The networks at step 0, which is recorded.

    Raises:
        NumericalError: the loss or an observable is not finite at the initial weights.
    """
    return travel(setup, now, [now.at], visiting=False)[0]


def next_stops(plan: Plan, at: int, pace: int, most: int) -> list[int]:
    """Steps after `at` at which the networks stop in the next call.

    These are the recorded steps up to `at` + `pace`, at most `most` of them, and, if they are fewer, the last step
    itself.
    """
    last = at + min(pace, plan.computation.chunk)
    first, behind = np.searchsorted(plan.recorded, [at, last], side="right")
    stops: list[int] = plan.recorded[first : min(behind, first + most)].tolist()
    return stops if len(stops) == most or stops[-1:] == [last] else [*stops, last]


def most_stops(setup: Setup, now: Progress) -> int:
    """Largest number of stops of the next call: 1 while a recorded step may change the law of a running network."""
    changing = setup.plan.protocol.after_memorisation and (now.running & (now.changed < 0)).any()
    return 1 if changing else setup.stops


def travel(setup: Setup, now: Progress, stops: Sequence[int], visiting: bool) -> tuple[Progress, Visits]:
    """Advance every running network from stop to stop, and record the stops that are recorded steps.

    A network whose outputs are NaN has diverged. A network that ends during the call stays at its last step; its later
    results of this call are dropped.

    Args:
        setup: The setup of the run.
        now: The present progress.
        stops: Later steps, at most `most_stops` of them; at the first step of a run this step itself.
        visiting: Whether the weights at recorded steps are requested.

    Raises:
        NumericalError: the loss or an observable is not finite at the initial weights.
    """
    before, recorded = now, np.isin(stops, setup.plan.recorded)
    # All calls are started before the first result is awaited.
    calls = [_call(setup, now, place, stops, recorded) for place in range(len(setup.blocks))]
    passed = [call[1] if call else None for call in calls]
    now = now._replace(states=tuple(call[0] if call else state for call, state in zip(calls, now.states)))
    seen, visits = _seen(setup, passed), []
    for place, stop in enumerate(stops):
        now = _lost(now._replace(at=stop), seen, place)
        if (
            recorded[place] and now.running.any()
        ):  # a run ends when its last network ends, not at the end of a call
            weights = [
                _weights(state, one, _places(block, now, stops, place))
                for block, state, one in zip(setup.blocks, before.states, passed)
            ]
            now = decide(setup, now, _sight(before, seen, weights, place))
            visits += [(stop, _apart(setup, weights))] if visiting else []
        if not now.running.any():
            break
    last = len(stops) - 1
    states = [
        state if one is None else _settled(state, one, _places(block, now, stops, last), last)
        for block, state, one in zip(setup.blocks, now.states, passed)
    ]
    return now._replace(states=tuple(states)), visits


def onward(setup: Setup, now: Progress, until: int, seen: bool) -> Generator[Found]:
    """Advance networks to the step `until`, yielding after every call; `seen` requests the weights."""
    pace = FIRST_CALL
    while now.at < until and now.running.any():
        check_stop()
        began, at = time.perf_counter(), now.at
        stops = next_stops(setup.plan, at, min(pace, until - at), most_stops(setup, now))
        now, visits = travel(setup, now, stops, seen)
        pace = max(1, int(CALL_SECONDS * (now.at - at) / (time.perf_counter() - began)))
        yield Found(now, visits)


def _call(
    setup: Setup, now: Progress, place: int, stops: Sequence[int], recorded: NDArray[np.bool_]
) -> tuple[State, Passed] | None:
    """Start the call of a block to all stops; None if all its networks have ended."""
    plan, block, state = setup.plan, setup.blocks[place], now.states[place]
    chains, idle = np.asarray(block.chains), setup.stops - len(stops)
    running = now.running[chains]
    if not running.any():
        return None
    ahead = np.array([*stops, *[stops[-1]] * idle])[:, None]
    return stretch(  # type: ignore[no-any-return]
        state,
        block.initial,
        memory_in(now.memory[chains]),
        block.keys,
        setup.data,
        setup.signs,
        np.where(running, ahead, np.asarray(state.step)).astype(np.int32),
        np.append(recorded, np.zeros(idle, bool)),
        len(stops),
        scales_of(plan, now.at, stops[-1], plan.computation.chunk),
        now.at,
        model=setup.model,
        size=plan.recording.sketch,
        extra=observers(setup.model, plan),
    )


def _seen(setup: Setup, passed: Sequence[Passed | None]) -> Seen:
    """The records of all blocks of a call, joined."""
    pairs = [(block.chains, one) for block, one in zip(setup.blocks, passed) if one is not None]

    def together(parts: list[Any], kind: Any = None) -> NDArray[Any]:
        return np.concatenate([np.asarray(part, kind) for part in parts], axis=1)

    uses_memory = pairs[0][1].memory is not None
    return Seen(
        np.concatenate([np.asarray(chains) for chains, _ in pairs]),
        in_numbers([one.values for _, one in pairs], setup.data),
        together([one.sketches for _, one in pairs], np.float64),
        together([one.memory for _, one in pairs]) if uses_memory else None,
        together([one.states.step for _, one in pairs], np.int64),
        together([one.states.finite for _, one in pairs]),
    )


def _lost(now: Progress, seen: Seen, place: int) -> Progress:
    """The progress at a stop; networks whose outputs are not numbers have the status DIVERGED."""
    lost = now.running[seen.chains] & ~seen.finite[place]
    if not lost.any():
        return now
    status, end, chains = now.status.copy(), now.end.copy(), seen.chains[lost]
    status[chains], end[chains] = Status.DIVERGED, seen.steps[place, lost]
    return now._replace(status=status, end=end)


def _sight(before: Progress, seen: Seen, weights: Sequence[Weights], place: int) -> Sight:
    """The records at a stop; networks that had ended before the call have their last records."""

    def among(last: NDArray[Any], found: NDArray[Any]) -> NDArray[Any]:
        if len(found) == len(last):
            return found
        whole = last.copy()
        whole[seen.chains] = found
        return whole

    if len(seen.chains) == before.status.size:
        values = {name: found[place] for name, found in seen.values.items()}
        sketches = seen.sketches[place]
    else:
        last = before.frames[before.draws - 1]
        values = {name: among(last.values[name], found[place]) for name, found in seen.values.items()}
        sketches = among(last.states, seen.sketches[place])
    memory = before.memory if seen.memory is None else among(before.memory, seen.memory[place])
    return Sight(values, sketches, memory, lambda: rows_of(weights))


def _places(block: Block, now: Progress, stops: Sequence[int], place: int) -> NDArray[np.int64]:
    """The stop of each network of a block: this stop, or the earlier one at which it ended."""
    ended = now.end[np.asarray(block.chains)]
    return np.where(ended < 0, place, np.minimum(np.searchsorted(stops, ended), place))


def _weights(state: State, passed: Passed | None, places: NDArray[np.int64]) -> Weights:
    """The weights of a block, each network at its stop; if all had ended before the call, those of the state."""
    if passed is None:
        return state.weights
    return jax.tree.map(lambda leaf: np.asarray(leaf)[places, np.arange(len(places))], passed.states.weights)


def _apart(setup: Setup, weights: Sequence[Weights]) -> list[Weights]:
    """The weights of each network, in the order of the chains."""
    return [
        single(one, lane) for block, one in zip(setup.blocks, weights) for lane in range(len(block.chains))
    ]


def _settled(state: State, passed: Passed, places: NDArray[np.int64], last: int) -> State:
    """The state of a block after the last stop; a network that has ended during the call is at its stop."""
    lanes = np.flatnonzero(places < last)
    if not lanes.size:
        return state

    def put(now: Any, there: Any) -> Any:
        whole = np.array(now)
        whole[lanes] = np.asarray(there)[places[lanes], lanes]
        return jnp.asarray(whole)

    return jax.tree.map(put, state, passed.states)  # type: ignore[no-any-return]
