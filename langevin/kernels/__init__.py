"""Compiled code of the lowest level: random numbers, compilation, blocks of walkers. It uses floats and arrays only."""
