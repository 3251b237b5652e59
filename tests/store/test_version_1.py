"""Files with version 1 of the schema are read correctly, and written again in version 2."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.store import load, load_theory, save
from tests.schema import assert_schema

KEPT = Path(__file__).parent / "version_1"
#: Shape of the states, the first letters of their SHA-256, and the number of comparisons: as version 1 read them.
RUNS = {
    "toy": ((20, 11, 2), "1c019b0afe9ca696", 2),
    "cube": ((40, 2, 3), "4d3c474dcf1599c2", 8),
    "network": ((2, 21, 64), "0e04b3d2a8547114", 0),
    "stopped": ((20, 8, 2), "d190fca1ff03e9b3", 0),
}


@pytest.mark.parametrize("name", RUNS)
def test_numbers_and_settings_are_those_that_were_written(name, tmp_path):
    shape, digest, comparisons = RUNS[name]
    path = KEPT / f"{name}.h5"
    run, theory = load(path), load_theory(path)
    assert run.states.shape == shape
    assert hashlib.sha256(np.ascontiguousarray(run.states).tobytes()).hexdigest().startswith(digest)
    assert len(theory) == comparisons
    assert run.meta["schema_version"] == 1
    assert (run.meta["seed"], run.meta["creator"]) == (1, "langevin")
    assert isinstance(run.meta["dials"], dict)
    anew = save(tmp_path / "run.h5", run, theory=theory)
    assert_schema(anew)
    again = load(anew)
    assert {**again.meta, "schema_version": 1} == run.meta
    np.testing.assert_array_equal(again.states, run.states)
    for kind in ("observables", "events"):
        for key, values in getattr(run, kind).items():
            np.testing.assert_array_equal(getattr(again, kind)[key], values)
    assert repr(load_theory(anew)) == repr(theory)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("command", ["info", "compare"])
def test_commands_read_them(name, command):
    result = CliRunner().invoke(main, [command, str(KEPT / f"{name}.h5")])
    assert result.exit_code == 0, result.output
