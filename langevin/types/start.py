"""States at which walkers start, with the step from which their noise, schedule and clock go on."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Start:
    """States at which walkers start, and the number of the step at which they stand.

    Noise is addressed by seed, walker and step. 0 is right for a run of its own. States of a run under the same seed
    meet the same noise again unless they go on from their own step.

    Attributes:
        states: (dim,) or (walkers, dim); None for the landscape's own start.
        first_step: from which noise, schedule and clock go on.
    """

    states: ArrayLike | None
    first_step: int
