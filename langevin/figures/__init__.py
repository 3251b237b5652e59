"""Figures for papers: error bars on everything measured, theories as lines. Only this package uses matplotlib."""
