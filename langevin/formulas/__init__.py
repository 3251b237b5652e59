"""Kernels written from formulas: an expression as text, or a function in jax.numpy, and their derivatives by JAX."""
