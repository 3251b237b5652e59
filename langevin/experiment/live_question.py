"""Answer a question about a landscape: choose its motion, simulate it, and answer as for a recorded run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from langevin.dynamics import dynamics_of, refusal_of, usual_dynamics
from langevin.errors import UsageError
from langevin.experiment.answering import answered, question_applies, question_for
from langevin.experiment.own_landscape import origin_of
from langevin.experiment.own_theory import check_fit
from langevin.experiment.question import Settings
from langevin.experiment.report import Report
from langevin.experiment.step_error import with_step_bias
from langevin.landscapes.contracts import check_shapes, check_slopes
from langevin.landscapes.in_field import field_of
from langevin.landscapes.weight_decay import with_weight_decay
from langevin.registry import dials as dials_of
from langevin.registry import factory
from langevin.types import Case, Dynamics, Integrator, Landscape, Trajectory

#: The step whose dials --projection and --noise set.
PROJECTED = "projected"


def run(
    make: Callable[..., Any], dials: dict[str, Any], settings: Settings, samples: Sequence[int] | None = None
) -> Report:
    """Answer the question of the landscape `make(**dials)` in this motion, or the named question.

    Args:
        make: factory of the landscape.
        dials: its arguments.
        settings: of the run.
        samples: numbers of training samples, for landscapes whose time to a target is known for each; by default all
            numbers, if the dials give none.

    Raises:
        UsageError: samples given to a landscape that takes none, or a setting that it refuses.
    """
    if samples is not None:
        dials = _with_room(make, dials, samples)
        # in a field no time is known over the numbers, so one number is a dial like others
        if field_of(make) is not None and "samples" in dials_of(make) and len(set(samples)) == 1:
            dials, samples = {**dials, "samples": samples[0]}, None
    if samples is not None:
        settings = replace(settings, samples=tuple(sorted(set(samples))))
    landscape: Landscape = make(**dials)
    corner = landscape.facts.corner
    if samples is None and corner is not None and "samples" not in dials:
        settings = replace(settings, samples=tuple(range(corner.dim)))
    if samples is not None and corner is None:
        numbers = ",".join(map(str, samples))
        raise UsageError(
            "--samples compares times over numbers of training samples, which are known on the cube without a field",
            "--samples is for such a landscape",
            f"type -p samples={numbers}, which makes a run for each number"
            if "samples" in dials_of(make)
            else "leave it out",
        )
    origin = origin_of(make, dials, landscape)
    if settings.weight_decay:
        landscape = with_weight_decay(landscape, settings.weight_decay)
    settings = replace(settings, extra_meta=origin)
    report = _report_of(landscape, settings)
    if settings.check_dt:
        report = with_step_bias(report, lambda finer: _report_of(landscape, finer), settings)
    return report


def walked(landscape: Landscape, settings: Settings) -> Trajectory:
    """The run for the question of a landscape. Its meta names the question.

    Walkers stop at a target, unless the question is named and applies to walkers that continue.

    Args:
        landscape: to walk on.
        settings: of the run.
    """
    check_shapes(landscape)
    check_slopes(landscape)
    case, integrator = _case(
        landscape, settings, landscape.target is not None and settings.temperature != 0.0
    )
    if case.watched and settings.question is not None:
        free, step = _case(landscape, settings, False)
        if question_applies(settings.question, free) and not question_applies(settings.question, case):
            case, integrator = free, step
    question = question_for(case, settings.question)
    _check_question(question.name, settings)
    check_fit(settings.theories, question.name, case)
    return question.walk(
        case, integrator, replace(settings, extra_meta={**settings.extra_meta, "question": question.name})
    )


def motion_of(landscape: Landscape, settings: Settings, watched: bool = False) -> tuple[Dynamics, Integrator]:
    """The law of motion and the step that the settings name, or the usual law and step of the landscape.

    Args:
        landscape: to walk on.
        settings: of the run.
        watched: whether walkers stop at the target.

    Raises:
        UsageError: the settings contradict one another, or the landscape does not allow them.
    """
    if settings.integrator_dials and not settings.integrator:
        raise UsageError(
            "-i sets a dial of the integrator that --integrator names",
            "-i goes with --integrator",
            "name one",
        )
    named = _named(settings)
    if settings.dynamics is not None:
        dynamics = dynamics_of(settings.dynamics)
    else:
        dynamics = dynamics_of(named.dynamics) if settings.integrator and named else usual_dynamics(landscape)
    if (settings.projection or settings.noise or settings.measure) and not dynamics.measures:
        raise UsageError(
            "--measure, --projection and --noise go with --dynamics projected",
            "they are for projected motion only",
            "add it, or drop them",
        )
    if named and named.dynamics != dynamics.name:
        raise UsageError(
            f"--integrator {settings.integrator} is no step of --dynamics {dynamics.name}, it serves {named.dynamics}",
            "both must have the same law of motion",
            "change one of them",
        )
    refusal = refusal_of(dynamics, landscape)
    if refusal:
        raise UsageError(
            refusal,
            "the law of motion must be possible on this landscape",
            "name another by --dynamics, or leave it out",
        )
    step = named or _usual(dynamics, landscape, settings, watched)
    if settings.measure and settings.measure != step.measure:
        raise UsageError(
            f"{step.name} samples the measure {step.measure}, not {settings.measure}",
            "both must have the same distribution",
            "drop --measure, or --projection, --noise and --integrator",
        )
    return dynamics, step


def _report_of(landscape: Landscape, settings: Settings) -> Report:
    return answered(landscape, walked(landscape, settings), settings.theories)


def _case(landscape: Landscape, settings: Settings, watched: bool) -> tuple[Case, Integrator]:
    """The case of a walk, and its step."""
    dynamics, step = motion_of(landscape, settings, watched)
    cold = settings.temperature == 0.0
    return Case(landscape, dynamics, step.law, step.measure, watched=watched, cold=cold), step


def _check_question(name: str, settings: Settings) -> None:
    """Refuse to extend a run that was made for another question.

    Raises:
        UsageError: it was.
    """
    earlier_name = name if settings.earlier is None else settings.earlier.meta.get("question", name)
    if earlier_name != name:
        raise UsageError(
            f"the run that is extended was made for the question {str(earlier_name)[:40]!r}, and {name!r} is asked",
            "a run has one question",
            "name its question by --question, and its landscape and law of motion as they were",
        )


def _with_room(make: Callable[..., Any], dials: dict[str, Any], samples: Sequence[int]) -> dict[str, Any]:
    """The dials, with the dimension for the largest number of samples if none was given."""
    known = dials_of(make)
    if "samples" not in known or "dim" not in known:
        return dials
    if "samples" in dials:
        raise UsageError(
            "the number of samples is given twice",
            "one of the two is enough",
            "drop -p samples, or --samples",
        )
    usual = known["dim"].default
    return {"dim": max(usual, max(samples) + 1) if isinstance(usual, int) else max(samples) + 1, **dials}


def _usual(dynamics: Dynamics, landscape: Landscape, settings: Settings, watched: bool) -> Integrator:
    """The step if none is named: the step of questions, or the plain step if the extended run used it.

    Descent at temperature 0 and schedules also use the plain step: steps that share noise must have one length.
    """
    plain = dynamics.integrator(landscape, settings.measure)
    made_so = settings.earlier is not None and settings.earlier.meta.get("integrator") == plain.name
    if (
        dynamics.for_question is None
        or made_so
        or settings.temperature == 0.0
        or settings.schedule is not None
    ):
        return plain
    return dynamics.for_question(watched)


def _named(settings: Settings) -> Integrator | None:
    """The integrator of a name, built-in or module:name, with its dials. --measure is a dial of some integrators.

    The retraction and its noise are dials of the projected step, isotropic noise unless it is named.
    """
    given = {"projection": settings.projection, "noise": settings.noise}
    chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if not settings.integrator:
        return _made(PROJECTED, {"noise": "isotropic"} | chosen) if chosen else None
    if chosen:
        raise UsageError(
            f"--integrator {settings.integrator} has its own projection and noise",
            "these two are for the integrator projected only",
            "drop --projection and --noise",
        )
    return _made(settings.integrator, settings.integrator_dials, settings.measure)


def _made(name: str, given: Mapping[str, Any], measure: str | None = None) -> Integrator:
    make = factory("integrators", name)
    aim = {"measure": measure} if measure and "measure" in dials_of(make) else {}
    made: Integrator = make(**aim | dict(given))
    return made
