"""States at which walkers start, with the step number from which noise, schedule and time continue."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Start:
    """States at which walkers start, and the step number of these states.

    Seed, walker and step number determine the noise. A new run starts at step 0. If states of an earlier run are
    continued with the same seed, they must keep their step number; otherwise they get the same noise again.

    Attributes:
        states: (dim,) or (walkers, dim); None for the usual start of the landscape.
        first_step: step number from which noise, schedule and time continue.
    """

    states: ArrayLike | None
    first_step: int
