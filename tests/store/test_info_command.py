"""`langevin info`."""

import json

import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.cli.info import info
from langevin.errors import InputFileError
from langevin.store import append_segment, save
from langevin.types import Comparison, Measurement, Prediction
from tests.synthetic import arrivals, brownian


def invoke(*arguments):
    result = CliRunner().invoke(info, [str(argument) for argument in arguments], **main.context_settings)
    if result.exception:
        raise result.exception
    return result.output


def test_shows_shapes_counts_and_origin(tmp_path):
    row = Comparison("law", 1.0, Measurement(1.0, 0.1, 9, "mean"), Prediction(2.0), -9.0, 0.5, "excluded")
    path = save(tmp_path / "run.h5", arrivals([1.0, 2.0, 9.0], 5.0), theory=[row])
    text = invoke(path)
    for words in (
        "finished run",
        "3 walkers x 2 frames",
        "2 hit, 1 censored",
        "1 excluded",
        "creator",
        "seed",
    ):
        assert words in text
    answer = json.loads(invoke(path, "--json"))
    assert answer["status"] == {"hit": 2, "censored": 1}
    assert answer["meta"]["seed"] == 0
    assert answer["finished"] is True


def test_shows_an_unfinished_run(tmp_path):
    append_segment(tmp_path / "run.h5", 0, brownian(3, 4))
    text = invoke(tmp_path / "run.h5")
    assert "unfinished" in text
    assert "3 walkers x 4 frames" in text


def test_meta_cannot_command_the_terminal(tmp_path):
    path = save(tmp_path / "run.h5", brownian(2, 2, meta={"title": "\x1b[2J", "\x1bkey": 1}))
    assert "\x1b" not in invoke(path)


def test_refuses_what_is_no_run_file(tmp_path):
    (tmp_path / "x.h5").write_text("hello")
    with pytest.raises(InputFileError):
        invoke(tmp_path / "x.h5")


def test_help_has_an_example():
    assert "langevin info run.h5\n" in invoke("--help")
