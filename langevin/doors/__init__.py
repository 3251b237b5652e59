"""The doors of the library: they check arguments by the signature, and report a failure in one sentence."""

from langevin.doors.door import door, open_doors
from langevin.doors.kinds import misfit, said

__all__ = ["door", "misfit", "open_doors", "said"]
