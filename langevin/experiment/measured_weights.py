"""Numbers of the weights of a training, at its end or at kept steps, which are added to its run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.errors import UsageError, unfit
from langevin.experiment.weight_quantities import QUANTITIES, Network
from langevin.sgld import Model
from langevin.sgld.plan import split
from langevin.sgld.records import MOMENTS
from langevin.sgld.weights import END, first_weights, kept_steps, leaves_of, weights
from langevin.types import FloatArray, Measurement, Trajectory
from langevin.words import counted

FRAMES = "frames"


@dataclass(frozen=True)
class Measured:
    """A number of each network (chains,), nan if there is none, and its error, at a step or a moment of a run.

    `quantity` is its description, and `name` that of its event or observable; `unmixed` (chains,) are the notes on
    estimates that have not settled, empty for settled ones.
    """

    name: str
    quantity: str
    step: int | str
    values: FloatArray
    errors: FloatArray
    unmixed: NDArray[Any]


def places_of(run: Trajectory, at: str) -> list[int | str]:
    """The places of measurement: `end`, `memorised`, `generalised`, `arrived`, `frames` for all kept steps, or a step.

    Args:
        run: a finished training with its weights.
        at: the text.

    Raises:
        UsageError: none of these, or weights were not kept there.
    """
    if at == FRAMES:
        steps: list[int | str] = kept_steps(run).tolist()
        if not steps:
            raise UsageError(
                "this run kept no weights at recorded steps",
                "`langevin train --weights frames` or `every:N` keeps them",
                "measure it at its end, or train again",
            )
        return steps
    if at == END or (at in MOMENTS and at in run.weights):
        return [at]
    if at.isascii() and at.isdigit() and len(at) < 20 and int(at) in kept_steps(run):
        return [int(at)]
    known = [END, *(name for name in MOMENTS if name in run.weights)]
    steps_kept = kept_steps(run).size > 0
    known += [FRAMES, "a step at which weights were kept"] if steps_kept else []
    remedy = "" if steps_kept else "`langevin train --weights frames` keeps weights at recorded steps"
    raise unfit("--at", f"takes {', '.join(known)} for this run", f"{at!r}", remedy)


def measure_weights(
    run: Trajectory,
    model: Model,
    names: Sequence[str],
    at: str = END,
    options: Mapping[str, float] | None = None,
    progress: Callable[[int], object] = lambda done: None,
) -> tuple[Trajectory, list[tuple[dict[str, float], str, Measurement]]]:
    """The run with the numbers of its networks, and means over these with their errors.

    At the end and at moments a number becomes an event, `trace` or `trace_memorised`; at kept steps an observable,
    `trace`, nan if weights were not kept. If a number has an error, `trace_error` is given too.
    If the training has an observable of this name, the observable of the number is `measured_trace`.

    Args:
        run: a finished training with its weights.
        model: of the run.
        names: of `QUANTITIES`.
        at: as `places_of` takes it.
        options: arguments of `measure.networks.local_learning_coefficient`, for `llc`.
        progress: called with the number of finished networks and places.

    Raises:
        UsageError: no such quantity or place, or options that nothing takes; as `langevin.weights`, and as the
            functions of `measure.networks`.
    """
    unknown = [name for name in names if name not in QUANTITIES]
    if unknown:
        raise UsageError(
            f"there is no quantity {unknown[0]!r}", f"one of {', '.join(QUANTITIES)}", "name one of these"
        )
    if options and "llc" not in names:
        raise UsageError(
            f"{next(iter(options))} is an option of the quantity llc, which is not requested",
            "--option is for llc",
            "measure llc too, or leave the option out",
        )
    found: list[Measured] = []
    places, chains = places_of(run, at), len(run.events["status"])
    first = [cache(partial(first_weights, run, model, chain)) for chain in range(chains)]
    for number, place in enumerate(places):
        answers: list[dict[str, dict[str, Measurement]] | None] = []
        for chain in range(chains):
            here = _weights(run, model, chain, place)
            answers.append(
                None
                if here is None
                else _measured_by_part(Network(model, here, first[chain], options or {}), names)
            )
            progress(number * chains + chain + 1)
        found += _gathered(names, place, answers)
    found = [
        replace(one, name=_free_name(run, model, one.name)) if isinstance(one.step, int) else one
        for one in found
    ]
    measured = _added(run, found)
    return measured, [*_rows(measured, found)]


def quantities_of(run: Trajectory) -> list[str]:
    """The entries that `measure_weights` added to the meta of a run, in words."""
    words = [text for text, _ in QUANTITIES.values()]
    entries: Any = run.meta.get("measured")
    found = dict.fromkeys(str(one.get("quantity")) for one in entries or () if isinstance(one, dict))
    return [name for name in found if any(f"{name} ".startswith(f"{text} ") for text in words)]


def _weights(run: Trajectory, model: Model, chain: int, place: int | str) -> Any:
    """The weights of a network at a place; None if it diverged, or never came there."""
    kept = run.weights.get(place) if isinstance(place, str) else None
    if kept is not None and kept.dtype.kind == "f" and kept.ndim == 2:
        if np.isnan(np.asarray(kept[chain : chain + 1])).all():
            return None
    here = weights(run, model, chain, place)
    return here if all(np.isfinite(leaf).all() for leaf in leaves_of(here)) else None


def _measured_by_part(network: Network, names: Sequence[str]) -> dict[str, dict[str, Measurement]]:
    """The numbers of a network by quantity and part; a quantity of one number has the part ``."""
    answers = {name: QUANTITIES[name][1](network) for name in names}
    return {name: one if isinstance(one, dict) else {"": one} for name, one in answers.items()}


def _gathered(
    names: Sequence[str], place: int | str, answers: Sequence[dict[str, dict[str, Measurement]] | None]
) -> Iterator[Measured]:
    """The answers of the networks, number by number."""
    for name in names:
        parts = dict.fromkeys(part for one in answers if one is not None for part in one[name])
        for part in parts or {"": None}:
            numbers = [None if one is None else one[name][part] for one in answers]
            values, errors = (
                np.array([np.nan if one is None else getattr(one, key) for one in numbers], np.float64)
                for key in ("value", "error")
            )
            plain = name.replace("-", "_") + (f"[{part.replace('/', '.')}]" if part else "")
            quantity = QUANTITIES[name][0] + (f" of {part}" if part else "")
            unmixed = np.array(
                ["" if one is None or one.mixed else one.note or "no reason is known" for one in numbers],
                object,
            )
            yield Measured(plain, quantity, place, values, errors, unmixed)


def _free_name(run: Trajectory, model: Model, name: str) -> str:
    """The name of a number, or another name if an observable of the training has it."""
    observed = run.meta.get("observed")
    taken = {*model.observe, *(map(str, observed) if isinstance(observed, list) else ())}
    return f"measured_{name}" if name.partition("[")[0] in taken else name


def _added(run: Trajectory, found: Sequence[Measured]) -> Trajectory:
    """The run with the numbers as events, or as observables if they belong to recorded steps."""
    events, observables = dict(run.events), dict(run.observables)
    steps = np.asarray(run.steps)
    for one in found:
        columns = {one.name: one.values}
        if np.nanmax(one.errors, initial=0.0) > 0:
            columns[f"{one.name}_error"] = one.errors
        for name, values in columns.items():
            if isinstance(one.step, str):
                events[name if one.step == END else f"{name}_{one.step}"] = values
                continue
            whole = np.array(observables.get(name, np.full((len(values), len(steps)), np.nan)))
            whole[:, np.flatnonzero(steps == one.step)] = values[:, None]
            observables[name] = whole
    return replace(run, events=events, observables=observables)


def _rows(run: Trajectory, found: Sequence[Measured]) -> Iterator[tuple[dict[str, float], str, Measurement]]:
    """Means over the networks of each setting of a sweep."""
    for part in split(run):
        chosen = np.flatnonzero(
            np.asarray(run.events["setting"]) == part.meta["setting"]
            if run.meta["swept"]
            else np.ones(len(run.events["status"]), bool)
        )
        at = {name: float(part.meta[name]) for name in run.meta["swept"]}
        for one in found:
            where = {"step": float(one.step)} if isinstance(one.step, int) else {}
            when = f" when {one.step}" if one.step in MOMENTS else ""
            notes = [note for note in one.unmixed[chosen].tolist() if note]
            yield at | where, one.quantity + when, _mean(one.values[chosen], notes, one.step)


def _mean(values: FloatArray, unmixed: Sequence[str], step: int | str) -> Measurement:
    """Mean over networks with its standard error; not `mixed` if a network has no valid number."""
    sound = values[np.isfinite(values)]
    lost = len(values) - len(sound)
    why = "never came so far, or diverged" if step in MOMENTS else "diverged"
    notes = [f"{lost} of {len(values)} networks {why}"] if lost else []
    notes += [f"not settled in {counted(len(unmixed), 'network')}: {unmixed[0]}"] if unmixed else []
    if not len(sound):
        return Measurement(float("nan"), float("inf"), 0, "sample mean", False, "; ".join(notes))
    error = float(sound.std(ddof=1) / len(sound) ** 0.5) if len(sound) > 1 else float("inf")
    return Measurement(
        float(sound.mean()), error, len(sound), "sample mean over networks", not notes, "; ".join(notes)
    )
