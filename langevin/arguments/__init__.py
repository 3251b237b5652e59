"""Checks of the arguments of public functions, by their signatures; a failure is reported in one sentence."""

from langevin.arguments.checked_calls import check_calls_of, with_checks
from langevin.arguments.kinds import misfit

__all__ = ["check_calls_of", "misfit", "with_checks"]
