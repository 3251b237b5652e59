"""Programs of JAX that a training finds again are not compiled, give the same bits, and come from no other user."""

import os
import zipfile
from io import BytesIO

import jax
import numpy as np
import pytest

from langevin.sgld import Law, Recording, programs, train
from models import tanh

MODEL = tanh.model(inputs=5, hidden=6, samples=8, descent=0)
HIT, REQUEST = "/jax/compilation_cache/cache_hits", "/jax/compilation_cache/compile_requests_use_cache"
PRIVATE = programs.private_folder


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder of archives."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(programs, "private_folder", PRIVATE)
    return tmp_path / "langevin-programs"


def trained():
    """A run in a process without compiled programs, with the events of JAX's cache."""
    events = []
    jax.clear_caches()
    jax.monitoring.register_event_listener(lambda event, **_: events.append(event))
    try:
        law = Law(0.1, temperature=1e-5, batch=4)
        run = train(MODEL, law, steps=20, chains=2, seed=3, recording=Recording([10, 20]))
    finally:
        jax.monitoring.clear_event_listeners()
    return run, events.count(HIT), events.count(REQUEST)


def same(run, other):
    """Whether two runs have the same bits."""
    pairs = [
        (run.states, other.states),
        *((run.observables[n], other.observables[n]) for n in run.observables),
    ]
    return all(np.array_equal(*pair) for pair in pairs) and run.meta["content"] == other.meta["content"]


def test_a_second_training_compiles_nothing_and_has_the_bits_of_one_without_kept_programs(place, monkeypatch):
    first, hits, asked = trained()
    assert hits == 0
    assert asked >= 3  # weights, product with the Hessian, steps
    second, hits, asked = trained()
    assert hits == asked >= 3
    monkeypatch.setattr(programs, "private_folder", lambda: None)
    without, hits, _ = trained()
    assert hits == 0
    assert same(first, without)
    assert same(second, without)
    assert jax.config.jax_compilation_cache_dir is None


def harmed(content):
    """Change one byte."""
    return content[:99] + bytes([content[99] ^ 1]) + content[100:]


def test_a_damaged_archive_is_made_again_without_a_word(place):
    run, *_ = trained()
    (archive,) = place.iterdir()
    archive.write_bytes(harmed(archive.read_bytes()))
    again, hits, _ = trained()  # warnings are errors
    assert hits == 0
    assert same(run, again)
    _, hits, asked = trained()
    assert hits == asked > 0


@pytest.mark.parametrize("harm", [harmed, lambda content: content[:-9], lambda content: b""])
def test_nothing_is_taken_from_a_damaged_archive(place, tmp_path, harm):
    folder, archive, other = tmp_path / "in", place / "0.programs", tmp_path / "out"
    for new in (place, folder, other):
        new.mkdir()
    (folder / "one-cache").write_bytes(bytes(400))
    assert programs.pack(archive, folder, frozenset()) == {"one-cache"}
    assert programs.unpack(archive, other) == {"one-cache"}
    archive.write_bytes(harm(archive.read_bytes()))
    assert programs.unpack(archive, other) == frozenset()


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_folder_that_others_can_write_is_not_used(place):
    place.mkdir(parents=True)
    place.chmod(0o777)
    assert PRIVATE() is None
    place.chmod(0o755)
    assert PRIVATE() == place
    place.rmdir()
    place.symlink_to(place.parent)
    assert PRIVATE() is None


def test_a_folder_of_somebody_else_is_not_used(place, monkeypatch):
    assert PRIVATE() == place
    monkeypatch.setattr(os, "getuid", lambda: place.stat().st_uid + 1, raising=False)
    assert PRIVATE() is None


def test_where_no_folder_can_be_made_a_training_compiles(place, monkeypatch):
    place.parent.joinpath("taken").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(place.parent / "taken"))
    assert PRIVATE() is None
    assert trained()[1] == 0


def test_programs_have_the_folder_that_the_user_gave_to_jax(place, tmp_path):
    jax.config.update("jax_compilation_cache_dir", str(tmp_path / "own"))
    try:
        trained()
    finally:
        jax.config.update("jax_compilation_cache_dir", None)
        jax.experimental.compilation_cache.compilation_cache.reset_cache()
    assert not place.exists() or not [*place.iterdir()]


def test_names_in_an_archive_lead_nowhere(place, tmp_path):
    place.mkdir()
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w") as kept:
        kept.writestr("../outside", b"x")
    content = whole.getvalue()
    archive, folder = place / "one.programs", tmp_path / "in"
    archive.write_bytes(programs.hashlib.sha256(content).digest() + content)
    folder.mkdir()
    programs.unpack(archive, folder)
    assert [one.name for one in folder.iterdir()] == ["outside"]
    assert not (tmp_path / "outside").exists()


def test_archives_not_used_for_longest_go_first(place, tmp_path, monkeypatch):
    place.mkdir()
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "one-cache").write_bytes(bytes(400))
    monkeypatch.setattr(programs, "MOST_OF_ALL", 1500)
    for number in range(3):
        archive = place / f"{number}.programs"
        programs.pack(archive, folder, frozenset())
        os.utime(archive, (number, number))
    assert sorted(one.name for one in place.iterdir()) == ["1.programs", "2.programs"]


def test_too_many_bytes_of_one_kind_are_not_kept(place, tmp_path, monkeypatch):
    place.mkdir()
    folder, archive = tmp_path / "in", place / "0.programs"
    folder.mkdir()
    monkeypatch.setattr(programs, "MOST_OF_ONE", 1000)
    (folder / "old-cache").write_bytes(bytes(600))
    old = programs.pack(archive, folder, frozenset())
    (folder / "new-cache").write_bytes(bytes(700))  # both are too many: the new one counts
    programs.pack(archive, folder, old)
    with zipfile.ZipFile(BytesIO(archive.read_bytes()[programs.DIGEST :])) as kept:
        assert kept.namelist() == ["new-cache"]
