"""The table of a sweep has the same numbers from a command's report and from its file."""

import numpy as np

from langevin.comparison import compare_all
from langevin.store import save
from langevin.store.decode import read_findings
from langevin.sweep.rows import findings_of, measured_entry, rows_of
from langevin.types import Curve, Measurement, Prediction, Trajectory


def test_a_table_of_what_was_told_is_that_of_the_file(tmp_path):
    """Settings, numbers of NumPy, an infinite error and labels of two ensembles too."""
    means = [Measurement(1.0, np.inf, 5, "mean", note="three"), Measurement(2.0, 0.25, 5, "mean")]
    curve = Curve("law", lambda point: Prediction(point, 0.1), "everywhere", "none")
    theory = compare_all([1.0, 2.0], means, [curve])
    numbers = [{"value": np.float64(2.0), "error": 0.25, "n": 5, "mixed": True, "note": ""},
               {"value": 3.0, "error": None, "n": 1, "mixed": False, "note": "few"}]  # fmt: skip
    meta = {
        "kind": "toy",
        "question": "first-passage",
        "sweep": {"seed": "1"},
        "measured": [measured_entry("time", one, {"samples": 2}) for one in numbers],
    }
    labels = {"status": np.zeros(2, np.uint8), "samples": np.array([1, 2])}
    run = Trajectory(np.zeros(1), np.zeros(1, np.int64), np.zeros((2, 1, 1)), {}, labels, meta)
    path = tmp_path / "run.h5"
    save(path, run, theory=theory)
    read = read_findings(path)
    assert repr(rows_of(path, findings_of(run, theory), theory)) == repr(rows_of(path, read, read.theory))
    assert len(rows_of(path, read, read.theory)) == 3
