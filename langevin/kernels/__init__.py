"""The compiled ground: random numbers, compilation, blocks of walkers. Floats and arrays only."""
