"""Figures that could go into a paper: error bars on everything measured, theory as lines. The only matplotlib."""
