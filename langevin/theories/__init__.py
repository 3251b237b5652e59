"""Theories that are laid beside a measurement, one file each; every file holds a record of its own name."""
