"""From the words of `langevin train` to a network, its observables and its plan."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from langevin.cli.given import parse_dials
from langevin.cli.options import FINITE, draw_seed, kept_rule, parse_schedule
from langevin.errors import UsageError, foreign, unfit
from langevin.stopping import uninterrupted

if TYPE_CHECKING:
    from langevin.cli.unfinished import Job
    from langevin.sgld import Model, Plan, Preset
    from langevin.sgld.model import Observer

#: Options that take pairs NAME=VALUE, and become dictionaries.
PAIRS = ("options", "leaf_rates", "leaf_decays", "sweep", "after_memorisation")
#: Texts of the error for several values outside a sweep, and of its remedy.
ONE = ("one value, for only --set takes several", "sweep by --set")

#: A function whose only argument has this name makes an observable; other functions are observables.
OF_MODEL = ("model",)


def read_job(model: str, given: dict[str, Any], force: bool, more: tuple[str, ...] = ()) -> Job:
    """The job that the options request, in values that JSON can hold. The seed is drawn if it is not given.

    Args:
        model: name of the network.
        given: options by name, as typed.
        force: whether an existing file is replaced.
        more: words of the command that are no settings.
    """
    from langevin.cli.unfinished import Job

    pairs, preset = given.pop("pairs"), given.pop("preset")
    seed = draw_seed(given.pop("seed"))
    settings = {name: value for name, value in given.items() if name not in PAIRS and (value or value == "")}
    zeros = {name: value for name, value in given.items() if isinstance(value, float) and value == 0}
    for name in PAIRS:
        numbers = {
            key: values for pair in given[name] for key, values in [read_pair(pair, name == "options")]
        }
        if name != "sweep":
            numbers = single(numbers, *ONE)
        if numbers:
            settings[name] = numbers
    for name, read in (("stop", _criteria), ("observe", _names)):
        if given[name]:
            settings[name] = read(given[name])
    return Job(model, preset, tuple(pairs), {**settings, **zeros, "seed": seed}, force, more)


def single(pairs: dict[str, Any], allowed: str, remedy: str) -> dict[str, Any]:
    """Pairs with one value each instead of a list; `allowed` and `remedy` are the words of a refusal.

    Raises:
        UsageError: one has several.
    """
    several = [key for key, values in pairs.items() if len(values) > 1]
    if several:
        raise UsageError(f"{several[0]} takes one value here", allowed, remedy)
    return {key: values[0] for key, values in pairs.items()}


def read_pair(pair: str, words: bool = False) -> tuple[str, Any]:
    """`name=a,b` as a name and a list of numbers. Options of an optimiser may also have truth values and texts.

    `langevin.sweep.plan.values_of` documents how to write several values.
    """
    from langevin.sweep.plan import values_of

    name, equals, text = pair.partition("=")
    if not equals:
        raise unfit("this option", "takes NAME=VALUE", f"{pair!r}")
    try:
        values = [_value(one, words) for one in values_of(name, text)]
    except click.BadParameter as error:
        raise UsageError(
            f"{name}={text}",
            "finite numbers, between commas",
            "write them as in 1e-6,1e-5",
            sentence=f"{name} takes numbers: {error.message}",
        ) from error
    return name.strip().replace("-", "_"), values


def network_of(
    model: str, pairs: tuple[str, ...], named: str | None
) -> tuple[Model, Plan | None, Preset | None]:
    """Network of a module with its dials as typed, the plan of the module, and the preset of a name; None if absent.

    Args:
        model: name of the module.
        pairs: dials, as NAME=VALUE.
        named: name of the preset; None for no preset.
    """
    from langevin.sgld import load
    from langevin.sgld import preset as find_preset

    factory, defaults = load(model)
    preset = find_preset(model, named) if named else None
    dials = {**(preset.dials if preset else {}), **parse_dials(pairs, factory)}
    with foreign(model):
        return factory(**dials), defaults, preset


def prepare(job: Job) -> tuple[Model, Plan, Preset | None]:
    """Network, plan and preset (or None) of a job. Settings of the job replace settings of the preset or module."""
    with uninterrupted():  # JAX, left in the middle of its import, would abort the process
        import_module("langevin.sgld.law")
        gc.freeze()  # a garbage collection calls JAX, and a Ctrl-C during a long collection has no effect there

    from langevin.sgld import Law, Leaf, Plan
    from langevin.sgld.plan import with_settings

    network, defaults, preset = network_of(job.model, job.pairs, job.preset)
    settings = dict(job.settings)
    every, start = settings.pop("every", None), settings.pop("start", None)
    noise = settings.pop("noise", None)
    if noise is not None:
        settings["own"] = noise == "own"
    if "weights" in settings:
        settings["weights"] = kept_rule(settings["weights"])
    rates, decays = settings.pop("leaf_rates", {}), settings.pop("leaf_decays", {})
    if rates or decays:
        settings["leaves"] = {
            name: Leaf(rates.get(name, 1.0), decays.get(name, 1.0)) for name in {**rates, **decays}
        }
    if "schedule" in settings:
        settings["schedule"] = parse_schedule(settings["schedule"])
    plan = preset.plan if preset else defaults
    if plan is None:
        for name in ("steps", "learning_rate"):
            if name not in settings:
                raise UsageError(
                    f"{job.model} has no default for --{name.replace('_', '-')}",
                    "it must be given if the module has no DEFAULTS",
                    "give one",
                )
        plan = Plan(Law(settings["learning_rate"]), settings["steps"])
    if start is not None:
        from langevin.cli.starts import parse_from

        given = parse_from(start, network, settings["seed"])
        plan = replace(plan, protocol=replace(plan.protocol, start=given))
        settings.setdefault("chains", len(given.weights) if len(given.weights) > 1 else plan.chains)
    if "observe" in settings:
        settings["observe"] = {**plan.recording.observe, **observers_named(settings["observe"], network)}
    plan = with_settings(plan, _without_other_laws(plan, settings))
    return network, plan if every is None else _recorded_every(plan, every, "frames" in settings), preset


def observers_named(names: Sequence[str], model: Model) -> dict[str, Observer]:
    """Observables by their names in a run: the name of the file, or the name after the colon.

    A user gives a function of (weights) or of (model, weights), a `langevin.types.Observable`, or a function of (model)
    that makes one of these.

    Args:
        names: as typed.
        model: the network.

    Raises:
        UsageError: a name has no observable, the observable fails or is of another kind, or two have one name.
    """
    found: dict[str, Observer] = {}
    for name in names:
        short = name.rpartition(":")[2].replace("-", "_")
        if short in found:
            raise UsageError(
                f"the observable {short!r} is named twice",
                "each name once",
                "name it once, or give one another name",
            )
        found[short] = _observer(name, model)
    return found


def _criteria(texts: Sequence[str]) -> dict[str, float] | list[str]:
    """Criteria as a mapping if all have different names, else as texts; `;` separates several in a text."""
    from langevin.sgld.criteria import criteria_of, is_short, spelled

    each = [one.strip() for text in texts for one in text.split(";")]
    if all(map(is_short, each)):
        return single(dict(read_pair(one) for one in each), *ONE)
    return [spelled(criterion) for criterion in criteria_of(each)]


def _names(texts: Sequence[str]) -> list[str]:
    return [one.strip() for text in texts for one in text.split(",")]


def _value(text: str, words: bool) -> float | bool | str:
    """A number, or with `words` also a truth value or a name."""
    if words and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    is_word = words and text.isidentifier() and text not in {"nan", "inf"}
    return text if is_word else FINITE.convert(text, None, None)


def _recorded_every(plan: Plan, every: int, counted: bool) -> Plan:
    """The plan with frames at the multiples of `every` steps.

    Raises:
        UsageError: too many, or their number was given, too.
    """
    from langevin.sgld.plan import MOST

    if counted:
        raise UsageError(
            "--every and --frames both say what is recorded", "one of the two is enough", "drop the other"
        )
    if plan.steps // every > MOST:
        raise unfit(
            "--every",
            f"must leave at most {MOST} recorded steps",
            f"{every} of {plan.steps} steps",
            "raise it",
        )
    recording = replace(plan.recording, frames=range(0, plan.steps + 1, every))
    return replace(plan, recording=recording)


def _without_other_laws(plan: Plan, settings: dict[str, Any]) -> dict[str, Any]:
    """The settings. Numbers of the plan that the named law does not take are left out, unless they were typed."""
    from langevin.sgld import Law
    from langevin.sgld.laws import takes

    law = replace(plan.law, name=settings.get("name", plan.law.name))
    if law.name == plan.law.name:
        return settings
    nothing = vars(Law(law.learning_rate))
    refused = {
        name: nothing[name] for name in ("batch", "temperature", "label_noise") if not takes(law, name)
    }
    return {**refused, "options": {}, "decay": nothing["decay"], **settings}


def _observer(name: str, model: Model) -> Observer:
    from langevin.registry import entry
    from langevin.sgld.observers import needed
    from langevin.types import Observable

    one: Any = entry("observables", name)
    if callable(one) and needed(one) == OF_MODEL:
        with foreign(name):
            one = one(model)
    if not isinstance(one, Observable) and not (callable(one) and 1 <= len(needed(one)) <= 2):
        taken = f" of {', '.join(needed(one))}" if callable(one) else ""
        raise UsageError(
            f"{name} is not an observable, but something of type {type(one).__name__}{taken}",
            "a function of (weights) or (model, weights), a langevin.types.Observable, or a function of (model) that "
            "makes one",
            "give one of these, or a name of `langevin list observables`",
        )
    return one  # type: ignore[no-any-return]
