"""Work that is sent to the workers of an executor: what travels, how it is checked there, who waits for it."""

from langevin.workers.crew import Crew, Flag, crew_of
from langevin.workers.parcel import Parcel, opened, packed

__all__ = ["Crew", "Flag", "Parcel", "crew_of", "opened", "packed"]
