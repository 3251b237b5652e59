"""The values that a text defines."""

import math
from itertools import pairwise

import pytest

from langevin.errors import UsageError
from langevin.sweep.plan import names_of, values_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.1", ["0.1"]),
        ("a,b", ["a", "b"]),
        ("0.1, 0.2", ["0.1", "0.2"]),
        ("lin:0:1:5", ["0", "0.25", "0.5", "0.75", "1"]),
        ("lin:1:0:3", ["1", "0.5", "0"]),
        ("lin:0:0.3:4", ["0", "0.1", "0.2", "0.3"]),
        ("log:0.01:1:3", ["0.01", "0.1", "1"]),
        ("2:5", ["2", "3", "4"]),
        ("0:9:4", ["0", "4", "8"]),
        ("5:2:-2", ["5", "3"]),
        ("module:name", ["module:name"]),
        ("\u00b2:5", ["\u00b2:5"]),
    ],
)
def test_forms(text, values):
    assert list(values_of("x", text)) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [("m:a,m:b", ["m:a", "m:b"]), ("log:f", ["log:f"]), ("1:5", ["1:5"]), ("a, b", ["a", "b"])],
)
def test_names_between_commas_may_have_a_module(text, values):
    assert list(names_of("x", text)) == values


def test_a_logarithmic_grid_has_one_ratio_and_both_ends():
    values = [float(text) for text in values_of("x", "log:0.003:7:9")]
    ratios = [after / before for before, after in pairwise(values)]
    assert (values[0], values[-1]) == (0.003, 7.0)
    assert max(ratios) - min(ratios) < 1e-10 * max(ratios)  # twelve digits are kept
    assert math.isclose(math.prod(ratios), 7 / 0.003, rel_tol=1e-9)


@pytest.mark.parametrize(
    "text", ["lin:0:1", "lin:0:1:1", "lin:a:1:3", "log:0:1:3", "log:-1:1:3", "lin:0:inf:3", "3:3", "0:5:0", "1,,2",
             "1:2:3:4", "lin:0:1:1000000000000", "0:1000000000000", "lin:0:1:2:3",
     "1" * 5000 + ":5"],
)  # fmt: skip
def test_refused_in_a_sentence(text):
    with pytest.raises(UsageError, match="x"):
        values_of("x", text)
