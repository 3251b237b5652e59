"""The content of the folder of a sweep: rows, tables, pictures, and refusals of damaged files."""

import json

import h5py
import pytest

import langevin
from tests.sweeps import FOLDER, POINTS, call, files


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_samples_inside_runs_are_an_axis_of_the_table(here):
    words = (
        "simulate",
        "--manifold",
        "cube",
        "--dim",
        "4,5",
        "--samples",
        "1,2",
        "--walkers",
        "20",
        "--jobs",
        "1",
    )
    assert call(*words, "--seed", "1").exit_code == 0
    data = langevin.load_sweep("cube-sweep").to_xarray()
    assert data.value.dims == ("dim", "samples", "quantity")
    assert (data.value.sel(quantity="time") > 0).all()
    verdict = data.verdict.sel(dim=4, samples=2, quantity="time", theory="finite volume").item()
    assert verdict in {"agrees", "excluded", "inconclusive"}


def test_json_has_the_rows(here):
    record = json.loads(call(*POINTS, "--json", "--quiet").stdout)
    assert record["points"] == {"finished": 2, "failed": 0, "begun": 0, "missing": 0}
    assert record["axes"] == {"temperature": [0.4, 0.5]}
    assert {row["theory"] for row in record["rows"]} == {"exact quadrature", "Eyring-Kramers"}
    assert all(row["n"] == 20 and row["error"] > 0 for row in record["rows"])


def test_a_table_of_pandas_has_a_line_for_each_row(here):
    call(*POINTS)
    frame = langevin.load_sweep(FOLDER).to_dataframe()
    assert len(frame) == 4
    assert set(frame.temperature) == {0.4, 0.5}
    assert (frame.error > 0).all()


def test_two_contents_of_one_point_are_not_mixed(here):
    call(*POINTS)
    file = files(here / FOLDER)[0]
    (here / FOLDER / f"{file.name[:-11]}00000000.h5").write_bytes(file.read_bytes())
    with pytest.raises(langevin.errors.UsageError, match="are the same point"):
        langevin.load_sweep(FOLDER)


def test_a_damaged_file_of_a_folder_is_told(here):
    call(*POINTS)
    file = files(here / FOLDER)[0]
    with h5py.File(file, "r+") as content:
        content["meta"].attrs["measured"] = '[{"quantity": 3}]'
    with pytest.raises(langevin.errors.InputFileError, match="contradict one another"):
        langevin.load_sweep(FOLDER)
    assert call("plot", FOLDER).exit_code == 4
    file.write_bytes(b"no run")
    assert call("plot", FOLDER).exit_code == 4
    assert call("plot", here).exit_code == 4


def test_networks_are_an_ensemble_of_each_point_and_their_programs_are_compiled_once(here):
    import jax

    words = ("train", "models.parity", "-p", "n=6", "-p", "width=8", "-p", "samples=32", "--steps", "20,30", "--seeds",
             "2", "--seed", "1")  # fmt: skip
    compiled = []
    jax.monitoring.register_event_listener(lambda event, **more: compiled.append(event))
    before = jax.config.jax_compilation_cache_dir
    result = call(*words, "--jobs", "1")
    assert result.exit_code == 0, result.output
    assert "theory" not in result.output, "no theory is of these, and no column of the table"
    assert "family-wise" not in result.output
    assert compiled.count("/jax/compilation_cache/cache_hits") > 2  # all programs that take long to compile
    assert jax.config.jax_compilation_cache_dir == before
    data = langevin.load_sweep("parity-sweep").to_xarray()
    assert data.n.sel(quantity="train loss").values.tolist() == [2, 2]
    assert (data.error.sel(quantity="train loss") > 0).all()


NUMBER = {
    "quantity": "a",
    "at": {},
    "bound": False,
    "value": 1.5,
    "error": 0.1,
    "n": 5,
    "mixed": True,
    "note": "",
}


@pytest.mark.parametrize(
    ("entry", "content"),
    [
        *(("measured", [{**NUMBER, **odd}]) for odd in (
            {"n": True}, {"n": -1}, {"at": {"quantity": 1}}, {"at": {"theory": 1.0}}, {"at": {"value": 1}},
            {"at": {"x": float("nan")}}, {"at": {"x": "1"}}, {"at": {"x": True, "y" * 101: 1}},
        )),
        *(("sweep", odd) for odd in (
            None, [1], {"quantity": "1"}, {"a\u001b": "1"}, {str(number): "1" for number in range(101)},
        )),
    ],
)  # fmt: skip
def test_settings_and_numbers_that_no_run_has_are_refused(here, entry, content):
    call(*POINTS)
    with h5py.File(files(here / FOLDER)[0], "r+") as file:
        file["meta"].attrs[entry] = json.dumps(content)
    with pytest.raises(langevin.errors.InputFileError, match="contradict one another"):
        langevin.load_sweep(FOLDER)


@pytest.mark.parametrize("text", ["nan", "inf", "a\u001b[31m"])
def test_a_setting_that_is_no_finite_number_is_a_text_without_control_characters(here, text):
    call(*POINTS)
    with h5py.File(files(here / FOLDER)[0], "r+") as file:
        settings = json.loads(file["meta"].attrs["sweep"])
        file["meta"].attrs["sweep"] = json.dumps({**settings, "temperature": text})
    assert langevin.load_sweep(FOLDER).axes == {"temperature": (text.replace("\u001b", "?"), "0.5")}


def test_a_dataset_of_many_axes_is_refused_in_a_sentence(here):
    call(*POINTS)
    for number, file in enumerate(files(here / FOLDER)):
        with h5py.File(file, "r+") as content:
            content["meta"].attrs["sweep"] = json.dumps({f"p.x{axis}": str(number) for axis in range(60)})
    with pytest.raises(langevin.errors.UsageError, match="has 62 axes"):
        langevin.load_sweep(FOLDER).to_xarray()


@pytest.mark.parametrize("show", ["value", "verdict"])
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_pictures_over_one_to_three_axes(here, show, axes):
    more = [("--walkers", "5,6"), ("--dt", "0.001,0.002")][: axes - 1]
    call(*POINTS, *(word for pair in more for word in pair))
    result = call("plot", FOLDER, "--show", show, "--out", "a.png")
    assert result.exit_code == 0, result.output
    assert (here / "a.png").read_bytes().startswith(b"\x89PNG")
    assert call("plot", FOLDER, "--out", "a.png").exit_code == 5
    assert call("plot", FOLDER, "--quantity", "weight").exit_code == 2


@pytest.mark.parametrize("dial", ["1", "a:b,c"])
@pytest.mark.parametrize("command", ["simulate", "rate", "train"])
def test_nothing_that_the_plan_of_a_folder_names_is_imported_to_show_it(here, monkeypatch, command, dial):
    monkeypatch.syspath_prepend(here)
    (here / "named_by_a_plan.py").write_text("from pathlib import Path\nPath('imported').touch()\n")
    (here / "theirs").mkdir()
    (here / "theirs/plan.toml").write_text(
        f'command = "{command}"\n[fixed]\nmodel = "named_by_a_plan"\npotential = "named_by_a_plan:make"\nseed = 1\n'
        f'integrator = "named_by_a_plan:step"\nplugins = "theirs"\np.x = "{dial}"\n'
    )
    result = call("info", "theirs")
    assert result.exit_code == 0, result.output
    assert "1 point, 1 missing" in result.stdout
    assert not (here / "imported").exists()
    assert call("plot", "theirs").exit_code == 4
    assert not (here / "imported").exists()
