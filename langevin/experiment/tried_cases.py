"""Cases that are found by trying landscapes and laws of motion; nothing is simulated.

They give a command that uses an entry of the registry, and a case in which the contracts of a theory are tried: its
question, the cases to which it applies, and its predictions at some points.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from langevin import registry
from langevin.dynamics import dynamics_of, refusal_of, usual_dynamics
from langevin.errors import LangevinError, UsageError
from langevin.experiment.answering import question_named
from langevin.landscapes.contracts import Finding
from langevin.landscapes.in_field import with_field
from langevin.manifolds.sphere import sphere
from langevin.potentials.linear import linear
from langevin.types import Case, Curve, Landscape, Prediction, Setting, Theory

#: Landscapes that are tried first, with their options.
FIRST = (
    ("potential", "double-well"),
    ("potential", "quadratic"),
    ("manifold", "canal"),
    ("manifold", "sphere"),
)
#: Commands for entries of kinds that need no search.
PLAIN = {
    "delays": "langevin score",
    "observables": "langevin train models.parity --observe {}",
}
LAWS = (None, "projected", "label-noise", "power-law", "ito-noise")
#: Points at which predictions of a theory are tried: times, temperatures or numbers of samples.
POINTS = (0.5, 1.0, 3.0)
TEMPERATURE = 0.1
#: Step over the largest step that the stiffness allows.
STEP = 0.01


def example_of(kind: str, name: str) -> str:
    """A command that uses this entry, empty if none is found.

    Args:
        kind: folder of the registry.
        name: as it is typed.

    Args:
        kind: folder of the registry.
        name: of the entry.
    """
    if kind in ("manifolds", "potentials"):
        straight = registry.factory(kind, name)().is_slope
        return _spelled({"manifold": "sphere", "field": name} if straight else {kind.removesuffix("s"): name})
    if kind in PLAIN:
        return PLAIN[kind].format(name)
    if kind == "integrators":
        step = registry.factory(kind, name)()
        return _command({"integrator": name}, lambda case: case.dynamics.name == step.dynamics)
    if kind == "dynamics":
        return _command({"dynamics": name}, lambda case: case.dynamics.name == name)
    if kind == "questions":
        return _of_question(name, lambda case: True)
    theory = registry.entry("theories", name)
    questions = registry.literals("questions", "name")
    return next(
        (_of_question(file, theory.applies) for file, one in questions.items() if one == theory.question), ""
    )


def _of_question(file: str, applies: Callable[[Case], bool]) -> str:
    question = question_named(file)
    if question is None:
        return ""
    more = {"temperature": "0"} if question.cold else {}
    return _command(
        {**more, "question": file}, lambda case: question.applies(case) and applies(case), question.cold
    )


def _command(settings: Mapping[str, str], fits: Callable[[Case], bool], cold: bool = False) -> str:
    """The first command with a case that fits, empty without one."""
    for landscape, law, case in cases(cold):
        if fits(case):
            named = {"dynamics": law} if law and "integrator" not in settings else {}
            return _spelled({**landscape, **named, **settings})
    return ""


def _spelled(words: Mapping[str, str]) -> str:
    """The command with these options."""
    return " ".join(["langevin simulate", *(f"--{key} {value}" for key, value in words.items())])


def cases(
    cold: bool, landscape: Landscape | None = None
) -> Iterator[tuple[Mapping[str, str], str | None, Case]]:
    """Landscapes and laws of motion that go together, with and without a target that is watched.

    Args:
        cold: whether the temperature is 0.
        landscape: the only one, None for all that are found by name.

    Returns:
        For each, the options that name the landscape, the law of motion (None for the usual one), and the case.
    """
    if landscape is not None:
        yield from _cases_on(landscape, {}, cold)
        return
    others = ((kind, name) for kind in ("potential", "manifold") for name in registry.names(f"{kind}s"))
    for option, name in dict.fromkeys([*FIRST, *others]):
        try:
            made: Landscape = registry.factory(f"{option}s", name)()
        except UsageError:  # a plugin that fails is no example for others
            continue
        yield from _cases_on(made, {option: name}, cold)
    yield from _cases_on(with_field(sphere(), linear()), {"manifold": "sphere", "field": "linear"}, cold)


def _cases_on(
    landscape: Landscape, named: Mapping[str, str], cold: bool
) -> Iterator[tuple[Mapping[str, str], str | None, Case]]:
    """The same for one landscape, which these options name."""
    for law in LAWS:
        dynamics = usual_dynamics(landscape) if law is None else dynamics_of(law)
        if refusal_of(dynamics, landscape):
            continue
        for watched in dict.fromkeys((landscape.target is not None and not cold, False)):
            other = None if cold else dynamics.for_question
            step = dynamics.integrator(landscape, None) if other is None else other(watched)
            case = Case(landscape, dynamics, step.law, step.measure, watched=watched, cold=cold)
            yield named, law, case


def check_theory(theory: Theory, landscape: Landscape | None = None) -> list[Finding]:
    """Try a theory in the first case to which it applies, of the landscape or else of all landscapes that are known.

    Args:
        theory: the record.
        landscape: where it is tried; None for the first landscape found by name.
    """
    known = question_named(theory.question) is not None
    found = [
        Finding("question", known, f"{theory.question!r} is {'known' if known else 'none that there is'}")
    ]
    tried, case = 0, None
    try:
        for tried, one in enumerate(_all_cases(landscape), 1):  # noqa: B007 - the last count is printed
            if theory.applies(one):
                case = one
                break
    except Exception as error:
        return [*found, Finding("applies", False, _failure_text(error))]
    if case is None:
        return [
            *found,
            Finding("applies", False, f"to none of {tried} cases that were tried: give its landscape"),
        ]
    applied = f"to {case.dynamics.name} motion on {case.landscape.name}, after {tried} cases"
    return [*found, Finding("applies", True, applied), *_predictions(theory, case)]


def _all_cases(landscape: Landscape | None) -> Iterator[Case]:
    for cold in (False, True):
        yield from (case for *_, case in cases(cold, landscape))


def _predictions(theory: Theory, case: Case) -> list[Finding]:
    temperature = 0.0 if case.cold else TEMPERATURE
    dt = STEP / max(1.0, case.landscape.stiffness(temperature))
    start = case.landscape.start(np.full((1, case.landscape.dim), 0.5), temperature)[0]
    setting = Setting(case, temperature, dt, start, 1000.0 * dt)
    try:
        coarse, curves = theory.coarse(setting), list(theory.curves(setting))
    except Exception as error:
        return [Finding("curves", False, _failure_text(error))]
    if not isinstance(coarse, str) or not all(isinstance(curve, Curve) for curve in curves):
        return [Finding("curves", False, "`coarse` must return a text, and `curves` records of type Curve")]
    bare = [curve.name for curve in curves if not (curve.validity and curve.reference)]
    detail = (
        f"no validity or no reference: {', '.join(bare)}" if bare else f"{len(curves)}, with their references"
    )
    return [Finding("curves", not bare, detail), *(_tried(curve) for curve in curves)]


def _tried(curve: Curve) -> Finding:
    """A curve at some points: in its range a finite value with a remainder, and no failure but langevin's own."""
    name, inside = f"prediction {curve.name}", 0
    for point in POINTS:
        try:
            predicted: object = curve.predict(point)
        except LangevinError:  # its numerics fail there, which a run reports as out of range
            continue
        except Exception as error:
            return Finding(name, False, f"at {point:g}: {_failure_text(error)}")
        if not isinstance(predicted, Prediction):
            return Finding(
                name, False, f"at {point:g}: something of type {type(predicted).__name__}, no Prediction"
            )
        remainder = predicted.remainder
        if predicted.in_range and not (math.isfinite(predicted.value) and 0.0 <= remainder < math.inf):
            return Finding(name, False, f"at {point:g}: {predicted.value:g} with the remainder {remainder:g}")
        inside += predicted.in_range
    return Finding(name, True, f"finite, and in range at {inside} of {len(POINTS)} points")


def _failure_text(error: Exception) -> str:
    first = str(error).strip().partition("\n")[0]
    return f"it fails: {type(error).__name__}: {first}"
