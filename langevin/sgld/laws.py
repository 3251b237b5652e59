"""The laws of motion by name, and which numbers each of them takes.

| name | one step |
|---|---|
| `gradient-descent` | x <- x - lr grad f, all samples |
| `sgd` | the same on a minibatch, shuffled afresh every epoch |
| `sgld` | x <- x - lr grad f + sqrt(2 lr theta) xi, minibatches if asked for |
| `label-noise` | gradient descent on the half-MSE to y + sigma xi, with fresh noise for every label of the step |
| `optax.NAME` | an optimiser of the library optax |
| `module:function` | an optimiser of your own: function(learning_rate, **options) returns one as optax has them |

All take weight decay wd, and a schedule of factors alpha_k <= 1 of lr. The decay is *coupled*, wd x joins the gradient
(the prior wd |x|^2 / 2), or *decoupled*, lr wd x is subtracted beside the optimiser's step (Loshchilov and
Hutter 2019, with the factor lr of PyTorch and optax). Only an optimiser that rescales its gradient tells these apart.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from langevin.doors import misfit
from langevin.errors import UsageError, unfit
from langevin.sgld.model import Model
from langevin.sgld.records import NUMBERS, Law


class Demands(NamedTuple):
    """Whether a law takes ("may"), needs ("must") or refuses ("no") each of these."""

    batch: str
    temperature: str
    label_noise: str


LAWS = {
    "gradient-descent": Demands(batch="no", temperature="no", label_noise="no"),
    "sgd": Demands(batch="must", temperature="no", label_noise="no"),
    "sgld": Demands(batch="may", temperature="may", label_noise="no"),
    "label-noise": Demands(batch="may", temperature="no", label_noise="must"),
}
#: Noise that an optimiser rescales is not Langevin's; on the labels it stays what it is.
OPTIMISER = Demands(batch="may", temperature="no", label_noise="may")
OPTAX = "optax."
DECAYS = ("coupled", "decoupled")


def is_optimiser(law: Law) -> bool:
    """Whether steps are those of an optimiser, of optax or of the reader's."""
    return law.optimiser is not None or law.name.startswith(OPTAX) or ":" in law.name


def demands(law: Law) -> Demands:
    """What the law of this name takes.

    Raises:
        UsageError: there is none.
    """
    if is_optimiser(law):
        return OPTIMISER
    if law.name not in LAWS:
        raise UsageError(
            f"no law is called {law.name!r}",
            "a law that is known",
            f"use one of {', '.join(LAWS)}, optax.NAME for an optimiser of optax, or module:function for your own",
        )
    return LAWS[law.name]


def takes(law: Law, name: str) -> bool:
    """Whether the law may have this number, a field of `Demands`."""
    return bool(getattr(demands(law), name) != "no")


def check_law(model: Model, law: Law) -> None:
    """Refuse a number out of its range, or one that the law does not take.

    Raises:
        UsageError: for the first such number, with the range or the remedy.
    """
    if law.decay not in DECAYS:
        raise UsageError(f"decay is {law.decay!r}", f"it must be {' or '.join(DECAYS)}")
    demands(law)
    if law.optimiser is not None and law.name in LAWS:
        raise UsageError(
            f"an optimiser of your own is called {law.name!r}, as a law of langevin's is",
            "another name",
            "give name, as in Law(0.1, name='filtered adam', optimiser=make)",
        )
    for name in NUMBERS:
        number, positive = getattr(law, name), name == "learning_rate"
        if misfit(float, number) or not math.isfinite(number) or number < 0 or (positive and number == 0):
            raise UsageError(
                f"{name} is {number}", f"it must be finite and {'above' if positive else 'at least'} 0"
            )
    if law.options and not is_optimiser(law):
        raise unfit(f"the law {law.name}", "takes no options", f"{', '.join(law.options)}")
    if law.decay == "decoupled" and not is_optimiser(law):
        raise UsageError(
            "decay is 'decoupled'", f"in the law {law.name} that is the same as 'coupled'", "say 'coupled'"
        )
    given = {"batch": law.batch, "temperature": law.temperature, "label_noise": law.label_noise}
    for name, demand in demands(law)._asdict().items():
        if demand == "must" and not given[name]:
            raise UsageError(f"the law {law.name} needs {name}", "a number above 0", "give it, above 0")
        if demand == "no" and given[name]:
            raise UsageError(
                f"the law {law.name} takes no {name}",
                "laws that take it",
                "leave it out, or take another law",
            )
    if law.label_noise and model.loss != "half-mse":
        raise UsageError(
            f"noise on labels is for the half-mse loss, and that of {model.name} is another",
            "a model with the half-mse loss",
            "leave the noise out, or take this loss",
        )
