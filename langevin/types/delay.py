"""The input of a theory of the delay between memorising and generalising, and its forecast."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from langevin.types.arrays import FloatArray


@dataclass(frozen=True)
class Seen:
    """Trainings as a theory sees them, an array (runs,) each.

    They are set before the first step, or recorded up to the step at which a network has memorised. They do not depend
    on later events. A number is nan if a task does not have it, or if it was not measured.

    Set before the first step
        task              name of the task
        law               law of motion: `gradient-descent`, `sgd`, `sgld`, `label-noise`, `optax.adamw`
        loss              `hinge`, `half-mse`, `cross-entropy`
        learning_rate     lr, the time of one step
        weight_decay      wd: the decay multiplies the weights by 1 - lr wd in a step
        temperature       theta of thermal noise
        label_noise       standard deviation sigma of the noise on the labels
        batch             samples a step; nan for all
        scale             factor of the usual initial weights
        samples           number of training samples
        fraction          share of all possible samples that is trained on; nan if they cannot be counted
        width             number of hidden units
        weights           number of weights
        outputs           number of outputs
        table_gap         third smallest eigenvalue of the constraints that equal answers put on a table of tokens, of
                          the training samples; nan if inputs are no pairs of tokens
        start_norm        |w| of the initial weights
        start_alignment   centred alignment of the tangent kernel of the initial weights with the kernel of the targets

    At the recorded step at which the network has memorised
        memorised_step    number of steps
        norm              |w|
        displacement      |w - w_0|
        train_loss, test_loss, train_accuracy, test_accuracy
        trace             tr J J^T / samples, J the derivatives of the outputs with respect to the weights
        sharpness         largest eigenvalue of the Hessian of the train loss
        rank              (tr K)^2 / tr K^2 of the tangent kernel K on at most 64 training samples
        alignment         centred alignment of K with the kernel of the targets
        kernel_change     |K - K_0| / |K_0|, K_0 the kernel of the initial weights
        logit_scale       root mean square of the outputs on the training set, less their mean over the outputs
        test_slope        d log(test loss) / d step, over the last fifth of the steps so far
        norm_slope        d log|w|^2 / d step, the same
        trace_slope       d log(trace) / d step, between half of the steps so far and now
        learning_coefficient  local learning coefficient, of one network in each cell. It is defined at a minimum, and
                          most networks are not at one yet, so that it is too large
        norm_flow         s = lr wd x steps at which the gradient flow of |w|^2 / 2 in the zero-loss set, from here on,
                          reaches a test accuracy of 0.95; infinite if it does not; of hinge losses
        known, known_sd   log10 of the delay and its standard deviation, if both are known exactly; such tasks test
                          the scores, and do not count in means over tasks
        norms             |w| of each leaf of the weights, by its name
    """

    task: NDArray[np.str_]
    law: NDArray[np.str_]
    loss: NDArray[np.str_]
    learning_rate: FloatArray
    weight_decay: FloatArray
    temperature: FloatArray
    label_noise: FloatArray
    batch: FloatArray
    scale: FloatArray
    samples: FloatArray
    fraction: FloatArray
    width: FloatArray
    weights: FloatArray
    outputs: FloatArray
    table_gap: FloatArray
    start_norm: FloatArray
    start_alignment: FloatArray
    memorised_step: FloatArray
    norm: FloatArray
    displacement: FloatArray
    train_loss: FloatArray
    test_loss: FloatArray
    train_accuracy: FloatArray
    test_accuracy: FloatArray
    trace: FloatArray
    sharpness: FloatArray
    rank: FloatArray
    alignment: FloatArray
    kernel_change: FloatArray
    logit_scale: FloatArray
    test_slope: FloatArray
    norm_slope: FloatArray
    trace_slope: FloatArray
    learning_coefficient: FloatArray
    norm_flow: FloatArray
    known: FloatArray
    known_sd: FloatArray
    norms: Mapping[str, FloatArray] = field(default_factory=dict)

    if not TYPE_CHECKING:  # a type checker has the columns

        def __getattr__(self, name: str) -> NoReturn:
            """Refuse a name that is no column, and list the columns: formulas have other names, such as lr."""
            columns = ", ".join(one.name for one in fields(self))
            raise AttributeError(f"no column {name!r} of trainings; there are {columns}")


class Forecast(NamedTuple):
    """log10 of the delay in steps: its median and its standard deviation, (runs,) each; nan for no forecast.

    Without a standard deviation, one is fitted to the calibration cells of the task.
    """

    median: FloatArray
    sd: FloatArray | None = None


@dataclass(frozen=True)
class Constant:
    """A number that a theory leaves open, and that is fitted to the calibration cells.

    name        its name in the formula
    start       where the fit begins
    low, high   bounds of the theory; outside of them the theory is excluded on this task
    """

    name: str
    start: float
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True)
class DelayTheory:
    """A theory of the number of steps between memorising and generalising.

    formula     the formula, in the words of the columns of `Seen`
    source      where it is published
    predict     predict(seen, constants) gives a `Forecast`, or the median alone; it is written with NumPy for arrays
    applies     applies(seen) gives the runs (runs,) for which the theory has a forecast; all if not given
    constants   constants that are fitted for each task separately
    assumes     its assumption, in a sentence
    baseline    whether it is a baseline, which contains no mechanism
    """

    formula: str
    source: str
    predict: Callable[[Seen, Sequence[float]], Forecast | FloatArray]
    applies: Callable[[Seen], NDArray[np.bool_]] | None = None
    constants: tuple[Constant, ...] = ()
    assumes: str = ""
    baseline: bool = False

    @property
    def summary(self) -> str:
        """The description of the theory in `langevin list`."""
        return self.formula


@dataclass(frozen=True)
class WhetherTheory:
    """A theory that predicts whether, and not when, a network generalises.

    predict     predict(seen, constants) gives the probability (runs,) that the network generalises
    The other fields are as in `DelayTheory`.
    """

    formula: str
    source: str
    predict: Callable[[Seen, Sequence[float]], FloatArray]
    applies: Callable[[Seen], NDArray[np.bool_]] | None = None
    constants: tuple[Constant, ...] = ()
    assumes: str = ""
    baseline: bool = False

    @property
    def summary(self) -> str:
        """The description of the theory in `langevin list`."""
        return self.formula
