"""Tables of trainings that contradict themselves give one message, and never a score."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from langevin.errors import InputFileError
from langevin.scorecard.plain import card_record
from langevin.scorecard.report import scorecard, signed
from langevin.scorecard.table import read_runs, runs_of
from langevin.types import DelayTheory, Measurement
from tests.trainings import made_up


def written(folder, rows, before="", after=""):
    path = folder / "table.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        handle.write(before)
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        handle.write(after)
    return path


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"generalised_by": np.nan}, "in line 7 do not rise"),
        ({"generalised_by": np.inf}, "in line 7 do not rise"),
        ({"generalised_by": 10.0}, "in line 7 do not rise"),
        ({"memorised_by": np.inf}, "in line 7 do not rise"),
        ({"memorised_after": -1.0}, "in line 7 do not rise"),
        ({"outcome": "censored", "generalised_after": np.nan}, "in line 7 do not rise"),
        ({"learning_rate": 0.0}, "the learning rate in line 7 is 0.0"),
        ({"learning_rate": np.nan}, "the learning rate in line 7 is nan"),
        ({"split": "Held out"}, "the split in line 7 is 'Held out'"),
        ({"outcome": "asleep"}, "'asleep' is not a valid Outcome"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(change, sentence, tmp_path):
    rows = made_up()
    rows[5] |= change
    with pytest.raises(InputFileError, match=re.escape(sentence)):
        read_runs(written(tmp_path, rows))


def test_a_cell_is_not_on_both_sides(tmp_path):
    rows = made_up()
    rows[1]["split"] = "calibration" if rows[0]["split"] == "held out" else "held out"
    with pytest.raises(InputFileError, match="serves for calibration and is held out, in line 3"):
        read_runs(written(tmp_path, rows))


def test_a_network_is_there_once(tmp_path):
    """If it were twice in the table, each copy would predict the other, and networks of one cell would seem equal."""
    rows = made_up()
    with pytest.raises(
        InputFileError, match="the network 1 of the cell made-up-000 is in the lines 3 and 182"
    ):
        read_runs(written(tmp_path, [*rows, rows[1]]))


def test_a_row_that_is_too_long_is_refused(tmp_path):
    long = ",".join("1" * (len(made_up()[0]) + 1))
    with pytest.raises(InputFileError, match="more entries than the header"):
        read_runs(written(tmp_path, made_up(), after=f"{long}\n"))


def test_a_device_is_not_read():
    with pytest.raises(InputFileError, match="is no file"):
        read_runs(Path("/dev/zero"))


def test_a_mark_of_byte_order_does_no_harm(tmp_path):
    assert len(read_runs(written(tmp_path, made_up(), before="\ufeff"))) == len(made_up())


@pytest.mark.filterwarnings("ignore:no forecast of nothing")
def test_a_number_that_is_not_finite_is_none_in_json():
    """With one network in each cell there is no other network for a comparison."""
    rows = [row for row in made_up() if row["network"] == 0]
    from langevin.delays.slow_clock import slow_clock

    nothing = DelayTheory("f", "s", predict=lambda seen, _: np.nan * seen.norm)
    card = scorecard(runs_of(rows), {"nothing": nothing, "slow-clock": slow_clock}, {})
    record = card_record(card)["made-up"]
    assert record["seeds_factor"] == {"value": None, "error": None, "cells": 0}
    assert record["theories"]["nothing"]["factor"]["value"] is None


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (0.5, 0.1, "+0.50 +- 0.10*"),
        (-0.5, 0.1, "-0.50 +- 0.10*"),
        (-2e-4, 1e-4, "(-2.0 +- 1.0)e-04"),
        (2e-4, 1e-4, "+(2.0 +- 1.0)e-04"),
    ],
)
def test_a_gain_has_one_sign(value, error, text):
    assert signed(Measurement(value, error, 10, "gain")) == text
