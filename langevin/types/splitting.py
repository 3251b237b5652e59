"""The settings of splitting: the sets between which walkers move, and the amount of work."""

from __future__ import annotations

from dataclasses import dataclass

from langevin.types.landscape import Kernel


@dataclass(frozen=True)
class Sets:
    """The origin A, the target B and the score that measures progress from A to B.

    `origin` is a kernel like a target, or a number: A is the set where the score is at most this number. The default is
    a number below which the score of three of four walkers is after some time. Any A that walkers visit gives the same
    rate. `target` is B; by default B is the target of the landscape. `score` is a kernel score(x, out, parameters) with
    finite values, by default minus the distance to the target. The score decides the variance of the estimate, not its
    expected value.
    """

    origin: Kernel | float | None = None
    target: Kernel | tuple[Kernel, ...] | None = None
    score: Kernel | None = None


@dataclass(frozen=True)
class Effort:
    """The amount of work, and the limits at which the method stops.

    `walkers` is the number N of paths of one replica, `kill` the smallest number k of paths that are killed in one
    round, by default a tenth of N. `replicas` are independent runs of the algorithm, from which the errors are taken,
    10 or more. Walkers move at least for the time `burn` before the flux is measured; by default as long as the
    measurement takes. The search for a path ends when the probability falls below `least`. `most_steps` bounds the
    steps of one walk between A and B.
    """

    walkers: int = 1000
    kill: int | None = None
    replicas: int = 16
    burn: float | None = None
    least: float = 1e-100
    most_steps: int = 10**8

    @property
    def least_killed(self) -> int:
        """The number k, or its default."""
        return max(1, self.walkers // 10) if self.kill is None else self.kill
