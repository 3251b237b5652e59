"""What steps are made of: the kernels that they take from a landscape, and the return to a surface."""
