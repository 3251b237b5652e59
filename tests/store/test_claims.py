"""Two runs that write one name: the second is refused by a message, and a claim without an owner is taken."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.errors import OutputError
from langevin.store import append_segment, claimed, claims, discard, load, merge
from langevin.store.atomic import temporary_name
from tests.synthetic import brownian

#: A program that claims the name, prints a line, and ends when its input ends.
HOLDER = """import sys
from langevin.store import claimed
with claimed(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""
WORDS = "simulate --potential double-well --temperature 0.3 --dt 1e-3 --walkers 20 --horizon 1 --seed 1 -q".split()


def holder(path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.h5"


def test_a_second_writer_is_told_who_writes_and_a_killed_one_is_followed(path):
    with holder(path) as process:
        said = rf"is being written by process {process.pid} on \S+ since \S+: wait for its end, or choose another"
        with pytest.raises(OutputError, match=said), claimed(path):
            pass
        refused = CliRunner().invoke(main, [*WORDS, "-o", str(path), "--force"])
        assert refused.exit_code == OutputError.exit_code
        assert str(process.pid) in refused.output
        process.kill()
        process.wait()
        assert os.listdir(path.parent) == [".run.h5.claim"]
        assert CliRunner().invoke(main, [*WORDS, "-o", str(path)]).exit_code == 0
    assert os.listdir(path.parent) == ["run.h5"]


def test_without_claims_a_second_writer_would_be_let_in(path, monkeypatch):
    """Control: the same two writers without claims."""
    monkeypatch.setattr(claims, "_made", lambda *rest: True)
    with holder(path) as process, claimed(path):
        process.communicate()


def test_a_claim_goes_with_an_error(path):
    with pytest.raises(ZeroDivisionError), claimed(path):
        raise ZeroDivisionError
    assert not os.listdir(path.parent)


def test_a_process_of_the_same_number_that_began_later_is_another_one(path):
    mine = claims._own_claim()
    claims.claim_file(path).write_text(json.dumps(vars(replace(mine, began="1"))))
    with claimed(path):
        assert claims.holds(path)


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"host": 1}', None])
def test_of_another_machine_only_silence_counts(path, content):
    """A claim that cannot be read, and a claim whose process is on another machine."""
    file = claims.claim_file(path)
    other = json.dumps(vars(replace(claims._own_claim(), host="elsewhere", machine="0")))
    file.write_text(other if content is None else content)
    with pytest.raises(
        OutputError, match="another run, whose" if content is not None else "on elsewhere since"
    ):
        claims.hold(path)
    before = time.time() - claims.SILENCE - 60.0
    os.utime(file, (before, before))
    with claimed(path):
        pass
    assert not os.listdir(path.parent)


def test_the_owner_touches_its_claim(path, monkeypatch):
    monkeypatch.setattr(claims, "BEAT", 0.01)
    with claimed(path):
        file = claims.claim_file(path)
        os.utime(file, (0, 0))
        deadline = time.monotonic() + 20
        while not file.stat().st_mtime and time.monotonic() < deadline:
            time.sleep(0.01)
        assert file.stat().st_mtime


def test_who_lost_the_claim_writes_nothing(path):
    """As after a long suspension, during which another machine took the name."""
    run = brownian(3, 4)
    append_segment(path, 0, run)
    claims.claim_file(path).write_text(json.dumps(vars(replace(claims._own_claim(), host="elsewhere"))))
    for write in (
        lambda: append_segment(path, 1, run),
        lambda: discard(path),
    ):
        with pytest.raises(OutputError, match="was taken over by process"):
            write()
    assert os.listdir(path.parent / "run.h5.partial") == ["00000.h5"]
    claims.done(path)
    assert claims.claim_file(path).exists()


def test_pieces_of_a_run_claim_its_name_until_they_are_merged(path):
    run = brownian(3, 4)
    with holder(path) as process:
        with pytest.raises(OutputError, match="is being written by"):
            append_segment(path, 0, run)
        process.communicate()
    append_segment(path, 0, run)
    assert claims.holds(path)
    merge(path)
    assert not claims.holds(path)
    assert os.listdir(path.parent) == ["run.h5"]
    assert load(path).states.shape == run.states.shape


def test_what_a_killed_writer_left_half_written_goes_and_what_a_living_one_writes_stays(path):
    own = temporary_name(path)
    machine, process, rest = own.name.removeprefix(".run.h5.").split("-", 2)
    gone = own.with_name(f".run.h5.{machine}-{process}-1-{rest.rpartition('-')[2]}")
    old, older = path.with_name(".run.h5.0123abcd.tmp"), path.with_name(".run.h5.0123abce.tmp")
    for file in (own, gone, old, older):
        file.write_text("half")
    folder = path.with_name("run.h5.partial")
    folder.mkdir()
    (folder / gone.name.replace("run.h5", "state.npz")).write_text("half")
    os.utime(older, (0, 0))
    with claimed(path):
        assert not list(folder.iterdir())
    assert set(path.parent.iterdir()) == {own, old, folder}


@pytest.mark.parametrize(
    ("name", "said"),
    [("a" * 250, "too long"), ("no/run.h5", "not exist")],
)
def test_a_name_that_cannot_be_claimed_is_refused_in_a_sentence(name, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(main, [*WORDS, "-o", name])
    assert refused.exit_code == OutputError.exit_code
    assert said in refused.output
    assert not os.listdir(tmp_path)
