"""The scores as plain values, for JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from langevin.scorecard.evaluate import Entry, NoForecast
from langevin.scorecard.report import Scorecard
from langevin.types import DelayTheory, Measurement


def card_record(card: Scorecard) -> dict[str, Any]:
    """The scores as plain values that JSON can hold; None for a number that is not finite."""
    return {
        task: {
            "baseline": scores.baseline,
            "held_out_cells": scores.cells[0],
            "calibration_cells": scores.cells[1],
            "outcomes": dict(scores.outcomes),
            "seeds_factor": _pair(scores.floor.factor),
            "theories": {
                name: {"no_forecast": entry.reason}
                if isinstance(entry, NoForecast)
                else _record(entry, card.theories[name])
                for name, entry in scores.entries.items()
            },
        }
        for task, scores in card.tasks.items()
    }  # fmt: skip


def _record(entry: Entry, theory: DelayTheory) -> dict[str, Any]:
    return {
        "constants": {
            one.name: _finite(value) for one, value in zip(theory.constants, entry.fitted.constants.tolist())
        },
        "constant_errors": {
            one.name: _finite(error) for one, error in zip(theory.constants, entry.fitted.errors.tolist())
        },
        "undetermined": [one.name for one, free in zip(theory.constants, entry.fitted.free) if free],
        "spread": _finite(entry.fitted.spread), "verdict": entry.word, "runs": entry.n, "in_range": entry.share,
        "gain": _pair(entry.against), "gain_filled": _pair(entry.filled), "log_score": _pair(entry.own.log_score),
        "factor": _pair(entry.own.factor), "coverage": _pair(entry.own.coverage), "rank": _pair(entry.own.rank),
    }  # fmt: skip


def _pair(measured: Measurement) -> dict[str, float | None]:
    return {"value": _finite(measured.value), "error": _finite(measured.error), "cells": measured.n}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
