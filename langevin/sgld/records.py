"""The records that define a training: its law of motion, its protocol, its recording, its computation.

No field name is in two of them, so the name of a field determines its record.
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

    `langevin.sgld.laws` has the names, and the numbers that each law takes. In compiled code the numbers are traced,
    so other values need no new compilation; name, batch, decay and the names of options and leaves are compiled in.

    learning_rate   lr, the time of one step
    temperature     theta; the Gibbs density is exp(-f / theta), f the mean loss over the training set
    weight_decay    wd; adds wd |x|^2 / 2 to f, not to the recorded losses
    label_noise     standard deviation of the noise on each target, drawn at every step
    name            `gradient-descent`, `sgd`, `sgld`, `heavy-ball`, `underdamped`, `preconditioned`, `label-noise`,
                    `optax.NAME` for an optimiser of optax, or `module:function` for a user-defined one
    batch           samples a step, in a new random order every epoch; None for all of them
    decay           `coupled` or `decoupled`: whether the weight decay is part of the gradient that an optimiser gets
    options         other arguments of a law, such as {"friction": 2.0}, or of an optimiser, such as {"b2": 0.98,
                    "nesterov": True}; their numbers are traced
    optimiser       a function of (learning_rate, **options) that makes an optimiser as optax has them, under any name
    leaves          factors of lr and wd by the name of a leaf of the weights (`langevin.sgld.model`), as
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
    """A criterion that ends a network: an observable is above or below a level for a number of steps in sequence.

    observable  its name; for an observable with parts the name of one part, such as `norms[hidden]`
    sign        `<`, `>`, `<=` or `>=`
    level       a finite number
    steps       for how many steps it must have held, by recorded steps
    share       for how long it must have held, as a fraction of the step since which it holds
    """

    observable: str
    sign: str
    level: float
    steps: float = 0
    share: float = 0


#: Names of other changes after memorisation (`langevin.sgld.held`).
HELD = ("norm", "output_temperature")


@dataclass(frozen=True)
class Protocol:
    """Changes of the law, conditions to stop, and initial weights of a training.

    schedule            factors of lr, above 0 and at most 1, for an array of step numbers: the alpha_k of stochastic
                        gradient Langevin dynamics (Welling and Teh 2011)
    sweep               values of numbers of the law, as {"temperature": [1e-6, 1e-5]}, all combined. The events
                        `setting`, `network` and one for each number swept identify the chains, and
                        `langevin.sgld.split` gives one run for each setting.
    after_memorisation  numbers of the law after the first recorded step at train accuracy 1; `norm`, at which the
                        weights are held after this step, in units of their norm at this step; `output_temperature`, by
                        which the outputs are divided in the loss of the steps (records use the undivided outputs)
    stop                criteria, any of which ends a network, with status HIT: records of kind `Criterion`, or texts
                        such as "test_loss<0.1 for 300" or "test_loss<0.1 for 50%"; or {"generalised": steps for which
                        test accuracy 1 has lasted, "train_loss": a loss}. They are tested at recorded steps, and the
                        event `stopped_by` has the index, in this order, of the criterion that ended a network, -1 for
                        none
    own                 if True, networks of the same number have separate initial weights, batches and noise in each
                        setting, so settings are independent; else they share them, and settings are compared in pairs
    start               weights of one network from which all start, instead of those that `init` draws, or a
                        `langevin.sgld.Start` with the weights of each. Noise and batches depend on the seed: with the
                        seed of the run from which the weights are, they are repeated
    """

    schedule: Schedule | None = None
    sweep: Mapping[str, Sequence[float]] = field(default_factory=dict)
    after_memorisation: Mapping[str, float] = field(default_factory=dict)
    stop: Mapping[str, float] | Sequence[str | Criterion] = field(default_factory=dict)
    own: bool = False
    start: Any = None


@dataclass(frozen=True)
class Recording:
    """The data of a training that are recorded and kept.

    frames   recorded steps, or about how many (`langevin.sgld.schedule`)
    observe  observables in addition to those of the model, by name, of kind `langevin.sgld.model.Observer`; one with
             several parts is kept as several observables `name[part]`
    sketch   dimension s of the recorded sketch of the weights, which gives a squared displacement a relative error of
             standard deviation sqrt(2/s) at most
    keep_state  keep the weights at the end, from which the run can be extended, with any number of bytes; else only up
             to 64 MiB (`langevin.sgld.snapshot.KEPT_BYTES`)
    weights  which weights are kept before the end: "final" keeps those at the first recorded step at which a network
             has memorised, generalised or arrived, if these take at most 64 MiB; "frames" keeps also those of every
             recorded step; a number N keeps those of every N-th step, which is then recorded. They are float32, stay in
             memory until the end, and take 4 bytes for each weight, network and step, at most 2 GiB
    """

    frames: int | Sequence[int] = 200
    observe: Mapping[str, Observer] = field(default_factory=dict)
    sketch: int = 64
    keep_state: bool = False
    weights: str | int = "final"


#: Names in `Trajectory.weights`: weights at requested steps (chains, steps, parameters), and these steps.
STEPWISE, STEPS = "stepwise", "steps"
#: Moments that happen to a network once, at a recorded step, and the event with this step. Weights that are kept at a
#: moment have its name; the order is that of `Progress.marks`.
MOMENTS = {"memorised": "memorised_step", "generalised": "generalised_step", "arrived": "arrival_step"}


@dataclass(frozen=True)
class Computation:
    """The settings with which a training is computed.

    dtype     `float32` or `float64`, of the weights and all computation
    chunk     most steps of one compiled call, fewer if they are slow; it changes no result
    lanes     networks advanced at once. With 1 the bits of a network do not depend on the other networks, with more
              they are the same within rounding. More lanes are faster on a CPU if a step does not use all of it, up to
              some thousand weights (docs/networks.md)
    apply     with `bfloat16` the outputs of the network are computed in it, from rounded weights and inputs; all other
              numbers, weights and steps too, have the type dtype
    device    the device of JAX, such as `cpu`, `gpu` or `cuda:1`; by default JAX chooses
    unstable  continue, with a warning, if descent diverges according to lr x sharpness at the start: 2 or more in a
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
    """Functions that a training calls while it runs; none of them changes it.

    announce    called once, before the first step, with a line on noise and sharpness
    progress    called with the number of steps done since the last call, all networks together
    visit       called at every recorded step with the step and the weights, a list of one for each chain
    seen        called with the step and the observables (chains,) of the last recorded step, before `progress`
    checkpoint  called every ten seconds, and on Ctrl-C or SIGTERM, with the run so far and with the state for the
                argument `resume`, arrays by name
    """

    announce: Callable[[str], object] | None = None
    progress: Callable[[int], object] | None = None
    visit: Callable[[int, list[Any]], object] | None = None
    checkpoint: Callable[[Trajectory, dict[str, Any]], object] | None = None
    seen: Callable[[int, Mapping[str, FloatArray]], object] | None = None
