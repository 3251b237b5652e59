"""What splitting is asked for: the sets between which walkers go, and the work to spend."""

from __future__ import annotations

from dataclasses import dataclass

from langevin.types.landscape import Kernel


@dataclass(frozen=True)
class Sets:
    """The origin A, the target B and the height between them.

    `origin` is a kernel like a target, or a number: A is where the score is at most that. By default it is a number
    below which three of four walkers are after a while. Any A that walkers visit gives the same rate. `target` stands
    for B instead of the landscape's own target. `score` is a kernel score(x, out, parameters), finite, by default
    minus the distance to the target. It decides the variance, not the value.
    """

    origin: Kernel | float | None = None
    target: Kernel | tuple[Kernel, ...] | None = None
    score: Kernel | None = None


@dataclass(frozen=True)
class Effort:
    """The work to spend, and where to give up.

    `walkers` is the number N of paths of one replica, `kill` the least number k of paths that die in one round, by
    default a tenth of N. `replicas` are independent runs of the algorithm, from which the errors are taken, 10 or more.
    Walkers roam for the time `burn` before the flux is measured, at least; by default as long as is measured.
    `least` is the probability below which the search for a way is given up, `most_steps` bounds one walk between A
    and B.
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
