"""One process compiles at a time: there is a lock for each name, in a folder that is made if necessary."""

import sys

import pytest

from langevin.kernels import compile as compilation


@pytest.mark.skipif(sys.platform == "win32", reason="each process compiles for itself")
def test_a_block_keeps_its_name_locked_and_leaves_nothing(tmp_path, monkeypatch):
    """In a folder that is made for the lock, and a second time in the same folder."""
    import fcntl

    monkeypatch.setattr(compilation, "cache_folder", lambda: tmp_path / "not" / "yet")
    lock = tmp_path / "not" / "yet" / "langevin-locks" / "driver"
    for _ in range(2):
        with compilation.alone("driver"), lock.open("w") as other:
            with pytest.raises(BlockingIOError):
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with compilation.alone("another driver"):
                pass
        assert not list(lock.parent.iterdir())


def test_a_block_is_entered_where_no_folder_can_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr(compilation, "cache_folder", lambda: tmp_path / "file")
    with compilation.alone("driver"):
        pass
