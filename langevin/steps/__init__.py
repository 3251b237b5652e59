"""Parts of steps: the kernels of a landscape that they call, and the retractions to a surface."""
