"""Verdicts of the sims under other seeds."""
