"""Rows of a run file: each measured number once, with the theories that are compared with it."""

import math
from pathlib import Path

import numpy as np

from langevin.comparison import compare_all
from langevin.store.decode import Findings
from langevin.sweep.rows import measured_entry, rows_of
from langevin.types import Curve, Measurement, Prediction


def findings(measured):
    return Findings({"kind": "rate", "measured": measured}, np.empty(0), [])


def entry(value, theta):
    record = {"value": None if math.isnan(value) else value, "error": 0.1, "n": 5, "mixed": True, "note": ""}
    return measured_entry("mean time", record, {"temperature": theta})


def test_numbers_without_a_value_are_not_taken_for_one_another():
    """The first is compared with a theory; both others have no value, and each keeps its row."""
    curve = Curve("law", lambda point: Prediction(1.0), "everywhere", "none")
    theory = compare_all(
        [1.0, 2.0], [Measurement(1.0, 0.1, 5, "mean"), Measurement(math.nan, 0.1, 5, "mean")], [curve]
    )
    rows = rows_of(
        Path("run.h5"), findings([entry(1.0, 1.0), entry(math.nan, 2.0), entry(math.nan, 3.0)]), theory
    )
    alone = [row.at["temperature"] for row in rows if not row.theory]
    assert 3.0 in alone
    assert [row.at["temperature"] for row in rows if row.theory] == [1.0, 2.0]
    assert len([row for row in rows if row.value == 1.0]) == 1
