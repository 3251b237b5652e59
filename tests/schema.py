"""The contract of a run file, for any run: `assert_schema(path)`."""

import json

import h5py
import numpy as np
import xarray

DIMENSIONS = {
    "trajectory": ("chain", "draw", "dim"),
    "observables": ("chain", "draw"),
    "events": ("chain",),
    "theory": ("comparison",),
}
THEORY = (
    "theory point measured error n estimator mixed note predicted remainder in_range z ratio verdict".split()
)
OWN_SHAPES = {"states": ("chain", "draw", "dim"), "time": ("draw",), "step": ("draw",)}


def dimensions_of(group, name, shape):
    if group in ("state", "weights"):
        return tuple(f"axis_of_{length}" for length in shape)
    own = {"trajectory": ("states", "time", "step"), "observables": ("time", "step")}
    return OWN_SHAPES[name] if name in own.get(group, ()) else DIMENSIONS[group]


def assert_stored_well(dataset):
    """Assert that a dataset has a checksum, is in this file, and has a little-endian type; integers are compressed."""
    assert dataset.dtype.kind in "biufS"
    assert dataset.dtype.byteorder != ">"
    assert not dataset.is_virtual
    assert dataset.external is None
    if dataset.size:
        assert dataset.fletcher32
        packed = dataset.dtype.kind != "f"
        assert dataset.shuffle == packed
        assert (dataset.compression, dataset.compression_opts) == (("gzip", 1) if packed else (None, None))
        assert np.prod(dataset.chunks) * dataset.dtype.itemsize <= 2**19


def assert_schema(path):
    """Assert that a run file has the schema, read by h5py and by xarray."""
    with h5py.File(path, "r") as file:
        assert list(file)[:3] == ["trajectory", "observables", "events"]
        assert set(file) <= {*DIMENSIONS, "state", "weights", "meta"}
        for group in set(file) - {"meta"}:
            for name, dataset in file[group].items():
                assert_stored_well(dataset)
                if name not in DIMENSIONS.get(group, ()) and not name.startswith("axis_of_"):
                    labels = tuple(dimension[0].name.split("/")[-1] for dimension in dataset.dims)
                    assert labels == dimensions_of(group, name, dataset.shape)
        assert {"states", "time", "step"} <= set(file["trajectory"])
        assert {"status", "step", "time"} <= set(file["events"])
        assert "theory" not in file or set(file["theory"]) == {
            *THEORY,
            "quantity",
            "detectable",
            "law",
            "step_error",
            "comparison",
        }
        meta = {
            key: value.decode() if isinstance(value, bytes) else value
            for key, value in file["meta"].attrs.items()
        }
        structured = json.loads(meta["structured"])
        assert all(isinstance(json.loads(meta[name]), dict | list | bool | None) for name in structured)
        assert meta["schema_version"] == 2
        assert meta["creator"] == "langevin"
        assert meta["created"].endswith("+00:00")
        assert meta["creator_version"]
        arrays = {f"{g}/{n}": d[()] for g in set(file) - {"meta"} for n, d in file[g].items()}

    with xarray.open_datatree(path, engine="h5netcdf") as tree:
        for group in set(tree.children) - {"meta"}:
            for name, variable in tree[group].data_vars.items():
                assert variable.dims == dimensions_of(group, name, variable.shape)
                values = arrays[f"{group}/{name}"]
                if values.dtype.kind == "S":
                    values = np.char.decode(values, "utf-8")
                np.testing.assert_array_equal(variable.values, values)
        assert set(tree["observables"].coords) == {"chain", "draw", "time", "step"}
        assert set(tree["trajectory"].coords) == {"chain", "draw", "dim", "time", "step"}
