"""Premises of theories about a recorded training: each is a function that gives the reason why it does not hold.

The reason is empty if the premise holds. Premises of the law follow from what the law declares
(`langevin.sgld.laws.Premises`), the others from the numbers of the run. A theory names the premises that it needs, and
is compared with a run only if all of them hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from langevin.sgld.laws import Premises, dials, known

#: The meta of a run of networks, or of one setting of a sweep.
Meta = Mapping[str, Any]
#: A function of the meta that gives the reason why a premise does not hold; empty if it holds.
Premise = Callable[[Meta], str]


def why_not(meta: Meta, needed: Iterable[Premise]) -> str:
    """The first reason why a theory that needs these premises is not compared with a run; empty if it is."""
    return next(filter(None, (premise(meta) for premise in needed)), "")


def declared(meta: Meta) -> Premises:
    """What the law of a run declares."""
    return known(str(meta.get("law"))).premises


def langevin(meta: Meta) -> str:
    """A step is one of a Langevin equation."""
    return "" if declared(meta).langevin else f"{meta.get('law')} is no Langevin step"


def unscaled(meta: Meta) -> str:
    """The force is the gradient itself."""
    why = f"{meta.get('law')} rescales the gradient, so its steps are not those of descent"
    return "" if declared(meta).unscaled else why


def overdamped(meta: Meta) -> str:
    """There is no momentum."""
    return "" if declared(meta).overdamped else f"{meta.get('law')} has momentum, so the motion turns late"


def coarseness_known(meta: Meta) -> str:
    """The coarseness of a step follows from lr x curvature."""
    law = meta.get("law")
    return (
        ""
        if known(str(law)).edge
        else f"how coarse the steps of {law} are does not follow from the sharpness"
    )


def heated(meta: Meta) -> str:
    """There is noise of a temperature."""
    return "" if meta.get("temperature") else "there is no thermal noise"


def quiet_labels(meta: Meta) -> str:
    """There is no noise on the labels."""
    return "noise on the labels moves the weights too" if meta.get("label_noise") else ""


def whole_batch(meta: Meta) -> str:
    """Every step takes all samples."""
    whole = meta.get("batch") in (None, meta.get("train_samples"))
    return "" if whole else "batches kick the weights by noise that is not known"


def no_decay(meta: Meta) -> str:
    """There is no weight decay."""
    return (
        "weight decay pulls the weights off the zero-loss set and along it"
        if meta.get("weight_decay")
        else ""
    )


def one_law(meta: Meta) -> str:
    """The law does not change during the training."""
    return "the law changed on the way" if meta.get("after_memorisation") else ""


def even_steps(meta: Meta) -> str:
    """All steps are equally long."""
    return "a schedule makes steps of many lengths" if meta.get("schedule") else ""


def even_leaves(meta: Meta) -> str:
    """The learning rate is the same for all weights."""
    return "the learning rate differs from leaf to leaf" if meta.get("leaves") else ""


def as_recorded(meta: Meta) -> str:
    """The network in training is the one whose losses are recorded."""
    return "the network in training is another one than that of the losses" if meta.get("fit") else ""


def same_samples(meta: Meta) -> str:
    """Every step takes samples of the training set."""
    return "steps take new samples, and not those of the losses" if meta.get("fresh") else ""


def full_precision(meta: Meta) -> str:
    """Outputs have the precision of the training."""
    return f"outputs in {meta['apply_dtype']} are rounded too coarsely" if meta.get("apply_dtype") else ""


#: Networks on the zero-loss set diffuse on it, evenly in all directions, by thermal noise alone.
FREE_DIFFUSION = (
    *(langevin, quiet_labels, heated, no_decay, one_law, unscaled, overdamped, even_leaves),
    *(as_recorded, same_samples, full_precision),
)
#: Networks move down the gradient, in steps of one length.
PLAIN_DESCENT = (unscaled, overdamped, even_leaves, even_steps, whole_batch, quiet_labels, as_recorded)
#: The law of the weights is exp(-f / theta), up to an error of the step that is known.
GIBBS = (
    *(langevin, coarseness_known, heated, no_decay, quiet_labels, whole_batch, one_law),
    *(as_recorded, full_precision),
)


def coarseness(meta: Meta, curvature: float) -> float:
    """q: lr x curvature over its value at which the law begins to diverge.

    In a quadratic the variance is too large by the factor 1 / (1 - q). For a law without such a bias q is 0, as long as
    the law is stable.
    """
    own = known(str(meta["law"]))
    if own.edge is None:
        return float("inf")
    edge = own.edge(curvature, dials(meta["law"], meta.get("options") or {}))
    q = float(meta["learning_rate"] * curvature / edge) if edge else 0.0
    return 0.0 if own.premises.exact and q < 1 else q
