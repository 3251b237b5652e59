"""Langevin diffusion on zero-loss manifolds: simulate, measure, and compare with theory."""

__version__ = "0.1.0"
