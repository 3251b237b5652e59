"""How well groups of samples are separated in a representation: by distances, and by neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from langevin.errors import UsageError
from langevin.measure.networks.representations import table_of
from langevin.types import FloatArray

#: A mean silhouette up to the first number shows no structure, above the second a reasonable one (Kaufman and
#: Rousseeuw, Finding Groups in Data, 1990, section 2.2).
NO_STRUCTURE, REASONABLE = 0.25, 0.5


def silhouette(representation: ArrayLike, groups: ArrayLike) -> float:
    """Mean over samples of (b - a) / max(a, b), from -1 to 1 (P. J. Rousseeuw, J. Comput. Appl. Math. 20 (1987) 53).

    a is the mean distance of a sample to the others of its group, and b the mean distance to the nearest other group. A
    sample that is alone in its group counts 0, and so do samples that all coincide.

    Args:
        representation: (samples, features).
        groups: Label (samples,) of the group of each sample.

    Raises:
        UsageError: the array is not (samples, features) or not finite, the number of labels differs, or there are fewer
            than 2 groups.
    """
    gaps, members, count = _gaps(representation, groups)
    inside = np.eye(count)[members]
    sizes, sums = inside.sum(axis=0), gaps @ inside
    own = (sums * inside).sum(axis=1) / np.maximum(sizes[members] - 1, 1)
    other = np.where(inside > 0, np.inf, sums / sizes).min(axis=1)
    larger = np.maximum(own, other)
    counts = (sizes[members] > 1) & (larger > 0)
    return float(np.mean(np.where(counts, (other - own) / np.where(larger > 0, larger, 1), 0.0)))


def neighbour_share(representation: ArrayLike, groups: ArrayLike, neighbours: int = 10) -> float:
    """Fraction of the nearest neighbours of a sample that are in the same group, mean over samples.

    t-SNE preserves this property of a representation: neighbourhoods, but not distances.

    Args:
        representation: (samples, features).
        groups: Label (samples,) of the group of each sample.
        neighbours: Number of neighbours.

    Raises:
        UsageError: neighbours is not in 1 ... samples - 1, or as `silhouette`.
    """
    gaps, members, _ = _gaps(representation, groups)
    if not 1 <= neighbours < len(members):
        raise UsageError(f"neighbours is {neighbours}", f"it must be from 1 to {len(members) - 1}")
    np.fill_diagonal(gaps, np.inf)
    nearest = np.argsort(gaps, axis=1, kind="stable")[:, :neighbours]
    return float(np.mean(members[nearest] == members[:, None]))


def _gaps(representation: ArrayLike, groups: ArrayLike) -> tuple[FloatArray, NDArray[Any], int]:
    """Distances (samples, samples), the index of the group of each sample, and the number of groups."""
    features, labels = table_of(representation), np.asarray(groups)
    names, members = np.unique(labels, return_inverse=True)
    if labels.shape != (len(features),) or len(names) < 2:
        raise UsageError(
            f"there are {len(features)} samples and labels of shape {labels.shape}, {len(names)} of them different",
            "one label a sample, 2 groups or more",
            "give every sample one of 2 groups or more",
        )
    squares = (features**2).sum(axis=1)
    gaps = np.sqrt(np.maximum(squares[:, None] + squares - 2 * features @ features.T, 0))
    np.fill_diagonal(gaps, 0)
    return gaps, members, len(names)
