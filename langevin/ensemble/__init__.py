"""Simulate many walkers at once: from a problem and an integrator to a Trajectory."""

from langevin.ensemble.simulation import simulate

__all__ = ["simulate"]
