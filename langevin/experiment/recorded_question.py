"""Answer the question of a recorded run. It is the question that `run` chooses before it simulates.

A landscape without available functions gives no theory. The figure of its run needs only the content of the file.
The content of a file may cause only a limited computation. If it needs more, it is refused with a sentence.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from langevin.ensemble.splitting import measured
from langevin.errors import NumericalError, UsageError
from langevin.experiment.answering import answered, has_target, law_of_run
from langevin.experiment.landscape_of_file import rebuilt
from langevin.experiment.own_theory import OwnTheory
from langevin.experiment.rare_escape import rate_answer, recorded_walks
from langevin.experiment.rate_record import KIND as RATES
from langevin.experiment.report import Report
from langevin.sgld.laws import check_dials
from langevin.types import Comparison, Landscape, Status, Trajectory
from langevin.words import counted

NUMBER, NUMBERS = (int, float), (int, float, list)
LARGEST = sys.float_info.max
#: Required entries of the meta of a run, and the kinds of their values: a file may have any content.
TOY = {
    "landscape": str, "dials": dict, "dynamics": str, "integrator": str, "measure": (str, type(None)),
    "temperature": NUMBER, "dt": NUMBER, "seed": int,
}  # fmt: skip
NETWORK = {
    "law": str, "temperature": NUMBERS, "learning_rate": NUMBERS, "loss": str, "weight_decay": NUMBERS,
    "label_noise": NUMBERS, "sharpness": NUMBER, "schedule": bool, "batch": (int, type(None)),
    "after_memorisation": dict, "swept": list, "rank": (int, type(None)),
    "residuals": int, "parameters": int,
}  # fmt: skip
#: Largest processor time, in seconds, for the answer on a landscape that only the file names, for the exponents of the
#: motion on it, and for each theory that is evaluated after these times have passed.
ANSWER, EXPONENTS, AFTERWARDS = 6.0, 2.0, 0.1


def answer_question(
    trajectory: Trajectory, landscape: Landscape | None = None, own: Sequence[OwnTheory] = ()
) -> tuple[Report | None, list[str]]:
    """The answer to the run's question from the record, and a line for each reason why a theory is absent.

    The same table as for a live run gives the question (`experiment.answering`). The answer for networks is when they
    memorised and generalised, and the thermometer; the answer for rates is the mean time at each temperature.

    Args:
        trajectory: what was recorded.
        landscape: of the run; made again from the file if absent, which is possible for langevin's landscapes.
        own: theories of the user, for a run of walkers or of rates.

    Raises:
        UsageError: theories for a run of networks.
    """
    network = trajectory.meta.get("kind") == "network"
    if network and own:
        raise UsageError(
            "a theory of your own is compared with a run of walkers, and this is one of networks",
            "a run of `langevin simulate` or `langevin rate`",
            "leave the theory out",
        )
    try:
        if is_rate(trajectory):
            return _rates(trajectory, landscape, own), []
        check(trajectory.meta)
        if network:
            from langevin.experiment.network_run import network_answer

            return network_answer(trajectory)
        with allowed(trajectory, landscape, ANSWER):
            report = answered(landscape or rebuilt(trajectory), censored(trajectory), own)
    except (UsageError, NumericalError) as reason:
        return None, [str(reason)]
    return replace(report, trajectory=trajectory), _doubts(trajectory)


def is_rate(trajectory: Trajectory) -> bool:
    """Whether a run was made by `langevin rate`; its chains are then replicas."""
    return bool(trajectory.meta.get("kind") == RATES)


def allowed(
    trajectory: Trajectory, landscape: Landscape | None, seconds: float
) -> AbstractContextManager[None]:
    """A block that limits the seconds spent on the content of a file; a landscape that is given has no limit.

    Args:
        trajectory: what was recorded.
        landscape: given by the user; None if there is none.
        seconds: largest processor time.
    """
    if landscape is not None or trajectory.meta.get("kind") == "network":
        return nullcontext()
    return allowance(seconds, "give the landscape again, by --manifold or --potential, with its dials by -p")


def known(trajectory: Trajectory) -> Landscape | None:
    """The landscape of a toy's run, if it can be made again from the file; None for networks."""
    try:
        return None if trajectory.meta.get("kind") == "network" else rebuilt(trajectory)
    except UsageError:
        return None


def check(meta: Mapping[str, Any]) -> None:
    """Refuse a run whose meta lacks what theories need, or has it in values of another kind.

    Raises:
        UsageError: something is missing, or of another kind.
    """
    kinds: Mapping[str, Any] = NETWORK if meta.get("kind") == "network" else TOY
    for name, kind in kinds.items():
        if name not in meta or not isinstance(meta[name], kind):
            raise UsageError(
                f"the file does not contain the {name} of its run, so no theory can be chosen",
                "a file with this entry",
                "run again with this version",
            )
    if kinds is NETWORK:
        _check_options(meta)
        lists = [
            name for name, value in meta.items() if isinstance(value, list) and NUMBERS == kinds.get(name)
        ]
        if lists and not meta["swept"]:
            raise UsageError(f"the file contains several values of {lists[0]} without a sweep over it")
        return
    if not (0 < meta["dt"] <= LARGEST and 0 <= meta["temperature"] <= LARGEST and 0 <= meta["seed"] < 2**64):
        raise UsageError(
            "temperature, step or seed in the file are out of their range, so no theory can be chosen",
            "numbers in their ranges",
            "run again with this version",
        )


def censored(trajectory: Trajectory) -> Trajectory:
    """The run. Walkers that had not reached a target when it was written are censored at that time."""
    status = np.asarray(trajectory.events["status"])
    if not has_target(trajectory) or not (status == Status.FINISHED).any():
        return trajectory
    ended = np.where(status == Status.FINISHED, Status.CENSORED, status).astype(status.dtype)
    return replace(trajectory, events={**trajectory.events, "status": ended})


def draw_alone(path: str | Path, trajectory: Trajectory, stored: Sequence[Comparison] = ()) -> None:
    """Draw rates over the temperature, the share of walkers on their way to a target, or how far walkers went.

    Args:
        path: of the figure.
        trajectory: a run of walkers or of rates.
        stored: comparisons in the file of the run; comparisons of the mean time are drawn with it.

    Raises:
        InputFileError: numbers that no run of rates has.
        UsageError: the run holds nothing to draw.
        OutputError: the file cannot be written.
    """
    meta = trajectory.meta
    name = _plain(str(meta.get("landscape") or meta.get("model") or "a landscape"))
    if is_rate(trajectory):
        from langevin.figures.first_passage import rare_escape

        runs = [measured(walks) for walks in recorded_walks(trajectory)]
        temperatures = [run.meta["temperature"] for run in runs]
        rare_escape(path, temperatures, [run.rate for run in runs], [], f"Rate to the target of {name}")
    elif has_target(trajectory):
        from langevin.figures.first_passage import escape_time
        from langevin.measure import mean_first_passage_time, survival_curve

        run = censored(trajectory)
        times = [replace(row, theory=_plain(row.theory)) for row in stored if not row.quantity]
        title = f"Time to the target of {name}"
        escape_time(path, survival_curve(run), mean_first_passage_time(run), times, title)
    else:
        from langevin.figures.walks import walked

        walked(path, trajectory, f"Displacement on {name}")


def _rates(trajectory: Trajectory, landscape: Landscape | None, own: Sequence[OwnTheory]) -> Report:
    """The answer of a run of rates."""
    recorded_walks(trajectory)
    with allowed(trajectory, landscape, ANSWER):
        here = landscape or rebuilt(trajectory)
        found = rate_answer(here, law_of_run(here, trajectory.meta["dynamics"]), trajectory, own)
    return Report(found.title, trajectory, found.comparisons, found.text, found.record, found.draw)


def _check_options(meta: Mapping[str, Any]) -> None:
    """Refuse dials that the law cannot have. A run from before dials existed contains none."""
    options = meta.get("options", {})
    if not isinstance(options, dict):
        raise UsageError(
            "the options of the law in the file are no numbers by name, so no theory can be chosen",
            "numbers by name",
            "run again with this version",
        )
    check_dials(meta["law"], options)


def _doubts(trajectory: Trajectory) -> list[str]:
    """Further notes for the reader of the answer."""
    meta, lines = trajectory.meta, []
    if has_target(trajectory):
        if not meta.get("target_shift") and not meta.get("bridge"):
            lines.append("the target was watched at step ends, without a correction: times are too long")
        walking = int((np.asarray(trajectory.events["status"]) == Status.FINISHED).sum())
        if walking:
            count = counted(walking, "walker counts", "walkers count")
            lines.append(f"the run had not finished: {count} as censored at the last step")
    return lines


def _plain(text: str) -> str:
    """A text from a file, without what Matplotlib reads as mathematics."""
    return "".join(letter for letter in text if letter.isprintable() and letter != "$")


class TooLong(UsageError):
    """The allowance is spent."""


@contextmanager
def allowance(seconds: float, remedy: str) -> Iterator[None]:
    """Raise `TooLong` in the block, again and again, once it has taken `seconds` seconds of processor time.

    If the process has no such clock, or outside the main thread, nothing is raised. `remedy` ends the
    sentence.

    Args:
        seconds: limit of the processor time.
        remedy: end of the sentence.
    """
    timed = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not timed:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLong(f"it takes more than {seconds:g} s of computation, the limit for a file: {remedy}")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds, AFTERWARDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)
