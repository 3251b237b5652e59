"""The ways back to a surface by name; which law each makes stands in `integrators.projected`."""

from __future__ import annotations

from langevin.steps.flow import flow
from langevin.steps.nearest import nearest
from langevin.steps.newton_retraction import gauss_newton, shake

RETRACTIONS = {"nearest": nearest, "shake": shake, "flow": flow, "gauss-newton": gauss_newton}
