"""The parts of landscapes: functions that make user-defined landscapes, and what several landscapes share."""
