"""A run for other programs: the same numbers in every format, plain attributes, and a message if it is not possible."""

import csv
import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import langevin
from langevin.cli import main
from langevin.errors import OutputError, UsageError


@pytest.fixture(scope="module")
def run():
    problem = langevin.Problem(langevin.potentials.quadratic(dim=2), temperature=0.5)
    made = langevin.simulate(problem, walkers=20, steps=40, dt=0.01, every=10, seed=2**64 - 1)
    radius = {"radius": (made.states**2).sum(axis=2), "norm[0]": made.states[:, :, 0]}
    return replace(made, observables=radius, meta={**made.meta, "label": None})


def test_observables_have_the_coordinates_of_the_frames(run):
    data = langevin.to_xarray(run)
    assert data.radius.dims == ("chain", "draw")
    assert np.array_equal(data.radius.time, run.times)
    assert np.array_equal(data.radius.step, run.steps)
    assert np.array_equal(data.end_status, run.events["status"])


def test_attributes_are_plain_values_and_lose_nothing(run):
    found = langevin.to_xarray(run).attrs
    assert {type(value) for value in found.values()} <= {str, int, float}
    assert found["temperature"] == 0.5
    assert found["seed"] == str(2**64 - 1), "netCDF has no whole numbers above 2^63"
    assert json.loads(found["dials"]) == run.meta["dials"]
    assert json.loads(found["label"]) is None


def test_netcdf_holds_the_dataset(run, tmp_path):
    import xarray

    with xarray.open_dataset(langevin.export(run, tmp_path / "run.nc"), engine="h5netcdf") as data:
        assert np.array_equal(data.states, run.states)
        assert np.array_equal(data["norm[0]"], run.observables["norm[0]"])
        assert data.attrs == langevin.to_xarray(run).attrs
        assert "time" in data.radius.coords


def test_numpy_holds_the_arrays(run, tmp_path):
    with np.load(langevin.export(run, tmp_path / "run.npz"), allow_pickle=False) as data:
        assert np.array_equal(data["states"], run.states)
        assert np.array_equal(data["observables/radius"], run.observables["radius"])
        assert np.array_equal(data["events/status"], run.events["status"])
        assert json.loads(str(data["meta"])) == dict(run.meta)


def test_a_table_has_a_line_for_each_frame_to_the_last_bit(run, tmp_path):
    lines = list(csv.DictReader(langevin.export(run, tmp_path / "run.csv").read_text().splitlines()))
    assert len(lines) == run.states.shape[0] * run.states.shape[1]
    last = lines[-1]
    assert [float(last["state_0"]), float(last["state_1"])] == run.states[-1, -1].tolist()
    assert (int(last["chain"]), int(last["draw"]), int(last["step"])) == (19, 4, 40)
    assert float(last["radius"]) == run.observables["radius"][-1, -1]
    assert int(last["end_status"]) == run.events["status"][-1]


def test_a_run_without_frames_has_a_line_for_each_chain(run, tmp_path):
    bare = replace(run, times=run.times[:0], steps=run.steps[:0], states=run.states[:, :0], observables={})
    lines = list(csv.DictReader(langevin.export(bare, tmp_path / "run.csv").read_text().splitlines()))
    assert [int(line["chain"]) for line in lines] == [*range(20)]


@pytest.mark.parametrize("library", ["xarray", "h5netcdf"])
def test_a_library_that_is_missing_is_named(run, tmp_path, monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match=f"{library} is not installed.*analysis"):
        langevin.export(run, tmp_path / "run.nc")
    assert not list(tmp_path.iterdir()), "nothing is left"


def test_nothing_is_overwritten_and_other_suffixes_are_refused(run, tmp_path):
    (tmp_path / "run.csv").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        langevin.export(run, tmp_path / "run.csv")
    with pytest.raises(UsageError, match=r"must end in .nc, .csv, .npz"):
        langevin.export(run, tmp_path / "run.txt")
    assert (tmp_path / "run.csv").read_text() == "mine"
    langevin.export(run, tmp_path / "run.csv", force=True)
    assert (tmp_path / "run.csv").read_text().startswith("chain,")


def test_the_command_says_what_it_wrote(run, tmp_path):
    langevin.save(tmp_path / "run.h5", run)
    done = CliRunner().invoke(main, ["export", str(tmp_path / "run.h5"), str(tmp_path / "run.csv")])
    assert (done.exit_code, "20 chains x 5 frames to" in done.output) == (0, True)
    again = CliRunner().invoke(main, ["export", str(tmp_path / "run.h5"), str(tmp_path / "run.csv")])
    assert again.exit_code == 5
    missing = CliRunner().invoke(main, ["export", str(tmp_path / "none.h5"), str(tmp_path / "none.csv")])
    assert missing.exit_code == 4
