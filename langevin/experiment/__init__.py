"""Questions about a landscape: simulate, measure, compare with theory."""

from langevin.experiment.live_question import run
from langevin.experiment.question import Settings
from langevin.experiment.report import Report

__all__ = ["Report", "Settings", "run"]
