"""The doors of the library: arguments are checked by the signature, and what fails is told in one sentence."""

from langevin.doors.door import door, open_doors
from langevin.doors.kinds import misfit, said

__all__ = ["door", "misfit", "open_doors", "said"]
