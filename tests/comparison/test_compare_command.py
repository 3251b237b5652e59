"""`langevin compare` on files of known laws."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from langevin.cli import main
from langevin.cli.compare import compare
from langevin.errors import InputFileError, UsageError
from langevin.store import save
from langevin.types import Comparison, Measurement, Prediction
from tests.synthetic import arrivals, ballistic, brownian, record


def invoke(*arguments):
    result = CliRunner().invoke(compare, [str(argument) for argument in arguments], **main.context_settings)
    if result.exception:
        raise result.exception
    return result.output


def test_brownian_file_agrees_with_diffusion(tmp_path):
    path = save(tmp_path / "run.h5", brownian())
    text = invoke(path)
    assert "diffusive after arrival" in text
    assert "agrees" in text
    assert "200" in text
    before, after = json.loads(invoke(path, "--json"))["exponents"]
    assert before["verdict"] == "not mixed"
    assert after["verdict"] == "agrees"
    low, high = after["measured"]["interval"]
    assert low < 1 < high


def test_ballistic_file_excludes_diffusion(tmp_path):
    after = json.loads(invoke(save(tmp_path / "run.h5", ballistic()), "--json"))["exponents"][1]
    assert after["verdict"] == "excluded"


def test_a_file_of_a_network_goes_the_same_way(tmp_path):
    """A record as of networks, with train loss, accuracy and sketch: motion at constant velocity, then diffusion."""
    flight = ballistic(12, 51).states
    after = brownian(12, 51, seed=3).states[:, 1:] + flight[:, -1:]
    accuracy = np.concatenate([np.zeros((12, 50)), np.ones((12, 51))], axis=1)
    run = record(
        np.concatenate([flight, after], axis=1),
        np.linspace(0, 2, 101),
        observables={"train_accuracy": accuracy},
        meta={"arrival": "train accuracy 1"},
    )
    found = json.loads(invoke(save(tmp_path / "run.h5", run), "--json"))["exponents"]
    assert [row["theory"].split()[0] for row in found] == ["ballistic", "diffusive"]
    assert found[0]["verdict"] == "agrees"
    assert found[1]["verdict"] in ("agrees", "inconclusive")
    assert found[1]["measured"]["n"] == 12


def test_first_passages_by_samples(tmp_path):
    times = np.random.default_rng(0).exponential(1, 800) * np.repeat([1.0, 4.0], 400)
    path = save(tmp_path / "run.h5", arrivals(times, 8.0, samples=np.repeat([1, 0], 400)))
    answer = json.loads(invoke(path, "--json"))
    assert answer["exponents"] == []
    assert [row["samples"] for row in answer["first_passage"]] == [0, 1]
    for row, mean in zip(answer["first_passage"], (4.0, 1.0), strict=True):
        assert abs(row["value"] - mean) < 4 * row["error"]
    text = invoke(path)
    assert "Mean first-passage time" in text
    assert "do not contain that of the steps" in text
    assert "censored" in invoke(path)


def test_stored_comparisons_are_shown(tmp_path):
    row = Comparison("Eyring", 1.0, Measurement(1.0, 0.1, 9, "mean"), Prediction(2.0), -9.0, 0.5, "excluded")
    text = invoke(save(tmp_path / "run.h5", brownian(), theory=[row]))
    assert "Eyring" in text
    assert "excluded" in text


def test_lags_option_and_its_refusals(tmp_path):
    path = save(tmp_path / "run.h5", brownian())
    assert "lags 0.05 to 0.5" in invoke(path, "--lags", "0.05", "0.5")
    for lags in (("0.5", "0.05"), ("nan", "1"), ("0", "1"), ("0.1", "inf")):
        with pytest.raises(UsageError, match="--lags"):
            invoke(path, "--lags", *lags)


def test_refusals_are_sentences(tmp_path):
    with pytest.raises(InputFileError):
        invoke(tmp_path / "none.h5")
    with pytest.raises(UsageError, match="arrival"):
        invoke(save(tmp_path / "run.h5", brownian(meta={"arrival": None})))


def test_help_has_an_example():
    assert "langevin compare run.h5\n" in invoke("--help")
