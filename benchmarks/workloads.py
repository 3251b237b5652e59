"""What every contender runs: Euler-Maruyama for dX = -grad f dt + sqrt(2 theta) dW, final state kept."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Workload(NamedTuple):
    """One problem and its size."""

    name: str
    kind: str
    dim: int
    walkers: int
    steps: int
    dt: float
    theta: float = 0.1
    stiffness: float = 100.0

    @property
    def kick(self):
        return np.sqrt(2.0 * self.theta * self.dt)

    def start(self, walkers):
        if self.kind == "well":
            return np.ones((walkers, 1))
        if self.kind == "cube":
            return np.full((walkers, self.dim), 0.5)
        states = np.zeros((walkers, self.dim))  # on the ring or the sphere
        states[:, 0] = 1.0
        return states

    def moment(self, states):
        """A number on which all contenders must agree within sampling error, scaled to about 1."""
        if self.kind == "well":
            return float((states**2).mean())
        if self.kind == "ring":
            return float(np.sqrt((states**2).sum(axis=1)).mean())
        if self.kind == "sphere":  # E x(t) = exp(-(d - 1) theta t) x(0) (Hsu 2002)
            time = self.dt * self.steps
            return float(states[:, 0].mean() * np.exp((self.dim - 1) * self.theta * time))
        return float(((states - 0.5) ** 2).mean() * 12.0)


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("W1 double well, d = 1", "well", 1, 10_000, 2_000, 1e-3, theta=0.5),
        Workload("W2 ring, d = 2", "ring", 2, 10_000, 1_000, 1e-3),
        Workload("W3 shell, d = 100", "ring", 100, 1_000, 1_000, 1e-4),
        Workload("W4 reflected cube, d = 10", "cube", 10, 10_000, 1_000, 1e-3),
        Workload("W5a projected sphere, d = 3", "sphere", 3, 10_000, 1_000, 1e-3),
        Workload("W5b projected sphere, d = 100", "sphere", 100, 1_000, 1_000, 1e-5),
    )
}
