"""Python functions for commands: `ask` for `langevin simulate`, `ask_rate` for `rate`, and `review` for `compare`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from langevin.errors import UsageError, unfit
from langevin.experiment import recorded_question
from langevin.experiment.live_question import run
from langevin.experiment.own_landscape import content_hash
from langevin.experiment.own_theory import OwnTheory, check_theory
from langevin.experiment.question import Settings, check_settings
from langevin.experiment.rare_escape import RareEscape, rare_escape
from langevin.experiment.report import Report
from langevin.experiment.stage import StageCallback, stages_on_bar
from langevin.registry import factory, file_names, names
from langevin.types import FloatArray, Landscape, Trajectory
from langevin.words import counted

#: Settings that a caller gives; the other settings concern a file that is written during the run.
SETTINGS = tuple(
    field.name
    for field in fields(Settings)
    if field.name
    not in ("seed", "samples", "progress", "journal", "aside", "extra_meta", "earlier", "theories")
)
KINDS = ("manifolds", "potentials")
Progress = Callable[[str, int, int], None]


def ask(
    landscape: Landscape | str, *, samples: Sequence[int] | None = None, dials: Mapping[str, Any] | None = None,
    theory: OwnTheory | Sequence[OwnTheory] = (), seed: int | None = None, progress: bool | Progress = False,
    **settings: Any,
) -> Report:  # fmt: skip
    """Simulate a landscape, measure it, and compare the numbers with all theories that apply.

    It returns the report of `langevin simulate`. `print(report)` shows it, and `report.plot("figure.png")` draws the
    figure. `report.comparisons` are the verdicts, `report.to_dataframe()` is a table, `report.trajectory` the run.

        report = langevin.ask("cube", samples=range(4, 8), seed=1)
        report = langevin.ask(langevin.potentials.double_well(barrier=2.0), temperature=0.4, walkers=4000)

    Args:
        landscape: a landscape, or the name of one of `langevin list`.
        samples: numbers of training samples, for a landscape made of samples, given by its name.
        dials: of a landscape that is given by its name.
        theory: one or several user-defined theories, in addition to langevin's theories: a function of the point
            and the setting of the run that returns the predicted number, or a record `langevin.types.Theory`.
        seed: of all random numbers; a fresh one if absent.
        progress: whether a bar shows how far the walk is; or a function of (label, steps done, walkers running).
        settings: of `langevin.experiment.Settings`, as the options of `langevin simulate`: temperature, walkers, dt,
            horizon, frames, precision, dynamics, measure, projection, integrator, question, threads ...

    Raises:
        UsageError: another setting, name or dial, or one out of its range.
        NumericalError: all walkers were lost.
    """
    unknown = [name for name in settings if name not in SETTINGS]
    if unknown:
        raise UsageError(
            f"ask has no setting {', '.join(unknown)}", f"the settings are {', '.join(SETTINGS)}"
        )
    make, given = _made(landscape, dials)
    if settings.get("start") is not None:
        settings["start"] = _states(settings["start"])
    with _reporting(_of_stage(progress), stages_on_bar) as show_round:
        settings_of_run = Settings(
            seed=secrets.randbits(63) if seed is None else seed,
            theories=_own(theory),
            progress=show_round,
            **settings,
        )
        check_settings(settings_of_run)
        return run(
            make, given, settings_of_run, None if samples is None else [int(number) for number in samples]
        )


def _states(start: ArrayLike) -> FloatArray:
    """A start as an array.

    Raises:
        UsageError: it is not one state, (dim,), or one for each walker, (walkers, dim).
    """
    try:
        states = np.asarray(start, np.float64)
    except (TypeError, ValueError):
        states = np.empty(())
    if states.ndim not in (1, 2):
        raise unfit("start", "must be a state (dim,) or one for each walker, (walkers, dim)", f"{start!r}")
    return states


def ask_rate(
    landscape: Landscape | str, temperatures: Sequence[float] | float | None = None, *,
    dials: Mapping[str, Any] | None = None, theory: OwnTheory | Sequence[OwnTheory] = (), seed: int | None = None,
    progress: bool | Progress = False, **settings: Any,
) -> RareEscape:  # fmt: skip
    """Measure the mean time to a target that walkers rarely reach, by splitting, as `langevin rate` does.

        report = langevin.ask_rate("double-well", [0.1, 0.05], seed=1)

    Args:
        landscape: with a target, or the name of one.
        temperatures: one or more; by default one, a twentieth of the barrier.
        dials: of a landscape that is given by its name.
        theory: of the mean time, as for `ask`; the point is the temperature.
        seed: of all random numbers; a fresh one if absent.
        progress: as for `ask`.
        settings: of `rare_escape`: dynamics, dt, sets, effort, correction, threads.

    Raises:
        UsageError: another setting, name or dial, or one out of its range.
    """
    make, given = _made(landscape, dials)
    many = [temperatures] if isinstance(temperatures, int | float) else temperatures
    with _reporting(progress, rounds_on_bar) as show_round:
        drawn = secrets.randbits(63) if seed is None else seed
        return rare_escape(make(**given), many, seed=drawn, own=_own(theory), progress=show_round, **settings)


def review(
    run: Trajectory | str | Path,
    landscape: Landscape | None = None,
    *,
    theory: OwnTheory | Sequence[OwnTheory] = (),
) -> Report:
    """Answer the question of a finished run from its record, as `langevin compare` does.

        report = langevin.review("cube.h5")

    Args:
        run: a run, or the path of its file.
        landscape: of the run; made again from the file if absent, which is possible for langevin's landscapes.
        theory: user-defined, as for `ask`.

    Raises:
        UsageError: the run has no answer; the sentence gives the reason.
        InputFileError: the file cannot be read.
    """
    if isinstance(run, str | Path):
        from langevin.store import load

        run = load(run)
    report, reasons = recorded_question.answer_question(run, landscape, _own(theory))
    if report is None:
        raise UsageError(
            "; ".join(reasons) or "this run has no question",
            "a run of a known landscape",
            "give its landscape",
        )
    return report


def _own(theory: OwnTheory | Sequence[OwnTheory]) -> tuple[OwnTheory, ...]:
    """One theory or several as a tuple, each checked."""
    several = tuple(theory) if isinstance(theory, Sequence) else (theory,)
    for one in several:
        check_theory(one, "the theory given")
    return several


def _made(
    landscape: Landscape | str, dials: Mapping[str, Any] | None
) -> tuple[Callable[..., Any], dict[str, Any]]:
    """A factory and its dials."""
    if isinstance(landscape, Landscape):
        if dials:
            raise UsageError("dials go with a name", "a landscape, or a name with dials", "drop the dials")
        return _as_factory(landscape), dict(landscape.dials)
    if not isinstance(landscape, str):
        raise unfit("the landscape", "must be a Landscape or the name of one", type(landscape).__name__)
    named = landscape.replace("_", "-")
    kind = next((kind for kind in KINDS if named in names(kind)), KINDS[0])
    return factory(kind, named), dict(dials or {})


def _as_factory(landscape: Landscape) -> Callable[..., Landscape]:
    """A factory of this landscape, with the information whether langevin has it."""

    def build(**dials: Any) -> Landscape:
        return landscape

    kind = "manifolds" if landscape.is_surface or landscape.is_body else "potentials"
    name = landscape.name.replace("_", "-")
    known = name in file_names(kind) and content_hash(factory(kind, name)(**landscape.dials)) == content_hash(
        landscape
    )
    build.__module__ = f"langevin.{kind}.{landscape.name}" if known else "__main__"
    return build


def _of_stage(progress: bool | Progress) -> bool | StageCallback:
    """The caller's function of (label, steps done, walkers running), as a function of a stage."""
    if not callable(progress):
        return progress
    function = progress
    return lambda stage: function(stage.way.label, stage.step, stage.running)


@contextmanager
def _reporting(progress: Any, by: Callable[[Any], Any]) -> Iterator[Any]:
    """A function that reports the progress of a run: the caller's function, or a bar in a terminal or a notebook."""
    if callable(progress) or not progress:
        yield progress or None
        return
    from tqdm.auto import tqdm

    with tqdm(total=1, bar_format="{desc}", leave=False) as bar:
        yield by(bar)


def rounds_on_bar(bar: Any) -> Progress:
    """A function that shows (label, round, running replicas) of rates on a bar of tqdm."""

    def show_round(label: str, step: int, running: int) -> None:
        bar.set_description_str(f"{label}, round {step}, {counted(running, 'replica')} on the way")

    return show_round
