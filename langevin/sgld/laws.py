"""The laws of motion by name: the numbers that each of them takes, and the premises of theories that it satisfies.

| name | one step |
|---|---|
| `gradient-descent` | x <- x - lr grad f, all samples |
| `sgd` | gradient descent on a minibatch, with a new random order every epoch |
| `sgld` | x <- x - lr grad f + sqrt(2 lr theta) xi, minibatches if requested |
| `heavy-ball` | v <- momentum v - (1 - momentum) (lr grad f - sqrt(2 lr theta) xi), x <- x + v |
| `underdamped` | a velocity with friction and heat, split as BAOAB |
| `preconditioned` | x <- x - lr G grad f + sqrt(2 lr theta G) xi, G from the mean square gradient |
| `label-noise` | gradient descent on the half-MSE to y + sigma xi, with fresh noise for every label of the step |
| `optax.NAME` | an optimiser of the library optax |
| `module:function` | a user-defined optimiser: function(learning_rate, **options) returns one as optax has them |

All take weight decay wd, a schedule of factors alpha_k <= 1 of lr, and factors of lr and wd by leaf of the weights
(`langevin.sgld.model`). Laws with memory are in `langevin.sgld.laws_with_memory`.

The decay is *coupled* if wd x is added to the gradient (the prior wd |x|^2 / 2). It is *decoupled* if lr wd x is
subtracted in addition to the optimiser's step (Loshchilov and Hutter 2019, with the factor lr of PyTorch and optax).
Only optimisers have the choice: in all other laws the decay is coupled.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from langevin.arguments import misfit
from langevin.errors import UsageError, unfit
from langevin.sgld.model import Model
from langevin.sgld.records import NUMBERS, Law, Leaf


class Demands(NamedTuple):
    """Whether a law takes ("may"), needs ("must") or refuses ("no") each of these."""

    batch: str
    temperature: str
    label_noise: str


class Premises(NamedTuple):
    """Premises of theories that the motion under a law satisfies. For an optimiser nothing is known, so all are False.

    langevin    the stationary law at a temperature theta is exp(-f / theta), up to the error of the step; at
                temperature 0 the motion descends
    unscaled    the force is the gradient itself
    overdamped  there is no momentum: a step depends on the present weights only
    exact       in a quadratic the stationary law has no error of the step
    """

    langevin: bool = False
    unscaled: bool = False
    overdamped: bool = False
    exact: bool = False

    @property
    def descends(self) -> bool:
        """Whether a step without noise is lr times the gradient."""
        return self.unscaled and self.overdamped


class Dial(NamedTuple):
    """A number of one law: its default, the range that it may have, and the range in words."""

    default: float
    fits: Callable[[float], bool]
    rule: str


class Kind(NamedTuple):
    """The properties of a law that follow from its name.

    `edge(curvature, dials)` is the lr x curvature at which the law begins to diverge in a quadratic; it is None if this
    does not follow from the curvature alone. `demands` are the numbers that the law takes.
    """

    demands: Demands
    premises: Premises
    edge: Callable[[float, Mapping[str, float]], float] | None
    dials: Mapping[str, Dial] = {}


def _descent(curvature: float, dials: Mapping[str, float]) -> float:
    return 2.0


def _heavy_ball(curvature: float, dials: Mapping[str, float]) -> float:
    return 2.0 * (1.0 + dials["momentum"]) / (1.0 - dials["momentum"])


def _underdamped(curvature: float, dials: Mapping[str, float]) -> float:
    return 2.0 * math.sqrt(max(curvature, 0.0)) / dials["friction"]


DESCENT = Premises(langevin=True, unscaled=True, overdamped=True)
HEATED = Demands(batch="may", temperature="may", label_noise="no")
LAWS = {
    "gradient-descent": Kind(Demands("no", "no", "no"), DESCENT, _descent),
    "sgd": Kind(Demands("must", "no", "no"), DESCENT, _descent),
    "sgld": Kind(HEATED, DESCENT, _descent),
    "heavy-ball": Kind(
        HEATED,
        Premises(langevin=True, unscaled=True),
        _heavy_ball,
        {"momentum": Dial(0.9, lambda beta: 0 <= beta < 1, "must be at least 0 and below 1")},
    ),
    "underdamped": Kind(
        HEATED,
        Premises(langevin=True, unscaled=True, exact=True),
        _underdamped,
        {"friction": Dial(1.0, lambda gamma: 1e-6 <= gamma <= 1e6, "must be from 1e-6 to 1e6")},
    ),
    "preconditioned": Kind(
        HEATED,
        Premises(langevin=True, overdamped=True),
        None,
        {
            "memory": Dial(0.99, lambda alpha: 0 <= alpha < 1, "must be at least 0 and below 1"),
            "floor": Dial(1e-5, lambda floor: 0 < floor < math.inf, "must be finite and above 0"),
            "warm_up": Dial(1000.0, lambda steps: 1 <= steps <= 2**31, "must be from 1 to 2^31 steps"),
        },
    ),
    "label-noise": Kind(Demands("may", "no", "must"), DESCENT, _descent),
}
#: An optimiser would rescale thermal noise, which is then not Langevin noise; noise on the labels is possible.
OPTIMISER = Kind(Demands(batch="may", temperature="no", label_noise="may"), Premises(), None)
OPTAX = "optax."
DECAYS = ("coupled", "decoupled")
#: Ranges of the factors of a leaf: a rate is never 0, and both are within single precision.
LEAST, LARGEST = {"rate": 1e-9, "decay": 0.0}, 1e9


def is_optimiser(law: Law) -> bool:
    """Whether the law is an optimiser, from optax or user-defined."""
    return law.optimiser is not None or law.name.startswith(OPTAX) or ":" in law.name


def known(name: str) -> Kind:
    """The properties of a law from its name in the record of a run; every optimiser has the same few properties."""
    return LAWS.get(name, OPTIMISER)


def kind(law: Law) -> Kind:
    """The properties of a law.

    Raises:
        UsageError: there is no law of this name.
    """
    if is_optimiser(law):
        return OPTIMISER
    if law.name not in LAWS:
        raise UsageError(
            f"no law is called {law.name!r}",
            "the law must be known",
            f"use one of {', '.join(LAWS)}, optax.NAME for an optimiser of optax, or module:function for your own",
        )
    return LAWS[law.name]


def takes(law: Law, name: str) -> bool:
    """Whether the law may have this number, a field of `Demands`."""
    return bool(getattr(kind(law).demands, name) != "no")


def dials(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The dials of a law of this name: those among the options, and the defaults of the others."""
    return {dial: options.get(dial, made.default) for dial, made in known(name).dials.items()}


def check_dials(name: str, options: Mapping[str, Any]) -> None:
    """Refuse options that are not dials of the law of this name, or out of range; an optimiser may have any option.

    Raises:
        UsageError: for the first such option.
    """
    if name not in LAWS:
        return
    own = LAWS[name].dials
    for option, number in options.items():
        if option not in own:
            raise unfit(f"the law {name}", f"takes {', '.join(own)}" if own else "takes no options", option)
        if isinstance(number, bool) or misfit(float, number) or not own[option].fits(number):
            raise unfit(f"{option} of the law {name}", own[option].rule, f"{number!r}")


def check_law(model: Model, law: Law) -> None:
    """Refuse a number out of its range, or one that the law does not take.

    Raises:
        UsageError: for the first such number, with the range or the remedy.
    """
    if law.decay not in DECAYS:
        raise UsageError(f"decay is {law.decay!r}", f"it must be {' or '.join(DECAYS)}")
    kind(law)
    if law.optimiser is not None and law.name in LAWS:
        raise UsageError(
            f"an optimiser of your own is called {law.name!r}, as a law of langevin's is",
            "its name must be new",
            "give name, as in Law(0.1, name='filtered adam', optimiser=make)",
        )
    for name in NUMBERS:
        number, positive = getattr(law, name), name == "learning_rate"
        if misfit(float, number) or not math.isfinite(number) or number < 0 or (positive and number == 0):
            raise UsageError(
                f"{name} is {number}", f"it must be finite and {'above' if positive else 'at least'} 0"
            )
    check_dials(law.name, law.options)
    check_factors(law)
    if law.decay == "decoupled" and not is_optimiser(law):
        raise UsageError(
            "decay is 'decoupled'", f"in the law {law.name} it always joins the gradient", "say 'coupled'"
        )
    given = {"batch": law.batch, "temperature": law.temperature, "label_noise": law.label_noise}
    for name, demand in kind(law).demands._asdict().items():
        if demand == "must" and not given[name]:
            raise UsageError(
                f"the law {law.name} needs {name}", "it must be a number above 0", "give it, above 0"
            )
        if demand == "no" and given[name]:
            takers = [other for other, one in LAWS.items() if getattr(one.demands, name) != "no"]
            raise UsageError(
                f"the law {law.name} takes no {name}",
                f"these laws take it: {', '.join(takers)}",
                "leave it out, or take one of them",
            )
    if law.label_noise and model.loss != "half-mse":
        raise UsageError(
            f"noise on labels is for the half-mse loss, and that of {model.name} is another",
            "label noise needs the half-mse loss",
            "leave the noise out, or take this loss",
        )


def check_factors(law: Law) -> None:
    """Refuse factors of a leaf out of their range.

    Raises:
        UsageError: for the first such factor.
    """
    for name, leaf in law.leaves.items():
        if not isinstance(leaf, Leaf):
            raise unfit(f"the leaf {name}", "must be a langevin.sgld.Leaf", f"{leaf!r}")
        for what, factor in vars(leaf).items():
            if misfit(float, factor) or not LEAST[what] <= factor <= LARGEST:
                rule = f"must be from {LEAST[what]:g} to {LARGEST:g}"
                raise unfit(f"the factor of the {what} of the leaf {name}", rule, f"{factor!r}")
