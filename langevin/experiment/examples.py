"""A command that uses an entry of the registry: found by trying landscapes and laws of motion, nothing is simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from langevin import registry
from langevin.dynamics import dynamics_of, refusal_of, usual_dynamics
from langevin.errors import UsageError
from langevin.experiment.choice import question_named
from langevin.landscapes.in_field import with_field
from langevin.manifolds.sphere import sphere
from langevin.potentials.linear import linear
from langevin.types import Case, Landscape

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


def example_of(kind: str, name: str) -> str:
    """A command that uses this entry, empty if none is found.

    Args:
        kind: folder of the registry.
        name: as it is typed.
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
    said = registry.literals("questions", "name")
    return next(
        (_of_question(file, theory.applies) for file, one in said.items() if one == theory.question), ""
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
    """The same on one landscape, which these options name."""
    for law in LAWS:
        dynamics = usual_dynamics(landscape) if law is None else dynamics_of(law)
        if refusal_of(dynamics, landscape):
            continue
        for watched in dict.fromkeys((landscape.target is not None and not cold, False)):
            other = None if cold else dynamics.for_question
            step = dynamics.integrator(landscape, None) if other is None else other(watched)
            case = Case(landscape, dynamics, step.law, step.measure, watched=watched, cold=cold)
            yield named, law, case
