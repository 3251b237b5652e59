"""Questions put to a landscape: simulate, measure, lay theory beside it. One question a file."""

from langevin.experiment.report import Report
from langevin.experiment.run import run
from langevin.experiment.settings import Settings

__all__ = ["Report", "Settings", "run"]
