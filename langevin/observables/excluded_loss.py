"""The loss of what a network of addition modulo p does without its key frequencies."""

from __future__ import annotations

from typing import Any

from langevin.sgld.fourier import losses_of, parts_of
from langevin.sgld.model import Data, Model, Weights
from langevin.types import Observable


def look(model: Model, weights: Weights, data: tuple[Data, Data]) -> dict[str, Any]:
    """Loss on training and test set of the outputs from which the key waves are taken away.

    Excluded loss of Nanda et al. 2023, arXiv 2301.05217, who take that of the training set, with the key frequencies of
    these weights' embedding instead of those of the trained network.
    """
    found = parts_of(model, weights, data)
    return losses_of(model, found.whole - found.key, data)


excluded_loss = Observable(summary="loss without the key frequencies of addition modulo p", look=look)
