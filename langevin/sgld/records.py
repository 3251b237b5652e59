"""The records that say what a training is to be: its law of motion, its course, what is kept, how it is computed.

No field is in two of them, so that the name of a field says in which record it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from langevin.sgld.model import Observer
from langevin.types import FloatArray, Trajectory

#: Factors of the learning rate for an array of step numbers, as in `langevin.ensemble.simulate`.
Schedule = Callable[[NDArray[np.int64]], FloatArray]


@dataclass(frozen=True)
class Leaf:
    """Factors of learning rate and weight decay in one leaf of the weights, or in all leaves of a branch of them."""

    rate: Any = 1.0
    decay: Any = 1.0


@dataclass(frozen=True)
class Law:
    """A law of motion: x <- x - lr (grad f + wd x) + sqrt(2 lr theta) xi, or another by name.

    `langevin.sgld.laws` has the names, and says which numbers each law takes. In compiled code the numbers are traced,
    so that other values compile nothing anew; name, batch, decay and the names of options and leaves are compiled in.

    learning_rate   lr, the time of one step
    temperature     theta; the Gibbs density is exp(-f / theta), f the mean loss over the training set
    weight_decay    wd; adds wd |x|^2 / 2 to f, not to the recorded losses
    label_noise     standard deviation of the noise on each target, fresh at every step
    name            `gradient-descent`, `sgd`, `sgld`, `heavy-ball`, `underdamped`, `preconditioned`, `label-noise`,
                    `optax.NAME` for an optimiser of optax, or `module:function` for one of your own
    batch           samples a step, shuffled afresh every epoch; None for all of them
    decay           `coupled` or `decoupled`: whether an optimiser sees the weight decay
    options         what else a law takes, as {"friction": 2.0}, or an optimiser, as {"b2": 0.98, "nesterov": True}; its
                    numbers are traced
    optimiser       a function of (learning_rate, **options) that makes an optimiser as optax has them, under any name
    leaves          factors of lr and wd by the name of a leaf of the weights (`langevin.sgld.leaves`), as
                    {"output": Leaf(rate=0.1), "bias": Leaf(decay=0)}
    """

    learning_rate: Any
    temperature: Any = 0.0
    weight_decay: Any = 0.0
    label_noise: Any = 0.0
    _: KW_ONLY
    name: str = "sgld"
    batch: int | None = None
    decay: str = "coupled"
    options: Mapping[str, Any] = field(default_factory=dict)
    optimiser: Callable[..., Any] | None = None
    leaves: Mapping[str, Leaf] = field(default_factory=dict)


#: The numbers of a law that a sweep or a change may set, in the order of its fields.
NUMBERS = ("learning_rate", "temperature", "weight_decay", "label_noise")


@dataclass(frozen=True)
class Criterion:
    """What ends a network: an observable above or below a level, for a number of steps without interruption.

    observable  its name; of an observable with parts the name of one, as `norms[hidden]`
    sign        `<`, `>`, `<=` or `>=`
    level       a finite number
    steps       how long it must have lasted, by recorded steps
    share       how long it must have lasted, as a share of the step since which it holds
    """

    observable: str
    sign: str
    level: float
    steps: float = 0
    share: float = 0


#: What else may change after memorisation (`langevin.sgld.held`).
HELD = ("norm", "output_temperature")


@dataclass(frozen=True)
class Protocol:
    """What becomes of the law and of the networks in the course of a training.

    schedule            factors of lr, above 0 and at most 1, for an array of step numbers: the alpha_k of stochastic
                        gradient Langevin dynamics (Welling and Teh 2011)
    sweep               values of numbers of the law, as {"temperature": [1e-6, 1e-5]}, all combined. The events
                        `setting`, `network` and one for each number swept say which chain is which, and
                        `langevin.sgld.split` takes settings apart.
    after_memorisation  numbers of the law from the first recorded step at train accuracy 1 on; `norm`, at which the
                        weights are held from then on, in units of their norm at that step; `output_temperature`, which
                        divides the outputs in the loss that is descended (what is recorded is of the outputs)
    stop                criteria, any of which ends a network, with status HIT: records of kind `Criterion`, or texts
                        such as "test_loss<0.1 for 300" or "test_loss<0.1 for 50%"; or {"generalised": steps for which
                        test accuracy 1 has lasted, "train_loss": a loss}. They are decided at recorded steps, and the
                        event `stopped_by` has the place, in this order, of the criterion that ended a network, -1 for
                        none
    own                 networks of one number have their own initial weights, batches and noise in each setting, so
                        that settings are independent; else they share them, and settings are compared in pairs
    start               weights of one network from which all start, instead of those that `init` draws, or a
                        `langevin.sgld.Start` with those of each. Noise and batches are those of the seed: with the seed
                        of the run from which the weights are, they are repeated
    """

    schedule: Schedule | None = None
    sweep: Mapping[str, Sequence[float]] = field(default_factory=dict)
    after_memorisation: Mapping[str, float] = field(default_factory=dict)
    stop: Mapping[str, float] | Sequence[str | Criterion] = field(default_factory=dict)
    own: bool = False
    start: Any = None


@dataclass(frozen=True)
class Recording:
    """What is kept of a training.

    frames   recorded steps, or about how many (`langevin.sgld.schedule`)
    observe  observables in addition to those of the model, by name, of kind `langevin.sgld.model.Observer`; one with
             several parts is kept as several, `name[part]`
    sketch   dimension s of the recorded sketch of the weights, which gives a squared displacement a relative error of
             standard deviation sqrt(2/s) at most
    keep_state  keep the weights at the end, from which the run can be extended, however many bytes they take; else up
             to 64 MiB (`langevin.sgld.snapshot.KEPT_BYTES`)
    weights  which weights are kept on the way, besides the end: "final", those at the first recorded step at which a
             network has memorised, generalised or arrived, while these take at most 64 MiB; "frames", also those of
             every recorded step; a number N, those of every N-th step, which is recorded. They are float32, stay in
             memory until the end, and take 4 bytes a weight, network and step, at most 2 GiB
    """

    frames: int | Sequence[int] = 200
    observe: Mapping[str, Observer] = field(default_factory=dict)
    sketch: int = 64
    keep_state: bool = False
    weights: str | int = "final"


#: Names in `Trajectory.weights`: weights at requested steps (chains, steps, parameters), and these steps.
STEPWISE, STEPS = "stepwise", "steps"
#: What happens to a network once, at a recorded step, and the event that has the step. Weights that are kept then have
#: this name; the order is that of `Progress.marks`.
MOMENTS = {"memorised": "memorised_step", "generalised": "generalised_step", "arrived": "arrival_step"}


@dataclass(frozen=True)
class Computation:
    """How a training is computed.

    dtype     `float32` or `float64`, of the weights and all computation
    chunk     most steps of one compiled call, fewer where they are slow; it changes no result
    lanes     networks advanced at once. With 1 a network is bitwise the same in any company, with more the same within
              rounding. More are faster on a CPU where a step is too small to fill it, up to some thousand weights
              (docs/networks.md)
    apply     `bfloat16` computes the outputs of the network in it, from rounded weights and inputs; all else, weights
              and steps too, stays in dtype
    device    what JAX is to compute on, as `cpu`, `gpu` or `cuda:1`; its own choice if not given
    unstable  continue, with a warning, where lr x sharpness at the start says that descent diverges: 2 or more in a
              quadratic, 4 or more in a network
    """

    dtype: str = "float32"
    chunk: int = 1000
    lanes: int = 1
    unstable: bool = False
    apply: str | None = None
    device: str | None = None


@dataclass(frozen=True)
class Callbacks:
    """Functions that a training calls on its way; none of them changes it.

    announce    called once, before the first step, with a line on noise and sharpness
    progress    called with the number of steps done since the last call, all networks together
    visit       called at every recorded step with the step and the weights, a list of one for each chain
    seen        called with the step and the observables (chains,) of the last recorded step, before `progress`
    checkpoint  called every ten seconds, and on Ctrl-C or SIGTERM, with the run so far and what `resume` takes, arrays
                by name
    """

    announce: Callable[[str], object] | None = None
    progress: Callable[[int], object] | None = None
    visit: Callable[[int, list[Any]], object] | None = None
    checkpoint: Callable[[Trajectory, dict[str, Any]], object] | None = None
    seen: Callable[[int, Mapping[str, FloatArray]], object] | None = None
