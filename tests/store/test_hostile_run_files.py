"""Files that are damaged, of other programs, or hostile."""

import json
import os

import h5py
import numpy as np
import pytest

from langevin.errors import InputFileError
from langevin.store import check_data, load, save
from tests.synthetic import brownian, record


@pytest.fixture
def path(tmp_path):
    return save(tmp_path / "run.h5", brownian(20, 11, observables={"loss": np.ones((20, 11))}))


def snapshot(trajectory):
    """The content of a file as comparable bytes."""
    arrays = {"x": trajectory.states, "t": trajectory.times, "s": trajectory.steps}
    arrays |= {**trajectory.observables, **{f"event {k}": v for k, v in trajectory.events.items()}}
    return {name: (v.dtype.str, v.tobytes()) for name, v in arrays.items()}, json.dumps(dict(trajectory.meta))


def test_a_flipped_byte_never_gives_another_number(path):
    """At every position in the file: an error or, in unused space, the same run."""
    good, content = snapshot(load(path)), path.read_bytes()
    generator, noticed = np.random.default_rng(0), 0
    for position in generator.integers(0, len(content), 300):
        torn = bytearray(content)
        torn[position] ^= 1 << int(generator.integers(8))
        path.write_bytes(bytes(torn))
        try:
            assert snapshot(load(path)) == good, f"byte {position} changed the run silently"
        except InputFileError:
            noticed += 1
    assert noticed > 30


def test_without_checksums_a_flip_would_pass(path):
    """Control: without checksums a flipped byte gives another number."""
    with h5py.File(path, "r+") as file:
        states = file["trajectory/states"][()]
        del file["trajectory/states"]
        plain = file["trajectory"].create_dataset("states", data=states, dtype="<f8")
        offset = plain.id.get_offset()
    content = bytearray(path.read_bytes())
    content[offset + 100] ^= 16
    path.write_bytes(bytes(content))
    assert not np.array_equal(load(path).states, states)


def test_a_flip_in_the_data_is_caught_by_the_checksum(path):
    with h5py.File(path) as file:
        chunk = file["trajectory/states"].id.get_chunk_info(0)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset + chunk.size // 2] ^= 1
    path.write_bytes(bytes(content))
    run = load(path)
    for use in (lambda: run.states[0], lambda: check_data(run)):
        with pytest.raises(InputFileError, match="damaged"):
            use()


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.999])
def test_a_torn_file_is_an_error(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputFileError):
        load(path)


def test_foreign_files_are_refused(tmp_path):
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file.create_dataset("x", data=np.zeros(3), dtype="<f8")
    (tmp_path / "text.h5").write_text("states,1,2")
    os.mkfifo(tmp_path / "pipe.h5")
    for name in ("other.h5", "text.h5", "pipe.h5", "."):
        with pytest.raises(InputFileError):
            load(tmp_path / name)


def replaced(path, name, make):
    """Replace a member of the file by the result of `make(file)`."""
    with h5py.File(path, "r+") as file:
        del file[name]
        make(file)


def link_outside(file):
    file["trajectory/states"] = h5py.ExternalLink("secret.h5", "/trajectory/states")


def soft_link(file):
    file["trajectory/states"] = h5py.SoftLink("/observables/loss")


def external_storage(file):
    secret = os.path.join(os.path.dirname(file.filename), "secret.h5")
    shape = (20, 11, 2)
    file["trajectory"].create_dataset("states", shape, dtype="<f8", external=[(secret, 0, 8 * 440)])


def virtual(file):
    layout = h5py.VirtualLayout((20, 11, 2), dtype="<f8")
    layout[...] = h5py.VirtualSource("secret.h5", "trajectory/states", shape=(20, 11, 2))
    file["trajectory"].create_virtual_dataset("states", layout)


def objects(file):
    file["trajectory"].create_dataset("states", (20, 11, 2), dtype=h5py.string_dtype())


def opaque(file):
    file["trajectory"].create_dataset("states", (20, 11, 2), dtype="V16")


def bomb(file):
    file["trajectory"].create_dataset("states", (20, 10**9, 1000), dtype="<f8", chunks=(1, 10, 1000))


def huge_chunk(file):
    shape = (20, 11, 2)
    file["trajectory"].create_dataset(
        "states", shape, dtype="<f8", chunks=(10**4, 10**4, 4), maxshape=(None,) * 3, compression=1
    )


def other_filter(file):
    data = np.zeros((20, 11, 2))
    file["trajectory"].create_dataset("states", data=data, dtype="<f8", compression="lzf")


def group_instead(file):
    file.create_group("trajectory/states")


def wrong_shape(file):
    file["trajectory"].create_dataset("states", (20, 12, 2), dtype="<f8")


def text_states(file):
    file["trajectory"].create_dataset("states", (20, 11, 2), dtype="S8")


ATTACKS = [
    *(link_outside, soft_link, external_storage, virtual, objects, opaque, bomb, huge_chunk),
    *(other_filter, group_instead, wrong_shape, text_states),
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_states_that_must_not_be_read(path, attack):
    save(path.with_name("secret.h5"), brownian(20, 11, seed=7))
    replaced(path, "trajectory/states", attack)
    with pytest.raises(InputFileError, match=r"run\.h5"):
        load(path)


def test_a_group_that_is_a_link_is_refused(path):
    save(path.with_name("secret.h5"), brownian(20, 11, seed=7))
    with h5py.File(path, "r+") as file:
        del file["events"]
        file["events"] = h5py.ExternalLink("secret.h5", "/events")
    with pytest.raises(InputFileError, match="link"):
        load(path)


@pytest.mark.parametrize(
    "value", [np.bytes_(b"not JSON"), np.bytes_(b"[" * 100_000), np.zeros(3), np.bytes_(b"\xff"), 7]
)
def test_meta_that_is_no_json_is_refused(path, value):
    with h5py.File(path, "r+", libver=("v110", "v110")) as file:
        file["meta"].attrs["dials"] = value
        file["meta"].attrs["structured"] = '["dials"]'
    with pytest.raises(InputFileError):
        load(path)


@pytest.mark.parametrize("sizes", [[2**22], [2**21, 2**21]])
def test_meta_of_more_than_four_mebibytes_is_refused(path, sizes):
    with h5py.File(path, "r+", libver=("v110", "v110")) as file:
        for number, size in enumerate(sizes):
            file["meta"].attrs[f"log {number}"] = np.bytes_(b'"' + b"x" * (size - 2) + b'"')
    with pytest.raises(InputFileError, match="4194304 bytes of text"):
        load(path)


@pytest.mark.parametrize("version", ["2", "0", '"1"', None, 0, 3, 2.0, np.zeros(2)])
def test_another_schema_version_is_refused(path, version):
    with h5py.File(path, "r+") as file:
        del file["meta"].attrs["schema_version"]
        if version is not None:
            file["meta"].attrs["schema_version"] = version
    with pytest.raises(InputFileError, match="schema version"):
        load(path)


def test_the_size_limit_is_the_callers(path):
    with pytest.raises(InputFileError, match="limit"):
        load(path, max_bytes=1000)


def test_a_very_compressible_run_is_not_mistaken_for_a_bomb(tmp_path):
    states = np.zeros((200, 500, 100))
    load(save(tmp_path / "zeros.h5", record(states, np.linspace(0, 1, 500))))
