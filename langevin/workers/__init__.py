"""Work for the workers of an executor: what is sent, how it is checked there, and how results are collected."""

from langevin.workers.crew import Crew, Flag, Leg, Windows, crew_of, legs
from langevin.workers.parcel import Parcel, opened, packed

__all__ = ["Crew", "Flag", "Leg", "Parcel", "Windows", "crew_of", "legs", "opened", "packed"]
