"""Questions about a landscape: simulate, measure, compare with theory. One question a file."""

from langevin.experiment.live_question import run
from langevin.experiment.report import Report
from langevin.experiment.settings import Settings

__all__ = ["Report", "Settings", "run"]
