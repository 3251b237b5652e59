"""The ways back to a surface by name; which law each makes stands in `integrators.projected`."""

from __future__ import annotations

from langevin.steps.flow import flow
from langevin.steps.nearest import nearest
from langevin.steps.return_to_surface import gauss_newton, shake

RETURNS = {"nearest": nearest, "shake": shake, "flow": flow, "gauss-newton": gauss_newton}
