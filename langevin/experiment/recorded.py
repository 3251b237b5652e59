"""Ask a recorded run the question that its configuration raises: the one that `run` asks before it simulates."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from langevin.errors import NumericalError, UsageError
from langevin.experiment.ensembles import labelled
from langevin.experiment.rebuilt import rebuilt, starts_as_usual
from langevin.experiment.report import Report
from langevin.types import Landscape, Status, Trajectory

NUMBER, NUMBERS = (int, float), (int, float, list)
#: What the meta of a run must say, as which kinds of value: a file may be anyone's.
TOY = {
    "landscape": str, "dials": dict, "dynamics": str, "integrator": str, "measure": (str, type(None)),
    "temperature": NUMBER, "dt": NUMBER, "seed": int,
}  # fmt: skip
NETWORK = {
    "law": str, "temperature": NUMBERS, "learning_rate": NUMBERS, "loss": str, "weight_decay": NUMBERS,
    "label_noise": NUMBERS, "sharpness": NUMBER, "schedule": bool, "batch": (int, type(None)),
    "after_memorisation": dict, "swept": list, "rank": (int, type(None)),
}  # fmt: skip


def ask(trajectory: Trajectory, landscape: Landscape | None = None) -> tuple[Report | None, list[str]]:
    """The run's question, answered on what was recorded, and a line for each reason why a theory is not there.

    A run that stopped at a target: the time to reach it, on cubes over the number of samples. Else, along a canal, and
    with label noise along any closed curve: the drift; on a surface with a known rate of forgetting: the displacement;
    along another curve: the shares of its quarters; in a potential: the stationary law. A network: when it memorised
    and generalised, and the thermometer.

    Args:
        trajectory: what was recorded.
        landscape: on which it was; made again from the file if absent, which works for langevin's own.
    """
    network = trajectory.meta.get("kind") == "network"
    try:
        _check(trajectory.meta, NETWORK if network else TOY)
        if network:
            from langevin.experiment.network_run import network_answer

            return network_answer(trajectory)
        landscape = landscape or rebuilt(trajectory)
        report = _passage(landscape, trajectory) if has_target(trajectory) else _walk(landscape, trajectory)
    except (UsageError, NumericalError) as reason:
        return None, [str(reason)]
    return report, _doubts(landscape, trajectory, report)


def _check(meta: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    for name, kind in kinds.items():
        if name not in meta or not isinstance(meta[name], kind):
            raise UsageError(f"the file does not say the {name} of its run, so no theory can be chosen")
    if kinds is NETWORK:
        return
    if not (0 < meta["dt"] < math.inf and 0 < meta["temperature"] < math.inf and 0 <= meta["seed"] < 2**64):
        raise UsageError(
            "temperature, step or seed in the file are out of their range, so no theory can be chosen"
        )


def has_target(trajectory: Trajectory) -> bool:
    """Whether the walkers were watched for a target."""
    return "target" in trajectory.events or bool((trajectory.events["status"] == Status.HIT).any())


def censored(trajectory: Trajectory) -> Trajectory:
    """The run with walkers that were still on their way to a target, when it was written, censored then."""
    status = np.asarray(trajectory.events["status"])
    if not has_target(trajectory) or not (status == Status.FINISHED).any():
        return trajectory
    ended = np.where(status == Status.FINISHED, Status.CENSORED, status).astype(status.dtype)
    return replace(trajectory, events={**trajectory.events, "status": ended})


def _passage(landscape: Landscape, trajectory: Trajectory) -> Report:
    meta, run = trajectory.meta, censored(trajectory)
    if landscape.name == "cube" and meta.get("question") == "grokking time" and "samples" in run.events:
        from langevin.experiment.grokking_time import grokking_answer

        return grokking_answer(run)
    if landscape.residual is not None:
        raise UsageError(f"no theory of the time to reach a target on the surface {landscape.name} is known")
    if not starts_as_usual(landscape, trajectory):
        raise UsageError(
            f"the walkers did not start where {landscape.name} starts them, for which alone its times are known"
        )
    if landscape.name == "cube":
        from langevin.experiment.grokking_time import grokking_answer

        return grokking_answer(labelled(run, samples=landscape.dials["samples"]))
    if landscape.is_body:
        from langevin.experiment import arrival_time

        return arrival_time.arrival_answer(landscape, run, arrival_time.curves_of(landscape))
    from langevin.experiment import escape_time

    return escape_time.escape_answer(landscape, run, escape_time.curves_of(landscape))


def _walk(landscape: Landscape, trajectory: Trajectory) -> Report:
    """A run without a target."""
    if not (landscape.is_surface or landscape.is_body):
        from langevin.experiment.stationary import stationary_answer

        return stationary_answer(landscape, trajectory)
    if landscape.residual is None:
        raise UsageError(f"no target was watched in {landscape.name}: its law in the long run is uniform")
    if trajectory.meta.get("question") == "law of uneven noise":
        from langevin.experiment.uneven_noise import uneven_noise_answer

        return uneven_noise_answer(landscape, trajectory)
    if landscape.facts.profile is not None:
        from langevin.experiment.drift import drift_answer

        if not starts_as_usual(landscape, trajectory):
            raise UsageError(
                f"the walkers did not start at the dial `start` of {landscape.name}, where its drift is known"
            )
        return drift_answer(landscape, trajectory)
    from langevin.experiment import along_curve

    meta = trajectory.meta
    asked = meta.get("question") == along_curve.QUESTION
    if landscape.facts.decay is not None and meta["dynamics"] == "projected" and not asked:
        from langevin.experiment.displacement import displacement_answer

        return displacement_answer(landscape, trajectory)
    curve = along_curve.curve_of(landscape)
    if curve is not None and meta["dynamics"] == "label-noise":
        from langevin.experiment.drift import drift_answer

        return drift_answer(landscape, trajectory)
    if curve is not None:
        return along_curve.along_curve_answer(landscape, curve, trajectory)
    raise UsageError(
        f"no law of drift or displacement is known for {meta['dynamics']} motion on {landscape.name}"
    )


def _doubts(landscape: Landscape, trajectory: Trajectory, report: Report) -> list[str]:
    """What the reader of the answer should know besides."""
    meta, lines = trajectory.meta, []
    if not report.comparisons:
        lines.append(f"no theory of this is known for {landscape.name}: what was measured stands alone")
    if has_target(trajectory):
        if not meta.get("target_shift") and not meta.get("bridge"):
            lines.append("the target was watched at step ends, without a correction: times are too long")
        walking = int((np.asarray(trajectory.events["status"]) == Status.FINISHED).sum())
        if walking:
            lines.append(f"the run had not finished: {walking} walkers count as censored where it stood")
    return lines
