"""The rows of the table from trainings: the data that a theory may use, and the outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.scorecard.moments import Course, Moments, moments_of
from langevin.scorecard.table import LEAF, SEEN
from langevin.sgld import Law, Model
from langevin.sgld.model import Weights
from langevin.sgld.weights import leaves_of, names_of, weights
from langevin.types import FloatArray, Status, Trajectory

Row = dict[str, Any]
#: Share of the steps so far over which the slope of test loss and norm is taken.
SLOPE_SHARE = 0.2
#: Columns of the outcome, which is hidden from theories.
HAPPENED = (
    "outcome", "memorised_after", "memorised_by", "generalised_after", "generalised_by", "strict_by", "first_by",
    "end_step", "end_test_accuracy", "generalised_norm",
)  # fmt: skip


def rows_of(
    run: Trajectory, model: Model, law: Law, task: str, scale: float, fraction: float = np.nan
) -> list[Row]:
    """One row for each network of a training whose weights were kept at every recorded step.

    Args:
        run: The training; `Recording(weights="frames")`.
        model: Its network.
        law: Its law of motion.
        task: Name of the task.
        scale: Factor of the usual initial weights.
        fraction: Share of all possible samples that is trained on.
    """
    from langevin.measure.networks.point import probe_of

    probe, rows = probe_of(model), []
    for chain in range(len(run.events["status"])):
        course = course_of(run, chain, model)
        moments = moments_of(course)
        count = int(run.weights["stepwise"].shape[-1])
        row: Row = dict.fromkeys(SEEN, np.nan) | given(model, law, task, scale, fraction, count)
        row |= measured(run, model, chain, course, moments.frame, probe)
        rows.append(row | happened(course, moments))
    return rows


def measured(
    run: Trajectory, model: Model, chain: int, course: Course, at: int, probe: Callable[[Weights], Any]
) -> Row:
    """The numbers at the initial weights and, if the network has memorised, at the recorded frame `at`.

    Args:
        run: trained networks.
        model: of the run.
        chain: number of the network.
        course: its recorded course.
        at: recorded frame at which it has memorised; below 0 if it has not.
        probe: weights to trace, sharpness, logit scale and kernel.
    """
    from langevin.measure.networks import kernel_alignment, kernel_change
    from langevin.measure.networks.point import target_kernel

    targets, first = target_kernel(model), np.asarray(probe(weights(run, model, chain, 0)).kernel, float)
    row: Row = {
        "start_norm": float(course.norm[0]),
        "start_alignment": kernel_alignment(first, targets, centred=True),
    }
    if at < 0:
        return row
    middle = int(np.searchsorted(course.steps, course.steps[at] / 2))
    here = weights(run, model, chain, int(course.steps[at]))
    half, now = probe(weights(run, model, chain, int(course.steps[middle]))), probe(here)
    kernel = np.asarray(now.kernel, float)
    recorded = ("displacement", "train_loss", "test_loss", "train_accuracy", "test_accuracy")
    row |= {name: float(run.observables[name][chain, at]) for name in recorded}
    row |= {
        f"{LEAF}{name}]": float(np.linalg.norm(leaf)) for name, leaf in zip(names_of(here), leaves_of(here))
    }
    if chain == 0:
        row["learning_coefficient"] = coefficient(model, here, float(now.sharpness))
    return row | {
        "memorised_step": float(course.steps[at]),
        "norm": float(course.norm[at]),
        "trace": float(now.trace),
        "sharpness": float(now.sharpness),
        "logit_scale": float(now.logit_scale),
        "rank": float(np.trace(kernel) ** 2 / np.sum(kernel**2)),
        "alignment": kernel_alignment(kernel, targets, centred=True),
        "kernel_change": kernel_change(kernel, first),
        "test_slope": slope(course.steps, course.test_loss, at),
        "norm_slope": slope(course.steps, course.norm**2, at),
        "trace_slope": float(np.log(now.trace / half.trace) / max(course.steps[at] / 2, 1)),
    }


def course_of(run: Trajectory, chain: int, model: Model) -> Course:
    """The recorded course of one network, up to its end.

    Args:
        run: trained networks.
        chain: number of the network.
        model: of the run.
    """
    here = run.steps <= run.events["step"][chain]

    def seen(name: str) -> FloatArray:
        return np.asarray(run.observables[name][chain][here], float)

    return Course(
        run.steps[here],
        train_accuracy=seen("train_accuracy"),
        test_accuracy=seen("test_accuracy"),
        train_loss=seen("train_loss"),
        test_loss=seen("test_loss"),
        norm=seen("weight_norm"),
        diverged=bool(run.events["status"][chain] == Status.DIVERGED),
        saturates=model.loss == "cross-entropy",
    )


def given(model: Model, law: Law, task: str, scale: float, fraction: float, count: int) -> Row:
    """The settings before the first step; `count` is the number of weights.

    Args:
        model: the network.
        law: of its training.
        task: name of the task.
        scale: factor of the usual initial weights.
        fraction: fraction of all samples in the training set.
        count: number of weights.
    """
    return {
        "task": task, "law": law.name, "loss": str(model.loss), "learning_rate": law.learning_rate,
        "weight_decay": law.weight_decay, "temperature": law.temperature, "label_noise": law.label_noise,
        "batch": np.nan if law.batch is None else float(law.batch), "scale": scale,
        "samples": float(len(model.train.inputs)), "fraction": fraction,
        "width": float(model.dials.get("width", np.nan)),
        "weights": float(count),
        "outputs": float(model.train.targets.shape[1]), "table_gap": table_gap(model),
    }  # fmt: skip


def happened(course: Course, moments: Moments) -> Row:
    """The outcome of the training, which is hidden from theories.

    Args:
        course: the recorded course of the network.
        moments: its events.
    """
    row: Row = {"outcome": str(moments.outcome)}
    for name in ("memorised", "generalised"):
        interval = getattr(moments, name)
        row |= {f"{name}_after": interval.after, f"{name}_by": interval.by}
    row |= {"strict_by": moments.strict.by, "first_by": moments.first.by}
    later = course.steps >= moments.generalised.by
    return row | {
        "end_step": float(course.steps[-1]),
        "end_test_accuracy": float(course.test_accuracy[-1]),
        "generalised_norm": float(course.norm[later.argmax()]) if later.any() else np.nan,
    }


def slope(steps: NDArray[np.int64], values: FloatArray, at: int) -> float:
    """d log(values) / d step by least squares over the last `SLOPE_SHARE` of the steps up to a recorded one.

    At least three recorded steps are taken; nan if a value is not above 0.

    Args:
        steps: recorded steps, (frames,).
        values: at these steps, (frames,).
        at: number of the frame.
    """
    first = min(int(np.searchsorted(steps, (1 - SLOPE_SHARE) * steps[at])), max(at - 2, 0))
    x, y = steps[first : at + 1].astype(float), values[first : at + 1]
    if len(x) < 2 or not (y > 0).all():
        return np.nan
    return float(np.polyfit(x - x.mean(), np.log(y), 1)[0])


def coefficient(model: Model, minimum: Weights, sharpness: float) -> float:
    """Local learning coefficient from short walks, with the step and the localisation of `langevin measure`.

    Args:
        model: the network.
        minimum: weights at which the walks start.
        sharpness: largest eigenvalue of the Hessian there.
    """
    from langevin.errors import NumericalError
    from langevin.measure.networks import local_learning_coefficient

    samples = len(model.train.targets)
    try:
        found = local_learning_coefficient(
            model, minimum, learning_rate=0.2 / sharpness, localisation=0.001 * sharpness * samples / np.log(samples),
            draws=30, every=10, burn_in=300, chains=2,
        )  # fmt: skip
    except NumericalError:
        return np.nan
    return found[1].value


def table_gap(model: Model) -> float:
    """Third smallest eigenvalue of the constraints on a table of tokens, nan if inputs are no pairs of tokens.

    Liu et al. (2022, arXiv 2205.10343): pairs (i, j) and (m, n) of the training set with one answer require E_i + E_j =
    E_m + E_n of the embeddings E. The eigenvalues belong to the mean of v v^T, v = e_i + e_j - e_m - e_n.
    """
    inputs = np.asarray(model.train.inputs)
    if inputs.dtype.kind not in "iu" or inputs.ndim != 2 or inputs.shape[1] != 2:
        return np.nan
    answers, tokens = np.asarray(model.train.targets).argmax(axis=1), int(inputs.max()) + 1
    pairs = np.eye(tokens)[inputs[:, 0]] + np.eye(tokens)[inputs[:, 1]]
    total, count = np.zeros((tokens, tokens)), 0
    for answer in np.unique(answers):
        rows = pairs[answers == answer]
        total += len(rows) * rows.T @ rows - np.outer(rows.sum(axis=0), rows.sum(axis=0))
        count += len(rows) * (len(rows) - 1) // 2
    return float(np.linalg.eigvalsh(total / max(count, 1))[2])
