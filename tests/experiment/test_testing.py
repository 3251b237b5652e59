"""`langevin.testing` passes objects that satisfy the contracts, and names a broken contract in one sentence."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

import langevin
from langevin.errors import UsageError
from langevin.integrators import euler_maruyama
from langevin.registry import entries, entry
from langevin.testing import check_integrator, check_landscape, check_model, check_theory
from langevin.types import Curve, Prediction
from tests.distributions import helix
from tests.tiny_network import network

#: Theories that apply to no landscape at its defaults.
NO_CASE = ("cap-time", "curve-passage", "line-escape")
QUADRATIC = langevin.potentials.quadratic()


def theory(predict):
    """A theory of the stationary law of every case, with this prediction."""
    curves = [Curve("mine", predict, "everywhere", "no source")]
    return replace(
        entry("theories", "gibbs-quadratic"), applies=lambda case: True, curves=lambda setting: curves
    )


def doubled(x, out, parameters):
    out[0] = 2.0 * x[0]


def test_a_landscape_with_a_wrong_gradient_is_caught():
    check_landscape(QUADRATIC)
    with pytest.raises(AssertionError, match=r"quadratic fails 1 of \d checks: gradient"):
        check_landscape(replace(QUADRATIC, gradient=doubled))


def test_a_step_that_declares_too_few_rows_is_caught():
    step = euler_maruyama()
    with pytest.raises(AssertionError, match="fails 1 of 1 checks: trial step"):
        check_integrator(replace(step, rows=lambda landscape: langevin.types.Rows()))


def test_a_theory_is_tried_at_some_points():
    check_theory(theory(lambda point: Prediction(point, 0.0)), QUADRATIC)
    check_theory(theory(lambda point: Prediction(np.nan, 0.0, in_range=False)), QUADRATIC)


@pytest.mark.parametrize(
    ("predict", "sentence"),
    [
        (lambda point: Prediction(np.nan, 0.0), "prediction mine: at 0.5: nan with the remainder 0"),
        (lambda point: Prediction(1.0, -1.0), "with the remainder -1"),
        (lambda point: 1.0, "something of type float, no Prediction"),
        (lambda point: 1 / 0, "it fails: ZeroDivisionError"),
    ],
)
def test_a_prediction_that_is_none_is_caught(predict, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check_theory(theory(predict), QUADRATIC)


def test_a_theory_of_no_question_and_one_of_no_case_are_caught():
    one = theory(lambda point: Prediction(point, 0.0))
    with pytest.raises(AssertionError, match="question: 'nothing' is none that there is"):
        check_theory(replace(one, question="nothing"), QUADRATIC)
    with pytest.raises(AssertionError, match="applies: to none of"):
        check_theory(replace(one, applies=lambda case: False), QUADRATIC)


@pytest.mark.slow
@pytest.mark.parametrize("name", entries("theories"))
def test_every_theory_of_langevin_keeps_the_contracts_where_a_case_is_found(name):
    one = entry("theories", name)
    if name in NO_CASE:
        with pytest.raises(AssertionError, match="give its landscape"):
            check_theory(one)
    else:
        check_theory(one)


@pytest.mark.slow
def test_a_network_is_tried():
    check_model(network())
    with pytest.raises(AssertionError, match="outputs: training set: shape"):
        check_model(replace(network(), apply=lambda weights, inputs: inputs[0] @ weights["in"]))
    drawn = iter(range(9))
    with pytest.raises(AssertionError, match="start: two calls of init with one key give different weights"):
        check_model(replace(network(), init=lambda key: {"in": np.full((5, 8), float(next(drawn)))}))


@pytest.mark.parametrize("check", [check_landscape, check_integrator, check_theory, check_model])
def test_something_else_is_refused(check):
    with pytest.raises(UsageError, match="must be a record of type"):
        check(3)


@pytest.mark.slow
def test_the_test_file_of_the_example_passes(tmp_path):
    helix(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "langevin_helix/conformance.py"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout
